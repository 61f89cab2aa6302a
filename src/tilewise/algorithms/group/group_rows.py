"""`group_rows`: depthwise and narrow groups over planes, pixels of a row in lanes, weights broadcast.

The rows of the result roll through registers: each source row is read once, at every horizontal distance that a tap
has, and added to all result rows that it belongs to; the oldest of them is then complete. Row ends are masked, so
that nothing is copied. A result written at a stride is made as one stream a residue, interleaved when stored.
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
from tilewise.algorithms.common.tiling import BYTE_RATE, SUM_TERMS, fma_rate, sum_apart
from tilewise.algorithms.common.watching import watch_weights
from tilewise.algorithms.group.axes import RollingAxis, inside_taps, rolling_axis, row_streams
from tilewise.algorithms.group.costs import SummingCosts, summing_seconds
from tilewise.algorithms.group.rows_kernel import ARGUMENTS, kernel
from tilewise.algorithms.group.rows_spec import KernelSpec
from tilewise.algorithms.group.rows_tiles import row_reach, row_tiles
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Layout, Pass, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "group_rows"
SUMMARY = "depthwise and narrow groups over planes: pixels in lanes, rows kept in registers"
# Beyond these the generated code would be long without being faster than the dense algorithm.
MOST_CHANNELS, MOST_STRIDE, MOST_UNROLLED = 16, 4, 320
_COSTS = {
    16: SummingCosts(single=1.0, several=1.2, strided=1.8, near=1e-11, far=1e-11),
    32: SummingCosts(single=0.77, several=0.77, strided=1.0, near=0.0, far=0.0),
}
# Beginning a plane: finding it, its masks and weights; and one of a single group.
_PLANE_SECONDS, _DENSE_PLANE_SECONDS = {16: 2.3e-8, 32: 1e-8}, 1e-8
# What one group with few channels on one side reaches, where registers are many, and where they hold few of its rows.
_REACHED_DENSE = {16: 0.65, 32: 1.3}
# Results that the caches do not keep take twice as long to write.
_KEPT_BYTES = 4 << 20


@dataclass(frozen=True)
class Shape:
    """What is unrolled: filters at once, vectors of a tile, how the rows roll, and where sums are begun anew."""

    filters: int
    widths: tuple[int, ...]
    axis: RollingAxis
    rolled: bool
    apart: int


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return "it computes forward and input-gradient passes"
    return why_not_rows(problem, target)


def why_not_rows(problem: ConvProblem, target: Target) -> str | None:
    """What all passes refuse."""
    if problem.dtype == "float16" and not target.converts_half:
        return "this host converts float16 in software"
    if problem.groups == 1 and min(problem.source_channels, problem.destination_channels) > 4:
        return "it is for groups, or for four channels at most on one side"
    if max(problem.source_channels, problem.destination_channels) > MOST_CHANNELS:
        return f"it is for groups of at most {MOST_CHANNELS} channels"
    if problem.destination.layout is not Layout.PLANAR or problem.source.layout is Layout.CHANNELS_LAST:
        return "it is for planes (contiguous tensors)"
    if problem.stride[2] > MOST_STRIDE:
        return f"it is for strides of at most {MOST_STRIDE} along rows"
    if problem.kernel[2] > MOST_UNROLLED // 2:
        return "its rows of taps are unrolled, and these are too long"
    return None


def masks_loads(dtype: str, accumulator: str, target: Target) -> bool:
    """Whether pieces of rows can be read under a mask at full speed."""
    return target.vector_bytes == 64 or (target.level == "avx2" and dtype == accumulator)


def shape_of(problem: ConvProblem, target: Target) -> Shape:
    """Fit the rows in the making, filters and vectors into the registers."""
    axes = (problem.destination.spatial[1], problem.kernel[1], problem.stride[1], problem.padding[1],
            problem.dilation[1])  # fmt: skip
    streams = problem.stride[2] if problem.scatter else 1
    room = 24 if target.roomy else 11
    axis = rolling_axis(*axes, problem.scatter)
    rolled = axis.rolling.live * streams <= room
    if not rolled:
        axis = rolling_axis(1, 1, 1, 0, 1, False)
    rows = axis.rolling.live * streams
    # The loops around a term: rows that roll past, taps of the outer axes, channels; then the taps of a row.
    d, h, w = problem.kernel
    past, slices = (-(-h // (problem.stride[1] if problem.scatter else 1)), 1) if rolled else (1, h)
    apart = sum_apart((past, d, slices, problem.source_channels, -(-w // streams)))

    def fitted(room: int) -> tuple[int, int]:
        filters = max(m for m in (1, 2, 3, 4) if problem.destination_channels % m == 0 and (m * rows <= room or m == 1))
        unrolled = (h if rolled else 1) * w * filters
        return filters, max(1, min(room // (rows * filters), MOST_UNROLLED // unrolled, 4 if rows > 1 else 8))

    filters, most = fitted(room)
    # Sums that are begun anew need their totals beside them: of short sums only where there is room for both.
    if apart >= 0 and 2 * rows * filters * most > room:
        if problem.taps * problem.source_channels <= SUM_TERMS:
            apart = -1
        else:
            filters, most = fitted(room * 3 // 5)
    return Shape(
        filters, tuple(w for w in (8, 4, 3, 2, 1) if w <= most and (w == most or w in (4, 2, 1))), axis, rolled,
        apart,
    )  # fmt: skip


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Copies where rows can't be read under masks or weights must be widened, then one contraction."""
    accumulator = problem.accumulator
    workspace = WorkspaceLayout()
    span = reach(problem.phases)
    notes: list[str] = []
    steps: list[Step] = []
    lanes = target.lanes(accumulator)
    masked = masks_loads(problem.dtype, accumulator, target) and problem.source.layout is Layout.PLANAR
    if masked:
        view = in_place(problem.source, Base.SOURCE, problem.dtype)
        inside = tuple((0, size - 1) for size in problem.source.spatial)
        notes.append("source read in place")
    else:
        # Whole vectors are read past the last pixel that counts, so rows are copied with that much more.
        (w0, w1), extra = span[2], 4 * lanes * (problem.stride[2] if not problem.scatter else 1)
        view, copying = padded_copy(
            problem.source, Base.SOURCE, problem.dtype, accumulator, (span[0], span[1], (w0, w1 + extra)), workspace,
            target,
        )  # fmt: skip
        steps += [copying] if copying else []
        inside = span
        notes.append("source copied with its padding")
    weights, packing = dense_weights(problem, workspace, target)
    steps += [packing] if packing else []
    watching = watch_weights(problem, target)
    steps += watching
    shape = shape_of(problem, target)
    contraction = _contraction(problem, shape, view, inside, masked, weights, target)
    ordered = stages(steps, [contraction])
    return Plan(NAME, ordered, workspace.size, worth_sharing(problem), tuple(notes), bool(watching))


