"""Infinities and NaN where zeros were multiplied that PyTorch does not multiply.

PyTorch skips the padding, a kernel multiplies it by zero, which differs where the other factor is not finite. Then
the call is handed on through the status word: for correlations when a weight is not finite, for weight gradients
when a result is not.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.padding import reach
from tilewise.algorithms.common.plan import Base, Location, step
from tilewise.ir.kernel import Arguments, begin_vectors, share, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, scalar_widen
from tilewise.ir.watch import report_taint, tainted
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(["items", "per_item", "runs", "offset_ptr", "weight_ptr", "status_ptr"])
_RUNS_PER_ITEM = 1024


def reads_padding(problem: ConvProblem) -> bool:
    """Whether a correlation asks for anything outside its source."""
    spans = zip(reach(problem.phases), problem.source.spatial, strict=True)
    return any(low < 0 or high >= size for (low, high), size in spans)


def watch_weights(problem: ConvProblem, target: Target) -> list[Step]:
    """The step that reports weights that are not finite; none where nothing is read from the padding."""
    if not reads_padding(problem):
        return []
    first = problem.source.shape[1] if problem.scatter else problem.destination.shape[1]
    second = problem.destination_channels if problem.scatter else problem.source_channels
    return [_watch(problem, first, second, target)]


def watch_gradient(problem: ConvProblem, target: Target) -> list[Step]:
    """The step that reports weight gradients that are not finite."""
    return [_watch(problem, problem.destination.shape[1], problem.source_channels, target)]


def is_dense(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Whether the elements of a tensor fill one stretch of memory, each once, in whatever order of the axes."""
    expected = 1
    for stride, size in sorted((stride, size) for size, stride in zip(shape, strides, strict=True) if size != 1):
        if stride != expected:
            return False
        expected *= size
    return True


def _places(shape: Sequence[int], strides: Sequence[int]) -> NDArray[np.int64]:
    """Where the elements of a tensor lie, each place once, in elements."""
    places = np.zeros(1, np.int64)
    for size, stride in zip(shape, strides, strict=True):
        places = np.unique(np.add.outer(places, np.arange(size) * stride))
    return places


def _watch(problem: ConvProblem, first: int, second: int, target: Target) -> Step:
    element = ELEMENT_BYTES[problem.dtype]
    shape = (first, second, *problem.kernel)
    # Weights are nearly always one dense run; runs of one element serve what is left.
    if is_dense(shape, problem.weight_strides):
        total = math.prod(shape)
        starts = np.arange(0, total, _RUNS_PER_ITEM)
        lengths, per_item = np.minimum(_RUNS_PER_ITEM, total - starts), 1
    else:
        starts = _places(shape, problem.weight_strides)
        lengths, per_item = np.ones_like(starts), _RUNS_PER_ITEM
    values = {"items": -(-len(starts) // per_item), "per_item": per_item, "runs": len(starts)}
    table = np.stack([starts * element, lengths], 1)
    places = {"weight_ptr": Location(Base.WEIGHT), "status_ptr": Location(Base.STATUS)}
    return step(_kernel(problem.dtype, target), _ARGUMENTS, values, places, {"offset_ptr": table}, waits=False)


@functools.cache
def _kernel(dtype: str, target: Target) -> str:
    b, v, a = begin_vectors(_ARGUMENTS, "float64" if dtype == "float64" else "float32", target)
    element = ELEMENT_BYTES[dtype]
    with tickets(b, a["items"]) as item:
        first, last = share(b, item, a["per_item"], a["runs"])
        with b.loop(first, last, carried=[(v.type, v.zero)]) as run:
            offset, count = b.entry(a["offset_ptr"], run.index, 2)
            at = b.at(a["weight_ptr"], offset)
            whole = b.mul(b.div(count, v.lanes), v.lanes)
            with b.loop(0, whole, v.lanes, carried=[(v.type, run.values[0])]) as i:
                i.carry([tainted(v, i.values[0], v.load_as(b.at(at, b.mul(i.index, element)), dtype))])
            with b.loop(whole, count, carried=[(v.type, i.results[0])]) as j:
                value = scalar_widen(b, b.at(at, b.mul(j.index, element)), dtype, v.element)
                j.carry([tainted(v, j.values[0], v.splat(value))])
            run.carry(j.results)
        report_taint(v, run.results[0], a["status_ptr"])
    return b.text()
