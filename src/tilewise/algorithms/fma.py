"""`fma`: destination channels in vector lanes, pixels broadcast, the whole sum in registers.

A tile of P pixels and V vectors of channels is P*V accumulators. Each term of the sum loads V vectors of packed
filters and broadcasts P source elements, which may lie anywhere at a constant distance, so that any stride,
dilation, padding and either layout is read without rearranging it.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.filters import FilterTerms, pack_filters, packed_bytes
from tilewise.algorithms.padding import View, in_place, padded_copy, reach, readable_in_place
from tilewise.algorithms.plan import Base, Location, Plan, WorkspaceLayout, stages, step
from tilewise.algorithms.storing import TileStore, store_mode
from tilewise.algorithms.tiling import (
    BYTE_RATE,
    Reduction,
    channel_blocks,
    cut_cost,
    cut_row,
    fma_rate,
    reduction,
    tile_widths,
)
from tilewise.algorithms.turning import is_strewn, result_view, turned_bytes
from tilewise.geometry import Phase
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import FUNCTION, Arguments, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors
from tilewise.problem import ConvProblem, Layout, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "fma"
SUMMARY = "register tiles of pixels and channels on fused multiply-adds"
Sums = list[list[str]]  # [pixel][vector of channels]
_ARGUMENTS = Arguments(
    [
        "items", "channel_chunks", "row_chunks", "tile_chunks", "blocks", "blocks_per_item",
        "row_count", "rows_per_item", "tile_count", "tiles_per_item", "depth", "height", "channels",
        "source_n", "source_d", "source_h", "source_group", "target_n", "target_d", "target_h", "target_w",
        "target_c", "target_group", "outer_count", "outer_per_sum", "inner_count", "panel_bytes", "group_panels",
        "outer_ptr", "inner_ptr", "tiles_ptr", "source_ptr", "filters_ptr", "bias_ptr", "target_ptr",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class KernelSpec:
    """What the generated code is specialised on."""

    dtype: str
    result_dtype: str
    accumulator: str
    vectors: int
    unroll: int
    pixel_bytes: int
    store: str  # rows (channels dense), planes (pixels dense), scattered
    bias: bool
    chunked: bool  # whether sums are added up in pieces, see Reduction.sums
    target: Target

    @property
    def widths(self) -> tuple[int, ...]:
        """Tile widths, widest first: what fits the registers, then what row ends need."""
        return tile_widths(self.target.registers, self.vectors)


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
    span = reach(problem.phases)
    if readable_in_place(problem.source, span, problem.dtype, accumulator):
        view = in_place(problem.source, Base.SOURCE, problem.dtype)
        notes.append("source read in place")
    else:
        view, copying = padded_copy(problem.source, Base.SOURCE, problem.dtype, accumulator, span, workspace, target)
        packing += [copying] if copying else []
        notes.append("source copied with its padding")
    result, turning = result_view(problem, workspace, target)
    lanes = target.lanes(accumulator)
    for phases in itertools.product(*problem.phases):
        if any(phase.count == 0 for phase in phases):
            continue
        for vectors, first_block, blocks in channel_blocks(problem.destination_channels, lanes):
            panels = packed_filters(problem, phases, view, vectors, first_block, blocks, workspace, target)
            packing += panels.steps
            contractions.append(contraction(problem, phases, view, result, panels, target))
    parallel = problem.multiply_adds > 100_000
    steps = stages(packing, contractions, [turning] if turning else [])
    return Plan(NAME, steps, workspace.size, seconds(problem, target), parallel, tuple(notes), True)


@dataclass(frozen=True)
class Panels:
    """Packed filters of some blocks of channels for one phase an axis, and the order of the sum that they serve."""

    steps: tuple[Step, ...]
    at: Location
    terms: Reduction
    vectors: int
    first_channel: int
    channels: int
    blocks: int


def packed_filters(
    problem: ConvProblem,
    phases: tuple[Phase, ...],
    view: View,
    vectors: int,
    first_channel: int,
    blocks: int,
    workspace: WorkspaceLayout,
    target: Target,
) -> Panels:
    """Filters packed for one phase an axis and one width of channel block; no step where no tap is left."""
    accumulator = problem.accumulator
    channels_dense = view.layout is Layout.CHANNELS_LAST
    joined = channels_dense and problem.groups == 1
    terms = reduction(phases, problem.kernel, problem.source_channels, view.strides, channels_dense, joined)
    lanes = vectors * target.lanes(accumulator)
    channels = min(problem.destination_channels - first_channel, blocks * lanes)
    filters = filter_terms(problem, terms.channel, terms.tap)
    count = len(filters.offsets)
    packed = workspace.take(packed_bytes(count, channels, problem.groups, lanes, accumulator))
    weight = Location(Base.WEIGHT, first_channel * filters.channel_stride)
    steps = []
    if count:  # a phase that no tap reaches has none: its results are the bias alone
        steps.append(
            pack_filters(filters, channels, problem.groups, lanes, problem.dtype, accumulator, weight, packed, target)
        )
    return Panels(tuple(steps), packed, terms, vectors, first_channel, channels, blocks)


def contraction(
    problem: ConvProblem, phases: tuple[Phase, ...], view: View, result: View, panels: Panels, target: Target
) -> Step:
    """The sums of one phase an axis for the channels of some packed filters."""
    accumulator, size = problem.accumulator, ELEMENT_BYTES[problem.accumulator]
    terms, vectors, blocks = panels.terms, panels.vectors, panels.blocks
    first_channel, channels = panels.first_channel, panels.channels
    lanes = vectors * target.lanes(accumulator)
    count = len(terms.channel)
    pd, ph, pw = phases
    on, oc, od, oh, ow = result.strides
    depth, height, width = pd.count, ph.count, pw.count
    sd, sh, sw = (view.strides[2] * pd.read_step, view.strides[3] * ph.read_step, view.strides[4] * pw.read_step)
    td, th, tw = od * pd.step, oh * ph.step, ow * pw.step
    # Rows that follow each other without a gap, in source and destination alike, are one long row.
    if sh == sw * width and th == tw * width:
        height, width, sh, th = 1, width * height, 0, 0
        if sd == sw * width and td == tw * width:
            depth, width, sd, td = 1, width * depth, 0, 0
    store = store_mode(oc, tw, ELEMENT_BYTES[result.dtype])
    chunked = terms.sums > 1
    spec = KernelSpec(
        problem.dtype, result.dtype, accumulator, vectors, terms.unroll, sw, store, problem.bias, chunked, target
    )
    cut = cut_row(width, spec.widths)
    tiles = np.array([(start * sw, start * tw, index, spec.widths[index]) for start, index in cut], np.int64)
    rows = problem.batch * depth * height
    per_item = _work_per_item(problem, rows, len(tiles), blocks, count, lanes)
    blocks_per_item, rows_per_item, tiles_per_item = per_item
    chunks = (
        math.ceil(blocks / blocks_per_item),
        math.ceil(rows / rows_per_item),
        math.ceil(len(tiles) / tiles_per_item),
    )
    origin = pd.first * od + ph.first * oh + pw.first * ow + first_channel * oc
    values = {
        "items": problem.groups * math.prod(chunks), "channel_chunks": chunks[0], "row_chunks": chunks[1],
        "tile_chunks": chunks[2], "blocks": blocks, "blocks_per_item": blocks_per_item,
        "row_count": rows, "rows_per_item": rows_per_item, "tile_count": len(tiles),
        "tiles_per_item": tiles_per_item, "depth": depth, "height": height, "channels": channels,
        "source_n": view.strides[0], "source_d": sd, "source_h": sh,
        "source_group": view.strides[1] * problem.source_channels,
        "target_n": on, "target_d": td, "target_h": th, "target_w": tw, "target_c": oc,
        "target_group": oc * problem.destination_channels,
        "outer_count": len(terms.outer), "outer_per_sum": terms.outer_per_sum, "inner_count": len(terms.inner),
        "panel_bytes": count * lanes * size, "group_panels": blocks,
    }  # fmt: skip
    addresses = {
        "source_ptr": view.at,
        "filters_ptr": panels.at,
        "target_ptr": Location(result.at.base, result.at.offset + origin),
    }
    if problem.bias:
        addresses["bias_ptr"] = Location(Base.BIAS, first_channel * ELEMENT_BYTES[problem.dtype])
    tables = {"outer_ptr": terms.outer, "inner_ptr": terms.inner, "tiles_ptr": tiles}
    return step(_kernel(spec), _ARGUMENTS, values, addresses, tables)


def filter_terms(problem: ConvProblem, channel: NDArray[np.int64], tap: NDArray[np.int64]) -> FilterTerms:
    """Where the filters of (source channel, tap) terms lie for each destination channel.

    Weights are (first, second, *kernel); which of the two channels is the destination depends on the contraction.
    """
    element = ELEMENT_BYTES[problem.dtype]
    first, second, *strides = (s * element for s in problem.weight_strides)
    lane, other = (second, first) if problem.scatter else (first, second)
    grouped = (problem.source_channels if problem.scatter else problem.destination_channels) * first
    d, h, w = np.unravel_index(tap, problem.kernel)
    offsets = channel * other + d * strides[0] + h * strides[1] + w * strides[2]
    return FilterTerms(offsets, lane, grouped, element)


def _work_per_item(
    problem: ConvProblem, rows: int, tiles: int, blocks: int, terms: int, lanes: int
) -> tuple[int, int, int]:
    """(blocks, rows, tiles) of one ticket: enough work to be worth drawing, enough tickets to share evenly."""
    wanted_items = 32
    flops_per_tile = 2 * terms * lanes * 14
    least_tiles = max(1, 400_000 // max(1, flops_per_tile))
    total = rows * tiles * blocks * problem.groups
    per_item = max(least_tiles, total // wanted_items, 1)
    if per_item <= tiles:
        return 1, 1, per_item
    rows_per_item = min(rows, max(1, per_item // tiles))
    blocks_per_item = min(blocks, max(1, per_item // (tiles * rows_per_item)))
    return blocks_per_item, rows_per_item, tiles


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: whole tiles, copies, packed filters and stores."""
    lanes, element = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    wasted = -(-problem.destination_channels // lanes) * lanes / problem.destination_channels
    width = max(max(phase.count for phase in problem.phases[2]), 1)
    wasted *= cut_cost(width, tile_widths(target.registers, 2 if problem.destination_channels > lanes else 1))
    moved = 2 * element * problem.taps * problem.source_channels * problem.destination.shape[1]
    span = reach(problem.phases)
    if not readable_in_place(problem.source, span, problem.dtype, problem.accumulator):
        moved += 2 * element * math.prod(problem.source.shape)
    moved += element * math.prod(problem.destination.shape)
    if is_strewn(problem):
        moved += 2 * turned_bytes(problem, problem.destination)
    return 2 * problem.multiply_adds * wasted / fma_rate(lanes) + moved / BYTE_RATE + 5e-6


@functools.cache
def _kernel(spec: KernelSpec) -> str:
    b = Builder(FUNCTION)
    v = Vectors(b, spec.accumulator, spec.target.lanes(spec.accumulator), spec.target.level != "generic")
    a = _ARGUMENTS.load(b)
    lanes = spec.vectors * v.lanes
    element = ELEMENT_BYTES[spec.dtype]
    scratch = b.stack(-(-spec.widths[0] // v.lanes) * v.lanes * lanes * v.bytes)

    finish = TileStore(b, v, spec.result_dtype, lanes, spec.store, a["target_w"], a["target_c"])

    def tile(width: int, source: str, filters: str, to: str, bias: list[str], left: Value) -> None:
        sums = _contract(b, v, spec, a, width, source, filters, bias, scratch)
        if spec.store != "rows":
            _store_scratch(b, v, sums, scratch)
            return
        b.either(
            b.compare("sge", left, lanes),
            functools.partial(_store_whole_rows, b, v, spec, a, sums, to),
            functools.partial(_store_scratch, b, v, sums, scratch),
        )

    with tickets(b, a["items"]) as item:
        group, channel_chunk, row_chunk, tile_chunk = split(
            b, item, a["channel_chunks"], a["row_chunks"], a["tile_chunks"]
        )
        first_block = b.mul(channel_chunk, a["blocks_per_item"])
        last_block = b.min(b.add(first_block, a["blocks_per_item"]), a["blocks"])
        first_row = b.mul(row_chunk, a["rows_per_item"])
        last_row = b.min(b.add(first_row, a["rows_per_item"]), a["row_count"])
        first_tile = b.mul(tile_chunk, a["tiles_per_item"])
        last_tile = b.min(b.add(first_tile, a["tiles_per_item"]), a["tile_count"])
        source_group = b.at(a["source_ptr"], b.mul(group, a["source_group"]))
        target_group = b.at(a["target_ptr"], b.mul(group, a["target_group"]))
        filter_group = b.at(a["filters_ptr"], b.mul(b.mul(group, a["group_panels"]), a["panel_bytes"]))
        with b.loop(first_block, last_block) as block:
            done = b.mul(block.index, lanes)
            left = b.sub(a["channels"], done)
            filters = b.at(filter_group, b.mul(block.index, a["panel_bytes"]))
            target_block = b.at(target_group, b.mul(done, a["target_c"]))
            bias = [v.zero] * spec.vectors
            if spec.bias:
                channel = b.add(b.mul(group, _group_channels(b, a)), done)
                start = b.at(a["bias_ptr"], b.mul(channel, element))
                bias = [
                    v.load_masked(b.at(start, j * v.lanes * element), v.mask(b.sub(left, j * v.lanes)), spec.dtype)
                    for j in range(spec.vectors)
                ]
            with b.loop(first_row, last_row) as row:
                n, d, h = split(b, row.index, a["depth"], a["height"])
                source_row = b.at(
                    source_group, b.mul(n, a["source_n"]), b.mul(d, a["source_d"]), b.mul(h, a["source_h"])
                )
                target_row = b.at(
                    target_block, b.mul(n, a["target_n"]), b.mul(d, a["target_d"]), b.mul(h, a["target_h"])
                )
                with b.loop(first_tile, last_tile) as number:
                    entry = b.at(a["tiles_ptr"], b.mul(number.index, 32))
                    source = b.at(source_row, b.load("i64", entry, 8))
                    to = b.at(target_row, b.load("i64", b.at(entry, 8), 8))
                    index = b.load("i64", b.at(entry, 16), 8)
                    b.switch(
                        index,
                        {
                            i: functools.partial(tile, width, source, filters, to, bias, left)
                            for i, width in enumerate(spec.widths)
                        },
                    )
                    width = b.load("i64", b.at(entry, 24), 8)
                    if spec.store != "rows":
                        finish.store(scratch, to, left, width)
                    else:
                        with b.when(b.compare("slt", left, lanes)):
                            finish.store(scratch, to, left, width)
    return b.text()


def _group_channels(b: Builder, a: dict[str, str]) -> Value:
    """Destination channels of one group, from its stride."""
    return b.div(a["target_group"], a["target_c"])


def _contract(
    b: Builder, v: Vectors, spec: KernelSpec, a: dict[str, str], width: int, source: str, filters: str,
    bias: list[str], scratch: str,
) -> Sums:  # fmt: skip
    """sums[pixel][vector] over all terms; in pieces, whose totals wait in the scratch tile, where they are many."""
    start = [bias[j] for _ in range(width) for j in range(spec.vectors)]
    if not spec.chunked:
        _, final = _sum(b, v, spec, a, width, source, (0, a["outer_count"]), filters, start)
    else:
        places = [b.at(scratch, i * v.lanes * v.bytes) for i in range(len(start))]
        with b.loop(0, a["outer_count"], a["outer_per_sum"], carried=[("ptr", filters)]) as piece:
            stop = b.min(b.add(piece.index, a["outer_per_sum"]), a["outer_count"])
            zeros = [v.zero] * len(start)
            after, sums = _sum(b, v, spec, a, width, source, (piece.index, stop), piece.values[0], zeros)
            begins = b.compare("eq", piece.index, 0)
            for value, before, at in zip(sums, start, places, strict=True):
                v.store(v.add(b.select(begins, v.type, before, v.load(at)), value), at)
            piece.carry([after])
        final = [v.load(at) for at in places]
    return [final[p * spec.vectors : (p + 1) * spec.vectors] for p in range(width)]


def _sum(
    b: Builder, v: Vectors, spec: KernelSpec, a: dict[str, str], width: int, source: str, outers: tuple[Value, Value],
    filters: str, start: list[str],
) -> tuple[str, list[str]]:  # fmt: skip
    """The microkernel: (where the filters go on, sums) after a range of outer offsets."""
    row_bytes = spec.vectors * v.lanes * v.bytes
    with b.loop(*outers, carried=[("ptr", filters), *((v.type, value) for value in start)]) as outer:
        at_outer = b.at(source, b.load("i64", b.at(a["outer_ptr"], b.mul(outer.index, 8)), 8))
        carried = [("ptr", outer.values[0]), *((v.type, value) for value in outer.values[1:])]
        with b.loop(0, a["inner_count"], carried=carried) as inner:
            at = b.at(at_outer, b.load("i64", b.at(a["inner_ptr"], b.mul(inner.index, 8)), 8))
            panel, sums = inner.values[0], list(inner.values[1:])
            for u in range(spec.unroll):
                rows = [v.load(b.at(panel, u * row_bytes + j * v.lanes * v.bytes)) for j in range(spec.vectors)]
                for p in range(width):
                    pixel = v.load_splat(b.at(at, p * spec.pixel_bytes + u * v.bytes))
                    for j in range(spec.vectors):
                        k = p * spec.vectors + j
                        sums[k] = v.fma(pixel, rows[j], sums[k])
            inner.carry([b.at(panel, spec.unroll * row_bytes), *sums])
        outer.carry(inner.results)
    return outer.results[0], outer.results[1:]


def _store_whole_rows(b: Builder, v: Vectors, spec: KernelSpec, a: dict[str, str], sums: Sums, to: str) -> None:
    """Channels are dense and none is missing: registers go straight to the pixels."""
    for p, pixel in enumerate(sums):
        at = b.at(to, b.mul(a["target_w"], p))
        for j, value in enumerate(pixel):
            v.store_as(value, b.at(at, j * v.lanes * ELEMENT_BYTES[spec.result_dtype]), spec.result_dtype)


def _store_scratch(b: Builder, v: Vectors, sums: Sums, scratch: str) -> None:
    """Sums to the scratch tile, [pixel][channel]."""
    for p, pixel in enumerate(sums):
        for j, value in enumerate(pixel):
            v.store(value, b.at(scratch, (p * len(pixel) + j) * v.lanes * v.bytes), v.lanes * v.bytes)
