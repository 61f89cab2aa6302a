"""A call of PyTorch against the table of preconditions."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from tilewise.checker.operations import Call
from tilewise.geometry.preconditions import BatchNormCall, TypesCall, Violation, first_violation

_WORK = {
    "convolution": "convolves",
    "linear": "multiplies",
    "matmul": "multiplies",
    "batch norm": "normalises",
    "norm": "normalises",
    "cat": "joins tensors",
    "arithmetic": "works",
    "attention": "attends",
}
_STRICT = frozenset({"convolution", "linear", "matmul"})


def judge(call: Call) -> Violation | None:
    """The first precondition that the call breaks: device and type first, for nothing else can be right then."""
    found = _types(call)
    if found is not None:
        return found
    described = call.operation.describes(call)
    return None if described is None else first_violation(described)


def described(call: Call) -> Any:
    """The geometry module's description of a call, or None where it has none."""
    try:
        return call.operation.describes(call)
    except (TypeError, ValueError, IndexError, AttributeError):
        return None


def _types(call: Call) -> Violation | None:
    work = _WORK.get(call.operation.kind)
    tensors = call.tensors
    if work is None or len(tensors) < 2:
        return None
    device = tensors[0].device
    dtype = tensors[0].dtype
    if all(t.device == device and t.dtype == dtype for t in tensors):
        return None
    strict = call.operation.kind in _STRICT and not torch.is_autocast_enabled(device.type)
    return first_violation(
        TypesCall(
            work,
            tuple(str(t.dtype).removeprefix("torch.") for t in tensors),
            tuple(str(t.device) for t in tensors),
            tuple(t.dim() == 0 for t in tensors),
            strict,
        )
    )


_DIMS: tuple[tuple[type, int], ...] = (
    (nn.BatchNorm1d, 1),
    (nn.BatchNorm2d, 2),
    (nn.BatchNorm3d, 3),
)


def judge_layer(module: nn.Module, inputs: list[torch.Tensor]) -> Violation | None:
    """What a layer checks in Python before it calls a function: the axes of batch norm."""
    for kind, dims in _DIMS:
        if isinstance(module, kind) and inputs:
            found = first_violation(BatchNormCall(tuple(inputs[0].shape), None, dims=dims))
            return found if found is not None and found.code == "dims" else None
    return None
