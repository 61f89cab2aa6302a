"""The code of `group_rows_weights`: see there."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.algorithms.common.tiling import SUM_TERMS
from tilewise.algorithms.group.axes import Rolling
from tilewise.algorithms.group.rows_kernel import ROWS_AHEAD
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_narrow
from tilewise.target import Target

ARGUMENTS = Arguments(
    [
        "items", "units_per_item", "units", "pieces", "groups", "filter_blocks", "channels", "tap_depth", "tap_height",
        "tap_parts", "slices", "slices_per_piece", "depth", "height", "chunk_count", "tile_count", "width",
        "height_low", "height_size", "depth_low", "depth_size", "slice_low", "slice_size", "stride_d", "padding_d",
        "dilation_d", "stride_h", "padding_h", "dilation_h", "tap_columns", "window_n", "window_c", "window_d",
        "window_h", "window_pitch", "points_n", "points_c", "points_d", "points_h", "points_pitch",
        "chunks_ptr", "tiles_ptr", "window_ptr", "points_ptr", "sums_ptr",
    ]
)  # fmt: skip
FINISHING_ARGUMENTS = Arguments(
    [
        "items", "rows_per_item", "rows", "row", "total", "pieces", "piece_bytes", "channels", "weight_filter",
        "weight_channel", "places_ptr", "sums_ptr", "weight_ptr",
    ]
)  # fmt: skip
# After so many rows the sums are put by and begun anew: each lane has one term a row.
ROWS_PER_SUM = SUM_TERMS // 2


@dataclass(frozen=True)
class KernelSpec:
    """What the generated code is specialised on; `offsets` are the columns of the taps of one pass."""

    dtype: str
    source_dtype: str
    accumulator: str
    masked: bool
    filters: int
    rolling: Rolling
    offsets: tuple[int, ...]
    read: int
    element: int
    rolled: bool
    target: Target

    @property
    def rows(self) -> int:
        """Rows of taps."""
        return len({tap for _, _, tap in self.rolling.terms})


@functools.cache
def kernel(spec: KernelSpec) -> str:
    """The LLVM text."""
    b, v, a = begin_vectors(ARGUMENTS, spec.accumulator, spec.target)
    with tickets(b, a["items"]) as item:
        start, stop = share(b, item, a["units_per_item"], a["units"])
        with b.loop(start, stop) as unit:
            _Unit(b, v, spec, a).run(unit.index)
    return b.text()


class _Unit:
    """One piece of the rows, a few filters, one channel, the taps of one pass."""

    def __init__(self, b: Builder, v: Vectors, spec: KernelSpec, a: dict[str, str]):
        self.b, self.v, self.spec, self.a = b, v, spec, a
        self.count = spec.filters * spec.rows * len(spec.offsets)
        scratch = b.stack(self.count * v.lanes * v.bytes)
        self.totals = [b.at(scratch, i * v.lanes * v.bytes) for i in range(self.count)]

    def run(self, number: str) -> None:
        """Sum all slices of the piece and write the sums.

        Carried along are how many rows the sums are of, how often they have been put by, and the sums.
        """
        b, v, a = self.b, self.v, self.a
        piece, group, block, channel, tap_d, tap_h, part = split(
            b, number, a["groups"], a["filter_blocks"], a["channels"], a["tap_depth"], a["tap_height"], a["tap_parts"]
        )
        filters = b.mul(b.add(b.mul(group, a["filter_blocks"]), block), self.spec.filters)
        window = b.at(a["window_ptr"], b.mul(b.add(b.mul(group, a["channels"]), channel), a["window_c"]))
        points = b.at(a["points_ptr"], b.mul(filters, a["points_c"]))
        start, stop = share(b, piece, a["slices_per_piece"], a["slices"])
        shift = b.mul(part, a["tap_columns"])
        kinds = ["i64", "i64", *[v.type] * self.count]
        begin: list[Value] = [0, 0, *[v.zero] * self.count]
        with b.loop(start, stop, carried=list(zip(kinds, begin, strict=True))) as piece_loop:
            n, d, h, chunk = split(b, piece_loop.index, a["depth"], a["height"], a["chunk_count"])
            from_d = b.sub(b.add(b.mul(d, a["stride_d"]), b.mul(tap_d, a["dilation_d"])), a["padding_d"])
            inside = b.compare("ult", b.sub(from_d, a["depth_low"]), a["depth_size"])
            window_at = [b.mul(n, a["window_n"]), b.mul(from_d, a["window_d"])]
            if not self.spec.rolled:
                from_h = b.sub(b.add(b.mul(h, a["stride_h"]), b.mul(tap_h, a["dilation_h"])), a["padding_h"])
                inside = b.both(inside, b.compare("ult", b.sub(from_h, a["slice_low"]), a["slice_size"]))
                window_at.append(b.mul(from_h, a["window_h"]))
            here = b.at(points, b.mul(n, a["points_n"]), b.mul(d, a["points_d"]), b.mul(h, a["points_h"]))
            tiles = b.select(inside, "i64", a["tile_count"], 0)
            with b.loop(0, tiles, carried=list(zip(kinds, piece_loop.values, strict=True))) as tile:
                tile.carry(self._tile(b.at(window, *window_at), here, chunk, shift, tile.index, tile.values))
            piece_loop.carry(tile.results)
        _, put_by, *sums = piece_loop.results
        sums = b.update(b.compare("ne", put_by, 0), v.type, sums, self._plus_totals)
        self._write(b.at(a["sums_ptr"], b.mul(b.mul(number, self.count), v.bytes)), sums)

    def _plus_totals(self, sums: list[str]) -> list[str]:
        return [self.v.add(self.v.load(at), value) for at, value in zip(self.totals, sums, strict=True)]

    def _put_by(self, times: Value, sums: list[str]) -> list[str]:
        """The sums added to those put by before; what goes on are zeros."""
        totals = self.b.update(self.b.compare("ne", times, 0), self.v.type, sums, self._plus_totals)
        for at, value in zip(self.totals, totals, strict=True):
            self.v.store(value, at)
        return [self.v.zero] * self.count

    def _write(self, to: str, sums: list[str]) -> None:
        """Lanes added, as many sums at once as there are lanes."""
        v = self.v
        for first in range(0, self.count, v.lanes):
            some = sums[first : first + v.lanes]
            at = self.b.at(to, first * v.bytes)
            if len(some) == v.lanes:
                v.store(v.totals(some), at)
            else:
                v.store_masked(v.totals(some), at, v.mask(len(some)))

    def _tile(
        self, window: str, points: str, chunk: Value, shift: Value, number: Value, carried: list[str]
    ) -> list[Value]:
        """A vector's width of the rows of a chunk, and what is carried after them."""
        b, v, a = self.b, self.v, self.a
        words = b.entry(a["chunks_ptr"], chunk, 6)
        column, points_at, left = b.entry(a["tiles_ptr"], number, 3)
        column = b.let(f"add nsw i64 {column}, {shift}")
        before, times, *sums = carried
        sums = self._column(window, b.at(points, points_at), words, column, left, sums)
        rows = b.add(before, words[1])
        full = b.compare("sge", rows, ROWS_PER_SUM)
        sums = b.update(full, v.type, sums, functools.partial(self._put_by, times))
        return [b.select(full, "i64", 0, rows), b.add(times, b.let(f"zext i1 {full} to i64")), *sums]

    def _column(self, window: str, points: str, chunk: list[str], column: str, left: str, sums: list[str]) -> list[str]:
        """A vector's width of some rows."""
        b, v, spec, a = self.b, self.v, self.spec, self.a
        roll = spec.rolling
        position, steps, live_first, first, stop, class_first = chunk
        # Columns past the last point must not count, not even times zero: they may hold infinities.
        masks, point_mask = {}, self._keep(v.mask(left))
        for first_raw, k in sorted({raw for offset in spec.offsets for raw in self._raws(offset)}):
            wanted = b.sub(b.mul(left, spec.read), k * v.lanes)
            mask = v.mask(wanted)
            if spec.masked:
                base = b.add(column, first_raw + k * v.lanes)
                mask = v.window(base, b.max(b.min(b.add(base, wanted), a["width"]), 0))
            masks[first_raw, k] = self._keep(mask)
        # Row by row the addresses move on: nothing is multiplied inside the loop.
        points_step, window_step = (
            b.mul(a[f"{name}_pitch"], a[f"{name}_h"]) if spec.rolled else 0 for name in ("points", "window")
        )
        newest = b.add(live_first, roll.live - 1)
        begin: list[tuple[str, Value]] = [
            ("ptr", b.at(points, b.mul(class_first, a["points_h"]), b.mul(newest, points_step))),
            ("ptr", b.at(window, b.mul(column, spec.element), b.mul(position, a["window_h"]) if spec.rolled else 0)),
            ("i64", b.sub(newest, first)),
            ("i64", b.sub(position, a["height_low"])),
        ]
        kept = (roll.live - 1) * spec.filters
        carried = [*begin, *((v.type, x) for x in [*sums, *[v.zero] * kept])]
        count = b.sub(stop, first)
        offsets = [b.mul(window_step, q) for q in range(roll.consumes + 1)]
        points_ahead, window_ahead = (b.mul(step, ROWS_AHEAD) for step in (points_step, window_step))
        pitches = [b.mul(a["window_pitch"], q) for q in range(roll.consumes + 1)]
        with b.loop(0, steps, carried=carried) as turn:
            row, source, number, place, *values = turn.values
            totals, live = values[: self.count], values[self.count :]
            there = b.compare("ult", number, count)
            if roll.live > 1:
                b.prefetch(b.at(row, points_ahead))
            live = [
                *live,
                *b.update(there, v.type, [v.zero] * spec.filters, functools.partial(self._points, row, point_mask)),
            ]
            for q in range(roll.consumes):
                inside = b.compare("ult", b.add(place, pitches[q]), a["height_size"])
                here = b.at(source, offsets[q])
                if roll.live > 1:
                    for i in range(spec.read):
                        b.prefetch(b.at(here, window_ahead, i * v.lanes * spec.element))
                body = functools.partial(self._accumulate, here, q, live, masks)
                totals = b.update(inside, v.type, totals, body)
            following = [b.at(row, points_step), b.at(source, offsets[-1]), b.add(number, 1), b.add(place, pitches[-1])]
            turn.carry([*following, *totals, *live[spec.filters :]])
        return turn.results[4 : 4 + self.count]

    def _points(self, row: str, mask: str, _: list[str]) -> list[str]:
        b, v, spec = self.b, self.v, self.spec
        rows = [b.at(row, b.mul(self.a["points_c"], m)) for m in range(spec.filters)]
        if spec.masked:
            return [v.load_masked(at, self._kept(mask), spec.source_dtype) for at in rows]
        return [v.load_as(at, spec.source_dtype) for at in rows]

    def _accumulate(
        self, row: str, q: int, live: list[str], masks: dict[tuple[int, int], str], sums: list[str]
    ) -> list[str]:
        """One window row: each tap's columns times the point rows that it meets."""
        v, spec = self.v, self.spec
        sums = list(sums)
        loaded: dict[tuple[int, int], str] = {}
        for t, offset in enumerate(spec.offsets):
            pixels = self._pixels(row, offset, masks, loaded)
            for source_row, slot, tap in spec.rolling.terms:
                if source_row != q:
                    continue
                for m in range(spec.filters):
                    k = (m * spec.rows + tap) * len(spec.offsets) + t
                    sums[k] = v.fma(pixels, live[slot * spec.filters + m], sums[k])
        return sums

    def _keep(self, mask: str) -> str:
        return self.v.keep(mask) if self.v.masks else mask

    def _kept(self, mask: str) -> str:
        return self.v.kept(mask) if self.v.masks else mask

    def _raws(self, offset: int) -> list[tuple[int, int]]:
        """The dense vectors that hold a (strided) vector of columns: (first column of the first, which)."""
        return [(offset - offset % self.spec.read, k) for k in range(self.spec.read)]

    def _pixels(
        self, row: str, offset: int, masks: dict[tuple[int, int], str], loaded: dict[tuple[int, int], str]
    ) -> str:
        b, v, spec = self.b, self.v, self.spec
        for first, k in self._raws(offset):
            if (first, k) in loaded:
                continue
            at = b.at(row, (first + k * v.lanes) * spec.element)
            if spec.masked:
                loaded[first, k] = v.load_masked(at, self._kept(masks[first, k]), spec.source_dtype)
            else:
                loaded[first, k] = v.select(self._kept(masks[first, k]), v.load_as(at, spec.source_dtype))
        raws = [loaded[raw] for raw in self._raws(offset)]
        return v.pick(raws, [offset % spec.read + spec.read * i for i in range(v.lanes)])


