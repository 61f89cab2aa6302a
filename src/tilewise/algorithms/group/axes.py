"""What an axis of a contraction needs at run time, as tables and a few numbers that a kernel can walk.

Two ways to walk the rows that a destination row sums over: a table names, for each destination position, the taps
whose source lies inside (`inside_taps`); or the destination rows in the making roll through registers while the
source rows come by one at a time (`Rolling`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.geometry import Phase


@dataclass(frozen=True)
class InsideTaps:
    """For each destination position: (first tap, its source position, how many taps).

    The taps that follow are `tap_step` and `source_step` further on, each from the one before.
    """

    table: NDArray[np.int64]
    tap_step: int
    source_step: int

    def in_bytes(self, tap_bytes: int, source_bytes: int) -> NDArray[np.int64]:
        """The table with taps and source positions as byte offsets."""
        return self.table * np.array([tap_bytes, source_bytes, 1], np.int64)


def inside_taps(phases: Sequence[Phase], low: int, high: int) -> InsideTaps:
    """The taps of one axis whose source positions lie in low .. high."""
    table = np.zeros((sum(phase.count for phase in phases), 3), np.int64)
    tap_step, source_step = 0, 0
    for phase in phases:
        if not phase.taps or not phase.count:
            continue
        taps = sorted(phase.taps)
        first_tap, first_source = taps[0]
        tap, source = (taps[1][0] - first_tap, taps[1][1] - first_source) if len(taps) > 1 else (0, 0)
        tap_step, source_step = (tap, source) if len(taps) > 1 else (tap_step, source_step)
        at = np.arange(phase.count) * phase.read_step + first_source
        near, far = (low, high) if source >= 0 else (high, low)
        step = abs(source) or 1
        sign = 1 if source >= 0 else -1
        # Taps number i with near <= at + i*source <= far, in the direction that the source moves.
        begin = np.maximum(-((at - near) * sign // step), 0)
        end = np.minimum((far - at) * sign // step, len(taps) - 1)
        count = np.maximum(end - begin + 1, 0)
        begin = np.where(count > 0, begin, 0)
        rows = slice(phase.first, phase.first + phase.step * phase.count, phase.step)
        table[rows] = np.stack([first_tap + begin * tap, np.where(count > 0, at + begin * source, 0), count], 1)
    return InsideTaps(table, tap_step, source_step)


@dataclass(frozen=True)
class Rolling:
    """How destination rows roll through registers: what generated code is specialised on.

    Each step reads `consumes` source rows and completes `completes` destination rows; `live` of them are in the
    making. `terms` lists (source row of the step, live row, tap); live row 0 is completed first.
    """

    live: int
    consumes: int
    completes: int
    terms: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class RollingAxis:
    """One axis rolled: rows that share no source are walked one class after the other.

    `classes` lists (first destination row, rows, first source row, which row is live row 0 at the first step).
    Neighbours of a class lie `destination_pitch` and `source_pitch` rows apart.
    """

    rolling: Rolling
    destination_pitch: int
    source_pitch: int
    classes: tuple[tuple[int, int, int, int], ...]

    def chunks(self, rows: int) -> NDArray[np.int64]:
        """Pieces of at most so many rows: (source row, steps, live row 0, first row, end, the class's first row)."""
        r = self.rolling
        result = []
        for first, count, source, lead in self.classes:
            for start in range(0, count, rows):
                stop = min(count, start + rows)
                step = -((lead + r.live - 1 - start) // r.completes)
                last = (stop - 1 - lead) // r.completes
                result.append(
                    (source + self.source_pitch * r.consumes * step, last - step + 1, lead + r.completes * step,
                     start, stop, first)
                )  # fmt: skip
        return np.array(result, np.int64).reshape(-1, 6)


# A source row that lies outside every tensor: for destination rows that no tap reaches.
_NOWHERE = -(1 << 40)


def rolling_axis(
    destinations: int, kernel: int, stride: int, padding: int, dilation: int, scatter: bool
) -> RollingAxis:
    """Roll one axis of a contraction that gathers (each destination reads at the stride) or scatters."""
    common = math.gcd(stride, dilation)
    step, spread = stride // common, dilation // common
    if not scatter:
        live = -(-kernel // step)
        terms = tuple((t % step, live - 1 - t // step, t) for t in range(kernel))
        classes = tuple(
            (r, -(-(destinations - r) // spread), stride * r - padding, 1 - live)
            for r in range(min(spread, destinations))
        )
        return RollingAxis(Rolling(live, step, 1, terms), spread, dilation, classes)
    live = max(kernel, step)
    found = []
    for c in range(min(dilation, destinations)):
        rows = -(-(destinations - c) // dilation)
        sources = [r for r in range(spread) if (stride * r - padding - c) % dilation == 0]
        if sources:
            found.append((c, rows, sources[0], (stride * sources[0] - padding - c) // dilation))
        else:
            found.append((c, rows, _NOWHERE, 0))
    rolling = Rolling(live, 1, step, tuple((0, t, t) for t in range(kernel)))
    return RollingAxis(rolling, dilation, spread, tuple(found))


Streams = tuple[tuple[tuple[int, int], ...], ...]


def row_streams(phases: tuple[Phase, ...], stride: int) -> tuple[Streams, int, int]:
    """For each residue of the destination column its taps (tap, source column past the tile's first); then the
    source columns from one destination column of a stream to the next; then the first source column of column 0."""
    offsets = [offset for phase in phases for _, offset in phase.taps]
    base = min(offsets, default=0)
    streams = [tuple((t, offset - base) for t, offset in phase.taps) for phase in phases]
    streams += [()] * (stride - len(streams))
    return tuple(streams), phases[0].read_step, base
