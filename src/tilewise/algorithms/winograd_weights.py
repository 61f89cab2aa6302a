"""`winograd_weights`: weight gradients of filters of three taps at stride 1, the transpose of `winograd`'s F(2, 3).

The gradient of y = A'[(G g) * (B' d)] with respect to g is G'[(A y) * (B' d)], summed over tiles: 16 products for a
tile of two by two points instead of 36. What is not finite in the result hands the call on.
"""

from __future__ import annotations

import math
import os

import numpy as np

from tilewise.algorithms.filters import packed_bytes, unpack_gradient
from tilewise.algorithms.fma_weights import gradient_terms
from tilewise.algorithms.padding import View
from tilewise.algorithms.plan import Base, Location, Plan, WorkspaceLayout, stages, step
from tilewise.algorithms.tiling import BYTE_RATE, channel_blocks, cut_cost, cut_row, fma_rate
from tilewise.algorithms.turning import channels_last_source, turned_bytes
from tilewise.algorithms.winograd_filters import gather_gradients
from tilewise.algorithms.winograd_strips import Transformed
from tilewise.algorithms.winograd_tiles import Tiling, pixel_bytes, register_tiles, source_values, why_not_tiles
from tilewise.algorithms.winograd_weights_kernel import ARGUMENTS, Spec, kernel
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "winograd_weights"
SUMMARY = "weight gradients of three taps at stride 1 by Winograd's F(2, 3) on fused multiply-adds"
# Channels of either tensor that a ticket multiplies: its sums and the transformed ranges share the second-level cache.
_CHANNELS = 64
_REGISTER_TILES = 2
_MOST_ITEMS = 32


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is not Pass.WEIGHT_GRADIENT:
        return "it computes weight gradients"
    return why_not_tiles(problem, target)


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: turn planes where there are any, sum products of transformed ranges, transform and unpack the sums."""
    workspace = WorkspaceLayout()
    window, turning_window = channels_last_source(problem, problem.source, Base.SOURCE, workspace, target)
    point, turning_point = channels_last_source(problem, problem.destination, Base.DESTINATION, workspace, target)
    sums: list[Step] = []
    gathering: list[Step] = []
    unpacking: list[Step] = []
    for vectors, first, blocks in channel_blocks(problem.destination_channels, target.lanes(problem.accumulator)):
        one, two, three = _sums(problem, window, point, vectors, first, blocks, workspace, target)
        sums.append(one)
        gathering.append(two)
        unpacking.append(three)
    steps = stages([s for s in (turning_window, turning_point) if s], sums, gathering, unpacking)
    parallel = problem.multiply_adds > 100_000
    share = "16 products for 36" if Tiling(problem).tall else "4 products for 6"
    return Plan(NAME, steps, workspace.size, seconds(problem, target), parallel, (share,), True)


def _sums(
    problem: ConvProblem,
    window: View,
    point: View,
    vectors: int,
    first: int,
    blocks: int,
    workspace: WorkspaceLayout,
    target: Target,
) -> tuple[Step, Step, Step]:
    accumulator, size = problem.accumulator, ELEMENT_BYTES[problem.accumulator]
    tiling = Tiling(problem)
    lanes = vectors * target.lanes(accumulator)
    inputs, outputs = problem.source_channels, min(problem.destination_channels - first, blocks * lanes)
    taps = tiling.taps
    direct, each = taps.shape
    terms = direct * inputs

    widths = register_tiles(target, vectors)
    capacity = widths[0] * _REGISTER_TILES * (1 if tiling.tall else 4)
    window_chunk, blocks_chunk = min(inputs, _CHANNELS), min(blocks, max(1, _CHANNELS // lanes))
    spec = Spec(
        window.dtype, point.dtype, accumulator, vectors,
        Transformed(tiling.tall, capacity, pixel_bytes(window_chunk, accumulator, target)),
        Transformed(tiling.tall, capacity, pixel_bytes(blocks_chunk * lanes, accumulator, target)),
        window_chunk, blocks_chunk, widths, target,
    )  # fmt: skip
    window_chunks, point_chunks = -(-inputs // window_chunk), -(-blocks // blocks_chunk)
    full, last = (cut_row(n, widths) for n in (window_chunk, inputs - (window_chunks - 1) * window_chunk))
    ranges = -(-tiling.tiles // capacity)
    piece_bytes = blocks * tiling.products * terms * lanes * size
    pieces, ranges_per_piece = _pieces(problem, ranges, window_chunks * point_chunks, piece_bytes)
    partial = workspace.take(pieces * piece_bytes)
    items = pieces * window_chunks * point_chunks
    slots = max(1, min(items, os.cpu_count() or 1))
    slot_bytes = -(-(spec.window.size + spec.point.size) // 4096) * 4096 + 192
    values = {
        **tiling.values(capacity), **source_values(tiling, window), "items": items, "drawn_slots": 0, "slots": slots,
        "slot_bytes": slot_bytes, "pieces": pieces, "ranges": ranges, "ranges_per_piece": ranges_per_piece,
        "window_channels": inputs, "window_chunks": window_chunks, "point_channels": outputs,
        "point_chunks": point_chunks, "point_n": point.strides[0], "point_d": point.strides[2],
        "point_h": point.strides[3], "point_w": point.strides[4], "blocks": blocks, "full_cuts": len(full),
        "last_cuts": len(last), "piece_bytes": piece_bytes,
        "block_bytes": tiling.products * terms * lanes * size, "product_bytes": terms * lanes * size,
        "tap_bytes": inputs * lanes * size,
    }  # fmt: skip
    addresses = {
        "source_ptr": window.at,
        "point_ptr": Location(point.at.base, point.at.offset + first * ELEMENT_BYTES[point.dtype]),
        "partial_ptr": partial,
        "scratch_ptr": workspace.take(slots * slot_bytes),
    }
    tables = {"taps_ptr": tiling.offsets, "cuts_ptr": np.array([*full, *last], np.int64)}
    summing = step(kernel(spec), ARGUMENTS, values, addresses, tables)

    packed = workspace.take(packed_bytes(terms * each, outputs, 1, lanes, accumulator))
    gathering = gather_gradients(tiling.tall, blocks, terms, lanes, accumulator, pieces, partial, packed, target)
    channel = np.tile(np.repeat(np.arange(inputs), each), direct)
    where = gradient_terms(problem, channel, np.tile(taps[:, None, :], (1, inputs, 1)).ravel())
    result = Location(Base.WEIGHT, first * where.channel_stride)
    unpacking = unpack_gradient(where, outputs, 1, lanes, problem.dtype, accumulator, 1, result, packed, target)
    return summing, gathering, unpacking


def _pieces(problem: ConvProblem, ranges: int, chunks: int, piece_bytes: int) -> tuple[int, int]:
    """(pieces, ranges a piece): enough tickets for two cores to share evenly, as few partial sums as that takes."""
    elements = math.prod(problem.source.shape) + math.prod(problem.destination.shape)
    most = max(1, min(ranges, _MOST_ITEMS // chunks, elements * ELEMENT_BYTES[problem.accumulator] // piece_bytes))

    def longest(pieces: int) -> float:
        return -(-pieces * chunks // 2) * -(-ranges // pieces) * (1 + 0.01 * pieces)

    best = min(range(1, most + 1), key=longest)
    per_piece = -(-ranges // best)
    return -(-ranges // per_piece), per_piece


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: products of whole register tiles, both transforms, and what is moved."""
    lanes, element = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    tiling = Tiling(problem)
    products, tiles, direct = tiling.products, tiling.tiles, len(tiling.direct)
    inputs = -(-problem.source_channels // lanes) * lanes
    outputs = sum(v * n for v, _, n in channel_blocks(problem.destination_channels, lanes)) * lanes
    cut = cut_cost(min(problem.source_channels, _CHANNELS), register_tiles(target, 2))
    work = 2 * products * tiles * direct * problem.source_channels * cut * outputs
    repeated = direct * inputs * -(-outputs // _CHANNELS) + outputs * -(-inputs // _CHANNELS)
    transforms = 6 * products * tiles * repeated
    if problem.dilation[2] > 1:
        transforms *= 4  # as for `winograd`
    pairs = direct * problem.source_channels * outputs
    moved = element * pairs * (4 * products + 3 * (9 if tiling.tall else 3))
    moved += turned_bytes(problem, problem.source, problem.destination)
    return (work + transforms) / fma_rate(lanes) + moved / BYTE_RATE + 1e-5
