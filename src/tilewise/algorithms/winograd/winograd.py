"""`winograd`: taps that share transforms by F(2, 2) and F(2, 3), along H and W, on fused multiply-adds.

Two by two outputs of three by three taps take 16 products a pair of channels instead of 36, those of two by two taps
nine instead of 16; other filters are sums of such short ones, at any stride and dilation (see `runs.py`). The sums are
shorter by the taps, which pays for the roundings of the transforms: with pieces of 32 channels the error is at most 1.2
times a direct sum's with three taps an axis, 1.5 times with two, and as large where there are several runs. Infinities,
NaN and overflow in a transform would spread over a tile, so results that are not finite hand the call on.
"""

from __future__ import annotations

import itertools
import math

from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import (
    Location,
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
from tilewise.algorithms.winograd.contraction import (
    is_scattered,
    result_side,
    specify,
    tensors,
    transformed_filters,
)
from tilewise.algorithms.winograd.filters import product_bytes
from tilewise.algorithms.winograd.kernel import ARGUMENTS, kernel
from tilewise.algorithms.winograd.strips import Transformed
from tilewise.algorithms.winograd.tiles import (
    PRODUCT_WORK,
    TRANSFORM_WORK,
    Tiling,
    pixel_bytes,
    register_tiles,
    short_tilings,
    source_values,
    why_not_short_runs,
    why_not_three_taps,
)
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

# By the outputs of a tile along each axis.
NAMES = {2: "winograd", 4: "winograd4"}
NAME = NAMES[2]
SUMMARY = "two and more taps an axis by Winograd's F(2, 2) and F(2, 3) on fused multiply-adds"
# What products and transforms take, in parts of what `fma` would take for them: narrow tiles load more.
_SHARE = {16: 1.2, 32: 1.0}
# And by what they take longer where three taps are not all: sums are short, or made of several runs.
_SHORT = 1.33
# A range's transformed source should stay in the second-level cache, of which it takes this or a half; then a block's
# products follow each other.
_NEAR_BYTES = 512 << 10
# Where that would be a single register tile, a range is longer, because filters are read once for each; but not where
# several runs of taps are transformed.
_RANGE_BYTES = 4 << 20


def why_not(problem: ConvProblem, target: Target, size: int = 2) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return "it computes forward and input-gradient passes"
    return why_not_short_runs(problem, target) if size == 2 else why_not_three_taps(problem, target)


def plan(problem: ConvProblem, target: Target, size: int = 2) -> Plan:
    """Steps: turn planes where there are any, transform the filters, contract phase by phase, turn the result.

    `size` is the outputs of a tile along each axis.
    """
    tilings, workspace = _tilings(problem, size), WorkspaceLayout()
    view, turning, result, returning = tensors(tilings, workspace, target)
    shares = tuple(dict.fromkeys(tiling.share for tiling in tilings))
    if _are_few(tilings):
        steps = few.steps(tilings[0], view, result, turning, returning, workspace, target)
        return Plan(NAMES[size], steps, workspace.size, worth_sharing(problem), shares, True)
    ready: list[Step] = [turning] if turning else []
    blocks = channel_blocks(problem.destination_channels, target.lanes(problem.accumulator))
    filters = {}
    for tiling, (vectors, first, count) in itertools.product(tilings, blocks):
        lanes = vectors * target.lanes(problem.accumulator)
        filters[tiling, vectors], transforming = transformed_filters(tiling, first, count, lanes, workspace, target)
        ready.append(transforming)
    # Phases follow each other, so that they can use the same scratch memory.
    phases, most = [], workspace.size
    for tiling in tilings:
        scratch = WorkspaceLayout(workspace.size)
        phases.append(
            [
                _contraction(tiling, view, tiling.outputs_of(result), block, filters[tiling, block[0]], scratch, target)
                for block in blocks
            ]
        )
        most = max(most, scratch.size)
    steps = stages(ready, *phases, [returning] if returning else [])
    return Plan(NAMES[size], steps, most, worth_sharing(problem), shares, True)


def _tilings(problem: ConvProblem, size: int) -> list[Tiling]:
    return short_tilings(problem) if size == 2 else [Tiling.of_three_taps(problem, size)]


def _are_few(tilings: list[Tiling]) -> bool:
    return len(tilings) == 1 and few.serves(tilings[0])


def _contraction(
    tiling: Tiling, view: View, result: View, block: tuple[int, int, int], filters: Location,
    workspace: WorkspaceLayout, target: Target,
) -> Step:  # fmt: skip
    """For one of `channel_blocks`; `result` is where the outputs of this tiling lie."""
    vectors, first, blocks = block
    problem = tiling.problem
    accumulator = problem.accumulator
    lanes = vectors * target.lanes(accumulator)
    inputs, outputs = problem.source_channels, min(problem.destination_channels - first, blocks * lanes)
    direct = len(tiling.direct)
    each = product_bytes(tiling.terms, lanes, accumulator)

    pixel = pixel_bytes(inputs, accumulator, target)
    capacity, near = _capacity(tiling, pixel, register_tiles(target, vectors)[0], target)
    spec = specify(tiling, view, result, vectors, Transformed(tiling.tile, capacity, pixel), target)
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
    addresses = {"source_ptr": view.at, "filters_ptr": filters, "scratch_ptr": scratch.at}
    return step(
        kernel(spec), ARGUMENTS, values | side.values, addresses | side.addresses,
        {"taps_ptr": tiling.offsets, "uses_ptr": tiling.uses} | side.tables,
    )  # fmt: skip


def _capacity(tiling: Tiling, pixel: int, width: int, target: Target) -> tuple[int, bool]:
    """(tiles of a range, whether they stay in the second-level cache), in whole register tiles of `width`."""
    bytes_a_width = len(tiling.direct) * tiling.tile.products * pixel * width
    most = 4 if tiling.high.axis.transformed else 16
    near = min(most, max(_NEAR_BYTES, target.l2_bytes // 2) // bytes_a_width)
    if near >= (2 if len(tiling.direct) == 1 else 1):
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
    element = ELEMENT_BYTES[problem.accumulator]
    tilings = _tilings(problem, size)
    moved = turned_bytes(problem, problem.source) + element * math.prod(problem.destination.shape)
    if is_scattered(tilings):
        moved += turned_bytes(problem, problem.destination)
    fewest = _are_few(tilings)
    return sum(_seconds(tiling, size, fewest, target) for tiling in tilings) + moved / BYTE_RATE + 1e-5


def _seconds(tiling: Tiling, size: int, fewest: bool, target: Target) -> float:
    """Of one phase: products and transforms; `fewest`: as `few` does it."""
    problem, tile, tiles, direct = tiling.problem, tiling.tile, tiling.tiles, len(tiling.direct)
    lanes, element = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    inputs = -(-problem.source_channels // lanes) * lanes
    outputs = sum(v * n for v, _, n in channel_blocks(problem.destination_channels, lanes)) * lanes
    # Each register tile of sums is written and read once more, which takes as long as a few channels.
    work = PRODUCT_WORK[size] * 2 * tiling.products * tiles * (problem.source_channels + 6) * outputs
    transforms = TRANSFORM_WORK[size] * tile.products * tiles * (direct * inputs + outputs)
    if tiling.wide.step > 1:
        transforms *= 4  # strips are short, and their pixels too far apart to be fetched together
    if size == 2 and not tiling.is_plain:
        work *= _SHORT
    pairs = direct * problem.source_channels * outputs
    if fewest:
        # Filters are read once, and turned and transformed in registers.
        work += 9 * tile.products * pairs
        moved = 1.0 * element * pairs * tile.taps
    else:
        # They are read, transformed, written and read again, mostly in caches; narrow registers turn smaller squares.
        times = 1 if target.vector_bytes == 64 else 2
        moved = element * pairs * (1.2 * tile.products + (5 if tile.high.transformed else 2)) * times
    return _SHARE[target.registers] * (work + transforms) / fma_rate(lanes) + moved / BYTE_RATE
