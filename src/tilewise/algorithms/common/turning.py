"""Planes turned into channels-last and back, in squares of registers: for kernels that want channels in lanes.

Both directions are one operation, a matrix an image: rows of dense columns become columns of dense rows. The turned
tensor is in the accumulator's type. Results also come in blocks of a vector's channels, as `blocking` copies sources.
"""

from __future__ import annotations

import functools
import math

from tilewise.algorithms.common.padding import View, in_place
from tilewise.algorithms.common.plan import Base, Location, WorkspaceLayout, pieces_of, step
from tilewise.algorithms.common.transposing import transposed_copy
from tilewise.ir.builder import Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, scalar_narrow, scalar_widen
from tilewise.problem import ConvProblem, Layout, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    [
        "items", "row_chunks", "rows_per_item", "rows", "column_chunks", "columns_per_item", "columns", "source_n",
        "source_row", "source_column", "target_n", "target_column", "source_ptr", "target_ptr",
    ]
)  # fmt: skip
# Elements of one ticket.
_PER_ITEM = 16384
_LEAST_COLUMNS = 256


def channels_last_source(
    problem: ConvProblem, spec: TensorSpec, base: Base, workspace: WorkspaceLayout, target: Target
) -> tuple[View, Step | None]:
    """A tensor with its channels side by side: in place, or turned."""
    if spec.layout is Layout.CHANNELS_LAST:
        return in_place(spec, base, problem.dtype), None
    if not spec.dense_planes:
        span = tuple((0, size - 1) for size in spec.spatial)
        return transposed_copy(spec, base, problem.dtype, problem.accumulator, span, workspace, target)
    view = _room(spec, problem.accumulator, workspace)
    element = ELEMENT_BYTES[problem.dtype]
    n, c = spec.shape[:2]
    pixels = math.prod(spec.spatial)
    turn = _turn(
        (n, c, pixels), (spec.strides[0] * element, spec.strides[1] * element, element),
        (view.strides[0], view.strides[4]),
        problem.dtype, problem.accumulator, problem.accumulator, Location(base), view.at, target,
    )  # fmt: skip
    return view, turn


def channels_last_target(problem: ConvProblem, workspace: WorkspaceLayout, target: Target) -> tuple[View, Step | None]:
    """Where a kernel writes the result with its channels side by side, and the step that turns it into planes."""
    spec = problem.destination
    if spec.layout is Layout.CHANNELS_LAST:
        return in_place(spec, Base.DESTINATION, problem.dtype), None
    view = _room(spec, problem.accumulator, workspace)
    return view, _planes_from(view, view.strides[1], problem, target)


