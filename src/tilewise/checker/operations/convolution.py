"""Convolutions, plain and transposed."""

from __future__ import annotations

import math

from tilewise.checker.operations.base import Call, Fields, Operation, Shape
from tilewise.geometry import same_padding
from tilewise.geometry.preconditions import ConvolutionCall


def _describe(call: Call) -> ConvolutionCall:
    transposed = "transpose" in call.name
    padding = call.given["padding"]
    return ConvolutionCall(
        dims=call.dims,
        input=call.shape,
        weight=call.shape_of("weight") or (),
        bias=call.shape_of("bias"),
        stride=call.per_axis("stride"),
        padding=padding if isinstance(padding, str) else call.per_axis("padding"),
        dilation=call.per_axis("dilation"),
        groups=int(call.given["groups"]),
        transposed=transposed,
        output_padding=call.per_axis("output_padding") if transposed else (),
    )


def _assumed(call: Call) -> tuple[Shape, ...]:
    asked = _describe(call)
    if len(asked.weight) != asked.dims + 2:
        return (call.shape,)
    if len(call.shape) not in (asked.dims + 1, asked.dims + 2):
        # No image axes to speak of: go on as if the image were as large as the window.
        return ((1, asked.out_channels, *(max(k, 1) for k in asked.kernel_size)),)
    batch = call.shape[: len(call.shape) - asked.dims - 1]
    strides = tuple(max(s, 1) for s in asked.stride)
    plain = ConvolutionCall(**{**vars(asked), "stride": strides})
    return ((*batch, asked.out_channels, *(max(1, size) for size in plain.output_spatial())),)


def _cost(call: Call, out: Shape) -> int:
    asked = _describe(call)
    pixels = math.prod(call.shape if asked.transposed else out)
    return pixels * math.prod(asked.weight[1:])


def _sees(call: Call, fields: Fields) -> Fields | None:
    asked = _describe(call)
    if len(fields) != asked.dims:
        return None
    if asked.padding == "same":
        pads = tuple(same_padding(k, d)[0] for k, d in zip(asked.kernel_size, asked.dilation, strict=True))
    else:
        pads = tuple(p // 2 for p in asked.both_sides)
    rows = zip(fields, asked.kernel_size, asked.stride, pads, asked.dilation, strict=True)
    if asked.transposed:
        return tuple(f.after_transposed(k, s, p, d) for f, k, s, p, d in rows)
    return tuple(f.after(k, s, p, d) for f, k, s, p, d in rows)


OPERATIONS = (
    Operation(
        "convolution",
        ("conv1d", "conv2d", "conv3d"),
        "input weight bias=None stride=1 padding=0 dilation=1 groups=1",
        _describe,
        _assumed,
        _cost,
        _sees,
    ),
    Operation(
        "convolution",
        ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
        "input weight bias=None stride=1 padding=0 output_padding=0 groups=1 dilation=1",
        _describe,
        _assumed,
        _cost,
        _sees,
    ),
)
