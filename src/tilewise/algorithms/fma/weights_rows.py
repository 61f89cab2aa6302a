"""Which pixels each run of a weight gradient sums over, as tables for the kernel of `fma_weights`.

A run is a dense stretch of the window tensor at one tap: its channels, with the taps along the row joined to them
where they lie side by side. The pixels of the point tensor are cut into rows, long rows into pieces, and bands of
these are passed over by all runs. Pixels whose window lies in the padding are left out, run by run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.padding import View
from tilewise.geometry import Phase
from tilewise.problem import ConvProblem

# Rows of so many runs are made at a time: more at once would take more memory than they do in the end.
_TOGETHER = 1 << 16


@dataclass(frozen=True)
class Runs:
    """`length` elements each; `taps` are (along D, along H, along W), one run each.

    A `joined` run has all the taps along W. `channel` and `tap` name each element of each run.
    """

    length: int
    joined: bool
    taps: NDArray[np.int64]
    channel: NDArray[np.int64]
    tap: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many runs there are."""
        return len(self.taps)


@dataclass(frozen=True)
class Bands:
    """`rows`: (window bytes, point bytes, pixels); `ranges`: of each band and run, its first row and the end."""

    rows: NDArray[np.int64]
    ranges: NDArray[np.int64]
    count: int


def window_span(problem: ConvProblem, trimmed_rows: bool) -> tuple[tuple[int, int], ...]:
    """What is read of each axis of the window tensor; beyond its ends only along rows, unless they are trimmed too."""
    spans = []
    for number, (phase, size) in enumerate(zip(problem.window_phases, problem.source.spatial, strict=True)):
        low, high = phase.reach
        if number < 2 or trimmed_rows:
            low, high = max(low, 0), min(high, size - 1)
        spans.append((low, high) if low <= high else (0, -1))
    return tuple(spans)


def window_runs(problem: ConvProblem, window: View, joinable: bool) -> Runs:
    """The runs that tiles are cut from."""
    _, sc, _, _, sw = window.strides
    channels = problem.source_channels
    d, h, w = problem.kernel
    joined = joinable and (channels == 1 or sw == channels * sc)
    taps = d * h * w
    runs = np.indices((d, h, 1 if joined else w)).reshape(3, -1).T
    length = channels * w if joined else channels
    return Runs(length, joined, runs, np.tile(np.arange(channels), taps), np.repeat(np.arange(taps), channels))


def band_tables(problem: ConvProblem, window: View, point: View, runs: Runs, band_pixels: int) -> Bands:
    """The bands, of about `band_pixels` pixels each."""
    depth, height, width = problem.destination.spatial
    pieces = -(-width // band_pixels)
    per_piece = -(-width // pieces)
    shape = (problem.batch, depth, height, pieces)
    n, d, h, piece = np.indices(shape).reshape(4, -1)
    begin = piece * per_piece
    end = np.minimum(begin + per_piece, width)
    per_band = max(1, -(-band_pixels // per_piece) if per_piece * 2 <= band_pixels else 1)
    bands = -(-len(n) // per_band)
    edges = np.minimum(np.arange(bands + 1) * per_band, len(n))
    pd, ph, pw = problem.window_phases
    rows, ranges, before = [], [], 0
    most = max(1, _TOGETHER // len(n))
    for i, j, k in (
        runs.taps[start : start + most, :, None].transpose(1, 0, 2) for start in range(0, runs.count, most)
    ):
        at_d, live_d = _positions(pd, i, d, problem.source.spatial[0])
        at_h, live_h = _positions(ph, j, h, problem.source.spatial[1])
        offset = _offsets(pw)[k]
        first, last = begin[None], end[None]
        if not runs.joined:
            low = -(offset // pw.read_step)  # the first pixel that reads position 0 or a later one
            high = (problem.source.spatial[2] - 1 - offset) // pw.read_step + 1
            first, last = np.maximum(begin, low), np.minimum(end, high)
        live = live_d & live_h & (first < last)
        from_window = (
            n * window.strides[0] + at_d * window.strides[2] + at_h * window.strides[3]
            + (first * pw.read_step + offset) * window.strides[4]
        )  # fmt: skip
        from_point = (
            n * point.strides[0] + d * point.strides[2] + h * point.strides[3] + first * point.strides[4]
        )  # fmt: skip
        words = (from_window, from_point, last - first)
        rows.append(np.stack([np.broadcast_to(word, live.shape)[live] for word in words], 1))
        numbers = np.concatenate([[before], before + np.cumsum(live)])
        places = np.arange(len(live))[:, None] * len(n) + edges
        ranges.append(np.stack([numbers[places[:, :-1]], numbers[places[:, 1:]]], 2))
        before = int(numbers[-1])
    return Bands(np.concatenate(rows), np.concatenate(ranges).swapaxes(0, 1), bands)


def _offsets(phase: Phase) -> NDArray[np.int64]:
    """Of a forward phase, the offset of each tap."""
    return np.array([offset for _, offset in phase.taps], np.int64)


def _positions(
    phase: Phase, tap: NDArray[np.int64], points: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where points read through taps, and whether that is inside."""
    at = points * phase.read_step + _offsets(phase)[tap]
    return at, (at >= 0) & (at < size)
