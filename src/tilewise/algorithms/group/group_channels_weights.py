"""`group_channels_weights`: weight gradients of depthwise and narrow groups in channels-last tensors.

Lanes are the point tensor's channels. A few rows of taps stay in registers as sums while pixels pass by: a tile
loads some point pixels once and each window pixel once for all taps along its row. Pixels are cut into fixed
pieces that are added in a fixed order, so that bits do not depend on threads; and a piece into bands, which are
summed apart so that long sums lose few bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tilewise.algorithms.common.padding import View
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
from tilewise.algorithms.common.tiling import SUM_TERMS, fma_rate, piece_terms
from tilewise.algorithms.common.turning import channels_last_source, turned_bytes
from tilewise.algorithms.group.channels_kernel import KernelSpec
from tilewise.algorithms.group.channels_weights_kernel import ARGUMENTS, Shape, kernel
from tilewise.algorithms.group.filters import add_group_filters, filter_places, sums_bytes
from tilewise.algorithms.group.group_channels import TURNED, Part, blocks_of, cut_row, why_not_channels
from tilewise.algorithms.group.group_rows import masks_loads, shares_registers
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "group_channels_weights"
SUMMARY = "weight gradients of depthwise and narrow groups, channels-last: taps' sums in registers"
REACHED = 1.4
# What is left of that where sixteen registers hold the sums of several channels.
_NARROW = 0.32
# The bands of a piece are added in sequence too.
_BANDS_OF_PIECE, _MOST_PIECES = 16, 8


@dataclass(frozen=True)
class Strips:
    """How the points' rows are summed: strips of a row, how many of them are a band and a piece, and the pieces."""

    of_row: int
    per_band: int
    per_piece: int
    pieces: int


