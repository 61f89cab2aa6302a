"""Code that packs filters into tiles of pairs of channels, by what lies side by side in the weight tensor."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from tilewise.algorithms.amx.grid import BLOCK
from tilewise.algorithms.amx.packer import Packer
from tilewise.ir.amx import ROWS, TILE_BYTES
from tilewise.ir.builder import Builder, Value
from tilewise.ir.vectors import Vectors, scalar_widen

PAIRS = BLOCK // 2
LANES = ROWS  # filters of a tile
# What a kernel is told that packs filters.
FILTER_ARGUMENTS = (
    "blocks", "channel_blocks", "taps", "channels", "outputs", "group_stride", "lane_stride", "channel_stride",
    "tap_ptr", "weight_ptr", "status_ptr",
)  # fmt: skip


@dataclass(frozen=True)
class FilterReading:
    """How weights are read and what they become: what the code that packs them is specialised on."""

    mode: str
    columns: int
    halves: int
    parts: int
    dtype: str

    @property
    def together(self) -> int:
        """Halves packed at once: both, where a line of memory has lanes of both."""
        return self.halves if self.mode == "lanes" and self.dtype == "bfloat16" else 1


class FilterPacker(Packer):
    """Emits the packing of filters; the kernel's arguments have FILTER_ARGUMENTS among them."""

    def __init__(self, b: Builder, v: Vectors, a: dict[str, str], reading: FilterReading):
        super().__init__(b, v, a, reading.parts, reading.dtype)
        self.reading, self._ahead = reading, True
        self.part_bytes = reading.halves * TILE_BYTES
        self.tap_bytes = reading.parts * self.part_bytes
        self.panel_bytes = b.mul(b.mul(a["channel_blocks"], a["taps"]), self.tap_bytes)
        self._row = b.stack(v.lanes * v.bytes)

    def panel(self, group: Value, block: Value, to: str) -> None:
        """All that one block of destination channels is multiplied with."""
        steps = self.reading.halves // self.reading.together
        with self.b.loop(0, self.a["channel_blocks"]) as chunk, self.b.loop(0, steps) as step:
            self.tiles(group, block, step.index, chunk.index, to)

    def tiles(self, group: Value, block: Value, step: Value, chunk: Value, panel: str) -> None:
        """All taps and parts of 32 source channels and of a half, or both at one step, of a block's destinations."""
        b, a = self.b, self.a
        half = b.mul(step, self.reading.together)
        lane = b.mul(b.add(b.mul(block, self.reading.halves), half), LANES)
        channel = b.mul(chunk, BLOCK)
        source = b.at(
            a["weight_ptr"], b.mul(group, a["group_stride"]), b.mul(lane, a["lane_stride"]),
            b.mul(channel, a["channel_stride"]),
        )  # fmt: skip
        to = b.at(panel, b.mul(b.mul(chunk, a["taps"]), self.tap_bytes), b.mul(half, TILE_BYTES))
        how: dict[str, Callable[[str, str, Value, Value, int], None]] = {
            "lanes": self._lanes, "channels": self._channels, "taps": self._taps, "nothing": self._nothing,
            "joined": self._joined,
        }  # fmt: skip
        if self._cut.exact and self.reading.mode == "lanes":
            self._paired_lanes(source, to, b.sub(a["outputs"], lane), b.sub(a["channels"], channel))
            return
        for first in range(0, LANES, self.v.lanes):
            at = b.at(to, first * 4)
            how[self.reading.mode](source, at, b.sub(a["outputs"], lane), b.sub(a["channels"], channel), first)

    def _put(self, even: str, odd: str, to: str) -> None:
        """Both channels of a pair, for a vector of filters, to their place in the tile of part 0."""
        b, ints = self.b, self._cut.ints
        for number, (low, high) in enumerate(zip(self._cut.split(even), self._cut.split(odd), strict=True)):
            shifted = b.let(f"shl {ints} {high}, {self.v.integers(16)}")
            at = b.at(to, number * self.part_bytes)
            b.store(ints, b.let(f"or {ints} {low}, {shifted}"), at, 4 * self.v.lanes)

    def _tap(self, number: Value) -> str:
        return self.b.word(self.a["tap_ptr"], number)

    def _rows(self, source: str, lanes: Value, first: int) -> list[str]:
        """Where each lane's weights begin; lanes that do not exist repeat the last one: nobody asks for their sums."""
        b = self.b
        last = b.sub(lanes, 1)
        return [b.at(source, b.mul(self.a["lane_stride"], b.min(last, first + k))) for k in range(self.v.lanes)]

    def _next(self, *places: str) -> None:
        """Ask for what the next block of channels has in place of what lies at some addresses."""
        further = self.b.mul(self.a["channel_stride"], BLOCK)
        for place in places:
            self._ask(place, further)

    def _existing(self, channels: Value, number: Value, mask: str) -> str:
        """A mask where a channel exists, none where it does not: tiles have zeros there."""
        some = self.b.compare("sgt", channels, number)
        return self.b.select(some, f"<{self.v.lanes} x i1>", mask, "zeroinitializer")

    def _lanes(self, source: str, to: str, lanes: Value, channels: Value, first: int) -> None:
        """Lanes lie side by side: rows are read as they are."""
        b, v = self.b, self.v
        mask = v.mask(b.sub(lanes, first))

        def row(tap: Value, channel: Value) -> str:
            offset = b.add(b.mul(channel, self.a["channel_stride"]), first * self.element)
            place = b.at(b.at(source, self._tap(tap)), offset)
            self._next(place)
            return v.load_masked(place, self._existing(channels, channel, mask), self.dtype)

        self._pairs(to, row)

    def _paired_lanes(self, source: str, to: str, lanes: Value, channels: Value) -> None:
        """The same for lanes that are bfloat16: neighbouring rows are interleaved, those of both halves at once."""
        b, two, stride = self.b, self._two, self.a["channel_stride"]
        places = range(0, LANES * self.reading.together, two.lanes)
        masks = [two.mask(b.sub(lanes, place)) for place in places]
        with b.loop(0, self.a["taps"]) as tap, b.loop(0, PAIRS) as pair:
            rows = []
            for channel in (b.mul(pair.index, 2), b.add(b.mul(pair.index, 2), 1)):
                at = b.at(b.at(source, self._tap(tap.index)), b.mul(channel, stride))
                self._next(at)
                some = [self._existing(channels, channel, mask) for mask in masks]
                rows.append([two.load_patterns(b.at(at, 2 * place), m) for place, m in zip(places, some, strict=True)])
            values = [two.pair(*both) for both in zip(*rows, strict=True)]
            self._cut.watch.see(*values)
            line = b.at(to, b.mul(tap.index, self.tap_bytes), b.mul(pair.index, 4 * LANES))
            for place, value in zip(places, values, strict=True):
                half, lane = divmod(place, LANES)
                b.store(two.pairs, value, b.at(line, half * TILE_BYTES + lane * 4), 4 * two.lanes)

    def _nothing(self, source: str, to: str, lanes: Value, channels: Value, first: int) -> None:
        """Rows are put together element by element. A channel that does not exist is read from the last one."""
        b = self.b

        def row(tap: Value, channel: Value) -> str:
            near = b.min(channel, b.sub(channels, 1))
            at = b.at(b.at(source, self._tap(tap)), b.mul(near, self.a["channel_stride"]))
            return self._gathered(at, lanes, first, b.compare("sgt", channels, channel))

        self._pairs(to, row)

    def _joined(self, source: str, to: str, lanes: Value, channels: Value, first: int) -> None:
        """Every element of a line has a place of its own in the table, or none and is zero."""
        b = self.b

        def row(tap: Value, channel: Value) -> str:
            offset = self._tap(b.add(b.mul(tap, BLOCK), channel))
            return self._gathered(b.at(source, b.max(offset, 0)), lanes, first, b.compare("sge", offset, 0))

        self._pairs(to, row)

    def _gathered(self, at: str, lanes: Value, first: int, exists: str) -> str:
        """A row of lanes that lie apart, put together as floats; zeros where it does not exist."""
        b, v = self.b, self.v
        for k, place in enumerate(self._rows(at, lanes, first)):
            b.store("float", scalar_widen(b, place, self.dtype, "float"), b.at(self._row, k * 4), 4)
        mask = b.select(exists, f"<{v.lanes} x i1>", v.mask(v.lanes), "zeroinitializer")
        return v.select(mask, v.load(self._row))

    def _pairs(self, to: str, row: Callable[[Value, Value], str]) -> None:
        """Every tap and pair; `row` reads the lanes of a tap and channel."""
        b = self.b
        with b.loop(0, self.a["taps"]) as tap, b.loop(0, PAIRS) as pair:
            even, odd = (row(tap.index, b.add(b.mul(pair.index, 2), second)) for second in range(2))
            self._cut.see(even, odd)
            self._put(even, odd, b.at(to, b.mul(tap.index, self.tap_bytes), b.mul(pair.index, 4 * LANES)))

    def _channels(self, source: str, to: str, lanes: Value, channels: Value, first: int) -> None:
        """Channels lie side by side: squares of lanes by channels are transposed, neighbours make pairs."""
        b, v = self.b, self.v
        rows = self._rows(source, lanes, first)
        if self._cut.exact:
            self._paired_channels(rows, to, channels)
            return
        with b.loop(0, self.a["taps"]) as tap, b.loop(0, BLOCK, v.lanes) as channel:
            mask = v.mask(b.sub(channels, channel.index))
            offset = b.add(self._tap(tap.index), b.mul(channel.index, self.element))
            places = [b.at(row, offset) for row in rows]
            self._next(*places)
            values = [v.load_masked(place, mask, self.dtype) for place in places]
            self._cut.see(*values)
            table = v.transpose(values)
            at = b.at(to, b.mul(tap.index, self.tap_bytes), b.mul(channel.index, 2 * LANES))
            for k in range(0, v.lanes, 2):
                self._put(table[k], table[k + 1], b.at(at, k // 2 * 4 * LANES))

    def _paired_channels(self, rows: list[str], to: str, channels: Value) -> None:
        """Neighbours that are bfloat16 are pairs as they lie: squares of lanes by pairs are transposed."""
        b, v, two = self.b, self.v, self._two
        with b.loop(0, self.a["taps"]) as tap, b.loop(0, BLOCK, 2 * v.lanes) as channel:
            mask = two.pattern_mask(b.sub(channels, channel.index))
            offset = b.add(self._tap(tap.index), b.mul(channel.index, self.element))
            places = [b.at(row, offset) for row in rows]
            self._next(*places)
            values = [two.load_pairs_masked(place, mask) for place in places]
            self._cut.watch.see(*values)
            at = b.at(to, b.mul(tap.index, self.tap_bytes), b.mul(channel.index, 2 * LANES))
            for k, value in enumerate(two.transpose_pairs(values)):
                b.store(two.pairs, value, b.at(at, k * 4 * LANES), 4 * v.lanes)

    def _taps(self, source: str, to: str, lanes: Value, channels: Value, first: int) -> None:
        """Taps lie side by side: squares of lanes by taps of both channels of a pair are transposed."""
        b, v = self.b, self.v
        rows, start = self._rows(source, lanes, first), self._tap(0)
        columns = min(self.reading.columns, v.lanes)
        with b.loop(0, PAIRS) as pair, b.loop(0, self.a["taps"], columns) as tap:
            count = b.sub(self.a["taps"], tap.index)
            mask, both = v.mask(b.min(count, columns)), []
            for odd in range(2):
                channel = b.add(b.mul(pair.index, 2), odd)
                some = self._existing(channels, channel, mask)
                offset = b.add(start, b.mul(channel, self.a["channel_stride"]), b.mul(tap.index, self.element))
                places = [b.at(row, offset) for row in rows]
                self._next(*places)
                both.append((places, some))
            at = b.at(to, b.mul(tap.index, self.tap_bytes), b.mul(pair.index, 4 * LANES))
            for k, put in enumerate(self._turned(*both)[:columns]):
                with b.when(b.compare("sgt", count, k)):
                    put(b.at(at, k * self.tap_bytes))

    def _turned(self, *both: tuple[list[str], str]) -> list[Callable[[str], None]]:
        """Squares of both channels of pairs, each as places of lanes and a mask, transposed: what writes each row."""
        b, v, two = self.b, self.v, self._two
        if self._cut.exact:
            even, odd = ([two.load_patterns(place, mask) for place in places] for places, mask in both)
            pairs = [two.pair(*values) for values in zip(even, odd, strict=True)]
            self._cut.watch.see(*pairs)
            rows = two.transpose_pairs(pairs)
            return [functools.partial(b.store, two.pairs, row, align=4 * v.lanes) for row in rows]
        tables = []
        for places, mask in both:
            values = [v.load_masked(place, mask, self.dtype) for place in places]
            self._cut.see(*values)
            tables.append(v.transpose(values))
        return [functools.partial(self._put, *row) for row in zip(*tables, strict=True)]
