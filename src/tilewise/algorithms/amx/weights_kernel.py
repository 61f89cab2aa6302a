"""The kernel of `amx_weights`: sums of products of tiles, resumed band by band.

A ticket whose tensors are packed ahead is a piece of the positions by some channels and taps; one that packs them
itself, a band at a time in its thread's scratch, is a piece with all channels and taps.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

from tilewise.algorithms.amx.grid import BLOCK
from tilewise.algorithms.amx.point_packing import POINT_ARGUMENTS, PointPacker, PointReading
from tilewise.algorithms.amx.window_packing import WINDOW_ARGUMENTS, WindowPacker, WindowReading
from tilewise.ir.amx import ROWS, TILE_BYTES, Tiles
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import SLOTS, Arguments, scratch_slot, share, split, tickets
from tilewise.ir.parts import PRODUCTS, begin_parts
from tilewise.ir.vectors import Vectors
from tilewise.target import Target

_COMMON = (
    "items", "groups", "point_blocks", "window_pairs", "taps", "spans", "spans_per_piece", "spans_per_band",
    "window_pair", "window_tile", "window_part", "point_pair", "point_half", "point_part", "piece_bytes", "group_bytes",
    "panel_bytes", "tap_bytes", "pair_bytes", "runs", "table_ptr", "runs_ptr", "window_ptr", "point_ptr", "partial_ptr",
)  # fmt: skip
_BANDS = (
    *SLOTS, "window_tiles", "all_point_blocks", "point_lines", "point_room", "first_point", *WINDOW_ARGUMENTS,
    *POINT_ARGUMENTS,
)  # fmt: skip
# By whether tickets pack.
ARGUMENTS = {
    False: Arguments(
        [*_COMMON, "tap_chunks", "taps_per_chunk", "resumes", "first_span", "window_group", "point_group"]
    ),
    True: Arguments(list(dict.fromkeys([*_COMMON, *_BANDS]))),
}


@dataclass(frozen=True)
class Spec:
    """What the generated code is specialised on; `readings` is how tickets read what they pack, if they do."""

    parts: int
    point_halves: int
    window_halves: int
    readings: tuple[WindowReading, PointReading] | None
    gaps: bool  # whether each tap has a list of the spans that it sums over
    target: Target


@functools.cache
def kernel(spec: Spec) -> str:
    """The kernel for a specification."""
    arguments = ARGUMENTS[spec.readings is not None]
    b, v, a = begin_parts(arguments, spec.target)
    frame = _Frame(b, v, a, spec)
    if spec.readings is None:
        frame.sum_packed()
    else:
        with scratch_slot(b, arguments, a) as slot:
            frame.sum_bands(slot, *spec.readings)
    return b.text()


class _Frame:
    def __init__(self, b: Builder, v: Vectors, a: dict[str, str], spec: Spec):
        self.b, self.v, self.a, self.spec = b, v, a, spec
        self.tiles = Tiles(b, spec.target.emulated)
        self.row_bytes = 64 * spec.point_halves

    def sum_packed(self) -> None:
        """Tickets of some channels and taps of a piece."""
        b, a = self.b, self.a
        self.tiles.configure()
        with tickets(b, a["items"]) as item:
            piece, group, block, pair, chunk = split(
                b, item, a["groups"], a["point_blocks"], a["window_pairs"], a["tap_chunks"]
            )
            window = b.at(a["window_ptr"], b.mul(group, a["window_group"]), b.mul(pair, a["window_pair"]))
            point = b.at(a["point_ptr"], b.mul(group, a["point_group"]), b.mul(block, a["point_pair"]))
            cells = self._cells(piece, group, block, pair)
            first, last = share(b, piece, a["spans_per_piece"], a["spans"])
            with b.loop(first, last, a["spans_per_band"]) as band:
                begins = b.compare("eq", b.add(band.index, a["resumes"]), first)
                spans = band.index, b.min(b.add(band.index, a["spans_per_band"]), last)
                with b.loop(*share(b, chunk, a["taps_per_chunk"], a["taps"])) as tap:
                    self._sum(begins, tap.index, spans, a["first_span"], window, point, cells)
        self.tiles.release()

    def sum_bands(self, slot: str, window_reading: WindowReading, point_reading: PointReading) -> None:
        """Tickets of a piece, whose bands they pack."""
        b, a = self.b, self.a
        windows = WindowPacker(b, self.v, a, window_reading)
        points = PointPacker(b, self.v, a, point_reading)
        room = b.at(slot, a["point_room"])
        self.tiles.configure()
        with tickets(b, a["items"]) as item:
            piece, group = split(b, item, a["groups"])
            first, last = share(b, piece, a["spans_per_piece"], a["spans"])
            with b.loop(first, last, a["spans_per_band"]) as band:
                begins = b.compare("eq", band.index, first)
                stop = b.min(b.add(band.index, a["spans_per_band"]), last)
                begin, end = b.mul(band.index, BLOCK), b.mul(stop, BLOCK)
                for packer in (windows, points):
                    packer.begin()
                windows.band(group, a["window_tiles"], begin, end, slot)
                points.band(group, a["all_point_blocks"], begin, a["point_lines"], room)
                for packer in (windows, points):
                    packer.report()
                spans = 0, b.sub(stop, band.index)
                with b.loop(0, a["point_blocks"]) as block, b.loop(0, a["window_pairs"]) as pair:
                    cells = self._cells(piece, group, block.index, pair.index)
                    window = b.at(slot, b.mul(pair.index, a["window_pair"]))
                    point = b.at(room, a["first_point"], b.mul(block.index, a["point_pair"]))
                    with b.loop(0, a["taps"]) as tap:
                        self._sum(begins, tap.index, spans, band.index, window, point, cells)
        self.tiles.release()

    def _cells(self, piece: Value, group: Value, block: Value, pair: Value) -> str:
        """Where the sums of a piece wait, for two tiles of window by two of point channels."""
        b, a = self.b, self.a
        return b.at(
            a["partial_ptr"], b.mul(piece, a["piece_bytes"]), b.mul(group, a["group_bytes"]),
            b.mul(block, a["panel_bytes"]), b.mul(pair, a["pair_bytes"]),
        )  # fmt: skip

    def _sum(
        self, begins: str, tap: Value, spans: tuple[Value, Value], origin: Value, window: str, point: str, cells: str
    ) -> None:
        """A tap's products over some of the spans from `origin` on, added to what waits in its cells, if any does."""
        b, a, tiles, row_bytes = self.b, self.a, self.tiles, self.row_bytes
        to_window, to_point = b.entry(a["table_ptr"], tap, 2)
        at_window, at_point = b.at(window, to_window), b.at(point, to_point)
        corner = b.at(cells, b.mul(tap, a["tap_bytes"]))
        halves = itertools.product(range(self.spec.point_halves), range(self.spec.window_halves))
        places = [(2 * p + w, b.at(corner, w * ROWS * row_bytes + p * 64)) for p, w in halves]

        def fresh() -> None:
            for tile, _ in places:
                tiles.zero(tile)

        def resume() -> None:
            for tile, at in places:
                tiles.load(tile, at, row_bytes)

        b.either(begins, fresh, resume)
        if self.spec.gaps:
            with b.loop(0, a["runs"]) as run:
                live = b.entry(a["runs_ptr"], b.add(b.mul(tap, a["runs"]), run.index), 2)
                first, last = (b.sub(span, origin) for span in live)
                self._spans((b.max(first, spans[0]), b.min(last, spans[1])), at_window, at_point)
        else:
            self._spans(spans, at_window, at_point)
        for tile, at in places:
            tiles.store(tile, at, row_bytes)

    def _spans(self, spans: tuple[Value, Value], window: str, point: str) -> None:
        b = self.b
        with b.loop(*spans) as span:
            offset = b.mul(span.index, TILE_BYTES)
            self._multiply(b.at(window, offset), b.at(point, offset))

    def _multiply(self, window: str, point: str) -> None:
        """32 positions: tiles 4 and 5 hold window channels, 6 and 7 point channels; sums are in 2*point + window."""
        b, a = self.b, self.a
        held: dict[int, tuple[int, int]] = {}

        def hold(tile: int, key: tuple[int, int], address: str) -> None:
            if held.get(tile) != key:
                self.tiles.load(tile, address)
                held[tile] = key

        for of_window, of_point in PRODUCTS[self.spec.parts]:
            for w in range(self.spec.window_halves):
                at = b.at(window, b.mul(a["window_part"], of_window), b.mul(a["window_tile"], w))
                hold(4 + w, (of_window, w), at)
                for p in range(self.spec.point_halves):
                    at = b.at(point, b.mul(a["point_part"], of_point), b.mul(a["point_half"], p))
                    hold(6 + p, (of_point, p), at)
                    self.tiles.dot(2 * p + w, 4 + w, 6 + p)
