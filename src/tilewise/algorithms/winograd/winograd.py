"""`winograd`: filters of three taps at stride 1 by F(2, 3), along W alone or along H and W, on fused multiply-adds.

Two by two outputs take 16 products a pair of channels instead of 36. The sums are shorter by the taps, which pays for
the roundings of the transforms: with pieces of 32 channels the error is at most 1.2 times a direct sum's. Infinities,
NaN and overflow in a transform would spread over a tile, so results that are not finite hand the call on.
"""

from __future__ import annotations

import math

from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import (
    Plan,
    ThreadScratch,
    WorkspaceLayout,
    cores,
    enough_items,
    stages,
    step,
    worth_sharing,
)
from tilewise.algorithms.common.tiling import BYTE_RATE, channel_blocks, fma_rate
from tilewise.algorithms.common.turning import turned_bytes
from tilewise.algorithms.winograd import few
from tilewise.algorithms.winograd.contraction import result_side, specify, tensors, transformed_filters
from tilewise.algorithms.winograd.filters import product_bytes
from tilewise.algorithms.winograd.kernel import ARGUMENTS, kernel
from tilewise.algorithms.winograd.strips import Transformed
from tilewise.algorithms.winograd.tiles import (
    PRODUCT_WORK,
    TRANSFORM_WORK,
    Tiling,
    pixel_bytes,
    register_tiles,
    source_values,
    why_not_tiles,
)
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

# By the outputs of a tile along each axis.
NAMES = {2: "winograd", 4: "winograd4"}
NAME = NAMES[2]
SUMMARY = "three taps at stride 1 by Winograd's F(2, 3) on fused multiply-adds"
# What products and transforms take, in parts of what `fma` would take for them: narrow tiles load more.
_SHARE = {16: 1.2, 32: 1.0}
# A range's transformed source should stay in the second-level cache; then a block's products follow each other.
_NEAR_BYTES = 512 << 10
# Where that would be a single register tile, a range is longer, because filters are read once for each.
_RANGE_BYTES = 4 << 20


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return "it computes forward and input-gradient passes"
    return why_not_tiles(problem, target)


def plan(problem: ConvProblem, target: Target, size: int = 2) -> Plan:
    """Steps: turn planes where there are any, transform the filters, contract, turn the result.

    `size` is the outputs of a tile along each axis.
    """
    tiling, workspace = Tiling(problem, size), WorkspaceLayout()
    view, turning, result, returning = tensors(problem, workspace, target)
    if few.serves(tiling):
        steps = few.steps(tiling, view, result, turning, returning, workspace, target)
        return Plan(NAMES[size], steps, workspace.size, worth_sharing(problem), (tiling.share,), True)
    ready: list[Step] = [turning] if turning else []
    contractions: list[Step] = []
    for vectors, first, blocks in channel_blocks(problem.destination_channels, target.lanes(problem.accumulator)):
        one, two = _contraction(tiling, view, result, vectors, first, blocks, workspace, target)
        ready.append(one)
        contractions.append(two)
    steps = stages(ready, contractions, [returning] if returning else [])
    return Plan(NAMES[size], steps, workspace.size, worth_sharing(problem), (tiling.share,), True)


