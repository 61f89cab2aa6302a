"""The source of a contraction as pairs of bfloat16 elements that a kernel broadcasts as 32 bits.

Channels-last, neighbouring channels lie side by side as they are: in place, or in a copy with zeros around it. Planes
are copied two by two, interleaved: [image][group][pair of channels][D][H][W][2].
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import Base, Location, WorkspaceLayout, step
from tilewise.ir.builder import Value
from tilewise.ir.kernel import Arguments, share, split, tickets
from tilewise.ir.pairs import PAIR_BYTES, begin_pairs
from tilewise.ir.watch import MagnitudeWatch
from tilewise.problem import Layout, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    [
        "items", "rows_per_item", "rows", "groups", "planes", "channels", "depth", "height", "depth_low",
        "height_low", "source_depth", "source_height", "stride_n", "stride_group", "stride_c", "stride_d", "stride_h",
        "before", "middle", "width", "row_bytes", "source_ptr", "copy_ptr", "status_ptr",
    ]
)  # fmt: skip
_ITEM_BYTES = 32768
# Zeros after a copy whose last element is read as a pair.
_AFTER = 2
Span = tuple[tuple[int, int], ...]
Copying = Callable[[int, int], list[Step]]  # from an image on, so many


@dataclass(frozen=True)
class _Room:
    """Where a copy lies, and what it covers of each axis."""

    low: tuple[int, int, int]
    size: tuple[int, int, int]


def _room(span: Span) -> _Room:
    low = tuple(first for first, _ in span)
    return _Room(low, tuple(last - first + 1 for first, last in span))  # type: ignore[arg-type]


def copied_rows(
    spec: TensorSpec, images: int, span: Span, watched: bool, workspace: WorkspaceLayout, target: Target
) -> tuple[View, Copying]:
    """A channels-last copy of so many images at a time, and what makes the steps that make it.

    It covers `span` of each axis with zeros outside the tensor.

    `watched`: the last element is read with one that follows it, which is zero; infinities and NaN are reported
    through the status word.
    """
    room = _room(span)
    c = spec.shape[1]
    depth, height, width = room.size
    row = width * c * 2
    strides = (depth * height * row, 2, height * row, row, c * 2)
    return _copy(spec, images, room, strides, (1, 1), c, row, Layout.CHANNELS_LAST, watched, workspace, target)


def paired_planes(
    spec: TensorSpec, images: int, groups: int, span: Span, workspace: WorkspaceLayout, target: Target
) -> tuple[View, Copying]:
    """Planes interleaved two by two, the last of an odd number with zeros; as `copied_rows`.

    The view's stride of channels leads from pair to pair.
    """
    room = _room(span)
    depth, height, width = room.size
    planes = -(-spec.shape[1] // groups // 2)
    row = width * PAIR_BYTES
    plane = depth * height * row
    strides = (groups * planes * plane, plane, height * row, row, PAIR_BYTES)
    return _copy(spec, images, room, strides, (groups, planes), 1, row, Layout.PLANAR, False, workspace, target)


def _copy(
    spec: TensorSpec, images: int, room: _Room, strides: tuple[int, int, int, int, int], planes: tuple[int, int],
    run: int, row: int, layout: Layout, watched: bool, workspace: WorkspaceLayout, target: Target,
) -> tuple[View, Copying]:  # fmt: skip
    place = workspace.take(images * strides[0] + _AFTER)
    origin = sum(low * stride for low, stride in zip(room.low, strides[2:], strict=True))
    view = View(replace(place, offset=place.offset - origin), strides, "bfloat16", layout)
    depth, height, width = room.size
    low = room.low[2]
    first, last = max(low, 0), min(low + width, spec.shape[4])
    sn, sc, sd, sh, sw = (s * 2 for s in spec.strides)
    channels = spec.shape[1] // planes[0]
    values = {
        "groups": planes[0], "planes": planes[1], "channels": channels, "depth": depth, "height": height,
        "depth_low": room.low[0], "height_low": room.low[1], "source_depth": spec.shape[2],
        "source_height": spec.shape[3], "stride_n": sn, "stride_group": sc * channels, "stride_c": sc, "stride_d": sd,
        "stride_h": sh, "before": min(width, max(0, -low)) * run, "middle": max(0, last - first) * run,
        "width": width * run, "row_bytes": row,
    }  # fmt: skip
    text = _kernel(layout is Layout.PLANAR, watched, target)

    def copying(image: int, count: int) -> list[Step]:
        rows = count * planes[0] * planes[1] * depth * height
        if not rows * row:
            return []
        rows_per_item = max(1, min(rows, _ITEM_BYTES // row))
        share = {"items": math.ceil(rows / rows_per_item), "rows_per_item": rows_per_item, "rows": rows}
        addresses = {
            "source_ptr": Location(Base.SOURCE, image * sn + first * sw), "copy_ptr": place,
            "status_ptr": Location(Base.STATUS),
        }  # fmt: skip
        return [step(text, _ARGUMENTS, values | share, addresses, waits=False)]

    return view, copying


@functools.cache
def _kernel(paired: bool, watched: bool, target: Target) -> str:
    b, v, a = begin_pairs(_ARGUMENTS, target)
    watch = MagnitudeWatch(v, 16)
    size = v.lanes if paired else 2 * v.lanes
    size_bytes = size * (PAIR_BYTES if paired else 2)

    def piece(source: str, to: str, x: Value, inside: Value, partner: str, edge: bool) -> None:
        """One vector of a row of the copy, which begins `before` elements ahead of its source."""
        at = b.at(source, b.mul(b.sub(x, a["before"]), 2))
        position, left = b.sub(x, a["before"]), b.sub(a["width"], x)
        if paired:
            mask = v.window(position, inside) if edge else v.mask(v.lanes)
            other = b.select(partner, v.flags, mask, "zeroinitializer")
            value = v.pair(v.load_patterns(at, mask), v.load_patterns(b.at(at, a["stride_c"]), other))
        else:
            value = v.load_pairs_masked(at, v.pattern_window(position, inside) if edge else v.pattern_mask(size))
        if watched:
            watch.see(value)
        where = b.at(to, b.mul(x, size_bytes // size))
        if edge:
            v.store_pairs_masked(value, where, v.pattern_mask(b.mul(left, 2) if paired else left))
        else:
            b.store(v.pairs, value, where, 2)

    with tickets(b, a["items"]) as item:
        start, stop = share(b, item, a["rows_per_item"], a["rows"])
        watch.begin()
        with b.loop(start, stop) as row:
            n, g, p, d, h = split(b, row.index, a["groups"], a["planes"], a["depth"], a["height"])
            d, h = b.add(d, a["depth_low"]), b.add(h, a["height_low"])
            to = b.at(a["copy_ptr"], b.mul(row.index, a["row_bytes"]))
            exists = b.both(b.compare("ult", d, a["source_depth"]), b.compare("ult", h, a["source_height"]))
            inside = b.select(exists, "i64", a["middle"], 0)
            channel = b.mul(p, 2)
            partner = b.compare("slt", b.add(channel, 1), a["channels"])
            source = b.at(
                a["source_ptr"], b.mul(n, a["stride_n"]), b.mul(g, a["stride_group"]), b.mul(channel, a["stride_c"]),
                b.mul(d, a["stride_d"]), b.mul(h, a["stride_h"]),
            )  # fmt: skip
            with b.loop(0, a["width"], size) as x:
                # Vectors that lie whole inside the source need no masks.
                position = b.sub(x.index, a["before"])
                clear = b.both(b.compare("sge", position, 0), b.compare("sle", b.add(position, size), inside))
                b.either(
                    clear,
                    functools.partial(piece, source, to, x.index, inside, partner, False),
                    functools.partial(piece, source, to, x.index, inside, partner, True),
                )
        if watched:
            watch.report(a["status_ptr"])
            with b.when(b.compare("eq", stop, a["rows"])):
                b.zero_bytes(b.at(a["copy_ptr"], b.mul(a["rows"], a["row_bytes"])), _AFTER)
    return b.text()
