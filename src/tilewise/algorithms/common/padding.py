"""The source of a contraction as its kernel reads it: in place, or copied once with zeros around it.

A copy also widens 16-bit elements and gathers tensors that are dense in no useful way. It keeps the order of the
axes, so that it is nothing but rows copied to rows.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace

from tilewise.algorithms.common.plan import Base, Location, WorkspaceLayout, step
from tilewise.geometry import Phase
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, scalar_widen
from tilewise.problem import Layout, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    [
        "items", "rows_per_item", "rows", "channels", "depth", "height", "depth_low", "height_low", "source_depth",
        "source_height", "stride_n", "stride_c", "stride_d", "stride_h", "stride_w", "before", "middle", "after",
        "source_ptr", "copy_ptr",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class View:
    """Where the element of image n, channel c, position (d, h, w) lies: `at` plus byte strides.

    Positions count from the tensor's own origin, so positions in the padding are negative or past its end.
    """

    at: Location
    strides: tuple[int, int, int, int, int]
    dtype: str
    layout: Layout

    def offset(self, position: tuple[int, int, int]) -> int:
        """Bytes from `at` to a position of channel 0 of image 0."""
        return sum(p * s for p, s in zip(position, self.strides[2:], strict=True))


def in_place(spec: TensorSpec, base: Base, dtype: str) -> View:
    """A tensor as it lies in memory."""
    size = ELEMENT_BYTES[dtype]
    n, c, d, h, w = (s * size for s in spec.strides)
    return View(Location(base), (n, c, d, h, w), dtype, spec.layout)


def reach(phases: tuple[tuple[Phase, ...], ...]) -> tuple[tuple[int, int], ...]:
    """The lowest and highest position that any phase reads, an axis each."""
    result = []
    for axis in phases:
        spans = [phase.reach for phase in axis if phase.taps and phase.count]
        result.append((min(low for low, _ in spans), max(high for _, high in spans)) if spans else (0, -1))
    return tuple(result)


def readable_in_place(spec: TensorSpec, span: tuple[tuple[int, int], ...], dtype: str, accumulator: str) -> bool:
    """Whether a kernel may read the tensor itself: right type, dense rows, nothing outside it asked for."""
    inside = all(low >= 0 and high < size for (low, high), size in zip(span, spec.spatial, strict=True))
    return dtype == accumulator and spec.layout is not Layout.STRIDED and inside


def padded_copy(
    spec: TensorSpec,
    base: Base | Location,
    dtype: str,
    accumulator: str,
    span: tuple[tuple[int, int], ...],
    workspace: WorkspaceLayout,
    target: Target,
    layout: Layout | None = None,
) -> tuple[View, Step | None]:
    """A copy that covers `span` of each axis with zeros outside the tensor, and the step that makes it.

    The tensor begins at `base`. Where sizes of 1 leave its layout open, `layout` says which is meant.
    """
    layout = layout or spec.layout
    at = base if isinstance(base, Location) else Location(base)
    channels_last = layout is Layout.CHANNELS_LAST
    element, size = ELEMENT_BYTES[dtype], ELEMENT_BYTES[accumulator]
    n, c = spec.shape[:2]
    (d0, d1), (h0, h1), (w0, w1) = span
    depth, height, width = d1 - d0 + 1, h1 - h0 + 1, w1 - w0 + 1
    run = c if channels_last else 1
    planes = 1 if channels_last else c
    pixel, row = run * size, width * run * size
    strides = (planes * depth * height * row, size if channels_last else depth * height * row,
               height * row, row, pixel)  # fmt: skip
    total = n * strides[0]
    place = workspace.take(total)
    origin = d0 * strides[2] + h0 * strides[3] + w0 * strides[4]
    copied = Layout.CHANNELS_LAST if channels_last else Layout.PLANAR
    view = View(replace(place, offset=place.offset - origin), strides, accumulator, copied)
    if not total:
        return view, None
    first, last = max(w0, 0), min(w1, spec.shape[4] - 1)
    middle = max(0, last - first + 1)
    before = min(width, max(0, -w0))
    rows = n * planes * depth * height
    rows_per_item = max(1, min(rows, 32768 // max(1, row)))
    sn, sc, sd, sh, sw = (s * element for s in spec.strides)
    values = {
        "items": math.ceil(rows / rows_per_item), "rows_per_item": rows_per_item, "rows": rows,
        "channels": planes, "depth": depth, "height": height, "depth_low": d0, "height_low": h0,
        "source_depth": spec.shape[2], "source_height": spec.shape[3], "stride_n": sn, "stride_c": sc,
        "stride_d": sd, "stride_h": sh, "stride_w": sw, "before": before * run, "middle": middle * run,
        "after": (width - before - middle) * run,
    }  # fmt: skip
    text = _copy_kernel(dtype, accumulator, layout is Layout.STRIDED, target)
    addresses = {"source_ptr": at.past(first * sw), "copy_ptr": place}
    return view, step(text, _ARGUMENTS, values, addresses, waits=False)


@functools.cache
def _copy_kernel(dtype: str, accumulator: str, strided: bool, target: Target) -> str:
    b, v, a = begin_vectors(_ARGUMENTS, accumulator, target)
    element = ELEMENT_BYTES[dtype]
    row_bytes = b.mul(b.add(a["before"], a["middle"], a["after"]), v.bytes)

    def zeros(address: str, count: str) -> None:
        b.zero_bytes(address, b.mul(count, v.bytes))

    def fill(target_row: str, source_row: str) -> None:
        zeros(target_row, a["before"])
        middle = b.at(target_row, b.mul(a["before"], v.bytes))
        if strided:
            with b.loop(0, a["middle"]) as i:
                value = scalar_widen(b, b.at(source_row, b.mul(i.index, a["stride_w"])), dtype, v.element)
                b.store(v.element, value, b.at(middle, b.mul(i.index, v.bytes)), v.bytes)
        else:
            whole = b.mul(b.div(a["middle"], v.lanes), v.lanes)
            with b.loop(0, whole, v.lanes) as i:
                value = v.load_as(b.at(source_row, b.mul(i.index, element)), dtype)
                v.store(value, b.at(middle, b.mul(i.index, v.bytes)))
            with b.when(b.compare("slt", whole, a["middle"])):
                mask = v.mask(b.sub(a["middle"], whole))
                value = v.load_masked(b.at(source_row, b.mul(whole, element)), mask, dtype)
                v.store_masked(value, b.at(middle, b.mul(whole, v.bytes)), mask)
        zeros(b.at(middle, b.mul(a["middle"], v.bytes)), a["after"])

    with tickets(b, a["items"]) as item:
        start, stop = share(b, item, a["rows_per_item"], a["rows"])
        with b.loop(start, stop) as row:
            n, c, d, h = split(b, row.index, a["channels"], a["depth"], a["height"])
            d, h = b.add(d, a["depth_low"]), b.add(h, a["height_low"])
            target_row = b.at(a["copy_ptr"], b.mul(row.index, row_bytes))
            inside = b.both(b.compare("ult", d, a["source_depth"]), b.compare("ult", h, a["source_height"]))
            source_row = b.at(
                a["source_ptr"], b.mul(n, a["stride_n"]), b.mul(c, a["stride_c"]), b.mul(d, a["stride_d"]),
                b.mul(h, a["stride_h"])
            )  # fmt: skip
            b.either(
                inside,
                functools.partial(fill, target_row, source_row),
                functools.partial(b.zero_bytes, target_row, row_bytes),
            )
    return b.text()
