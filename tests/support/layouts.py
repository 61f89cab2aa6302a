"""The same numbers in memory in every way that PyTorch knows, and views of larger tensors at that."""

from __future__ import annotations

import torch

FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}
# Each leaves the values as they are; "expanded" alone repeats the first image.
LAYOUTS = (
    "contiguous", "channels_last", "strided_channels_last", "reversed_axes", "sliced", "sliced_channels_last",
    "every_other", "offset", "expanded",
)  # fmt: skip


def _in_order(tensor: torch.Tensor, order: list[int]) -> torch.Tensor:
    back = [order.index(axis) for axis in range(tensor.dim())]
    return tensor.permute(order).contiguous().permute(back)


def _inside(tensor: torch.Tensor, first: list[int], last: list[int], step: list[int], order: list[int]) -> torch.Tensor:
    """The tensor as a slice of a larger one, whose other elements would show if they were read as data."""
    sizes = [f + s * k + e for f, s, k, e in zip(first, tensor.shape, step, last, strict=True)]
    larger = _in_order(torch.full(sizes, 77.0, dtype=tensor.dtype), order)
    where = tuple(slice(f, f + s * k, k) for f, s, k in zip(first, tensor.shape, step, strict=True))
    larger[where] = tensor
    return larger[where]


def lay_out(tensor: torch.Tensor, how: str) -> torch.Tensor:
    """A tensor of equal values whose strides are of the kind named, one of LAYOUTS."""
    n = tensor.dim()
    plain = list(range(n))
    last = [0, *range(2, n), 1]
    zeros, ones = [0] * n, [1] * n
    if how == "contiguous":
        return tensor.contiguous()
    if how == "channels_last":
        return tensor.contiguous(memory_format=FORMATS[n]) if n in FORMATS else tensor.contiguous()
    if how == "strided_channels_last":
        return _in_order(tensor, last)
    if how == "reversed_axes":
        return _in_order(tensor, plain[::-1])
    if how == "sliced":
        return _inside(tensor, zeros, [0, 1] + [2] * (n - 2), ones, plain)
    if how == "sliced_channels_last":
        return _inside(tensor, [0, 1] + [1] * (n - 2), ones, ones, last)
    if how == "every_other":
        return _inside(tensor, zeros, zeros, [2] * n, plain)
    if how == "offset":
        return _inside(tensor, [0] * (n - 1) + [1], zeros, ones, plain)
    if how == "expanded":
        return tensor[:1].expand(tensor.shape)
    raise ValueError(f"layout {how!r} does not exist; there are {', '.join(LAYOUTS)}")
