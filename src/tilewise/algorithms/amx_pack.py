"""What tiles load: sources as [group][block of 32 channels][part][residue][position][32], filters in pairs.

Values become bfloat16 parts here. Whatever the parts can't carry is reported through the plan's status word.
"""

from __future__ import annotations

import functools

import numpy as np

from tilewise.algorithms.amx_grid import LINE, Grid
from tilewise.algorithms.plan import Base, Location, step
from tilewise.ir.builder import Value
from tilewise.ir.kernel import Arguments, begin_vectors, split, tickets
from tilewise.ir.parts import Parts
from tilewise.ir.vectors import ELEMENT_BYTES, scalar_widen
from tilewise.problem import TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

BLOCK = 32  # channels of a line
_SOURCE = Arguments(
    [
        "items", "groups", "blocks", "planes", "rows", "depth", "height", "width", "channels", "lead_bytes",
        "trail_bytes", "plane_bytes", "part_bytes", "stride_n", "stride_c", "stride_d", "stride_h", "stride_w",
        "stride_group", "plane_ptr", "source_ptr", "packed_ptr", "status_ptr",
    ]
)  # fmt: skip
_FILTERS = Arguments(
    ["items", "blocks", "taps", "channels", "panel_bytes", "rows_ptr", "packed_ptr", "status_ptr"]
)  # fmt: skip


