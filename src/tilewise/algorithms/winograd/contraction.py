"""What the contractions of Winograd's algorithms share: the sums of a register tile, and their way to the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.filter_terms import FilterTerms
from tilewise.algorithms.common.padding import View, in_place
from tilewise.algorithms.common.panels import filter_terms
from tilewise.algorithms.common.plan import Base, Location, WorkspaceLayout
from tilewise.algorithms.common.storing import TileStore, store_mode
from tilewise.algorithms.common.tiling import cut_row, divisor
from tilewise.algorithms.common.turning import channels_last_source, channels_last_target
from tilewise.algorithms.winograd.filters import product_bytes, transform_filters
from tilewise.algorithms.winograd.strips import Strip, Transformed, Walk
from tilewise.algorithms.winograd.tiles import Tiling, register_tiles
from tilewise.ir.builder import Builder, Value
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors
from tilewise.ir.watch import Watch
from tilewise.problem import Layout
from tilewise.runtime import Step
from tilewise.target import Target

# Channels summed at a time, so that the transforms' roundings are made up for.
_PIECE = 32
# What a contraction is told of the tiles of a range, and of where results go; besides, of the tiling.
RESULT_ARGUMENTS = (
    "full_cuts", "last_cuts", "outputs", "target_n", "target_d", "target_h", "target_w", "target_c",
    "cuts_ptr", "bias_ptr", "target_ptr", "status_ptr",
)  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """What the generated code is specialised on."""

    dtype: str
    source_dtype: str
    result_dtype: str
    accumulator: str
    vectors: int
    layout: Transformed
    piece: int  # channels summed at a time
    unroll: int
    chunked: bool  # whether there is more than one such sum
    store: str
    bias: bool
    widths: tuple[int, ...]
    target: Target

    @property
    def lanes(self) -> int:
        """Destination channels of a block."""
        return self.vectors * self.target.lanes(self.accumulator)

    @property
    def sum_bytes(self) -> int:
        """The sums of all products."""
        return self.layout.tile.products * self.layout.capacity * self.lanes * ELEMENT_BYTES[self.accumulator]

    @property
    def line_bytes(self) -> int:
        """One row of finished outputs that waits to be stored; squares read past its end."""
        return (self.layout.capacity * self.layout.tile.outputs + 16) * self.lanes * ELEMENT_BYTES[self.accumulator]

    def slot_bytes(self, taps: int, blocks: int) -> int:
        """One thread's scratch, for a group of so many blocks."""
        return taps * self.layout.size + blocks * self.sum_bytes + self.layout.tile.outputs * self.line_bytes


