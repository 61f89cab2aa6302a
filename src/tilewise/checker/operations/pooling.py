"""Pooling, unpooling, resizing, padding."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

from tilewise.checker.operations.base import Call, Fields, Operation, Shape, spread
from tilewise.geometry import ReceptiveField
from tilewise.geometry.preconditions import PadCall, PoolCall, ResizeCall, UnpoolCall

_POOL = "input kernel_size stride=None padding=0"


def _pool(call: Call) -> PoolCall:
    kernel = call.per_axis("kernel_size")
    stride = call.given.get("stride")
    return PoolCall(
        call.dims,
        call.shape,
        kernel,
        kernel if stride is None or stride in ([], ()) else call.per_axis("stride"),
        call.per_axis("padding", 0),
        call.per_axis("dilation", 1),
        bool(call.given.get("ceil_mode")),
        average=call.name.startswith("avg"),
    )


def _adaptive(call: Call) -> PoolCall:
    wanted = call.given["output_size"]
    spatial = call.shape[len(call.shape) - call.dims :]
    if isinstance(wanted, (list, tuple)):
        numbers = wanted if len(wanted) == call.dims else list(wanted) * call.dims
        sizes = tuple(s if w is None else int(w) for w, s in zip(numbers, spatial, strict=False))
    else:
        sizes = spatial if wanted is None else spread(wanted, call.dims)
    return PoolCall(call.dims, call.shape, sizes, adaptive=True)


def _pool_out(call: Call, asked: PoolCall) -> tuple[Shape, ...]:
    if len(call.shape) not in (asked.dims + 1, asked.dims + 2):
        return (call.shape,) * 2
    legal = replace(asked, stride=tuple(max(1, s) for s in asked.stride))
    out = (*call.shape[: len(call.shape) - asked.dims], *(max(1, size) for size in legal.output_spatial()))
    return (out, out)


def _pool_sees(call: Call, fields: Fields) -> Fields | None:
    asked = _pool(call)
    if len(fields) != asked.dims:
        return None
    rows = zip(fields, asked.kernel_size, asked.stride, asked.padding, asked.dilation, strict=True)
    return tuple(f.after(k, s, p, d) for f, k, s, p, d in rows)


def _adaptive_sees(call: Call, fields: Fields) -> Fields | None:
    asked = _adaptive(call)
    if len(fields) != asked.dims:
        return None
    seen = []
    for one, size, out in zip(fields, asked.spatial, asked.output_spatial(), strict=True):
        window = -(-size // out) if out else size
        seen.append(one.after(window, max(1, size // max(out, 1))))
    return tuple(seen)


def _unpool(call: Call) -> UnpoolCall:
    kernel = call.per_axis("kernel_size")
    stride = kernel if call.given.get("stride") is None else call.per_axis("stride")
    wanted = call.given.get("output_size")
    return UnpoolCall(
        call.dims,
        call.shape,
        call.shape_of("indices") or (),
        kernel,
        stride,
        call.per_axis("padding", 0),
        None if wanted is None else tuple(int(v) for v in wanted),
    )


def _unpool_out(call: Call) -> tuple[Shape, ...]:
    asked = _unpool(call)
    spatial = call.shape[len(call.shape) - asked.dims :]
    rows = zip(spatial, asked.kernel_size, asked.stride, asked.padding, strict=True)
    wanted = asked.output_size or tuple(max(1, (w - 1) * s + k - 2 * p) for w, k, s, p in rows)
    return ((*call.shape[: len(call.shape) - asked.dims], *wanted[-asked.dims :]),)


def _numbers(value: Any, dims: int) -> tuple[Any, ...] | None:
    if value is None:
        return None
    return tuple(value) if isinstance(value, (list, tuple)) else (value,) * dims


def _resize(call: Call) -> ResizeCall:
    dims = max(len(call.shape) - 2, 1)
    size = _numbers(call.given.get("size"), dims)
    scale = _numbers(call.given.get("scale_factor"), dims)
    return ResizeCall(
        call.shape,
        None if size is None else tuple(int(v) for v in size),
        None if scale is None else tuple(float(v) for v in scale),
        str(call.given.get("mode", "nearest")),
    )


def _resize_out(call: Call) -> tuple[Shape, ...]:
    asked = _resize(call)
    image = call.shape[2:]
    sizes: tuple[int, ...] = image
    if asked.size is not None and len(asked.size) == len(image):
        sizes = asked.size
    elif asked.scale is not None and len(asked.scale) == len(image):
        sizes = tuple(int(w * s) for w, s in zip(image, asked.scale, strict=True))
    return ((*call.shape[:2], *(max(1, s) for s in sizes)),)


def _resize_sees(call: Call, fields: Fields) -> Fields | None:
    out = _resize_out(call)[0][2:]
    if len(fields) != len(out):
        return None
    reach = 0 if call.given.get("mode", "nearest") in ("nearest", "nearest-exact", "area") else 1
    return tuple(
        ReceptiveField(f.size + reach * f.jump, f.jump * Fraction(w, o), f.start)
        for f, w, o in zip(fields, call.shape[2:], out, strict=True)
    )


def _pad(call: Call) -> PadCall:
    return PadCall(call.shape, tuple(int(p) for p in call.given["pad"]), str(call.given.get("mode", "constant")))


def _pad_out(call: Call) -> tuple[Shape, ...]:
    sizes = list(call.shape)
    pads = _pad(call).pads
    for axis, (before, after) in enumerate(zip(pads[::2], pads[1::2], strict=False)):
        if axis < len(sizes):
            sizes[-1 - axis] = max(1, sizes[-1 - axis] + before + after)
    return (tuple(sizes),)


def _pad_sees(call: Call, fields: Fields) -> Fields | None:
    before = _pad(call).pads[::2]
    shifted = list(fields)
    for axis, pad in enumerate(before[: len(fields)]):
        one = shifted[-1 - axis]
        shifted[-1 - axis] = replace(one, start=one.start - pad * one.jump)
    return tuple(shifted)


def _mean_sees(call: Call, fields: Fields) -> Fields | None:
    return None


def _average_cost(call: Call, out: Shape) -> int:
    return 0 * math.prod(out)


OPERATIONS = (
    Operation(
        "pooling",
        tuple(f"max_pool{n}d{tail}" for n in (1, 2, 3) for tail in ("", "_with_indices")),
        f"{_POOL} dilation=1 ceil_mode=False return_indices=False",
        _pool,
        lambda call: _pool_out(call, _pool(call)),
        sees=_pool_sees,
    ),
    Operation(
        "pooling",
        tuple(f"avg_pool{n}d" for n in (1, 2, 3)),
        f"{_POOL} ceil_mode=False *more",
        _pool,
        lambda call: _pool_out(call, _pool(call)),
        sees=_pool_sees,
    ),
    Operation(
        "pooling",
        tuple(f"lp_pool{n}d" for n in (1, 2, 3)),
        "input norm_type kernel_size stride=None ceil_mode=False",
        _pool,
        lambda call: _pool_out(call, _pool(call)),
        sees=_pool_sees,
    ),
    Operation(
        "adaptive pooling",
        tuple(
            f"adaptive_{what}_pool{n}d{t}" for what in ("avg", "max") for n in (1, 2, 3) for t in ("", "_with_indices")
        ),
        "input output_size return_indices=False",
        _adaptive,
        lambda call: _pool_out(call, _adaptive(call)),
        sees=_adaptive_sees,
    ),
    Operation(
        "unpooling",
        tuple(f"max_unpool{n}d" for n in (1, 2, 3)),
        "input indices kernel_size stride=None padding=0 output_size=None",
        _unpool,
        _unpool_out,
    ),
    Operation(
        "resize",
        ("interpolate", "upsample"),
        "input size=None scale_factor=None mode=nearest align_corners=None recompute_scale_factor=None antialias=False",
        _resize,
        _resize_out,
        sees=_resize_sees,
    ),
    Operation("padding", ("pad",), "input pad mode=constant value=None", _pad, _pad_out, sees=_pad_sees),
    Operation("mean", ("mean", "amax", "sum"), "input dim=None keepdim=False *more", sees=_mean_sees, row=False),
)
