"""Linear layers, normalisation, products of matrices, attention, recurrences, channel shuffles."""

from __future__ import annotations

import math
from typing import Any

import torch

from tilewise.checker.operations.base import Call, Operation, Shape
from tilewise.geometry.preconditions import (
    BatchNormCall,
    ChannelNormCall,
    LinearCall,
    MatmulCall,
    ShuffleCall,
    broadcast_shape,
)


def _linear(call: Call) -> LinearCall | None:
    weight = call.shape_of("weight") or ()
    return LinearCall(call.shape, weight, call.shape_of("bias")) if len(weight) == 2 else None


def _linear_out(call: Call) -> tuple[Shape, ...]:
    weight = call.shape_of("weight") or (1,)
    return ((*call.shape[:-1], weight[0]),)


def _linear_cost(call: Call, out: Shape) -> int:
    return math.prod(out) * call.shape[-1]


def _batch_norm(call: Call) -> BatchNormCall:
    stored = call.shape_of("running_mean") or call.shape_of("weight")
    return BatchNormCall(call.shape, stored[0] if stored else None, bool(call.given["training"]))


def _group_norm(call: Call) -> ChannelNormCall:
    return ChannelNormCall("group", call.shape, call.shape_of("weight"), int(call.given["num_groups"]))


def _instance_norm(call: Call) -> ChannelNormCall:
    return ChannelNormCall("instance", call.shape, call.shape_of("weight") or call.shape_of("running_mean"))


def _layer_norm(call: Call) -> ChannelNormCall:
    return ChannelNormCall("layer", call.shape, tuple(call.given["normalized_shape"]))


def _matmul(call: Call) -> MatmulCall | None:
    other = call.shape_of("other")
    return MatmulCall(call.shape, other) if other and len(other) >= 2 and len(call.shape) >= 2 else None


def _matmul_out(call: Call) -> tuple[Shape, ...]:
    other = call.shape_of("other") or (1, 1)
    return ((*broadcast_shape(call.shape[:-2], other[:-2]), call.shape[-2], other[-1]),)


def _matmul_cost(call: Call, out: Shape) -> int:
    return math.prod(out) * call.shape[-1]


def _addmm_cost(call: Call, out: Shape) -> int:
    left = call.shape_of("left") or (0,)
    return math.prod(out) * left[-1]


def _attention_cost(call: Call, out: Shape) -> int:
    key, value = call.shape_of("key") or (0, 0), call.shape_of("value") or (0, 0)
    rows = math.prod(call.shape[:-1])
    return rows * key[-2] * (call.shape[-1] + value[-1])


def _heads_cost(call: Call, out: Shape) -> int:
    # Projections of query, key and value, the two products of attention, and the projection out.
    q, k = call.shape, call.shape_of("key") or call.shape
    width, batch = q[-1], q[1] if len(q) == 3 else 1
    key_width, value = k[-1], call.shape_of("value") or k
    rows, columns = q[0] * batch, k[0] * batch
    project = rows * width * width * 2 + columns * width * (key_width + value[-1])
    return project + 2 * rows * k[0] * width


def _recurrent_cost(gates: int) -> Any:
    def cost(call: Call, out: Shape) -> int:
        module = call.module
        if not isinstance(module, torch.nn.RNNBase):
            return 0
        steps = math.prod(call.shape[:-1])
        weights = sum(w.numel() for name, w in module.named_parameters() if name.startswith("weight"))
        return steps * weights

    return cost


def _einsum_cost(call: Call, out: Shape) -> int:
    equation = call.given["equation"]
    if not isinstance(equation, str) or "." in equation:
        return 0
    sizes: dict[str, int] = {}
    operands = call.tensors
    for letters, tensor in zip(equation.replace(" ", "").split("->")[0].split(","), operands, strict=False):
        sizes.update(zip(letters, tuple(tensor.shape), strict=False))
    return math.prod(sizes.values()) if len(operands) > 1 else 0


def _up(call: Call) -> ShuffleCall:
    return ShuffleCall("up", call.shape, int(call.given["factor"]))


def _down(call: Call) -> ShuffleCall:
    return ShuffleCall("down", call.shape, int(call.given["factor"]))


def _groups(call: Call) -> ShuffleCall:
    return ShuffleCall("groups", call.shape, int(call.given["groups"]))


def _up_out(call: Call) -> tuple[Shape, ...]:
    factor = int(call.given["factor"])
    if len(call.shape) < 3:
        return (call.shape,)
    *batch, channels, height, width = call.shape
    return ((*batch, max(1, channels // factor**2), height * factor, width * factor),)


def _down_out(call: Call) -> tuple[Shape, ...]:
    factor = int(call.given["factor"])
    if len(call.shape) < 3:
        return (call.shape,)
    *batch, channels, height, width = call.shape
    return ((*batch, channels * factor**2, max(1, height // factor), max(1, width // factor)),)


OPERATIONS = (
    Operation("linear", ("linear",), "input weight bias=None", _linear, _linear_out, _linear_cost),
    Operation(
        "batch norm",
        ("batch_norm",),
        "input running_mean running_var weight=None bias=None training=False momentum=None eps=None *more",
        _batch_norm,
    ),
    Operation("norm", ("group_norm",), "input num_groups weight=None bias=None eps=None *more", _group_norm),
    Operation(
        "norm",
        ("instance_norm",),
        "input running_mean=None running_var=None weight=None bias=None *more",
        _instance_norm,
    ),
    Operation("norm", ("layer_norm",), "input normalized_shape weight=None bias=None eps=None *more", _layer_norm),
    Operation("matmul", ("matmul", "__matmul__", "bmm", "mm"), "input other", _matmul, _matmul_out, _matmul_cost),
    Operation("matmul", ("addmm", "baddbmm"), "input left right *more", cost=_addmm_cost),
    Operation("matmul", ("einsum",), "equation *operands", cost=_einsum_cost, many=True),
    Operation("attention", ("scaled_dot_product_attention",), "input key value *more", cost=_attention_cost),
    Operation("attention", ("multi_head_attention_forward",), "input key value *more", cost=_heads_cost),
    Operation("recurrence", ("lstm", "gru", "rnn_tanh", "rnn_relu"), "input *more", cost=_recurrent_cost(4)),
    Operation("shuffle", ("pixel_shuffle",), "input factor", _up, _up_out),
    Operation("shuffle", ("pixel_unshuffle",), "input factor", _down, _down_out),
    Operation("shuffle", ("channel_shuffle",), "input groups", _groups),
)
