"""`group_rows_weights`: weight gradients of depthwise and narrow groups over planes.

Lanes are pixels of a row. The sums of a filter's taps stay in registers while rows pass by: the last few rows of
the point tensor roll through registers, and each row of the window tensor is read once at every horizontal distance
that a tap has. Lanes are added at the end, in a fixed order. Rows are cut into fixed pieces, so that bits do not
depend on threads; within a piece the sums of some rows at a time are put by, so that long sums lose few bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tilewise.algorithms.common.padding import View, in_place, padded_copy, reach
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
from tilewise.algorithms.common.watching import watch_gradient
from tilewise.algorithms.group.axes import RollingAxis, rolling_axis
from tilewise.algorithms.group.costs import SummingCosts, summing_seconds
from tilewise.algorithms.group.group_rows import masks_loads, why_not_rows
from tilewise.algorithms.group.rows_weights_kernel import ARGUMENTS, KernelSpec, finishing_kernel, kernel
from tilewise.algorithms.group.rows_weights_kernel import FINISHING_ARGUMENTS as FINISHING
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Layout, Pass, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "group_rows_weights"
SUMMARY = "weight gradients of depthwise and narrow groups over planes: taps' sums in registers"
_COSTS = {
    16: SummingCosts(single=2.0, several=2.0, strided=1.8, near=0.5e-11, far=3e-11),
    32: SummingCosts(single=0.78, several=0.78, strided=1.0, near=0.0, far=0.0),
}
# Beginning a set of sums, and another image of it.
_UNIT_SECONDS, _SLICE_SECONDS = {16: 1e-8, 32: 1.6e-8}, 0.4e-8
# Beginning the rows of a tile: the mask of a tap, and what sixteen registers find of a filter's points.
_TAP_SECONDS, _POINTS_SECONDS = 1.4e-9, {16: 1.3e-9, 32: 0.0}

# Rows in sequence, where there are many: cutting them reads some rows of the window twice.
MOST_ROWS = 256


@dataclass(frozen=True)
class Shape:
    """What is unrolled: filters at once, neighbouring taps of a row, and how the point tensor's rows roll."""

    filters: int
    taps: int
    axis: RollingAxis
    rolled: bool


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is not Pass.WEIGHT_GRADIENT:
        return "it computes weight gradients"
    return why_not_rows(problem, target)


