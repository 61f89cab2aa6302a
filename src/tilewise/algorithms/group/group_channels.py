"""`group_channels`: depthwise and narrow groups, channels-last or copied so, channels of whole groups in lanes.

A tile is a few neighbouring pixels of one block of channels. Each source pixel is loaded once for all the taps along
its row; where a group has several channels, a shuffle gives each lane the channel of its own group that the term
needs. Taps outside the tensor are skipped, so that nothing is copied.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np

from tilewise.algorithms.common.plan import (
    Base,
    Location,
    Plan,
    WorkspaceLayout,
    enough_items,
    stages,
    step,
    worth_sharing,
)
from tilewise.algorithms.common.tiling import sum_apart
from tilewise.algorithms.common.turning import can_turn_target, turned_bytes
from tilewise.algorithms.group.axes import inside_taps, row_streams
from tilewise.algorithms.group.blocks import Blocks, BlockView, Part, blocks_of, source_blocks, target_blocks
from tilewise.algorithms.group.channels_kernel import ARGUMENTS, KernelSpec, kernel
from tilewise.algorithms.group.costs import SummingCosts, summing_seconds
from tilewise.algorithms.group.filters import filter_places, pack_group_filters
from tilewise.algorithms.group.group_rows import MOST_STRIDE, masks_loads
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "group_channels"
SUMMARY = "depthwise and narrow groups, channels-last: channels in lanes, pixels in registers"
MOST_UNROLLED, MOST_SHUFFLED = 256, 8
# Terms of a row of taps that is unrolled for eight pixels.
MOST_ROW = 64
_COSTS = {
    16: SummingCosts(single=0.7, several=0.97, strided=1.4, near=0.0, far=8e-11),
    32: SummingCosts(single=0.72, several=0.72, strided=1.0, near=0.0, far=0.0),
}
# Beginning a row of a block's results, and a pixel of them: under masks each load and store takes longer.
_ROW_SECONDS, _PIXEL_SECONDS, _MASKED_SECONDS = {16: 4e-9, 32: 0.0}, {16: 0.9e-9, 32: 0.0}, {16: 2.3e-9, 32: 0.0}
# Bytes a second, read and written, while planes are turned, by registers: as many again are as wide again.
_TURNED = {16: 9e10, 32: 1.2e11}
# What of the nearest cache a ticket may count on.
NEAR_BYTES = 32 << 10


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return "it computes forward and input-gradient passes"
    if min(problem.source_channels, problem.destination_channels) > MOST_SHUFFLED:
        return f"with more than {MOST_SHUFFLED} channels in a group its shuffles cost more than dense tiles"
    if problem.kernel[2] * problem.source_channels > MOST_ROW:
        return "its rows of taps are unrolled, and these are too long"
    return why_not_channels(problem, target)


def why_not_channels(problem: ConvProblem, target: Target) -> str | None:
    """What all passes refuse."""
    if problem.dtype == "float16" and not target.converts_half:
        return "this host converts float16 in software"
    if problem.groups == 1:
        return "it is for grouped convolutions"
    widest = max(problem.source_channels, problem.destination_channels)
    if widest > target.lanes(problem.accumulator):
        return f"a group's {widest} channels do not fit one vector"
    if not can_turn_target(problem.destination):
        return "its result is neither channels-last nor dense planes"
    if problem.stride[2] > MOST_STRIDE:
        return f"it is for strides of at most {MOST_STRIDE} along rows"
    return None


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Pack the filters, then one contraction for the whole blocks and one for a last block that is not whole."""
    workspace = WorkspaceLayout()
    lanes = target.lanes(problem.accumulator)
    blocks = blocks_of(problem, target)
    places, terms = filter_places(problem, blocks.destination, lanes)
    packed = workspace.take(blocks.count * lanes * len(terms) * ELEMENT_BYTES[problem.accumulator])
    packing = [pack_group_filters(places, terms, problem, packed, target)]
    source = source_blocks(problem, problem.source, Base.SOURCE, blocks.source, workspace, target)
    result = target_blocks(problem, blocks.destination, workspace, target)
    packing += [source.copying] if source.copying else []
    steps = [_contraction(problem, blocks, part, source, result, packed, target) for part in blocks.parts(problem)]
    finishing = [result.copying] if result.copying else []
    notes = (f"source {source.how}", f"result {result.how}")
    # Taps outside the tensor are skipped, as PyTorch skips them: weights that are not finite need no watching.
    ordered = stages(packing, steps, finishing)
    return Plan(NAME, ordered, workspace.size, worth_sharing(problem), notes)


