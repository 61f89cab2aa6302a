"""`amx`: 32 positions by 32 filters in four tiles, float32 as one to three bfloat16 parts.

A tap is a line offset into packed positions, the same for all of them; the kernel adds up products of tiles over
blocks of 32 channels and a table of taps, and serves every layer of one precision and one result layout. Tiles run
over the ends of rows; what falls into the gaps between rows is computed and not stored.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass

import numpy as np

from tilewise.algorithms.amx_grid import LINE, Grid
from tilewise.algorithms.amx_pack import BLOCK, filter_bytes, pack_source, pair_filters, source_bytes
from tilewise.algorithms.filters import pack_filters, packed_bytes
from tilewise.algorithms.limits import too_many_contractions
from tilewise.algorithms.padding import View
from tilewise.algorithms.panels import filter_terms
from tilewise.algorithms.plan import Base, Location, Plan, WorkspaceLayout, stages, step, worth_sharing
from tilewise.algorithms.storing import TileStore, store_mode
from tilewise.algorithms.tiling import channel_blocks
from tilewise.algorithms.turning import is_strewn, result_view, turned_bytes
from tilewise.geometry import Phase
from tilewise.ir.amx import Tiles
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.parts import PASSES, PRODUCTS
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "amx"
SUMMARY = "tiles of positions and filters on AMX, float32 as bfloat16 parts"
POSITIONS = 32
_ARGUMENTS = Arguments(
    [
        "items", "filter_chunks", "position_chunks", "blocks", "blocks_per_item", "position_blocks",
        "positions_per_item", "channels", "channel_blocks", "tap_count", "source_group", "source_block", "part_bytes",
        "filter_group", "filter_panel", "depth", "height", "width", "images", "out_depth", "out_height", "out_width",
        "target_n", "target_d", "target_h", "target_w", "target_c", "target_group", "group_channels",
        "taps_ptr", "source_ptr", "filters_ptr", "bias_ptr", "target_ptr",
    ]
)  # fmt: skip
PARTS = {"highest": 3, "high": 2, "medium": 1}
# Measured on Emerald Rapids: multiply-adds a second of one core, and the share of them that kernels reach.
_RATE, _REACHED = 1.45e12, 0.6


@dataclass(frozen=True)
class _Spec:
    """What the generated code is specialised on."""

    dtype: str
    result_dtype: str
    parts: int
    halves: int
    store: str
    bias: bool
    target: Target


def parts_of(problem: ConvProblem) -> int:
    """How many bfloat16 parts a value has."""
    return 1 if problem.dtype == "bfloat16" else PARTS[problem.precision]


def why_not_tiles(problem: ConvProblem, target: Target) -> str | None:
    """The reason why tiles cannot serve a problem, whatever its pass."""
    if not target.tiles:
        return f"this host's kernels are generated for {target.level}; {target.why_not_higher}"
    if problem.dtype not in ("float32", "bfloat16"):
        return f"tiles multiply bfloat16 parts, which {problem.dtype} is not split into"
    return None


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return "it computes forward and input-gradient passes"
    return why_not_tiles(problem, target) or too_many_contractions(problem)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: products of whole tiles, and the bytes that packing moves."""
    parts = parts_of(problem)
    grid = _grid(problem)
    outputs = sum(lanes * count for lanes, _, count in channel_blocks(problem.destination_channels, 16)) * 16
    inputs = -(-problem.source_channels // BLOCK) * BLOCK
    taps = sum(math.prod(len(p.taps) for p in choice) for choice in itertools.product(*problem.phases))
    work = problem.groups * grid.positions * taps * outputs * inputs * len(PRODUCTS[parts])
    moved = 2 * source_bytes(grid, problem.source_channels, problem.groups, parts)
    moved += problem.groups * inputs * outputs * problem.taps * (8 + 2 * parts)
    moved += 8 * math.prod(problem.destination.shape)
    if is_strewn(problem):
        moved += 2 * turned_bytes(problem, problem.destination)
    penalty = 50.0 if target.emulated else 1.0
    return penalty * work / (2 * _RATE * _REACHED) + moved / 2e10 + 1e-5


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: pack the source and the filters, then one contraction for each phase and width of filter block."""
    parts = parts_of(problem)
    grid = _grid(problem)
    workspace = WorkspaceLayout()
    packed = workspace.take(source_bytes(grid, problem.source_channels, problem.groups, parts))
    ready = [pack_source(problem.source, Base.SOURCE, problem.groups, grid, parts, problem.dtype, packed, target)]
    result, turning = result_view(problem, workspace, target)
    pairing: list[Step] = []
    contractions: list[Step] = []
    for choice in itertools.product(*problem.phases):
        if any(phase.count == 0 for phase in choice):
            continue
        for halves, first, blocks in channel_blocks(problem.destination_channels, 16):
            one, two, three = _contraction(
                problem, choice, grid, packed, result, halves, first, blocks, workspace, target
            )
            ready += one
            pairing += two
            contractions.append(three)
    steps = stages(ready, pairing, contractions, [turning] if turning else [])
    notes = (f"{parts} bfloat16 part{'s' if parts > 1 else ''}, {len(PRODUCTS[parts])} products",)
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), notes, True)


def _grid(problem: ConvProblem) -> Grid:
    return Grid.of(problem.phases, problem.source.spatial, problem.batch, POSITIONS)


def _contraction(
    problem: ConvProblem,
    choice: tuple[Phase, ...],
    grid: Grid,
    packed: Location,
    result: View,
    halves: int,
    first: int,
    blocks: int,
    workspace: WorkspaceLayout,
    target: Target,
) -> tuple[list[Step], list[Step], Step]:
    """Steps that pack filters into rows, rows into pairs, and the contraction itself."""
    parts, element = parts_of(problem), ELEMENT_BYTES[problem.dtype]
    inputs, lanes = problem.source_channels, 16 * halves
    channels = min(problem.destination_channels - first, blocks * lanes)
    lines, indices = grid.taps(choice)
    taps = len(lines)
    rows_step: list[Step] = []
    pair_step: list[Step] = []
    pairs = Location(Base.WORKSPACE)
    if taps:
        numbers = (indices[:, 0] * problem.kernel[1] + indices[:, 1]) * problem.kernel[2] + indices[:, 2]
        terms = filter_terms(problem, np.tile(np.arange(inputs), taps), np.repeat(numbers, inputs))
        rows = workspace.take(packed_bytes(taps * inputs, channels, problem.groups, lanes, "float32"))
        weight = Location(Base.WEIGHT, first * terms.channel_stride)
        rows_step.append(
            pack_filters(terms, channels, problem.groups, lanes, problem.dtype, "float32", weight, rows, target)
        )
        pairs = workspace.take(filter_bytes(taps, inputs, channels, problem.groups, halves, parts))
        pair_step.append(
            pair_filters(taps, inputs, channels, problem.groups, halves, parts, rows, pairs, problem.dtype, target)
        )
    on, oc, od, oh, ow = result.strides
    pd, ph, pw = choice
    depth, height, width = grid.pitches
    position_blocks = -(-grid.positions // POSITIONS)
    blocks_per_item, positions_per_item = _work_per_item(problem, blocks, position_blocks, taps, parts)
    chunks = math.ceil(blocks / blocks_per_item), math.ceil(position_blocks / positions_per_item)
    input_blocks = -(-inputs // BLOCK)
    part_bytes = len(grid.residues) * grid.lines * LINE
    panel = input_blocks * taps * parts * halves * 1024
    values = {
        "items": problem.groups * chunks[0] * chunks[1], "filter_chunks": chunks[0], "position_chunks": chunks[1],
        "blocks": blocks, "blocks_per_item": blocks_per_item, "position_blocks": position_blocks,
        "positions_per_item": positions_per_item, "channels": channels, "channel_blocks": input_blocks,
        "tap_count": taps, "source_group": input_blocks * parts * part_bytes, "source_block": parts * part_bytes,
        "part_bytes": part_bytes, "filter_group": blocks * panel, "filter_panel": panel,
        "depth": depth, "height": height, "width": width, "images": problem.batch,
        "out_depth": pd.count, "out_height": ph.count, "out_width": pw.count,
        "target_n": on, "target_d": od * pd.step, "target_h": oh * ph.step, "target_w": ow * pw.step, "target_c": oc,
        "target_group": oc * problem.destination_channels, "group_channels": problem.destination_channels,
    }  # fmt: skip
    origin = pd.first * od + ph.first * oh + pw.first * ow + first * oc
    addresses = {
        "source_ptr": Location(packed.base, packed.offset + grid.lead * LINE),
        "filters_ptr": pairs,
        "target_ptr": Location(result.at.base, result.at.offset + origin),
    }
    if problem.bias:
        addresses["bias_ptr"] = Location(Base.BIAS, first * element)
    store = store_mode(oc, ow * pw.step, ELEMENT_BYTES[result.dtype])
    spec = _Spec(problem.dtype, result.dtype, parts, halves, store, problem.bias, target)
    return rows_step, pair_step, step(_kernel(spec), _ARGUMENTS, values, addresses, {"taps_ptr": lines * LINE})


def _work_per_item(problem: ConvProblem, blocks: int, position_blocks: int, taps: int, parts: int) -> tuple[int, int]:
    """(filter blocks, position blocks) of one ticket: about 32 tickets, each at least some 20 us of products."""
    cost = taps * -(-problem.source_channels // BLOCK) * len(PRODUCTS[parts]) * 4 * 16 + 400
    per_item = max(1, 60_000 // cost, blocks * position_blocks * problem.groups // 32)
    if per_item <= position_blocks:
        return 1, per_item
    return min(blocks, per_item // position_blocks), position_blocks


@functools.cache
def _kernel(spec: _Spec) -> str:
    b, v, a = begin_vectors(_ARGUMENTS, "float32", spec.target)
    tiles = Tiles(b, spec.target.emulated)
    lanes = 16 * spec.halves
    # Squares of the last positions reach past them.
    scratch = b.stack((POSITIONS + v.lanes) * lanes * 4)
    bias_row = b.stack(lanes * 4)
    finish = TileStore(b, v, spec.result_dtype, lanes, spec.store, a["target_w"], a["target_c"])
    tiles.configure()
    with tickets(b, a["items"]) as item:
        group, filter_chunk, position_chunk = split(b, item, a["filter_chunks"], a["position_chunks"])
        first_block, last_block = share(b, filter_chunk, a["blocks_per_item"], a["blocks"])
        first_position, last_position = share(b, position_chunk, a["positions_per_item"], a["position_blocks"])
        source = b.at(a["source_ptr"], b.mul(group, a["source_group"]))
        with b.loop(first_block, last_block) as block:
            done = b.mul(block.index, lanes)
            left = b.sub(a["channels"], done)
            filters = b.at(a["filters_ptr"], b.mul(group, a["filter_group"]), b.mul(block.index, a["filter_panel"]))
            target = b.at(a["target_ptr"], b.mul(group, a["target_group"]), b.mul(done, a["target_c"]))
            if spec.bias:
                channel = b.add(b.mul(group, a["group_channels"]), done)
                start = b.at(a["bias_ptr"], b.mul(channel, ELEMENT_BYTES[spec.dtype]))
                for j in range(0, lanes, v.lanes):
                    at = b.at(start, j * ELEMENT_BYTES[spec.dtype])
                    v.store(v.load_masked(at, v.mask(b.sub(left, j)), spec.dtype), b.at(bias_row, j * 4))
            with b.loop(first_position, last_position) as number:
                position = b.mul(number.index, POSITIONS)
                _multiply(b, spec, a, tiles, b.at(source, b.mul(position, LINE)), filters, bias_row)
                for half, row in itertools.product(range(spec.halves), range(2)):
                    tiles.store(2 * half + row, b.at(scratch, row * 16 * lanes * 4 + half * 64), lanes * 4)
                _store_segments(b, a, finish, scratch, target, position, left)
    tiles.release()
    return b.text()


def _multiply(
    b: Builder, spec: _Spec, a: dict[str, str], tiles: Tiles, source: str, filters: str, bias_row: str
) -> None:
    """The microkernel: tiles 2*half + row hold sums, 4 and 5 two times 16 positions, 6 and 7 halves of filters."""
    for half, row in itertools.product(range(spec.halves), range(2)):
        if spec.bias:  # every row of the tile starts as the same 16 biases
            tiles.load(2 * half + row, b.at(bias_row, half * 64), 0)
        else:
            tiles.zero(2 * half + row)
    for products in PASSES[spec.parts]:
        _pass(b, spec, a, tiles, source, filters, products)


def _pass(
    b: Builder,
    spec: _Spec,
    a: dict[str, str],
    tiles: Tiles,
    source: str,
    filters: str,
    products: tuple[tuple[int, int], ...],
) -> None:
    """Some of the products, over all channels and taps."""
    tap_bytes = spec.parts * spec.halves * 1024
    with b.loop(0, a["channel_blocks"], carried=[("ptr", source), ("ptr", filters)]) as block:
        with b.loop(0, a["tap_count"], carried=[("ptr", block.values[1])]) as tap:
            at = b.at(block.values[0], b.word(a["taps_ptr"], tap.index))
            panel = tap.values[0]
            held: dict[int, tuple[int, int]] = {}

            def hold(tile: int, key: tuple[int, int], address: str, held: dict[int, tuple[int, int]] = held) -> None:
                if held.get(tile) != key:
                    tiles.load(tile, address)
                    held[tile] = key

            for of_source, of_filter in products:
                for row in range(2):
                    hold(4 + row, (of_source, row), b.at(at, b.mul(a["part_bytes"], of_source), row * 16 * LINE))
                    for half in range(spec.halves):
                        tile = b.at(panel, (of_filter * spec.halves + half) * 1024)
                        hold(6 + half, (of_filter, half), tile)
                        tiles.dot(2 * half + row, 4 + row, 6 + half)
            tap.carry([b.at(panel, tap_bytes)])
        block.carry([b.at(block.values[0], a["source_block"]), tap.results[0]])


def _store_segments(
    b: Builder, a: dict[str, str], finish: TileStore, scratch: str, target: str, position: Value, left: Value
) -> None:
    """Write the positions of a tile row by row; those in the gaps between rows are left out."""
    n, d, h, w = split(b, position, a["depth"], a["height"], a["width"])
    start = [("i64", value) for value in (0, n, d, h, w)]
    with b.repeat(
        start,
        lambda c: b.both(b.compare("slt", c[0], POSITIONS), b.compare("slt", c[1], a["images"])),
    ) as segment:
        done, n, d, h, w = segment.values
        run = b.min(b.sub(a["width"], w), b.sub(POSITIONS, done))
        within = b.both(b.compare("slt", h, a["out_height"]), b.compare("slt", d, a["out_depth"]))
        useful = b.max(b.min(b.sub(a["out_width"], w), run), 0)
        count = b.select(within, "i64", useful, 0)
        with b.when(b.compare("sgt", count, 0)):
            to = b.at(
                target, b.mul(n, a["target_n"]), b.mul(d, a["target_d"]), b.mul(h, a["target_h"]),
                b.mul(w, a["target_w"]),
            )  # fmt: skip
            finish.store(b.at(scratch, b.mul(done, finish.row_bytes)), to, left, count)
        next_h = b.add(h, 1)
        wraps = b.compare("eq", next_h, a["height"])
        next_d = b.select(wraps, "i64", b.add(d, 1), d)
        over = b.compare("eq", next_d, a["depth"])
        segment.carry(
            [
                b.add(done, run),
                b.select(over, "i64", b.add(n, 1), n),
                b.select(over, "i64", 0, next_d),
                b.select(wraps, "i64", 0, next_h),
                0,
            ]
        )