def piece_channels(inputs: int) -> tuple[int, int]:
    """(channels summed at a time, channels that the microkernel takes in one go, a divisor of both)."""
    unroll = divisor(inputs, 8)
    return max(unroll, _PIECE // unroll * unroll), unroll


def specify(tiling: Tiling, view: View, result: View, vectors: int, layout: Transformed, target: Target) -> Spec:
    """For a source and the outputs of a tiling where they are read and written."""
    problem, inputs, direct = tiling.problem, tiling.problem.source_channels, len(tiling.direct)
    piece, unroll = piece_channels(inputs)
    store = store_mode(result.strides[1], result.strides[4] * tiling.wide.step, ELEMENT_BYTES[result.dtype])
    return Spec(
        problem.dtype, view.dtype, result.dtype, problem.accumulator, vectors, layout, piece, unroll,
        direct > 1 or inputs > piece, store, problem.bias, register_tiles(target, vectors), target,
    )  # fmt: skip


@dataclass(frozen=True)
class ResultSide:
    """What RESULT_ARGUMENTS stand for: values, addresses and tables by name."""

    values: dict[str, int]
    addresses: dict[str, Location]
    tables: dict[str, NDArray[np.int64]]


def result_side(tiling: Tiling, result: View, first: int, outputs: int, spec: Spec, overlap: bool) -> ResultSide:
    """For `outputs` channels from channel `first` on; `overlap`: whether register tiles may, see `tiling.cut_row`.

    `result` is where the outputs of the tiling lie.
    """
    capacity, problem = spec.layout.capacity, tiling.problem
    full, last = (cut_row(n, spec.widths, overlap) for n in (capacity, (tiling.tiles - 1) % capacity + 1))
    on, oc, od, oh, ow = result.strides
    values = {
        "full_cuts": len(full), "last_cuts": len(last), "outputs": outputs,
        "target_n": on, "target_d": od, "target_h": oh, "target_w": ow, "target_c": oc,
    }  # fmt: skip
    addresses = {
        "target_ptr": result.at.past(first * oc),
        "status_ptr": Location(Base.STATUS),
    }
    if problem.bias:
        addresses["bias_ptr"] = Location(Base.BIAS, first * ELEMENT_BYTES[problem.dtype])
    return ResultSide(values, addresses, {"cuts_ptr": np.array([*full, *last], np.int64)})


def tensors(
    tilings: Sequence[Tiling], workspace: WorkspaceLayout, target: Target
) -> tuple[View, Step | None, View, Step | None]:
    """The source and the result where they are read and written, each with the step that turns it, if any."""
    problem = tilings[0].problem
    view, turning = channels_last_source(problem, problem.source, Base.SOURCE, workspace, target)
    if is_scattered(tilings):
        return view, turning, *channels_last_target(problem, workspace, target)
    return view, turning, in_place(problem.destination, Base.DESTINATION, problem.dtype), None


def is_scattered(tilings: Sequence[Tiling]) -> bool:
    """Whether a tile's outputs would lie apart in a result of planes, so that it is written channels-last first."""
    apart = any(tiling.wide.step * tiling.wide.phase.step > 1 or tiling.tile.outputs == 1 for tiling in tilings)
    return apart and tilings[0].problem.destination.layout is not Layout.CHANNELS_LAST


def filters_of(tiling: Tiling) -> FilterTerms:
    """Where the taps of each run and channel lie, before the tensor those that a short run does not have."""
    channel, tap = tiling.elements
    terms = filter_terms(tiling.problem, channel, np.maximum(tap, 0))
    return replace(terms, offsets=np.where(tap < 0, -1, terms.offsets))


def transformed_filters(
    tiling: Tiling, first: int, blocks: int, lanes: int, workspace: WorkspaceLayout, target: Target
) -> tuple[Location, Step]:
    """Where the filters of so many blocks of channels from channel `first` on lie transformed, and the step to it."""
    problem, accumulator = tiling.problem, tiling.problem.accumulator
    outputs = min(problem.destination_channels - first, blocks * lanes)
    filters = filters_of(tiling)
    place = workspace.take(blocks * tiling.tile.products * product_bytes(tiling.terms, lanes, accumulator))
    weight = Location(Base.WEIGHT, first * filters.channel_stride)
    transform = transform_filters(
        filters, tiling.tile, outputs, lanes, problem.dtype, accumulator, weight, place, target
    )  # fmt: skip
    return place, transform


class Contraction:
    """Code for sums and results; `text` of a subclass makes a kernel of it."""

    def __init__(self, spec: Spec, begun: tuple[Builder, Vectors, dict[str, str]]):
        """`begun`: what the kernel begins with."""
        self.spec = spec
        self.b, self.v, self.a = b, v, a = begun
        self.watch = Watch(v)
        self.walk = Walk(b, v, a, spec.layout.tile)
        self.lines = ""  # where rows of finished outputs wait, set by the subclass

    # -- sums --------------------------------------------------------------------------------------

    def _cuts(self, first: Value, last: Value) -> tuple[Value, Value]:
        """Which entries of the table of cuts are those of a range: the last one has its own."""
        b, a = self.b, self.a
        whole = b.compare("eq", b.sub(last, first), self.spec.layout.capacity)
        begin = b.select(whole, "i64", 0, a["full_cuts"])
        return begin, b.select(whole, "i64", a["full_cuts"], b.add(a["full_cuts"], a["last_cuts"]))

    def _places(self, width: int, to: str) -> list[str]:
        """Where the sums of a register tile wait."""
        return [self.b.at(to, k * self.v.lanes * self.v.bytes) for k in range(width * self.spec.vectors)]

    def _add(self, sums: list[str], places: list[str], begins: str) -> None:
        """Sums to what waits in memory; where they begin, nothing does."""
        b, v = self.b, self.v
        for place, value in zip(places, sums, strict=True):
            v.store(v.add(b.select(begins, v.type, v.zero, v.load(place)), value), place)

    def _sum(self, width: int, source: str, filters: str, start: Value, stop: Value) -> tuple[str, list[str]]:
        """The microkernel: (where the filters go on, sums) over a piece of the channels."""
        b, v, spec = self.b, self.v, self.spec
        row_bytes = spec.lanes * v.bytes
        carried = [("ptr", filters), *[(v.type, v.zero)] * (width * spec.vectors)]
        with b.loop(start, stop, spec.unroll, carried=carried) as c:
            at = b.at(source, b.mul(c.index, v.bytes))
            panel, sums = c.values[0], list(c.values[1:])
            for u in range(spec.unroll):
                rows = [v.load(b.at(panel, u * row_bytes + j * v.lanes * v.bytes)) for j in range(spec.vectors)]
                for p in range(width):
                    pixel = v.load_splat(b.at(at, p * spec.layout.pixel_bytes + u * v.bytes))
                    for j in range(spec.vectors):
                        k = p * spec.vectors + j
                        sums[k] = v.fma(pixel, rows[j], sums[k])
            c.carry([b.at(panel, spec.unroll * row_bytes), *sums])
        return c.results[0], c.results[1:]

    # -- results -----------------------------------------------------------------------------------

    def _ask(self, block: Value, first: Value, last: Value) -> None:
        """Ask for the lines that the results will be written to, while there is time until the products are done."""
        b, a, spec = self.b, self.a, self.spec
        step = b.mul(a["target_w"], a["column_step"])
        with self.walk.strips(first, last) as (_, s):
            column, width, rows = self.walk.outputs(s)
            for row in rows:
                to = self._target(block, s, row, column)
                with b.loop(0, width) as k:
                    at = b.at(to, b.mul(k.index, step))
                    for line in range(0, spec.lanes * ELEMENT_BYTES[spec.result_dtype], 64):
                        b.prefetch(b.at(at, line), write=True)

    def _results(self, block: Value, sums: str, first: Value, last: Value) -> None:
        b, v, a, spec = self.b, self.v, self.a, self.spec
        done = b.mul(block, spec.lanes)
        left = b.sub(a["outputs"], done)
        bias = [v.zero] * spec.vectors
        if spec.bias:
            element = ELEMENT_BYTES[spec.dtype]
            start = b.at(a["bias_ptr"], b.mul(done, element))
            bias = [
                v.load_masked(b.at(start, j * v.lanes * element), v.mask(b.sub(left, j * v.lanes)), spec.dtype)
                for j in range(spec.vectors)
            ]
        step = b.mul(a["target_w"], a["column_step"])
        finish = TileStore(b, v, spec.result_dtype, spec.lanes, spec.store, step, a["target_c"])
        with self.walk.strips(first, last) as (_, s):
            self._result_strip(s, sums, bias)
            column, width, rows = self.walk.outputs(s)
            for i, row in enumerate(rows):
                with b.when(b.compare("slt", row, a["height"])):
                    line = b.at(self.lines, i * spec.line_bytes)
                    finish.store(line, self._target(block, s, row, column), left, width)

    def _target(self, block: Value, s: Strip, row: Value, column: Value) -> str:
        """Where an output lies."""
        b, a = self.b, self.a
        return b.at(
            a["target_ptr"], b.mul(b.mul(block, self.spec.lanes), a["target_c"]), b.mul(s.image, a["target_n"]),
            b.mul(s.depth, a["target_d"]), b.mul(row, a["target_h"]), b.mul(column, a["target_w"])
        )  # fmt: skip

    def _result_strip(self, s: Strip, sums: str, bias: list[str]) -> None:
        """Sums of products become rows of outputs."""
        b, v, spec = self.b, self.v, self.spec
        tiles = spec.layout.tile
        row_bytes = spec.lanes * v.bytes
        product_bytes = spec.layout.capacity * row_bytes
        with b.loop(s.begin, s.end) as tile:
            number = b.sub(tile.index, s.begin)
            at = b.at(sums, b.mul(b.add(s.number, number), row_bytes))
            to = b.at(self.lines, b.mul(number, tiles.outputs * row_bytes))
            for j in range(spec.vectors):
                grid = [
                    [
                        v.load(b.at(at, (i * tiles.inputs + k) * product_bytes + j * v.lanes * v.bytes))
                        for k in range(tiles.inputs)
                    ]
                    for i in range(tiles.rows)
                ]
                for i, row in enumerate(tiles.result(v, grid)):
                    finished = [v.add(value, bias[j]) for value in row] if spec.bias else row
                    self.watch.see(*finished)
                    for k, value in enumerate(finished):
                        v.store(value, b.at(to, i * spec.line_bytes + k * row_bytes + j * v.lanes * v.bytes))
