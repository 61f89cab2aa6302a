"""The CPU kernels of aten::convolution and aten::convolution_backward.

A call is looked up by everything that its plan depends on; a known one costs a dictionary lookup, an empty
result and one native call. Whatever is not a legal convolution of plain CPU tensors goes to PyTorch's own kernel,
which raises PyTorch's own error or computes what Tilewise does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from tilewise import algorithms, target
from tilewise.problem import Pass
from tilewise.torch_ops import describe, layouts, settings
from tilewise.torch_ops.prepared import Prepared, PreparedCache

_is_tracing = torch._C._is_tracing
_native: dict[str, Any] = {}
_forward = PreparedCache()
_backward = PreparedCache()
_bias = PreparedCache()


def fetch_native() -> None:
    """Keep PyTorch's own kernels, before they are overridden."""
    for name in KERNELS:
        if name not in _native:
            _native[name] = torch.library.get_kernel(f"aten::{name}", "CPU")


def counts() -> dict[str, int]:
    """Calls since the process began, by what ran them."""
    return {"generated": _forward.generated + _backward.generated, "native": _forward.native + _backward.native}


def _convolution(
    keyset: Any,
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    output_padding: Sequence[int],
    groups: int,
) -> Any:
    if _is_tracing():  # torch.jit.trace hands sizes out as tensors
        return _call_native("convolution", keyset, input, weight, bias, stride, padding, dilation, transposed,
                            output_padding, groups)  # fmt: skip
    try:
        key = (
            input.shape, input.stride(), input.dtype, weight.shape, weight.stride(), weight.dtype, weight.device,
            None if bias is None else (bias.shape, bias.stride(), bias.dtype, bias.device),
            tuple(stride), tuple(padding), tuple(dilation), transposed, tuple(output_padding), groups,
            settings.precision_level(), target.cap(), algorithms.selection(), layouts.ambient(input),
        )  # fmt: skip
    except RuntimeError:  # a sparse or otherwise strideless tensor
        return _call_native("convolution", keyset, input, weight, bias, stride, padding, dilation, transposed,
                            output_padding, groups)  # fmt: skip
    prepared = _forward.get(key)
    if prepared is None:
        call = describe.Call(stride, padding, dilation, transposed, output_padding, groups)
        prepared = _forward.put(key, Prepared.forward(call, input, weight, bias))
    if prepared.program is not None:
        result = torch.empty_strided(prepared.shape, prepared.strides, dtype=input.dtype)
        dense = bias.contiguous() if bias is not None else None
        bias_address = dense.data_ptr() if dense is not None else 0
        if prepared.run(input.data_ptr(), result.data_ptr(), weight.data_ptr(), bias_address):
            _forward.generated += 1
            return result
    _forward.native += 1
    return _call_native("convolution", keyset, input, weight, bias, stride, padding, dilation, transposed,
                        output_padding, groups)  # fmt: skip


def _convolution_backward(
    keyset: Any,
    grad_output: torch.Tensor,
    input: torch.Tensor,
    weight: torch.Tensor,
    bias_sizes: Sequence[int] | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    transposed: bool,
    output_padding: Sequence[int],
    groups: int,
    output_mask: Sequence[bool],
) -> tuple[torch.Tensor | None, torch.Tensor | None, torch.Tensor | None]:
    if _is_tracing():
        return _call_native("convolution_backward", keyset, grad_output, input, weight, bias_sizes, stride, padding,  # type: ignore[no-any-return]
                            dilation, transposed, output_padding, groups, output_mask)  # fmt: skip
    results: list[torch.Tensor | None] = [None, None, None]
    left = list(output_mask)
    rest = (stride, padding, dilation, transposed, output_padding, groups)
    for position, kind in ((0, Pass.INPUT_GRADIENT), (1, Pass.WEIGHT_GRADIENT)):
        if not output_mask[position]:
            continue
        try:
            key = (
                kind, grad_output.shape, grad_output.stride(), grad_output.dtype, input.shape, input.stride(),
                input.dtype, weight.shape, weight.stride(), weight.dtype, weight.device, input.device,
                tuple(stride), tuple(padding), tuple(dilation), transposed, tuple(output_padding), groups,
                settings.precision_level(), target.cap(), algorithms.selection(), layouts.ambient(input),
            )  # fmt: skip
        except RuntimeError:
            break
        prepared = _backward.get(key)
        if prepared is None:
            call = describe.Call(*rest)
            prepared = _backward.put(key, Prepared.backward(kind, call, grad_output, input, weight))
        if prepared.program is None:
            _backward.native += 1
            continue
        result = torch.empty_strided(prepared.shape, prepared.strides, dtype=input.dtype)
        if kind is Pass.INPUT_GRADIENT:
            done = prepared.run(grad_output.data_ptr(), result.data_ptr(), weight.data_ptr(), 0)
        else:
            window, point = (grad_output, input) if transposed else (input, grad_output)
            done = prepared.run(window.data_ptr(), point.data_ptr(), result.data_ptr(), 0)
        if not done:
            _backward.native += 1
            continue
        _backward.generated += 1
        results[position] = result
        left[position] = False
    if left[2] and not (left[0] or left[1]):
        # Where the gradients above were computed here the call is known to be legal.
        if any(output_mask[:2]) or describe.accepts_gradient(describe.Call(*rest), grad_output, input, weight):
            results[2] = _bias_gradient(grad_output)
        left[2] = results[2] is None
    if any(left):
        remaining = _call_native("convolution_backward", keyset, grad_output, input, weight, bias_sizes, *rest, left)
        results = [mine if mine is not None else theirs for mine, theirs in zip(results, remaining, strict=True)]
    return results[0], results[1], results[2]


def _bias_gradient(grad_output: torch.Tensor) -> torch.Tensor | None:
    """The sum of each channel; None where PyTorch must compute it."""
    key = (grad_output.shape, grad_output.stride(), grad_output.dtype, target.cap())
    prepared = _bias.get(key)
    if prepared is None:
        prepared = _bias.put(key, Prepared.channel_sums(grad_output))
    result = torch.empty(prepared.shape, dtype=grad_output.dtype)
    return result if prepared.run(grad_output.data_ptr(), 0, 0, result.data_ptr()) else None


def _call_native(name: str, keyset: Any, *arguments: Any) -> Any:
    return _native[name].call_boxed(keyset, *arguments)


KERNELS: dict[str, Callable[..., Any]] = {
    "convolution": _convolution,
    "convolution_backward": _convolution_backward,
}
