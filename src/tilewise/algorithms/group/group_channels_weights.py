"""`group_channels_weights`: weight gradients of depthwise and narrow groups, channels-last or copied so.

Lanes are the point tensor's channels. A few rows of taps, or a part of a long one, stay in registers as sums while
pixels pass by: a tile loads some point pixels once and each window pixel once for all taps along its row. Pixels are
cut into fixed pieces that are added in a fixed order, so that bits do not depend on threads; and a piece into bands,
which are summed apart so that long sums lose few bits.
"""

from __future__ import annotations

from dataclasses import dataclass

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
from tilewise.algorithms.common.tiling import SUM_TERMS, piece_terms
from tilewise.algorithms.common.turning import turned_bytes
from tilewise.algorithms.group.blocks import BlockView, Part, blocks_of, source_blocks
from tilewise.algorithms.group.channels_kernel import KernelSpec
from tilewise.algorithms.group.channels_weights_kernel import ARGUMENTS, Shape, kernel
from tilewise.algorithms.group.costs import SummingCosts, summing_seconds
from tilewise.algorithms.group.filters import add_group_filters, filter_places, sums_bytes
from tilewise.algorithms.group.group_channels import MOST_ROW, cut_row, why_not_channels
from tilewise.algorithms.group.group_rows import masks_loads
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "group_channels_weights"
SUMMARY = "weight gradients of depthwise and narrow groups, channels-last: taps' sums in registers"
_COSTS = {
    16: SummingCosts(single=0.73, several=0.95, strided=1.5, near=0.0, far=8e-11),
    32: SummingCosts(single=0.72, several=0.72, strided=1.0, near=0.0, far=0.0),
}
# Beginning a row of points for some taps of a block, loading a point, which takes longer under a mask, and adding and
# storing a weight.
_ROW_SECONDS, _WEIGHT_SECONDS = {16: 3.5e-9, 32: 0.0}, {16: 0.9e-9, 32: 0.0}
_POINT_SECONDS, _MASKED_SECONDS = {16: 0.35e-9, 32: 0.0}, {16: 0.9e-9, 32: 0.0}
# Bytes a second, read and written, while planes are turned.
_TURNED = {16: 7e10, 32: 1.2e11}
# The bands of a piece are added in sequence too.
_BANDS_OF_PIECE, _MOST_PIECES = 16, 8


@dataclass(frozen=True)
class Strips:
    """How the points' rows are summed: strips of a row, how many of them are a band and a piece, and the pieces."""

    of_row: int
    per_band: int
    per_piece: int
    pieces: int


