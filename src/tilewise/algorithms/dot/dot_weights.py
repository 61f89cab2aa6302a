"""`dot_weights`: weight gradients of bfloat16 tensors, two pixels at a time, summed over pixels.

As `fma_weights`, with VDPBF16PS in place of the multiply-add: a tile keeps a run of window channels (with the taps
along W joined to it) by a block of point channels in registers while it passes over pairs of pixels. Both tensors are
copied, two neighbouring points side by side, and the two window pixels that one tap has for them likewise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tilewise.algorithms.common.filter_terms import gradient_terms
from tilewise.algorithms.common.filters import packed_bytes, unpack_gradient
from tilewise.algorithms.common.padding import reach
from tilewise.algorithms.common.plan import (
    Base,
    Location,
    Plan,
    WorkspaceLayout,
    cores,
    enough_items,
    stages,
    step,
    worth_sharing,
)
from tilewise.algorithms.common.tiling import BYTE_RATE, channel_blocks, cut_cost, cut_row, tile_widths
from tilewise.algorithms.dot.dot import pair_rate, why_not_pairs
from tilewise.algorithms.dot.pixel_pairs import PixelPairs, Places, pixel_pairs, room_for_pairs
from tilewise.algorithms.dot.weights_kernel import ARGUMENTS, Spec, kernel
from tilewise.ir.pairs import PAIR_BYTES
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Layout, Pass, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "dot_weights"
SUMMARY = "weight gradients as register tiles of channels, summed over pairs of pixels on bfloat16 products"
_WANTED_ITEMS, _FEWER_ITEMS = 32, 16
# What several passes may read without waiting for memory; larger copies are made and used a few images at a time.
_NEAR_BYTES, _MOST_SHARES = 4 << 20, 16
# A band's pixels stay near while all tiles pass over them; and a sum of so many products, the bands' sums being added
# afterwards, loses fewer bits than one long sum.
_BAND_BYTES, _BAND_PIXELS = 512 << 10, 512
# Pairs of pixels of a stretch of a row, at the least.
_LEAST_PLACES = 32


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is not Pass.WEIGHT_GRADIENT:
        return "it computes weight gradients"
    if Layout.STRIDED in (problem.source.layout, problem.destination.layout):
        return "a tensor is neither channels-last nor planes with dense rows"
    return why_not_pairs(problem, target)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: whole tiles of whole pairs, copies and partial results."""
    problem = _flat(problem)
    lanes, channels = target.lanes("float32"), problem.destination_channels
    width = max(1, problem.destination.spatial[2])
    wasted = -(-channels // lanes) * lanes / channels * (-(-width // 2) * 2 / width)
    wasted *= cut_cost(_run_length(problem), tile_widths(target.registers, 2 if channels > lanes else 1), overlap=False)
    moved = 0
    # A copy of the window has every pixel twice, and the padding.
    span = reach(tuple((phase,) for phase in problem.window_phases))
    window = problem.batch * problem.source.shape[1] * math.prod(high - low + 1 for low, high in span)
    copies = ((problem.source, PAIR_BYTES * window), (problem.destination, 2 * math.prod(problem.destination.shape)))
    for spec, written in copies:
        in_squares = spec.layout is not Layout.CHANNELS_LAST and spec.shape[1] > 1
        moved += (ELEMENT_BYTES["bfloat16"] * math.prod(spec.shape) + written) * (2 if in_squares else 1)
    moved += 4 * PAIR_BYTES * problem.taps * problem.source_channels * problem.destination.shape[1]
    return problem.multiply_adds * wasted / pair_rate(lanes) + moved / BYTE_RATE + 1e-5


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: a few images at a time, copy both tensors in pairs and sum pieces of the pixels; then add the pieces."""
    problem = _flat(problem)
    workspace = WorkspaceLayout()
    span = reach(tuple((phase,) for phase in problem.window_phases))
    low, high = span[2]
    depth, height, width = problem.destination.spatial
    images, read_step = _images_at_once(problem, span), problem.window_phases[2].read_step
    stretch = _Stretch.of(problem, images, target)
    # Behind a row's end points are zeros; what they meet must exist.
    beyond = max(0, 2 * stretch.places * stretch.count - width - 1) * read_step
    window_places = Places(low, high - low + 1 + beyond, 1, read_step)
    point_places = Places(0, stretch.places * stretch.count, 2, 1)
    window_planes, point_planes = (span[0], span[1]), ((0, depth - 1), (0, height - 1))
    some = problem.with_images(images)
    window = room_for_pairs(some.source, window_planes, window_places, workspace)
    point = room_for_pairs(some.destination, point_planes, point_places, workspace)
    groups: list[list[Step]] = []
    summing, adding = _sums(problem, images, stretch, span, window, point, workspace, target)
    for first in range(0, problem.batch, images):
        some = problem.with_images(min(images, problem.batch - first))
        starts = (
            Location(base, first * spec.strides[0] * ELEMENT_BYTES["bfloat16"])
            for base, spec in ((Base.SOURCE, problem.source), (Base.DESTINATION, problem.destination))
        )
        groups.append(
            [
                pixel_pairs(some.source, next(starts), window_planes, window_places, window, target),
                pixel_pairs(some.destination, next(starts), point_planes, point_places, point, target),
            ]
        )
        groups.append([make(some.batch, first > 0) for make in summing])
    steps = stages(*groups, adding)
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), ("both tensors copied in pairs of pixels",), True)


@dataclass(frozen=True)
class _Stretch:
    """Of a row that is all of an image: `count` stretches of so many places, each summed as if it were a row."""

    count: int
    places: int

    @classmethod
    def of(cls, problem: ConvProblem, images: int, target: Target) -> _Stretch:
        """Whole rows where they leave tickets enough, else as many stretches as cores want."""
        depth, height, width = problem.destination.spatial
        places = -(-width // 2)
        blocks = sum(count for _, _, count in channel_blocks(problem.destination_channels, target.lanes("float32")))
        runs = problem.taps // (problem.kernel[2] if _joined(problem) else 1)
        tickets = problem.groups * blocks * runs * images
        count = 1
        if depth * height == 1 and tickets < 4 * cores():
            count = max(1, min(places // _LEAST_PLACES, -(-4 * cores() // tickets)))
        return cls(count, -(-places // count))


def _images_at_once(problem: ConvProblem, span: tuple[tuple[int, int], ...]) -> int:
    """As many as keep both copies near, in shares of about the same size, and no more than _MOST_SHARES of them."""
    pixels = math.prod(last - first + 1 for first, last in span)
    one = (pixels * problem.source.shape[1] + math.prod(problem.destination.shape[1:]) // 2) * PAIR_BYTES
    shares = min(problem.batch, _MOST_SHARES, -(-problem.batch * one // _NEAR_BYTES))
    return max(1, -(-problem.batch // max(1, shares)))


def _flat(problem: ConvProblem) -> ConvProblem:
    """The same with all pixels of an image as one row, where a pointwise convolution's tensors allow it."""
    pointwise = problem.taps == 1 and set(problem.stride) == {1} and not any(problem.padding)
    source, destination = _row(problem.source), _row(problem.destination)
    if not pointwise or source is None or destination is None:
        return problem
    return replace(problem, source=source, destination=destination)


def _row(spec: TensorSpec) -> TensorSpec | None:
    n, c, d, h, w = spec.shape
    sn, sc, sd, sh, sw = spec.strides
    if (h > 1 and sh != w * sw) or (d > 1 and sd != h * w * sw) or (w == 1 and h * d > 1):
        return None
    return TensorSpec((n, c, 1, 1, d * h * w), (sn, sc, sd, sh, sw))


def _joined(problem: ConvProblem) -> bool:
    """Whether the taps along W lie side by side in the copy, and a run goes over all of them."""
    return problem.groups == 1 and problem.dilation[2] == 1


def _run_length(problem: ConvProblem) -> int:
    return problem.source_channels * (problem.kernel[2] if _joined(problem) else 1)


Summing = Callable[[int, bool], Step]  # of so many images, adding to what is there already or not


def _sums(
    problem: ConvProblem,
    images: int,
    stretch: _Stretch,
    span: tuple[tuple[int, int], ...],
    window: PixelPairs,
    point: PixelPairs,
    workspace: WorkspaceLayout,
    target: Target,
) -> tuple[list[Summing], list[Step]]:
    """For each width of point-channel blocks what makes the steps that sum, and the step that adds their pieces."""
    summing: list[Summing] = []
    adding: list[Step] = []
    for vectors, first, blocks in channel_blocks(problem.destination_channels, target.lanes("float32")):
        one, two = _block_sums(problem, images, stretch, span, window, point, vectors, first, blocks, workspace, target)
        summing.append(one)
        adding.append(two)
    return summing, adding


def _block_sums(
    problem: ConvProblem,
    images: int,
    stretch: _Stretch,
    span: tuple[tuple[int, int], ...],
    window: PixelPairs,
    point: PixelPairs,
    vectors: int,
    first: int,
    blocks: int,
    workspace: WorkspaceLayout,
    target: Target,
) -> tuple[Summing, Step]:
    lanes = vectors * target.lanes("float32")
    channels, inputs = min(problem.destination_channels - first, blocks * lanes), problem.source_channels
    spec = Spec(vectors, target)
    pd, ph, pw = problem.window_phases
    low = [at for at, _ in span]
    corners = [
        (d - low[0]) * window.plane + (h - low[1]) * window.row - low[2] * window.place
        for _, d in pd.taps for _, h in ph.taps
    ]  # fmt: skip
    starts = [pw.taps[0][1]] if _joined(problem) else [w for _, w in pw.taps]
    runs = np.array([corner + w * window.place for corner in corners for w in starts], np.int64)
    length = _run_length(problem)
    tap, channel = np.divmod(np.arange(problem.taps * inputs), inputs)
    tiles = np.array(cut_row(length, spec.widths, overlap=False), np.int64)

    depth, height, width = problem.destination.spatial
    places, window_row, point_row = stretch.places, window.row * ph.read_step, point.row
    if stretch.count > 1:
        height, width = stretch.count, 2 * places
        window_row, point_row = width * pw.read_step * window.place, places * point.place
    rows = images * depth * height
    piece_bytes = packed_bytes(len(tap), channels, problem.groups, lanes, "float32")
    units = blocks * len(runs)
    units_per_item, pieces = _shares(problem.groups, units, rows, images * (window.image + point.image), piece_bytes)
    pieces = math.ceil(rows / math.ceil(rows / pieces))
    chunks = math.ceil(units / units_per_item)
    row_bytes = places * (lanes + 2 * pw.read_step * inputs) * PAIR_BYTES
    partial = workspace.take(pieces * piece_bytes)
    values = {
        "items": problem.groups * chunks * pieces, "groups": problem.groups, "chunks": chunks, "units": units,
        "units_per_item": units_per_item, "runs": len(runs),
        "rows_per_band": max(1, min(_BAND_BYTES // row_bytes, -(-_BAND_PIXELS // width))),
        "depth": depth, "height": height, "places": places,
        "window_n": window.image, "window_d": window.plane * pd.read_step, "window_h": window_row,
        "window_w": 2 * pw.read_step * window.place, "window_group": inputs * PAIR_BYTES, "point_row": point_row,
        "point_w": point.place, "point_group": problem.destination_channels * PAIR_BYTES,
        "piece_bytes": piece_bytes, "group_bytes": blocks * len(tap) * lanes * PAIR_BYTES,
        "panel_bytes": len(tap) * lanes * PAIR_BYTES, "run_bytes": length * lanes * PAIR_BYTES,
        "tile_count": len(tiles),
    }  # fmt: skip
    at_point = point.at.past(first * PAIR_BYTES)
    addresses = {"window_ptr": window.at, "point_ptr": at_point, "partial_ptr": partial}

    def summing(images: int, goes_on: bool) -> Step:
        rows = images * depth * height
        share = {"rows": rows, "rows_per_piece": math.ceil(rows / pieces), "goes_on": int(goes_on)}
        return step(kernel(spec), ARGUMENTS, values | share, addresses, {"run_ptr": runs, "tiles_ptr": tiles})

    where = gradient_terms(problem, channel, tap)
    result = Location(Base.WEIGHT, first * where.channel_stride)
    adding = unpack_gradient(
        where, channels, problem.groups, lanes, problem.dtype, "float32", pieces, result, partial, target
    )
    return summing, adding


def _shares(groups: int, units: int, rows: int, both_bytes: int, piece_bytes: int) -> tuple[int, int]:
    """(units, which are a block of point channels by a run, of one ticket; pieces of the rows).

    A ticket of one unit reads both tensors for that unit alone. Where they come from far away, a ticket of all units
    reads them once, at the price of more partial sums, one for each piece.
    """
    fewer = enough_items(_FEWER_ITEMS)
    pieces = max(1, min(rows, enough_items(_WANTED_ITEMS) // (groups * units)))
    of_all = max(1, min(rows, fewer // groups))
    saved, added = both_bytes * (units - 1), 2 * piece_bytes * (of_all - pieces)
    if both_bytes > _NEAR_BYTES and groups * of_all >= fewer and saved > 2 * added:
        return units, of_all
    return 1, pieces
