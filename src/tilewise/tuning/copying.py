"""Copies of tensors that lie in memory exactly as the originals do, and tensors of random numbers that lie so."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def copied(tensor: Tensor) -> Tensor:
    """A leaf of its own memory with the same values, sizes and strides, that asks for gradients where the other did.

    Strides may overlap (expanded tensors) and leave gaps (slices): both stay as they are.
    """
    with torch.no_grad():
        if tensor.layout is not torch.strided or tensor.is_neg() or tensor.is_conj() or not tensor.numel():
            copy = tensor.detach().clone()
        else:
            flat = torch.as_strided(tensor.detach(), (extent(tensor.shape, tensor.stride()),), (1,))
            copy = flat.clone().as_strided(tensor.shape, tensor.stride())
    return copy.requires_grad_(tensor.requires_grad)


def noise(shape: Sequence[int], strides: Sequence[int], dtype: torch.dtype, generator: torch.Generator) -> Tensor:
    """Normally distributed numbers in a tensor of such sizes and strides, by a generator of the caller's own."""
    flat = torch.empty(extent(shape, strides), dtype=dtype)
    return flat.normal_(generator=generator).as_strided(tuple(shape), tuple(strides))


def extent(shape: Sequence[int], strides: Sequence[int]) -> int:
    """Elements from a tensor's first to its last."""
    return 1 + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
