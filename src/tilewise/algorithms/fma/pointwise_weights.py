"""`pointwise_weights`: weight gradients of kernels of one tap, as one product of two matrices.

Without neighbours and padding each pixel of the point tensor meets one of the window tensor, and the gradient is the
product of both over all pixels. Both are copied in blocks of channels, so that a band of a block lies in one piece
and near; the lanes are the window's channels, which lie side by side in the gradient, so that tiles are stored where
they belong at once, and nothing is left to rearrange.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.blocking import blocked_copy, why_not_blocked
from tilewise.algorithms.common.plan import Base, Location, Plan, WorkspaceLayout, cores, stages, step, worth_sharing
from tilewise.algorithms.common.tiling import BYTE_RATE, fma_rate, piece_terms
from tilewise.algorithms.fma.pointwise_weights_kernel import ARGUMENTS, VECTORS, Spec, kernel
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass, TensorSpec
from tilewise.target import Target

NAME = "pointwise_weights"
SUMMARY = "weight gradients of one tap: products of blocked copies, stored in place"
# What a band of one block may take of the first-level cache, and of an item's blocks of the second.
_NEAR_BYTES, _BAND_BYTES = 24 << 10, 512 << 10
_MOST_TERMS = 512
_ITEMS_A_CORE = 8
# What sixteen registers take of the time in which `fma_weights` sums as much.
_SUMMED = {16: 0.7, 32: 1.0}


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is not Pass.WEIGHT_GRADIENT:
        return "it computes weight gradients"
    if problem.taps > 1 or any(problem.padding):
        return "it is for kernels of one tap without padding"
    if problem.dtype != problem.accumulator:
        return "its sums grow in the gradient itself, which has 16 bits"
    lanes = target.lanes(problem.accumulator)
    if problem.groups > 1 and (problem.source_channels % lanes or problem.destination_channels % lanes):
        return "its groups do not fill vectors"
    if problem.weight_strides[1] != 1 and problem.source_channels > 1:
        return "the gradient's channels do not lie side by side"
    return why_not_blocked(_taken(problem)) or why_not_blocked(problem.destination)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: whole tiles; both tensors are read, written and, from further away, read again."""
    lanes, element = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    width, vectors = _width(target, lanes), -(-problem.source_channels // lanes)
    wasted = vectors * lanes / problem.source_channels
    wasted *= -(-problem.destination_channels // width) * width / problem.destination_channels
    pixels = problem.batch * math.prod(problem.destination.spatial)
    copied = element * pixels * (problem.source.shape[1] + problem.destination.shape[1])
    summing = _SUMMED[target.registers] * 2 * problem.multiply_adds * wasted / fma_rate(lanes)
    return summing + 2.5 * copied / BYTE_RATE + 1e-5


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: copy both tensors in blocks of channels, then the tiles."""
    lanes, size = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    vector_bytes = lanes * size
    workspace = WorkspaceLayout()
    window, window_block, copying_window = blocked_copy(
        _taken(problem), Base.SOURCE, problem.dtype, problem.accumulator, workspace, target
    )
    point, point_block, copying_point = blocked_copy(
        problem.destination, Base.DESTINATION, problem.dtype, problem.accumulator, workspace, target
    )
    pixels, width = problem.batch * math.prod(problem.destination.spatial), _width(target, lanes)
    band = _band(pixels, vector_bytes)
    cuts, tiles = _cuts(-(-problem.source_channels // lanes)), -(-problem.destination_channels // width)
    cut_chunks, tile_chunks = _shares(problem, len(cuts), tiles, band * vector_bytes)
    point_bytes = problem.weight_strides[0] * size
    values = {
        "items": problem.groups * tile_chunks * cut_chunks, "tile_chunks": tile_chunks, "cut_chunks": cut_chunks,
        "tiles_per_item": -(-tiles // tile_chunks), "tiles": tiles, "cuts_per_item": -(-len(cuts) // cut_chunks),
        "cuts": len(cuts),
        "bands": -(-pixels // band), "pixels_per_band": band, "pixels": pixels,
        "window_channels": problem.source_channels, "point_channels": problem.destination_channels,
        "window_block": window_block, "window_group": problem.source_channels // lanes * window_block,
        "point_block": point_block, "point_group": problem.destination_channels // lanes * point_block,
        "gradient_point": point_bytes, "gradient_group": point_bytes * problem.destination_channels,
    }  # fmt: skip
    places = {"window_ptr": window.at, "point_ptr": point.at, "gradient_ptr": Location(Base.WEIGHT)}
    spec = Spec(problem.accumulator, width, problem.source_channels % lanes != 0, target)
    summing = step(kernel(spec), ARGUMENTS, values, places, {"cuts_ptr": cuts})
    steps = stages([copying_window, copying_point], [summing])
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), ("both tensors copied in blocks of channels",))


def _shares(problem: ConvProblem, cuts: int, tiles: int, vector_band: int) -> tuple[int, int]:
    """In how many parts to share out the window's blocks and the point's tiles, so that the least is read again.

    Each part of the one passes over the other once; a band of a part of the window stays in the second-level cache.
    """
    wanted = -(-_ITEMS_A_CORE * max(2, cores()) // problem.groups)
    fewest = -(-cuts * VECTORS[0] * vector_band // _BAND_BYTES)
    best = (True, math.inf, cuts, tiles)
    for parts in range(min(fewest, cuts), min(max(fewest, wanted), cuts) + 1):
        others = min(tiles, -(-wanted // parts))
        read = parts * problem.destination_channels + others * problem.source_channels
        idle = parts * others < min(2 * cores(), cuts * tiles)
        best = min(best, (idle, read, parts, others))
    return best[2:]


def _taken(problem: ConvProblem) -> TensorSpec:
    """Those pixels of the window tensor that the stride meets."""
    n, c = problem.source.shape[:2]
    sn, sc, sd, sh, sw = problem.source.strides
    d, h, w = problem.stride
    return TensorSpec((n, c, *problem.destination.spatial), (sn, sc, sd * d, sh * h, sw * w))


def _width(target: Target, lanes: int) -> int:
    """Channels of the point tensor in a tile: with the most vectors of the window's, what the registers hold."""
    return min(lanes, 8 if target.roomy else 4)


def _band(pixels: int, vector_bytes: int) -> int:
    """The pixels of a band: its sum is apart from others', so that long sums lose few bits."""
    most = min(piece_terms(pixels, 3.5, _MOST_TERMS), max(1, _NEAR_BYTES // (VECTORS[0] * vector_bytes)))
    return -(-pixels // -(-pixels // most))


def _cuts(vectors: int) -> NDArray[np.int64]:
    """(first vector, index into VECTORS) of the fewest blocks, all but the last ones the widest."""
    blocks = -(-vectors // VECTORS[0])
    each, more = divmod(vectors, blocks)
    sizes = np.full(blocks, each)
    sizes[:more] += 1
    return np.stack([np.cumsum(sizes) - sizes, VECTORS[0] - sizes], 1)
