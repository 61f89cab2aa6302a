"""Where the terms of a sum, channels and taps, lie in a weight tensor."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem


@dataclass(frozen=True)
class FilterTerms:
    """Where the terms of a sum lie in a weight tensor, for one lane; strides and offsets are in bytes.

    `offsets[i]` is the byte offset of term i. `channel_stride` leads from lane to lane, `group_stride` from group
    to group. Both tables below list the elements of a lane as runs that are dense in memory.
    """

    offsets: NDArray[np.int64]
    channel_stride: int
    group_stride: int
    element: int

    @property
    def dense(self) -> bool:
        """Whether the lanes lie side by side."""
        return self.channel_stride == self.element

    @functools.cached_property
    def runs(self) -> tuple[NDArray[np.int64], int, NDArray[np.int64]]:
        """(offset of each run, elements a run, term of each element of each run, -1 where it belongs to none)."""
        order = np.argsort(self.offsets, kind="stable")
        positions = self.offsets[order] // self.element
        breaks = np.flatnonzero(np.diff(positions) != 1) + 1
        starts = np.concatenate([[0], breaks])
        lengths = np.diff(np.concatenate([starts, [len(order)]]))
        length = int(lengths[0])
        if len(lengths) > 1 and not np.all(lengths == length):
            length = int(np.gcd.reduce(lengths))
        return positions[::length] * self.element, length, order.astype(np.int64)


def gradient_terms(problem: ConvProblem, channel: NDArray[np.int64], tap: NDArray[np.int64]) -> FilterTerms:
    """Where the gradients of (window channel, tap) terms lie for each point channel."""
    element = ELEMENT_BYTES[problem.dtype]
    point, window, *strides = (s * element for s in problem.weight_strides)
    d, h, w = np.unravel_index(tap, problem.kernel)
    offsets = channel * window + d * strides[0] + h * strides[1] + w * strides[2]
    return FilterTerms(offsets, point, point * problem.destination_channels, element)
