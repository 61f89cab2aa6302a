"""`winograd_weights`: weight gradients of filters of three taps at stride 1, the transpose of `winograd`'s F(2, 3).

The gradient of y = A'[(G g) * (B' d)] with respect to g is G'[(A y) * (B' d)], summed over tiles: 16 products for a
tile of two by two points instead of 36. What is not finite in the result hands the call on.
"""

from __future__ import annotations

import numpy as np

from tilewise.algorithms.common.filter_terms import FilterTerms, gradient_terms
from tilewise.algorithms.common.filters import packed_bytes, unpack_gradient
from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import (
    Base,
    Location,
    Plan,
    ThreadScratch,
    WorkspaceLayout,
    cores,
    enough_items,
    step,
    worth_sharing,
)
from tilewise.algorithms.common.rounds import Rounds
from tilewise.algorithms.common.tiling import BYTE_RATE, channel_blocks, cut_cost, cut_row, fma_rate
from tilewise.algorithms.common.turning import channels_last_source, turned_bytes
from tilewise.algorithms.winograd.filters import gather_gradients
from tilewise.algorithms.winograd.strips import Transformed
from tilewise.algorithms.winograd.tiles import (
    PRODUCT_WORK,
    TRANSFORM_WORK,
    Tiling,
    pixel_bytes,
    register_tiles,
    source_values,
    why_not_three_taps,
)
from tilewise.algorithms.winograd.weights_kernel import ARGUMENTS, Spec, kernel
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

# By the points of a tile along each axis.
NAMES = {2: "winograd_weights", 4: "winograd4_weights"}
NAME = NAMES[2]
SUMMARY = "weight gradients of three taps at stride 1 by Winograd's F(2, 3) on fused multiply-adds"
# What products and transforms take, as for `winograd`.
_SHARE = {16: 1.5, 32: 1.0}
# Channels of either tensor that a ticket multiplies: its sums and the transformed ranges share the second-level cache.
_CHANNELS = 64
# A range has about so many tiles, whose products are summed in sequence; longer ones would lose more bits.
_RANGE_TILES = 14
# The transforms lose some bits however short the sums are: beside direct sums of fewer tiles than this it shows.
_LEAST_TILES = 128
_MOST_ITEMS = 32
# Partial sums may take what the tensors do, and this for each pair of cores but the first.
_MORE_CORES_BYTES = 1 << 20
# How often sums are moved to and from memory, by the outputs of a tile: larger ones are made in fewer pieces.
_SUM_MOVES = {2: 3, 4: 2}
# Sums and taps of two cores that stay near them until they are unpacked.
_NEAR_BYTES = 2 << 20


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is not Pass.WEIGHT_GRADIENT:
        return "it computes weight gradients"
    return why_not_three_taps(problem, target)


def why_inexact(problem: ConvProblem) -> str | None:
    """The reason why a result would lose more bits than `highest` allows, or None."""
    tiling = Tiling.of_three_taps(problem, 2)
    if tiling.high.axis.transformed and tiling.tiles < _LEAST_TILES:
        return f"its transforms would lose more bits than sums of {tiling.tiles} tiles do"
    return None