def _contraction(
    tiling: Tiling,
    view: View,
    result: View,
    vectors: int,
    first: int,
    blocks: int,
    workspace: WorkspaceLayout,
    target: Target,
) -> tuple[Step, Step]:
    problem = tiling.problem
    accumulator = problem.accumulator
    lanes = vectors * target.lanes(accumulator)
    inputs, outputs = problem.source_channels, min(problem.destination_channels - first, blocks * lanes)
    direct = len(tiling.direct)
    each = product_bytes(tiling.terms, lanes, accumulator)
    transformed, transforming = transformed_filters(tiling, first, blocks, lanes, workspace, target)

    pixel = pixel_bytes(inputs, accumulator, target)
    capacity, near = _capacity(tiling, pixel, register_tiles(target, vectors)[0])
    spec = specify(problem, view, result, vectors, Transformed(tiling.tile, capacity, pixel), direct, target)
    ranges = -(-tiling.tiles // capacity)
    blocks_per_item = _blocks_per_item(ranges, blocks, lanes)
    ranges_per_item = max(1, min(8, ranges // enough_items(32)))
    runs = -(-ranges // ranges_per_item)
    items = runs * -(-blocks // blocks_per_item)
    side = result_side(tiling, result, first, outputs, spec, overlap=True)
    blocks_per_group = min(blocks_per_item, max(1, _NEAR_BYTES // 2 // spec.sum_bytes) if near else blocks_per_item)
    scratch = ThreadScratch.take(workspace, items, spec.slot_bytes(direct, blocks_per_group))
    values = {
        **tiling.values(capacity), **source_values(tiling, view), **scratch.values,
        "items": items, "runs": runs, "ranges": ranges, "ranges_per_item": ranges_per_item, "channels": inputs,
        "blocks": blocks, "blocks_per_item": blocks_per_item, "blocks_per_group": blocks_per_group,
        "panel_bytes": tiling.tile.products * each, "product_bytes": each,
    }  # fmt: skip
    addresses = {"source_ptr": view.at, "filters_ptr": transformed, "scratch_ptr": scratch.at}
    contracting = step(
        kernel(spec), ARGUMENTS, values | side.values, addresses | side.addresses,
        {"taps_ptr": tiling.offsets} | side.tables,
    )  # fmt: skip
    return transforming, contracting


def _capacity(tiling: Tiling, pixel: int, width: int) -> tuple[int, bool]:
    """(tiles of a range, whether they stay in the second-level cache), in whole register tiles of `width`."""
    bytes_a_width = len(tiling.direct) * tiling.tile.products * pixel * width
    most = 4 if tiling.tile.tall else 16
    near = min(most, _NEAR_BYTES // bytes_a_width)
    if near >= 2:
        return near * width, True
    return max(1, min(most, _RANGE_BYTES // bytes_a_width)) * width, False


def _blocks_per_item(ranges: int, blocks: int, lanes: int) -> int:
    """All channel blocks, so that a range is transformed once, unless there would be too few tickets to share."""
    chunks = max(1, min(blocks, -(-max(16, 2 * cores()) // ranges)))
    # Tickets of fewer channels transform the source more often: worth it for cores that would have none.
    least = -(-(64 if cores() <= 8 else 32) // lanes)
    return min(blocks, max(-(-blocks // chunks), least))


def seconds(problem: ConvProblem, target: Target, size: int = 2) -> float:
    """Expected time on two cores: products of whole register tiles, the three transforms, and what is moved."""
    lanes, element = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    tiling = Tiling(problem, size)
    products, tiles, direct = tiling.tile.products, tiling.tiles, len(tiling.direct)
    inputs = -(-problem.source_channels // lanes) * lanes
    outputs = sum(v * n for v, _, n in channel_blocks(problem.destination_channels, lanes)) * lanes
    # Each register tile of sums is written and read once more, which takes as long as a few channels.
    work = PRODUCT_WORK[size] * 2 * products * tiles * direct * (problem.source_channels + 6) * outputs
    transforms = TRANSFORM_WORK[size] * products * tiles * (direct * inputs + outputs)
    if problem.dilation[2] > 1:
        transforms *= 4  # strips are short, and their pixels too far apart to be fetched together
    pairs = direct * problem.source_channels * outputs
    if few.serves(tiling):
        # Filters are read once, and turned and transformed in registers.
        work += 9 * products * pairs
        moved = 1.0 * element * pairs * tiling.tile.taps
    else:
        # They are read, transformed, written and read again, mostly in caches; narrow registers turn smaller squares.
        times = 1 if target.vector_bytes == 64 else 2
        moved = element * pairs * (1.2 * products + (5 if tiling.tile.tall else 2)) * times
    moved += turned_bytes(problem, problem.source)
    moved += element * math.prod(problem.destination.shape)
    if problem.dilation[2] > 1:
        moved += turned_bytes(problem, problem.destination)
    return _SHARE[target.registers] * (work + transforms) / fma_rate(lanes) + moved / BYTE_RATE + 1e-5
