"""How `positions` cuts planes of results into blocks, and with which register tiles: the cheapest of several ways.

A block is a few vectors of neighbouring positions. Blocks run along each row of results, or through the plane with
the pitch of its padded rows, where what falls between two rows is computed and left out. The last block of a run
covers some positions of the one before it a second time, so that all vectors are whole; on AVX-512 its last vector
may be masked instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem
from tilewise.target import Target

# Sums of so few terms are made in stretches.
SHORT_TERMS = 256
# What of the source a stretch may span, to stay in the first-level cache.
_NEAR_BYTES = 24 << 10
# A tile is that many multiplications at least: four cycles until a sum can be added to, two of them a cycle.
_LATENCY = 8
# What else a term and a tile take, in the same unit.
_TERM, _TILE = 2.5, 20


@dataclass(frozen=True)
class Run:
    """Neighbouring positions, cut into blocks of nearly equal size: so many vectors in so many blocks."""

    positions: int
    lanes: int
    vectors: int
    blocks: int
    whole: bool  # whether the last block covers positions of the one before it again rather than have fewer

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        """(vectors a block, how many such blocks) of the one size or two that there are."""
        least, larger = divmod(self.vectors, self.blocks)
        return tuple((size, n) for size, n in ((least, self.blocks - larger), (least + 1, larger)) if n)

    def table(self, tiles: tuple[tuple[int, int], ...]) -> NDArray[np.int64]:
        """(first position, positions, index of the tile) of each block."""
        bounds = self.vectors * np.arange(self.blocks + 1, dtype=np.int64) // self.blocks
        vectors, start = np.diff(bounds), bounds[:-1] * self.lanes
        size = vectors * self.lanes
        if not self.whole:
            size = np.minimum(size, self.positions - start)
        index = np.zeros(tiles[0][0] + 1, np.int64)
        index[[v for v, _ in tiles]] = range(len(tiles))
        return np.stack([np.minimum(start, self.positions - size), size, index[vectors]], 1)


@dataclass(frozen=True)
class Grid:
    """A plane cut into blocks."""

    tiles: tuple[tuple[int, int], ...]  # (vectors of positions, rows of filters), one for each number of vectors
    run: Run  # the blocks of each run
    runs: int  # runs of a plane: its rows, or one
    pitch: int
    height: int
    width: int
    gaps: bool  # whether a block may hold positions between two rows
    masked: bool  # whether the last vector of a block may be masked
    stretches: bool  # whether rows of filters pass over many blocks before the next rows do
    products: float  # multiplications of whole vectors for all rows of filters of a plane, and what else takes as long


def grid(problem: ConvProblem, pitch: int, target: Target) -> Grid:
    """The cheapest way, for a source whose rows are so many elements apart."""
    height, width = problem.destination.shape[3:]
    if pitch == width or height == 1:  # rows follow each other without a gap
        height, width, pitch = 1, height * width, height * width
    lanes, positions = target.lanes(problem.dtype), (height - 1) * pitch + width
    terms, rows = problem.source_channels * problem.taps, problem.destination_channels
    gaps = height > 1
    ways = []
    if positions < lanes or target.roomy:
        ways.append(_masked(terms, rows, lanes, (pitch, height, width), gaps, positions, target))
    short = terms <= SHORT_TERMS
    if positions >= lanes and (short or not target.roomy):
        ways.append(_whole(terms, rows, lanes, (pitch, height, width), gaps, positions, 1, target))
    if gaps and width >= lanes and (short or not target.roomy):
        ways.append(_whole(terms, rows, lanes, (pitch, height, width), False, width, height, target))
    return cheapest(ways)


def cheapest(ways: Sequence[Grid]) -> Grid:
    """The way of the fewest products."""
    return min(ways, key=lambda way: way.products)


def _masked(
    terms: int, rows: int, lanes: int, sizes: tuple[int, int, int], gaps: bool, positions: int, target: Target
) -> Grid:
    most = ((4, 6), (3, 8), (2, 8), (1, 8)) if target.roomy else ((1, 6),)
    # Even shares of the rows: 10 are 5 + 5 rather than 6 + 6 with two made twice.
    tiles = tuple((v, -(-rows // -(-rows // size))) for v, size in most)
    run, height = _cut(positions, tiles, lanes, False), dict(tiles)
    # A register tile of fewer vectors waits for its own sums, or broadcasts more than it multiplies; a finished one is
    # added up, looked at and copied from its scratch, which takes as long as some terms.
    products = sum(
        count * max(v * height[v], 16) * -(-rows // height[v]) * (terms + 24) for v, count in run.sizes
    )  # fmt: skip
    return Grid(tiles, run, 1, *sizes, gaps, True, False, products)


def _whole(
    terms: int,
    rows: int,
    lanes: int,
    sizes: tuple[int, int, int],
    gaps: bool,
    positions: int,
    runs: int,
    target: Target,
) -> Grid:
    tiles = _tiles(rows, target)
    run, height = _cut(positions, tiles, lanes, True), dict(tiles)
    products = 0.0
    for v, count in run.sizes:
        r = height[v]
        # Loads and broadcasts, two a cycle, are as many as multiplications in a narrow tile. Half of the narrow vectors
        # that are loaded, and nearly all wide ones, lie in two cache lines.
        term = max(v * r, v * (2 if target.vector_bytes == 64 else 1.5) + r + 2, _LATENCY)
        products += count * ((term + _TERM) * terms + (4 if gaps else 1) * v * r + _TILE)
    products *= runs * -(-rows // tiles[0][1])
    return Grid(tiles, run, runs, *sizes, gaps, False, terms <= SHORT_TERMS, products)


def _tiles(rows: int, target: Target) -> tuple[tuple[int, int], ...]:
    """Register tiles, most vectors first, all of as many rows: so many as leave the fewest to be made twice."""
    height = min(range(min(6, rows), min(4, rows) - 1, -1), key=lambda size: -(-rows // size) * size)
    vectors = min(4, (target.registers - 1) // (height + 1))
    return tuple((v, height) for v in range(vectors, 0, -1))


def _cut(positions: int, tiles: tuple[tuple[int, int], ...], lanes: int, whole: bool) -> Run:
    vectors = -(-positions // lanes)
    count = -(-vectors // tiles[0][0])
    if whole and vectors * lanes > positions:
        count = max(count, 2)
    return Run(positions, lanes, vectors, count, whole)


def blocks_per_item(problem: ConvProblem, way: Grid, target: Target) -> int:
    """How many blocks a ticket takes: one, or a stretch whose source stays near while all rows pass over it."""
    count = way.run.blocks * way.runs
    if not way.stretches:
        return 1
    across = min(problem.phases[2][0].read_step, problem.kernel[2])
    pixel = ELEMENT_BYTES[problem.dtype] * problem.source_channels * problem.kernel[0] * problem.kernel[1] * across
    most = max(1, _NEAR_BYTES // (pixel * way.tiles[0][0] * target.lanes(problem.dtype)))
    return -(-count // -(-count // most))  # stretches of one length
