"""How Winograd's algorithms cut the taps of one axis: into runs of two or three that are transformed together.

Two outputs of a tile read the same values, a tap apart, where the distance of two taps is a multiple of what lies
between the outputs' windows. So taps fall into classes, of one residue each: at stride 1 there is one, at stride 2 the
even and the odd taps. A class is cut into runs; each run is a short filter of its own, at its own offset, and the
products of all runs are summed before the outputs are made of them. F(2, 2) saves a quarter of the products, F(2, 3)
a third.
"""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import dataclass

from tilewise.algorithms.winograd.transforms import TAPS, Axis
from tilewise.geometry import Phase


@dataclass(frozen=True)
class Run:
    """Neighbouring taps of a class: filter indices in the order of what they read, and the first one's offset."""

    taps: tuple[int, ...]
    offset: int


@dataclass(frozen=True)
class AxisRuns:
    """One phase of an axis in runs, those of fewer taps than `axis` has among them.

    The outputs of a tile are `step` apart; what its neighbouring inputs read, `step * read_step`.
    """

    phase: Phase
    axis: Axis
    runs: tuple[Run, ...]
    step: int = 1

    def whole(self, run: Run) -> bool:
        """Whether a run has as many taps as there can be, and so a product of infinity."""
        return len(run.taps) == self.axis.taps


def direct_runs(phase: Phase) -> AxisRuns:
    """Nothing is transformed."""
    return AxisRuns(phase, Axis(), tuple(Run((index,), offset) for index, offset in phase.taps))


def three_taps(phase: Phase, outputs: int) -> AxisRuns | None:
    """F(outputs, 3) where a phase has just three taps and reads every position, or None."""
    if len(phase.taps) != TAPS or phase.read_step != 1:
        return None
    (first, low), (_, near), *_ = taps = _ordered(phase)
    return AxisRuns(phase, Axis(outputs, TAPS), (Run((first, *(index for index, _ in taps[1:])), low),), near - low)


@functools.lru_cache(maxsize=256)
def short_runs(phase: Phase) -> AxisRuns:
    """Runs by F(2, 2) and F(2, 3) that take the fewest products; direct where no two taps can be one run."""
    taps = _ordered(phase)
    if len(taps) < 2:
        return direct_runs(phase)
    gap = taps[1][1] - taps[0][1]
    shared = math.gcd(gap, phase.read_step)
    classes, step = phase.read_step // shared, gap // shared
    if classes >= len(taps) or step >= phase.count:
        return direct_runs(phase)
    lengths = {first: _lengths(len(taps[first::classes])) for first in range(classes)}
    runs = []
    for first, cut in lengths.items():
        rest = iter(taps[first::classes])
        for length in cut:
            run = list(itertools.islice(rest, length))
            runs.append(Run(tuple(index for index, _ in run), run[0][1]))
    return AxisRuns(phase, Axis(2, max(length for cut in lengths.values() for length in cut)), tuple(runs), step)


def _lengths(taps: int) -> list[int]:
    """Runs of three, which save the most, and of two, so that none is left alone."""
    if taps == 1:
        return [1]
    twos = -taps % TAPS
    return [TAPS] * ((taps - 2 * twos) // TAPS) + [2] * twos


def _ordered(phase: Phase) -> list[tuple[int, int]]:
    """(filter index, offset) by the offsets that they read at."""
    return sorted(phase.taps, key=lambda tap: tap[1])
