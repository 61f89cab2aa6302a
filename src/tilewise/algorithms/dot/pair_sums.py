"""The order in which `dot` sums pairs of neighbouring source elements, and the filters that they meet."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.panels import filter_terms
from tilewise.algorithms.common.tiling import SUM_TERMS, Reduction, divisor, reduction
from tilewise.algorithms.dot.pair_filters import PairTerms
from tilewise.geometry import Phase
from tilewise.ir.pairs import PAIR_BYTES
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Layout

_ELEMENT = ELEMENT_BYTES["bfloat16"]


def pair_run(problem: ConvProblem, phases: Sequence[Phase]) -> int:
    """Elements that lie side by side and are summed together, where pairs are neighbours in rows."""
    sources = sorted(source for _, source in phases[2].taps)
    dense = all(after - before == 1 for before, after in itertools.pairwise(sources))
    return problem.source_channels * (len(sources) if problem.groups == 1 and dense else 1)


@dataclass(frozen=True)
class PairSum:
    """The order of a sum of pairs (`order.channel` and `order.tap` belong to the first of each) and its filters."""

    order: Reduction
    filters: PairTerms


def pair_sum(problem: ConvProblem, phases: Sequence[Phase], view: View) -> PairSum:
    channels = problem.source_channels
    if view.layout is Layout.PLANAR:
        order = reduction(phases, problem.kernel, -(-channels // 2), view.strides, False, False)
        first, tap = 2 * order.channel, order.tap
        return PairSum(order, _filters(problem, (first, tap), (first + 1, tap), first + 1 < channels))
    terms = reduction(phases, problem.kernel, channels, view.strides, True, problem.groups == 1)
    run = pair_run(problem, phases)
    if not run or not len(terms.channel):
        none = terms.channel, terms.tap
        return PairSum(terms, _filters(problem, none, none, terms.channel < 0))
    pairs = -(-run // 2)
    # Neighbouring pixels of a tile must not share a pair: LLVM would keep what is shared in registers.
    pixel_bytes = view.strides[4] * phases[2].read_step
    unroll = divisor(pairs, max(1, min(8, pixel_bytes // PAIR_BYTES)))
    # Inner loops of at most SUM_TERMS pairs, as far as their number allows.
    inner = divisor(pairs // unroll, max(1, SUM_TERMS // unroll))
    step = inner * unroll
    heads = _offsets(terms).reshape(-1, run)[:, 0]
    outer = heads[:, None] + np.arange(0, pairs, step) * PAIR_BYTES
    first = (np.arange(len(heads))[:, None] * run + np.arange(0, run, 2)).ravel()
    whole = np.tile(np.arange(0, run, 2) + 1 < run, len(heads))
    second = np.where(whole, first + 1, first)
    order = Reduction(
        outer.ravel(), np.arange(0, step, unroll, dtype=np.int64) * PAIR_BYTES, unroll,
        terms.channel[first], terms.tap[first],
    )  # fmt: skip
    one, two = ((terms.channel[at], terms.tap[at]) for at in (first, second))
    return PairSum(order, _filters(problem, one, two, whole))


def _offsets(order: Reduction) -> NDArray[np.int64]:
    """Where the source element of each term lies."""
    return (order.outer[:, None, None] + order.inner[:, None] + np.arange(order.unroll) * _ELEMENT).ravel()


Places = tuple[NDArray[np.int64], NDArray[np.int64]]  # channels and taps


def _filters(problem: ConvProblem, first: Places, second: Places, whole: NDArray[np.bool_]) -> PairTerms:
    one, two = filter_terms(problem, *first), filter_terms(problem, *second)
    return PairTerms(one.offsets, np.where(whole, two.offsets, -1), one.channel_stride, one.group_stride)
