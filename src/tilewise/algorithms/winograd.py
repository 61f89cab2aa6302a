"""`winograd`: filters of three taps at stride 1 by F(2, 3), along W alone or along H and W, on fused multiply-adds.

Two by two outputs take 16 products a pair of channels instead of 36. The sums are shorter by the taps, which pays for
the roundings of the transforms: with pieces of 64 channels the error is at most 1.2 times a direct sum's. Infinities,
NaN and overflow in a transform would spread over a tile, so results that are not finite hand the call on.
"""

from __future__ import annotations

import itertools
import math
import os

import numpy as np

from tilewise.algorithms.filters import pack_filters, packed_bytes
from tilewise.algorithms.fma import filter_terms
from tilewise.algorithms.padding import View, in_place
from tilewise.algorithms.plan import Base, Location, Plan, WorkspaceLayout, stages, step
from tilewise.algorithms.storing import store_mode
from tilewise.algorithms.tiling import BYTE_RATE, channel_blocks, cut_row, divisor, fma_rate, tile_widths
from tilewise.algorithms.turning import channels_last_source, channels_last_target, turned_bytes
from tilewise.algorithms.winograd_filters import transform_filters
from tilewise.algorithms.winograd_kernel import ARGUMENTS, Spec, kernel
from tilewise.algorithms.winograd_transforms import INPUTS, OUTPUTS, TAPS
from tilewise.geometry import Phase
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Layout, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "winograd"
SUMMARY = "three taps at stride 1 by Winograd's F(2, 3) on fused multiply-adds"
# Channels summed at a time; see the module's text.
_PIECE = 64
# The transformed source of a range of tiles stays in the second-level cache.
_RANGE_BYTES = 512 << 10


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return "it computes forward and input-gradient passes"
    if problem.groups > 1:
        return "it serves convolutions without groups"
    if problem.dtype == "float16" and not target.converts_half:
        return "this host converts float16 in software"
    if any(len(axis) != 1 or axis[0].read_step != 1 for axis in problem.phases):
        return "it serves stride 1"
    if not _three_taps(problem.phases[2][0]):
        return f"filters {problem.kernel[2]} wide are not three taps"
    return None


def _three_taps(phase: Phase) -> bool:
    return len(phase.taps) == TAPS


def _is_tall(problem: ConvProblem) -> bool:
    return _three_taps(problem.phases[1][0])


def _low(phase: Phase) -> int:
    return min(offset for _, offset in phase.taps)


