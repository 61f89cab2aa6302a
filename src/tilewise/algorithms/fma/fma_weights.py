"""`fma_weights`: weight gradients as register tiles of window channels by point channels, summed over pixels.

For each tap, the gradient is a product of two matrices whose long axis is the pixels: the window tensor, shifted
by the tap, times the point tensor. A tile keeps a run of window channels (with the taps along W joined to it
where they lie side by side) by a block of point channels in registers while it passes over pixels. Both tensors
are read channels-last: in place, or from a copy.
"""

from __future__ import annotations

import math

import numpy as np

from tilewise.algorithms.common.blocking import blocked_copy, why_not_blocked
from tilewise.algorithms.common.filter_terms import gradient_terms
from tilewise.algorithms.common.filters import unpack_gradient
from tilewise.algorithms.common.padding import View, in_place, padded_copy, readable_in_place
from tilewise.algorithms.common.pitching import is_crowded, pitched_copy
from tilewise.algorithms.common.plan import (
    Base,
    Location,
    Plan,
    WorkspaceLayout,
    cores,
    enough_items,
    step,
    worth_sharing,
)
from tilewise.algorithms.common.rounds import Rounds
from tilewise.algorithms.common.tiling import (
    BYTE_RATE,
    channel_blocks,
    cut_cost,
    cut_row,
    divisor,
    fma_rate,
    piece_terms,
    tile_widths,
)
from tilewise.algorithms.common.transposing import transposed_copy
from tilewise.algorithms.common.trimming import live_products
from tilewise.algorithms.fma.weights_kernel import ARGUMENTS, Spec, kernel
from tilewise.algorithms.fma.weights_rows import Runs, band_tables, window_runs, window_span
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Layout, Pass, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "fma_weights"
SUMMARY = "weight gradients as register tiles of channels, summed over pixels on fused multiply-adds"
_MOST_PIECES = 32
# Tickets a core: few, because a ticket reads the window tensor again for each block of point channels it does not have.
_ITEMS_A_CORE, _FEWEST_ITEMS = 4, 12
# A band's pixels stay in the second-level cache while all tiles pass over them.
_BAND_BYTES = {16: 128 << 10, 32: 512 << 10}
_BAND_PIXELS = 512
# Where a single run passes over them, little is gained by a long band: this stays nearer the first-level cache.
# Wider tiles pass over it less often.
_SINGLE_BAND_BYTES = {16: 64 << 10, 32: 128 << 10}
# Pieces of the pixels are summed apart as long as their partial gradients stay below this, for each two cores, and a
# part of the tensors.
_PARTIAL_BYTES = 1 << 20
# Sums of two cores that stay near them until they are unpacked.
_NEAR_BYTES = 1 << 20
# What copies may take of the time of sums to repay themselves.
_COPY_SHARE = 1 / 12
# What sixteen registers gain where several taps pass over a band.
_REACHED_TAPS = 1.15
# Moved bytes in parts of what `BYTE_RATE` takes of each.
_MOVED = {16: 0.36, 32: 1.0}


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
    joined = _is_joined(problem, target)
    length = problem.source_channels * (problem.kernel[2] if joined else 1)
    vectors = 2 if problem.destination_channels > lanes else 1
    wasted *= cut_cost(length, _tile_widths(length, vectors, target), overlap=False)
    # What reads only padding is left out, along a row only where its taps are not one run.
    axes = list(zip(problem.window_phases, problem.source.spatial, strict=True))[: 2 if joined else 3]
    wasted *= math.prod(live_products(phase, size) for phase, size in axes)
    moved = 0.0
    for spec, copied in (
        (problem.source, _is_pitched(problem, target)),
        (problem.destination, _is_blocked(problem, target)),
    ):
        read = spec.layout is Layout.CHANNELS_LAST and not copied
        moved += element * math.prod(spec.shape) * (1 if read else 3)
    moved += 2.5 * element * problem.taps * problem.source_channels * problem.destination.shape[1]
    if not target.roomy and problem.taps > 1:
        wasted /= _REACHED_TAPS
    return _sums_seconds(problem, target) * wasted + _MOVED[target.registers] * moved / BYTE_RATE + 1e-5


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: copy what cannot be read in place, sum pieces of the pixels, add the pieces into the result."""
    workspace = WorkspaceLayout()
    joined = _is_joined(problem, target)
    span = window_span(problem, not joined)
    if _is_pitched(problem, target):
        window, copying_window = pitched_copy(
            problem.source, Base.SOURCE, problem.dtype, problem.accumulator, span, workspace, target
        )
    else:
        window, copying_window = channels_last_view(problem, problem.source, Base.SOURCE, span, workspace, target)
    whole = tuple((0, size - 1) for size in problem.destination.spatial)
    size, lanes = ELEMENT_BYTES[problem.accumulator], target.lanes(problem.accumulator)
    vector_bytes = lanes * size
    point_spec = problem.destination
    if _is_blocked(problem, target):
        point, vector_bytes, copying = blocked_copy(
            point_spec, Base.DESTINATION, problem.dtype, problem.accumulator, workspace, target
        )
        copying_point: Step | None = copying
    else:
        point, copying_point = channels_last_view(problem, point_spec, Base.DESTINATION, whole, workspace, target)
    copies = [copy for copy in (copying_window, copying_point) if copy]
    runs = window_runs(problem, window, joined)
    row_bytes = problem.groups * len(runs.channel) * target.vector_bytes
    rounds = Rounds(
        problem, channel_blocks(problem.destination_channels, lanes), lanes, row_bytes, _NEAR_BYTES, workspace
    )
    sums = {
        vectors: _Sums(problem, window, point, runs, vector_bytes, copying_point is None, vectors, blocks, target)
        for vectors, blocks in rounds.most_blocks.items()
    }
    for one in rounds:
        for vectors, first, blocks in one.blocks:
            summing, adding = sums[vectors].steps(first, blocks, one.workspace)
            one.add([summing], [adding])
    steps = rounds.steps(copies, [], beside=False)
    notes = (
        _how("window", copying_window, "with its pixels apart" if _is_pitched(problem, target) else "channels-last"),
        _how("point", copying_point, "in blocks of channels" if _is_blocked(problem, target) else "channels-last"),
    )
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), notes, True)


def _how(tensor: str, copying: Step | None, way: str) -> str:
    return f"{tensor} tensor {f'copied {way}' if copying else 'read in place'}"


def _is_blocked(problem: ConvProblem, target: Target) -> bool:
    """Whether the point tensor is copied in blocks of channels: planes, and of few registers what repays it."""
    spec = problem.destination
    if problem.groups > 1 or spec.shape[1] == 1 or why_not_blocked(spec):
        return False
    return spec.layout is Layout.PLANAR or _repays_copy(problem, spec, target)


def _is_pitched(problem: ConvProblem, target: Target) -> bool:
    """Whether the window tensor is copied with its pixels at an odd distance."""
    several = problem.groups == 1 and problem.taps > 1
    return several and is_crowded(problem.source, problem.accumulator) and _repays_copy(problem, problem.source, target)


def _repays_copy(problem: ConvProblem, spec: TensorSpec, target: Target) -> bool:
    """Whether sums repay a copy that lies better in the caches."""
    moved = 2 * ELEMENT_BYTES[problem.accumulator] * math.prod(spec.shape)
    return moved / BYTE_RATE < _COPY_SHARE * _sums_seconds(problem, target)


def _sums_seconds(problem: ConvProblem, target: Target) -> float:
    return 2 * problem.multiply_adds / fma_rate(target.lanes(problem.accumulator))


def _is_joined(problem: ConvProblem, target: Target) -> bool:
    """Whether the taps along the row make one run with the channels."""
    return problem.groups == 1 and problem.dilation[2] == 1 and not _is_pitched(problem, target)


def _tile_widths(length: int, vectors: int, target: Target) -> tuple[int, ...]:
    """The usual widths, or one or two that divide a run more evenly."""
    usual = tile_widths(target.registers, vectors)
    tiles = -(-length // usual[0])
    even = tuple(sorted({-(-length // tiles), length // tiles}, reverse=True))
    return even if cut_cost(length, even, False) < 0.98 * cut_cost(length, usual, overlap=False) else usual


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


class _Sums:
    """The sums of blocks of `vectors` vectors of point channels; its tables are made once for all rounds."""

    def __init__(
        self, problem: ConvProblem, window: View, point: View, runs: Runs, vector_bytes: int, point_in_place: bool,
        vectors: int, most_blocks: int, target: Target,
    ):  # fmt: skip
        self.problem, self.window, self.point, self.runs, self.target = problem, window, point, runs, target
        self.vectors, self.vector_bytes, self.point_in_place = vectors, vector_bytes, point_in_place
        self.size = ELEMENT_BYTES[problem.accumulator]
        self.lanes = vectors * target.lanes(problem.accumulator)
        self.widths = _tile_widths(runs.length, vectors, target)
        pixel_bytes = (self.lanes + problem.window_phases[2].read_step * problem.source_channels) * self.size
        # A band's sum is apart from others', so that long sums lose few bits.
        pixels = problem.batch * math.prod(problem.destination.spatial)
        longest = piece_terms(pixels, 3.5, _BAND_PIXELS)
        near = (_BAND_BYTES if runs.count > 1 else _SINGLE_BAND_BYTES)[target.registers]
        self.bands = band_tables(problem, window, point, runs, max(1, min(longest, near // pixel_bytes)))
        tensors = self.size * problem.tensor_elements
        most_pieces = max(1, (_PARTIAL_BYTES * max(1, cores() // 2) + tensors // 8) // self._piece_bytes(most_blocks))
        pieces = max(1, min(self.bands.count, most_pieces, enough_items(_MOST_PIECES)))
        self.bands_per_piece = -(-self.bands.count // pieces)
        self.pieces = -(-self.bands.count // self.bands_per_piece)
        self.where = gradient_terms(problem, runs.channel, runs.tap)

    def _piece_bytes(self, blocks: int) -> int:
        return self.problem.groups * blocks * self.runs.count * self.runs.length * self.lanes * self.size

    def steps(self, first: int, blocks: int, workspace: WorkspaceLayout) -> tuple[Step, Step]:
        """The steps that sum for some blocks, from channel `first` on, and write the gradient."""
        problem, window, point, runs = self.problem, self.window, self.point, self.runs
        channels = min(problem.destination_channels - first, blocks * self.lanes)
        spec = Spec(
            problem.accumulator, self.vectors, self.point_in_place and channels % self.lanes != 0, self.widths,
            self.target,
        )  # fmt: skip
        # What cannot be shared out as pieces of the pixels is as blocks, then as runs and as tiles of them, which
        # read the same pixels again.
        wanted = max(8, _ITEMS_A_CORE * cores())
        blocks_per_item = max(1, blocks * problem.groups * self.pieces // wanted)
        block_chunks = -(-blocks // blocks_per_item)
        items = problem.groups * self.pieces * block_chunks
        runs_per_item = divisor(runs.count, max(1, runs.count * items // wanted))
        run_chunks = runs.count // runs_per_item
        tiles = np.array(cut_row(runs.length, self.widths, overlap=False), np.int64)
        tiles_per_item = -(-len(tiles) // max(1, max(_FEWEST_ITEMS, 2 * cores()) // (items * run_chunks)))
        tile_chunks = -(-len(tiles) // tiles_per_item)
        panel_bytes = self._piece_bytes(blocks) // (problem.groups * blocks)
        partial = workspace.take(self.pieces * self._piece_bytes(blocks))
        values = {
            "items": items * run_chunks * tile_chunks, "groups": problem.groups, "blocks": blocks,
            "block_chunks": block_chunks, "blocks_per_item": blocks_per_item,
            "run_chunks": run_chunks, "runs_per_item": runs_per_item, "runs": runs.count,
            "bands_per_piece": self.bands_per_piece, "bands": self.bands.count, "channels": channels,
            "window_w": window.strides[4] * problem.window_phases[2].read_step,
            "window_group": window.strides[1] * problem.source_channels,
            "point_w": point.strides[4], "point_vector": self.vector_bytes,
            "point_block": self.vectors * self.vector_bytes,
            "point_group": point.strides[1] * problem.destination_channels, "piece_bytes": self._piece_bytes(blocks),
            "group_bytes": blocks * panel_bytes, "panel_bytes": panel_bytes,
            "run_bytes": runs.length * self.lanes * self.size, "tile_count": len(tiles),
            "tile_chunks": tile_chunks, "tiles_per_item": tiles_per_item,
        }  # fmt: skip
        ahead = first // self.target.lanes(problem.accumulator) * self.vector_bytes
        addresses = {
            "window_ptr": window.at,
            "point_ptr": point.at.past(ahead),
            "partial_ptr": partial,
        }
        tables = {"ranges_ptr": self.bands.ranges, "rows_ptr": self.bands.rows, "tiles_ptr": tiles}
        summing = step(kernel(spec), ARGUMENTS, values, addresses, tables)
        result = Location(Base.WEIGHT, first * self.where.channel_stride)
        adding = unpack_gradient(
            self.where, channels, problem.groups, self.lanes, problem.dtype, problem.accumulator, self.pieces, result,
            partial, self.target,
        )  # fmt: skip
        return summing, adding
