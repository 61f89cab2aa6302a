"""The memory formats of results: the ones PyTorch's own kernels give and its fake kernels promise.

Graphs that torch.compile makes trust the strides that PyTorch's fake tensors claim for a convolution, and those
come from asking two functions of torch._C: which backend would take the call, and in which format that backend
answers. The same two are asked here. What they say, found by running PyTorch 2.13's kernels over random settings:

- The input's and the weight's strides decide; the incoming gradient's never do. One of the two that is strided
  like channels-last is enough, and then the output and both gradients are channels-last.
- "Strided like" is about the order of strides, so slices of channels-last tensors count. A filter of size 1 made by
  `.to(memory_format=torch.channels_last)` does not: it is contiguous already and keeps its strides.
- One-dimensional inputs are made contiguous and viewed as images of height 1; their weights are not, so a weight
  (K, C, L) with strides like (L*C, 1, C) alone makes the results channels-last.
- Volumes are channels-last where oneDNN would run. It does not for float64, nor for float16 on CPUs without its
  instructions, nor for small float32 problems of batch below 16, where the number of threads matters as well.
- For axes of size 1 PyTorch's kernels and fake kernels differ in rare cases; the strides here are the fake ones.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import torch

from tilewise.torch_ops.call import Call

_FORMATS = (torch.channels_last, torch.channels_last_3d)
_select_backend: Any = getattr(torch._C, "_select_conv_backend", None)
_format_of_backend: Any = getattr(torch._C, "_conv_determine_backend_memory_format", None)


def strides(shape: tuple[int, ...], channels_last: bool) -> tuple[int, ...]:
    """Dense strides of a shape in either format."""
    order = [0, *range(2, len(shape)), 1] if channels_last else list(range(len(shape)))
    result, total = [0] * len(shape), 1
    for axis in reversed(order):
        result[axis] = total
        total *= max(shape[axis], 1)
    return tuple(result)


def ambient(input: torch.Tensor) -> Hashable:
    """What PyTorch's answer depends on besides the call itself: part of any key under which a layout is kept."""
    return torch._C._get_mkldnn_enabled(), input.dim() == 5 and torch.get_num_threads() > 1


def results_channels_last(call: Call, input: torch.Tensor, weight: torch.Tensor) -> bool:
    """Whether a legal convolution of these two, and both its gradients, come out channels-last."""
    seen = (input, weight)
    if input.dim() == 3:
        n, c, length = input.shape
        seen = (torch.empty((n, c, 1, length), dtype=input.dtype), weight.unsqueeze(2))
    if _select_backend is None or _format_of_backend is None:
        return any(_strided_like_channels_last(tensor) for tensor in seen)
    backend = _select_backend(
        input, weight, None, call.stride, call.padding, call.dilation, call.transposed, call.output_padding, call.groups
    )
    return _format_of_backend(*seen, backend) in _FORMATS


def _strided_like_channels_last(tensor: torch.Tensor) -> bool:
    """What PyTorch's suggest_memory_format says of a tensor."""
    least = 0
    for axis in (1, *range(tensor.dim() - 1, 1, -1), 0):
        size, stride = tensor.shape[axis], tensor.stride(axis)
        if not size or stride < least or (axis == 0 and least == tensor.stride(1)) or not tensor.stride(1):
            return False
        least = stride * size
    return True
