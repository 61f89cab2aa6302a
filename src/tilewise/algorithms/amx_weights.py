"""`amx_weights`: weight gradients as tiles of window channels by point channels, summed over positions.

For each tap, 16 or 32 window channels by 16 or 32 point channels are added up over all positions; the tap's shift
is a difference of lines. Bands of positions that fit the second-level cache are passed over by all taps before the
next band, the sums waiting in the partial result.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass

import numpy as np

from tilewise.algorithms.amx import parts_of, why_not_tiles
from tilewise.algorithms.amx_grid import Grid
from tilewise.algorithms.amx_pixels import LINE, ROWS, SPAN, TILE, PixelLayout, pack_points, pack_window
from tilewise.algorithms.filters import packed_bytes, unpack_gradient
from tilewise.algorithms.fma_weights import channels_last_view, gradient_terms
from tilewise.algorithms.plan import Base, Location, Plan, WorkspaceLayout, stages, step, worth_sharing
from tilewise.algorithms.tiling import channel_blocks
from tilewise.ir.amx import Tiles
from tilewise.ir.builder import Builder
from tilewise.ir.kernel import Arguments, begin_kernel, share, split, tickets
from tilewise.ir.parts import PRODUCTS
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "amx_weights"
SUMMARY = "weight gradients as tiles of channels on AMX, summed over positions"
_ARGUMENTS = Arguments(
    [
        "items", "groups", "point_blocks", "window_pairs", "tap_chunks", "taps", "taps_per_chunk", "spans",
        "spans_per_piece", "spans_per_band", "window_group", "window_pair", "window_block", "window_part",
        "point_group", "point_block", "point_half", "point_part", "piece_bytes", "group_bytes", "panel_bytes",
        "tap_bytes", "pair_bytes", "table_ptr", "window_ptr", "point_ptr", "partial_ptr",
    ]
)  # fmt: skip
_WANTED_ITEMS = 32
_BAND_BYTES = 1 << 20
_RATE, _REACHED = 1.45e12, 0.45


@dataclass(frozen=True)
class _Spec:
    """What the generated code is specialised on."""

    parts: int
    point_halves: int
    window_halves: int
    target: Target


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is not Pass.WEIGHT_GRADIENT:
        return "it computes weight gradients"
    return why_not_tiles(problem, target)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: products of whole tiles, and the bytes that packing moves."""
    layout = _layout(problem)
    window = -(-problem.source_channels // ROWS) * ROWS
    point = -(-problem.destination_channels // ROWS) * ROWS
    positions = layout.spans * SPAN
    work = problem.groups * positions * problem.taps * window * point * len(PRODUCTS[layout.parts])
    moved = 2 * layout.window_bytes(problem.source_channels, problem.groups)
    moved += 3 * layout.point_bytes(problem.destination_channels, problem.groups)
    penalty = 50.0 if target.emulated else 1.0
    return penalty * work / (2 * _RATE * _REACHED) + moved / 2e10 + 1e-5


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: pack both tensors, sum pieces of the positions, add the pieces into the result."""
    layout = _layout(problem)
    workspace = WorkspaceLayout()
    window = workspace.take(layout.window_bytes(problem.source_channels, problem.groups))
    packing = [pack_window(problem.source, Base.SOURCE, problem.groups, layout, problem.dtype, window, target)]
    whole = tuple((0, size - 1) for size in problem.destination.spatial)
    view, copying = channels_last_view(
        problem, problem.destination, Base.DESTINATION, whole, workspace, target, any_type=True
    )
    point = workspace.take(layout.point_bytes(problem.destination_channels, problem.groups))
    points = pack_points(
        view, problem.destination.shape, problem.groups, layout, problem.dtype == "bfloat16", point, target,
    )  # fmt: skip
    sums: list[Step] = []
    adding: list[Step] = []
    for halves, first, blocks in channel_blocks(problem.destination_channels, 16):
        one, two = _sums(problem, layout, window, point, halves, first, blocks, workspace, target)
        sums.append(one)
        adding.append(two)
    steps = stages([*packing, copying], [points], sums, adding) if copying else stages([*packing, points], sums, adding)
    notes = (f"{layout.parts} bfloat16 part{'s' if layout.parts > 1 else ''}",)
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), notes, True)


def _layout(problem: ConvProblem) -> PixelLayout:
    phases = tuple((phase,) for phase in problem.window_phases)
    grid = Grid.of(phases, problem.source.spatial, problem.batch, 0)
    shifts = [shift for _, shift in _tap_places(problem, grid)]
    return PixelLayout(grid, parts_of(problem), min(shifts), max(shifts))


def _tap_places(problem: ConvProblem, grid: Grid) -> list[tuple[int, int]]:
    """(residue plane, shift in positions) of each tap, in the order of the filter."""
    places = []
    for offsets in itertools.product(*([o for _, o in phase.taps] for phase in problem.window_phases)):
        placed = [axis.place(o) for axis, o in zip(grid.axes, offsets, strict=True)]
        plane = 0
        for axis, (residue, _) in zip(grid.axes, placed, strict=True):
            plane = plane * len(axis.residues) + residue
        places.append((plane, grid.flat([shift for _, shift in placed])))
    return places


def _sums(
    problem: ConvProblem,
    layout: PixelLayout,
    window: Location,
    point: Location,
    halves: int,
    first: int,
    blocks: int,
    workspace: WorkspaceLayout,
    target: Target,
) -> tuple[Step, Step]:
    """The step that sums one width of point-channel blocks, and the one that adds its pieces."""
    lanes, groups, taps = 16 * halves, problem.groups, problem.taps
    channels = min(problem.destination_channels - first, blocks * lanes)
    tiles = layout.window_tiles(problem.source_channels)
    window_halves = min(2, tiles)
    pairs = -(-tiles // window_halves)
    rows = taps * pairs * window_halves * ROWS
    base = groups * blocks * pairs
    tap_chunks = min(taps, max(1, _WANTED_ITEMS // base))
    per_chunk = math.ceil(taps / tap_chunks)
    tap_chunks = math.ceil(taps / per_chunk)
    pieces = max(1, min(layout.spans, _WANTED_ITEMS // (base * tap_chunks)))
    per_piece = math.ceil(layout.spans / pieces)
    pieces = math.ceil(layout.spans / per_piece)
    piece_bytes = packed_bytes(rows, channels, groups, lanes, "float32")
    partial = workspace.take(pieces * piece_bytes)
    block_bytes, point_block = layout.parts * layout.part_bytes, layout.parts * 2 * layout.lines * LINE
    pair_bytes = window_halves * ROWS * lanes * 4
    point_tiles = -(-problem.destination_channels // ROWS)
    values = {
        "items": base * tap_chunks * pieces, "groups": groups, "point_blocks": blocks, "window_pairs": pairs,
        "tap_chunks": tap_chunks, "taps": taps, "taps_per_chunk": per_chunk, "spans": layout.spans,
        "spans_per_piece": per_piece,
        "spans_per_band": max(1, _BAND_BYTES // (layout.parts * (window_halves + 2 * halves) * TILE)),
        "window_group": tiles * block_bytes, "window_pair": window_halves * block_bytes,
        "window_block": block_bytes, "window_part": layout.part_bytes,
        "point_group": point_tiles * point_block, "point_block": halves * point_block, "point_half": point_block,
        "point_part": 2 * layout.lines * LINE, "piece_bytes": piece_bytes,
        "group_bytes": blocks * rows * lanes * 4, "panel_bytes": rows * lanes * 4,
        "tap_bytes": pairs * pair_bytes, "pair_bytes": pair_bytes,
    }  # fmt: skip
    table = np.array(
        [
            (plane * layout.plane_bytes, layout.point_offset(shift))
            for plane, shift in _tap_places(problem, layout.grid)
        ],
        np.int64,
    )
    addresses = {
        "window_ptr": window,
        "point_ptr": Location(point.base, point.offset + first // ROWS * point_block),
        "partial_ptr": partial,
    }
    summing = step(
        _kernel(_Spec(layout.parts, halves, window_halves, target)), _ARGUMENTS, values, addresses, {"table_ptr": table}
    )
    tap, channel = np.divmod(np.arange(taps * problem.source_channels), problem.source_channels)
    where = gradient_terms(problem, channel, tap)
    result = Location(Base.WEIGHT, first * where.channel_stride)
    adding = unpack_gradient(
        where, channels, groups, lanes, problem.dtype, "float32", pieces, result, partial, target,
        tap * pairs * window_halves * ROWS + channel, rows,
    )  # fmt: skip
    return summing, adding


@functools.cache
def _kernel(spec: _Spec) -> str:
    b, a = begin_kernel(_ARGUMENTS)
    tiles = Tiles(b, spec.target.emulated)
    lanes = 16 * spec.point_halves
    sums = list(itertools.product(range(spec.point_halves), range(spec.window_halves)))
    tiles.configure()
    with tickets(b, a["items"]) as item:
        piece, group, block, pair, chunk = split(
            b, item, a["groups"], a["point_blocks"], a["window_pairs"], a["tap_chunks"]
        )
        window = b.at(a["window_ptr"], b.mul(group, a["window_group"]), b.mul(pair, a["window_pair"]))
        point = b.at(a["point_ptr"], b.mul(group, a["point_group"]), b.mul(block, a["point_block"]))
        cells = b.at(
            a["partial_ptr"], b.mul(piece, a["piece_bytes"]), b.mul(group, a["group_bytes"]),
            b.mul(block, a["panel_bytes"]), b.mul(pair, a["pair_bytes"]),
        )  # fmt: skip
        first_tap, last_tap = share(b, chunk, a["taps_per_chunk"], a["taps"])
        first, last = share(b, piece, a["spans_per_piece"], a["spans"])
        with b.loop(first, last, a["spans_per_band"]) as band:
            begins = b.compare("eq", band.index, first)
            stop = b.min(b.add(band.index, a["spans_per_band"]), last)
            with b.loop(first_tap, last_tap) as tap:
                to_window, to_point = b.entry(a["table_ptr"], tap.index, 2)
                at_window, at_point = b.at(window, to_window), b.at(point, to_point)
                corner = b.at(cells, b.mul(tap.index, a["tap_bytes"]))
                places = [(2 * p + w, b.at(corner, w * ROWS * lanes * 4 + p * 64)) for p, w in sums]

                def fresh(places: list[tuple[int, str]] = places) -> None:
                    for tile, _ in places:
                        tiles.zero(tile)

                def resume(places: list[tuple[int, str]] = places) -> None:
                    for tile, at in places:
                        tiles.load(tile, at, lanes * 4)

                b.either(begins, fresh, resume)
                with b.loop(band.index, stop) as span:
                    offset = b.mul(span.index, TILE)
                    _multiply(b, spec, a, tiles, b.at(at_window, offset), b.at(at_point, offset))
                for tile, at in places:
                    tiles.store(tile, at, lanes * 4)
    tiles.release()
    return b.text()


def _multiply(b: Builder, spec: _Spec, a: dict[str, str], tiles: Tiles, window: str, point: str) -> None:
    """32 positions: tiles 4 and 5 hold window channels, 6 and 7 point channels; sums are in 2*point + window."""
    held: dict[int, tuple[int, int]] = {}

    def hold(tile: int, key: tuple[int, int], address: str) -> None:
        if held.get(tile) != key:
            tiles.load(tile, address)
            held[tile] = key

    for of_window, of_point in PRODUCTS[spec.parts]:
        for w in range(spec.window_halves):
            at = b.at(window, b.mul(a["window_part"], of_window), b.mul(a["window_block"], w))
            hold(4 + w, (of_window, w), at)
            for p in range(spec.point_halves):
                at = b.at(point, b.mul(a["point_part"], of_point), b.mul(a["point_half"], p))
                hold(6 + p, (of_point, p), at)
                tiles.dot(2 * p + w, 4 + w, 6 + p)
