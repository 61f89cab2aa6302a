"""The CPU kernels of aten::convolution and aten::convolution_backward, in Python.

A call is looked up by everything that its plan depends on; a known one costs a dictionary lookup, an empty
result and one native call. Whatever is not a legal convolution of plain CPU tensors goes to PyTorch's own kernel,
which raises PyTorch's own error or computes what Tilewise does not.

Where PyTorch offers what `direct` needs, its kernels stand in front of these: calls that were answered here once
run without Python from then on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import torch

from tilewise import algorithms, target
from tilewise.algorithms import measured
from tilewise.problem import Pass
from tilewise.torch_ops import describe, direct, layouts, settings
from tilewise.torch_ops.call import Call
from tilewise.torch_ops.direct import NO_POINTER, Answer, Part
from tilewise.torch_ops.prepared import Prepared, PreparedCache
from tilewise.torch_ops.uncompiled import uncompiled

_is_tracing = torch._C._is_tracing
_native: dict[str, Any] = {}
_forward = PreparedCache()
_backward = PreparedCache()
_bias = PreparedCache()
_direct: direct.Kernels | None = None


def fetch_native() -> None:
    """Keep PyTorch's own kernels, before they are overridden."""
    for name in KERNELS:
        if name not in _native:
            _native[name] = torch.library.get_kernel(f"aten::{name}", "CPU")


def counts() -> dict[str, int]:
    """Calls since the process began, by what ran them."""
    known = sum(_direct.counted) if _direct else 0
    return {
        "generated": _forward.generated + _backward.generated + known,
        "native": _forward.native + _backward.native,
    }


def forget() -> None:
    """Prepare every call anew."""
    for cache in (_forward, _backward, _bias):
        cache.clear()
    if _direct:
        _direct.table.clear()


def _ambient() -> tuple[Hashable, ...]:
    """What plans depend on besides their calls and the conditions of measured choices."""
    return settings.precision_level(), target.cap(), algorithms.selection(), measured.state()


def _conditions() -> Hashable:
    """What measured choices hold for besides their problem; of no account where there are none."""
    return (torch.get_num_threads(), settings.pytorch_shortens()) if measured.known() else None


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
) -> Answer:
    if _is_tracing():  # torch.jit.trace hands sizes out as tensors
        return _call_native("convolution", keyset, input, weight, bias, stride, padding, dilation, transposed,
                            output_padding, groups), None  # fmt: skip
    try:
        key = (
            input.shape, input.stride(), input.dtype, weight.shape, weight.stride(), weight.dtype, weight.device,
            None if bias is None else (bias.shape, bias.stride(), bias.dtype, bias.device),
            tuple(stride), tuple(padding), tuple(dilation), transposed, tuple(output_padding), groups,
            *_ambient(), _conditions(), layouts.ambient(input),
        )  # fmt: skip
    except RuntimeError:  # a sparse or otherwise strideless tensor
        return _call_native("convolution", keyset, input, weight, bias, stride, padding, dilation, transposed,
                            output_padding, groups), None  # fmt: skip
    prepared = _forward.get(key)
    if prepared is None:
        call = Call(stride, padding, dilation, transposed, output_padding, groups)
        prepared = _forward.put(key, Prepared.forward(call, input, weight, bias))
    if prepared.program is not None:
        result = torch.empty_strided(prepared.shape, prepared.strides, dtype=input.dtype)
        dense = bias.contiguous() if bias is not None else None
        bias_address = dense.data_ptr() if dense is not None else 0
        if prepared.run(input.data_ptr(), result.data_ptr(), weight.data_ptr(), bias_address):
            _forward.generated += 1
            # A bias that had to be copied would have to be copied again.
            bases = (direct.FIRST_TENSOR, direct.FIRST_RESULT, direct.FIRST_TENSOR + 1,
                     direct.FIRST_TENSOR + 2 if bias is not None else NO_POINTER)  # fmt: skip
            return result, ([_part(0, prepared, bases)], 1) if dense is bias else None
    _forward.native += 1
    return _call_native("convolution", keyset, input, weight, bias, stride, padding, dilation, transposed,
                        output_padding, groups), None  # fmt: skip


