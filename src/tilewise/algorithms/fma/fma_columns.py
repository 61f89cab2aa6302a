"""`fma_columns`: results of few channels: every tap of every channel in vector lanes, then added where it lands.

With three result channels, `fma` would leave most lanes idle. But what a source pixel adds to the result through
each tap is one product of matrices, source pixels by (result channel, tap), which fills the lanes and reads the
source once, without padding and whatever the stride. What it gives, the columns, is then added up (`col2im.py`).
Of planes, positions are in the lanes instead: they lie side by side in source and columns alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tilewise.algorithms.common.limits import MOST_PIXELS
from tilewise.algorithms.common.padding import View, in_place, padded_copy, readable_in_place
from tilewise.algorithms.common.panels import PanelTerms, packed_filters, sum_order
from tilewise.algorithms.common.plan import Base, Plan, WorkspaceLayout, stages, worth_sharing
from tilewise.algorithms.common.tiling import BYTE_RATE, channel_blocks, fma_rate
from tilewise.algorithms.fma.col2im import add_columns
from tilewise.algorithms.fma.contraction import Contraction
from tilewise.algorithms.positions import positions
from tilewise.algorithms.positions.contraction import contraction, has_dense_rows
from tilewise.geometry import Phase
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Layout, Pass, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "fma_columns"
SUMMARY = "few result channels: their taps in lanes on fused multiply-adds, then added where they land"
MOST_CHANNELS = 8
# Columns of so many bytes are made at a time, so that they are still in a cache when they are added up.
_COLUMN_BYTES = 4 << 20
_MOST_PARTS = 16
# Floating-point operations that a product in a lane is worth, beside those of `fma`; and moved bytes in parts of what
# `BYTE_RATE` takes of each: columns stay in a cache.
_WORK, _MOVED = {16: 2.4, 32: 4.0}, {16: 1.3, 32: 2 / 3}


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT or not problem.scatter:
        return "it computes input gradients, and transposed convolutions forward"
    if problem.dtype == "float16" and not target.converts_half:
        return "this host converts float16 in software"
    if problem.groups > 1:
        return "it is for one group"
    if problem.destination_channels > MOST_CHANNELS:
        return f"it is for at most {MOST_CHANNELS} result channels"
    if not _filters_dense(problem):
        return "it is for weights without gaps"
    columns = _image_bytes(problem) * _images(problem)
    if columns > max(2 * _COLUMN_BYTES, 1.5 * problem.tensor_elements * ELEMENT_BYTES[problem.accumulator]):
        return f"its columns would take {columns >> 20} MiB, more than one and a half times the tensors"
    return None


def _image_bytes(problem: ConvProblem) -> int:
    """The columns of one image."""
    taps = problem.destination_channels * problem.taps
    return math.prod(problem.source.spatial) * taps * ELEMENT_BYTES[problem.accumulator]


def _images(problem: ConvProblem) -> int:
    """How many images' columns are made at a time."""
    return min(problem.batch, max(_COLUMN_BYTES // max(1, _image_bytes(problem)), -(-problem.batch // _MOST_PARTS), 1))


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: whole vectors of taps or positions, columns written and read, results."""
    lanes, element = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.accumulator]
    taps = problem.destination_channels * problem.taps
    whole = -(-taps // lanes) * lanes
    pixels = problem.batch * math.prod(problem.source.spatial)
    moved = element * (_MOVED[target.registers] * pixels * taps + math.prod(problem.destination.shape))
    if not _in_place(problem):
        moved += 2 * element * math.prod(problem.source.shape)
    if _by_planes(problem):
        return positions.seconds(_columns_problem(problem), target) + moved / BYTE_RATE
    work = _WORK[target.registers] * pixels * whole * problem.source_channels
    return work / fma_rate(lanes) + moved / BYTE_RATE + 5e-6


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: pack the filters; then, some images at a time, make the columns and add them up."""
    workspace = WorkspaceLayout()
    copying: list[Step] = []
    if _in_place(problem):
        view = in_place(problem.source, Base.SOURCE, problem.dtype)
    else:
        span = _whole(problem)
        view, copy = padded_copy(
            problem.source, Base.SOURCE, problem.dtype, problem.accumulator, span, workspace, target
        )
        copying += [copy] if copy else []
    size = ELEMENT_BYTES[problem.accumulator]
    d, h, w = problem.source.spatial
    taps = problem.destination_channels * problem.taps
    plane = d * h * w * size
    images = _images(problem)
    strides = (plane * taps, plane, h * w * size, w * size, size)
    columns = View(workspace.take(images * strides[0]), strides, problem.accumulator, Layout.PLANAR)
    made = _columns_problem(problem)
    make = _Planes(made, target) if _by_planes(problem) else _Pixels(made, view, workspace, target)
    _, channel, *by_tap = (s * plane for s in problem.weight_strides)
    result = in_place(problem.destination, Base.DESTINATION, problem.dtype)
    groups: list[list[Step]] = [[*copying, *make.packing]]
    for first in range(0, problem.batch, images):
        count = min(images, problem.batch - first)
        groups.append(make.steps(_from_image(view, first), columns, count))
        strides_of_taps = (channel, by_tap[0], by_tap[1], by_tap[2])
        groups.append([add_columns(problem, columns, strides_of_taps, _from_image(result, first), count, target)])
    notes = (f"{taps} columns a pixel, {images} images at a time",)
    return Plan(NAME, stages(*groups), workspace.size, worth_sharing(problem), notes, True)


class _Pixels:
    """Columns with the filters' elements in the lanes, which are packed so."""

    def __init__(self, made: ConvProblem, view: View, workspace: WorkspaceLayout, target: Target):
        self._made, self._target = made, target
        self._phases = tuple(Phase(0, 1, n, 1, ((0, 0),)) for n in made.source.spatial)
        self._terms = PanelTerms(made, (sum_order(made, self._phases, view, target),))
        self._blocks = channel_blocks(made.destination_channels, target.lanes(made.accumulator))
        self._packed = [packed_filters(self._terms, *block, workspace, target) for block in self._blocks]
        self.packing = [one for _, packing in self._packed for one in packing]

    def steps(self, source: View, columns: View, images: int) -> list[Step]:
        """The columns of some images."""
        part, sums = self._made.with_images(images), list[Step]()
        for (vectors, _, most), (panels, _) in zip(self._blocks, self._packed, strict=True):
            one = Contraction(part, [self._phases], source, columns, self._terms, vectors, most, self._target)
            sums += one.steps(panels)
        return sums


class _Planes:
    """Columns with positions in the lanes, and filters broadcast as they lie."""

    packing: Sequence[Step] = ()

    def __init__(self, made: ConvProblem, target: Target):
        self._made, self._target = made, target

    def steps(self, source: View, columns: View, images: int) -> list[Step]:
        """The columns of some images."""
        tap = np.zeros((1, 1, 1), np.int64)
        return [contraction(self._made.with_images(images), source, tap, columns, self._target, False)[0]]


def _by_planes(problem: ConvProblem) -> bool:
    """Whether columns are made with positions in the lanes: of dense planes whose filters need no conversion."""
    planes = problem.source.layout is Layout.PLANAR and has_dense_rows(problem.source)
    return planes and problem.dtype == problem.accumulator and math.prod(problem.source.spatial[1:]) <= MOST_PIXELS


def _columns_problem(problem: ConvProblem) -> ConvProblem:
    """The product that makes the columns, as a convolution with one tap; its channels are the filters' elements."""
    n, _, d, h, w = problem.source.shape
    taps = problem.destination_channels * problem.taps
    pixels = d * h * w
    made = TensorSpec((n, taps, d, h, w), (taps * pixels, pixels, h * w, w, 1))
    ones = (1, 1, 1)
    return replace(
        problem, kind=Pass.FORWARD, transposed=False, destination=made, kernel=ones, stride=ones, padding=(0, 0, 0),
        dilation=ones, bias=False, weight_strides=(1, problem.weight_strides[0], 1, 1, 1),
    )  # fmt: skip


def _from_image(view: View, number: int) -> View:
    return replace(view, at=view.at.past(number * view.strides[0]))


def _whole(problem: ConvProblem) -> tuple[tuple[int, int], ...]:
    return tuple((0, size - 1) for size in problem.source.spatial)


def _in_place(problem: ConvProblem) -> bool:
    return readable_in_place(problem.source, _whole(problem), problem.dtype, problem.accumulator)


def _filters_dense(problem: ConvProblem) -> bool:
    """Whether the elements of one filter, over channels and taps, are numbered 0, 1, 2 ... by their strides."""
    sizes = (problem.destination_channels, *problem.kernel)
    expected = 1
    for stride, size in sorted(zip(problem.weight_strides[1:], sizes, strict=True)):
        if size > 1 and stride != expected:
            return False
        expected *= size
    return True
