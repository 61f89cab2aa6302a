"""`positions`: positions of planes in vector lanes, filters broadcast from the weight tensor as it lies.

Where images are small and filters many, packing the filters takes as long as using them; here nothing but the source
is copied, and that only where it has padding, a stride, or its channels side by side.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.limits import MOST_PIXELS
from tilewise.algorithms.common.padding import View, in_place, padded_copy, reach, readable_in_place
from tilewise.algorithms.common.plan import Base, Location, Plan, WorkspaceLayout, stages, worth_sharing
from tilewise.algorithms.common.tiling import BYTE_RATE, fma_rate
from tilewise.algorithms.common.turning import has_even_pixels, planes_source, planes_target
from tilewise.algorithms.common.watching import reads_padding, watch_weights
from tilewise.algorithms.positions.contraction import LINE, contraction, each_sum, has_dense_rows
from tilewise.algorithms.positions.grid import grid
from tilewise.geometry import Phase
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Layout, Pass, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "positions"
SUMMARY = "vectors of positions times broadcast filters, which are read where they lie"
# A step copies each residue of the stride.
_MOST_PLANES = 256
# How much longer sums take over filters of more bytes whose neighbours are not used together.
_STREWN, _STREWN_BYTES = 1.4, 512 << 10
# Floating-point operations that a product in a lane is worth, beside those of `fma`, by the number of registers.
_WORK = {16: 1.95, 32: 2.4}
# Moved bytes, in parts of what `BYTE_RATE` takes of each; and bytes of a source that the caches do not keep, which is
# read again for each few filters.
_NEAR_BYTES = 4 << 20
_MOVED, _FAR = {16: 0.3, 32: 1.0}, {16: 1.0, 32: 0.0}


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return "it computes forward and input-gradient passes"
    if problem.dtype != problem.accumulator:
        return "filters are broadcast as they are, which 16-bit types cannot be"
    if any(len(axis) != 1 for axis in problem.phases):
        return "it serves results that are not strewn by a stride"
    if not all(axis[0].taps and axis[0].count for axis in problem.phases):
        return "some results have no products"
    if problem.destination.layout is Layout.STRIDED:
        return "it writes planes or channels-last tensors"
    for spec in (problem.source, problem.destination):
        if spec.layout is Layout.CHANNELS_LAST and not has_even_pixels(spec):
            return "pixels of a channels-last tensor do not lie at equal distances"
    axes = zip(problem.kernel, _steps(tuple(axis[0] for axis in problem.phases)), problem.dilation, strict=True)
    planes = math.prod(min(taps, step // math.gcd(step, dilation)) for taps, step, dilation in axes)
    if planes > _MOST_PLANES:
        return f"its strides make {planes} planes of one; {_MOST_PLANES} are not too many"
    positions = (problem.destination.shape[3] - 1) * _pitch(problem) + problem.destination.shape[4]
    if positions > MOST_PIXELS:
        return f"it would pass over {positions} positions of a padded plane; {MOST_PIXELS} are not too many"
    return None


def _pitch(problem: ConvProblem) -> int:
    """Elements from row to row of the source as it is read: expected, where the plan copies it."""
    phase = problem.phases[2][0]
    if phase.read_step > 1 and phase.count > 1:
        return problem.destination.shape[4] + len(phase.taps) - 1
    low, high = phase.reach
    return max(problem.source.shape[4], high + 1) - min(low, 0)


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Steps: copy or turn the source where that is needed, contract, turn the result where it has channels dense."""
    workspace = WorkspaceLayout()
    view, near, ready, note = _source(problem, tuple(axis[0] for axis in problem.phases), workspace, target)
    result, turning = planes_target(problem, workspace, target)
    watched = reads_padding(problem)
    contracting, watching = contraction(problem, view, near, result, target, watched)
    if watched and not watching:
        ready.append([*(ready.pop() if ready else []), *watch_weights(problem, target)])
    steps = stages(*ready, [contracting], [turning] if turning else [])
    return Plan(NAME, steps, workspace.size, worth_sharing(problem), (note,), watched)


def _steps(phases: tuple[Phase, ...]) -> tuple[int, int, int]:
    """How far apart neighbouring results read, an axis each; of a single one nothing else is read."""
    return _three(phase.read_step if phase.count > 1 else 1 for phase in phases)


def _is_readable(problem: ConvProblem) -> bool:
    """Whether planes need no copy with their padding, or because their rows do not follow each other."""
    spec = problem.source
    dense = spec.layout is Layout.CHANNELS_LAST or has_dense_rows(spec)
    return dense and readable_in_place(spec, reach(problem.phases), problem.dtype, problem.accumulator)