def dense_weights(problem: ConvProblem, workspace: WorkspaceLayout, target: Target) -> tuple[View, Step | None]:
    """The weights with the taps of a filter side by side, in the accumulator's type: in place where they are so."""
    first = problem.source.shape[1] if problem.scatter else problem.destination.shape[1]
    second = problem.destination_channels if problem.scatter else problem.source_channels
    spec = TensorSpec((first, second, *problem.kernel), problem.weight_strides)
    d, h, w = problem.kernel
    dense = all(
        size == 1 or stride == wanted
        for size, stride, wanted in zip(problem.kernel, problem.weight_strides[2:], (h * w, w, 1), strict=True)
    )
    if dense and problem.dtype == problem.accumulator:
        view = in_place(spec, Base.WEIGHT, problem.dtype)
        size = ELEMENT_BYTES[problem.dtype]
        return View(view.at, (*view.strides[:2], h * w * size, w * size, size), view.dtype, view.layout), None
    taps, total = d * h * w, math.prod(spec.shape)
    size = ELEMENT_BYTES[problem.accumulator]
    strides = (second * taps * size, taps * size, h * w * size, w * size, size)
    whole = dense and all(
        n == 1 or stride == wanted
        for n, stride, wanted in zip((first, second), problem.weight_strides[:2], (second * taps, taps), strict=True)
    )
    if whole:
        flat = TensorSpec((1, 1, 1, 1, total), (total, total, total, total, 1))
        view, packing = padded_copy(
            flat, Base.WEIGHT, problem.dtype, problem.accumulator, ((0, 0), (0, 0), (0, total - 1)), workspace, target
        )
        return View(view.at, strides, problem.accumulator, Layout.PLANAR), packing
    span = ((0, d - 1), (0, h - 1), (0, w - 1))
    # A copy keeps the order of the axes, and pixels must come last in it.
    turned = spec.layout is Layout.CHANNELS_LAST
    if turned:
        one, other, *rest = spec.strides
        spec = TensorSpec((second, first, *problem.kernel), (other, one, *rest))  # type: ignore[arg-type]
    view, packing = padded_copy(spec, Base.WEIGHT, problem.dtype, problem.accumulator, span, workspace, target)
    if turned:
        view = View(view.at, (view.strides[1], view.strides[0], *view.strides[2:]), view.dtype, view.layout)
    return view, packing


