"""What `amx_weights` packs, when, and who: both tensors of a problem, whole or some positions at a time."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.amx.grid import BLOCK, Grid
from tilewise.algorithms.amx.layout import SHARED_BYTES, parts_of
from tilewise.algorithms.amx.live_spans import live_spans
from tilewise.algorithms.amx.points import PointLines
from tilewise.algorithms.amx.window import WindowTiles
from tilewise.algorithms.common.plan import cores, enough_items
from tilewise.ir.amx import ROWS
from tilewise.problem import ConvProblem
from tilewise.target import Target

# Tiles along the positions that are packed at a time, at the least: sums go to memory and back each time.
_LEAST_SPANS = 4
# Bands of a problem, at the least: threads take them in turn.
_BANDS = 8


class Way(enum.Enum):
    """How packing and sums follow each other."""

    CHANNELS = "rounds of channels"  # the window ahead, then points of some channels, their sums, their gradient
    POSITIONS = "rounds of positions"  # some positions of both, then their sums
    TICKETS = "bands of positions"  # each ticket packs what it sums, a band at a time


@dataclass(frozen=True)
class Layout:
    """Both operands as they are packed, `length` tiles along the positions at a time, of `spans`."""

    problem: ConvProblem
    grid: Grid
    way: Way
    spans: int
    length: int
    taps: tuple[tuple[int, int], ...]  # (residue, shift) of each
    window: WindowTiles
    point: PointLines
    live: NDArray[np.int64] | None  # the runs of each tap, if it has not all spans

    @classmethod
    def of(cls, problem: ConvProblem, target: Target) -> Layout:
        """All of a small problem at once. Of a larger one what stays near, unless its sums are the larger part."""
        grid = grid_of(problem)
        spans = -(-grid.positions // BLOCK)
        taps = tuple((plane, shift) for plane, shift, _ in grid.places(problem.window_phases))
        shifts = [shift for _, shift in taps]
        live = live_spans(problem, grid)

        def made(way: Way, length: int) -> Layout:
            parts = parts_of(problem)
            window = WindowTiles(problem, grid, parts, length)
            point = PointLines.of(problem, grid, parts, length, shifts)
            return cls(problem, grid, way, spans, length, taps, window, point, live)

        whole, one, two = (made(Way.CHANNELS, length) for length in (spans, 1, 2))
        if whole.packed_bytes <= SHARED_BYTES:
            return whole
        each = two.packed_bytes - one.packed_bytes
        least = one.packed_bytes - each
        # What is packed again for its neighbours, and the sums, must be small beside what is packed at a time.
        around = (max(shifts) - min(shifts)) // BLOCK
        sums = 4 * problem.taps * problem.source_channels * problem.destination_channels * problem.groups
        near = (target.l2_bytes // 2 * problem.groups - least) // each
        band = min(near, -(-spans * problem.groups // enough_items(_BANDS)))
        if band >= max(_LEAST_SPANS, 2 * around) and sums <= band * each:
            return made(Way.TICKETS, band)
        # All that the cores' caches hold, of many cores' half of all.
        held = min(cores() * near // problem.groups, max(2 * near // problem.groups, spans // 2))
        length = max(_LEAST_SPANS, 4 * around, 2 * sums // each, held)
        if 2 * length <= spans and least + length * each + sums <= whole.packed_bytes // 2:
            return made(Way.POSITIONS, -(-spans // (spans // length)))
        return whole

    @property
    def window_halves(self) -> int:
        """Tiles of window channels that a kernel takes at once."""
        return min(2, self.window.tiles)

    @property
    def pairs(self) -> int:
        """How often it takes so many."""
        return self.window.tiles // self.window_halves

    @property
    def rows(self) -> int:
        """Sums for each point channel: of all taps, and of window channels that fill up the last tile."""
        return self.problem.taps * self.window.tiles * ROWS

    @property
    def packed_bytes(self) -> int:
        """What is packed at a time, of all groups."""
        return self.problem.groups * (self.window.group_bytes + self.point.group_bytes)

    @property
    def moved_bytes(self) -> int:
        """What is packed in all."""
        return self.packed_bytes * math.ceil(self.spans / self.length)


def grid_of(problem: ConvProblem) -> Grid:
    """The positions that a weight gradient sums over."""
    return Grid.of(tuple((phase,) for phase in problem.window_phases), problem.source.spatial, problem.batch, 0)
