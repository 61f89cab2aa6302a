"""Filters of several groups side by side in lanes: [block][term][lane], as channels-last group kernels read them.

Two tables say where each comes from: a byte offset a lane (the filter) and one a term (its channel and tap). Lanes
past the last channel repeat it: their sums are never stored.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.plan import Base, Location, step
from tilewise.ir.builder import Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, scalar_narrow, scalar_widen
from tilewise.problem import ConvProblem, Pass
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
    # Filters are (first, second, *kernel): the first is the destination, or the source where it scatters. Of a
    # weight gradient it is the point tensor, always.
    turned = problem.scatter and problem.kind is not Pass.WEIGHT_GRADIENT
    channels, inner, outer = problem.destination.shape[1], problem.source_channels, problem.destination_channels
    blocks = -(-channels // used)
    lane = np.minimum(np.arange(blocks)[:, None] * used + np.minimum(np.arange(lanes), used - 1), channels - 1)
    group, member = np.divmod(lane, outer)
    place = group * inner * first + member * second if turned else lane * first
    d, h, w = (axis.ravel() for axis in np.indices(problem.kernel))
    taps = d * tap_strides[0] + h * tap_strides[1] + w * tap_strides[2]
    into = first if turned else second
    return place.ravel(), (np.arange(inner)[:, None] * into + taps[None, :]).ravel()


def pack_group_filters(
    places: NDArray[np.int64], terms: NDArray[np.int64], problem: ConvProblem, packed: Location, target: Target
) -> Step:
    """The step that packs them."""
    lanes = target.lanes(problem.accumulator)
    element = ELEMENT_BYTES[problem.dtype]
    blocks = len(places) // lanes
    per_item = max(1, min(blocks, 2048 // len(terms)))
    values = {
        "items": -(-blocks // per_item), "blocks_per_item": per_item, "blocks": blocks, "terms": len(terms),
    }  # fmt: skip
    addresses = {"weight_ptr": Location(Base.WEIGHT), "packed_ptr": packed}
    tables = {"lanes_ptr": places, "terms_ptr": terms}
    text = _kernel(_by_squares(terms, element, target), problem.dtype, problem.accumulator, target)
    return step(text, _ARGUMENTS, values, addresses, tables, waits=False)


def _by_squares(terms: NDArray[np.int64], element: int, target: Target) -> bool:
    """Whether the terms of a filter are one dense run that can be read and written in masked vectors."""
    dense = len(terms) > 2 and bool(np.all(np.diff(terms) == element))
    return dense and (target.vector_bytes == 64 or (target.level == "avx2" and element >= 4))


@functools.cache
def _kernel(dense: bool, dtype: str, accumulator: str, target: Target) -> str:
    b, v, a = begin_vectors(_ARGUMENTS, accumulator, target)
    row_bytes = v.lanes * v.bytes

    def by_lane(places: str, to: str) -> None:
        """One element at a time, a lane after the other."""
        with b.loop(0, v.lanes) as lane:
            source = b.at(a["weight_ptr"], b.word(places, lane.index))
            column = b.at(to, b.mul(lane.index, v.bytes))
            with b.loop(0, a["terms"]) as term:
                at = b.at(source, b.word(a["terms_ptr"], term.index))
                value = scalar_widen(b, at, dtype, v.element)
                b.store(v.element, value, b.at(column, b.mul(term.index, row_bytes)), v.bytes)

    def by_transpose(places: str, to: str) -> None:
        """The terms of a filter are one dense run: squares are read as rows and written as columns."""
        first = b.at(a["weight_ptr"], b.load("i64", a["terms_ptr"], 8))
        rows = [b.at(first, b.word(places, i)) for i in range(v.lanes)]
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

    with tickets(b, a["items"]) as item, b.loop(*share(b, item, a["blocks_per_item"], a["blocks"])) as block:
        places = b.at(a["lanes_ptr"], b.mul(block.index, 8 * v.lanes))
        to = b.at(a["packed_ptr"], b.mul(b.mul(block.index, a["terms"]), row_bytes))
        (by_transpose if dense else by_lane)(places, to)
    return b.text()


_SUM_ARGUMENTS = Arguments(
    [
        "items", "pieces", "piece_bytes", "terms", "channels", "used", "lanes_ptr", "terms_ptr", "sums_ptr",
        "weight_ptr",
    ]
)  # fmt: skip


def sums_bytes(blocks: int, terms: int, pieces: int, problem: ConvProblem, target: Target) -> int:
    """Room for the sums that `add_group_filters` reads: whole vectors past the last term included."""
    lanes = target.lanes(problem.accumulator)
    return (pieces * blocks * terms + lanes) * lanes * ELEMENT_BYTES[problem.accumulator]


def add_group_filters(
    places: NDArray[np.int64],
    terms: NDArray[np.int64],
    used: int,
    pieces: int,
    problem: ConvProblem,
    sums: Location,
    target: Target,
) -> Step:
    """The step that adds pieces [piece][block][term][lane], in their order, into a weight gradient."""
    lanes = target.lanes(problem.accumulator)
    blocks = len(places) // lanes
    values = {
        "items": blocks, "pieces": pieces, "terms": len(terms), "channels": problem.destination.shape[1],
        "used": used, "piece_bytes": blocks * len(terms) * lanes * ELEMENT_BYTES[problem.accumulator],
    }  # fmt: skip
    addresses = {"sums_ptr": sums, "weight_ptr": Location(Base.WEIGHT)}
    tables = {"lanes_ptr": places, "terms_ptr": terms}
    by_squares = _by_squares(terms, ELEMENT_BYTES[problem.dtype], target)
    text = _sum_kernel(by_squares, problem.dtype, problem.accumulator, target)
    return step(text, _SUM_ARGUMENTS, values, addresses, tables)


@functools.cache
def _sum_kernel(by_squares: bool, dtype: str, accumulator: str, target: Target) -> str:
    b, v, a = begin_vectors(_SUM_ARGUMENTS, accumulator, target)
    row_bytes = v.lanes * v.bytes
    scratch = b.stack(row_bytes)

    def total(at: str) -> str:
        first = v.load(at)
        with b.loop(1, a["pieces"], carried=[(v.type, first)]) as piece:
            piece.carry([v.add(piece.values[0], v.load(b.at(at, b.mul(piece.index, a["piece_bytes"]))))])
        return piece.results[0]

    with tickets(b, a["items"]) as block:
        places = b.at(a["lanes_ptr"], b.mul(block, 8 * v.lanes))
        source = b.at(a["sums_ptr"], b.mul(b.mul(block, a["terms"]), row_bytes))
        count = b.min(a["used"], b.sub(a["channels"], b.mul(block, a["used"])))

        def to(lane: Value) -> str:
            return b.at(a["weight_ptr"], b.word(places, lane))

        if by_squares:
            with b.loop(0, a["terms"], v.lanes) as term:
                at = b.at(source, b.mul(term.index, row_bytes))
                mask = v.mask(b.sub(a["terms"], term.index))
                rows = v.transpose([total(b.at(at, k * row_bytes)) for k in range(v.lanes)])
                offset = b.word(a["terms_ptr"], term.index)
                for lane, row in enumerate(rows):
                    with b.when(b.compare("sgt", count, lane)):
                        v.store_masked(row, b.at(to(lane), offset), mask, dtype)
        else:
            with b.loop(0, a["terms"]) as term:
                v.store(total(b.at(source, b.mul(term.index, row_bytes))), scratch)
                offset = b.word(a["terms_ptr"], term.index)
                with b.loop(0, count) as each:
                    value = b.load(v.element, b.at(scratch, b.mul(each.index, v.bytes)), v.bytes)
                    at = b.at(to(each.index), offset)
                    if dtype == accumulator:
                        b.store(v.element, value, at)
                    else:
                        scalar_narrow(b, value, at, dtype)
    return b.text()
