"""Planes copied so that channels lie side by side, in the accumulator's type.

`transposed_copy` makes (N, D, H, W, C) with zeros around the tensor; `blocked_copy` (N, C / lanes, D, H, W, lanes)
without: a kernel that reads a vector of channels of pixel after pixel then reads one stream.
"""

from __future__ import annotations

import functools
from dataclasses import replace

from tilewise.algorithms.padding import View
from tilewise.algorithms.plan import Base, Location, WorkspaceLayout, step
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_widen
from tilewise.problem import Layout, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    [
        "items", "depth", "height", "width", "channels", "depth_low", "height_low", "source_depth", "source_height",
        "stride_n", "stride_c", "stride_d", "stride_h", "stride_w", "before", "middle", "source_ptr", "copy_ptr",
    ]
)  # fmt: skip


def transposed_copy(
    spec: TensorSpec,
    base: Base,
    dtype: str,
    accumulator: str,
    span: tuple[tuple[int, int], ...],
    workspace: WorkspaceLayout,
    target: Target,
) -> tuple[View, Step]:
    """A channels-last copy that covers `span` of each axis, and the step that makes it, a row an item."""
    element, size = ELEMENT_BYTES[dtype], ELEMENT_BYTES[accumulator]
    n, c = spec.shape[:2]
    (d0, d1), (h0, h1), (w0, w1) = span
    depth, height, width = d1 - d0 + 1, h1 - h0 + 1, w1 - w0 + 1
    pixel = c * size
    row, plane = width * pixel, height * width * pixel
    strides = (depth * plane, size, plane, row, pixel)
    place = workspace.take(n * strides[0])
    origin = d0 * plane + h0 * row + w0 * pixel
    view = View(replace(place, offset=place.offset - origin), strides, accumulator, Layout.CHANNELS_LAST)
    first, last = max(w0, 0), min(w1, spec.shape[4] - 1)
    sn, sc, sd, sh, sw = (s * element for s in spec.strides)
    values = {
        "items": n * depth * height, "depth": depth, "height": height, "width": width, "channels": c,
        "depth_low": d0, "height_low": h0, "source_depth": spec.shape[2], "source_height": spec.shape[3],
        "stride_n": sn, "stride_c": sc, "stride_d": sd, "stride_h": sh, "stride_w": sw,
        "before": min(width, max(0, -w0)), "middle": max(0, last - first + 1),
    }  # fmt: skip
    text = _kernel(dtype, accumulator, spec.layout is Layout.STRIDED, target)
    addresses = {"source_ptr": Location(base, first * sw), "copy_ptr": place}
    return view, step(text, _ARGUMENTS, values, addresses, waits=False)


_BLOCKED = Arguments(
    [
        "items", "channel_blocks", "pixel_chunks", "pixels_per_item", "pixels", "channels", "stride_n", "stride_c",
        "copy_n", "copy_block", "source_ptr", "copy_ptr",
    ]
)  # fmt: skip
_PIXELS_PER_ITEM = 1024


