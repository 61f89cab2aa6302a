"""Several taps in one line: how tiles are filled where a tap has few channels.

A line has room for 32 channels. Where a source has at most half as many, the taps along W that fit lie in a position's
line side by side, [tap][channel], and the sum goes over lines of taps instead of taps.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.amx.grid import BLOCK
from tilewise.geometry import Phase
from tilewise.problem import ConvProblem


@dataclass(frozen=True)
class Joining:
    """`each` taps along W share a line, in the order of what they read, `spacing` positions apart."""

    problem: ConvProblem
    each: int
    spacing: int

    @classmethod
    def of(cls, problem: ConvProblem) -> Joining | None:
        """The joining of a problem; None where it has one tap along W, many channels, or lies otherwise in memory."""
        phases, channels = problem.phases[2], problem.source_channels
        if len(phases) > 1 or len(phases[0].taps) < 2 or 2 * channels > BLOCK:
            return None
        offsets = sorted(offset for _, offset in phases[0].taps)
        spacing = offsets[1] - offsets[0]
        if any(b - a != spacing for a, b in itertools.pairwise(offsets)):
            return None
        _, sc, _, _, sw = problem.source.strides
        rows = sc == 1 and problem.groups == 1 and spacing == 1 and sw == channels
        planes = sc != 1 and sw == 1 and phases[0].read_step <= 2
        if not rows and not planes:
            return None
        taps = len(offsets)
        lines = -(-taps // (BLOCK // channels))
        return cls(problem, -(-taps // lines), spacing)

    @property
    def channels(self) -> int:
        """What a line holds."""
        return self.each * self.problem.source_channels

    @property
    def _taps(self) -> list[tuple[int, int]]:
        return sorted(self.problem.phases[2][0].taps, key=lambda tap: tap[1])

    @property
    def lines(self) -> int:
        """Lines along W in place of taps."""
        return -(-len(self._taps) // self.each)

    def phases(self) -> tuple[tuple[Phase, ...], ...]:
        """The problem's phases with lines in place of the taps along W."""
        d, h, (w,) = self.problem.phases
        firsts = self._taps[:: self.each]
        return d, h, (replace(w, taps=tuple((i, offset) for i, (_, offset) in enumerate(firsts))),)

    def elements(self, along: int, channel: int, room: int) -> NDArray[np.int64]:
        """(byte offset, distance along W) of each element of a line from its first, for strides in bytes."""
        table = np.zeros((room, 2), np.int64)
        for i in range(self.channels):
            tap, c = divmod(i, self.problem.source_channels)
            table[i] = tap * self.spacing * along + c * channel, tap * self.spacing
        return table

    def filter_taps(self, room: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(source channel, tap) of each element of each line, [line's tap][room]; -1 where a line has none."""
        kd, kh, kw = self.problem.kernel
        channels = self.problem.source_channels
        channel = np.full((kd * kh * self.lines, room), -1, np.int64)
        tap = channel.copy()
        order = [index for index, _ in self._taps]
        for row in range(kd * kh):
            for number, index in enumerate(order):
                line, place = divmod(number, self.each)
                at = slice(place * channels, (place + 1) * channels)
                channel[row * self.lines + line, at] = np.arange(channels)
                tap[row * self.lines + line, at] = row * kw + index
        return channel, tap