def source_bytes(grid: Grid, channels: int, groups: int, parts: int) -> int:
    """The size of a packed source."""
    return groups * -(-channels // BLOCK) * parts * len(grid.residues) * grid.lines * LINE


def pack_source(
    spec: TensorSpec, base: Base, groups: int, grid: Grid, parts: int, dtype: str, packed: Location, target: Target
) -> Step:
    """The step that packs a tensor onto a grid, a row of positions an item."""
    element = ELEMENT_BYTES[dtype]
    channels = spec.shape[1] // groups
    d, h, w = grid.axes
    table = []
    sn, sc, sd, sh, sw = (s * element for s in spec.strides)
    for rd, rh, rw in grid.residues:
        start = rd * sd + rh * sh + rw * sw
        table.append((start, d.present(rd), h.present(rh), w.present(rw)))
    plane = grid.lines * LINE
    depth, height, width = grid.pitches
    blocks = -(-channels // BLOCK)
    values = {
        "items": groups * blocks * len(table) * grid.batch * depth * height, "groups": groups, "blocks": blocks,
        "planes": len(table), "rows": grid.batch * depth * height, "depth": depth, "height": height, "width": width,
        "channels": channels, "lead_bytes": grid.lead * LINE, "trail_bytes": grid.trail * LINE,
        "plane_bytes": plane, "part_bytes": plane * len(table), "stride_n": sn, "stride_c": sc,
        "stride_d": sd * d.step, "stride_h": sh * h.step, "stride_w": sw * w.step, "stride_group": sc * channels,
    }  # fmt: skip
    mode = "rows" if sc == element else "planes" if sw * w.step == element else "elements"
    addresses = {"source_ptr": Location(base), "packed_ptr": packed, "status_ptr": Location(Base.STATUS)}
    tables = {"plane_ptr": np.array(table, np.int64)}
    return step(_source_kernel(mode, parts, dtype, target), _SOURCE, values, addresses, tables, waits=False)


@functools.cache
def _source_kernel(mode: str, parts: int, dtype: str, target: Target) -> str:
    b, v, a = begin_vectors(_SOURCE, "float32", target)
    cut = Parts(v, parts, dtype == "bfloat16")
    element = ELEMENT_BYTES[dtype]
    scratch = b.stack(BLOCK * 4)

    def put(value: str, line: str, first: int) -> None:
        """Parts of some channels of one position, side by side in its lines."""
        for number, part in enumerate(cut.split(value)):
            at = b.at(line, b.mul(a["part_bytes"], number), first * 2)
            b.store(f"<{v.lanes} x i16>", cut.narrow(part), at, 2 * v.lanes)

    def by_rows(source: str, line: str, count: Value, left: Value) -> None:
        masks = [v.mask(b.sub(left, j)) for j in range(0, BLOCK, v.lanes)]
        with b.loop(0, count) as w:
            at = b.at(source, b.mul(w.index, a["stride_w"]))
            to = b.at(line, b.mul(w.index, LINE))
            for j, mask in enumerate(masks):
                put(v.load_masked(b.at(at, j * v.lanes * element), mask, dtype), to, j * v.lanes)

    def by_planes(source: str, line: str, count: Value, left: Value) -> None:
        with b.loop(0, count, v.lanes) as w:
            here = b.sub(count, w.index)
            mask = v.mask(here)
            at = b.at(source, b.mul(w.index, element))
            to = b.at(line, b.mul(w.index, LINE))
            for j in range(0, BLOCK, v.lanes):
                rows = []
                for k in range(j, j + v.lanes):
                    # Channels that do not exist are read as none at all.
                    exists = b.compare("sgt", left, k)
                    some = b.select(exists, f"<{v.lanes} x i1>", mask, "zeroinitializer")
                    rows.append(v.load_masked(b.at(at, b.mul(a["stride_c"], k)), some, dtype))
                for k, value in enumerate(v.transpose(rows)):
                    with b.when(b.compare("sgt", here, k)):
                        put(value, b.at(to, k * LINE), j)

    def by_elements(source: str, line: str, count: Value, left: Value) -> None:
        b.zero_bytes(scratch, BLOCK * 4)
        channels = b.min(left, BLOCK)
        with b.loop(0, count) as w:
            at = b.at(source, b.mul(w.index, a["stride_w"]))
            with b.loop(0, channels) as c:
                value = scalar_widen(b, b.at(at, b.mul(c.index, a["stride_c"])), dtype, "float")
                b.store("float", value, b.at(scratch, b.mul(c.index, 4)), 4)
            for j in range(0, BLOCK, v.lanes):
                put(v.load(b.at(scratch, j * 4)), b.at(line, b.mul(w.index, LINE)), j)

    def clear(line: str, size: Value) -> None:
        for number in range(parts):
            b.zero_bytes(b.at(line, b.mul(a["part_bytes"], number)), size)

    body = {"rows": by_rows, "planes": by_planes, "elements": by_elements}[mode]
    with tickets(b, a["items"]) as item:
        group, block, plane, row = split(b, item, a["blocks"], a["planes"], a["rows"])
        n, d, h = split(b, row, a["depth"], a["height"])
        start, in_d, in_h, in_w = b.entry(a["plane_ptr"], plane, 4)
        panel = b.mul(b.add(b.mul(group, a["blocks"]), block), b.mul(a["part_bytes"], parts))
        first = b.at(a["packed_ptr"], panel, b.mul(plane, a["plane_bytes"]))
        line = b.at(first, a["lead_bytes"], b.mul(b.mul(row, a["width"]), LINE))
        source = b.at(
            a["source_ptr"], start, b.mul(group, a["stride_group"]), b.mul(b.mul(block, BLOCK), a["stride_c"]),
            b.mul(n, a["stride_n"]), b.mul(d, a["stride_d"]), b.mul(h, a["stride_h"]),
        )  # fmt: skip
        left = b.sub(a["channels"], b.mul(block, BLOCK))
        inside = b.both(b.compare("slt", d, in_d), b.compare("slt", h, in_h))
        count = b.select(inside, "i64", in_w, 0)
        cut.begin()
        body(source, line, count, left)
        cut.report(a["status_ptr"])
        clear(b.at(line, b.mul(count, LINE)), b.mul(b.sub(a["width"], count), LINE))
        with b.when(b.compare("eq", row, 0)):
            clear(first, a["lead_bytes"])
        with b.when(b.compare("eq", b.add(row, 1), a["rows"])):
            clear(b.at(line, b.mul(a["width"], LINE)), a["trail_bytes"])
    return b.text()


def filter_bytes(taps: int, channels: int, outputs: int, groups: int, halves: int, parts: int) -> int:
    """The size of filters in pairs."""
    blocks = groups * -(-outputs // (16 * halves)) * -(-channels // BLOCK)
    return blocks * taps * parts * halves * 1024


def pair_filters(
    taps: int, channels: int, outputs: int, groups: int, halves: int, parts: int, rows: Location, packed: Location,
    dtype: str, target: Target,
) -> Step:  # fmt: skip
    """From rows of filters, [group][block][tap][channel][16*halves] floats, to pairs of channels in parts.

    The result is [group][block][32 channels][tap][part][half][16 pairs][16 filters][2]: one tile a (part, half).
    """
    blocks = -(-channels // BLOCK)
    values = {
        "items": groups * -(-outputs // (16 * halves)) * blocks * taps, "blocks": blocks, "taps": taps,
        "channels": channels, "panel_bytes": taps * channels * halves * 64,
    }  # fmt: skip
    addresses = {"rows_ptr": rows, "packed_ptr": packed, "status_ptr": Location(Base.STATUS)}
    return step(_filter_kernel(halves, parts, dtype, target), _FILTERS, values, addresses)


@functools.cache
def _filter_kernel(halves: int, parts: int, dtype: str, target: Target) -> str:
    b, v, a = begin_vectors(_FILTERS, "float32", target)
    cut = Parts(v, parts, dtype == "bfloat16")
    row_bytes = halves * 64
    with tickets(b, a["items"]) as item:
        panel, block, tap = split(b, item, a["blocks"], a["taps"])
        to = b.at(a["packed_ptr"], b.mul(item, parts * halves * 1024))
        first = b.mul(block, BLOCK)
        source = b.at(a["rows_ptr"], b.mul(panel, a["panel_bytes"]), b.mul(b.mul(tap, a["channels"]), row_bytes))
        cut.begin()
        with b.loop(0, 16) as pair:
            channel = b.add(first, b.mul(pair.index, 2))
            for j in range(0, halves * 16, v.lanes):
                patterns = []
                for odd in range(2):
                    c = b.add(channel, odd)
                    exists = b.compare("slt", c, a["channels"])
                    some = b.select(exists, f"<{v.lanes} x i1>", v.mask(v.lanes), "zeroinitializer")
                    at = b.at(source, b.mul(c, row_bytes), j * 4)
                    patterns.append(cut.split(v.load_masked(at, some)))
                half, within = divmod(j, 16)
                for number, (even, odd_part) in enumerate(zip(*patterns, strict=True)):
                    high = b.let(f"shl {cut.ints} {odd_part}, {v.integers(16)}")
                    low = b.let(f"and {cut.ints} {even}, {v.integers(0xFFFF)}")
                    both = b.let(f"or {cut.ints} {low}, {high}")
                    at = b.at(to, (number * halves + half) * 1024 + within * 4, b.mul(pair.index, 64))
                    b.store(cut.ints, both, at, 4 * v.lanes)
        cut.report(a["status_ptr"])
    return b.text()
