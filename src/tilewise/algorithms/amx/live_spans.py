"""Which positions each tap of a weight gradient has anything to sum over, where dilation leads many taps into gaps."""

from __future__ import annotations

import functools
import itertools

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.amx.grid import BLOCK, Grid
from tilewise.problem import ConvProblem

# Spans are left out where fewer of them than this are live, and lie in at most so many runs a tap.
_MOST_LIVE, _MOST_RUNS = 0.9, 256


# Its cost, the plan and the count of products ask for the same one.
@functools.lru_cache(maxsize=64)
def live_spans(problem: ConvProblem, grid: Grid) -> NDArray[np.int64] | None:
    """(first, one past the last) tile along the positions of each run of each tap; None where nearly all are live.

    A span is live for a tap where some row of it has both window and, the tap's shift away, point. Runs that a tap has
    fewer of than another are empty.
    """
    depth = grid.axes[0].pitch
    spans = -(-grid.positions // BLOCK)
    if grid.batch * depth > _MOST_RUNS:
        return None
    runs = []
    for taps in itertools.product(*(phase.taps for phase in problem.window_phases)):
        ranges = []
        for axis, (_, offset), out in zip(grid.axes[:2], taps, problem.destination.spatial, strict=False):
            _, shift = axis.place(offset)
            ranges.append((max(0, shift), max(0, shift, min(axis.size, out + shift))))
        (d0, d1), rows = ranges
        runs.append(_joined([(n * depth + d, rows) for n in range(grid.batch) for d in range(d0, d1)], grid))
    most = max(map(len, runs))
    table = np.zeros((len(runs), max(1, most), 2), np.int64)
    for row, found in zip(table, runs, strict=True):
        row[: len(found)] = found or np.zeros((0, 2))
    live = (table[..., 1] - table[..., 0]).sum()
    return table if live < _MOST_LIVE * spans * len(runs) else None


def summed_spans(problem: ConvProblem, grid: Grid) -> int:
    """Tiles along the positions that all taps together sum over."""
    live = live_spans(problem, grid)
    return problem.taps * -(-grid.positions // BLOCK) if live is None else int(np.diff(live).sum())


def _joined(planes: list[tuple[int, tuple[int, int]]], grid: Grid) -> list[tuple[int, int]]:
    """The spans of some rows of some planes; what touches is one run."""
    _, height, width = grid.pitches
    found: list[tuple[int, int]] = []
    for plane, (first, last) in planes:
        if first == last:
            continue
        begin, end = ((plane * height + row) * width for row in (first, last))
        spans = begin // BLOCK, -(-end // BLOCK)
        if found and spans[0] <= found[-1][1]:
            spans = found.pop()[0], spans[1]
        found.append(spans)
    return found
