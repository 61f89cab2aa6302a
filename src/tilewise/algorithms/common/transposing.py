"""Planes copied so that channels lie side by side, in the accumulator's type, with zeros around the tensor."""

from __future__ import annotations

import functools
from dataclasses import replace

from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import Base, Location, WorkspaceLayout, pieces_of, step
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_widen
from tilewise.problem import Layout, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    [
        "items", "depth", "height", "width", "channels", "depth_low", "height_low", "source_depth", "source_height",
        "stride_n", "stride_c", "stride_d", "stride_h", "stride_w", "before", "middle", "pixel", "chunks",
        "per_chunk", "source_ptr", "copy_ptr",
    ]
)  # fmt: skip
# Of a row that several tickets copy, at the least.
_LEAST_PIXELS = 64


def transposed_copy(
    spec: TensorSpec,
    base: Base,
    dtype: str,
    accumulator: str,
    span: tuple[tuple[int, int], ...],
    workspace: WorkspaceLayout,
    target: Target,
    pitch: int = 0,
) -> tuple[View, Step]:
    """A channels-last copy that covers `span` of each axis, and the step that makes it; an item is part of a row.

    `pitch` is the bytes from pixel to pixel, where these are not to lie side by side.
    """
    element, size = ELEMENT_BYTES[dtype], ELEMENT_BYTES[accumulator]
    n, c = spec.shape[:2]
    (d0, d1), (h0, h1), (w0, w1) = span
    depth, height, width = d1 - d0 + 1, h1 - h0 + 1, w1 - w0 + 1
    pixel = pitch or c * size
    row, plane = width * pixel, height * width * pixel
    strides = (depth * plane, size, plane, row, pixel)
    place = workspace.take(n * strides[0])
    origin = d0 * plane + h0 * row + w0 * pixel
    view = View(replace(place, offset=place.offset - origin), strides, accumulator, Layout.CHANNELS_LAST)
    first, last = max(w0, 0), min(w1, spec.shape[4] - 1)
    sn, sc, sd, sh, sw = (s * element for s in spec.strides)
    middle, rows = max(0, last - first + 1), n * depth * height
    per_chunk = max(_LEAST_PIXELS, -(-middle // pieces_of(rows)))
    chunks = max(1, -(-middle // per_chunk))
    values = {
        "items": rows * chunks, "chunks": chunks, "per_chunk": per_chunk, "depth": depth, "height": height,
        "width": width, "channels": c, "depth_low": d0, "height_low": h0, "source_depth": spec.shape[2],
        "source_height": spec.shape[3], "stride_n": sn, "stride_c": sc, "stride_d": sd, "stride_h": sh, "stride_w": sw,
        "before": min(width, max(0, -w0)), "middle": middle, "pixel": pixel,
    }  # fmt: skip
    text = _kernel(dtype, accumulator, spec.layout is Layout.STRIDED, target)
    addresses = {"source_ptr": Location(base, first * sw), "copy_ptr": place}
    return view, step(text, _ARGUMENTS, values, addresses, waits=False)


@functools.cache
def _kernel(dtype: str, accumulator: str, strided: bool, target: Target) -> str:
    b, v, a = begin_vectors(_ARGUMENTS, accumulator, target)
    pixel = a["pixel"]

    def squares(to: str, source: str, pixels: tuple[Value, Value]) -> None:
        with b.loop(0, a["channels"], v.lanes) as c:
            left = b.sub(a["channels"], c.index)
            channels = v.mask(left)
            corner = b.at(source, b.mul(c.index, a["stride_c"]))
            column = b.at(to, b.mul(c.index, v.bytes))

            def whole(corner: str = corner, column: str = column) -> None:
                with b.loop(*pixels, v.lanes) as w:
                    count = b.sub(pixels[1], w.index)
                    mask = v.mask(count)
                    at = b.at(corner, b.mul(w.index, ELEMENT_BYTES[dtype]))
                    rows = [v.load_masked(b.at(at, b.mul(a["stride_c"], k)), mask, dtype) for k in range(v.lanes)]
                    for k, value in enumerate(v.transpose(rows)):
                        with b.when(b.compare("sgt", count, k)):
                            v.store(value, b.at(column, b.mul(b.add(w.index, k), pixel)))

            def tail(corner: str = corner, column: str = column, left: Value = left, channels: str = channels) -> None:
                _elements(b, v, a, dtype, corner, column, left, pixel, pixels)

            if strided:
                tail()
            else:
                b.either(b.compare("sge", left, v.lanes), whole, tail)

    def inside(to: str, source: str, chunk: Value) -> None:
        pixels = share(b, chunk, a["per_chunk"], a["middle"])
        middle = b.at(to, b.mul(a["before"], pixel))
        with b.when(b.compare("eq", chunk, 0)):
            b.zero_bytes(to, b.mul(a["before"], pixel))
        squares(middle, source, pixels)
        with b.when(b.compare("eq", b.add(chunk, 1), a["chunks"])):
            after = b.sub(a["width"], b.add(a["before"], a["middle"]))
            b.zero_bytes(b.at(middle, b.mul(a["middle"], pixel)), b.mul(after, pixel))

    def outside(to: str, row: Value, chunk: Value) -> None:
        with b.when(b.compare("eq", chunk, 0)):
            b.zero_bytes(to, row)

    with tickets(b, a["items"]) as item:
        number, chunk = split(b, item, a["chunks"])
        n, d, h = split(b, number, a["depth"], a["height"])
        d, h = b.add(d, a["depth_low"]), b.add(h, a["height_low"])
        row = b.mul(a["width"], pixel)
        to = b.at(a["copy_ptr"], b.mul(number, row))
        source = b.at(a["source_ptr"], b.mul(n, a["stride_n"]), b.mul(d, a["stride_d"]), b.mul(h, a["stride_h"]))
        within = b.both(b.compare("ult", d, a["source_depth"]), b.compare("ult", h, a["source_height"]))
        b.either(within, functools.partial(inside, to, source, chunk), functools.partial(outside, to, row, chunk))
    return b.text()


def _elements(
    b: Builder, v: Vectors, a: dict[str, str], dtype: str, corner: str, column: str, left: Value, pixel: Value,
    pixels: tuple[Value, Value],
) -> None:  # fmt: skip
    """What does not fill a square, element by element."""
    with b.loop(*pixels) as w, b.loop(0, b.min(left, v.lanes)) as k:
        at = b.at(corner, b.mul(w.index, a["stride_w"]), b.mul(k.index, a["stride_c"]))
        value = scalar_widen(b, at, dtype, v.element)
        b.store(v.element, value, b.at(column, b.mul(w.index, pixel), b.mul(k.index, v.bytes)), v.bytes)
