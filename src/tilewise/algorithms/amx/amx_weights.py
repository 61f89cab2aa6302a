"""`amx_weights`: weight gradients as tiles of window channels by point channels, summed over positions.

For each tap, 16 or 32 window channels by 16 or 32 point channels are added up over all positions; the tap's shift
is a difference of lines. Bands of positions that fit the second-level cache are passed over by all taps before the
next band, the sums waiting in the partial result. Large tensors are packed a part at a time (`weights_layout.py`).
"""

from __future__ import annotations

from tilewise.algorithms.amx.amx import PACKING_RATE, tile_seconds, why_not_tiles
from tilewise.algorithms.amx.grid import BLOCK
from tilewise.algorithms.amx.layout import parts_of
from tilewise.algorithms.amx.live_spans import summed_spans
from tilewise.algorithms.amx.weights_layout import Layout, Way, grid_of
from tilewise.algorithms.amx.weights_sums import Sums
from tilewise.algorithms.common.plan import Plan, WorkspaceLayout, stages, worth_sharing
from tilewise.algorithms.common.rounds import Rounds
from tilewise.algorithms.common.tiling import channel_blocks
from tilewise.ir.amx import ROWS
from tilewise.ir.parts import PRODUCTS
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "amx_weights"
SUMMARY = "weight gradients as tiles of channels on AMX, summed over positions"


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is not Pass.WEIGHT_GRADIENT:
        return "it computes weight gradients"
    return why_not_tiles(problem, target)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: products of whole tiles, and the bytes that packing and sums move."""
    sums = 4 * problem.groups * problem.taps * problem.source_channels * problem.destination_channels
    moved = Layout.of(problem, target).moved_bytes + 2 * sums + ELEMENT_BYTES[problem.dtype] * problem.tensor_elements
    return tile_seconds(products(problem), target) + moved / PACKING_RATE + 1e-5


def products(problem: ConvProblem) -> int:
    """Multiply-adds of all tile products, those in gaps, tails and of every pair of parts among them."""
    window, point = (-(-n // ROWS) * ROWS for n in (problem.source_channels, problem.destination_channels))
    positions = summed_spans(problem, grid_of(problem)) * BLOCK
    return problem.groups * positions * window * point * len(PRODUCTS[parts_of(problem)])


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: pack the tensors, sum products, add up pieces into the result; in rounds, or packed by tickets."""
    layout = Layout.of(problem, target)
    workspace = WorkspaceLayout()
    make = {Way.CHANNELS: _channels, Way.POSITIONS: _positions, Way.TICKETS: _tickets}[layout.way]
    steps = make(layout, workspace, target)
    parts = parts_of(problem)
    notes = [f"{parts} bfloat16 part{'s' if parts > 1 else ''}"]
    if layout.way is not Way.CHANNELS:
        notes.append(f"{layout.way.value}, {layout.length * BLOCK} each")
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), tuple(notes), True)


def _channels(layout: Layout, workspace: WorkspaceLayout, target: Target) -> tuple[Step, ...]:
    """The window packed ahead; then, for some point channels at a time: these packed, their sums, their gradient."""
    problem, point = layout.problem, layout.point
    at = workspace.take(problem.groups * layout.window.group_bytes)
    blocks = channel_blocks(problem.destination_channels, ROWS)
    vector_bytes = problem.groups * (point.block_bytes + 4 * ROWS * layout.rows)
    rounds = Rounds(problem, blocks, ROWS, vector_bytes, 2 * target.l2_bytes, workspace, places=1)
    sums = {halves: Sums(layout, halves, most, target) for halves, most in rounds.most_blocks.items()}
    for one in rounds:
        for halves, first, count in one.blocks:
            these = point.some(first, min(problem.destination_channels - first, count * halves * ROWS))
            packed = one.workspace.take(problem.groups * these.group_bytes)
            partial = one.workspace.take(sums[halves].pieces * sums[halves].piece_bytes(count))
            one.add(
                [these.pack(packed, 0, layout.spans, target)],
                [sums[halves].of_packed(at, (packed, these.group_bytes), partial, count, layout.spans)],
                [sums[halves].adding(partial, first, count)],
            )
    return rounds.steps([layout.window.pack(at, 0, layout.spans, target)], [])


def _positions(layout: Layout, workspace: WorkspaceLayout, target: Target) -> tuple[Step, ...]:
    """Some positions at a time packed and summed; then the gradient."""
    problem, window, point = layout.problem, layout.window, layout.point
    window_at = workspace.take(problem.groups * window.group_bytes)
    point_at = workspace.take(problem.groups * point.group_bytes)
    blocks = channel_blocks(problem.destination_channels, ROWS)
    sums = [Sums(layout, halves, count, target) for halves, _, count in blocks]
    partial = [
        workspace.take(one.pieces * one.piece_bytes(count)) for one, (_, _, count) in zip(sums, blocks, strict=True)
    ]
    of_blocks = list(zip(sums, partial, blocks, strict=True))
    groups: list[list[Step]] = []
    for first in range(0, layout.spans, layout.length):
        count = min(layout.length, layout.spans - first)
        groups.append([packs.pack(at, first, count, target) for packs, at in ((window, window_at), (point, point_at))])
        groups.append([])
        for one, to, (_, channel, some) in of_blocks:
            points = point_at.past(channel // ROWS * point.block_bytes), point.group_bytes
            groups[-1].append(one.of_packed(window_at, points, to, some, count, first))
    return stages(*groups, [one.adding(to, channel, some) for one, to, (_, channel, some) in of_blocks])


def _tickets(layout: Layout, workspace: WorkspaceLayout, target: Target) -> tuple[Step, ...]:
    """Tickets that pack what they sum; then the gradient."""
    summing, adding = [], []
    for halves, first, count in channel_blocks(layout.problem.destination_channels, ROWS):
        one = Sums(layout, halves, count, target)
        partial = workspace.take(one.pieces * one.piece_bytes(count))
        summing.append(one.of_tickets(partial, first, count, workspace))
        adding.append(one.adding(partial, first, count))
    return stages(summing, adding)