def _capacity(problem: ConvProblem, pixel_bytes: int, width: int) -> int:
    """Tiles of a range: as many whole register tiles as the cache holds, four at most."""
    products = INPUTS * (INPUTS if _is_tall(problem) else 1)
    taps = problem.kernel[0] * (1 if _is_tall(problem) else problem.kernel[1])
    most = 4 if _is_tall(problem) else 16
    return width * max(1, min(most, _RANGE_BYTES // (taps * products * pixel_bytes * width)))


def _tiles(problem: ConvProblem) -> tuple[int, int, int, int, int]:
    """(strips along H, row residues, tiles a strip, column residues, tiles in all).

    Outputs whose taps interleave are tiles of one residue of the dilation.
    """
    _, _, depth, height, width = problem.destination.shape
    rows = problem.dilation[1] if _is_tall(problem) else 1
    columns = problem.dilation[2]
    rows, columns = min(rows, height), min(columns, width)
    strips = -(-(-(-height // rows)) // OUTPUTS) if _is_tall(problem) else height
    tiles = -(-(-(-width // columns)) // OUTPUTS)
    return strips, rows, tiles, columns, problem.batch * depth * strips * rows * tiles * columns


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: turn planes where there are any, pack and transform the filters, contract, turn the result."""
    workspace = WorkspaceLayout()
    view, turning = channels_last_source(problem, problem.source, Base.SOURCE, workspace, target)
    dilated = problem.dilation[2] > 1
    if dilated and problem.destination.layout is not Layout.CHANNELS_LAST:
        result, returning = channels_last_target(problem, workspace, target)
    else:
        result, returning = in_place(problem.destination, Base.DESTINATION, problem.dtype), None
    packing: list[Step] = [turning] if turning else []
    transforming: list[Step] = []
    contractions: list[Step] = []
    for vectors, first, blocks in channel_blocks(problem.destination_channels, target.lanes(problem.accumulator)):
        one, two, three = _contraction(problem, view, result, vectors, first, blocks, workspace, target)
        packing.append(one)
        transforming.append(two)
        contractions.append(three)
    steps = stages(packing, transforming, contractions, [returning] if returning else [])
    parallel = problem.multiply_adds > 100_000
    share = "16 products for 36" if _is_tall(problem) else "4 products for 6"
    return Plan(NAME, steps, workspace.size, seconds(problem, target), parallel, (share,), True)


def _contraction(
    problem: ConvProblem,
    view: View,
    result: View,
    vectors: int,
    first: int,
    blocks: int,
    workspace: WorkspaceLayout,
    target: Target,
) -> tuple[Step, Step, Step]:
    accumulator, size = problem.accumulator, ELEMENT_BYTES[problem.accumulator]
    tall = _is_tall(problem)
    lanes = vectors * target.lanes(accumulator)
    inputs, outputs = problem.source_channels, min(problem.destination_channels - first, blocks * lanes)
    phases = tuple(axis[0] for axis in problem.phases)
    direct = list(itertools.product(phases[0].taps, [(0, _low(phases[1]))] if tall else phases[1].taps))

    # Packed filters: [direct tap][channel][taps by their place], then transformed.
    across = sorted(phases[2].taps, key=lambda tap: tap[1])
    down = sorted(phases[1].taps, key=lambda tap: tap[1])
    kh, kw = problem.kernel[1:]
    taps = [
        [(d * kh + i) * kw + k for i in ([t for t, _ in down] if tall else [h]) for k, _ in across]
        for (d, _), (h, _) in direct
    ]
    terms = len(direct) * inputs
    each = len(taps[0])
    channel = np.tile(np.repeat(np.arange(inputs), each), len(direct))
    tap = np.concatenate([np.tile(np.array(group, np.int64), inputs) for group in taps])
    filters = filter_terms(problem, channel, tap)
    packed = workspace.take(packed_bytes(terms * each, outputs, 1, lanes, accumulator))
    weight = Location(Base.WEIGHT, first * filters.channel_stride)
    packing = pack_filters(filters, outputs, 1, lanes, problem.dtype, accumulator, weight, packed, target)
    products = INPUTS * (INPUTS if tall else 1)
    transformed = workspace.take(blocks * products * terms * lanes * size)
    transforming = transform_filters(tall, blocks, terms, lanes, accumulator, packed, transformed, target)

    unroll = divisor(inputs, 8)
    piece = max(unroll, _PIECE // unroll * unroll)
    widths = tuple(w for w in tile_widths(target.registers, vectors) if w not in (3, 2, 1)) + (1,)
    # Rows of a power of two bytes would share few cache sets; another line moves them apart.
    pixel = (-(-inputs // target.lanes(accumulator)) + 1) * target.vector_bytes
    capacity = _capacity(problem, pixel, widths[0])
    store = store_mode(result.strides[1], result.strides[4] * problem.dilation[2], ELEMENT_BYTES[result.dtype])
    spec = Spec(
        problem.dtype, view.dtype, result.dtype, accumulator, vectors, tall, capacity, pixel, piece, unroll,
        len(direct) > 1 or inputs > piece, store, problem.bias, widths, target,
    )  # fmt: skip
    strips, row_residues, strip_tiles, column_residues, tiles = _tiles(problem)
    ranges = -(-tiles // capacity)
    blocks_per_item = _blocks_per_item(ranges, blocks, lanes)
    ranges_per_item = max(1, min(8, ranges // 32))
    runs = -(-ranges // ranges_per_item)
    items = runs * -(-blocks // blocks_per_item)
    slots = max(1, min(items, os.cpu_count() or 1))
    full, last = ([(s, i) for s, i in cut_row(n, widths)] for n in (capacity, tiles - (ranges - 1) * capacity))
    _, _, depth, height, width = problem.destination.shape
    on, oc, od, oh, ow = result.strides
    slot_bytes = -(-spec.slot_bytes(len(direct)) // 4096) * 4096 + 192
    values = {
        "items": items, "drawn_slots": 0, "slots": slots, "slot_bytes": slot_bytes, "runs": runs,
        "ranges": ranges, "ranges_per_item": ranges_per_item, "strips_ahead": -(-capacity // strip_tiles), "tiles": tiles,
        "strip_tiles": strip_tiles, "depth": depth, "strip_rows": strips, "row_residues": row_residues,
        "column_residues": column_residues, "height": height, "width": width,
        "row_step": problem.dilation[1] if tall else 1, "column_step": problem.dilation[2], "taps": len(direct),
        "channels": inputs, "source_depth": problem.source.shape[2], "source_height": problem.source.shape[3],
        "source_width": problem.source.shape[4], "source_n": view.strides[0], "source_d": view.strides[2],
        "source_h": view.strides[3], "source_w": view.strides[4], "column_low": _low(phases[2]), "blocks": blocks,
        "blocks_per_item": blocks_per_item, "full_cuts": len(full), "last_cuts": len(last),
        "panel_bytes": products * terms * lanes * size, "product_bytes": terms * lanes * size, "outputs": outputs,
        "target_n": on, "target_d": od, "target_h": oh, "target_w": ow, "target_c": oc,
    }  # fmt: skip
    addresses = {
        "source_ptr": view.at,
        "filters_ptr": transformed,
        "target_ptr": Location(result.at.base, result.at.offset + first * oc),
        "scratch_ptr": workspace.take(slots * slot_bytes),
        "status_ptr": Location(Base.STATUS),
    }
    if problem.bias:
        addresses["bias_ptr"] = Location(Base.BIAS, first * ELEMENT_BYTES[problem.dtype])
    tables = {
        "taps_ptr": np.array([(d, h) for (_, d), (_, h) in direct], np.int64),
        "cuts_ptr": np.array(full + last, np.int64),
    }
    return packing, transforming, step(kernel(spec), ARGUMENTS, values, addresses, tables)


def _blocks_per_item(ranges: int, blocks: int, lanes: int) -> int:
    """All channel blocks, so that a range is transformed once, unless there would be too few tickets to share."""
    chunks = max(1, min(blocks, -(-16 // ranges)))
    least = -(-64 // lanes)
    return min(blocks, max(-(-blocks // chunks), least))


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: products of whole register tiles, the three transforms, and what is moved."""
    lanes, element = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    tall = _is_tall(problem)
    products = INPUTS * (INPUTS if tall else 1)
    *_, tiles = _tiles(problem)
    direct = problem.kernel[0] * (1 if tall else problem.kernel[1])
    inputs = -(-problem.source_channels // lanes) * lanes
    outputs = sum(v * n for v, _, n in channel_blocks(problem.destination_channels, lanes)) * lanes
    work = 2 * products * tiles * direct * problem.source_channels * outputs
    # A transform costs about as much as three sums for each value that it moves.
    transforms = 6 * products * tiles * (direct * inputs + outputs)
    pairs = direct * problem.source_channels * outputs
    moved = element * pairs * (products + 3 * (9 if tall else 3))
    moved += turned_bytes(problem, problem.source)
    moved += element * math.prod(problem.destination.shape)
    if problem.dilation[2] > 1:
        moved += turned_bytes(problem, problem.destination)
    return (work + transforms) / fma_rate(lanes) + moved / BYTE_RATE + 1e-5
