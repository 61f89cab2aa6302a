"""`amx_weights`: weight gradients as tiles of window channels by point channels, summed over positions.

For each tap, 16 or 32 window channels by 16 or 32 point channels are added up over all positions; the tap's shift
is a difference of lines. Bands of positions that fit the second-level cache are passed over by all taps before the
next band, the sums waiting in the partial result. Large tensors are packed a band at a time by the ticket that sums it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tilewise.algorithms.amx import PACKING_RATE, tile_seconds, why_not_tiles
from tilewise.algorithms.amx_grid import BLOCK, Grid
from tilewise.algorithms.amx_layout import SHARED_BYTES, parts_of
from tilewise.algorithms.amx_points import PointLines
from tilewise.algorithms.amx_weights_kernel import ARGUMENTS, Spec, kernel
from tilewise.algorithms.amx_window import WindowTiles
from tilewise.algorithms.filters import packed_bytes, unpack_gradient
from tilewise.algorithms.fma_weights import gradient_terms
from tilewise.algorithms.plan import (
    Base,
    Location,
    Plan,
    ThreadScratch,
    WorkspaceLayout,
    cores,
    stages,
    step,
    worth_sharing,
)
from tilewise.algorithms.tiling import channel_blocks
from tilewise.ir.amx import ROWS, TILE_BYTES
from tilewise.ir.parts import PRODUCTS
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "amx_weights"
SUMMARY = "weight gradients as tiles of channels on AMX, summed over positions"
_WANTED_ITEMS = 32
_BAND_BYTES = 1 << 20
# Tiles along the positions of a band that tickets pack, at the least: sums go to memory and back once a band.
_LEAST_SPANS = 4
# Partial results of all pieces, at the most.
_PARTIAL_BYTES = 32 << 20


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is not Pass.WEIGHT_GRADIENT:
        return "it computes weight gradients"
    return why_not_tiles(problem, target)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: products of whole tiles, and the bytes that packing and sums move."""
    layout = _Layout.of(problem, target)
    packed = layout.window.group_bytes + layout.point.group_bytes
    if layout.band:
        packed = packed * layout.spans // layout.band
    shapes = math.prod(problem.source.shape) + math.prod(problem.destination.shape)
    sums = 4 * problem.taps * problem.source_channels * problem.destination_channels
    moved = problem.groups * (packed + 2 * sums) + ELEMENT_BYTES[problem.dtype] * shapes
    return tile_seconds(products(problem), target) + moved / PACKING_RATE + 1e-5


