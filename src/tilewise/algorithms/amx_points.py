"""What weight-gradient tiles load as their right operand: pairs of neighbouring positions of 16 point channels.

Lines of two positions lie as [block of 16 channels][part][beginning][line][16 channels][2], the pairs that TDPBF16PS
takes. A tap's shift is a difference of lines; an odd one meets other pairs than an even one, so positions are paired
twice where taps of both kinds exist, beginning at even and at odd positions. Gaps between rows are zero.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tilewise.algorithms.amx_grid import Grid
from tilewise.algorithms.plan import Base, Location, step
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.parts import Parts
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_widen
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

CHANNELS = 16  # of a tile
SPAN = 32  # positions of a tile
LINE = 64
# What a kernel is told that pairs positions.
POINT_ARGUMENTS = (
    "depth", "height", "width", "images", "out_depth", "out_height", "out_width", "point_channels", "point_lead",
    "point_line_bytes", "point_part", "point_n", "point_c", "point_d", "point_h", "point_w", "point_group_stride",
    "point_ptr", "status_ptr",
)  # fmt: skip
_ARGUMENTS = Arguments(["items", "blocks", "chunks", "per_chunk", "lines", "packed_ptr", *POINT_ARGUMENTS])
# Lines of one ticket.
_PER_ITEM = 128


@dataclass(frozen=True)
class PointLines:
    """How a problem's point tensor is paired, for `spans` tiles' positions at a time and taps of these shifts."""

    problem: ConvProblem
    grid: Grid
    parts: int
    spans: int
    lowest: int
    highest: int
    odd: bool  # whether some shift is odd
    even: bool

    @classmethod
    def of(cls, problem: ConvProblem, grid: Grid, parts: int, spans: int, shifts: Sequence[int]) -> PointLines:
        """For the positions of so many tiles, met under these shifts."""
        kinds = {shift & 1 for shift in shifts}
        return cls(problem, grid, parts, spans, min(shifts), max(shifts), 1 in kinds, 0 in kinds)

    @property
    def beginnings(self) -> int:
        """How many times positions are paired."""
        return self.odd + self.even

    @property
    def blocks(self) -> int:
        """Blocks of channels."""
        return -(-self.problem.destination_channels // CHANNELS)

    @property
    def lead(self) -> int:
        """Lines before the first position."""
        return max(0, self.highest) // 2 + 2

    @property
    def lines(self) -> int:
        """Lines of one block, part and beginning."""
        return self.lead + self.spans * SPAN // 2 + max(0, -self.lowest) // 2 + 2

    @property
    def part_bytes(self) -> int:
        """From part to part."""
        return self.beginnings * self.lines * LINE

    @property
    def block_bytes(self) -> int:
        """From one block of channels to the next."""
        return self.parts * self.part_bytes

    @property
    def group_bytes(self) -> int:
        """All of a group."""
        return self.blocks * self.block_bytes

    def offset(self, shift: int) -> int:
        """Where the lines begin that meet the window's position 0 under a tap's shift."""
        start = -shift
        second = (start & 1) * (self.beginnings - 1)
        return (second * self.lines + self.lead + (start >> 1)) * LINE

    @property
    def reading(self) -> Reading:
        """How the tensor is read."""
        _, sc, _, _, sw = self.problem.destination.strides
        mode = "rows" if sc == 1 else "planes" if sw == 1 else "elements"
        return Reading(mode, self.parts, self.odd, self.even, self.problem.dtype)

    def arguments(self) -> tuple[dict[str, int], dict[str, Location]]:
        """The values and addresses of POINT_ARGUMENTS."""
        spec, element = self.problem.destination, ELEMENT_BYTES[self.problem.dtype]
        depth, height, width = self.grid.pitches
        sn, sc, sd, sh, sw = (s * element for s in spec.strides)
        values = {
            "depth": depth, "height": height, "width": width, "images": self.grid.batch, "out_depth": spec.shape[2],
            "out_height": spec.shape[3], "out_width": spec.shape[4],
            "point_channels": self.problem.destination_channels, "point_lead": self.lead,
            "point_line_bytes": self.lines * LINE, "point_part": self.part_bytes, "point_n": sn, "point_c": sc,
            "point_d": sd, "point_h": sh, "point_w": sw, "point_group_stride": sc * self.problem.destination_channels,
        }  # fmt: skip
        return values, {"point_ptr": Location(Base.DESTINATION), "status_ptr": Location(Base.STATUS)}

    def pack(self, packed: Location, target: Target) -> Step:
        """The step that pairs all of it: [group], then as above."""
        values, addresses = self.arguments()
        chunks = -(-self.lines // _PER_ITEM)
        values |= {
            "items": self.problem.groups * self.blocks * chunks, "blocks": self.blocks, "chunks": chunks,
            "per_chunk": _PER_ITEM, "lines": self.lines,
        }  # fmt: skip
        return step(_kernel(self.reading, target), _ARGUMENTS, values, addresses | {"packed_ptr": packed}, waits=False)


@dataclass(frozen=True)
class Reading:
    """How a point tensor is read and what it becomes: what the code that pairs it is specialised on."""

    mode: str
    parts: int
    odd: bool
    even: bool
    dtype: str


@functools.cache
def _kernel(reading: Reading, target: Target) -> str:
    """A ticket is some lines of a block of channels."""
    b, v, a = begin_vectors(_ARGUMENTS, "float32", target)
    packer = PointPacker(b, v, a, reading)
    with tickets(b, a["items"]) as item:
        group, block, chunk = split(b, item, a["blocks"], a["chunks"])
        lines = share(b, chunk, a["per_chunk"], a["lines"])
        to = b.at(a["packed_ptr"], b.mul(b.add(b.mul(group, a["blocks"]), block), packer.block_bytes))
        packer.begin()
        packer.lines(group, block, 0, lines, to)
        packer.report()
    return b.text()


class PointPacker:
    """Emits the pairing of positions; the kernel's arguments have POINT_ARGUMENTS among them."""

    def __init__(self, b: Builder, v: Vectors, a: dict[str, str], reading: Reading):
        self.b, self.v, self.a, self.reading = b, v, a, reading
        self.element, self.pieces = ELEMENT_BYTES[reading.dtype], CHANNELS // v.lanes
        self.block_bytes = b.mul(a["point_part"], reading.parts)
        self._cut = Parts(v, reading.parts, reading.dtype == "bfloat16")
        # Positions that do not lie as rows of channels are turned here, so many at a time.
        self._turned = b.stack(v.lanes * CHANNELS * 4)
        # The parts of the position before: [part][piece].
        self._before = b.stack(reading.parts * CHANNELS * 4)
        self._ahead = False

    def begin(self) -> None:
        """Forget which values were seen."""
        self._cut.begin()

    def report(self) -> None:
        """Say whether the parts could not carry some value."""
        self._cut.report(self.a["status_ptr"])

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
        b.zero_bytes(self._before, self.reading.parts * CHANNELS * 4)
        with b.repeat([("i64", first)], lambda carried: b.compare("slt", carried[0], stop)) as run:
            position = run.values[0]
            inside = b.max(position, 0)
            n, d, h, w = split(b, inside, a["depth"], a["height"], a["width"])
            # Positions before the first one are one stretch of zeros.
            row = b.select(b.compare("slt", position, 0), "i64", b.sub(0, position), b.sub(a["width"], w))
            extent = b.min(row, b.sub(stop, position))
            exists = b.both(
                b.both(b.compare("slt", d, a["out_depth"]), b.compare("slt", h, a["out_height"])),
                b.both(b.compare("slt", n, a["images"]), b.compare("sge", position, 0)),
            )
            count = b.select(exists, "i64", b.max(b.min(b.sub(a["out_width"], w), extent), 0), 0)
            at = b.at(
                source, b.mul(n, a["point_n"]), b.mul(d, a["point_d"]), b.mul(h, a["point_h"]),
                b.mul(w, a["point_w"]),
            )  # fmt: skip
            # Pairs are put where their first position says, from the first line's on.
            bounds = first, base, to
            self._existing(at, count, left, position, bounds)
            self._pairs(count, extent, lambda number: [], position, bounds)
            run.carry([b.add(position, extent)])

    def _existing(
        self, source: str, count: Value, left: Value, position: Value, bounds: tuple[Value, Value, str]
    ) -> None:
        """Positions of one row, from `position` on, that the tensor has."""
        b, v = self.b, self.v
        if self.reading.mode == "rows":
            masks = [v.mask(b.sub(left, j)) for j in range(0, CHANNELS, v.lanes)]

            def row(number: Value) -> list[str]:
                at = b.at(source, b.mul(number, self.a["point_w"]))
                self._ask(at)
                places = [b.at(at, j * v.lanes * self.element) for j in range(self.pieces)]
                return [v.load_masked(p, m, self.reading.dtype) for p, m in zip(places, masks, strict=True)]

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

    def _ask(self, at: str) -> None:
        """Ask for what the next block of channels has in place of what lies at an address."""
        if self._ahead:
            self.b.prefetch(self.b.at(at, self.b.mul(self.a["point_c"], CHANNELS)))

    def _squares(self, at: str, here: Value, left: Value) -> None:
        """Positions by channels, transposed into rows of channels.

        A channel that does not exist is read from the last one: nobody asks for its sums.
        """
        b, v = self.b, self.v
        mask, last = v.mask(here), b.sub(left, 1)
        for j in range(0, CHANNELS, v.lanes):
            places = [b.at(at, b.mul(self.a["point_c"], b.min(last, k))) for k in range(j, j + v.lanes)]
            for place in places:
                self._ask(place)
            rows = [v.load_masked(place, mask, self.reading.dtype) for place in places]
            for p, value in enumerate(v.transpose(rows)):
                v.store(value, b.at(self._turned, (p * CHANNELS + j) * 4))

    def _elements(self, at: str, here: Value, left: Value) -> None:
        b, v = self.b, self.v
        b.zero_bytes(self._turned, v.lanes * CHANNELS * 4)
        with b.loop(0, here) as p, b.loop(0, b.min(left, CHANNELS)) as k:
            place = b.at(at, b.mul(p.index, self.a["point_w"]), b.mul(k.index, self.a["point_c"]))
            value = scalar_widen(b, place, self.reading.dtype, "float")
            b.store("float", value, b.at(self._turned, b.mul(p.index, CHANNELS * 4), b.mul(k.index, 4)), 4)

    def _pairs(
        self, first: Value, last: Value, read: Callable[[Value], list[str]], position: Value,
        bounds: tuple[Value, Value, str],
    ) -> None:  # fmt: skip
        """Positions first .. last-1 from one on, each paired with the one before; `read` gives nothing for zeros."""
        b, ints, watch = self.b, self._cut.ints, self._cut.watch
        places = [
            b.at(self._before, (part * CHANNELS + j * self.v.lanes) * 4)
            for part in range(self.reading.parts)
            for j in range(self.pieces)
        ]
        carried = [(ints, b.load(ints, at, 4)) for at in places] + [(watch.kind, watch.largest())]
        with b.loop(first, last, carried=carried) as loop:
            values, seen = read(loop.index), loop.values[-1]
            now = ["zeroinitializer"] * len(places)
            if values:
                seen = watch.larger(seen, *self._cut.patterns(*values))
                cuts = [self._cut.split(value) for value in values]
                now = [cuts[j][p] for p in range(self.reading.parts) for j in range(self.pieces)]
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
