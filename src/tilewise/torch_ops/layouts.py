"""The memory formats of results: PyTorch's own, since compiled graphs rely on its meta kernels' strides."""

from __future__ import annotations

import torch

_FORMATS = {4: torch.channels_last, 5: torch.channels_last_3d}


def strides(shape: tuple[int, ...], channels_last: bool) -> tuple[int, ...]:
    """Dense strides of a shape in either format."""
    order = [0, *range(2, len(shape)), 1] if channels_last else list(range(len(shape)))
    result, total = [0] * len(shape), 1
    for axis in reversed(order):
        result[axis] = total
        total *= max(shape[axis], 1)
    return tuple(result)


def is_channels_last(tensor: torch.Tensor) -> bool:
    """What PyTorch's suggest_memory_format says of a tensor."""
    wanted = _FORMATS.get(tensor.dim())
    if wanted is None:
        return False
    return tensor.is_contiguous(memory_format=wanted) and not tensor.is_contiguous()


def results_channels_last(activation: torch.Tensor, weight: torch.Tensor) -> bool:
    """Whether a convolution of these two, and its gradients, come out channels-last."""
    return is_channels_last(activation) or is_channels_last(weight)
