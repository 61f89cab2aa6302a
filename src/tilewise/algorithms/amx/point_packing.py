"""Code that pairs neighbouring positions of 16 channels, once or twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tilewise.algorithms.amx.grid import LINE
from tilewise.algorithms.amx.packer import Packer
from tilewise.algorithms.amx.walk import stretches
from tilewise.ir.amx import ROWS
from tilewise.ir.builder import Builder, Value
from tilewise.ir.vectors import Vectors, scalar_widen

CHANNELS = ROWS  # of a tile
# What a kernel is told that pairs positions.
POINT_ARGUMENTS = (
    "depth", "height", "width", "images", "out_depth", "out_height", "out_width", "point_channels", "point_lead",
    "point_line_bytes", "point_part", "point_n", "point_c", "point_d", "point_h", "point_w", "point_group_stride",
    "point_ptr", "status_ptr",
)  # fmt: skip


@dataclass(frozen=True)
class PointReading:
    """How a point tensor is read and what it becomes: what the code that pairs it is specialised on."""

    mode: str
    parts: int
    odd: bool
    even: bool
    dtype: str


class PointPacker(Packer):
    """Emits the pairing of positions; the kernel's arguments have POINT_ARGUMENTS among them."""

    def __init__(self, b: Builder, v: Vectors, a: dict[str, str], reading: PointReading):
        super().__init__(b, v, a, reading.parts, reading.dtype)
        self.reading, self.pieces = reading, CHANNELS // v.lanes
        self.block_bytes = b.mul(a["point_part"], reading.parts)
        # Positions that do not lie as rows of channels are turned here, so many at a time.
        self._turned = b.stack(v.lanes * CHANNELS * 4)
        # The parts of the position before: [part][piece].
        self._before = b.stack(reading.parts * CHANNELS * 4)

    def band(self, group: Value, blocks: Value, first: Value, lines: Value, to: str) -> None:
        """All lines of all blocks of a group, for tiles from position `first` on."""
        self._ahead = True
        with self.b.loop(0, blocks) as block:
            at = self.b.at(to, self.b.mul(block.index, self.block_bytes))
            self.lines(group, block.index, first, (0, lines), at)

    def lines(self, group: Value, block: Value, origin: Value, lines: tuple[Value, Value], to: str) -> None:
        """A range of lines of a block of channels; `origin` is the position at line `lead`, an even one."""
        b, a = self.b, self.a
        channel = b.mul(block, CHANNELS)
        left = b.sub(a["point_channels"], channel)
        source = b.at(a["point_ptr"], b.mul(group, a["point_group_stride"]), b.mul(channel, a["point_c"]))
        # A line holds two positions, and the last one's pair of the other beginning one more.
        base = b.sub(origin, b.mul(a["point_lead"], 2))
        first, last = (b.add(base, b.mul(line, 2)) for line in lines)
        stop = b.add(last, 1)
        b.zero_bytes(self._before, self.parts * CHANNELS * 4)
        strides = [a[f"point_{axis}"] for axis in "ndhw"]
        sizes = [a[f"out_{axis}"] for axis in ("depth", "height", "width")]
        # Pairs are put where their first position says, from the first line's on.
        bounds = first, base, to
        with stretches(b, a, source, strides, sizes, first, stop) as row:
            self._existing(row.at, row.count, left, row.position, bounds)
            self._pairs(row.count, row.extent, lambda number: [], row.position, bounds)

    def _existing(
        self, source: str, count: Value, left: Value, position: Value, bounds: tuple[Value, Value, str]
    ) -> None:
        """Positions of one row, from `position` on, that the tensor has."""
        b, v = self.b, self.v
        if self.reading.mode == "rows":
            masks = [v.mask(b.sub(left, j)) for j in range(0, CHANNELS, v.lanes)]

            def row(number: Value) -> list[str]:
                at = b.at(source, b.mul(number, self.a["point_w"]))
                self._ask(at, b.mul(self.a["point_c"], CHANNELS))
                places = [b.at(at, j * v.lanes * self.element) for j in range(self.pieces)]
                return [v.load_masked(p, m, self.dtype) for p, m in zip(places, masks, strict=True)]

            self._pairs(0, count, row, position, bounds)
            return

        def turned(number: Value) -> list[str]:
            row = b.at(self._turned, b.mul(number, CHANNELS * 4))
            return [v.load(b.at(row, j * v.lanes * 4)) for j in range(self.pieces)]

        turn = self._squares if self.reading.mode == "planes" else self._elements
        with b.loop(0, count, v.lanes) as w:
            here = b.min(b.sub(count, w.index), v.lanes)
            turn(b.at(source, b.mul(w.index, self.a["point_w"])), here, left)
            self._pairs(0, here, turned, b.add(position, w.index), bounds)

    def _squares(self, at: str, here: Value, left: Value) -> None:
        """Positions by channels, transposed into rows of channels.

        A channel that does not exist is read from the last one: nobody asks for its sums.
        """
        b, v = self.b, self.v
        mask, last = v.mask(here), b.sub(left, 1)
        for j in range(0, CHANNELS, v.lanes):
            places = [b.at(at, b.mul(self.a["point_c"], b.min(last, k))) for k in range(j, j + v.lanes)]
            for place in places:
                self._ask(place, b.mul(self.a["point_c"], CHANNELS))
            rows = [v.load_masked(place, mask, self.dtype) for place in places]
            for p, value in enumerate(v.transpose(rows)):
                v.store(value, b.at(self._turned, (p * CHANNELS + j) * 4))

    def _elements(self, at: str, here: Value, left: Value) -> None:
        b, v = self.b, self.v
        b.zero_bytes(self._turned, v.lanes * CHANNELS * 4)
        with b.loop(0, here) as p, b.loop(0, b.min(left, CHANNELS)) as k:
            place = b.at(at, b.mul(p.index, self.a["point_w"]), b.mul(k.index, self.a["point_c"]))
            value = scalar_widen(b, place, self.dtype, "float")
            b.store("float", value, b.at(self._turned, b.mul(p.index, CHANNELS * 4), b.mul(k.index, 4)), 4)

    def _pairs(
        self, first: Value, last: Value, read: Callable[[Value], list[str]], position: Value,
        bounds: tuple[Value, Value, str],
    ) -> None:  # fmt: skip
        """Positions first .. last-1 from one on, each paired with the one before; `read` gives nothing for zeros."""
        b, ints, watch = self.b, self._cut.ints, self._cut.watch
        places = [
            b.at(self._before, (part * CHANNELS + j * self.v.lanes) * 4)
            for part in range(self.parts)
            for j in range(self.pieces)
        ]
        carried = [(ints, b.load(ints, at, 4)) for at in places] + [(watch.kind, watch.largest())]
        with b.loop(first, last, carried=carried) as loop:
            values, seen = read(loop.index), loop.values[-1]
            now = ["zeroinitializer"] * len(places)
            if values:
                seen = watch.larger(seen, *self._cut.patterns(*values))
                cuts = [self._cut.split(value) for value in values]
                now = [cuts[j][p] for p in range(self.parts) for j in range(self.pieces)]
            self._put(loop.values[:-1], now, b.add(position, loop.index), bounds)
            loop.carry([*now, seen])
        for value, at in zip(loop.results, places, strict=False):
            b.store(ints, value, at, 4)
        watch.keep(loop.results[-1])

    def _put(self, before: list[str], now: list[str], position: Value, bounds: tuple[Value, Value, str]) -> None:
        """The pair of the position before and this one."""
        b, v, ints = self.b, self.v, self._cut.ints
        first, base, to = bounds
        number = b.sub(b.sub(position, 1), base)
        odd = b.let(f"and i64 {number}, 1")
        wanted = b.compare("sge", b.sub(position, 1), first)
        if self.reading.odd != self.reading.even:
            wanted = b.both(wanted, b.compare("eq", odd, int(self.reading.odd)))
            odd = "0"
        with b.when(wanted):
            line = b.let(f"ashr i64 {number}, 1")
            at = b.at(to, b.mul(odd, self.a["point_line_bytes"]), b.mul(line, LINE))
            for k, (low, high) in enumerate(zip(before, now, strict=True)):
                part, j = divmod(k, self.pieces)
                shifted = high if high == "zeroinitializer" else b.let(f"shl {ints} {high}, {v.integers(16)}")
                where = b.at(at, b.mul(self.a["point_part"], part), j * v.lanes * 4)
                b.store(ints, b.let(f"or {ints} {low}, {shifted}"), where, 4 * v.lanes)
