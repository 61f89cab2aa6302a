"""Filters packed for the dense contraction: panels of [term][lanes], which every part of the contraction shares."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.filter_terms import FilterTerms
from tilewise.algorithms.common.filters import pack_filters, packed_bytes
from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import Base, Location, WorkspaceLayout
from tilewise.algorithms.common.tiling import Reduction, reduction
from tilewise.geometry import Phase
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Layout
from tilewise.runtime import Step
from tilewise.target import Target


@dataclass(frozen=True)
class PanelTerms:
    """The rows of the panels: the terms of all phases, each phase's in the order in which a contraction sums them.

    Phases share no tap, so one panel serves them all: filters are then read as they lie, once.
    """

    problem: ConvProblem
    orders: tuple[Reduction, ...]

    @functools.cached_property
    def channel(self) -> NDArray[np.int64]:
        """The channel of each row."""
        return np.concatenate([order.channel for order in self.orders]).astype(np.int64)

    @functools.cached_property
    def tap(self) -> NDArray[np.int64]:
        """The tap of each row."""
        return np.concatenate([order.tap for order in self.orders]).astype(np.int64)

    @property
    def count(self) -> int:
        """How many there are; none where no phase reaches a tap, so that results are the bias alone."""
        return len(self.channel)

    @functools.cached_property
    def filters(self) -> FilterTerms:
        """Where they lie in the weight tensor."""
        return filter_terms(self.problem, self.channel, self.tap)

    @functools.cached_property
    def _row(self) -> NDArray[np.int64]:
        row = np.zeros((self.channel.max() + 1, self.tap.max() + 1), np.int64)
        row[self.channel, self.tap] = np.arange(self.count)
        return row

    def rows(self, part: Reduction) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which row each outer and inner offset of a part's sum begins at: their sum is the row."""
        if not len(part.channel):
            return np.zeros(len(part.outer), np.int64), np.zeros(len(part.inner), np.int64)
        rows = self._row[part.channel, part.tap].reshape(len(part.outer), len(part.inner), part.unroll)[:, :, 0]
        return rows[:, 0].copy(), rows[0] - rows[0, 0]


@dataclass(frozen=True)
class Panels:
    """Packed filters of some blocks of channels."""

    at: Location
    first_channel: int
    channels: int
    blocks: int


def sum_order(problem: ConvProblem, phases: tuple[Phase, ...], view: View, target: Target) -> Reduction:
    """The order in which a contraction sums the terms of one phase (or part of one) an axis."""
    channels_dense = view.layout is Layout.CHANNELS_LAST
    joined = channels_dense and problem.groups == 1
    return reduction(
        phases, problem.kernel, problem.source_channels, view.strides, channels_dense, joined, target.roomy
    )


def packed_filters(
    terms: PanelTerms, vectors: int, first_channel: int, blocks: int, workspace: WorkspaceLayout, target: Target
) -> tuple[Panels, list[Step]]:
    """The panels of some blocks of `vectors` vectors of channels, and the step that packs them, if there is a term."""
    problem, accumulator = terms.problem, terms.problem.accumulator
    lanes = vectors * target.lanes(accumulator)
    channels = min(problem.destination_channels - first_channel, blocks * lanes)
    packed = workspace.take(packed_bytes(terms.count, channels, problem.groups, lanes, accumulator))
    panels = Panels(packed, first_channel, channels, blocks)
    if not terms.count:
        return panels, []
    weight = Location(Base.WEIGHT, first_channel * terms.filters.channel_stride)
    packing = pack_filters(
        terms.filters, channels, problem.groups, lanes, problem.dtype, accumulator, weight, packed, target
    )
    return panels, [packing]


def filter_terms(problem: ConvProblem, channel: NDArray[np.int64], tap: NDArray[np.int64]) -> FilterTerms:
    """Where the filters of (source channel, tap) terms lie for each destination channel.

    Weights are (first, second, *kernel); which of the two channels is the destination depends on the contraction.
    """
    element = ELEMENT_BYTES[problem.dtype]
    first, second, *strides = (s * element for s in problem.weight_strides)
    lane, other = (second, first) if problem.scatter else (first, second)
    grouped = (problem.source_channels if problem.scatter else problem.destination_channels) * first
    d, h, w = np.unravel_index(tap, problem.kernel)
    offsets = channel * other + d * strides[0] + h * strides[1] + w * strides[2]
    return FilterTerms(offsets, lane, grouped, element)
