"""Images as tensors: PNG, JPEG and DICOM files, Pillow images, NumPy arrays, tensors. Files are data, never code."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from tilewise.errors import ArgumentError, TilewiseError
from tilewise.pictures.raster import pillow

# Larger images are refused: a picture of a convolution needs no more, and a small file can claim to be huge.
MOST_PIXELS = 64_000_000
_PILLOW_FORMATS = ("PNG", "JPEG")
_ACCEPTED = "Accepted are PNG, JPEG and DICOM images."


class NotAnImage(ArgumentError):
    """A file is neither PNG nor JPEG nor DICOM, or is damaged."""


@dataclass(frozen=True, eq=False)
class Image:
    """(channels, height, width) in 0 .. 1, with one channel (grey) or three (red, green, blue), and a name."""

    pixels: Tensor
    name: str


def read(source: str | Path | bytes, name: str = "") -> Image:
    """An image file, told by its first bytes rather than by its name."""
    if isinstance(source, (str, Path)):
        path = Path(source)
        if not path.is_file():
            raise ArgumentError(f"There is no image file {str(source)!r}.")
        name, source = name or path.name, path.read_bytes()
    name = name or "image"
    if source[:8] == b"\x89PNG\r\n\x1a\n" or source[:3] == b"\xff\xd8\xff":
        return _read_pillow(source, name)
    if source[128:132] == b"DICM":
        return _read_dicom(source, name)
    raise NotAnImage(
        f"{name} is not an image that can be read: its first bytes are none of a known format's. {_ACCEPTED}"
    )


def _too_large(name: str, rows: int, columns: int) -> None:
    if rows * columns > MOST_PIXELS:
        raise NotAnImage(f"{name} says it has {rows} x {columns} pixels; at most {MOST_PIXELS:,} are read.")


def _read_pillow(data: bytes, name: str) -> Image:
    lib = pillow()
    try:
        with lib.Image.open(io.BytesIO(data), formats=_PILLOW_FORMATS) as picture:
            _too_large(name, picture.height, picture.width)
            return Image(_from_pillow(picture), name)
    except TilewiseError:
        raise
    except Exception as error:  # a damaged file can break any part of a decoder
        raise NotAnImage(f"{name} looks like an image but cannot be decoded ({error}). {_ACCEPTED}") from error


def _from_pillow(picture: Any) -> Tensor:
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        return torch.from_numpy(np.array(picture, np.float32) / 65535)[None]
    grey = picture.mode in ("1", "L", "LA")
    array = np.array(picture.convert("L" if grey else "RGB"), np.float32) / 255
    return torch.from_numpy(array)[None] if grey else torch.from_numpy(array).permute(2, 0, 1).contiguous()


def _read_dicom(data: bytes, name: str) -> Image:
    try:
        import pydicom
        from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
    except ImportError as error:
        raise TilewiseError("DICOM needs pydicom: pip install 'tilewise[images]'.") from error
    try:
        dataset = pydicom.dcmread(io.BytesIO(data))
        _too_large(name, int(dataset.Rows), int(dataset.Columns) * int(dataset.get("NumberOfFrames") or 1))
        stored = dataset.pixel_array
        if stored.ndim == 4 or (stored.ndim == 3 and dataset.get("SamplesPerPixel", 1) == 1):
            stored = stored[len(stored) // 2]  # the middle one of several frames
        if stored.ndim == 3:
            return Image(torch.from_numpy(stored.astype(np.float32) / 255).permute(2, 0, 1).contiguous(), name)
        values = apply_modality_lut(stored, dataset)
        shown = _windowed(np.asarray(values, np.float64), dataset)
        if shown is None:
            values = np.asarray(apply_voi_lut(values, dataset, prefer_lut=True), np.float64)
            low, high = float(values.min()), float(values.max())
            shown = (values - low) / (high - low) if high > low else np.zeros_like(values)
    except TilewiseError:
        raise
    except Exception as error:  # the format is large, and files in the wild break every rule of it
        raise NotAnImage(f"{name} is DICOM but its image cannot be decoded ({error}).") from error
    if dataset.get("PhotometricInterpretation") == "MONOCHROME1":
        shown = 1 - shown
    return Image(torch.from_numpy(shown.astype(np.float32))[None], name)


def _windowed(values: np.ndarray[Any, Any], dataset: Any) -> np.ndarray[Any, Any] | None:
    """0 .. 1 through the file's first window (DICOM PS3.3, C.11.2.1.2 and C.11.2.1.3); None where it has none."""
    centre, width = dataset.get("WindowCenter"), dataset.get("WindowWidth")
    if centre is None or width is None or "VOILUTSequence" in dataset:
        return None
    centre, width = (
        float(v[0]) if isinstance(v, (list, tuple)) or hasattr(v, "__iter__") else float(v) for v in (centre, width)
    )
    function = str(dataset.get("VOILUTFunction") or "LINEAR").upper()
    if function == "SIGMOID":
        return 1 / (1 + np.exp(-4 * (values - centre) / width))
    if function == "LINEAR_EXACT":
        return np.clip((values - centre) / width + 0.5, 0, 1)
    if width <= 1:
        return (values > centre - 0.5).astype(np.float64)
    return np.clip((values - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)


def _from_array(array: np.ndarray[Any, Any]) -> Tensor:
    if array.dtype == np.bool_ or not (np.issubdtype(array.dtype, np.number)):
        raise ArgumentError(f"A NumPy array of {array.dtype} is not an image; numbers are needed.")
    pixels = array.astype(np.float32) / 255 if array.dtype == np.uint8 else array
    if array.ndim == 2:
        return torch.from_numpy(np.ascontiguousarray(pixels, np.float32))[None]
    if array.ndim == 3 and array.shape[-1] in (1, 3, 4) and array.shape[0] not in (1, 3):
        planes = np.moveaxis(pixels[..., :3], -1, 0)
        return torch.from_numpy(np.ascontiguousarray(planes, np.float32))
    if np.issubdtype(pixels.dtype, np.floating):
        return torch.from_numpy(np.ascontiguousarray(pixels))
    return torch.from_numpy(np.ascontiguousarray(pixels, np.float32))


def to_channels(pixels: Tensor, channels: int) -> Tensor:
    """(C, H, W) with as many channels as a layer takes, where an image has a meaning for that: 1 or 3."""
    have = pixels.shape[0]
    if have == channels:
        return pixels
    if have == 3 and channels == 1:  # luma weights of ITU-R BT.601
        return (pixels * pixels.new_tensor([0.299, 0.587, 0.114])[:, None, None]).sum(0, keepdim=True)
    if have == 1 and channels == 3:
        return pixels.expand(3, -1, -1).contiguous()
    raise ArgumentError(f"The image has {have} channel(s), the layer takes {channels}: give a tensor instead.")


def resized(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    """(C, H, W) at another size, averaged where it shrinks."""
    return F.interpolate(pixels[None], size, mode="bilinear", antialias=True, align_corners=False)[0]


def as_input(
    thing: Any, channels: int | None, dims: int, dtype: torch.dtype, size: tuple[int, ...] | None = None
) -> tuple[Tensor, str, Tensor | None]:
    """A batch of one or more for a layer or model, what to call it, and the picture itself where it was one.

    `thing` is a tensor (with or without a batch axis), an array, a Pillow image, a path, or a shape, which becomes
    normal noise of a fixed seed. `channels` is None where any number will do.
    """
    if isinstance(thing, (tuple, list, torch.Size)) and thing and all(isinstance(n, int) for n in thing):
        shape = tuple(thing) if len(thing) == dims + 2 else (1, *thing)
        noise = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        return noise.to(dtype), "noise", None
    if isinstance(thing, Tensor):
        tensor = thing.detach()
        if tensor.dim() == dims and channels in (None, 1):
            tensor = tensor[None]
        if tensor.dim() == dims + 1:
            tensor = tensor[None]
        if not (tensor.is_floating_point() or tensor.is_complex()):
            tensor = tensor.to(dtype)
        return tensor, "input", None
    if isinstance(thing, np.ndarray):
        pixels, name = _from_array(thing), "array"
        if pixels.dim() != 3 or dims != 2:
            return as_input(pixels.to(dtype), channels, dims, dtype, size)
    elif isinstance(thing, (str, Path)):
        image = read(thing)
        pixels, name = image.pixels, image.name
    elif isinstance(thing, Image):
        pixels, name = thing.pixels, thing.name
    elif hasattr(thing, "convert") and hasattr(thing, "mode"):
        pixels, name = _from_pillow(thing), "image"
    else:
        raise ArgumentError(
            f"{type(thing).__name__} is not an input: a tensor, a NumPy array, an image or its path, or a shape is."
        )
    if dims != 2:
        raise ArgumentError(f"An image has 2 dimensions, the layer takes {dims}: give a tensor instead.")
    if size is not None:
        pixels = resized(pixels, (size[0], size[-1]))
    original = pixels
    if channels is not None:
        pixels = to_channels(pixels, channels)
    return pixels[None].to(dtype), name, original
