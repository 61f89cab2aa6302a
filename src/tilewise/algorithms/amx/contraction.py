"""The steps of `amx` that multiply: a phase's positions by a width of filter blocks."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.amx.filters import TileFilters
from tilewise.algorithms.amx.grid import BLOCK, LINE
from tilewise.algorithms.amx.kernel import ARGUMENTS, Spec, kernel
from tilewise.algorithms.amx.layout import Source
from tilewise.algorithms.amx.products import POSITIONS
from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import Base, Location, ThreadScratch, WorkspaceLayout, enough_items, step
from tilewise.algorithms.common.storing import store_mode
from tilewise.geometry import Phase
from tilewise.ir.parts import PRODUCTS
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target


def contraction(
    choice: tuple[Phase, ...], source: Source, filters: TileFilters, packed: Location | None, result: View,
    workspace: WorkspaceLayout, target: Target, positions: tuple[int, int] | None = None,
) -> Step:  # fmt: skip
    """The contraction of one phase an axis with one width of filter blocks, whose tickets pack what has no place.

    `positions`: only of some blocks of these, (first, how many), whose lines are those that are packed.
    """
    problem, lines, grid, blocks = filters.problem, source.lines, source.lines.grid, filters.blocks
    places, indices = grid.taps(choice, lines.lines)
    along = lines.joining.lines if lines.joining else problem.kernel[2]
    numbers = (indices[:, 0] * problem.kernel[1] + indices[:, 1]) * along + indices[:, 2]
    on, oc, od, oh, ow = result.strides
    pd, ph, pw = choice
    first_block, position_blocks = positions or (0, source.blocks)
    if not places.size:
        packed = packed or Location(Base.WORKSPACE)  # nothing is multiplied
    if source.by_tickets or (source.ready and source.bands):
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
    for more_values, more_addresses, more_tables in _operands(source, filters, packed, first_block, items, workspace):
        values, addresses, tables = values | more_values, addresses | more_addresses, tables | more_tables
    packs = "source" if source.at is None else "filters" if packed is None else ""
    store = store_mode(oc, ow * pw.step, ELEMENT_BYTES[result.dtype])
    spec = Spec(
        problem.dtype, result.dtype, lines.parts, filters.halves, store, problem.bias, packs,
        lines.mode if packs == "source" else "", filters.reading if packs == "filters" else None,
        skips is not None, grid.worked(choice) < grid.positions, source.ready, target,
    )  # fmt: skip
    return step(kernel(spec), ARGUMENTS[packs], values, addresses, tables)


_Told = tuple[dict[str, int], dict[str, Location], dict[str, NDArray[np.int64]]]


def _operands(
    source: Source, filters: TileFilters, packed: Location | None, first_block: int, items: int,
    workspace: WorkspaceLayout,
) -> list[_Told]:  # fmt: skip
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
        told = [
            (
                {
                    **common, "source_group": group, "line_bytes": line, "last_position": last,
                    "first_block": first_block,
                },
                {"lines_ptr": at},
                {},
            )
        ]  # fmt: skip
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
    """(filter blocks, position blocks) of one ticket: some 32 tickets or more, each at least some 20 us of products."""
    cost = taps * -(-problem.source_channels // BLOCK) * len(PRODUCTS[parts]) * 4 * 16 + 400
    per_item = max(1, 60_000 // cost, blocks * position_blocks * problem.groups // enough_items(32))
    if per_item <= position_blocks:
        return 1, per_item
    return min(blocks, per_item // position_blocks), position_blocks