def shape_of(problem: ConvProblem, target: Target) -> Shape:
    """Fit sums and pixels into the registers."""
    room = 24 if target.roomy else 9
    # Even shares of a row of taps: 31 are 8 + 8 + 8 + 7 rather than 9 + 9 + 9 + 4.
    row = problem.kernel[2]
    taps = -(-row // -(-row // room))
    channels = max(
        c for c in range(1, problem.source_channels + 1)
        if problem.source_channels % c == 0 and (c == 1 or c * taps <= room)
    )  # fmt: skip
    rows = max(1, min(problem.kernel[1], room // (channels * taps)))
    # Even shares of the rows of taps: 7 are 3 + 2 + 2 rather than 3 + 3 + 1.
    rows = -(-problem.kernel[1] // -(-problem.kernel[1] // rows))
    left = max(2, target.registers - 3 - rows * channels * taps)
    widest = max(w for w in (8, 7, 4, 2) if w <= left)
    return Shape(rows, channels, taps, row, tuple(w for w in (8, 7, 4, 2, 1) if w <= widest))


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is not Pass.WEIGHT_GRADIENT:
        return "it computes weight gradients"
    if reason := why_not_channels(problem, target):
        return reason
    if shape_of(problem, target).taps * problem.source_channels > MOST_ROW:
        return f"the taps of a row that it sums at a time, by channels, are unrolled: more than {MOST_ROW} are too long"
    return None


def strips_of(problem: ConvProblem, wanted: int) -> Strips:
    """Bands of about `piece_terms` pixels; about so many pieces as are wanted, or more of very many bands."""
    n, _, d, h, w = problem.destination.shape
    pixels = n * d * h * w
    band = piece_terms(pixels, 3, SUM_TERMS // 2)
    of_row = max(1, w // band)
    count = n * d * h * of_row
    bands = max(1, round(pixels / band))
    per_piece = -(-count // max(wanted, min(bands // _BANDS_OF_PIECE, _MOST_PIECES)))
    return Strips(of_row, -(-count // bands), per_piece, -(-count // per_piece))


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Sums of pieces for the whole blocks and for a last one that is not whole; then the pieces are added."""
    workspace = WorkspaceLayout()
    lanes = target.lanes(problem.accumulator)
    blocks = blocks_of(problem, target)
    shape = shape_of(problem, target)
    places, terms = filter_places(problem, blocks.destination, lanes)
    wanted = min(enough_items(32), problem.multiply_adds // 60_000) // (blocks.count * _passes(problem, shape))
    strips = strips_of(problem, max(1, wanted))
    window = source_blocks(problem, problem.source, Base.SOURCE, blocks.source, workspace, target)
    points = source_blocks(problem, problem.destination, Base.DESTINATION, blocks.destination, workspace, target)
    copies = [view.copying for view in (window, points) if view.copying]
    sums = workspace.take(sums_bytes(blocks.count, len(terms), strips.pieces, problem, target))
    steps = [_sums(problem, shape, part, strips, window, points, sums, target) for part in blocks.parts(problem)]
    adding = add_group_filters(places, terms, blocks.destination, strips.pieces, problem, sums, target)
    notes = (f"window tensor {window.how}", f"point tensor {points.how}", f"{strips.pieces} pieces")
    # Window pixels outside the tensor are skipped, as PyTorch skips them: no result needs watching.
    ordered = stages(copies, steps, [adding])
    return Plan(NAME, ordered, workspace.size, worth_sharing(problem), notes)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores; each channel of a group costs a shuffle a pixel, and lanes without one idle."""
    lanes, registers = target.lanes(problem.accumulator), target.registers
    blocks = blocks_of(problem, target)
    idle = lanes / min(lanes, blocks.destination) * (1 + problem.source_channels / 80)
    summing = summing_seconds(problem, idle, _COSTS[registers], target)
    depth, height, width = problem.destination.spatial
    rows = problem.batch * blocks.count * depth * height * _passes(problem, shape_of(problem, target))
    point = _POINT_SECONDS[registers] + blocks.masked(lanes) * _MASKED_SECONDS[registers]
    summing += rows * (_ROW_SECONDS[registers] + width * point)
    weights = problem.taps * problem.source_channels * problem.destination.shape[1]
    turning = turned_bytes(problem, problem.source, problem.destination) / _TURNED[registers]
    return summing + weights * _WEIGHT_SECONDS[registers] + turning + 8e-6


def _passes(problem: ConvProblem, shape: Shape) -> int:
    """How often the points are read."""
    rounds = problem.kernel[0] * shape.tap_groups(problem.kernel[1]) * shape.parts
    return rounds * (problem.source_channels // shape.channels)


def _sums(
    problem: ConvProblem, shape: Shape, part: Part, strips: Strips, window: BlockView, points: BlockView,
    sums: Location, target: Target,
) -> Step:  # fmt: skip
    lanes = target.lanes(problem.accumulator)
    tap = lanes * ELEMENT_BYTES[problem.accumulator]
    blocks = blocks_of(problem, target)
    sn, _, sd, sh, sw = window.view.strides
    tn, _, td, th, tw = points.view.strides
    depth, height, width = problem.destination.spatial
    count = problem.batch * depth * height * strips.of_row
    stride, dilation, padding = problem.stride, problem.dilation, problem.padding
    stream = tuple((t, t * dilation[2]) for t in range(shape.taps))
    # As in `group_channels`: short code where a mask is a branch a lane.
    widths = shape.widths if masks_loads(window.view.dtype, problem.accumulator, target) or not part.tail else (1,)
    spec = KernelSpec(
        problem.dtype, window.view.dtype, points.view.dtype, problem.accumulator,
        part.tail or blocks.masked(lanes), part.tail, problem.source_channels,
        problem.destination_channels, blocks.groups, (stream,), stride[2], widths, -1, False, target,
    )  # fmt: skip
    row = cut_row(width, widths, 1, False)
    start, size = np.array(row, np.int64).reshape(-1, 2).T
    variant = 1 + np.array([widths.index(pixels) for _, pixels in row])
    # Each part of a row of taps meets the points at columns of its own.
    column = start * stride[2] - padding[2] + np.arange(shape.parts)[:, None] * shape.taps * dilation[2]
    last = problem.source.spatial[2] - 1 - max(spec.positions(widths[0]))
    inner = (size == widths[0]) & (column >= 0) & (column <= last)
    tiles = np.stack(np.broadcast_arrays(column * sw, column, start * tw, np.where(inner, 0, variant)), axis=-1)
    source_done, target_done = part.first * blocks.source, part.first * blocks.destination
    block_bytes = problem.source_channels * problem.taps * tap
    values = {
        "items": strips.pieces * part.count * _passes(problem, shape), "blocks": part.count,
        "tap_depth": problem.kernel[0], "tap_groups": shape.tap_groups(problem.kernel[1]),
        "tap_parts": shape.parts, "strips": count,
        "strips_per_piece": strips.per_piece, "strips_per_band": strips.per_band, "depth": depth, "height": height,
        "row_strips": strips.of_row, "strip_tiles": -(-len(row) // strips.of_row), "tile_count": len(row),
        "tap_height": problem.kernel[1], "window_depth": problem.source.spatial[0],
        "window_height": problem.source.spatial[1], "width": problem.source.spatial[2],
        "source_channels": problem.source.shape[1] - source_done,
        "target_channels": problem.destination.shape[1] - target_done,
        "source_block": window.distance, "target_block": points.distance,
        "stride_d": stride[0], "stride_h": stride[1], "padding_d": padding[0], "padding_h": padding[1],
        "dilation_d": dilation[0], "dilation_h": dilation[1], "source_n": sn, "source_d": sd, "source_h": sh,
        "source_w": sw, "target_n": tn, "target_d": td, "target_h": th, "target_w": tw, "sums_block": block_bytes,
        "sums_piece": blocks.count * block_bytes, "sums_channel": problem.taps * tap,
    }  # fmt: skip
    addresses = {
        "source_ptr": window.view.at.past(part.first * window.distance),
        "target_ptr": points.view.at.past(part.first * points.distance),
        "sums_ptr": sums.past(part.first * block_bytes),
    }
    tables = {"tiles_ptr": tiles.reshape(-1, 4)}
    return step(kernel(spec, shape), ARGUMENTS, values, addresses, tables)