def _contraction(
    problem: ConvProblem, blocks: Blocks, part: Part, source: BlockView, result: BlockView, packed: Location,
    target: Target,
) -> Step:  # fmt: skip
    """The step that computes some blocks of channels."""
    size = ELEMENT_BYTES[problem.accumulator]
    lanes = target.lanes(problem.accumulator)
    streams, read, base = row_streams(problem.phases[2], problem.stride[2] if problem.scatter else 1)
    sn, _, sd, sh, sw = source.view.strides
    tn, _, td, th, tw = result.view.strides
    depth, height, width = problem.destination.spatial
    inside = [inside_taps(problem.phases[i], 0, problem.source.spatial[i] - 1) for i in range(2)]
    tap = lanes * size
    tap_d, tap_h = (problem.kernel[1] * problem.kernel[2] * tap, problem.kernel[2] * tap)
    # Without instructions for it a mask is a branch a lane: a tail then is short code rather than fast code.
    widths = (
        tile_widths(problem, len(streams))
        if masks_loads(source.view.dtype, problem.accumulator, target) or not part.tail
        else tuple(range(len(streams), 0, -1))
    )
    spec = KernelSpec(
        problem.dtype, source.view.dtype, result.view.dtype, problem.accumulator,
        part.tail or blocks.masked(lanes), part.tail, problem.source_channels,
        problem.destination_channels, blocks.groups, streams, read, widths, _apart(problem), problem.bias,
        target,
    )  # fmt: skip
    tiles = [
        (column * sw, column, start * tw, index)
        for start, index, column in _tiles(spec, width, problem.source.spatial[2], base)
    ]
    rows = problem.batch * depth * height
    rows_per_item, blocks_per_item = _split(problem, rows, part.count, problem.taps * problem.source_channels * tap)
    row_chunks, block_chunks = -(-rows // rows_per_item), -(-part.count // blocks_per_item)
    source_done, target_done = part.first * blocks.source, part.first * blocks.destination
    values = {
        "items": row_chunks * block_chunks, "block_chunks": block_chunks, "blocks": part.count,
        "blocks_per_item": blocks_per_item, "rows": rows, "rows_per_item": rows_per_item,
        "depth": depth, "height": height,
        "tile_count": len(tiles), "width": problem.source.spatial[2],
        "source_channels": problem.source.shape[1] - source_done,
        "target_channels": problem.destination.shape[1] - target_done,
        "source_block": source.distance, "target_block": result.distance,
        "source_n": sn, "source_w": sw, "target_n": tn, "target_d": td, "target_h": th, "target_w": tw,
        "depth_tap": inside[0].tap_step * tap_d, "depth_source": inside[0].source_step * sd,
        "height_tap": inside[1].tap_step * tap_h, "height_source": inside[1].source_step * sh,
        "weight_channel": problem.taps * tap, "weight_block": problem.taps * problem.source_channels * tap,
    }  # fmt: skip
    addresses = {
        "source_ptr": source.view.at.past(part.first * source.distance),
        "target_ptr": result.view.at.past(part.first * result.distance),
        "weight_ptr": packed.past(part.first * values["weight_block"]),
    }
    if problem.bias:
        addresses["bias_ptr"] = Location(Base.BIAS, target_done * ELEMENT_BYTES[problem.dtype])
    tables = {
        "tiles_ptr": np.array(tiles, np.int64),
        "depth_ptr": inside[0].in_bytes(tap_d, sd),
        "height_ptr": inside[1].in_bytes(tap_h, sh),
    }
    return step(kernel(spec), ARGUMENTS, values, addresses, tables)


def _apart(problem: ConvProblem) -> int:
    """In which of the loops over planes and rows of taps sums are begun anew, or -1."""
    step = problem.stride if problem.scatter else (1, 1, 1)
    d, h, w = (-(-k // s) for k, s in zip(problem.kernel, step, strict=True))
    return sum_apart((d, h, w * problem.source_channels))


def tile_widths(problem: ConvProblem, streams: int) -> tuple[int, ...]:
    """Pixels of a tile, widest first; all but the narrowest are whole turns of the streams."""
    widest = max(1, min(8, MOST_UNROLLED // (problem.kernel[2] * problem.source_channels)))
    widest = max(streams, widest // streams * streams)
    if streams == 1:
        # Seven pixels have a tile of their own where it is short code; rows from four up are covered by overlapping.
        return tuple(w for w in ((8, 7, 4, 1) if problem.source_channels == 1 else (8, 4, 1)) if w <= widest)
    half = widest // 2 // streams * streams
    return tuple(sorted({widest, half or streams, *range(1, streams + 1)}, reverse=True))


def _tiles(spec: KernelSpec, width: int, source_width: int, base: int) -> list[tuple[int, int, int]]:
    """(first pixel, which variant, its first source column) of tiles that cover a row."""
    turn = len(spec.streams)
    result = []
    for start, size in cut_row(width, spec.widths, turn):
        column = start // turn * spec.read + base
        reach = [column + position for position in spec.positions(size)]
        inner = size == spec.widths[0] and all(0 <= at < source_width for at in reach)
        result.append((start, 0 if inner else 1 + spec.widths.index(size), column))
    return result


@functools.lru_cache(maxsize=1024)
def cut_row(width: int, widths: Sequence[int], turn: int = 1, overlap: bool = True) -> tuple[tuple[int, int], ...]:
    """(start, size) of tiles that cover a row at the least cost; they begin at multiples of `turn`.

    Where they may overlap, the last may reach back over pixels that others cover: they come out the same.
    """
    best: list[float] = [0.0] + [math.inf] * width
    choice = [(0, 0)] * (width + 1)
    for end in range(1, width + 1):
        for size in widths:
            start = end - size
            if start < 0 or start % turn:
                continue
            last = end if end == width and overlap else start + 1
            for before in range(start, last):
                cost = best[before] + max(size, 4) + 1
                if cost < best[end]:
                    best[end], choice[end] = cost, (before, size)
    tiles, end = [], width
    while end > 0:
        before, size = choice[end]
        tiles.append((end - size, size))
        end = before
    return tuple(sorted(tiles))


def _split(problem: ConvProblem, rows: int, blocks: int, filter_bytes: int) -> tuple[int, int]:
    """Rows and blocks of one ticket.

    The blocks are few enough that the source rows of one result row, and the filters, stay in the nearest cache.
    """
    row_bytes = problem.source.spatial[2] * 64 * (problem.kernel[1] + problem.stride[1])
    near = max(1, NEAR_BYTES // (row_bytes + filter_bytes))
    block_pieces = -(-blocks // min(near, blocks))
    wanted = max(1, min(enough_items(32), problem.multiply_adds // 60_000))
    if rows * block_pieces < wanted:
        block_pieces = min(blocks, -(-wanted // rows))
    row_pieces = min(rows, max(1, -(-wanted // block_pieces)))
    return -(-rows // row_pieces), -(-blocks // block_pieces)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores; each channel of a group costs a shuffle a pixel, and lanes without one idle."""
    lanes, registers = target.lanes(problem.accumulator), target.registers
    blocks = blocks_of(problem, target)
    idle = lanes / min(lanes, blocks.destination) * (1 + problem.source_channels / 20)
    summing = summing_seconds(problem, idle, _COSTS[registers], target)
    depth, height, width = problem.destination.spatial
    rows = problem.batch * blocks.count * depth * height
    pixel = _PIXEL_SECONDS[registers] + blocks.masked(lanes) * _MASKED_SECONDS[registers]
    beginning = rows * (_ROW_SECONDS[registers] + width * pixel)
    turning = turned_bytes(problem, problem.source, problem.destination) / _TURNED[registers]
    return summing + beginning + turning + (6e-6 if turning and target.roomy else 3e-6)
