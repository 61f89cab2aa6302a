"""Plans of `winograd` for few tiles and many channels, where filters are many times the images.

Transformed filters of a whole layer would then travel to memory and back. Here a thread transforms those that it is
about to use, and the source is what is transformed once for all threads; see `winograd_few_kernel`.
"""

from __future__ import annotations

import math

from tilewise.algorithms.padding import View
from tilewise.algorithms.panels import filter_terms
from tilewise.algorithms.plan import Base, Location, ThreadScratch, WorkspaceLayout, cores, stages, step
from tilewise.algorithms.tiling import channel_blocks, divisor
from tilewise.algorithms.winograd_contraction import Spec, piece_channels, result_side, specify
from tilewise.algorithms.winograd_few_kernel import ARGUMENTS, SOURCE_ARGUMENTS, filter_bytes, kernel, source_kernel
from tilewise.algorithms.winograd_filters import filter_walk
from tilewise.algorithms.winograd_strips import Transformed
from tilewise.algorithms.winograd_tiles import Tiling, register_tiles, source_values
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

# A ticket's sums, and the filters of a piece, stay in the second-level cache.
_NEAR_BYTES = 640 << 10
# Terms of filters that are turned before they are transformed.
_CHUNK = 16


def serves(tiling: Tiling) -> bool:
    """Whether the transformed source is smaller than transformed filters would be."""
    return len(tiling.direct) == 1 and tiling.tiles <= tiling.problem.destination_channels


def steps(
    tiling: Tiling, view: View, result: View, turning: Step | None, returning: Step | None,
    workspace: WorkspaceLayout, target: Target,
) -> tuple[Step, ...]:  # fmt: skip
    """Transform the source, then contract; `turning` and `returning` are what comes before and after."""
    problem = tiling.problem
    layout, piece = _layout(tiling, target)
    pieces = -(-problem.source_channels // piece)
    ranges = -(-tiling.tiles // layout.capacity)
    transformed = workspace.take(ranges * pieces * layout.size)
    values = tiling.values(layout.capacity) | source_values(tiling, view)
    values |= {"items": ranges * pieces, "channels": problem.source_channels, "pieces": pieces}
    transforming = step(
        source_kernel(view.dtype, problem.accumulator, layout, piece, target), SOURCE_ARGUMENTS, values,
        {"source_ptr": view.at, "transformed_ptr": transformed}, {"taps_ptr": tiling.offsets},
    )  # fmt: skip
    contractions = []
    for vectors, first, blocks in channel_blocks(problem.destination_channels, target.lanes(problem.accumulator)):
        spec = specify(problem, view, result, vectors, layout, 1, target)
        contractions.append(_contraction(tiling, result, spec, first, blocks, transformed, workspace))
    return stages([turning] if turning else [], [transforming], contractions, [returning] if returning else [])


def _layout(tiling: Tiling, target: Target) -> tuple[Transformed, int]:
    """(how the transformed source of a piece of channels lies, channels of a piece).

    A range has one, two or four times the tiles that share registers, so that few kernels serve all image sizes.
    """
    lanes = target.lanes(tiling.problem.accumulator)
    width = register_tiles(target, 2)[0]
    base = width if width > 8 else 2 * width
    capacity = base * next((n for n in (1, 2) if n * base >= tiling.tiles), 4)
    piece, _ = piece_channels(tiling.problem.source_channels)
    return Transformed(tiling.tile, capacity, -(-piece // lanes) * target.vector_bytes), piece


def _contraction(
    tiling: Tiling, result: View, spec: Spec, first: int, blocks: int, transformed: Location,
    workspace: WorkspaceLayout,
) -> Step:  # fmt: skip
    problem, layout = tiling.problem, spec.layout
    inputs, outputs = problem.source_channels, min(problem.destination_channels - first, blocks * spec.lanes)
    filters = filter_terms(problem, *tiling.elements)
    chunk = divisor(spec.piece, _CHUNK)
    walk = filter_walk(filters, tiling.tile, spec.target.lanes(problem.accumulator), chunk)
    ranges = -(-tiling.tiles // layout.capacity)
    blocks_per_item, ranges_per_item = _shares(problem, spec, blocks, ranges)
    runs = -(-ranges // ranges_per_item)
    items = runs * -(-blocks // blocks_per_item)
    each = spec.slot_bytes(0, blocks_per_item * ranges_per_item) + blocks_per_item * filter_bytes(spec)
    scratch = ThreadScratch.take(workspace, items, each)
    side = result_side(tiling, result, first, outputs, spec, overlap=False)
    values = {
        **tiling.values(layout.capacity), **scratch.values, **side.values, "items": items, "runs": runs,
        "ranges": ranges, "ranges_per_item": ranges_per_item, "blocks": blocks, "blocks_per_item": blocks_per_item,
        "channels": inputs, "pieces": -(-inputs // spec.piece), "channel_stride": filters.channel_stride,
        "chunks": len(walk.chunks), "chunks_per_piece": spec.piece // chunk,
    }  # fmt: skip
    addresses = {
        "transformed_ptr": transformed,
        "weight_ptr": Location(Base.WEIGHT, first * filters.channel_stride),
        "scratch_ptr": scratch.at,
    }
    return step(
        kernel(spec, filters.dense, chunk), ARGUMENTS, values, addresses | side.addresses, walk.tables | side.tables
    )


def _shares(problem: ConvProblem, spec: Spec, blocks: int, ranges: int) -> tuple[int, int]:
    """(blocks, ranges of a ticket) that move the least, among those that stay near and leave enough tickets.

    The source is read again for each share of the blocks, the filters for each share of the ranges.
    """
    source = ranges * spec.layout.capacity * spec.layout.tile.products * problem.source_channels
    weights = problem.source_channels * blocks * spec.lanes * spec.layout.tile.taps
    wanted = min(blocks * ranges, 2 * cores())
    best = (math.inf, 1, 1)
    for some in range(1, blocks + 1):
        left = _NEAR_BYTES // some - filter_bytes(spec)
        most = max(1, min(ranges, left // spec.sum_bytes))
        shares, runs = -(-blocks // some), -(-ranges // most)
        if some > 1 and (left < spec.sum_bytes or shares * runs < wanted):
            break
        best = min(best, (shares * source + 2 * runs * weights, some, -(-ranges // runs)))
    return best[1], best[2]
