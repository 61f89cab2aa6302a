"""`fma`: destination channels in vector lanes, pixels broadcast, the whole sum in registers.

A tile of P pixels and V vectors of channels is P*V accumulators. Each term of the sum loads V vectors of packed
filters and broadcasts P source elements, which may lie anywhere at a constant distance, so that any stride,
dilation, padding and either layout is read without rearranging it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

from tilewise.algorithms.fma_kernel import ARGUMENTS, KernelSpec, kernel
from tilewise.algorithms.fma_rows import row_tables
from tilewise.algorithms.padding import View, in_place, padded_copy, reach, readable_in_place
from tilewise.algorithms.panels import Panels, packed_filters, sum_order
from tilewise.algorithms.plan import Base, Location, Plan, WorkspaceLayout, stages, step
from tilewise.algorithms.storing import store_mode
from tilewise.algorithms.tiling import (
    BYTE_RATE,
    Reduction,
    channel_blocks,
    cut_cost,
    fma_rate,
    tile_widths,
)
from tilewise.algorithms.trimming import Part, trimmed
from tilewise.algorithms.turning import is_strewn, result_view, turned_bytes
from tilewise.geometry import Phase
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Layout, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "fma"
SUMMARY = "register tiles of pixels and channels on fused multiply-adds"
# Filters of more bytes than the source has are what passes through the caches: then a ticket takes all rows.
_WANTED_ITEMS, _FEWEST_ITEMS = 32, 16
# What the first-level cache holds beside a tile's pixels, and the second beside rows of them.
_FIRST_LEVEL, _SECOND_LEVEL = 32 << 10, 256 << 10
# Sums of so few terms take no longer than writing them.
_SHORT_TERMS = 160
# Results that the caches would not keep, of sums so short that writing them is what takes the time.
_STREAMED_BYTES, _STREAMED_TERMS, _STREAMED_PIXEL = 4 << 20, 512, 128


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return "it computes forward and input-gradient passes"
    if problem.dtype == "float16" and not target.converts_half:
        return "this host converts float16 in software"
    return None


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: copy the source if it must be padded or widened, pack the filters, then one contraction a phase."""
    accumulator = problem.accumulator
    workspace = WorkspaceLayout()
    packing: list[Step] = []
    contractions: list[Step] = []
    notes: list[str] = []
    axes = trimmed(problem, target)
    span = reach(_parts(axes))
    if readable_in_place(problem.source, span, problem.dtype, accumulator):
        view = in_place(problem.source, Base.SOURCE, problem.dtype)
        notes.append("source read in place")
    else:
        view, copying = padded_copy(problem.source, Base.SOURCE, problem.dtype, accumulator, span, workspace, target)
        packing += [copying] if copying else []
        notes.append("source copied with its padding")
    result, turning = result_view(problem, workspace, target)
    lanes = target.lanes(accumulator)
    choices: dict[tuple[Phase, ...], list[tuple[Phase, ...]]] = {}
    for choice in itertools.product(*axes):
        phases, parts = (tuple(pair[i] for pair in choice) for i in (0, 1))
        if all(part.count for part in parts):
            choices.setdefault(phases, []).append(parts)
    for phases, all_parts in choices.items():
        for vectors, first_block, blocks in _blocks(problem, lanes, target):
            panels = packed_filters(problem, phases, view, vectors, first_block, blocks, workspace, target)
            packing += panels.steps
            contractions += contraction(problem, all_parts, view, result, panels, target)
    parallel = problem.multiply_adds > 100_000
    steps = stages(packing, contractions, [turning] if turning else [])
    return Plan(NAME, steps, workspace.size, seconds(problem, target), parallel, tuple(notes), True)