@functools.cache
def finishing_kernel(mode: str, dtype: str, accumulator: str, target: Target) -> str:
    """Adds the pieces of each weight, in their order, and stores it."""
    b, v, a = begin_vectors(FINISHING_ARGUMENTS, accumulator, target)
    element = ELEMENT_BYTES[dtype]

    def dense(row: str) -> None:
        begin, end = share(b, row, a["row"], a["total"])
        with b.loop(begin, end, v.lanes) as i:
            at = b.at(a["sums_ptr"], b.mul(i.index, v.bytes))
            with b.loop(1, a["pieces"], carried=[(v.type, v.load(at))]) as piece:
                more = v.load(b.at(at, b.mul(piece.index, a["piece_bytes"])))
                piece.carry([v.add(piece.values[0], more)])
            to, value, left = b.at(a["weight_ptr"], b.mul(i.index, element)), piece.results[0], b.sub(end, i.index)
            b.either(
                b.compare("sge", left, v.lanes),
                functools.partial(v.store_as, value, to, dtype),
                functools.partial(_tail, v, value, to, left, dtype),
            )

    def scattered(row: str) -> None:
        block, channel = split(b, row, a["channels"])
        corner = b.at(a["weight_ptr"], b.mul(block, a["weight_filter"]), b.mul(channel, a["weight_channel"]))
        source = b.at(a["sums_ptr"], b.mul(b.mul(row, a["row"]), v.bytes))
        with b.loop(0, a["row"]) as i:
            place = b.word(a["places_ptr"], i.index)
            with b.when(b.compare("sge", place, 0)):
                at = b.at(source, b.mul(i.index, v.bytes))
                with b.loop(1, a["pieces"], carried=[(v.element, b.load(v.element, at, v.bytes))]) as piece:
                    more = b.load(v.element, b.at(at, b.mul(piece.index, a["piece_bytes"])), v.bytes)
                    piece.carry([b.let(f"fadd {v.element} {piece.values[0]}, {more}")])
                if dtype == accumulator:
                    b.store(v.element, piece.results[0], b.at(corner, place))
                else:
                    scalar_narrow(b, piece.results[0], b.at(corner, place), dtype)

    with tickets(b, a["items"]) as item, b.loop(*share(b, item, a["rows_per_item"], a["rows"])) as row:
        (dense if mode == "dense" else scattered)(row.index)
    return b.text()


def _tail(v: Vectors, value: str, to: str, left: Value, dtype: str) -> None:
    v.store_masked(value, to, v.mask(left), dtype)