def shape_of(problem: ConvProblem, target: Target) -> Shape | None:
    """Fit sums and pixels into the registers; None where not even one row of taps fits."""
    room = 24 if target.roomy else 9
    taps = problem.kernel[2]
    fitting = [
        c for c in range(1, problem.source_channels + 1) if problem.source_channels % c == 0 and c * taps <= room
    ]
    if not fitting:
        return None
    channels = max(fitting)
    rows = max(1, min(problem.kernel[1], room // (channels * taps)))
    # Even shares of the rows of taps: 7 are 3 + 2 + 2 rather than 3 + 3 + 1.
    rows = -(-problem.kernel[1] // -(-problem.kernel[1] // rows))
    left = max(2, target.registers - 3 - rows * channels * taps)
    widest = max(w for w in (8, 7, 4, 2) if w <= left)
    return Shape(rows, channels, tuple(w for w in (8, 7, 4, 2, 1) if w <= widest))


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is not Pass.WEIGHT_GRADIENT:
        return "it computes weight gradients"
    if reason := why_not_channels(problem, target):
        return reason
    if shape_of(problem, target) is None:
        return "a row of taps does not fit the registers"
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
    assert shape is not None
    places, terms = filter_places(problem, blocks.destination, lanes)
    passes = problem.kernel[0] * -(-problem.kernel[1] // shape.rows) * (problem.source_channels // shape.channels)
    wanted = min(enough_items(32), problem.multiply_adds // 60_000) // (blocks.count * passes)
    strips = strips_of(problem, max(1, wanted))
    window, turning = channels_last_source(problem, problem.source, Base.SOURCE, workspace, target)
    points, turning_points = channels_last_source(problem, problem.destination, Base.DESTINATION, workspace, target)
    copies = [turn for turn in (turning, turning_points) if turn]
    sums = workspace.take(sums_bytes(blocks.count, len(terms), strips.pieces, problem, target))
    steps = [_sums(problem, shape, part, strips, window, points, sums, target) for part in blocks.parts(problem)]
    adding = add_group_filters(places, terms, blocks.destination, strips.pieces, problem, sums, target)
    notes = ("turned to channels-last" if copies else "both tensors read in place", f"{strips.pieces} pieces")
    # Window pixels outside the tensor are skipped, as PyTorch skips them: no result needs watching.
    ordered = stages(copies, steps, [adding])
    return Plan(NAME, ordered, workspace.size, worth_sharing(problem), notes)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores."""
    lanes = target.lanes(problem.accumulator)
    wasted = lanes / min(lanes, blocks_of(problem, target).destination)
    rate = fma_rate(lanes) * REACHED / (1 + problem.source_channels / 80)
    if shares_registers(problem, target):
        rate *= _NARROW
    turning = turned_bytes(problem, problem.source, problem.destination) / TURNED[target.registers]
    return 2 * problem.multiply_adds * wasted / rate + turning + 8e-6


def _sums(
    problem: ConvProblem, shape: Shape, part: Part, strips: Strips, window: View, points: View, sums: Location,
    target: Target,
) -> Step:  # fmt: skip
    lanes = target.lanes(problem.accumulator)
    tap = lanes * ELEMENT_BYTES[problem.accumulator]
    blocks = blocks_of(problem, target)
    sn, sc, sd, sh, sw = window.strides
    tn, tc, td, th, tw = points.strides
    depth, height, width = problem.destination.spatial
    count = problem.batch * depth * height * strips.of_row
    stride, dilation, padding = problem.stride, problem.dilation, problem.padding
    stream = tuple((t, t * dilation[2]) for t in range(problem.kernel[2]))
    # As in `group_channels`: short code where a mask is a branch a lane.
    widths = shape.widths if masks_loads(window.dtype, problem.accumulator, target) or not part.tail else (1,)
    spec = KernelSpec(
        problem.dtype, window.dtype, points.dtype, problem.accumulator,
        part.tail or blocks.masked(lanes), part.tail, problem.source_channels,
        problem.destination_channels, blocks.groups, (stream,), stride[2], widths, -1, False, target,
    )  # fmt: skip
    tiles = []
    for start, size in cut_row(width, widths, 1, False):
        column = start * stride[2] - padding[2]
        inner = size == widths[0] and column >= 0
        inner = inner and column + max(spec.positions(size)) < problem.source.spatial[2]
        tiles.append((column * sw, column, start * tw, 0 if inner else 1 + widths.index(size)))
    tap_groups = -(-problem.kernel[1] // shape.rows)
    source_done, target_done = part.first * blocks.source, part.first * blocks.destination
    passes = tap_groups * (problem.source_channels // shape.channels)
    block_bytes = problem.source_channels * problem.taps * tap
    values = {
        "items": strips.pieces * part.count * problem.kernel[0] * passes, "blocks": part.count,
        "tap_depth": problem.kernel[0], "tap_groups": tap_groups, "strips": count,
        "strips_per_piece": strips.per_piece, "strips_per_band": strips.per_band, "depth": depth, "height": height,
        "row_strips": strips.of_row, "strip_tiles": -(-len(tiles) // strips.of_row), "tile_count": len(tiles),
        "tap_height": problem.kernel[1], "window_depth": problem.source.spatial[0],
        "window_height": problem.source.spatial[1], "width": problem.source.spatial[2],
        "source_channels": problem.source.shape[1] - source_done,
        "target_channels": problem.destination.shape[1] - target_done,
        "stride_d": stride[0], "stride_h": stride[1], "padding_d": padding[0], "padding_h": padding[1],
        "dilation_d": dilation[0], "dilation_h": dilation[1], "source_n": sn, "source_d": sd, "source_h": sh,
        "source_w": sw, "target_n": tn, "target_d": td, "target_h": th, "target_w": tw, "sums_block": block_bytes,
        "sums_piece": blocks.count * block_bytes, "sums_channel": problem.taps * tap,
    }  # fmt: skip
    addresses = {
        "source_ptr": window.at.past(source_done * sc),
        "target_ptr": points.at.past(target_done * tc),
        "sums_ptr": sums.past(part.first * block_bytes),
    }
    tables = {"tiles_ptr": np.array(tiles, np.int64)}
    return step(kernel(spec, shape), ARGUMENTS, values, addresses, tables)
