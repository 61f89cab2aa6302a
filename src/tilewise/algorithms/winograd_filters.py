"""Filters as Winograd's products want them, and gradients back: rows of taps to rows of products."""

from __future__ import annotations

import functools

from tilewise.algorithms.plan import Location, step
from tilewise.algorithms.winograd_transforms import INPUTS, TAPS, transform_filter, transform_gradient, twice
from tilewise.ir.builder import Builder
from tilewise.ir.kernel import FUNCTION, Arguments, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(["items", "chunks", "per_item", "terms", "packed_ptr", "transformed_ptr"])
_PER_ITEM = 64


def transform_filters(
    tall: bool, blocks: int, terms: int, lanes: int, accumulator: str, packed: Location, to: Location, target: Target
) -> Step:
    """The step from `[block][term][tap][lanes]` to `[block][product][term][lanes]`.

    `tall` filters have 3x3 taps and 16 products, others three taps and four products.
    """
    chunks = -(-terms // _PER_ITEM)
    values = {"items": blocks * chunks, "chunks": chunks, "per_item": _PER_ITEM, "terms": terms}
    addresses = {"packed_ptr": packed, "transformed_ptr": to}
    return step(_kernel(tall, lanes, accumulator, target), _ARGUMENTS, values, addresses)


@functools.cache
def _kernel(tall: bool, lanes: int, accumulator: str, target: Target) -> str:
    b = Builder(FUNCTION)
    v = Vectors(b, accumulator, target.lanes(accumulator), target.level != "generic")
    a = _ARGUMENTS.load(b)
    rows = TAPS if tall else 1
    row_bytes = lanes * v.bytes
    with tickets(b, a["items"]) as item:
        block, chunk = split(b, item, a["chunks"])
        first = b.mul(chunk, a["per_item"])
        last = b.min(b.add(first, a["per_item"]), a["terms"])
        start = b.mul(block, a["terms"])
        product_bytes = b.mul(a["terms"], row_bytes)
        to_block = b.at(a["transformed_ptr"], b.mul(start, (INPUTS if tall else 1) * INPUTS * row_bytes))
        with b.loop(first, last) as term:
            taps = b.at(a["packed_ptr"], b.mul(b.add(start, term.index), rows * TAPS * row_bytes))
            to = b.at(to_block, b.mul(term.index, row_bytes))
            with b.loop(0, row_bytes, v.lanes * v.bytes) as j:
                grid = [
                    [v.load(b.at(taps, (i * TAPS + k) * row_bytes, j.index)) for k in range(TAPS)] for i in range(rows)
                ]
                wide = twice(transform_filter, v, grid) if tall else [transform_filter(v, grid[0])]
                for number, value in enumerate(value for row in wide for value in row):
                    v.store(value, b.at(to, b.mul(product_bytes, number), j.index))
    return b.text()


_GRADIENT_ARGUMENTS = Arguments(
    ["items", "chunks", "per_item", "terms", "pieces", "piece_bytes", "partial_ptr", "packed_ptr"]
)


def gather_gradients(
    tall: bool, blocks: int, terms: int, lanes: int, accumulator: str, pieces: int, partial: Location, to: Location,
    target: Target,
) -> Step:  # fmt: skip
    """The step back: sums of products, `[piece][block][product][term][lanes]`, to `[block][term][tap][lanes]`."""
    chunks = -(-terms // _PER_ITEM)
    products = INPUTS * (INPUTS if tall else 1)
    values = {
        "items": blocks * chunks, "chunks": chunks, "per_item": _PER_ITEM, "terms": terms, "pieces": pieces,
        "piece_bytes": blocks * products * terms * lanes * ELEMENT_BYTES[accumulator],
    }  # fmt: skip
    addresses = {"partial_ptr": partial, "packed_ptr": to}
    return step(_gradient_kernel(tall, lanes, accumulator, target), _GRADIENT_ARGUMENTS, values, addresses)


@functools.cache
def _gradient_kernel(tall: bool, lanes: int, accumulator: str, target: Target) -> str:
    b = Builder(FUNCTION)
    v = Vectors(b, accumulator, target.lanes(accumulator), target.level != "generic")
    a = _GRADIENT_ARGUMENTS.load(b)
    rows = INPUTS if tall else 1
    taps = TAPS * (TAPS if tall else 1)
    row_bytes = lanes * v.bytes
    with tickets(b, a["items"]) as item:
        block, chunk = split(b, item, a["chunks"])
        first = b.mul(chunk, a["per_item"])
        last = b.min(b.add(first, a["per_item"]), a["terms"])
        start = b.mul(block, a["terms"])
        product_bytes = b.mul(a["terms"], row_bytes)
        at_block = b.at(a["partial_ptr"], b.mul(start, rows * INPUTS * row_bytes))
        with b.loop(first, last) as term, b.loop(0, row_bytes, v.lanes * v.bytes) as j:
            at = b.at(at_block, b.mul(term.index, row_bytes), j.index)
            carried = [(v.type, v.zero)] * (rows * INPUTS)
            with b.loop(0, a["pieces"], carried=carried) as piece:
                near = b.at(at, b.mul(piece.index, a["piece_bytes"]))
                piece.carry(
                    [
                        v.add(total, v.load(b.at(near, b.mul(product_bytes, number))))
                        for number, total in enumerate(piece.values)
                    ]
                )
            grid = [piece.results[i * INPUTS : (i + 1) * INPUTS] for i in range(rows)]
            narrow = twice(transform_gradient, v, grid) if tall else [transform_gradient(v, grid[0])]
            to = b.at(a["packed_ptr"], b.mul(b.add(start, term.index), taps * row_bytes), j.index)
            for number, value in enumerate(value for row in narrow for value in row):
                v.store(value, b.at(to, number * row_bytes))
    return b.text()