def products(problem: ConvProblem) -> int:
    """Multiply-adds of all tile products, those in gaps, tails and of every pair of parts among them."""
    window, point = (-(-n // ROWS) * ROWS for n in (problem.source_channels, problem.destination_channels))
    positions = -(-_grid(problem).positions // BLOCK) * BLOCK
    return problem.groups * positions * problem.taps * window * point * len(PRODUCTS[parts_of(problem)])


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: pack both tensors, unless tickets do it, sum pieces of the positions, add the pieces into the result."""
    layout = _Layout.of(problem, target)
    workspace = WorkspaceLayout()
    packing: list[Step] = []
    packed = None
    if not layout.band:
        packed = (
            workspace.take(problem.groups * layout.window.group_bytes),
            workspace.take(problem.groups * layout.point.group_bytes),
        )
        packing = [layout.window.pack(packed[0], target), layout.point.pack(packed[1], target)]
    sums: list[Step] = []
    adding: list[Step] = []
    for halves, first, blocks in channel_blocks(problem.destination_channels, 16):
        one, two = _sums(layout, packed, halves, first, blocks, workspace, target)
        sums.append(one)
        adding.append(two)
    parts = parts_of(problem)
    notes = [f"{parts} bfloat16 part{'s' if parts > 1 else ''}"]
    if layout.band:
        notes.append(f"bands of {layout.band * BLOCK} positions")
    steps = stages(packing, sums, adding) if packing else stages(sums, adding)
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), tuple(notes), True)


@dataclass(frozen=True)
class _Layout:
    """Both operands, and how many tiles' positions tickets pack at a time: 0 where all are packed ahead."""

    problem: ConvProblem
    grid: Grid
    spans: int
    taps: tuple[tuple[int, int], ...]  # (residue, shift) of each
    window: WindowTiles
    point: PointLines
    band: int

    @classmethod
    def of(cls, problem: ConvProblem, target: Target) -> _Layout:
        """Bands where the packed tensors are large, and a band that stays near is long enough."""
        grid = _grid(problem)
        spans, parts = -(-grid.positions // BLOCK), parts_of(problem)
        taps = tuple((plane, shift) for plane, shift, _ in grid.places(problem.window_phases))
        shifts = [shift for _, shift in taps]

        def made(length: int, band: int) -> _Layout:
            window = WindowTiles(problem, grid, parts, length)
            return cls(problem, grid, spans, taps, window, PointLines.of(problem, grid, parts, length, shifts), band)

        whole = made(spans, 0)
        if problem.groups * (whole.window.group_bytes + whole.point.group_bytes) <= SHARED_BYTES:
            return whole
        one, two = made(1, 0), made(2, 0)
        least = one.window.group_bytes + one.point.group_bytes
        each = two.window.group_bytes + two.point.group_bytes - least
        most = min((target.l2_bytes // 2 - least) // each + 1, -(-spans * problem.groups // 8))
        # What a band repeats of its neighbours, and its sums, which go to memory and back, must be small beside it.
        around = (max(shifts) - min(shifts)) // BLOCK
        sums = 4 * problem.taps * problem.source_channels * problem.destination_channels
        if most < max(_LEAST_SPANS, 2 * around) or sums > most * each:
            return whole
        return made(most, most)


def _grid(problem: ConvProblem) -> Grid:
    return Grid.of(tuple((phase,) for phase in problem.window_phases), problem.source.spatial, problem.batch, 0)


def _sums(
    layout: _Layout, packed: tuple[Location, ...] | None, halves: int, first: int, blocks: int,
    workspace: WorkspaceLayout, target: Target,
) -> tuple[Step, Step]:  # fmt: skip
    """The step that sums one width of point-channel blocks, and the one that adds its pieces."""
    problem, window, point = layout.problem, layout.window, layout.point
    lanes, groups, taps = 16 * halves, problem.groups, problem.taps
    channels = min(problem.destination_channels - first, blocks * lanes)
    window_halves = min(2, window.tiles)
    pairs = -(-window.tiles // window_halves)
    rows = taps * pairs * window_halves * ROWS
    piece_bytes = packed_bytes(rows, channels, groups, lanes, "float32")
    if packed is None:
        # A ticket is a piece, with all channels and taps.
        chunks, pieces = 1, min(-(-layout.spans // layout.band), max(8, 2 * cores()))
        pieces = max(1, min(pieces, _PARTIAL_BYTES // piece_bytes))
        items = groups
    else:
        base = groups * blocks * pairs
        chunks = min(taps, max(1, _WANTED_ITEMS // base))
        chunks = math.ceil(taps / math.ceil(taps / chunks))
        pieces = max(1, min(layout.spans, _WANTED_ITEMS // (base * chunks)))
        items = base * chunks
    per_piece = math.ceil(layout.spans / pieces)
    pieces = math.ceil(layout.spans / per_piece)
    items *= pieces
    partial = workspace.take(pieces * piece_bytes)
    pair_bytes = window_halves * ROWS * lanes * 4
    span_bytes = point.parts * (window_halves + 2 * halves) * TILE_BYTES
    values = {
        "items": items, "groups": groups, "point_blocks": blocks, "window_pairs": pairs, "tap_chunks": chunks,
        "taps": taps, "taps_per_chunk": math.ceil(taps / chunks), "spans": layout.spans,
        "spans_per_piece": per_piece,
        "spans_per_band": layout.band or max(1, _BAND_BYTES // span_bytes),
        "window_pair": window_halves * window.tile_bytes, "window_tile": window.tile_bytes,
        "window_part": window.part_bytes, "point_pair": halves * point.block_bytes, "point_half": point.block_bytes,
        "point_part": point.part_bytes, "piece_bytes": piece_bytes, "group_bytes": blocks * rows * lanes * 4,
        "panel_bytes": rows * lanes * 4, "tap_bytes": pairs * pair_bytes, "pair_bytes": pair_bytes,
    }  # fmt: skip
    table = np.array([(p * window.plane_bytes, point.offset(shift)) for p, shift in layout.taps], np.int64)
    tables, addresses = {"table_ptr": table}, {"partial_ptr": partial}
    skipped = first // ROWS * point.block_bytes
    if packed is None:
        window_values, window_addresses, window_tables = window.arguments()
        point_values, point_addresses = point.arguments()
        scratch = ThreadScratch.take(workspace, items, window.group_bytes + 64 + point.group_bytes)
        values |= window_values | point_values | scratch.values
        values |= {
            "window_tiles": window.tiles, "all_point_blocks": point.blocks, "point_lines": point.lines,
            "point_room": window.group_bytes + 64, "first_point": skipped,
        }  # fmt: skip
        addresses |= window_addresses | point_addresses | {"scratch_ptr": scratch.at}
        tables |= window_tables
    else:
        values |= {"window_group": window.group_bytes, "point_group": point.group_bytes}
        addresses |= {"window_ptr": packed[0], "point_ptr": Location(packed[1].base, packed[1].offset + skipped)}
    readings = (window.reading, point.reading) if packed is None else None
    text = kernel(Spec(window.parts, halves, window_halves, readings, target))
    summing = step(text, ARGUMENTS[packed is None], values, addresses, tables)
    tap, channel = np.divmod(np.arange(taps * problem.source_channels), problem.source_channels)
    where = gradient_terms(problem, channel, tap)
    result = Location(Base.WEIGHT, first * where.channel_stride)
    adding = unpack_gradient(
        where, channels, groups, lanes, problem.dtype, "float32", pieces, result, partial, target,
        tap * pairs * window_halves * ROWS + channel, rows,
    )  # fmt: skip
    return summing, adding
