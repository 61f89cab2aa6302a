"""Filters of several groups side by side in lanes: [block][term][lane], as channels-last group kernels read them.

Two tables say where each comes from: a byte offset a lane (the filter) and one a term (its channel and tap). Lanes
past the last channel repeat it: their sums are never stored.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.plan import Base, Location, step
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import FUNCTION, Arguments, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_widen
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    ["items", "blocks_per_item", "blocks", "terms", "lanes_ptr", "terms_ptr", "weight_ptr", "packed_ptr"]
)


def filter_places(problem: ConvProblem, used: int, lanes: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Byte offsets into the weights of each lane of each block, and of each term in the order [channel][tap].

    A block has `used` destination channels.
    """
    element = ELEMENT_BYTES[problem.dtype]
    first, second, *tap_strides = (s * element for s in problem.weight_strides)
    channels, inner, outer = problem.destination.shape[1], problem.source_channels, problem.destination_channels
    blocks = -(-channels // used)
    lane = np.minimum(np.arange(blocks)[:, None] * used + np.minimum(np.arange(lanes), used - 1), channels - 1)
    group, member = np.divmod(lane, outer)
    # Filters are (first, second, *kernel): the first is the destination, or the source where it scatters.
    place = group * inner * first + member * second if problem.scatter else lane * first
    d, h, w = (axis.ravel() for axis in np.indices(problem.kernel))
    taps = d * tap_strides[0] + h * tap_strides[1] + w * tap_strides[2]
    into = first if problem.scatter else second
    return place.ravel(), (np.arange(inner)[:, None] * into + taps[None, :]).ravel()


def pack_group_filters(
    places: NDArray[np.int64], terms: NDArray[np.int64], problem: ConvProblem, packed: Location, target: Target
) -> Step:
    """The step that packs them."""
    lanes = target.lanes(problem.accumulator)
    element = ELEMENT_BYTES[problem.dtype]
    dense = len(terms) > 2 and bool(np.all(np.diff(terms) == element))
    masked = target.vector_bytes == 64 or (target.level == "avx2" and element >= 4)
    blocks = len(places) // lanes
    per_item = max(1, min(blocks, 2048 // len(terms)))
    values = {
        "items": -(-blocks // per_item), "blocks_per_item": per_item, "blocks": blocks, "terms": len(terms),
    }  # fmt: skip
    addresses = {"weight_ptr": Location(Base.WEIGHT), "packed_ptr": packed}
    tables = {"lanes_ptr": places, "terms_ptr": terms}
    text = _kernel(dense and masked, problem.dtype, problem.accumulator, target)
    return step(text, _ARGUMENTS, values, addresses, tables, waits=False)


@functools.cache
def _kernel(dense: bool, dtype: str, accumulator: str, target: Target) -> str:
    b = Builder(FUNCTION)
    v = Vectors(b, accumulator, target.lanes(accumulator))
    a = _ARGUMENTS.load(b)
    row_bytes = v.lanes * v.bytes

    def by_lane(places: str, to: str) -> None:
        """One element at a time, a lane after the other."""
        with b.loop(0, v.lanes) as lane:
            source = b.at(a["weight_ptr"], b.load("i64", b.at(places, b.mul(lane.index, 8)), 8))
            column = b.at(to, b.mul(lane.index, v.bytes))
            with b.loop(0, a["terms"]) as term:
                at = b.at(source, b.load("i64", b.at(a["terms_ptr"], b.mul(term.index, 8)), 8))
                value = scalar_widen(b, at, dtype, v.element)
                b.store(v.element, value, b.at(column, b.mul(term.index, row_bytes)), v.bytes)

    def by_transpose(places: str, to: str) -> None:
        """The terms of a filter are one dense run: squares are read as rows and written as columns."""
        first = b.at(a["weight_ptr"], b.load("i64", a["terms_ptr"], 8))
        rows = [b.at(first, b.load("i64", b.at(places, 8 * i), 8)) for i in range(v.lanes)]
        with b.loop(0, a["terms"], v.lanes) as term:
            left = b.sub(a["terms"], term.index)
            mask = v.mask(left)
            offset = b.mul(term.index, ELEMENT_BYTES[dtype])
            columns = v.transpose([v.load_masked(b.at(row, offset), mask, dtype) for row in rows])
            corner = b.at(to, b.mul(term.index, row_bytes))

            def put(k: int, columns: list[str] = columns, corner: str = corner) -> None:
                v.store(columns[k], b.at(corner, k * row_bytes))

            def whole() -> None:
                for k in range(v.lanes):
                    put(k)

            def tail(left: Value = left) -> None:
                for k in range(v.lanes - 1):
                    with b.when(b.compare("sgt", left, k)):
                        put(k)

            b.either(b.compare("sge", left, v.lanes), whole, tail)

    with tickets(b, a["items"]) as item:
        start = b.mul(item, a["blocks_per_item"])
        with b.loop(start, b.min(b.add(start, a["blocks_per_item"]), a["blocks"])) as block:
            places = b.at(a["lanes_ptr"], b.mul(block.index, 8 * v.lanes))
            to = b.at(a["packed_ptr"], b.mul(b.mul(block.index, a["terms"]), row_bytes))
            (by_transpose if dense else by_lane)(places, to)
    return b.text()
