"""How `positions` cuts planes of results into blocks, and with which register tiles: the cheapest of several ways.

A block is a few vectors of neighbouring positions. Blocks run along each row of results, or through the plane with
the pitch of its padded rows, where what falls between two rows is computed and left out. The last block of a run
covers some positions of the one before it a second time, so that all vectors are whole; on AVX-512 its last vector
may be masked instead.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

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
class Grid:
    """A plane cut into blocks."""

    tiles: tuple[tuple[int, int], ...]  # (vectors of positions, rows of filters), one for each number of vectors
    blocks: tuple[tuple[int, int, int], ...]  # (first position, positions, index of the tile) of a run's blocks
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
    if positions < lanes or target.registers >= 32:
        ways.append(_masked(terms, rows, lanes, (pitch, height, width), gaps, positions, target))
    short = terms <= SHORT_TERMS
    if positions >= lanes and (short or target.registers < 32):
        ways.append(_whole(terms, rows, lanes, (pitch, height, width), gaps, positions, 1, target))
    if gaps and width >= lanes and (short or target.registers < 32):
        ways.append(_whole(terms, rows, lanes, (pitch, height, width), False, width, height, target))
    return cheapest(ways)


def cheapest(ways: Sequence[Grid]) -> Grid:
    """The way of the fewest products."""
    return min(ways, key=lambda way: way.products)


def _masked(
    terms: int, rows: int, lanes: int, sizes: tuple[int, int, int], gaps: bool, positions: int, target: Target
) -> Grid:
    tiles = ((4, 6), (3, 8), (2, 8), (1, 8)) if target.registers >= 32 else ((1, 6),)
    blocks = _cut(positions, tiles, lanes, False)
    # A register tile of fewer vectors waits for its own sums, or broadcasts more than it multiplies; a finished one is
    # added up, looked at and copied from its scratch, which takes as long as some terms.
    shapes = [tiles[index] for _, _, index in blocks]
    products = sum(max(v * r, 16) / r for v, r in shapes) * rows * (terms + 24)
    return Grid(tiles, blocks, 1, *sizes, gaps, True, False, products)


def _whole(
    terms: int, rows: int, lanes: int, sizes: tuple[int, int, int], gaps: bool, run: int, runs: int, target: Target
) -> Grid:
    tiles = _tiles(rows, target)
    blocks = _cut(run, tiles, lanes, True)
    products = 0.0
    for _, _, index in blocks:
        v, r = tiles[index]
        # Loads and broadcasts, two a cycle, are as many as multiplications in a narrow tile. Half of the narrow vectors
        # that are loaded, and nearly all wide ones, lie in two cache lines.
        term = max(v * r, v * (2 if target.vector_bytes == 64 else 1.5) + r + 2, _LATENCY)
        products += (term + _TERM) * terms + (4 if gaps else 1) * v * r + _TILE
    products *= runs * -(-rows // tiles[0][1])
    return Grid(tiles, blocks, runs, *sizes, gaps, False, terms <= SHORT_TERMS, products)


def _tiles(rows: int, target: Target) -> tuple[tuple[int, int], ...]:
    """Register tiles, most vectors first, all of as many rows: so many as leave the fewest to be made twice."""
    height = min(range(min(6, rows), min(4, rows) - 1, -1), key=lambda size: -(-rows // size) * size)
    vectors = min(4, (target.registers - 1) // (height + 1))
    return tuple((v, height) for v in range(vectors, 0, -1))


def _cut(
    positions: int, tiles: tuple[tuple[int, int], ...], lanes: int, whole: bool
) -> tuple[tuple[int, int, int], ...]:
    """(first position, positions, index of the tile) of blocks that cover a run, of nearly equal size."""
    vectors = -(-positions // lanes)
    count = -(-vectors // tiles[0][0])
    if whole and vectors * lanes > positions:
        count = max(count, 2)
    bounds = [vectors * i // count for i in range(count + 1)]
    index = {v: i for i, (v, _) in enumerate(tiles)}
    result = []
    for a, z in itertools.pairwise(bounds):
        size = (z - a) * lanes if whole else min(z * lanes, positions) - a * lanes
        result.append((min(a * lanes, positions - size), size, index[z - a]))
    return tuple(result)


def blocks_per_item(problem: ConvProblem, way: Grid, target: Target) -> int:
    """How many blocks a ticket takes: one, or a stretch whose source stays near while all rows pass over it."""
    count = len(way.blocks) * way.runs
    if not way.stretches:
        return 1
    across = min(problem.phases[2][0].read_step, problem.kernel[2])
    pixel = ELEMENT_BYTES[problem.dtype] * problem.source_channels * problem.kernel[0] * problem.kernel[1] * across
    most = max(1, _NEAR_BYTES // (pixel * way.tiles[0][0] * target.lanes(problem.dtype)))
    return -(-count // -(-count // most))  # stretches of one length
