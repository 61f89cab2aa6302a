"""`dot`: bfloat16 products two at a time, destination channels in vector lanes, pixels broadcast.

As `fma`, with VDPBF16PS in place of the multiply-add: a term of the sum is a pair of neighbouring source elements,
broadcast as 32 bits, times a vector of packed pairs of filters. Channels-last, a pixel's channels (and the taps
along W that lie beside each other) are such pairs as they lie in memory; planes are interleaved two by two.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tilewise.algorithms.common.limits import too_many_contractions
from tilewise.algorithms.common.padding import View, in_place, reach, readable_in_place
from tilewise.algorithms.common.panels import Panels, PanelTerms
from tilewise.algorithms.common.plan import (
    Base,
    Location,
    Plan,
    WorkspaceLayout,
    enough_items,
    stages,
    step,
    worth_sharing,
)
from tilewise.algorithms.common.storing import store_mode
from tilewise.algorithms.common.tiling import (
    BYTE_RATE,
    channel_blocks,
    cut_cost,
    cut_row,
    fma_rate,
    tile_widths,
)
from tilewise.algorithms.common.trimming import Part, every_part, live_share, parts_by_phases, trimmed
from tilewise.algorithms.common.turning import is_strewn, result_view, turned_bytes
from tilewise.algorithms.dot.kernel import ARGUMENTS, DotSpec, kernel
from tilewise.algorithms.dot.pair_filters import PairTerms, pack_pairs, pair_bytes
from tilewise.algorithms.dot.pair_sources import Copying, copied_rows, paired_planes
from tilewise.algorithms.dot.pair_sums import pair_run, pair_sum
from tilewise.geometry import Phase
from tilewise.ir.pairs import PAIR_BYTES
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Layout, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "dot"
SUMMARY = "register tiles of pixels and channels on pairs of bfloat16 products"
_ELEMENT = ELEMENT_BYTES["bfloat16"]
_WANTED_ITEMS, _LEAST_FLOPS = 32, 800_000
# A copy that a kernel may read without waiting for memory; larger ones are made and used a few images at a time.
_NEAR_BYTES, _MOST_SHARES = 2 << 20, 16
# Measured against the share of its peak that the multiply-add reaches.
REACHED = 1.25
# Sums of so many pairs are added up apart. What a longer one would lose is far below a step of the result's type.
_SUM_PAIRS = 1024


Contraction = Callable[[int, int], Step]  # from an image on, so many


def why_not_pairs(problem: ConvProblem, target: Target) -> str | None:
    """The reason why bfloat16 pairs cannot serve a problem, whatever its pass."""
    if problem.dtype != "bfloat16":
        return f"it multiplies bfloat16 values, and these are {problem.dtype}"
    if not target.pairs:
        return f"this host's kernels are generated for {target.level}; {target.why_not_higher}"
    return None


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return "it computes forward and input-gradient passes"
    if problem.source.layout is Layout.STRIDED:
        return "its source is neither channels-last nor planes with dense rows"
    return why_not_pairs(problem, target) or too_many_contractions(problem)


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: pack the filters; a few images at a time, copy the source if it must be padded or paired, and contract."""
    workspace = WorkspaceLayout()
    images = _images_at_once(problem)
    axes = _axes(problem, target)
    view, copying, note = _source(problem, axes, images, workspace, target)
    result, turning = result_view(problem, workspace, target)
    packing: list[Step] = []
    contractions: list[Contraction] = []
    for phases, parts in parts_by_phases(axes).items():
        whole = pair_sum(problem, phases, view)
        terms = PanelTerms(problem, (whole.order,))
        for vectors, first, blocks in channel_blocks(problem.destination_channels, target.lanes("float32")):
            panels, pack = _packed(problem, whole.filters, vectors, first, blocks, workspace, target)
            packing += pack
            contractions += [
                _contraction(problem, part, terms, view, result, panels, vectors, target) for part in parts
            ]
    groups: list[list[Step]] = []
    if copying is None:
        groups = [packing, [make(0, problem.batch) for make in contractions]]
    else:
        for image in range(0, problem.batch, images):
            count = min(images, problem.batch - image)
            groups += [[*packing, *copying(image, count)], [make(image, count) for make in contractions]]
            packing = []
    steps = stages(*groups, [turning] if turning else [])
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), (note,), True)


