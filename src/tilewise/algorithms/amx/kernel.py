"""The kernel of `amx`: 32 positions by 32 filters in four tiles, summed over blocks of 32 channels and a table of taps.

A tap is a difference of lines in packed positions, the same for all of them; tiles run over the ends of rows, and what
falls into the gaps between rows is computed and not stored. Both operands are packed ahead, or one of them by the
tickets that multiply it, in their thread's scratch, so that it stays in the second-level cache: a band of positions,
or, where positions are few, the filters.
"""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass

from tilewise.algorithms.amx.filter_packing import FILTER_ARGUMENTS, FilterPacker, FilterReading
from tilewise.algorithms.amx.gaps import Gaps
from tilewise.algorithms.amx.grid import LINE
from tilewise.algorithms.amx.products import POSITIONS, TileProducts
from tilewise.algorithms.amx.source_packing import LINE_ARGUMENTS, line_packer
from tilewise.algorithms.common.storing import TileStore
from tilewise.ir.amx import TILE_BYTES, Tiles
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import SLOTS, Arguments, scratch_slot, share, split, tickets
from tilewise.ir.parts import PASSES, begin_parts
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors
from tilewise.target import Target

_COMMON = (
    "items", "filter_chunks", "position_chunks", "blocks", "blocks_per_item", "position_blocks", "positions_per_item",
    "outputs", "channel_blocks", "tap_count", "source_block", "filter_block", "out_depth", "out_height", "out_width",
    "target_n", "target_d", "target_h", "target_w", "target_c", "target_group", "group_outputs", "part_bytes",
    "depth", "height", "width", "images", "read_depth", "read_height", "taps_ptr", "bias_ptr", "target_ptr",
)  # fmt: skip
_LINES = ("source_group", "line_bytes", "last_position", "first_block", "lines_ptr")
_FILTERS = ("filter_group", "filter_panel", "filters_ptr")


def _arguments(*names: str) -> Arguments:
    """The arguments of one kernel: names that several of its parts know stand once."""
    return Arguments(list(dict.fromkeys([*_COMMON, *names])))


# By what tickets pack.
ARGUMENTS = {
    "": _arguments(*_LINES, *_FILTERS),
    "source": _arguments(*SLOTS, "lead", "trail", *LINE_ARGUMENTS, *_FILTERS),
    "filters": _arguments(*SLOTS, *FILTER_ARGUMENTS, *_LINES),
}


@dataclass(frozen=True)
class Spec:
    """What the generated code is specialised on; `packs` is what tickets pack: the source, the filters, or nothing."""

    dtype: str
    result_dtype: str
    parts: int
    halves: int
    store: str
    bias: bool
    packs: str
    source: str  # how they read it
    filters: FilterReading | None  # how they read them
    skips: bool  # whether taps are left out of tiles for which they read nothing
    gaps: bool  # whether tiles are left out for whose positions nothing is written
    ready: bool  # whether the source lies in lines as it is
    target: Target


@functools.cache
def kernel(spec: Spec) -> str:
    """A ticket is some position blocks by some blocks of destination channels, of one group."""
    arguments = ARGUMENTS[spec.packs]
    b, v, a = begin_parts(arguments, spec.target)
    frame = _Frame(b, v, a, spec)
    if not spec.packs:
        frame.work("")
    else:
        with scratch_slot(b, arguments, a) as slot:
            frame.work(slot)
    return b.text()


