"""Contractions cut where the padding begins, so that no product with a zero of the padding is computed.

Near an edge some taps read only padding. The results of an axis are cut into parts with the same live taps; a part
reads nothing outside the tensor. Rows (and planes) are always cut: it costs nothing but another step. Cutting
along the row costs whole register tiles, so it is done where that is repaid.
"""

from __future__ import annotations

import functools
import itertools
import math

from tilewise.algorithms.common.tiling import cut_cost, fma_rate, tile_widths
from tilewise.geometry import Phase
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem
from tilewise.target import Target

# An axis with more parts than this stays whole.
_MOST_PARTS = 9
# Sources with fewer channels are copied with their padding: they are small, and their rows of taps are one run.
_LEAST_CHANNELS = 16
# Bytes a second of a copy, on the scale of tiling.fma_rate.
_COPY_RATE = 2.5e10
# And one more step, behind a barrier.
_STEP_SECONDS = 2e-6
Part = tuple[Phase, Phase]  # a phase, and the part of it with its live taps


def live_products(phase: Phase, size: int) -> float:
    """The share of an axis' products that lie inside the source."""
    inside = 0
    for _, offset in phase.taps:
        begin, end = live_range(phase, offset, size)
        inside += max(0, end - begin)
    return inside / max(1, phase.count * len(phase.taps))


def live_range(phase: Phase, offset: int, size: int) -> tuple[int, int]:
    """The first result for which a tap reads inside 0 .. size-1, and the one after the last; empty if not in order."""
    begin = max(0, math.ceil(-offset / phase.read_step))
    return begin, min(phase.count, (size - 1 - offset) // phase.read_step + 1)


def live_parts(phase: Phase, size: int, most: int | None = None) -> tuple[Phase, ...]:
    """A phase cut where the set of taps changes that read inside 0 .. size-1, each part with those taps alone.

    No part at all where there would be more than `most`: each part asks every tap, and a long filter has no time for
    the square of its length.
    """
    live = [(tap, offset, *live_range(phase, offset, size)) for tap, offset in phase.taps]
    cuts = sorted({0, phase.count, *(at for _, _, begin, end in live if begin < end for at in (begin, end))})
    if most is not None and len(cuts) > most + 1:
        return ()
    return tuple(
        Phase(
            phase.first + start * phase.step, phase.step, stop - start, phase.read_step,
            tuple((tap, offset + start * phase.read_step) for tap, offset, begin, end in live
                  if begin <= start and stop <= end),
        )
        for start, stop in itertools.pairwise(cuts)
    )  # fmt: skip


@functools.lru_cache(maxsize=64)
def trimmed(problem: ConvProblem, target: Target) -> tuple[tuple[Part, ...], ...]:
    """For each axis, all phases in parts.

    What is repaid is judged for one image, so that its bits are the same in any batch.
    """
    problem = problem.with_images(1) if problem.batch > 1 else problem
    vectors = 2 if problem.destination_channels > target.lanes(problem.accumulator) else 1
    widths = tile_widths(target.registers, vectors)
    axes = []
    for number, (phases, size) in enumerate(zip(problem.phases, problem.source.spatial, strict=True)):
        axis: list[Part] = []
        for phase in phases:
            wanted = phase.count > 0 and problem.source_channels >= _LEAST_CHANNELS
            parts = live_parts(phase, size, _MOST_PARTS) if wanted else ()
            worthwhile = len(parts) > 1
            if worthwhile and number == 2:
                copying = (
                    2 * ELEMENT_BYTES[problem.accumulator] * math.prod(problem.source.shape) / _COPY_RATE
                    + _STEP_SECONDS
                )
                worthwhile = _row_seconds(problem, phases, phase, parts, widths, target) < (
                    _row_seconds(problem, phases, phase, (phase,), widths, target) + copying / len(phases)
                )
            axis += [(phase, part) for part in (parts if worthwhile else (phase,))]
        axes.append(tuple(axis))
    return tuple(axes)


def every_part(axes: tuple[tuple[Part, ...], ...]) -> tuple[tuple[Phase, ...], ...]:
    """The parts of each axis."""
    return tuple(tuple(part for _, part in axis) for axis in axes)


def parts_by_phases(axes: tuple[tuple[Part, ...], ...]) -> dict[tuple[Phase, ...], list[tuple[Phase, ...]]]:
    """For each choice of one phase an axis, its parts that have results; none where it has none."""
    found: dict[tuple[Phase, ...], list[tuple[Phase, ...]]] = {}
    for choice in itertools.product(*axes):
        phases, parts = (tuple(pair[i] for pair in choice) for i in (0, 1))
        if all(part.count for part in parts):
            found.setdefault(phases, []).append(parts)
    return found


def live_share(axes: tuple[tuple[Part, ...], ...]) -> float:
    """The share of all products that the parts compute."""
    share = 1.0
    for axis in axes:
        whole = sum(phase.count * len(phase.taps) for phase in dict.fromkeys(phase for phase, _ in axis))
        share *= sum(part.count * len(part.taps) for _, part in axis) / max(whole, 1)
    return share


def _row_seconds(
    problem: ConvProblem, phases: tuple[Phase, ...], phase: Phase, parts: tuple[Phase, ...], widths: tuple[int, ...],
    target: Target,
) -> float:  # fmt: skip
    """What the tiles of one phase along the row take in all rows."""
    cost = sum(cut_cost(part.count, widths) * part.count * len(part.taps) for part in parts)
    products = sum(one.count * len(one.taps) for one in phases)
    return 2 * problem.phase_products * cost / max(products, 1) / fma_rate(target.lanes(problem.accumulator))