def blocked_target(problem: ConvProblem, workspace: WorkspaceLayout, target: Target) -> tuple[View, int, Step]:
    """Where a kernel writes blocks of a vector's channels, the bytes from one to the next, and the step to planes."""
    lanes = target.lanes(problem.accumulator)
    n, c, d, h, w = problem.destination.shape
    size = ELEMENT_BYTES[problem.accumulator]
    pixel = lanes * size
    block = d * h * w * pixel
    strides = (-(-c // lanes) * block, size, h * w * pixel, w * pixel, pixel)
    view = View(workspace.take(n * strides[0]), strides, problem.accumulator, Layout.CHANNELS_LAST)
    return view, block, _planes_from(view, block // lanes, problem, target)


def result_view(problem: ConvProblem, workspace: WorkspaceLayout, target: Target) -> tuple[View, Step | None]:
    """Where a kernel with channels in its lanes writes the result, and the step that brings it home, if any.

    In place, unless phases leave neither its pixels nor its channels side by side: element by element would be
    slower than writing it channels-last and turning it.
    """
    if is_strewn(problem) and can_turn_target(problem.destination):
        return channels_last_target(problem, workspace, target)
    return in_place(problem.destination, Base.DESTINATION, problem.dtype), None


def planes_source(
    problem: ConvProblem, workspace: WorkspaceLayout, target: Target
) -> tuple[TensorSpec, Location, Step]:
    """A channels-last source turned into dense planes: how and where they lie, and the step that turns them."""
    spec, element = problem.source, ELEMENT_BYTES[problem.dtype]
    planes = _planes(spec)
    n, c = spec.shape[:2]
    pixels = math.prod(spec.spatial)
    to = workspace.take(n * c * pixels * element)
    turn = _turn(
        (n, pixels, c), (spec.strides[0] * element, pixel_stride(spec) * element, element), (c * pixels * element,
        pixels * element), problem.dtype, problem.dtype, problem.accumulator, Location(Base.SOURCE), to, target,
    )  # fmt: skip
    return planes, to, turn


def planes_target(problem: ConvProblem, workspace: WorkspaceLayout, target: Target) -> tuple[View, Step | None]:
    """Where a kernel writes the result as planes, and the step that turns them into channels-last, if it is that."""
    spec, element = problem.destination, ELEMENT_BYTES[problem.dtype]
    if spec.layout is not Layout.CHANNELS_LAST:
        return in_place(spec, Base.DESTINATION, problem.dtype), None
    n, c = spec.shape[:2]
    pixels = math.prod(spec.spatial)
    place = workspace.take(n * c * pixels * element)
    turn = _turn(
        (n, c, pixels), (c * pixels * element, pixels * element, element), (spec.strides[0] * element,
        pixel_stride(spec) * element), problem.dtype, problem.dtype, problem.accumulator, place,
        Location(Base.DESTINATION), target,
    )  # fmt: skip
    return View(
        place, in_place(_planes(spec), Base.WORKSPACE, problem.dtype).strides, problem.dtype, Layout.PLANAR
    ), turn


def has_even_pixels(spec: TensorSpec) -> bool:
    """Whether all pixels of an image lie at equal distances, as turning needs."""
    _, h, w = spec.spatial
    wanted = (h * w, w, 1)
    step = pixel_stride(spec)
    return all(n == 1 or s == x * step for n, s, x in zip(spec.spatial, spec.strides[2:], wanted, strict=True))


def pixel_stride(spec: TensorSpec) -> int:
    """From pixel to pixel along the innermost axis that has several."""
    for size, stride in zip(reversed(spec.spatial), reversed(spec.strides[2:]), strict=True):
        if size > 1:
            return int(stride)
    return int(spec.strides[4])


def _planes(spec: TensorSpec) -> TensorSpec:
    """The same sizes as dense planes."""
    _, c, d, h, w = spec.shape
    return TensorSpec(spec.shape, (c * d * h * w, d * h * w, h * w, w, 1))


def is_strewn(problem: ConvProblem) -> bool:
    """Whether one phase's results lie side by side in no direction."""
    return problem.destination.layout is not Layout.CHANNELS_LAST and len(problem.phases[2]) > 1


def can_turn_target(spec: TensorSpec) -> bool:
    """Whether a result of this layout can be written by way of channels-last."""
    return spec.layout is Layout.CHANNELS_LAST or spec.dense_planes


def turned_bytes(problem: ConvProblem, *specs: TensorSpec) -> int:
    """What turning moves, read and written."""
    size = ELEMENT_BYTES[problem.dtype] + ELEMENT_BYTES[problem.accumulator]
    return sum(size * math.prod(s.shape) for s in specs if s.layout is not Layout.CHANNELS_LAST)


def _room(spec: TensorSpec, accumulator: str, workspace: WorkspaceLayout) -> View:
    size = ELEMENT_BYTES[accumulator]
    n, c, d, h, w = spec.shape
    strides = (d * h * w * c * size, size, h * w * c * size, w * c * size, c * size)
    return View(workspace.take(n * strides[0]), strides, accumulator, Layout.CHANNELS_LAST)


def _planes_from(view: View, channel: int, problem: ConvProblem, target: Target) -> Step:
    """The step that turns a result, whose vectors of channels are `channel` bytes a channel apart, into planes."""
    spec, element = problem.destination, ELEMENT_BYTES[problem.dtype]
    n, c = spec.shape[:2]
    return _turn(
        (n, math.prod(spec.spatial), c), (view.strides[0], view.strides[4], channel),
        (spec.strides[0] * element, spec.strides[1] * element),
        problem.accumulator, problem.dtype, problem.accumulator, view.at, Location(Base.DESTINATION), target,
    )  # fmt: skip


def _turn(
    shape: tuple[int, int, int], source_strides: tuple[int, int, int], target_strides: tuple[int, int],
    source_type: str, target_type: str, accumulator: str, source: Location, to: Location, target: Target,
) -> Step:  # fmt: skip
    """The step for (images, rows, columns).

    Columns of a vector are side by side in the source; from vector to vector they go on at the distance given, which
    is that of a column times the lanes.
    """
    n, rows, columns = shape
    lanes = target.lanes(accumulator)
    per_item = max(lanes, _PER_ITEM // max(1, columns) // lanes * lanes)
    chunks = -(-rows // per_item)
    # A few long rows are cut.
    columns_per_item = max(1, -(-columns // (pieces_of(n * chunks) * _LEAST_COLUMNS))) * _LEAST_COLUMNS
    column_chunks = -(-columns // columns_per_item)
    values = {
        "items": n * chunks * column_chunks, "row_chunks": chunks, "rows_per_item": per_item, "rows": rows,
        "column_chunks": column_chunks, "columns_per_item": columns_per_item, "columns": columns,
        "source_n": source_strides[0], "source_row": source_strides[1],
        "source_column": source_strides[2], "target_n": target_strides[0],
        "target_column": target_strides[1],
    }  # fmt: skip
    addresses = {"source_ptr": source, "target_ptr": to}
    return step(_kernel(source_type, target_type, accumulator, target), _ARGUMENTS, values, addresses)


@functools.cache
def _kernel(source_type: str, target_type: str, accumulator: str, target: Target) -> str:
    b, v, a = begin_vectors(_ARGUMENTS, accumulator, target)
    source_size, target_size = ELEMENT_BYTES[source_type], ELEMENT_BYTES[target_type]

    def square(corner: str, to: str) -> None:
        rows = [v.load_as(b.at(corner, b.mul(a["source_row"], k)), source_type) for k in range(v.lanes)]
        for k, column in enumerate(v.transpose(rows)):
            v.store_as(column, b.at(to, b.mul(a["target_column"], k)), target_type)

    def elements(corner: str, to: str, rows: Value, columns: Value) -> None:
        with b.loop(0, rows) as row, b.loop(0, columns) as column:
            at = b.at(corner, b.mul(row.index, a["source_row"]), b.mul(column.index, source_size))
            value = scalar_widen(b, at, source_type, v.element)
            put = b.at(to, b.mul(column.index, a["target_column"]), b.mul(row.index, target_size))
            if target_type == accumulator:
                b.store(v.element, value, put)
            else:
                scalar_narrow(b, value, put, target_type)

    def part(corner: str, to: str, rows: Value, columns: Value) -> None:
        """Fewer rows or columns than lanes; rows past the last repeat it."""
        row_mask, column_mask = v.mask(rows), v.mask(columns)
        last = b.sub(rows, 1)
        loaded = [
            v.load_masked(b.at(corner, b.mul(a["source_row"], b.min(last, k))), column_mask, source_type)
            for k in range(v.lanes)
        ]
        for k, column in enumerate(v.transpose(loaded)):
            with b.when(b.compare("sgt", columns, k)):
                v.store_masked(column, b.at(to, b.mul(a["target_column"], k)), row_mask, target_type)

    with tickets(b, a["items"]) as item:
        n, chunk, column_chunk = split(b, item, a["row_chunks"], a["column_chunks"])
        start, stop = share(b, chunk, a["rows_per_item"], a["rows"])
        source = b.at(a["source_ptr"], b.mul(n, a["source_n"]))
        to = b.at(a["target_ptr"], b.mul(n, a["target_n"]))
        first, end = share(b, column_chunk, a["columns_per_item"], a["columns"])
        with b.loop(first, end, v.lanes) as column, b.loop(start, stop, v.lanes) as row:
            rows = b.min(b.sub(stop, row.index), v.lanes)
            columns = b.min(b.sub(end, column.index), v.lanes)
            corner = b.at(source, b.mul(row.index, a["source_row"]), b.mul(column.index, a["source_column"]))
            put = b.at(to, b.mul(column.index, a["target_column"]), b.mul(row.index, target_size))
            whole = b.compare("eq", b.add(rows, columns), 2 * v.lanes)
            rest = part if v.masks else elements
            b.either(whole, functools.partial(square, corner, put), functools.partial(rest, corner, put, rows, columns))
    return b.text()
