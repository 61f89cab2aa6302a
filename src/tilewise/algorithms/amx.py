"""`amx`: 32 positions by 32 filters in four tiles, float32 as one to three bfloat16 parts.

Filters (`amx_filters`) and the source (`amx_source`) are packed once, or by the tickets that multiply them, so that
what is packed never leaves the second-level cache (`amx_kernel`); `amx_layout` says which.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.amx_filters import TileFilters
from tilewise.algorithms.amx_grid import BLOCK, LINE
from tilewise.algorithms.amx_joining import Joining
from tilewise.algorithms.amx_kernel import ARGUMENTS, Spec, kernel
from tilewise.algorithms.amx_layout import Source, grid_of, packed_by_tickets, parts_of, phase_count, phases_of
from tilewise.algorithms.amx_products import POSITIONS
from tilewise.algorithms.limits import too_many_contractions
from tilewise.algorithms.padding import View
from tilewise.algorithms.plan import (
    Base,
    Location,
    Plan,
    ThreadScratch,
    WorkspaceLayout,
    stages,
    step,
    worth_sharing,
)
from tilewise.algorithms.storing import store_mode
from tilewise.algorithms.tiling import channel_blocks, fma_rate
from tilewise.algorithms.turning import is_strewn, result_view, turned_bytes
from tilewise.geometry import Phase
from tilewise.ir.parts import PRODUCTS
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "amx"
SUMMARY = "tiles of positions and filters on AMX, float32 as bfloat16 parts"
# Tile products against vector ones, multiply-adds a second of one core of Emerald Rapids: 2900 and 180 GFLOP/s.
_FASTER = 2900 / 180
# Of what the instructions could do, when their operands come from the second-level cache.
_REACHED = 0.8
# Bytes a second, packed or counted as that much work, on the scale of BYTE_RATE: measured without tile instructions.
PACKING_RATE = 3.3e10


def why_not_tiles(problem: ConvProblem, target: Target) -> str | None:
    """The reason why tiles cannot serve a problem, whatever its pass."""
    if not target.tiles:
        return f"this host's kernels are generated for {target.level}; {target.why_not_higher}"
    if problem.dtype not in ("float32", "bfloat16"):
        return f"tiles multiply bfloat16 parts, which {problem.dtype} is not split into"
    return None


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return "it computes forward and input-gradient passes"
    return why_not_tiles(problem, target) or too_many_contractions(problem)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: products of whole tiles, and the bytes that packing and storing move."""
    source, parts, element = Source.of(problem, target), parts_of(problem), ELEMENT_BYTES[problem.dtype]
    positions = problem.groups * source.lines.grid.positions
    packed = 0 if source.ready else problem.groups * source.lines.group_bytes
    packed *= -(-source.blocks // source.bands) if source.bands else 1
    packed += source.lines.blocks * BLOCK * _outputs(problem) * problem.groups * problem.taps * (element + 2 * parts)
    stored = 4 * positions * _outputs(problem) * phase_count(problem)
    tensors = element * problem.tensor_elements
    turned = 2 * turned_bytes(problem, problem.destination) if is_strewn(problem) else 0
    moved = packed + (stored + tensors) / 2 + turned
    return tile_seconds(products(problem), target) + moved / PACKING_RATE + 1e-5


def tile_seconds(products: int, target: Target) -> float:
    """Expected time on two cores of so many multiply-adds in tiles, on the scale of `fma_rate`."""
    rate = fma_rate(16) / 2 * _FASTER * _REACHED
    return products / rate * (50.0 if target.emulated else 1.0)


def products(problem: ConvProblem) -> int:
    """Multiply-adds of all tile products, those in gaps, tails and of every pair of parts among them."""
    joining = Joining.of(problem)
    inputs = joining.channels if joining else problem.source_channels
    grid = grid_of(problem, joining)
    phases = itertools.product(*phases_of(problem, joining))
    taps = sum(grid.live_taps(choice) for choice in phases if all(phase.count for phase in choice))
    channels = -(-inputs // BLOCK) * BLOCK * _outputs(problem) * problem.groups
    return int(taps * grid.positions) * channels * len(PRODUCTS[parts_of(problem)])


def _outputs(problem: ConvProblem) -> int:
    """Destination channels of a group, those that fill up the last block among them."""
    return sum(halves * count for halves, _, count in channel_blocks(problem.destination_channels, 16)) * 16


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: pack the operands that tickets do not pack, then one contraction a phase and width of block."""
    parts = parts_of(problem)
    workspace = WorkspaceLayout()
    source = Source.of(problem, target)
    ready = []
    if not source.bands and not source.ready:
        source.at = workspace.take(problem.groups * source.lines.group_bytes)
        ready.append(source.lines.pack(source.at, target))
    result, turning = result_view(problem, workspace, target)
    sides = []
    for halves, first, blocks in channel_blocks(problem.destination_channels, 16):
        outputs = min(problem.destination_channels - first, blocks * 16 * halves)
        filters = TileFilters(problem, first, outputs, halves, parts, source.lines.joining)
        packed = None
        if source.bands or not packed_by_tickets(source, filters):
            packed = workspace.take(filters.size)
            ready.append(filters.pack(packed, target))
        sides.append((filters, packed))
    contractions = [
        _contraction(problem, choice, source, filters, packed, result, workspace, target)
        for choice in itertools.product(*phases_of(problem, source.lines.joining))
        if all(phase.count for phase in choice)
        for filters, packed in sides
    ]
    steps = stages(ready, contractions, [turning] if turning else [])
    notes = [f"{parts} bfloat16 part{'s' if parts > 1 else ''}, {len(PRODUCTS[parts])} products"]
    if source.lines.joining:
        notes.append(f"{source.lines.joining.each} taps side by side")
    if source.ready:
        notes.append("source read as it lies")
    if source.bands:
        notes.append(f"bands of {source.bands * POSITIONS} positions")
    elif any(packed is None for _, packed in sides):
        notes.append("filters packed where they are multiplied")
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), tuple(notes), True)


def _contraction(
    problem: ConvProblem, choice: tuple[Phase, ...], source: Source, filters: TileFilters, packed: Location | None,
    result: View, workspace: WorkspaceLayout, target: Target,
) -> Step:  # fmt: skip
    """The contraction of one phase an axis with one width of filter blocks."""
    lines, grid, blocks = source.lines, source.lines.grid, filters.blocks
    places, indices = grid.taps(choice, lines.lines)
    along = lines.joining.lines if lines.joining else problem.kernel[2]
    numbers = (indices[:, 0] * problem.kernel[1] + indices[:, 1]) * along + indices[:, 2]
    on, oc, od, oh, ow = result.strides
    pd, ph, pw = choice
    position_blocks = source.blocks
    if source.bands:
        blocks_per_item, positions_per_item = blocks, source.bands
    elif packed is None:
        blocks_per_item, positions_per_item = 1, position_blocks
    else:
        blocks_per_item, positions_per_item = _work_per_item(problem, blocks, position_blocks, len(places), lines.parts)
    chunks = math.ceil(blocks / blocks_per_item), math.ceil(position_blocks / positions_per_item)
    items = problem.groups * chunks[0] * chunks[1]
    values = {
        "items": items, "filter_chunks": chunks[0], "position_chunks": chunks[1], "blocks": blocks,
        "blocks_per_item": blocks_per_item, "position_blocks": position_blocks,
        "positions_per_item": positions_per_item, "outputs": filters.outputs, "channel_blocks": lines.blocks,
        "tap_count": len(places), "source_block": LINE if source.ready else lines.block_bytes,
        "filter_block": filters.block_bytes,
        "out_depth": pd.count, "out_height": ph.count, "out_width": pw.count,
        "target_n": on, "target_d": od * pd.step, "target_h": oh * ph.step, "target_w": ow * pw.step, "target_c": oc,
        "target_group": oc * problem.destination_channels, "group_outputs": problem.destination_channels,
    }  # fmt: skip
    origin = pd.first * od + ph.first * oh + pw.first * ow + filters.first * oc
    addresses = {"target_ptr": result.at.past(origin)}
    if problem.bias:
        addresses["bias_ptr"] = Location(Base.BIAS, filters.first * ELEMENT_BYTES[problem.dtype])
    skips = grid.skips(choice)
    taps = [places * LINE, numbers * filters.tap_bytes]
    tables = {"taps_ptr": np.stack([*taps, *np.array(skips or [], np.int64).T], 1)}
    values |= {"read_depth": grid.axes[0].size, "read_height": grid.axes[1].size}
    for more_values, more_addresses, more_tables in _operands(source, filters, packed, items, workspace):
        values, addresses, tables = values | more_values, addresses | more_addresses, tables | more_tables
    packs = "source" if source.at is None else "filters" if packed is None else ""
    store = store_mode(oc, ow * pw.step, ELEMENT_BYTES[result.dtype])
    spec = Spec(
        problem.dtype, result.dtype, lines.parts, filters.halves, store, problem.bias, packs,
        lines.mode if packs == "source" else "", filters.reading if packs == "filters" else None,
        skips is not None, source.ready, target,
    )  # fmt: skip
    return step(kernel(spec), ARGUMENTS[packs], values, addresses, tables)


_Told = tuple[dict[str, int], dict[str, Location], dict[str, NDArray[np.int64]]]


def _operands(
    source: Source, filters: TileFilters, packed: Location | None, items: int, workspace: WorkspaceLayout
) -> list[_Told]:
    """Values, addresses and tables for both operands: where they lie packed, or how and where tickets pack them."""
    lines, lead, slot = source.lines, source.lines.grid.lead, 0
    values, addresses, tables = lines.arguments()
    if source.at is None:
        told = [({**values, "lead": lead, "trail": lines.grid.trail}, addresses, tables)]
        slot = lines.group_bytes
    else:
        common = {name: values[name] for name in ("part_bytes", "depth", "height", "width", "images")}
        at = source.at.past(lead * LINE)
        group, line = (values["stride_group"], lines.pixel_bytes) if source.ready else (lines.group_bytes, LINE)
        last = max(0, lines.grid.positions - POSITIONS)
        told = [({**common, "source_group": group, "line_bytes": line, "last_position": last}, {"lines_ptr": at}, {})]
    if packed is None:
        told.append(filters.arguments())
        slot = filters.panel_bytes
    else:
        placed = {"filter_group": filters.group_bytes, "filter_panel": filters.panel_bytes}
        told.append((placed, {"filters_ptr": packed}, {}))
    if slot:
        scratch = ThreadScratch.take(workspace, items, slot)
        told.append((scratch.values, {"scratch_ptr": scratch.at}, {}))
    return told


def _work_per_item(problem: ConvProblem, blocks: int, position_blocks: int, taps: int, parts: int) -> tuple[int, int]:
    """(filter blocks, position blocks) of one ticket: about 32 tickets, each at least some 20 us of products."""
    cost = taps * -(-problem.source_channels // BLOCK) * len(PRODUCTS[parts]) * 4 * 16 + 400
    per_item = max(1, 60_000 // cost, blocks * position_blocks * problem.groups // 32)
    if per_item <= position_blocks:
        return 1, per_item
    return min(blocks, per_item // position_blocks), position_blocks