def _images_at_once(problem: ConvProblem) -> int:
    """As many as keep a copy of the source near, in shares of about the same size, at most _MOST_SHARES of them."""
    one = _ELEMENT * problem.source.shape[1] * math.prod(last - first + 1 for first, last in reach(problem.phases))
    # Each share waits for its copy, and for all the contractions of phases before the next.
    shares = max(1, min(problem.batch, _MOST_SHARES, -(-problem.batch * one // _NEAR_BYTES)))
    return max(1, -(-problem.batch // shares))


def _in_runs(problem: ConvProblem) -> bool:
    """Whether pairs are neighbours in the rows of the source itself: channels, or the pixels of a single one."""
    return problem.source.layout is Layout.CHANNELS_LAST or problem.source.shape[1] == 1


def _axes(problem: ConvProblem, target: Target) -> tuple[tuple[Part, ...], ...]:
    """The phases of each axis, cut where taps begin to read padding; a run of several taps along W stays whole."""
    axes = trimmed(problem, target)
    if _in_runs(problem) and any(
        pair_run(problem, p) > problem.source_channels for p in itertools.product(*problem.phases)
    ):
        return (*axes[:2], tuple((phase, phase) for phase in problem.phases[2]))
    return axes


def _source(
    problem: ConvProblem, axes: tuple[tuple[Part, ...], ...], images: int, workspace: WorkspaceLayout, target: Target
) -> tuple[View, Copying | None, str]:
    """The source as the kernel reads it, what makes it so, if anything, and what to say of it."""
    span = reach(every_part(axes))
    if not _in_runs(problem):
        view, copying = paired_planes(problem.source, images, problem.groups, span, workspace, target)
        return view, copying, "planes of the source interleaved in pairs"
    # The last element of an odd run is read with whatever follows it, which meets a filter of zero: so there must be
    # something that follows, and it must be finite.
    odd = _any_odd(problem)
    if not odd and readable_in_place(problem.source, span, problem.dtype, problem.dtype):
        view = in_place(problem.source, Base.SOURCE, problem.dtype)
        n, _, d, h, w = view.strides
        dense = (n, _ELEMENT, d, h, w)  # the stride of a single channel may be anything
        return replace(view, strides=dense, layout=Layout.CHANNELS_LAST), None, "source read in place"
    view, copying = copied_rows(problem.source, images, span, odd, workspace, target)
    return view, copying, "source copied with its padding"


def _any_odd(problem: ConvProblem) -> bool:
    return any(pair_run(problem, phases) % 2 for phases in itertools.product(*problem.phases))


def _packed(
    problem: ConvProblem, filters: PairTerms, vectors: int, first: int, blocks: int, workspace: WorkspaceLayout,
    target: Target,
) -> tuple[Panels, list[Step]]:  # fmt: skip
    """The filters of one phase an axis for some blocks of channels, and the step that packs them, if there are any."""
    lanes = vectors * target.lanes("float32")
    channels = min(problem.destination_channels - first, blocks * lanes)
    packed = workspace.take(pair_bytes(len(filters.first), channels, problem.groups, lanes))
    panels = Panels(packed, first, channels, blocks)
    if not len(filters.first):  # a phase that no tap reaches has none: its results are the bias alone
        return panels, []
    weight = Location(Base.WEIGHT, first * filters.channel_stride)
    return panels, [pack_pairs(filters, channels, problem.groups, lanes, weight, packed, target)]


def _contraction(
    problem: ConvProblem, part: tuple[Phase, ...], panel: PanelTerms, view: View, result: View, panels: Panels,
    vectors: int, target: Target,
) -> Contraction:  # fmt: skip
    """What makes the contraction's steps, for a part of one phase an axis and one width of channel block."""
    terms = pair_sum(problem, part, view).order
    count, lanes = panel.count, vectors * target.lanes("float32")
    first_channel, channels, blocks = panels.first_channel, panels.channels, panels.blocks
    offsets = [
        np.stack([found, row * lanes * PAIR_BYTES], 1)
        for found, row in zip((terms.outer, terms.inner), panel.rows(terms), strict=True)
    ]
    pd, ph, pw = part
    on, oc, od, oh, ow = result.strides
    depth, height, width = pd.count, ph.count, pw.count
    sd, sh, sw = (view.strides[2] * pd.read_step, view.strides[3] * ph.read_step, view.strides[4] * pw.read_step)
    td, th, tw = od * pd.step, oh * ph.step, ow * pw.step
    # Rows that follow each other without a gap, in source and destination alike, are one long row.
    if sh == sw * width and th == tw * width:
        height, width, sh, th = 1, width * height, 0, 0
        if sd == sw * width and td == tw * width:
            depth, width, sd, td = 1, width * depth, 0, 0
    per_sum = max(1, _SUM_PAIRS // max(1, len(terms.inner) * terms.unroll))
    sums = -(-len(terms.outer) // per_sum)
    # Sums of planes wait in memory even where they are one piece: LLVM spills some of them in the loop otherwise.
    pieces = sums > 1 or view.layout is Layout.PLANAR
    store = store_mode(oc, tw, ELEMENT_BYTES[result.dtype])
    spec = DotSpec(result.dtype, vectors, terms.unroll, sw, store, problem.bias, pieces, target)
    cut = cut_row(width, spec.widths)
    tiles = np.array([(start * sw, start * tw, index, spec.widths[index]) for start, index in cut], np.int64)
    origin = pd.first * od + ph.first * oh + pw.first * ow + first_channel * oc
    planes = problem.source_channels if view.layout is Layout.CHANNELS_LAST else -(-problem.source_channels // 2)
    values = {
        "blocks": blocks, "tile_count": len(tiles), "depth": depth, "height": height, "channels": channels,
        "group_channels": problem.destination_channels,
        "source_n": view.strides[0], "source_d": sd, "source_h": sh, "source_group": view.strides[1] * planes,
        "target_n": on, "target_d": td, "target_h": th, "target_w": tw, "target_c": oc,
        "target_group": oc * problem.destination_channels,
        "outer_count": len(terms.outer), "outer_per_sum": per_sum, "inner_count": len(terms.inner),
        "panel_bytes": count * lanes * PAIR_BYTES,
    }  # fmt: skip
    tables = {"outer_ptr": offsets[0], "inner_ptr": offsets[1], "tiles_ptr": tiles}

    def contraction(image: int, images: int) -> Step:
        rows = images * depth * height
        shares = _shares(problem, rows, len(tiles), blocks, count * lanes)
        chunks = [math.ceil(n / share) for n, share in zip((blocks, rows, len(tiles)), shares, strict=True)]
        split = {
            "items": problem.groups * math.prod(chunks), "channel_chunks": chunks[0], "row_chunks": chunks[1],
            "tile_chunks": chunks[2], "blocks_per_item": shares[0], "row_count": rows, "rows_per_item": shares[1],
            "tiles_per_item": shares[2],
        }  # fmt: skip
        addresses = {
            "source_ptr": view.at,
            "filters_ptr": panels.at,
            "target_ptr": result.at.past(origin + image * on),
        }
        if problem.bias:
            addresses["bias_ptr"] = Location(Base.BIAS, first_channel * _ELEMENT)
        return step(kernel(spec), ARGUMENTS, values | split, addresses, tables)

    return contraction


def _shares(problem: ConvProblem, rows: int, tiles: int, blocks: int, pairs_per_pixel: int) -> tuple[int, int, int]:
    """(blocks, rows, tiles) of one ticket: enough work to be worth drawing, enough tickets to share evenly."""
    per_tile = max(1, 4 * 14 * pairs_per_pixel)
    per_item = max(1, _LEAST_FLOPS // per_tile, rows * tiles * blocks * problem.groups // enough_items(_WANTED_ITEMS))
    if per_item <= tiles:
        return 1, 1, per_item
    of_rows = min(rows, per_item // tiles)
    return min(blocks, max(1, per_item // (tiles * of_rows))), of_rows, tiles


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: whole tiles of whole pairs, copies, packed filters and stores."""
    lanes = target.lanes("float32")
    channels = problem.destination_channels
    wasted = -(-channels // lanes) * lanes / channels
    width = max(max(phase.count for phase in problem.phases[2]), 1)
    wasted *= cut_cost(width, tile_widths(target.registers, 2 if channels > lanes else 1))
    runs = [pair_run(problem, phases) for phases in itertools.product(*problem.phases)] if _in_runs(problem) else []
    longest = max(runs, default=0) or problem.source_channels
    wasted *= -(-longest // 2) * 2 / longest
    moved = 2 * _ELEMENT * problem.taps * problem.source_channels * problem.destination.shape[1]
    axes = _axes(problem, target)
    inside = readable_in_place(problem.source, reach(every_part(axes)), problem.dtype, problem.dtype)
    if not (runs and inside and not any(run % 2 for run in runs)):
        moved += 2 * _ELEMENT * math.prod(problem.source.shape)
    moved += _ELEMENT * math.prod(problem.destination.shape)
    if is_strewn(problem):
        moved += 2 * turned_bytes(problem, problem.destination)
    return problem.phase_products * wasted * live_share(axes) / pair_rate(lanes) + moved / BYTE_RATE + 5e-6


def pair_rate(lanes: int) -> float:
    """Multiply-adds a second on the scale of `fma_rate`: two where that has one, and less waiting."""
    return fma_rate(lanes) * REACHED