def _part(position: int, prepared: Prepared, bases: tuple[int, int, int, int]) -> Part:
    assert prepared.job is not None
    return Part(position, prepared.shape, prepared.strides, prepared.job, bases)


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
) -> Answer:
    if _is_tracing():
        return _call_native("convolution_backward", keyset, grad_output, input, weight, bias_sizes, stride, padding,
                            dilation, transposed, output_padding, groups, output_mask), None  # fmt: skip
    results: list[torch.Tensor | None] = [None, None, None]
    parts: list[Part] = []
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
                *_ambient(), _conditions(), layouts.ambient(input),
            )  # fmt: skip
        except RuntimeError:
            break
        prepared = _backward.get(key)
        if prepared is None:
            call = Call(*rest)
            prepared = _backward.put(key, Prepared.backward(kind, call, grad_output, input, weight))
        if prepared.program is None:
            _backward.native += 1
            continue
        result = torch.empty_strided(prepared.shape, prepared.strides, dtype=input.dtype)
        tensors = (grad_output, input, weight)
        pointers = [0, *(tensor.data_ptr() for tensor in tensors), *[result.data_ptr()] * 3]
        outside, inside, filters = range(direct.FIRST_TENSOR, direct.FIRST_TENSOR + 3)
        mine = direct.FIRST_RESULT + position
        if kind is Pass.INPUT_GRADIENT:
            bases = (outside, mine, filters, NO_POINTER)
        else:
            window, point = (outside, inside) if transposed else (inside, outside)
            bases = (window, point, mine, NO_POINTER)
        if not prepared.run(*(pointers[base] for base in bases)):
            _backward.native += 1
            continue
        _backward.generated += 1
        results[position] = result
        parts.append(_part(position, prepared, bases))
        left[position] = False
    if left[2] and not (left[0] or left[1]):
        # Where the gradients above were computed here the call is known to be legal.
        if any(output_mask[:2]) or describe.accepts_gradient(Call(*rest), grad_output, input, weight):
            results[2] = _bias_gradient(grad_output, parts)
        left[2] = results[2] is None
    if any(left):
        remaining = _call_native("convolution_backward", keyset, grad_output, input, weight, bias_sizes, *rest, left)
        results = [mine if mine is not None else theirs for mine, theirs in zip(results, remaining, strict=True)]
        return (results[0], results[1], results[2]), None
    return (results[0], results[1], results[2]), (parts, sum(part.position < 2 for part in parts))


def _bias_gradient(grad_output: torch.Tensor, parts: list[Part]) -> torch.Tensor | None:
    """The sum of each channel; None where PyTorch must compute it."""
    key = (grad_output.shape, grad_output.stride(), grad_output.dtype, target.cap())
    prepared = _bias.get(key)
    if prepared is None:
        prepared = _bias.put(key, Prepared.channel_sums(grad_output))
    result = torch.empty(prepared.shape, dtype=grad_output.dtype)
    if not prepared.run(grad_output.data_ptr(), 0, 0, result.data_ptr()):
        return None
    parts.append(_part(2, prepared, (direct.FIRST_TENSOR, NO_POINTER, NO_POINTER, direct.FIRST_RESULT + 2)))
    return result


def _call_native(name: str, keyset: Any, *arguments: Any) -> Any:
    return _native[name].call_boxed(keyset, *arguments)


def _result_of(answer: Callable[..., Answer]) -> Callable[..., Any]:
    """The kernel that PyTorch calls where there are no direct ones."""

    @uncompiled
    @functools.wraps(answer)
    def kernel(*arguments: Any) -> Any:
        return answer(*arguments)[0]

    return kernel


KERNELS: dict[str, Callable[..., Any]] = {
    "convolution": _result_of(_convolution),
    "convolution_backward": _result_of(_convolution_backward),
}


def register() -> Callable[[], None]:
    """Put the kernels under PyTorch's operators; what takes them away again."""
    if not direct.why_not():
        kernels = _direct_kernels()
        kernels.register()
        return kernels.unregister
    library = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]
    for name, kernel in KERNELS.items():
        library.impl(name, kernel, "CPU", with_keyset=True, allow_override=True)  # type: ignore[no-untyped-call]
    return library._destroy


def _direct_kernels() -> direct.Kernels:
    """The kernels that know calls without Python: made once."""
    global _direct
    if _direct is None:
        answers: dict[str, Callable[..., Answer]] = {
            "convolution": _convolution,
            "convolution_backward": _convolution_backward,
        }
        _direct = direct.Kernels(answers, _ambient)
        settings.watch_precision(_direct.refresh)
        algorithms.watch_selection(_direct.refresh)
        measured.watch(_direct.refresh)
    return _direct
