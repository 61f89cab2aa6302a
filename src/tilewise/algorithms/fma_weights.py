"""`fma_weights`: weight gradients as register tiles of window channels by point channels, summed over pixels.

For each tap, the gradient is a product of two matrices whose long axis is the pixels: the window tensor, shifted
by the tap, times the point tensor. A tile keeps a run of window channels (with the taps along W joined to it
where they lie side by side) by a block of point channels in registers while it passes over pixels. Both tensors
are read channels-last: in place, or from a copy.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.filters import FilterTerms, packed_bytes, unpack_gradient
from tilewise.algorithms.padding import View, in_place, padded_copy, reach, readable_in_place
from tilewise.algorithms.plan import Base, Location, Plan, WorkspaceLayout, stages, step
from tilewise.algorithms.tiling import (
    BYTE_RATE,
    channel_blocks,
    cut_cost,
    cut_row,
    fma_rate,
    piece_terms,
    tile_widths,
)
from tilewise.algorithms.transposing import transposed_copy
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import FUNCTION, Arguments, advance, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors
from tilewise.problem import ConvProblem, Layout, Pass, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "fma_weights"
SUMMARY = "weight gradients as register tiles of channels, summed over pixels on fused multiply-adds"
_ARGUMENTS = Arguments(
    [
        "items", "pieces", "blocks", "runs", "rows", "rows_per_piece", "rows_per_band", "depth", "height", "strips",
        "strip", "width", "channels", "window_n", "window_d", "window_h", "window_w", "window_group", "point_n",
        "point_d", "point_h", "point_w", "point_group", "piece_bytes", "group_bytes", "panel_bytes", "run_bytes",
        "tile_count", "run_ptr", "tiles_ptr", "window_ptr", "point_ptr", "partial_ptr",
    ]
)  # fmt: skip
_WANTED_ITEMS = 32
# A band's pixels stay in the second-level cache while all tiles pass over them.
_BAND_BYTES = 512 << 10
_BAND_PIXELS = 512


@dataclass(frozen=True)
class _Spec:
    """What the generated code is specialised on."""

    accumulator: str
    vectors: int
    masked: bool
    target: Target


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is not Pass.WEIGHT_GRADIENT:
        return "it computes weight gradients"
    if problem.dtype == "float16" and not target.converts_half:
        return "this host converts float16 in software"
    return None


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: whole tiles, copies and partial results."""
    lanes, element = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    wasted = -(-problem.destination_channels // lanes) * lanes / problem.destination_channels
    joined = problem.groups == 1 and problem.dilation[2] == 1
    length = problem.source_channels * (problem.kernel[2] if joined else 1)
    wasted *= cut_cost(length, tile_widths(target.registers, 2 if problem.destination_channels > lanes else 1))
    moved = 0
    for spec in (problem.source, problem.destination):
        last = spec.layout is Layout.CHANNELS_LAST
        moved += element * math.prod(spec.shape) * (1 if last else 4)
    moved += 4 * element * problem.taps * problem.source_channels * problem.destination.shape[1]
    return 2 * problem.multiply_adds * wasted / fma_rate(lanes) + moved / BYTE_RATE + 1e-5


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: copy what cannot be read in place, sum pieces of the pixels, add the pieces into the result."""
    workspace = WorkspaceLayout()
    span = reach(tuple((phase,) for phase in problem.window_phases))
    window, copying_window = channels_last_view(problem, problem.source, Base.SOURCE, span, workspace, target)
    whole = tuple((0, size - 1) for size in problem.destination.spatial)
    point, copying_point = channels_last_view(problem, problem.destination, Base.DESTINATION, whole, workspace, target)
    copies = [copy for copy in (copying_window, copying_point) if copy]
    sums: list[Step] = []
    unpacking: list[Step] = []
    for vectors, first, blocks in channel_blocks(problem.destination_channels, target.lanes(problem.accumulator)):
        one, two = _sums(problem, window, point, not copying_point, vectors, first, blocks, workspace, target)
        sums.append(one)
        unpacking.append(two)
    steps = stages(copies, sums, unpacking)
    notes = tuple(
        f"{name} {'copied channels-last' if copy else 'read in place'}"
        for name, copy in (("window tensor", copying_window), ("point tensor", copying_point))
    )
    parallel = problem.multiply_adds > 100_000
    return Plan(NAME, steps, workspace.size, seconds(problem, target), parallel, notes, True)


def channels_last_view(
    problem: ConvProblem,
    spec: TensorSpec,
    base: Base,
    span: tuple[tuple[int, int], ...],
    workspace: WorkspaceLayout,
    target: Target,
    any_type: bool = False,
) -> tuple[View, Step | None]:
    """A tensor with dense channels: in place where its type (unless any will do), layout and span allow."""
    one_channel = spec.shape[1] == 1
    dense = spec.layout is Layout.CHANNELS_LAST or (one_channel and spec.layout is Layout.PLANAR)
    accumulator = problem.dtype if any_type else problem.accumulator
    if dense and readable_in_place(spec, span, problem.dtype, accumulator):
        return in_place(spec, base, problem.dtype), None
    make = padded_copy if dense else transposed_copy
    return make(spec, base, problem.dtype, problem.accumulator, span, workspace, target)


def _sums(
    problem: ConvProblem,
    window: View,
    point: View,
    point_in_place: bool,
    vectors: int,
    first: int,
    blocks: int,
    workspace: WorkspaceLayout,
    target: Target,
) -> tuple[Step, Step]:
    accumulator, size = problem.accumulator, ELEMENT_BYTES[problem.accumulator]
    lanes = vectors * target.lanes(accumulator)
    channels = min(problem.destination_channels - first, blocks * lanes)
    spec = _Spec(accumulator, vectors, point_in_place and channels % lanes != 0, target)
    runs, length, channel, tap = _runs(problem, window)
    widths = tile_widths(target.registers, vectors)
    tiles = np.array([(start, index) for start, index in cut_row(length, widths)], np.int64)

    pd, ph, pw = problem.window_phases
    depth, height, width = problem.destination.spatial
    # A band's sum is apart from others', so that long sums lose few bits; of wide rows a strip is enough for one.
    pixels = problem.batch * depth * height * width
    band = piece_terms(pixels, 3.5, _BAND_PIXELS)
    strip = -(-width // max(1, width // band))
    strips = -(-width // strip)
    rows = problem.batch * depth * height * strips
    base_items = problem.groups * blocks * len(runs)
    pieces = max(1, min(rows, _WANTED_ITEMS // base_items))
    rows_per_piece = math.ceil(rows / pieces)
    pieces = math.ceil(rows / rows_per_piece)
    row_bytes = strip * (lanes + pw.read_step * problem.source_channels) * size
    terms = runs.size * length
    piece_bytes = packed_bytes(terms, channels, problem.groups, lanes, accumulator)
    partial = workspace.take(pieces * piece_bytes)
    rows_per_band = max(1, min(_BAND_BYTES // row_bytes, -(-rows // max(1, round(pixels / band)))))
    values = {
        "items": base_items * pieces, "pieces": pieces, "blocks": blocks, "runs": len(runs), "rows": rows,
        "rows_per_piece": rows_per_piece, "rows_per_band": rows_per_band, "depth": depth, "height": height,
        "strips": strips, "strip": strip, "width": width, "channels": channels,
        "window_n": window.strides[0], "window_d": window.strides[2] * pd.read_step,
        "window_h": window.strides[3] * ph.read_step, "window_w": window.strides[4] * pw.read_step,
        "window_group": window.strides[1] * problem.source_channels,
        "point_n": point.strides[0], "point_d": point.strides[2], "point_h": point.strides[3],
        "point_w": point.strides[4], "point_group": point.strides[1] * problem.destination_channels,
        "piece_bytes": piece_bytes, "group_bytes": blocks * terms * lanes * size,
        "panel_bytes": terms * lanes * size, "run_bytes": length * lanes * size, "tile_count": len(tiles),
    }  # fmt: skip
    at_point = Location(point.at.base, point.at.offset + first * size)
    addresses = {"window_ptr": window.at, "point_ptr": at_point, "partial_ptr": partial}
    summing = step(_kernel(spec), _ARGUMENTS, values, addresses, {"run_ptr": runs, "tiles_ptr": tiles})

    where = gradient_terms(problem, channel, tap)
    result = Location(Base.WEIGHT, first * where.channel_stride)
    adding = unpack_gradient(
        where, channels, problem.groups, lanes, problem.dtype, accumulator, pieces, result, partial, target
    )
    return summing, adding


def gradient_terms(problem: ConvProblem, channel: NDArray[np.int64], tap: NDArray[np.int64]) -> FilterTerms:
    """Where the gradients of (window channel, tap) terms lie for each point channel."""
    element = ELEMENT_BYTES[problem.dtype]
    point, window, *strides = (s * element for s in problem.weight_strides)
    d, h, w = np.unravel_index(tap, problem.kernel)
    offsets = channel * window + d * strides[0] + h * strides[1] + w * strides[2]
    return FilterTerms(offsets, point, point * problem.destination_channels, element)


Runs = tuple[NDArray[np.int64], int, NDArray[np.int64],
             NDArray[np.int64]]  # fmt: skip


def _runs(problem: ConvProblem, window: View) -> Runs:
    """Dense runs of the window that tiles are cut from: (offsets, length, channel and tap of each element)."""
    pd, ph, pw = problem.window_phases
    _, sc, sd, sh, sw = window.strides
    channels = problem.source_channels
    rows = [(i * problem.kernel[1] + j, di * sd + hj * sh) for i, di in pd.taps for j, hj in ph.taps]
    joined = problem.groups == 1 and problem.dilation[2] == 1 and sw == channels * sc
    plane = problem.kernel[2]
    if joined:
        runs = [offset + pw.taps[0][1] * sw for _, offset in rows]
        terms = [(c, base * plane + t) for base, _ in rows for t, _ in pw.taps for c in range(channels)]
        length = plane * channels
    else:
        runs = [offset + w * sw for _, offset in rows for _, w in pw.taps]
        terms = [(c, base * plane + t) for base, _ in rows for t, _ in pw.taps for c in range(channels)]
        length = channels
    pairs = np.array(terms, np.int64)
    return np.array(runs, np.int64), length, pairs[:, 0].copy(), pairs[:, 1].copy()


@functools.cache
def _kernel(spec: _Spec) -> str:
    b = Builder(FUNCTION)
    v = Vectors(b, spec.accumulator, spec.target.lanes(spec.accumulator), spec.target.level != "generic")
    a = _ARGUMENTS.load(b)
    lanes = spec.vectors * v.lanes
    row_bytes = lanes * v.bytes

    with tickets(b, a["items"]) as item:
        piece, group, block, run = split(b, item, b.div(b.div(b.div(a["items"], a["pieces"]), a["blocks"]), a["runs"]),
                                         a["blocks"], a["runs"])  # fmt: skip
        first = b.mul(piece, a["rows_per_piece"])
        last = b.min(b.add(first, a["rows_per_piece"]), a["rows"])
        done = b.mul(block, lanes)
        left = b.sub(a["channels"], done)
        masks = [v.mask(b.sub(left, j * v.lanes)) for j in range(spec.vectors)] if spec.masked else []
        window = b.at(a["window_ptr"], b.mul(group, a["window_group"]),
                      b.load("i64", b.at(a["run_ptr"], b.mul(run, 8)), 8))  # fmt: skip
        point = b.at(a["point_ptr"], b.mul(group, a["point_group"]), b.mul(done, v.bytes))
        partial = b.at(
            a["partial_ptr"], b.mul(piece, a["piece_bytes"]), b.mul(group, a["group_bytes"]),
            b.mul(block, a["panel_bytes"]), b.mul(run, a["run_bytes"])
        )  # fmt: skip
        with b.loop(first, last, a["rows_per_band"]) as band:
            band_end = b.min(b.add(band.index, a["rows_per_band"]), last)
            begins = b.compare("eq", band.index, first)
            with b.loop(0, a["tile_count"]) as tile:
                entry = b.at(a["tiles_ptr"], b.mul(tile.index, 16))
                start = b.load("i64", entry, 8)
                cells = b.at(partial, b.mul(start, row_bytes))
                at_window = b.at(window, b.mul(start, v.bytes))

                def one(
                    width: int, cells: str = cells, window: str = at_window, rows: tuple[Value, Value] =
                    (band.index, band_end), begins: str = begins, point: str = point, masks: list[str] = masks,
                ) -> None:  # fmt: skip
                    for i, value in enumerate(_over_rows(b, v, spec, a, width, rows, window, point, masks)):
                        at = b.at(cells, i * v.lanes * v.bytes)
                        v.store(v.add(b.select(begins, v.type, v.zero, v.load(at)), value), at)

                widths = tile_widths(spec.target.registers, spec.vectors)
                b.switch(
                    b.load("i64", b.at(entry, 8), 8),
                    {i: functools.partial(one, width) for i, width in enumerate(widths)},
                )
    return b.text()


def _over_rows(
    b: Builder, v: Vectors, spec: _Spec, a: dict[str, str], width: int, rows: tuple[Value, Value], window: str,
    point: str, masks: list[str],
) -> list[str]:  # fmt: skip
    """The microkernel: for each pixel of each row, window elements broadcast times vectors of the point tensor."""
    sizes = [a["depth"], a["height"], a["strips"]]
    carried = [*(("i64", digit) for digit in split(b, rows[0], *sizes)), *[(v.type, v.zero)] * (width * spec.vectors)]
    with b.loop(*rows, carried=carried) as row:
        n, d, h, strip = row.values[:4]
        first = b.mul(strip, a["strip"])
        at_window, at_point = (
            b.at(at, *(b.mul(i, a[f"{name}_{axis}"]) for i, axis in zip((n, d, h, first), "ndhw", strict=True)))
            for at, name in ((window, "window"), (point, "point"))
        )
        carried = [("ptr", at_window), ("ptr", at_point), *((v.type, value) for value in row.values[4:])]
        with b.loop(0, b.min(b.sub(a["width"], first), a["strip"]), carried=carried) as pixel:
            x, y, *sums = pixel.values
            vectors = []
            for j in range(spec.vectors):
                at = b.at(y, j * v.lanes * v.bytes)
                vectors.append(v.load_masked(at, masks[j]) if masks else v.load(at))
            for m in range(width):
                value = v.load_splat(b.at(x, m * v.bytes))
                for j in range(spec.vectors):
                    k = m * spec.vectors + j
                    sums[k] = v.fma(value, vectors[j], sums[k])
            pixel.carry([b.at(x, a["window_w"]), b.at(y, a["point_w"]), *sums])
        row.carry([*advance(b, row.values[:4], *sizes), *pixel.results[2:]])
    return row.results[4:]
