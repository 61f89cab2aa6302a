"""What weight-gradient tiles load: both tensors with positions, not channels, along the product's long axis.

The window tensor lies as tiles of 16 channels by 32 positions: [group][16 channels][part][residue][32 positions]
[channel][position]. The point tensor lies as lines of two neighbouring positions of 16 channels, the pairs that
TDPBF16PS takes from its right operand; twice, once beginning at even and once at odd positions, so that a tap's
shift is a difference of lines whichever way it falls. Positions are those of a Grid; in its gaps both are zero.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from tilewise.algorithms.amx_grid import Grid
from tilewise.algorithms.padding import View
from tilewise.algorithms.plan import Base, Location, step
from tilewise.ir.builder import Value
from tilewise.ir.kernel import Arguments, begin_vectors, split, tickets
from tilewise.ir.parts import Parts
from tilewise.ir.vectors import ELEMENT_BYTES, scalar_widen
from tilewise.problem import TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

ROWS = 16  # channels of a tile
SPAN = 32  # positions of a tile
TILE = 1024
LINE = 64
_WINDOW = Arguments(
    [
        "items", "blocks", "planes", "rows", "depth", "height", "width", "tail", "channels", "plane_bytes",
        "part_bytes", "stride_n", "stride_c", "stride_d", "stride_h", "stride_w", "stride_group", "plane_ptr",
        "source_ptr", "packed_ptr", "status_ptr",
    ]
)  # fmt: skip
_POINT = Arguments(
    [
        "items", "blocks", "rows", "depth", "height", "width", "out_depth", "out_height", "out_width", "channels",
        "lead", "lines", "positions", "stride_n", "stride_d", "stride_h", "stride_w", "stride_group", "source_ptr",
        "packed_ptr", "status_ptr",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class PixelLayout:
    """Sizes of both packed tensors; `shifts` are the taps' shifts in positions."""

    grid: Grid
    parts: int
    lowest_shift: int
    highest_shift: int

    @property
    def spans(self) -> int:
        """Tiles along the positions."""
        return -(-self.grid.positions // SPAN)

    @property
    def plane_bytes(self) -> int:
        """The window's tiles of one residue, part and block."""
        return self.spans * TILE

    @property
    def part_bytes(self) -> int:
        """From one part of a window block to the next."""
        return self.plane_bytes * len(self.grid.residues)

    @staticmethod
    def window_tiles(channels: int) -> int:
        """Tiles of window channels: one, or an even number, since kernels take them in pairs."""
        tiles = -(-channels // ROWS)
        return tiles if tiles == 1 else tiles + tiles % 2

    def window_bytes(self, channels: int, groups: int) -> int:
        """The size of the packed window tensor."""
        return groups * self.window_tiles(channels) * self.parts * self.part_bytes

    @property
    def lead(self) -> int:
        """Lines before the first position."""
        return max(0, self.highest_shift) // 2 + 2

    @property
    def lines(self) -> int:
        """Lines of one block, part and beginning."""
        return self.lead + self.spans * SPAN // 2 + max(0, -self.lowest_shift) // 2 + 2

    def point_bytes(self, channels: int, groups: int) -> int:
        """The size of the packed point tensor."""
        return groups * -(-channels // ROWS) * self.parts * 2 * self.lines * LINE

    def point_offset(self, shift: int) -> int:
        """Where the lines begin that meet the window's position 0 under a tap's shift."""
        start = -shift
        return ((start & 1) * self.lines + self.lead + (start >> 1)) * LINE


def pack_window(
    spec: TensorSpec, base: Base, groups: int, layout: PixelLayout, dtype: str, packed: Location, target: Target
) -> Step:
    """The step that packs the window tensor, a row of positions of 16 channels an item."""
    element = ELEMENT_BYTES[dtype]
    grid = layout.grid
    channels = spec.shape[1] // groups
    d, h, w = grid.axes
    sn, sc, sd, sh, sw = (s * element for s in spec.strides)
    table = [(rd * sd + rh * sh + rw * sw, d.present(rd), h.present(rh), w.present(rw)) for rd, rh, rw in grid.residues]
    depth, height, width = grid.pitches
    rows = grid.batch * depth * height
    blocks = layout.window_tiles(channels)
    values = {
        "items": groups * blocks * len(table) * rows, "blocks": blocks, "planes": len(table), "rows": rows,
        "depth": depth, "height": height, "width": width, "tail": layout.spans * SPAN - grid.positions,
        "channels": channels, "plane_bytes": layout.plane_bytes, "part_bytes": layout.part_bytes, "stride_n": sn,
        "stride_c": sc, "stride_d": sd * d.step, "stride_h": sh * h.step, "stride_w": sw * w.step,
        "stride_group": sc * channels,
    }  # fmt: skip
    mode = "planes" if sw * w.step == element else "rows" if sc == element else "elements"
    addresses = {"source_ptr": Location(base), "packed_ptr": packed, "status_ptr": Location(Base.STATUS)}
    tables = {"plane_ptr": np.array(table, np.int64)}
    return step(_window_kernel(mode, layout.parts, dtype, target), _WINDOW, values, addresses, tables, waits=False)


@functools.cache
def _window_kernel(mode: str, parts: int, dtype: str, target: Target) -> str:
    b, v, a = begin_vectors(_WINDOW, "float32", target)
    cut = Parts(v, parts, dtype == "bfloat16")
    element = ELEMENT_BYTES[dtype]
    none = "zeroinitializer"
    flags = f"<{v.lanes} x i1>"
    scratch = b.stack(v.lanes * v.lanes * 4)

    def planes(at: str, first: int, left: Value, here: Value) -> list[str]:
        mask = v.mask(here)
        values = []
        for k in range(first, first + v.lanes):
            some = b.select(b.compare("sgt", left, k), flags, mask, none)
            values.append(v.load_masked(b.at(at, b.mul(a["stride_c"], k)), some, dtype))
        return values

    def rows(at: str, first: int, left: Value, here: Value) -> list[str]:
        mask = v.mask(b.sub(left, first))
        pixels = []
        for p in range(v.lanes):
            some = b.select(b.compare("sgt", here, p), flags, mask, none)
            pixels.append(v.load_masked(b.at(at, b.mul(a["stride_w"], p), first * element), some, dtype))
        return v.transpose(pixels)

    def elements(at: str, first: int, left: Value, here: Value) -> list[str]:
        b.zero_bytes(scratch, v.lanes * v.lanes * 4)
        count = b.max(b.min(b.sub(left, first), v.lanes), 0)
        with b.loop(0, count) as k, b.loop(0, b.max(b.min(here, v.lanes), 0)) as p:
            where = b.at(at, b.mul(b.add(k.index, first), a["stride_c"]), b.mul(p.index, a["stride_w"]))
            value = scalar_widen(b, where, dtype, "float")
            b.store("float", value, b.at(scratch, b.mul(k.index, v.lanes * 4), b.mul(p.index, 4)), 4)
        return [v.load(b.at(scratch, k * v.lanes * 4)) for k in range(v.lanes)]

    read = {"planes": planes, "rows": rows, "elements": elements}[mode]
    with tickets(b, a["items"]) as item:
        group, block, plane, row = split(b, item, a["blocks"], a["planes"], a["rows"])
        n, d, h = split(b, row, a["depth"], a["height"])
        start, in_d, in_h, in_w = b.entry(a["plane_ptr"], plane, 4)
        channel = b.mul(block, ROWS)
        left = b.sub(a["channels"], channel)
        source = b.at(
            a["source_ptr"], start, b.mul(group, a["stride_group"]), b.mul(channel, a["stride_c"]),
            b.mul(n, a["stride_n"]), b.mul(d, a["stride_d"]), b.mul(h, a["stride_h"]),
        )  # fmt: skip
        panel = b.mul(b.add(b.mul(group, a["blocks"]), block), b.mul(a["part_bytes"], parts))
        to = b.at(a["packed_ptr"], panel, b.mul(plane, a["plane_bytes"]))
        inside = b.both(b.compare("slt", d, in_d), b.compare("slt", h, in_h))
        count = b.select(inside, "i64", in_w, 0)
        last = b.compare("eq", b.add(row, 1), a["rows"])
        extent = b.add(a["width"], b.select(last, "i64", a["tail"], 0))
        first_position = b.mul(row, a["width"])
        cut.begin()
        with b.repeat([("i64", 0)], lambda c: b.compare("slt", c[0], extent)) as run:
            w = run.values[0]
            position = b.add(first_position, w)
            within = b.rem(position, SPAN)
            # A store stays within one tile's rows.
            length = b.min(b.min(b.sub(SPAN, within), v.lanes), b.sub(extent, w))
            here = b.min(length, b.sub(count, w))
            mask = v.mask(length)
            tile = b.at(to, b.mul(b.div(position, SPAN), TILE), b.mul(within, 2))
            at = b.at(source, b.mul(w, a["stride_w"]))
            for first in range(0, ROWS, v.lanes):
                for k, value in enumerate(read(at, first, left, here)):
                    for number, part in enumerate(cut.split(value)):
                        line = b.at(tile, b.mul(a["part_bytes"], number), (first + k) * LINE)
                        v.store_patterns_masked(cut.narrow(part), line, mask)
            run.carry([b.add(w, length)])
        cut.report(a["status_ptr"])
    return b.text()


def pack_points(
    view: View, shape: tuple[int, ...], groups: int, layout: PixelLayout, exact: bool, packed: Location,
    target: Target,
) -> Step:  # fmt: skip
    """The step that packs the point tensor from a channels-last view, a row of positions of 16 channels an item."""
    grid = layout.grid
    channels = shape[1] // groups
    depth, height, width = grid.pitches
    rows = grid.batch * depth * height
    blocks = -(-channels // ROWS)
    values = {
        "items": groups * blocks * rows, "blocks": blocks, "rows": rows, "depth": depth, "height": height,
        "width": width, "out_depth": shape[2], "out_height": shape[3], "out_width": shape[4], "channels": channels,
        "lead": layout.lead, "lines": layout.lines, "positions": grid.positions, "stride_n": view.strides[0],
        "stride_d": view.strides[2], "stride_h": view.strides[3], "stride_w": view.strides[4],
        "stride_group": view.strides[1] * channels,
    }  # fmt: skip
    addresses = {"source_ptr": view.at, "packed_ptr": packed, "status_ptr": Location(Base.STATUS)}
    text = _point_kernel(layout.parts, view.dtype, exact, target)
    return step(text, _POINT, values, addresses)


@functools.cache
def _point_kernel(parts: int, dtype: str, exact: bool, target: Target) -> str:
    b, v, a = begin_vectors(_POINT, "float32", target)
    cut = Parts(v, parts, exact)
    element = ELEMENT_BYTES[dtype]
    pieces = ROWS // v.lanes
    flags = f"<{v.lanes} x i1>"
    line_bytes = b.mul(a["lines"], LINE)

    with tickets(b, a["items"]) as item:
        group, block, row = split(b, item, a["blocks"], a["rows"])
        channel = b.mul(block, ROWS)
        source = b.at(a["source_ptr"], b.mul(group, a["stride_group"]), b.mul(channel, element))
        panel = b.mul(b.mul(b.add(b.mul(group, a["blocks"]), block), 2 * parts), line_bytes)
        to = b.at(a["packed_ptr"], panel)
        masks = [v.mask(b.sub(b.sub(a["channels"], channel), j * v.lanes)) for j in range(pieces)]

        def pixel(number: Value, w: Value) -> list[str]:
            """Parts of the 16 channels at a place of a row, zeros where there is none: [part][piece]."""
            n, d, h = split(b, number, a["depth"], a["height"])
            inside = b.both(b.compare("slt", d, a["out_depth"]), b.compare("slt", h, a["out_height"]))
            exists = b.both(b.both(inside, b.compare("slt", w, a["out_width"])), b.compare("sge", number, 0))
            at = b.at(
                source, b.mul(n, a["stride_n"]), b.mul(d, a["stride_d"]), b.mul(h, a["stride_h"]),
                b.mul(w, a["stride_w"]),
            )  # fmt: skip
            cuts = []
            for j, mask in enumerate(masks):
                some = b.select(exists, flags, mask, "zeroinitializer")
                cuts.append(cut.split(v.load_masked(b.at(at, j * v.lanes * element), some, dtype)))
            return [cuts[j][p] for p in range(parts) for j in range(pieces)]

        def clear(first: Value, stop: Value, beginning: int) -> None:
            """Zero lines first .. stop-1 of one beginning, in all parts."""
            for part in range(parts):
                start = b.at(to, b.mul(line_bytes, 2 * part + beginning), b.mul(first, LINE))
                b.zero_bytes(start, b.mul(b.sub(stop, first), LINE))

        cut.begin()
        with b.when(b.compare("eq", row, 0)):
            for beginning in range(2):
                clear(0, a["lead"], beginning)
        final = b.compare("eq", b.add(row, 1), a["rows"])
        with b.when(final):
            for beginning in range(2):
                written = b.div(b.add(a["positions"], 1 - beginning), 2)
                clear(b.add(a["lead"], written), a["lines"], beginning)
        before = pixel(b.sub(row, 1), b.sub(a["width"], 1))
        stop = b.add(a["width"], b.select(final, "i64", 1, 0))
        with b.loop(0, stop, carried=[(cut.ints, value) for value in before]) as w:
            now = pixel(row, w.index)
            # The line of the pair (position - 1, position); position 0 has its partner in the lead.
            left = b.add(b.mul(row, a["width"]), w.index, -1)
            start = b.let(f"and i64 {left}, 1")
            line = b.add(a["lead"], b.let(f"ashr i64 {left}, 1"))
            at = b.at(to, b.mul(start, line_bytes), b.mul(line, LINE))
            for k, (low, high) in enumerate(zip(w.values, now, strict=True)):
                part, j = divmod(k, pieces)
                shifted = b.let(f"shl {cut.ints} {high}, {v.integers(16)}")
                kept = b.let(f"and {cut.ints} {low}, {v.integers(0xFFFF)}")
                where = b.at(at, b.mul(line_bytes, 2 * part), j * v.lanes * 4)
                b.store(cut.ints, b.let(f"or {cut.ints} {kept}, {shifted}"), where, 4 * v.lanes)
            w.carry(now)
        cut.report(a["status_ptr"])
    return b.text()
