"""`amx`: 32 positions by 32 filters in four tiles, float32 as one to three bfloat16 parts.

Filters (`filters.py`) and the source (`source.py`) are packed once, or by the tickets that multiply them, so that
what is packed never leaves the second-level cache (`kernel.py`); `layout.py` says which.
"""

from __future__ import annotations

import itertools

from tilewise.algorithms.amx.contraction import contraction
from tilewise.algorithms.amx.filters import TileFilters
from tilewise.algorithms.amx.grid import BLOCK
from tilewise.algorithms.amx.joining import Joining
from tilewise.algorithms.amx.layout import Source, grid_of, packed_by_tickets, parts_of, phase_count, phases_of
from tilewise.algorithms.amx.products import POSITIONS
from tilewise.algorithms.common.limits import too_many_contractions
from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import Plan, WorkspaceLayout, stages, worth_sharing
from tilewise.algorithms.common.rounds import Rounds
from tilewise.algorithms.common.tiling import channel_blocks, fma_rate
from tilewise.algorithms.common.turning import is_strewn, result_view, turned_bytes
from tilewise.geometry import Phase
from tilewise.ir.amx import ROWS
from tilewise.ir.parts import PRODUCTS
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "amx"
SUMMARY = "tiles of positions and filters on AMX, float32 as bfloat16 parts"
# Tile products against vector ones, multiply-adds a second of one core of Emerald Rapids: 2900 and 180 GFLOP/s.
_FASTER = 2900 / 180
# Of what the instructions could do, when their operands come from the second-level cache.
_REACHED = 0.8
# Bytes a second, packed or counted as that much work, on the scale of BYTE_RATE: measured without tile instructions.
PACKING_RATE = 3.3e10
# Packed filters of one round: each round ends with a wait, and below this nothing is gained by a shorter one.
_FILTER_BYTES = 4 << 20


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
    """Expected time on two cores: products of whole tiles, and the bytes that packing and storing move."""
    source, parts, element = Source.of(problem, target), parts_of(problem), ELEMENT_BYTES[problem.dtype]
    positions = problem.groups * source.lines.grid.positions
    packed = 0 if source.ready else problem.groups * source.lines.group_bytes
    packed *= -(-source.blocks // source.bands) if source.bands else 1
    packed += source.lines.blocks * BLOCK * _outputs(problem) * problem.groups * problem.taps * (element + 2 * parts)
    stored = 4 * positions * _outputs(problem) * phase_count(problem)
    tensors = element * problem.tensor_elements
    turned = 2 * turned_bytes(problem, problem.destination) if is_strewn(problem) else 0
    moved = packed + (stored + tensors) / 2 + turned
    return tile_seconds(products(problem), target) + moved / PACKING_RATE + 1e-5


def tile_seconds(products: int, target: Target) -> float:
    """Expected time on two cores of so many multiply-adds in tiles, on the scale of `fma_rate`."""
    rate = fma_rate(16) / 2 * _FASTER * _REACHED
    return products / rate * (50.0 if target.emulated else 1.0)


def products(problem: ConvProblem) -> int:
    """Multiply-adds of all tile products, those in gaps, tails and of every pair of parts among them."""
    joining = Joining.of(problem)
    inputs = joining.channels if joining else problem.source_channels
    grid = grid_of(problem, joining)
    phases = itertools.product(*phases_of(problem, joining))
    positions = sum(
        grid.live_taps(choice) * grid.worked(choice) for choice in phases if all(phase.count for phase in choice)
    )
    channels = -(-inputs // BLOCK) * BLOCK * _outputs(problem) * problem.groups
    return int(positions) * channels * len(PRODUCTS[parts_of(problem)])


def _outputs(problem: ConvProblem) -> int:
    """Destination channels of a group, those that fill up the last block among them."""
    return sum(halves * count for halves, _, count in channel_blocks(problem.destination_channels, 16)) * 16


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: pack what tickets do not pack, and one contraction a phase and width of block; in rounds where large."""
    parts = parts_of(problem)
    workspace = WorkspaceLayout()
    source = Source.of(problem, target)
    result, turning = result_view(problem, workspace, target)
    make = _positions if source.rounds else _channels
    steps = make(source, result, [turning] if turning else [], workspace, target)
    notes = [f"{parts} bfloat16 part{'s' if parts > 1 else ''}, {len(PRODUCTS[parts])} products"]
    if source.lines.joining:
        notes.append(f"{source.lines.joining.each} taps side by side")
    if source.ready:
        notes.append("source read as it lies")
    if source.bands:
        notes.append(f"{'rounds' if source.rounds else 'bands'} of {source.bands * POSITIONS} positions")
    elif any(
        packed_by_tickets(source, _filters(source, *blocks))
        for blocks in channel_blocks(problem.destination_channels, ROWS)
    ):
        notes.append("filters packed where they are multiplied")
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), tuple(notes), True)


def _filters(source: Source, halves: int, first: int, count: int) -> TileFilters:
    """Those of so many blocks of destination channels, from one channel on."""
    problem = source.lines.problem
    outputs = min(problem.destination_channels - first, count * halves * ROWS)
    return TileFilters(problem, first, outputs, halves, parts_of(problem), source.lines.joining)


def _choices(source: Source) -> list[tuple[Phase, ...]]:
    """The phases that write something, one an axis."""
    phases = phases_of(source.lines.problem, source.lines.joining)
    return [choice for choice in itertools.product(*phases) if all(phase.count for phase in choice)]


def _channels(
    source: Source, result: View, after: list[Step], workspace: WorkspaceLayout, target: Target
) -> tuple[Step, ...]:
    """The source packed ahead, unless tickets do that or nothing must; then, for some filters at a time: these."""
    problem, choices = source.lines.problem, _choices(source)
    before = []
    if source.at is None and not source.by_tickets:
        source.at = workspace.take(problem.groups * source.lines.group_bytes)
        before.append(source.lines.pack(source.at, target))
    blocks, multiplying = [], []
    for halves, first, count in channel_blocks(problem.destination_channels, ROWS):
        filters = _filters(source, halves, first, count)
        if packed_by_tickets(source, filters):
            multiplying += [contraction(choice, source, filters, None, result, workspace, target) for choice in choices]
        else:
            blocks.append((halves, first, count))
    # Tickets that pack positions do it once: all filters are theirs.
    vector_bytes = 0 if source.by_tickets else problem.groups * _filters(source, 1, 0, 1).panel_bytes
    rounds = Rounds(problem, blocks, ROWS, vector_bytes, _FILTER_BYTES, workspace, least_vectors=4)
    for one in rounds:
        one.add([], multiplying)
        multiplying = []
        for halves, first, count in one.blocks:
            filters = _filters(source, halves, first, count)
            packed = one.workspace.take(filters.size)
            one.add(
                [filters.pack(packed, target)],
                [contraction(choice, source, filters, packed, result, one.workspace, target) for choice in choices],
            )
    return rounds.steps(before, after)


def _positions(
    source: Source, result: View, after: list[Step], workspace: WorkspaceLayout, target: Target
) -> tuple[Step, ...]:
    """Filters packed ahead; then some positions at a time packed and multiplied."""
    problem, choices = source.lines.problem, _choices(source)
    source.at = workspace.take(problem.groups * source.lines.group_bytes)
    groups: list[list[Step]] = [[]]
    sides = []
    for halves, first, count in channel_blocks(problem.destination_channels, ROWS):
        filters = _filters(source, halves, first, count)
        sides.append((filters, workspace.take(filters.size)))
        groups[0].append(filters.pack(sides[-1][1], target))
    for first in range(0, source.blocks, source.bands):
        count = min(source.bands, source.blocks - first)
        groups[-1].append(source.lines.pack(source.at, target, first * POSITIONS))
        groups.append(
            [
                contraction(choice, source, filters, packed, result, workspace, target, (first, count))
                for choice in choices
                for filters, packed in sides
            ]
        )
        groups.append([])
    return stages(*groups, after)