class _Frame:
    """What a thread has: tiles, the bias as a row, and a scratch tile in which sums wait to be stored."""

    def __init__(self, b: Builder, v: Vectors, a: dict[str, str], spec: Spec):
        self.b, self.v, self.a, self.spec = b, v, a, spec
        self.lanes = 16 * spec.halves
        self.tiles = Tiles(b, spec.target.emulated)
        self.sums = TileProducts(self.tiles, spec.halves)
        # Squares of the last positions reach past them.
        self.scratch = b.stack((POSITIONS + v.lanes) * self.lanes * 4)
        self.bias_row = b.stack(self.lanes * 4)
        self.finish = TileStore(b, v, spec.result_dtype, self.lanes, spec.store, a["target_w"], a["target_c"])
        self.taps: str = a["taps_ptr"]
        self.tap_count: Value = a["tap_count"]
        self.gaps = Gaps(b, a, spec.skips)
        # From one position's line to the next.
        self.line: Value = a["line_bytes"] if spec.ready else LINE
        if spec.packs == "source":
            self.lines = line_packer(b, v, a, spec.source, spec.parts, spec.dtype)
        if spec.filters is not None:
            self.panels = FilterPacker(b, v, a, spec.filters)

    def work(self, slot: str) -> None:
        """Draw tickets; `slot` is where they pack what they pack."""
        b, a = self.b, self.a
        self.tiles.configure()
        with tickets(b, a["items"]) as item:
            group, filter_chunk, position_chunk = split(b, item, a["filter_chunks"], a["position_chunks"])
            positions = share(b, position_chunk, a["positions_per_item"], a["position_blocks"])
            blocks = share(b, filter_chunk, a["blocks_per_item"], a["blocks"])
            if self.spec.packs == "source":
                begin, end = (b.mul(place, POSITIONS) for place in positions)
                self.lines.begin()
                self.lines.band(group, a["channel_blocks"], b.sub(begin, a["lead"]), b.add(end, a["trail"]), slot)
                self.lines.report()
                source, first = b.at(slot, b.mul(a["lead"], LINE)), begin
            else:
                source, first = (
                    b.at(a["lines_ptr"], b.mul(group, a["source_group"])),
                    b.mul(a["first_block"], POSITIONS),
                )
                positions = b.add(positions[0], a["first_block"]), b.add(positions[1], a["first_block"])
            with b.loop(*blocks) as block:
                if self.spec.packs == "filters":
                    self.panels.begin()
                    self.panels.panel(group, block.index, slot)
                    self.panels.report()
                    panel = slot
                else:
                    to_panel = b.mul(group, a["filter_group"]), b.mul(block.index, a["filter_panel"])
                    panel = b.at(a["filters_ptr"], *to_panel)
                self._block(group, block.index, positions, source, first, panel)
        self.tiles.release()

    def _block(
        self, group: Value, block: Value, positions: tuple[Value, Value], source: str, first: Value, filters: str
    ) -> None:
        """A block of destination channels by a range of position blocks; `source` is where position `first` lies."""
        b, a, lanes = self.b, self.a, self.lanes
        done = b.mul(block, lanes)
        left = b.sub(a["outputs"], done)
        target = b.at(a["target_ptr"], b.mul(group, a["target_group"]), b.mul(done, a["target_c"]))
        if self.spec.bias:
            self._bias(b.add(b.mul(group, a["group_outputs"]), done), left)
        with b.loop(*positions) as number:
            position = b.mul(number.index, POSITIONS)
            if self.spec.ready:  # nothing lies behind the last position: the last tile begins where it ends with it
                position = b.min(position, a["last_position"])
            with b.when(self.gaps.useful(position)) if self.spec.gaps else contextlib.nullcontext():
                if self.spec.skips:
                    self.taps, self.tap_count = self.gaps.listed, self.gaps.live(position)
                self._multiply(b.at(source, b.mul(b.sub(position, first), self.line)), filters)
                self.sums.store(self.scratch)
                self._store_segments(target, position, left)

    def _bias(self, channel: Value, left: Value) -> None:
        b, v, dtype = self.b, self.v, self.spec.dtype
        start = b.at(self.a["bias_ptr"], b.mul(channel, ELEMENT_BYTES[dtype]))
        for j in range(0, self.lanes, v.lanes):
            at = b.at(start, j * ELEMENT_BYTES[dtype])
            v.store(v.load_masked(at, v.mask(b.sub(left, j)), dtype), b.at(self.bias_row, j * 4))

    def _multiply(self, source: str, filters: str) -> None:
        """The microkernel: sums begin with zeros or biases, every row of a tile with the same 16 of them."""

        def bias(tile: int, half: int) -> None:
            self.tiles.load(tile, self.b.at(self.bias_row, half * 64), 0)

        self.sums.begin(bias if self.spec.bias else None)
        for products in PASSES[self.spec.parts]:
            self._pass(source, filters, products)

    def _pass(self, source: str, filters: str, products: tuple[tuple[int, int], ...]) -> None:
        """Some of the products, over all channels and taps."""
        b, a, halves = self.b, self.a, self.spec.halves
        with b.loop(0, a["channel_blocks"], carried=[("ptr", source), ("ptr", filters)]) as block:
            with b.loop(0, self.tap_count) as tap:
                line, panel = b.entry(self.taps, tap.index, 2)
                at, pairs = b.at(block.values[0], line), b.at(block.values[1], panel)

                def lines(part: int, at: str = at) -> str:
                    return b.at(at, b.mul(a["part_bytes"], part))

                def tiles(part: int, half: int, pairs: str = pairs) -> str:
                    return b.at(pairs, (part * halves + half) * TILE_BYTES)

                self.sums.add(products, lines, tiles, self.line)
            block.carry([b.at(block.values[0], a["source_block"]), b.at(block.values[1], a["filter_block"])])

    def _store_segments(self, target: str, position: Value, left: Value) -> None:
        """Write the positions of a tile row by row; those in the gaps between rows are left out."""
        b, a, finish = self.b, self.a, self.finish
        n, d, h, w = split(b, position, a["depth"], a["height"], a["width"])
        start = [("i64", value) for value in (0, n, d, h, w)]
        with b.repeat(
            start,
            lambda c: b.both(b.compare("slt", c[0], POSITIONS), b.compare("slt", c[1], a["images"])),
        ) as segment:
            done, n, d, h, w = segment.values
            run = b.min(b.sub(a["width"], w), b.sub(POSITIONS, done))
            within = b.both(b.compare("slt", h, a["out_height"]), b.compare("slt", d, a["out_depth"]))
            useful = b.max(b.min(b.sub(a["out_width"], w), run), 0)
            count = b.select(within, "i64", useful, 0)
            with b.when(b.compare("sgt", count, 0)):
                to = b.at(
                    target, b.mul(n, a["target_n"]), b.mul(d, a["target_d"]), b.mul(h, a["target_h"]),
                    b.mul(w, a["target_w"]),
                )  # fmt: skip
                finish.store(b.at(self.scratch, b.mul(done, finish.row_bytes)), to, left, count)
            next_h = b.add(h, 1)
            wraps = b.compare("eq", next_h, a["height"])
            next_d = b.select(wraps, "i64", b.add(d, 1), d)
            over = b.compare("eq", next_d, a["depth"])
            segment.carry(
                [
                    b.add(done, run),
                    b.select(over, "i64", b.add(n, 1), n),
                    b.select(over, "i64", 0, next_d),
                    b.select(wraps, "i64", 0, next_h),
                    0,
                ]
            )