def _blocks(problem: ConvProblem, lanes: int, target: Target) -> list[tuple[int, int, int]]:
    """As tiling.channel_blocks; of four vectors where sums are short, so that a tile writes long stretches."""
    channels, wide = problem.destination_channels, 4 * lanes
    short = problem.source_channels * problem.taps <= _SHORT_TERMS
    dense = problem.destination.layout is Layout.CHANNELS_LAST
    if short and dense and target.registers == 32 and channels % wide == 0:
        return [(4, 0, channels // wide)]
    return channel_blocks(channels, lanes)


def contraction(
    problem: ConvProblem, parts: Sequence[tuple[Phase, ...]], view: View, result: View, panels: Panels, target: Target
) -> list[Step]:
    """The sums of one phase an axis, in parts, for the channels of some packed filters: a step for each unrolling."""
    orders: dict[int, list[tuple[tuple[Phase, ...], Reduction]]] = {}
    for part in parts:
        terms = sum_order(problem, part, view)
        orders.setdefault(terms.unroll if len(terms.channel) else 0, []).append((part, terms))
    if 0 in orders and len(orders) > 1:  # parts that no tap reaches go with any others
        orders[max(orders)] += orders.pop(0)
    return [_contraction(problem, unroll or 1, group, view, result, panels, target) for unroll, group in orders.items()]


def _contraction(
    problem: ConvProblem, unroll: int, parts: Sequence[tuple[tuple[Phase, ...], Reduction]], view: View, result: View,
    panels: Panels, target: Target,
) -> Step:  # fmt: skip
    accumulator, size = problem.accumulator, ELEMENT_BYTES[problem.accumulator]
    vectors, blocks, channels = panels.vectors, panels.blocks, panels.channels
    lanes = vectors * target.lanes(accumulator)
    step_w, read_step_w = parts[0][0][2].step, parts[0][0][2].read_step
    target_w, target_c = result.strides[4] * step_w, result.strides[1]
    panel_bytes = len(panels.terms.channel) * lanes * size
    inside = blocks > 1 and _blocks_inside(panel_bytes, blocks)
    spec = KernelSpec(
        problem.dtype, result.dtype, accumulator, vectors, unroll, view.strides[4] * read_step_w,
        store_mode(target_c, target_w, ELEMENT_BYTES[result.dtype]), problem.bias,
        any(terms.sums > 1 for _, terms in parts), inside,
        _streams(problem, result, max(len(terms.channel) for _, terms in parts), vectors, target), target,
    )  # fmt: skip
    tables = row_tables(problem, parts, view, result, panels, spec.widths, lanes * size)
    work = tables.tiles_in_rows * blocks * problem.groups
    terms = max(len(terms.channel) for _, terms in parts)
    least = max(1, 400_000 // max(1, 2 * terms * lanes * 14))
    heavy = panel_bytes * blocks > size * math.prod(problem.source.shape)
    per_item = max(least, work // (_FEWEST_ITEMS if heavy else _WANTED_ITEMS), 1)
    rows = tables.rows(per_item)
    rows_per_item = max(1, min(len(rows), per_item * len(rows) // tables.tiles_in_rows))
    blocks_per_item = 1
    if inside:
        rows_per_item, blocks_per_item = max(1, rows_per_item // blocks), blocks
    elif rows_per_item == len(rows):
        blocks_per_item = min(blocks, max(1, per_item // tables.tiles_in_rows))
    chunks = (math.ceil(blocks / blocks_per_item), math.ceil(len(rows) / rows_per_item))
    values = {
        "items": problem.groups * math.prod(chunks), "channel_chunks": chunks[0], "row_chunks": chunks[1],
        "blocks": blocks, "blocks_per_item": blocks_per_item, "row_count": len(rows),
        "rows_per_item": rows_per_item, "channels": channels,
        "source_group": view.strides[1] * problem.source_channels, "target_w": target_w, "target_c": target_c,
        "target_group": target_c * problem.destination_channels, "panel_bytes": panel_bytes, "group_panels": blocks,
    }  # fmt: skip
    addresses = {
        "source_ptr": view.at,
        "filters_ptr": panels.at,
        "target_ptr": replace(result.at, offset=result.at.offset + panels.first_channel * target_c),
    }
    if problem.bias:
        addresses["bias_ptr"] = Location(Base.BIAS, panels.first_channel * ELEMENT_BYTES[problem.dtype])
    arrays = {"rows_ptr": rows, "parts_ptr": tables.parts, "outer_ptr": tables.outer, "inner_ptr": tables.inner,
              "tiles_ptr": tables.tiles}  # fmt: skip
    return step(kernel(spec), ARGUMENTS, values, addresses, arrays)


def _blocks_inside(panel_bytes: int, blocks: int) -> bool:
    """Whether a tile is made for all blocks of channels before the next tile, so that its pixels are read once.

    Not where one panel would stay in the first-level cache from tile to tile, but all of them would not.
    """
    whole = panel_bytes * blocks
    return whole <= _FIRST_LEVEL or (panel_bytes > _FIRST_LEVEL and whole <= _SECOND_LEVEL)


def _streams(problem: ConvProblem, result: View, terms: int, vectors: int, target: Target) -> bool:
    """Whether results go past the caches: large ones of short sums, whose pixels are whole aligned vectors."""
    size = ELEMENT_BYTES[problem.accumulator]
    return (
        target.level != "generic"
        and result.dtype == problem.accumulator
        and vectors >= 2
        and result.strides[4] >= _STREAMED_PIXEL
        and terms <= _STREAMED_TERMS
        and size * math.prod(problem.destination.shape) >= _STREAMED_BYTES
        and all(stride % target.vector_bytes == 0 for stride in (result.strides[0], *result.strides[2:]))
    )


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: whole tiles, copies, packed filters and stores."""
    lanes, element = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    axes = trimmed(problem, target)
    wasted = -(-problem.destination_channels // lanes) * lanes / problem.destination_channels
    width = max(max(part.count for _, part in axes[2]), 1)
    if problem.taps == 1 and max(problem.stride) == 1:  # rows are joined
        width = max(1, math.prod(problem.destination.spatial))
    wasted *= cut_cost(width, tile_widths(target.registers, 2 if problem.destination_channels > lanes else 1))
    for axis in axes:
        whole = sum(phase.count * len(phase.taps) for phase in dict.fromkeys(phase for phase, _ in axis))
        wasted *= sum(part.count * len(part.taps) for _, part in axis) / max(whole, 1)
    moved = 2 * element * problem.taps * problem.source_channels * problem.destination.shape[1]
    if not readable_in_place(problem.source, reach(_parts(axes)), problem.dtype, problem.accumulator):
        moved += 2 * element * math.prod(problem.source.shape)
    moved += element * math.prod(problem.destination.shape)
    if is_strewn(problem):
        moved += 2 * turned_bytes(problem, problem.destination)
    return 2 * problem.multiply_adds * wasted / fma_rate(lanes) + moved / BYTE_RATE + 5e-6


def _parts(axes: tuple[tuple[Part, ...], ...]) -> tuple[tuple[Phase, ...], ...]:
    return tuple(tuple(part for _, part in axis) for axis in axes)
