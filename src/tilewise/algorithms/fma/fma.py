"""`fma`: destination channels in vector lanes, pixels broadcast, the whole sum in registers.

A tile of P pixels and V vectors of channels is P*V accumulators. Each term of the sum loads V vectors of packed
filters and broadcasts P source elements, which may lie anywhere at a constant distance, so that any stride,
dilation, padding and either layout is read without rearranging it.
"""

from __future__ import annotations

import math

from tilewise.algorithms.common.limits import too_many_contractions
from tilewise.algorithms.common.padding import in_place, padded_copy, reach, readable_in_place
from tilewise.algorithms.common.panels import PanelTerms, packed_filters, sum_order
from tilewise.algorithms.common.plan import Base, Plan, WorkspaceLayout, worth_sharing
from tilewise.algorithms.common.rounds import Rounds
from tilewise.algorithms.common.tiling import BYTE_RATE, channel_blocks, cut_cost, fma_rate, tile_widths
from tilewise.algorithms.common.transposing import transposed_copy
from tilewise.algorithms.common.trimming import every_part, live_share, parts_by_phases, trimmed
from tilewise.algorithms.common.turning import is_strewn, result_view, turned_bytes
from tilewise.algorithms.fma.contraction import Contraction
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Layout, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "fma"
SUMMARY = "register tiles of pixels and channels on fused multiply-adds"
# Sums of so few terms take no longer than writing them.
_SHORT_TERMS = 160
# Addresses so far apart share a set of the first-level cache, which holds fewer lines than this.
_SET_BYTES, _WAYS = 4096, 16
# Sources of more bytes would come from memory twice.
_TURNED_BYTES = 4 << 20
# What a copy may take of the time of products to repay itself, by registers: many wait longer for lines that come late.
_COPY_SHARE = {16: 0.3, 32: 0.6}
# How much faster sixteen registers sum where a pixel's channels lie side by side than where they lie planes apart.
_SIDE_BY_SIDE = 1.3
# Elements moved for each of the filters that are packed.
_PACKED = {16: 1.0, 32: 1.6}
# Seconds longer that a vector of results takes under a mask, where it has channels in its lanes, and as planes.
_MASKED_SECONDS = {16: (3.4e-9, 1.2e-9), 32: (0.0, 0.0)}
# Packed filters of two cores that stay near them from packing to use.
_NEAR_BYTES = 1 << 20


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return "it computes forward and input-gradient passes"
    if problem.dtype == "float16" and not target.converts_half:
        return "this host converts float16 in software"
    return too_many_contractions(problem)


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: copy the source if it must be padded or widened, pack the filters, then one contraction a phase."""
    accumulator = problem.accumulator
    workspace = WorkspaceLayout()
    copies: list[Step] = []
    notes: list[str] = []
    axes = trimmed(problem, target)
    span = reach(every_part(axes))
    inside = readable_in_place(problem.source, span, problem.dtype, accumulator)
    if _is_turned(problem, inside, target):
        view, turned = transposed_copy(problem.source, Base.SOURCE, problem.dtype, accumulator, span, workspace, target)
        copies.append(turned)
        notes.append("source copied channels-last")
    elif inside:
        view = in_place(problem.source, Base.SOURCE, problem.dtype)
        notes.append("source read in place")
    else:
        view, copying = padded_copy(problem.source, Base.SOURCE, problem.dtype, accumulator, span, workspace, target)
        copies += [copying] if copying else []
        notes.append("source copied with its padding")
    result, turning = result_view(problem, workspace, target)
    lanes = target.lanes(accumulator)
    choices = parts_by_phases(axes)
    vector_bytes = problem.groups * problem.taps * problem.source_channels * target.vector_bytes
    rounds = Rounds(problem, _blocks(problem, lanes, target), lanes, vector_bytes, _NEAR_BYTES, workspace)
    terms = PanelTerms(problem, tuple(sum_order(problem, phases, view, target) for phases in choices))
    sums = {
        vectors: [
            Contraction(problem, parts, view, result, terms, vectors, blocks, target) for parts in choices.values()
        ]
        for vectors, blocks in rounds.most_blocks.items()
    }
    for one in rounds:
        for vectors, first, blocks in one.blocks:
            panels, packing = packed_filters(terms, vectors, first, blocks, one.workspace, target)
            one.add(packing, [step for contraction in sums[vectors] for step in contraction.steps(panels)])
    steps = rounds.steps(copies, [turning] if turning else [])
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), tuple(notes), True)


def _is_turned(problem: ConvProblem, inside: bool, target: Target) -> bool:
    """Whether planes are copied channels-last before they are read; `inside`: whether they could be read in place."""
    if problem.source.layout is not Layout.PLANAR:
        return False
    return (inside and _shares_sets(problem)) or _repays_turning(problem, target)


def _repays_turning(problem: ConvProblem, target: Target) -> bool:
    """Whether products repay a copy in which the channels of a pixel lie side by side.

    A tile is narrower than a line, of which it would use a part in each plane, on a page of its own. Of fewer channels
    than a vector has lanes, side by side, a line would hold several pixels' too. The same for any batch.
    """
    if problem.source_channels < target.lanes(problem.accumulator):
        return False
    products = 2 * problem.phase_products / fma_rate(target.lanes(problem.accumulator))
    return turned_bytes(problem, problem.source) / BYTE_RATE < _COPY_SHARE[target.registers] * products


def _shares_sets(problem: ConvProblem) -> bool:
    """Whether a pixel of all channels falls on one set of a cache, and the source is small enough to be copied."""
    plane = problem.source.strides[1] * ELEMENT_BYTES[problem.dtype]
    small = math.prod(problem.source.shape) * ELEMENT_BYTES[problem.dtype] <= _TURNED_BYTES
    return small and problem.source_channels >= _WAYS and plane % _SET_BYTES == 0


def _blocks(problem: ConvProblem, lanes: int, target: Target) -> list[tuple[int, int, int]]:
    """As tiling.channel_blocks; of four vectors where sums are short, so that a tile writes long stretches."""
    channels, wide = problem.destination_channels, 4 * lanes
    short = problem.source_channels * problem.taps <= _SHORT_TERMS
    dense = problem.destination.layout is Layout.CHANNELS_LAST
    if short and dense and target.roomy and channels % wide == 0:
        return [(4, 0, channels // wide)]
    return channel_blocks(channels, lanes)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: whole tiles, copies, packed filters and stores."""
    lanes, element = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    axes = trimmed(problem, target)
    vectors = -(-problem.destination_channels // lanes)
    wasted = vectors * lanes / problem.destination_channels
    width = max(max(part.count for _, part in axes[2]), 1)
    if problem.taps == 1 and max(problem.stride) == 1:  # rows are joined
        width = max(1, math.prod(problem.destination.spatial))
    wasted *= cut_cost(width, tile_widths(target.registers, 2 if problem.destination_channels > lanes else 1))
    wasted *= live_share(axes)
    moved = _PACKED[target.registers] * element * problem.taps * problem.source_channels * problem.destination.shape[1]
    inside = readable_in_place(problem.source, reach(every_part(axes)), problem.dtype, problem.accumulator)
    turned = _is_turned(problem, inside, target)
    if turned:
        moved += turned_bytes(problem, problem.source)
    elif not inside:
        moved += 2 * element * math.prod(problem.source.shape)
    moved += element * math.prod(problem.destination.shape)
    if is_strewn(problem):
        moved += 2 * turned_bytes(problem, problem.destination)
    rate = fma_rate(lanes)
    if not target.roomy and (problem.source.layout is Layout.CHANNELS_LAST or turned):
        rate *= _SIDE_BY_SIDE
    masked = 0.0
    if problem.destination_channels % lanes:
        stores = problem.batch * math.prod(problem.destination.spatial) * problem.groups * vectors
        planes = problem.destination.layout is not Layout.CHANNELS_LAST
        masked = stores * _MASKED_SECONDS[target.registers][planes]
    return 2 * problem.phase_products * wasted / rate + moved / BYTE_RATE + masked + 5e-6
