"""Joining, adding, reshaping, activations: what decides sizes without looking at numbers."""

from __future__ import annotations

import math

import torch

from tilewise.checker.operations.base import Call, Fields, Operation, Shape
from tilewise.geometry.preconditions import BroadcastCall, ConcatenateCall, ViewCall, broadcast_shape


def _cat(call: Call) -> ConcatenateCall:
    return ConcatenateCall(
        tuple(tuple(t.shape) for t in call.tensors), int(call.given.get("dim") or 0), call.name == "stack"
    )


def _cat_out(call: Call) -> tuple[Shape, ...]:
    asked = _cat(call)
    first = list(asked.shapes[0])
    if asked.stacked:
        first.insert(asked.dim if asked.dim >= 0 else len(first) + 1 + asked.dim, len(asked.shapes))
        return (tuple(first),)
    if not -len(first) <= asked.dim < len(first):
        return (tuple(first),)
    dim = asked.dim % len(first)
    first[dim] = sum(s[dim] for s in asked.shapes if len(s) == len(first))
    return (tuple(first),)


def _broadcast(call: Call) -> BroadcastCall | None:
    other = call.given.get("other")
    if not isinstance(other, torch.Tensor) or other.dim() == 0:
        return None
    return BroadcastCall(call.shape, tuple(other.shape))


def _broadcast_out(call: Call) -> tuple[Shape, ...]:
    other = call.shape_of("other")
    return (broadcast_shape(call.shape, other) if other else call.shape,)


def _view(call: Call) -> ViewCall | None:
    target = call.given["shape"]
    if not all(isinstance(s, int) for s in target):
        return None
    return ViewCall(call.shape, tuple(int(s) for s in target))


def _view_out(call: Call) -> tuple[Shape, ...]:
    target = [int(s) for s in call.given["shape"]]
    if -1 not in target:
        return (tuple(target),)
    hole = target.index(-1)
    known = math.prod(s for s in target if s > 0)
    # A batch that stays a batch is by far the likeliest thing that -1 stands for.
    target[hole] = call.shape[0] if hole == 0 and call.shape else max(1, math.prod(call.shape) // max(known, 1))
    return (tuple(max(1, s) for s in target),)


def _flat_out(call: Call) -> tuple[Shape, ...]:
    start, end = int(call.given["start_dim"]), int(call.given["end_dim"])
    rank = len(call.shape)
    if not -rank <= start < rank or not -rank <= end < rank:
        return (call.shape,)
    start, end = start % rank, end % rank
    return ((*call.shape[:start], math.prod(call.shape[start : end + 1]), *call.shape[end + 1 :]),)


def _gone(call: Call, fields: Fields) -> Fields | None:
    return None


_ELEMENTWISE = (
    "add",
    "sub",
    "mul",
    "div",
    "true_divide",
    "maximum",
    "minimum",
    "eq",
    "ne",
    "lt",
    "gt",
    "le",
    "ge",
    "pow",
)
_ARITHMETIC = (
    *_ELEMENTWISE,
    *(f"{name}_" for name in ("add", "sub", "mul", "div")),
    *(f"__{prefix}{name}__" for prefix in ("", "r", "i") for name in ("add", "sub", "mul", "truediv")),
)
_ACTIVATIONS = (
    *("relu", "relu_", "relu6", "leaky_relu", "leaky_relu_", "elu", "elu_", "selu", "celu", "gelu", "silu", "mish"),
    *("hardswish", "hardsigmoid", "hardtanh", "sigmoid", "sigmoid_", "tanh", "tanh_", "softplus", "softsign"),
    *("logsigmoid", "threshold", "prelu", "rrelu", "glu", "clamp", "clamp_", "clip", "abs", "exp"),
)

OPERATIONS = (
    Operation("cat", ("cat", "concat", "concatenate", "stack"), "tensors dim=0 *more", _cat, _cat_out, many=True),
    Operation("arithmetic", _ARITHMETIC, "input other *more", _broadcast, _broadcast_out),
    Operation("view", ("view", "reshape"), "input *shape", _view, _view_out, sees=_gone),
    Operation("flatten", ("flatten",), "input start_dim=0 end_dim=-1", assumed=_flat_out, sees=_gone),
    Operation("axes", ("permute", "movedim", "moveaxis"), "input *order"),
    Operation("axes", ("transpose", "swapaxes"), "input one two"),
    Operation("axes", ("squeeze", "unsqueeze"), "input dim=None", row=False, sees=_gone),
    Operation("activation", tuple(_ACTIVATIONS), "input *more", row=False),
    Operation("softmax", ("softmax", "log_softmax"), "input dim=None *more", row=False),
    Operation(
        "dropout",
        tuple(f"{a}dropout{n}" for a in ("", "alpha_", "feature_alpha_") for n in ("", "1d", "2d", "3d")),
        "input *more",
        row=False,
    ),
    Operation("loss", ("cross_entropy", "nll_loss"), "input target *more"),
    Operation(
        "identity",
        ("contiguous", "clone", "detach", "float", "half", "double", "to", "type", "cuda", "cpu"),
        "input *more",
        row=False,
    ),
)