def blocked_copy(
    spec: TensorSpec, base: Base, dtype: str, accumulator: str, workspace: WorkspaceLayout, target: Target
) -> tuple[View, int, Step]:
    """A copy of dense planes in blocks of a vector's channels, from block to block so many bytes, and its step.

    The view's stride of channels is that within a block. Lanes past the last channel are zeros.
    """
    element, size = ELEMENT_BYTES[dtype], ELEMENT_BYTES[accumulator]
    lanes = target.lanes(accumulator)
    n, c, d, h, w = spec.shape
    pixels, blocks = d * h * w, -(-c // lanes)
    pixel = lanes * size
    block = pixels * pixel
    view = View(
        workspace.take(n * blocks * block), (blocks * block, size, h * w * pixel, w * pixel, pixel), accumulator,
        Layout.CHANNELS_LAST,
    )  # fmt: skip
    per_item = min(_PIXELS_PER_ITEM, -(-pixels // lanes) * lanes)
    chunks = -(-pixels // per_item)
    values = {
        "items": n * blocks * chunks, "channel_blocks": blocks, "pixel_chunks": chunks, "pixels_per_item": per_item,
        "pixels": pixels, "channels": c, "stride_n": spec.strides[0] * element, "stride_c": spec.strides[1] * element,
        "copy_n": blocks * block, "copy_block": block,
    }  # fmt: skip
    addresses = {"source_ptr": Location(base), "copy_ptr": view.at}
    return view, block, step(_blocked_kernel(dtype, accumulator, target), _BLOCKED, values, addresses, waits=False)


@functools.cache
def _blocked_kernel(dtype: str, accumulator: str, target: Target) -> str:
    b, v, a = begin_vectors(_BLOCKED, accumulator, target)
    pixel = v.lanes * v.bytes
    with tickets(b, a["items"]) as item:
        n, block, chunk = split(b, item, a["channel_blocks"], a["pixel_chunks"])
        first, last = share(b, chunk, a["pixels_per_item"], a["pixels"])
        channel = b.mul(block, v.lanes)
        left = b.sub(a["channels"], channel)
        source = b.at(a["source_ptr"], b.mul(n, a["stride_n"]), b.mul(channel, a["stride_c"]))
        to = b.at(a["copy_ptr"], b.mul(n, a["copy_n"]), b.mul(block, a["copy_block"]))

        def squares(rows_left: Value | None) -> None:
            with b.loop(first, last, v.lanes) as p:
                count = b.sub(last, p.index)
                mask = v.keep(v.mask(count))
                corner = b.at(source, b.mul(p.index, ELEMENT_BYTES[dtype]))
                rows = []
                for k in range(v.lanes):
                    # A channel past the last reads its first row again, under a mask that keeps nothing.
                    at, lanes = b.at(corner, b.mul(a["stride_c"], k)), v.kept(mask)
                    if rows_left is not None:
                        there = b.compare("slt", k, rows_left)
                        at = b.select(there, "ptr", at, corner)
                        lanes = v.mask(b.select(there, "i64", count, 0))
                    rows.append(v.load_masked(at, lanes, dtype))
                column = b.at(to, b.mul(p.index, pixel))
                for k, value in enumerate(v.transpose(rows)):
                    with b.when(b.compare("sgt", count, k)):
                        v.store(value, b.at(column, k * pixel))

        b.either(b.compare("sge", left, v.lanes), functools.partial(squares, None), functools.partial(squares, left))
    return b.text()


def dense_planes(spec: TensorSpec) -> bool:
    """Whether the pixels of each plane lie one behind the other."""
    _, h, w = spec.spatial
    wanted = (h * w, w, 1)
    return all(n == 1 or s == x for n, s, x in zip(spec.spatial, spec.strides[2:], wanted, strict=True))


@functools.cache
def _kernel(dtype: str, accumulator: str, strided: bool, target: Target) -> str:
    b, v, a = begin_vectors(_ARGUMENTS, accumulator, target)
    pixel = b.mul(a["channels"], v.bytes)

    def squares(to: str, source: str) -> None:
        with b.loop(0, a["channels"], v.lanes) as c:
            left = b.sub(a["channels"], c.index)
            channels = v.mask(left)
            corner = b.at(source, b.mul(c.index, a["stride_c"]))
            column = b.at(to, b.mul(c.index, v.bytes))

            def whole(corner: str = corner, column: str = column) -> None:
                with b.loop(0, a["middle"], v.lanes) as w:
                    count = b.sub(a["middle"], w.index)
                    mask = v.mask(count)
                    at = b.at(corner, b.mul(w.index, ELEMENT_BYTES[dtype]))
                    rows = [v.load_masked(b.at(at, b.mul(a["stride_c"], k)), mask, dtype) for k in range(v.lanes)]
                    for k, value in enumerate(v.transpose(rows)):
                        with b.when(b.compare("sgt", count, k)):
                            v.store(value, b.at(column, b.mul(b.add(w.index, k), pixel)))

            def tail(corner: str = corner, column: str = column, left: Value = left, channels: str = channels) -> None:
                _elements(b, v, a, dtype, corner, column, left, pixel)

            if strided:
                tail()
            else:
                b.either(b.compare("sge", left, v.lanes), whole, tail)

    def inside(to: str, source: str) -> None:
        b.zero_bytes(to, b.mul(a["before"], pixel))
        middle = b.at(to, b.mul(a["before"], pixel))
        squares(middle, source)
        after = b.sub(a["width"], b.add(a["before"], a["middle"]))
        b.zero_bytes(b.at(middle, b.mul(a["middle"], pixel)), b.mul(after, pixel))

    with tickets(b, a["items"]) as item:
        n, d, h = split(b, item, a["depth"], a["height"])
        d, h = b.add(d, a["depth_low"]), b.add(h, a["height_low"])
        row = b.mul(a["width"], pixel)
        to = b.at(a["copy_ptr"], b.mul(item, row))
        source = b.at(a["source_ptr"], b.mul(n, a["stride_n"]), b.mul(d, a["stride_d"]), b.mul(h, a["stride_h"]))
        within = b.both(b.compare("ult", d, a["source_depth"]), b.compare("ult", h, a["source_height"]))
        b.either(within, functools.partial(inside, to, source), functools.partial(b.zero_bytes, to, row))
    return b.text()


def _elements(
    b: Builder, v: Vectors, a: dict[str, str], dtype: str, corner: str, column: str, left: Value, pixel: Value
) -> None:
    """What does not fill a square, element by element."""
    with b.loop(0, a["middle"]) as w, b.loop(0, b.min(left, v.lanes)) as k:
        at = b.at(corner, b.mul(w.index, a["stride_w"]), b.mul(k.index, a["stride_c"]))
        value = scalar_widen(b, at, dtype, v.element)
        b.store(v.element, value, b.at(column, b.mul(w.index, pixel), b.mul(k.index, v.bytes)), v.bytes)
