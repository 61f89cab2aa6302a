"""Filters as tiles load them: [group][block][32 channels][tap][part][half][16 pairs][16 filters][2].

A tile holds pairs of channels, the pairs that TDPBF16PS takes from its right operand. Weights are read once, as they
lie, and become bfloat16 parts on the way; all phases of a problem share the result, each with taps of its own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.amx_joining import Joining
from tilewise.algorithms.filters import FilterTerms
from tilewise.algorithms.panels import filter_terms
from tilewise.algorithms.plan import Base, Location, step
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, split, tickets
from tilewise.ir.parts import Parts
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_widen
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

BLOCK = 32  # channels of a tile
PAIRS = BLOCK // 2
LANES = 16  # filters of a tile
TILE = 1024
# What a kernel is told that packs filters.
FILTER_ARGUMENTS = (
    "blocks", "channel_blocks", "taps", "channels", "outputs", "group_stride", "lane_stride", "channel_stride",
    "tap_ptr", "weight_ptr", "status_ptr",
)  # fmt: skip
_ARGUMENTS = Arguments(["items", "packed_ptr", *FILTER_ARGUMENTS])


@dataclass(frozen=True)
class Reading:
    """How weights are read and what they become: what the code that packs them is specialised on."""

    mode: str
    columns: int
    halves: int
    parts: int
    dtype: str


@dataclass(frozen=True)
class TileFilters:
    """The packed filters of `outputs` destination channels a group, from `first` on, `halves` tiles a block."""

    problem: ConvProblem
    first: int
    outputs: int
    halves: int
    parts: int
    joining: Joining | None = None

    @property
    def channels(self) -> int:
        """What a line of the source holds: a position's channels, or those of several taps."""
        return self.joining.channels if self.joining else self.problem.source_channels

    @property
    def taps(self) -> int:
        """Taps, or lines in place of those along W."""
        kd, kh, _ = self.problem.kernel
        return kd * kh * self.joining.lines if self.joining else self.problem.taps

    @property
    def blocks(self) -> int:
        """Blocks of destination channels."""
        return -(-self.outputs // (LANES * self.halves))

    @property
    def channel_blocks(self) -> int:
        """Blocks of source channels."""
        return -(-self.channels // BLOCK)

    @property
    def tap_bytes(self) -> int:
        """One tap of a block of channels."""
        return self.parts * self.halves * TILE

    @property
    def block_bytes(self) -> int:
        """All taps of a block of channels."""
        return self.taps * self.tap_bytes

    @property
    def panel_bytes(self) -> int:
        """All that one block of destination channels is multiplied with."""
        return self.channel_blocks * self.block_bytes

    @property
    def group_bytes(self) -> int:
        """All of a group."""
        return self.blocks * self.panel_bytes

    @property
    def size(self) -> int:
        """All of it."""
        return self.problem.groups * self.group_bytes

    @property
    def reading(self) -> Reading:
        """How the weights are read."""
        terms, channel_stride = self._terms
        element = ELEMENT_BYTES[self.problem.dtype]
        if self.joining:
            return Reading("joined", 0, self.halves, self.parts, self.problem.dtype)
        mode = _mode(terms.channel_stride, channel_stride, terms.offsets, element)
        # Where a run of taps is shorter than a register, the squares' other columns need not be made.
        columns = min(self.problem.taps, LANES) if mode == "taps" else 0
        return Reading(mode, columns, self.halves, self.parts, self.problem.dtype)

    @functools.cached_property
    def _terms(self) -> tuple[FilterTerms, int]:
        """Where the taps of the first channel lie, and the bytes from channel to channel."""
        taps = self.problem.taps
        zeros, numbers = np.zeros(taps, np.int64), np.arange(taps, dtype=np.int64)
        second = filter_terms(self.problem, zeros[:1] + 1, zeros[:1])
        return filter_terms(self.problem, zeros, numbers), int(second.offsets[0])

    def arguments(self) -> tuple[dict[str, int], dict[str, Location], dict[str, NDArray[np.int64]]]:
        """The values, addresses and tables of FILTER_ARGUMENTS."""
        problem, (terms, channel_stride) = self.problem, self._terms
        values = {
            "blocks": self.blocks, "channel_blocks": self.channel_blocks, "taps": self.taps,
            "channels": self.channels, "outputs": self.outputs, "group_stride": terms.group_stride,
            "lane_stride": terms.channel_stride, "channel_stride": channel_stride,
        }  # fmt: skip
        weight = Location(Base.WEIGHT, self.first * terms.channel_stride)
        tables = {"tap_ptr": terms.offsets}
        if self.joining:
            channel, tap = self.joining.filter_taps(BLOCK)
            offsets = filter_terms(problem, channel.clip(0).ravel(), tap.clip(0).ravel()).offsets
            tables = {"tap_ptr": np.where(tap.ravel() < 0, -1, offsets)}
        return values, {"weight_ptr": weight, "status_ptr": Location(Base.STATUS)}, tables

    def pack(self, packed: Location, target: Target) -> Step:
        """The step that packs them. What the parts cannot carry is reported through the status word."""
        values, addresses, tables = self.arguments()
        values["items"] = self.problem.groups * self.blocks * self.halves * self.channel_blocks
        text = _kernel(self.reading, target)
        return step(text, _ARGUMENTS, values, addresses | {"packed_ptr": packed}, tables, waits=False)


def _mode(lane_stride: int, channel_stride: int, taps: NDArray[np.int64], element: int) -> str:
    """What lies side by side in the weight tensor: lanes, source channels, taps, or nothing."""
    if lane_stride == element:
        return "lanes"
    if channel_stride == element:
        return "channels"
    return "taps" if np.array_equal(taps, taps[0] + element * np.arange(len(taps))) else "nothing"


@functools.cache
def _kernel(reading: Reading, target: Target) -> str:
    """A ticket is 16 destination channels by 32 source channels."""
    b, v, a = begin_vectors(_ARGUMENTS, "float32", target)
    packer = FilterPacker(b, v, a, reading)
    with tickets(b, a["items"]) as item:
        group, block, half, chunk = split(b, item, a["blocks"], reading.halves, a["channel_blocks"])
        panel = b.mul(b.add(b.mul(group, a["blocks"]), block), packer.panel_bytes)
        packer.begin()
        packer.tiles(group, block, half, chunk, b.at(a["packed_ptr"], panel))
        packer.report()
    return b.text()


class FilterPacker:
    """Emits the packing of filters; the kernel's arguments have FILTER_ARGUMENTS among them."""

    def __init__(self, b: Builder, v: Vectors, a: dict[str, str], reading: Reading):
        self.b, self.v, self.a, self.reading = b, v, a, reading
        self.dtype, self.element = reading.dtype, ELEMENT_BYTES[reading.dtype]
        self.part_bytes = reading.halves * TILE
        self.tap_bytes = reading.parts * self.part_bytes
        self.panel_bytes = b.mul(b.mul(a["channel_blocks"], a["taps"]), self.tap_bytes)
        self._cut = Parts(v, reading.parts, reading.dtype == "bfloat16")
        self._row = b.stack(v.lanes * v.bytes)

    def begin(self) -> None:
        """Forget which values were seen."""
        self._cut.begin()

    def report(self) -> None:
        """Say whether the parts could not carry some value."""
        self._cut.report(self.a["status_ptr"])

    def panel(self, group: Value, block: Value, to: str) -> None:
        """All that one block of destination channels is multiplied with."""
        with self.b.loop(0, self.a["channel_blocks"]) as chunk, self.b.loop(0, self.reading.halves) as half:
            self.tiles(group, block, half.index, chunk.index, to)

    def tiles(self, group: Value, block: Value, half: Value, chunk: Value, panel: str) -> None:
        """All taps and parts of 16 destination by 32 source channels."""
        b, a = self.b, self.a
        lane = b.mul(b.add(b.mul(block, self.reading.halves), half), LANES)
        channel = b.mul(chunk, BLOCK)
        source = b.at(
            a["weight_ptr"], b.mul(group, a["group_stride"]), b.mul(lane, a["lane_stride"]),
            b.mul(channel, a["channel_stride"]),
        )  # fmt: skip
        to = b.at(panel, b.mul(b.mul(chunk, a["taps"]), self.tap_bytes), b.mul(half, TILE))
        how: dict[str, Callable[[str, str, Value, Value, int], None]] = {
            "lanes": self._lanes, "channels": self._channels, "taps": self._taps, "nothing": self._nothing,
            "joined": self._joined,
        }  # fmt: skip
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

    def _ask(self, *places: str) -> None:
        """Ask for what the next block of channels has in place of what lies at some addresses."""
        ahead = self.b.mul(self.a["channel_stride"], BLOCK)
        for place in places:
            self.b.prefetch(self.b.at(place, ahead))

    def _existing(self, channels: Value, number: Value, mask: str) -> str:
        """A mask where a channel exists, none where it does not: tiles have zeros there."""
        some = self.b.compare("sgt", channels, number)
        return self.b.select(some, f"<{self.v.lanes} x i1>", mask, "zeroinitializer")

    def _lanes(self, source: str, to: str, lanes: Value, channels: Value, first: int) -> None:
        """Lanes lie side by side: rows are read as they are."""
        self._pairs(source, to, channels, lambda at: at, self.v.mask(self.b.sub(lanes, first)), first)

    def _nothing(self, source: str, to: str, lanes: Value, channels: Value, first: int) -> None:
        """Rows are put together element by element."""

        def row(at: str) -> str:
            self._gather(at, lanes, first)
            return self._row

        self._pairs(source, to, channels, row, "", first)

    def _joined(self, source: str, to: str, lanes: Value, channels: Value, first: int) -> None:
        """Every element of a line has a place of its own in the table, or none and is zero."""
        b, v = self.b, self.v
        with b.loop(0, self.a["taps"]) as tap, b.loop(0, PAIRS) as pair:
            values = []
            for odd in range(2):
                offset = self._tap(b.add(b.mul(tap.index, BLOCK), b.mul(pair.index, 2), odd))
                self._gather(b.at(source, b.max(offset, 0)), lanes, first)
                exists = b.select(b.compare("sge", offset, 0), f"<{v.lanes} x i1>", v.mask(v.lanes), "zeroinitializer")
                values.append(v.select(exists, v.load(self._row)))
            self._cut.see(*values)
            to_pair = b.at(to, b.mul(tap.index, self.tap_bytes), b.mul(pair.index, 4 * LANES))
            self._put(values[0], values[1], to_pair)

    def _gather(self, at: str, lanes: Value, first: int) -> None:
        """A row of lanes that lie apart, put together as floats."""
        b = self.b
        for k, place in enumerate(self._rows(at, lanes, first)):
            b.store("float", scalar_widen(b, place, self.dtype, "float"), b.at(self._row, k * 4), 4)

    def _pairs(self, source: str, to: str, channels: Value, row: Callable[[str], str], mask: str, first: int) -> None:
        """Every tap and pair, each channel's lanes being a row: read in place, or where `row` has put it as floats."""
        b, v = self.b, self.v
        with b.loop(0, self.a["taps"]) as tap, b.loop(0, PAIRS) as pair:
            at = b.at(source, self._tap(tap.index))
            values = []
            for odd in range(2):
                channel = b.add(b.mul(pair.index, 2), odd)
                if mask:
                    place = b.at(at, b.mul(channel, self.a["channel_stride"]), first * self.element)
                    self._ask(place)
                    values.append(v.load_masked(place, self._existing(channels, channel, mask), self.dtype))
                else:
                    # A channel that does not exist is read from the last one, and counts as zero.
                    near = b.min(channel, b.sub(channels, 1))
                    value = v.load(row(b.at(at, b.mul(near, self.a["channel_stride"]))))
                    values.append(v.select(self._existing(channels, channel, v.mask(v.lanes)), value))
            self._cut.see(*values)
            to_pair = b.at(to, b.mul(tap.index, self.tap_bytes), b.mul(pair.index, 4 * LANES))
            self._put(values[0], values[1], to_pair)

    def _channels(self, source: str, to: str, lanes: Value, channels: Value, first: int) -> None:
        """Channels lie side by side: squares of lanes by channels are transposed, neighbours make pairs."""
        b, v = self.b, self.v
        rows = self._rows(source, lanes, first)
        with b.loop(0, self.a["taps"]) as tap, b.loop(0, BLOCK, v.lanes) as channel:
            mask = v.mask(b.sub(channels, channel.index))
            offset = b.add(self._tap(tap.index), b.mul(channel.index, self.element))
            places = [b.at(row, offset) for row in rows]
            self._ask(*places)
            values = [v.load_masked(place, mask, self.dtype) for place in places]
            self._cut.see(*values)
            table = v.transpose(values)
            at = b.at(to, b.mul(tap.index, self.tap_bytes), b.mul(channel.index, 2 * LANES))
            for k in range(0, v.lanes, 2):
                self._put(table[k], table[k + 1], b.at(at, k // 2 * 4 * LANES))

    def _taps(self, source: str, to: str, lanes: Value, channels: Value, first: int) -> None:
        """Taps lie side by side: squares of lanes by taps of both channels of a pair are transposed."""
        b, v = self.b, self.v
        rows, start = self._rows(source, lanes, first), self._tap(0)
        columns = min(self.reading.columns, v.lanes)
        with b.loop(0, PAIRS) as pair, b.loop(0, self.a["taps"], columns) as tap:
            count = b.sub(self.a["taps"], tap.index)
            mask, tables = v.mask(b.min(count, columns)), []
            for odd in range(2):
                channel = b.add(b.mul(pair.index, 2), odd)
                some = self._existing(channels, channel, mask)
                offset = b.add(start, b.mul(channel, self.a["channel_stride"]), b.mul(tap.index, self.element))
                places = [b.at(row, offset) for row in rows]
                self._ask(*places)
                values = [v.load_masked(place, some, self.dtype) for place in places]
                self._cut.see(*values)
                tables.append(v.transpose(values))
            at = b.at(to, b.mul(tap.index, self.tap_bytes), b.mul(pair.index, 4 * LANES))
            for k in range(columns):
                with b.when(b.compare("sgt", count, k)):
                    self._put(tables[0][k], tables[1][k], b.at(at, k * self.tap_bytes))