def plan(problem: ConvProblem, target: Target, size: int = 2) -> Plan:
    """Steps: turn planes where there are any, sum products of transformed ranges, transform and unpack the sums.

    `size` is the outputs of a tile along each axis.
    """
    workspace = WorkspaceLayout()
    window, turning_window = channels_last_source(problem, problem.source, Base.SOURCE, workspace, target)
    point, turning_point = channels_last_source(problem, problem.destination, Base.DESTINATION, workspace, target)
    tiling, lanes = Tiling.of_three_taps(problem, size), target.lanes(problem.accumulator)
    where = gradient_terms(problem, *tiling.elements)
    blocks = channel_blocks(problem.destination_channels, lanes)
    # Sums of products, and the taps that they become.
    vector_bytes = tiling.terms * (tiling.tile.products + tiling.tile.taps) * target.vector_bytes
    rounds = Rounds(problem, blocks, lanes, vector_bytes, _NEAR_BYTES, workspace, 1, _CHANNELS // lanes)
    sums = {
        vectors: _Sums(tiling, window, point, vectors, most, workspace, target)
        for vectors, most in rounds.most_blocks.items()
    }
    for one in rounds:
        for vectors, first, count in one.blocks:
            summing, gathering, unpacking = sums[vectors].steps(where, first, count, one.workspace)
            one.add([summing], [gathering], [unpacking])
    copies = [turning for turning in (turning_window, turning_point) if turning]
    steps = rounds.steps(copies, [], beside=False)
    return Plan(NAMES[size], steps, workspace.size, worth_sharing(problem), (tiling.share,), True)


class _Sums:
    """Sums of products for blocks of `vectors` vectors of point channels, at most `most_blocks` of them at a time."""

    def __init__(
        self, tiling: Tiling, window: View, point: View, vectors: int, most_blocks: int, workspace: WorkspaceLayout,
        target: Target,
    ):  # fmt: skip
        self.tiling, self.window, self.point, self.target = tiling, window, point, target
        problem = tiling.problem
        accumulator = problem.accumulator
        widths = register_tiles(target, vectors)
        self.capacity = widths[0] * max(1, _RANGE_TILES // widths[0]) * (1 if tiling.high.axis.transformed else 4)
        lanes = vectors * target.lanes(accumulator)
        window_chunk = min(problem.source_channels, _CHANNELS)
        blocks_chunk = min(most_blocks, max(1, _CHANNELS // lanes))
        self.spec = Spec(
            window.dtype, point.dtype, accumulator, vectors,
            Transformed(tiling.tile, self.capacity, pixel_bytes(window_chunk, accumulator, target)),
            Transformed(tiling.tile, self.capacity, pixel_bytes(blocks_chunk * lanes, accumulator, target)),
            window_chunk, blocks_chunk, widths, target,
        )  # fmt: skip
        self.product_bytes = tiling.terms * lanes * ELEMENT_BYTES[accumulator]
        self.window_chunks = -(-problem.source_channels // window_chunk)
        self.ranges = -(-tiling.tiles // self.capacity)
        chunks = self.window_chunks * -(-most_blocks // blocks_chunk)
        piece_bytes = most_blocks * tiling.tile.products * self.product_bytes
        self.pieces, self.ranges_per_piece = _pieces(problem, self.ranges, chunks, piece_bytes)
        each = self.spec.window.size + self.spec.point.size
        self.scratch = ThreadScratch.take(workspace, self.pieces * chunks, each)

    def steps(self, where: FilterTerms, first: int, blocks: int, workspace: WorkspaceLayout) -> tuple[Step, Step, Step]:
        """The steps that sum for some blocks, from channel `first` on, transform the sums, and write the gradient."""
        tiling, spec, problem = self.tiling, self.spec, self.tiling.problem
        accumulator, inputs, point = spec.accumulator, problem.source_channels, self.point
        outputs = min(problem.destination_channels - first, blocks * spec.lanes)
        point_chunks = -(-blocks // spec.blocks_chunk)
        ends = inputs - (self.window_chunks - 1) * spec.window_chunk
        full, last = (cut_row(n, spec.widths, overlap=False) for n in (spec.window_chunk, ends))
        block_bytes = tiling.tile.products * self.product_bytes
        partial = workspace.take(self.pieces * blocks * block_bytes)
        values = {
            **tiling.values(self.capacity), **source_values(tiling, self.window), **self.scratch.values,
            "items": self.pieces * self.window_chunks * point_chunks, "pieces": self.pieces, "ranges": self.ranges,
            "ranges_per_piece": self.ranges_per_piece, "window_channels": inputs,
            "window_chunks": self.window_chunks, "point_channels": outputs, "point_chunks": point_chunks,
            "point_n": point.strides[0], "point_d": point.strides[2], "point_h": point.strides[3],
            "point_w": point.strides[4], "blocks": blocks, "full_cuts": len(full), "last_cuts": len(last),
            "piece_bytes": blocks * block_bytes, "block_bytes": block_bytes, "product_bytes": self.product_bytes,
            "tap_bytes": inputs * spec.lanes * ELEMENT_BYTES[accumulator],
        }  # fmt: skip
        addresses = {
            "source_ptr": self.window.at,
            "point_ptr": point.at.past(first * ELEMENT_BYTES[point.dtype]),
            "partial_ptr": partial,
            "scratch_ptr": self.scratch.at,
        }
        tables = {"taps_ptr": tiling.offsets, "cuts_ptr": np.array([*full, *last], np.int64)}
        summing = step(kernel(spec), ARGUMENTS, values, addresses, tables)

        packed = workspace.take(packed_bytes(len(where.offsets), outputs, 1, spec.lanes, accumulator))
        gathering = gather_gradients(
            tiling.tile, blocks, tiling.terms, spec.lanes, accumulator, self.pieces, partial, packed, self.target
        )
        result = Location(Base.WEIGHT, first * where.channel_stride)
        unpacking = unpack_gradient(
            where, outputs, 1, spec.lanes, problem.dtype, accumulator, 1, result, packed, self.target
        )
        return summing, gathering, unpacking


def _pieces(problem: ConvProblem, ranges: int, chunks: int, piece_bytes: int) -> tuple[int, int]:
    """(pieces, ranges a piece): enough tickets for all cores to share evenly, as few partial sums as that takes."""
    room = problem.tensor_elements * ELEMENT_BYTES[problem.accumulator] + _MORE_CORES_BYTES * max(0, cores() // 2 - 1)
    most = max(1, min(ranges, enough_items(_MOST_ITEMS) // chunks, room // piece_bytes))

    def longest(pieces: int) -> float:
        return -(-pieces * chunks // max(2, cores())) * -(-ranges // pieces) * (1 + 0.01 * pieces)

    best = min(range(1, most + 1), key=longest)
    per_piece = -(-ranges // best)
    return -(-ranges // per_piece), per_piece


def seconds(problem: ConvProblem, target: Target, size: int = 2) -> float:
    """Expected time on two cores: products of whole register tiles, both transforms, and what is moved."""
    lanes, element = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    tiling = Tiling.of_three_taps(problem, size)
    products, tiles, direct = tiling.tile.products, tiling.tiles, len(tiling.direct)
    inputs = -(-problem.source_channels // lanes) * lanes
    outputs = sum(v * n for v, _, n in channel_blocks(problem.destination_channels, lanes)) * lanes
    cut = cut_cost(min(problem.source_channels, _CHANNELS), register_tiles(target, 2), overlap=False)
    work = PRODUCT_WORK[size] * 2 * products * tiles * direct * problem.source_channels * cut * outputs
    repeated = direct * inputs * -(-outputs // _CHANNELS) + outputs * -(-inputs // _CHANNELS)
    transforms = TRANSFORM_WORK[size] * products * tiles * repeated
    if problem.dilation[2] > 1:
        transforms *= 4  # as for `winograd`
    pairs = direct * problem.source_channels * outputs
    moved = element * pairs * (_SUM_MOVES[size] * products + 3 * tiling.tile.taps)
    moved += turned_bytes(problem, problem.source, problem.destination)
    return _SHARE[target.registers] * (work + transforms) / fma_rate(lanes) + moved / BYTE_RATE + 1e-5
