"""The steps of `amx_weights` that sum products, and that write the gradient from the sums."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.amx.weights_kernel import ARGUMENTS, Spec, kernel
from tilewise.algorithms.amx.weights_layout import Layout, Way
from tilewise.algorithms.common.filter_terms import gradient_terms
from tilewise.algorithms.common.filters import packed_bytes, unpack_gradient
from tilewise.algorithms.common.plan import Base, Location, ThreadScratch, WorkspaceLayout, cores, enough_items, step
from tilewise.ir.amx import ROWS, TILE_BYTES
from tilewise.runtime import Step
from tilewise.target import Target

_WANTED_ITEMS = 32
_BAND_BYTES = 1 << 20
# What sums of pieces may take, beside what is packed or a part of the tensors.
_PIECES_SHARE = 4
_PIECES_BYTES = 4 << 20


class Sums:
    """The sums of blocks of `halves` times 16 point channels; its tables are made once for all rounds."""

    def __init__(self, layout: Layout, halves: int, most_blocks: int, target: Target):
        problem, window = layout.problem, layout.window
        self.layout, self.halves, self.target = layout, halves, target
        self.lanes = ROWS * halves
        tap, channel = np.divmod(np.arange(problem.taps * problem.source_channels), problem.source_channels)
        self._where = gradient_terms(problem, channel, tap)
        self._row = tap * window.tiles * ROWS + channel
        table = [(plane * window.plane_bytes, layout.point.offset(shift)) for plane, shift in layout.taps]
        self._table = np.array(table, np.int64)
        self._share_out(most_blocks)

    def _share_out(self, blocks: int) -> None:
        """Into pieces of the positions, whose partial gradients are added up at the end, and chunks of the taps."""
        layout, problem = self.layout, self.layout.problem
        piece_bytes = self.piece_bytes(blocks)
        if layout.way is Way.TICKETS:
            # A ticket is a piece, with all channels and taps.
            chunks, spans = 1, layout.spans
            most = max(_PIECES_BYTES, 2 * problem.tensor_elements) // piece_bytes
            pieces = min(-(-spans // layout.length), max(8, 2 * cores()), most)
        else:
            wanted = enough_items(_WANTED_ITEMS)
            spans, base = layout.length, problem.groups * blocks * self.layout.pairs
            chunks = min(problem.taps, max(1, wanted // base))
            pieces = min(spans, wanted // (base * chunks))
            if layout.way is Way.POSITIONS and cores() * piece_bytes <= layout.packed_bytes // _PIECES_SHARE:
                # A thread then multiplies what it packed.
                pieces = max(pieces, cores())
        self._per_chunk = math.ceil(problem.taps / chunks)
        self._chunks = math.ceil(problem.taps / self._per_chunk)
        self._per_piece = math.ceil(spans / max(1, pieces))
        self.pieces = math.ceil(spans / self._per_piece)

    def piece_bytes(self, blocks: int) -> int:
        """What a piece's sums of some blocks take."""
        return packed_bytes(self.layout.rows, blocks * self.lanes, self.layout.problem.groups, self.lanes, "float32")

    def of_packed(
        self, window: Location, point: tuple[Location, int], partial: Location, blocks: int, spans: int, first: int = 0
    ) -> Step:
        """The step that sums over so many packed spans, from one on; from a later one than 0 it adds to what is there.

        `point` is where the blocks' points lie, and a group's bytes.
        """
        layout, groups = self.layout, self.layout.problem.groups
        values = self._values(blocks) | {
            "items": groups * blocks * self.layout.pairs * self._chunks * self.pieces, "tap_chunks": self._chunks,
            "taps_per_chunk": self._per_chunk, "spans": spans,
            "spans_per_band": max(1, _BAND_BYTES // self._span_bytes), "resumes": int(first > 0), "first_span": first,
            "window_group": layout.window.group_bytes, "point_group": point[1],
        }  # fmt: skip
        places = {"window_ptr": window, "point_ptr": point[0], "partial_ptr": partial}
        return self._step(values, places, {}, False)

    def of_tickets(self, partial: Location, first: int, blocks: int, workspace: WorkspaceLayout) -> Step:
        """The step whose tickets pack a piece's positions, all channels of them, and sum those from `first` on."""
        layout, window, point = self.layout, self.layout.window, self.layout.point
        items = self.layout.problem.groups * self.pieces
        window_values, window_places, window_tables = window.arguments()
        point_values, point_places = point.arguments()
        room = window.group_bytes + 64
        scratch = ThreadScratch.take(workspace, items, room + point.group_bytes)
        values = self._values(blocks) | window_values | point_values | scratch.values | {
            "items": items, "spans": layout.spans, "spans_per_band": layout.length, "window_tiles": window.tiles,
            "all_point_blocks": point.blocks, "point_lines": point.lines, "point_room": room,
            "first_point": first // ROWS * point.block_bytes,
        }  # fmt: skip
        places = window_places | point_places | {"scratch_ptr": scratch.at, "partial_ptr": partial}
        return self._step(values, places, window_tables, True)

    @property
    def _span_bytes(self) -> int:
        """What a tile's positions of one pair of tiles and one block take."""
        return self.layout.window.parts * (self.layout.window_halves + 2 * self.halves) * TILE_BYTES

    def _values(self, blocks: int) -> dict[str, int]:
        window, point = self.layout.window, self.layout.point
        pair_bytes = self.layout.window_halves * ROWS * self.lanes * 4
        return {
            "groups": self.layout.problem.groups, "point_blocks": blocks, "window_pairs": self.layout.pairs,
            "taps": self.layout.problem.taps, "spans_per_piece": self._per_piece,
            "window_pair": self.layout.window_halves * window.tile_bytes, "window_tile": window.tile_bytes,
            "window_part": window.part_bytes, "point_pair": self.halves * point.block_bytes,
            "point_half": point.block_bytes, "point_part": point.part_bytes, "piece_bytes": self.piece_bytes(blocks),
            "group_bytes": blocks * self.layout.rows * self.lanes * 4, "panel_bytes": self.layout.rows * self.lanes * 4,
            "tap_bytes": self.layout.pairs * pair_bytes, "pair_bytes": pair_bytes,
        }  # fmt: skip

    def _step(
        self, values: dict[str, int], places: dict[str, Location], tables: dict[str, NDArray[np.int64]], packs: bool
    ) -> Step:
        layout = self.layout
        readings = (layout.window.reading, layout.point.reading) if packs else None
        spec = Spec(
            layout.window.parts, self.halves, self.layout.window_halves, readings, layout.live is not None, self.target
        )  # fmt: skip
        values, tables = values | {"runs": 0}, tables | {"table_ptr": self._table}
        if layout.live is not None:
            values, tables = values | {"runs": layout.live.shape[1]}, tables | {"runs_ptr": layout.live}
        return step(kernel(spec), ARGUMENTS[packs], values, places, tables)

    def adding(self, partial: Location, first: int, blocks: int) -> Step:
        """The step that adds up the pieces of some blocks, from channel `first` on, and writes the gradient."""
        problem = self.layout.problem
        channels = min(problem.destination_channels - first, blocks * self.lanes)
        result = Location(Base.WEIGHT, first * self._where.channel_stride)
        return unpack_gradient(
            self._where, channels, problem.groups, self.lanes, problem.dtype, "float32", self.pieces, result, partial,
            self.target, self._row, self.layout.rows,
        )  # fmt: skip