def _contraction(
    problem: ConvProblem,
    shape: Shape,
    view: View,
    inside: tuple[tuple[int, int], ...],
    masked: bool,
    weights: View,
    target: Target,
) -> Step:
    """The step that computes the result."""
    element = ELEMENT_BYTES[problem.dtype]
    streams, read, base = row_streams(problem.phases[2], problem.stride[2] if problem.scatter else 1)
    out_d, out_h, out_w = problem.destination.spatial
    on, oc, od, oh, _ = (s * element for s in problem.destination.strides)
    size = ELEMENT_BYTES[problem.accumulator]
    into, out_of = (weights.strides[1], weights.strides[0]) if problem.scatter else weights.strides[:2]
    depth = inside_taps(problem.phases[0], *inside[0])
    # Rows that do not roll are walked like slices, one row at a time.
    height = None if shape.rolled else inside_taps(problem.phases[1], *inside[1])
    low, high = inside[1] if shape.rolled else (0, 0)
    units = problem.batch * problem.groups * (problem.destination_channels // shape.filters) * out_d
    rows = _rows_per_chunk(out_h if shape.rolled else 1, units)
    chunks = shape.axis.chunks(rows)
    units *= len(chunks) * (1 if shape.rolled else out_h)
    per_item = _units_per_item(problem, units)
    single = problem.source_channels == 1 and problem.kernel[0] == 1 and shape.rolled and len(depth.table) == 1
    single = single and int(depth.table[0, 2]) == 1
    spec = KernelSpec(
        problem.dtype, view.dtype, problem.accumulator, masked, shape.filters, shape.widths, shape.axis.rolling,
        streams, read, problem.kernel[2] * size, single, shape.apart, problem.bias,
        row_reach(problem, streams, base), target,
    )  # fmt: skip
    tiles = row_tiles(spec, out_w, problem.source.spatial[2], target.lanes(problem.accumulator), base)
    group_weights = (problem.source_channels if problem.scatter else problem.destination_channels) * weights.strides[0]
    source_h = view.strides[3]
    values = {
        "items": -(-units // per_item), "units_per_item": per_item, "units": units, "groups": problem.groups,
        "filter_blocks": problem.destination_channels // shape.filters, "depth": out_d,
        "height": 1 if shape.rolled else out_h, "chunk_count": len(chunks), "tile_count": len(tiles),
        "channels": problem.source_channels, "height_low": low, "height_size": high - low + 1,
        "width": problem.source.spatial[2],
        "source_n": view.strides[0], "source_group": view.strides[1] * problem.source_channels,
        "source_c": view.strides[1], "source_h": source_h if shape.rolled else 0,
        "source_pitch": shape.axis.source_pitch,
        "target_n": on, "target_group": oc * problem.destination_channels, "target_c": oc, "target_d": od,
        "target_h": oh, "target_row": oh * shape.axis.destination_pitch if shape.rolled else 0,
        "weight_group": group_weights, "weight_into": into, "weight_out_of": out_of,
        "depth_tap": depth.tap_step * weights.strides[2], "depth_source": depth.source_step * view.strides[2],
        "height_tap": height.tap_step * weights.strides[3] if height else 0,
        "height_source": height.source_step * source_h if height else 0,
    }  # fmt: skip
    one = np.array([[0, 0, 1]], np.int64)
    tables = {
        "chunks_ptr": chunks, "tiles_ptr": tiles * np.array([ELEMENT_BYTES[view.dtype], 1, element, 1, 1]),
        "depth_ptr": depth.in_bytes(weights.strides[2], view.strides[2]),
        "height_ptr": height.in_bytes(weights.strides[3], source_h) if height else one,
    }  # fmt: skip
    addresses = {"source_ptr": view.at, "weight_ptr": weights.at, "target_ptr": Location(Base.DESTINATION)}
    if problem.bias:
        addresses["bias_ptr"] = Location(Base.BIAS)
    return step(kernel(spec), ARGUMENTS, values, addresses, tables)


def _rows_per_chunk(rows: int, units: int) -> int:
    """Planes are cut only where there are few: each cut reads some rows twice."""
    wanted = enough_items(16)
    return rows if units >= wanted else max(8, -(-rows * units // wanted))


def _units_per_item(problem: ConvProblem, units: int) -> int:
    """Enough work in a ticket to be worth drawing, enough tickets to share evenly."""
    worth = -(-units * 60_000 // max(1, problem.multiply_adds))
    return max(1, min(worth, units // enough_items(8)))


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores; lanes past the end of a row idle."""
    lanes = target.lanes(problem.accumulator)
    width = -(-problem.destination.spatial[2] // (problem.stride[2] if problem.scatter else 1))
    idle = -(-width // lanes) * lanes / width
    planes = problem.batch * problem.destination.shape[1]
    if problem.groups == 1:
        return _dense_seconds(problem, idle, target) + planes * _DENSE_PLANE_SECONDS + 3e-6
    summing = summing_seconds(problem, idle, _COSTS[target.registers], target)
    return summing + planes * _PLANE_SECONDS[target.registers] + 3e-6


def _dense_seconds(problem: ConvProblem, idle: float, target: Target) -> float:
    """The same of one group: others that serve it count what they write, so that it must be counted here."""
    read, moved = (ELEMENT_BYTES[problem.dtype] * math.prod(s.shape) for s in (problem.source, problem.destination))
    moved //= 1 if moved > _KEPT_BYTES else 2
    if not target.roomy:
        moved += read if read > _KEPT_BYTES else 0
    rate = fma_rate(target.lanes(problem.accumulator)) * _REACHED_DENSE[target.registers]
    return 2 * problem.multiply_adds * idle / rate + moved / BYTE_RATE