def _source(
    problem: ConvProblem, phases: tuple[Phase, ...], workspace: WorkspaceLayout, target: Target
) -> tuple[View, NDArray[np.int64], list[list[Step]], str]:
    """(the planes as the kernel reads them, bytes from a result's position to each tap, stages that make them).

    With a stride, the positions of each residue modulo it are planes of their own.
    """
    spec, ready = problem.source, []
    shift = Location(Base.SOURCE)
    steps_of = _steps(phases)
    offsets = [np.array([offset for _, offset in phase.taps], np.int64) for phase in phases]
    inside = _is_readable(problem)
    if inside and steps_of == (1, 1, 1) and spec.layout is Layout.PLANAR:
        view = in_place(spec, Base.SOURCE, problem.dtype)
        return view, _distances(view, offsets), [], "source read in place"
    if spec.layout is Layout.CHANNELS_LAST:
        spec, shift, turn = planes_source(problem, workspace, target)
        ready.append([turn])
        if inside and steps_of == (1, 1, 1):
            view = replace(in_place(spec, Base.SOURCE, problem.dtype), at=shift)
            return view, _distances(view, offsets), ready, "source turned into planes"
    places = [at // step for at, step in zip(offsets, steps_of, strict=True)]
    residues = [np.unique(at % step, return_inverse=True) for at, step in zip(offsets, steps_of, strict=True)]
    bounds = tuple((int(at.min()), int(at.max()) + p.count - 1) for at, p in zip(places, phases, strict=True))
    planes: list[View] = []
    copies: list[Step] = []
    for residue in itertools.product(*(found.tolist() for found, _ in residues)):
        part = _every(spec, residue, steps_of)
        start = sum(r * s for r, s in zip(residue, spec.strides[2:], strict=True)) * ELEMENT_BYTES[problem.dtype]
        view, copying = padded_copy(
            part, shift.past(start), problem.dtype, problem.accumulator, bounds, workspace,
            target, Layout.PLANAR if part.strides[4] == 1 else Layout.STRIDED
        )  # fmt: skip
        planes.append(view)
        copies += [copying] if copying else []
    origin = planes[0]
    starts = np.array([view.at.offset - origin.at.offset for view in planes], np.int64)
    starts = starts.reshape([len(found) for found, _ in residues])[np.ix_(*(of_tap for _, of_tap in residues))]
    return origin, starts + _distances(origin, places), [*ready, copies], "source copied with its padding"


def _distances(view: View, places: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Bytes from a view's origin to every place, each a choice of one an axis."""
    return each_sum(*(at * stride for at, stride in zip(places, view.strides[2:], strict=True)))


def _every(spec: TensorSpec, residue: tuple[int, ...], strides: tuple[int, ...]) -> TensorSpec:
    """The positions of one residue modulo the strides."""
    sizes = _three(max(0, -(-(n - r) // s)) for n, r, s in zip(spec.spatial, residue, strides, strict=True))
    steps = _three(a * s for a, s in zip(spec.strides[2:], strides, strict=True))
    return TensorSpec((*spec.shape[:2], *sizes), (*spec.strides[:2], *steps))


def _three(numbers: Iterable[int]) -> tuple[int, int, int]:
    d, h, w = numbers
    return d, h, w


def _has_strewn_filters(problem: ConvProblem, element: int) -> bool:
    """Whether each term's filters bring cache lines of which a tile uses little and that are gone before the next tile.

    Those of an input gradient lie so: neighbours are destination channels, terms are far apart.
    """
    first, second, *taps = (s * element for s in problem.weight_strides)
    row, other = (second, first) if problem.scatter else (first, second)
    steps = [other, *(s for s, size in zip(taps, problem.kernel, strict=True) if size > 1)]
    whole = element * problem.source_channels * problem.destination_channels * problem.taps
    return row < LINE <= min(steps) and whole > _STREWN_BYTES


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores: products of whole vectors of positions, what is copied and turned, the filters."""
    element = ELEMENT_BYTES[problem.dtype]
    plain = _steps(tuple(axis[0] for axis in problem.phases))[2] == 1
    way = grid(problem, _pitch(problem), target)
    share = _STREWN if not way.masked and _has_strewn_filters(problem, element) else 1.0
    products = share * way.products * problem.batch * problem.groups * problem.destination.shape[2]
    filters = problem.groups * problem.source_channels * problem.destination_channels * problem.taps
    # Long stretches are written at twice the rate.
    moved = element * (filters // 2 + math.prod(problem.destination.shape) // (2 if way.stretches else 1))
    for spec in (problem.source, problem.destination):
        if spec.layout is Layout.CHANNELS_LAST:
            # Narrow registers turn smaller squares.
            moved += (2 if target.vector_bytes == 64 else 4) * element * math.prod(spec.shape)
    if not _is_readable(problem) or not plain:
        # Every second element of a row is picked out of vectors.
        moved += (2 if plain else 4) * element * math.prod(problem.source.shape)
    lanes = target.lanes(problem.dtype)
    work = _WORK[target.registers] * products * lanes
    far = max(0, element * math.prod(problem.source.shape) - _NEAR_BYTES)
    moving = (_MOVED[target.registers] * moved + _FAR[target.registers] * far) / BYTE_RATE
    return work / fma_rate(lanes) + moving + 8e-6
