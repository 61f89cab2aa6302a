"""`amx_winograd`: three taps at stride 1 by F(2, 3), with products in AMX tiles as two or three bfloat16 parts.

Tiles multiply so fast that transforms and splits weigh as much as products: it pays where channels are many, and not
where they are so many that transformed filters, read once for each range of tiles, come from too far. A tile
instruction sums pieces of 32 channels, which keeps the error where the precision promise wants it (see `winograd`).
"""

from __future__ import annotations

import math

from tilewise.algorithms.amx.amx import PACKING_RATE, tile_seconds
from tilewise.algorithms.amx.amx import why_not_tiles as why_no_tiles
from tilewise.algorithms.amx.grid import BLOCK, LINE
from tilewise.algorithms.amx.layout import PARTS
from tilewise.algorithms.amx.products import POSITIONS
from tilewise.algorithms.amx.winograd_filters import pack_products, panel_bytes
from tilewise.algorithms.amx.winograd_kernel import HALVES, LANES, TransformedParts, kernel
from tilewise.algorithms.common.plan import Plan, ThreadScratch, WorkspaceLayout, stages, step, worth_sharing
from tilewise.algorithms.common.tiling import BYTE_RATE, fma_rate
from tilewise.algorithms.common.turning import turned_bytes
from tilewise.algorithms.winograd.contraction import result_side, specify, tensors, transformed_filters
from tilewise.algorithms.winograd.kernel import ARGUMENTS
from tilewise.algorithms.winograd.strips import Transformed
from tilewise.algorithms.winograd.tiles import TRANSFORM_WORK, Tiling, source_values, why_not_three_taps
from tilewise.ir.amx import TILE_BYTES
from tilewise.ir.parts import PRODUCTS
from tilewise.problem import ConvProblem, Pass
from tilewise.target import Target

NAME = "amx_winograd"
SUMMARY = "three taps at stride 1 by Winograd's F(2, 3) on AMX tiles"
_SIZE = 2
# Tiles of a range, at the most; threads take ranges in turn, so there are some for each.
_MOST_TILES, _RANGES = 256, 8
# Bytes a second that two cores read from the last cache, of filters that no second-level cache holds: a cautious guess,
# on the scale of `fma_rate`.
_FAR_RATE = 2e10


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return "it computes forward and input-gradient passes"
    why = why_no_tiles(problem, target) or why_not_three_taps(problem, target)
    if why:
        return why
    if problem.dtype != "float32" or PARTS[problem.precision] < 2:
        return "one bfloat16 part would lose too much of transformed values"
    return None


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: turn planes where there are any, transform the filters, pack them, contract, turn the result."""
    tiling, workspace, parts = Tiling.of_three_taps(problem, _SIZE), WorkspaceLayout(), PARTS[problem.precision]
    view, turning, result, returning = tensors([tiling], workspace, target)
    inputs, outputs, direct = problem.source_channels, problem.destination_channels, len(tiling.direct)
    blocks = -(-outputs // LANES)
    transformed, transforming = transformed_filters(tiling, 0, blocks, LANES, workspace, target)
    panel = direct * panel_bytes(tiling, parts)
    packed = workspace.take(blocks * panel)
    packing = pack_products(tiling, blocks, parts, transformed, packed, target)

    capacity = _capacity(tiling, parts, target)
    layout = TransformedParts.of(Transformed(tiling.tile, capacity, LINE), parts, inputs)
    vectors = LANES // target.lanes("float32")
    spec = specify(tiling, view, result, vectors, layout, target)
    ranges = -(-tiling.tiles // capacity)
    blocks_per_item = max(1, math.ceil(blocks / max(1, -(-2 * _RANGES // ranges))))
    items = ranges * -(-blocks // blocks_per_item)
    side = result_side(tiling, result, 0, outputs, spec, overlap=True)
    blocks_per_group = min(blocks_per_item, max(1, target.l2_bytes // 4 // spec.sum_bytes))
    scratch = ThreadScratch.take(workspace, items, spec.slot_bytes(direct, blocks_per_group))
    values = {
        **tiling.values(capacity), **source_values(tiling, view), **scratch.values,
        "items": items, "runs": ranges, "ranges": ranges, "ranges_per_item": 1, "channels": inputs,
        "blocks": blocks, "blocks_per_item": blocks_per_item, "blocks_per_group": blocks_per_group,
        "panel_bytes": panel, "product_bytes": parts * HALVES * TILE_BYTES,
    }  # fmt: skip
    addresses = {"source_ptr": view.at, "filters_ptr": packed, "scratch_ptr": scratch.at}
    contracting = step(
        kernel(spec), ARGUMENTS, values | side.values, addresses | side.addresses,
        {"taps_ptr": tiling.offsets, "uses_ptr": tiling.uses} | side.tables,
    )  # fmt: skip
    ready = [turning, transforming] if turning else [transforming]
    steps = stages(ready, [packing], [contracting], [returning] if returning else [])
    notes = (tiling.share, f"{parts} bfloat16 parts, {len(PRODUCTS[parts])} products")
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), notes, True)


def _capacity(tiling: Tiling, parts: int, target: Target) -> int:
    """Tiles of a range, in whole tile loads: their parts take five eighths of the second-level cache."""
    blocks = len(tiling.direct) * -(-tiling.problem.source_channels // BLOCK)
    near = target.l2_bytes * 5 // 8 // (blocks * tiling.tile.products * parts * LINE)
    shared = -(-tiling.tiles // _RANGES)
    return max(1, min(near, shared, _MOST_TILES) // POSITIONS) * POSITIONS


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: products of whole tiles, transforms and splits, and what is moved."""
    tiling, parts = Tiling.of_three_taps(problem, _SIZE), PARTS[problem.precision]
    inputs, outputs, dilated = *_padded(tiling), problem.dilation[2] > 1
    filters = tiling.tile.products * inputs * outputs
    multiplied, packed = tile_seconds(products(problem), target), 2 * parts * filters
    if packed > target.l2_bytes // 2:
        ranges = -(-tiling.tiles // _capacity(tiling, parts, target))
        multiplied = max(multiplied, packed * ranges / _FAR_RATE)
    transform = TRANSFORM_WORK[_SIZE]
    work = tiling.tile.products * tiling.tiles * ((transform + 5 * parts) * inputs + (transform + 3) * outputs)
    tensors = 4 * problem.tensor_elements
    moved = 12 * filters + packed + tensors + turned_bytes(problem, problem.source)
    if dilated:  # as in `winograd`
        work *= 4
        moved += turned_bytes(problem, problem.destination)
    return multiplied + work / fma_rate(16) + moved / min(BYTE_RATE, PACKING_RATE) + 1e-5


def products(problem: ConvProblem) -> int:
    """Multiply-adds of all tile products, those of tails and of every pair of parts among them."""
    tiling = Tiling.of_three_taps(problem, _SIZE)
    positions = -(-tiling.tiles // POSITIONS) * POSITIONS
    pairs = len(PRODUCTS[PARTS[problem.precision]])
    return tiling.tile.products * math.prod(_padded(tiling)) * positions * pairs


def _padded(tiling: Tiling) -> tuple[int, int]:
    """Terms of a sum and destination channels, those that fill up the last blocks among them."""
    inputs = len(tiling.direct) * -(-tiling.problem.source_channels // BLOCK) * BLOCK
    return inputs, -(-tiling.problem.destination_channels // LANES) * LANES