def shape_of(problem: ConvProblem, target: Target) -> Shape:
    """Fit the sums and the rolling rows into the registers."""
    room = 30 if target.roomy else 14
    _, height, width = problem.kernel
    axis = rolling_axis(
        problem.destination.spatial[1], height, problem.stride[1], problem.padding[1], problem.dilation[1], False
    )
    rolled = 2 * height + axis.rolling.live <= room
    if not rolled:
        axis, height = rolling_axis(1, 1, 1, 0, 1, False), 1
    live = axis.rolling.live
    filters = max(
        m for m in (1, 2, 3, 4)
        if problem.destination_channels % m == 0 and (m == 1 or m * (height * min(width, 4) + live) <= room)
    )  # fmt: skip
    taps = max(1, min(width, (room - filters * live) // (filters * height)))
    # Even shares: 7 taps are 3 + 2 + 2 rather than 3 + 3 + 1, and only one length is generated.
    taps = -(-width // -(-width // taps))
    return Shape(filters, taps, axis, rolled)


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Copies where rows can't be read under masks; sums of the pieces; then the pieces are added."""
    workspace = WorkspaceLayout()
    steps: list[Step] = []
    shape = shape_of(problem, target)
    span = reach(tuple((phase,) for phase in problem.window_phases))
    rows = tuple((0, size - 1) for size in problem.destination.spatial)
    views, masked = [], True
    direct = masks_loads(problem.dtype, problem.accumulator, target)
    both = (problem.source, problem.destination)
    if direct and all(spec.layout is Layout.PLANAR for spec in both):
        views = [in_place(spec, base, problem.dtype) for spec, base in zip(both, Base, strict=False)]
        inside = tuple((0, size - 1) for size in problem.source.spatial)
    else:
        masked, inside = False, span
        extra = (shape.taps * problem.dilation[2] + 1) + 2 * target.lanes(problem.accumulator) * problem.stride[2]
        for spec, base, (d, h, (w0, w1)) in zip(both, Base, (span, rows), strict=False):
            view, copying = padded_copy(
                spec, base, problem.dtype, problem.accumulator, (d, h, (w0, w1 + extra)), workspace, target
            )
            views.append(view)
            steps += [copying] if copying else []
    sums, finish = _sums(problem, shape, views[0], views[1], inside, masked, workspace, target)
    note = "both tensors read in place" if masked else "both tensors copied"
    ordered = stages(steps, [sums], [finish], watch_gradient(problem, target))
    return Plan(NAME, ordered, workspace.size, worth_sharing(problem), (note,), True)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores; lanes past the end of a row idle."""
    lanes, registers = target.lanes(problem.accumulator), target.registers
    depth, height, width = problem.destination.spatial
    tiles = -(-width // lanes)
    shape = shape_of(problem, target)
    summing = summing_seconds(problem, tiles * lanes / width, _COSTS[registers], target)
    units = _units(problem, shape)
    beginning = units * (_UNIT_SECONDS[registers] + _SLICE_SECONDS * (problem.batch - 1))
    begun = units * problem.batch * tiles * (depth if shape.rolled else depth * height)
    a_tile = shape.taps * _TAP_SECONDS + shape.filters * _POINTS_SECONDS[registers]
    return summing + beginning + begun * a_tile + 5e-6


def _units(problem: ConvProblem, shape: Shape) -> int:
    """How many sets of sums are kept in registers, one after the other."""
    passes = problem.kernel[0] * (1 if shape.rolled else problem.kernel[1]) * -(-problem.kernel[2] // shape.taps)
    return problem.groups * (problem.destination_channels // shape.filters) * problem.source_channels * passes


def _sums(
    problem: ConvProblem, shape: Shape, window: View, points: View,
    inside: tuple[tuple[int, int], ...], masked: bool, workspace: WorkspaceLayout, target: Target,
) -> tuple[Step, Step]:  # fmt: skip
    """The step that sums each piece, and the one that adds them."""
    lanes, size = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    out_d, out_h, out_w = problem.destination.spatial
    outer = out_d * (1 if shape.rolled else out_h) * problem.batch
    units = _units(problem, shape)
    wanted = max(1, min(enough_items(16), problem.multiply_adds // 60_000) // units)
    # Sums are put by between chunks only.
    chunks = shape.axis.chunks(-(-out_h // -(-out_h // MOST_ROWS)) if shape.rolled else 1)
    if wanted > outer * len(chunks) and shape.rolled:
        chunks = shape.axis.chunks(max(8, -(-out_h * outer // wanted)))
    slices = outer * len(chunks)
    per_piece = -(-slices // wanted)
    pieces = -(-slices // per_piece)
    rolled_taps = problem.kernel[1] if shape.rolled else 1
    unit_sums = rolled_taps * shape.taps * shape.filters
    sums = workspace.take((pieces * units * unit_sums + lanes) * size)
    worth = -(-units * pieces * 60_000 // max(1, problem.multiply_adds))
    per_item = max(1, min(worth, units * pieces // enough_items(8)))
    low, high = inside[1] if shape.rolled else (0, 0)
    column = -problem.padding[2]
    element_w, element_p = ELEMENT_BYTES[window.dtype], ELEMENT_BYTES[points.dtype]
    tiles = [(start * problem.stride[2] + column, start * element_p, out_w - start) for start in range(0, out_w, lanes)]
    values = {
        "items": -(-units * pieces // per_item), "units_per_item": per_item, "units": units * pieces,
        "pieces": pieces, "groups": problem.groups, "filter_blocks": problem.destination_channels // shape.filters,
        "channels": problem.source_channels, "tap_depth": problem.kernel[0],
        "tap_height": 1 if shape.rolled else problem.kernel[1], "tap_parts": -(-problem.kernel[2] // shape.taps),
        "slices": slices, "slices_per_piece": per_piece, "depth": out_d, "height": 1 if shape.rolled else out_h,
        "chunk_count": len(chunks), "tile_count": len(tiles), "width": problem.source.spatial[2], "height_low": low,
        "height_size": high - low + 1, "depth_low": inside[0][0], "depth_size": inside[0][1] - inside[0][0] + 1,
        "slice_low": inside[1][0], "slice_size": inside[1][1] - inside[1][0] + 1,
        "stride_d": problem.stride[0], "padding_d": problem.padding[0], "dilation_d": problem.dilation[0],
        "stride_h": problem.stride[1], "padding_h": problem.padding[1], "dilation_h": problem.dilation[1],
        "tap_columns": shape.taps * problem.dilation[2],
        "window_n": window.strides[0], "window_c": window.strides[1], "window_d": window.strides[2],
        "window_h": window.strides[3], "window_pitch": shape.axis.source_pitch,
        "points_n": points.strides[0], "points_c": points.strides[1], "points_d": points.strides[2],
        "points_h": points.strides[3], "points_pitch": shape.axis.destination_pitch,
    }  # fmt: skip
    spec = KernelSpec(
        problem.dtype, window.dtype, problem.accumulator, masked, shape.filters, shape.axis.rolling,
        tuple(t * problem.dilation[2] for t in range(shape.taps)), problem.stride[2], element_w, shape.rolled, target,
    )  # fmt: skip
    addresses = {"window_ptr": window.at, "points_ptr": points.at, "sums_ptr": sums}
    tables = {"chunks_ptr": chunks, "tiles_ptr": np.array(tiles, np.int64)}
    summing = step(kernel(spec), ARGUMENTS, values, addresses, tables)
    return summing, _finish(problem, shape, sums, pieces, units * unit_sums, target)


def _finish(problem: ConvProblem, shape: Shape, sums: Location, pieces: int, per_piece: int, target: Target) -> Step:
    """Add the pieces of every weight and store it; sums lie as [filter block][channel][taps of the pass][filter]."""
    element = ELEMENT_BYTES[problem.dtype]
    filters, channels = problem.destination.shape[1], problem.source_channels
    d, h, w = problem.kernel
    weights = TensorSpec((filters, channels, d, h, w), problem.weight_strides)
    order = _order(problem, shape)
    natural = list(order) == list(range(len(order)))
    wanted = [math.prod(weights.shape[i + 1 :]) for i in range(5)]
    dense = all(n == 1 or s == x for n, s, x in zip(weights.shape, weights.strides, wanted, strict=True))
    rows = filters // shape.filters * channels
    places = np.array([], np.int64)
    if natural and dense and shape.filters == 1:
        row, total, mode = 2048, per_piece, "dense"
        rows = -(-total // row)
    else:
        row, total, mode = len(order), per_piece, "scattered"
        axes = np.unravel_index(np.maximum(order, 0), (shape.filters, d, h, w))
        strides = (problem.weight_strides[0], *problem.weight_strides[2:])
        places = np.sum([i * s * element for i, s in zip(axes, strides, strict=True)], axis=0)
        places = np.where(order < 0, -1, places)
    values = {
        "items": -(-rows // max(1, 2048 // row)), "rows_per_item": max(1, 2048 // row), "rows": rows, "row": row,
        "total": total, "pieces": pieces, "piece_bytes": per_piece * ELEMENT_BYTES[problem.accumulator],
        "channels": channels, "weight_filter": problem.weight_strides[0] * element * shape.filters,
        "weight_channel": problem.weight_strides[1] * element,
    }  # fmt: skip
    text = finishing_kernel(mode, problem.dtype, problem.accumulator, target)
    addresses = {"sums_ptr": sums, "weight_ptr": Location(Base.WEIGHT)}
    return step(text, FINISHING, values, addresses, {"places_ptr": places})


def _order(problem: ConvProblem, shape: Shape) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For each sum of a filter block and channel, in the order written: its weight as [filter][d][h][w]; or -1."""
    d, h, w = problem.kernel
    rolled = h if shape.rolled else 1
    parts = -(-w // shape.taps)
    sizes = (d, h // rolled, parts, shape.filters, rolled, shape.taps)
    td, th, part, m, tap, t = np.indices(sizes, sparse=True)
    column = part * shape.taps + t
    place = ((m * d + td) * h + th + tap) * w + column
    return np.where(column < w, place, -1).ravel()
