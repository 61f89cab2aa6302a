"""Filters as factors of Winograd's products, and sums of products back to gradients of filters.

A weight tensor is walked in the order of its memory: a few terms (pairs of a direct tap and a channel) at a time are
turned in squares of registers into a scratch that the nearest cache holds, and transformed from there.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.filters import FilterTerms
from tilewise.algorithms.plan import Location, step
from tilewise.algorithms.winograd_transforms import TAPS, Tile
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_widen
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    [
        "items", "chunks", "chunks_per_item", "item_count", "product_bytes", "channels", "channel_stride",
        "chunk_ptr", "piece_ptr", "row_ptr", "term_ptr", "weight_ptr", "transformed_ptr",
    ]
)  # fmt: skip
_PER_ITEM = 64
# Terms that are turned before they are transformed.
_CHUNK = 16


@dataclass(frozen=True)
class _Walk:
    """Tables of the walk: for each chunk (first piece, pieces, first term, terms); for each piece, a run that is dense
    in memory, (byte offset, elements, first element); for each element its row of the scratch; each term's number.
    """

    chunks: NDArray[np.int64]
    pieces: NDArray[np.int64]
    rows: NDArray[np.int64]
    terms: NDArray[np.int64]


def _walk(filters: FilterTerms, each: int, longest: int) -> _Walk:
    """`filters` lists the taps of a term side by side, `each` of them."""
    offsets = filters.offsets.reshape(-1, each)
    terms = np.argsort(offsets.min(axis=1), kind="stable")
    chunks, pieces, rows = [], [], []
    count = elements = 0
    for first in range(0, len(terms), _CHUNK):
        chunk = offsets[terms[first : first + _CHUNK]].ravel()
        order = np.argsort(chunk, kind="stable")
        places = chunk[order]
        breaks = np.flatnonzero(np.diff(places) != filters.element) + 1
        bounds = np.concatenate([[0], breaks, [len(places)]])
        starts = np.concatenate([np.arange(a, z, longest) for a, z in itertools.pairwise(bounds)])
        ends = np.append(starts[1:], len(places))
        pieces.append(np.stack([places[starts], ends - starts, elements + starts], 1))
        chunks.append((count, len(starts), first, min(_CHUNK, len(terms) - first)))
        rows.append(order)
        count, elements = count + len(starts), elements + len(order)
    return _Walk(np.array(chunks, np.int64), np.concatenate(pieces), np.concatenate(rows), terms)


def product_bytes(terms: int, lanes: int, accumulator: str) -> int:
    """From product to product of transformed filters: written together, they must not share cache sets."""
    return terms * lanes * ELEMENT_BYTES[accumulator] + 192


def transform_filters(
    filters: FilterTerms, tile: Tile, channels: int, lanes: int, dtype: str, accumulator: str, weight: Location,
    to: Location, target: Target,
) -> Step:  # fmt: skip
    """The step from a weight tensor to `[block][product][term][lanes]`; lanes past the last channel become zero.

    `filters` lists the taps of each term side by side.
    """
    dense = filters.channel_stride == filters.element
    walk = _walk(filters, tile.taps, 1 if dense else target.lanes(accumulator))
    blocks, chunks = -(-channels // lanes), len(walk.chunks)
    per_item = max(1, min(_PER_ITEM // _CHUNK, chunks))
    values = {
        "items": blocks * -(-chunks // per_item), "chunks": chunks, "chunks_per_item": per_item,
        "item_count": -(-chunks // per_item), "product_bytes": product_bytes(len(walk.terms), lanes, accumulator),
        "channels": channels,
        "channel_stride": filters.channel_stride,
    }  # fmt: skip
    addresses = {"weight_ptr": weight, "transformed_ptr": to}
    tables = {
        "chunk_ptr": walk.chunks, "piece_ptr": walk.pieces, "row_ptr": walk.rows, "term_ptr": walk.terms,
    }  # fmt: skip
    return step(_kernel(tile, dense, lanes, dtype, accumulator, target), _ARGUMENTS, values, addresses, tables)


@functools.cache
def _kernel(tile: Tile, dense: bool, lanes: int, dtype: str, accumulator: str, target: Target) -> str:
    b, v, a = begin_vectors(_ARGUMENTS, accumulator, target)
    taps, vector = tile.taps, v.lanes * v.bytes
    scratch = b.stack(_CHUNK * taps * vector)
    row_bytes = lanes * v.bytes

    def row(element: Value) -> str:
        return b.at(scratch, b.mul(b.word(a["row_ptr"], element), vector))

    with tickets(b, a["items"]) as item:
        block, part = split(b, item, a["item_count"])
        first = b.mul(part, a["chunks_per_item"])
        to_block = b.at(a["transformed_ptr"], b.mul(b.mul(block, a["product_bytes"]), tile.products))
        with b.loop(0, lanes, v.lanes) as j:
            done = b.add(b.mul(block, lanes), j.index)
            left = b.max(b.min(b.sub(a["channels"], done), v.lanes), 0)
            source = b.at(a["weight_ptr"], b.mul(done, a["channel_stride"]))
            to = b.at(to_block, b.mul(j.index, v.bytes))
            with b.loop(first, b.min(b.add(first, a["chunks_per_item"]), a["chunks"])) as chunk:
                first_piece, pieces, first_term, terms = b.entry(a["chunk_ptr"], chunk.index, 4)
                with b.loop(first_piece, b.add(first_piece, pieces)) as piece:
                    offset, count, element = b.entry(a["piece_ptr"], piece.index, 3)
                    at = b.at(source, offset)
                    if dense:
                        v.store(v.load_masked(at, v.mask(left), dtype), row(element))
                    else:
                        _turn(b, v, a["channel_stride"], dtype, at, count, element, left, row)
                with b.loop(first_term, b.add(first_term, terms)) as term:
                    near = b.at(scratch, b.mul(b.sub(term.index, first_term), taps * vector))
                    values = [v.load(b.at(near, i * vector)) for i in range(taps)]
                    grid = [values[i : i + TAPS] for i in range(0, taps, TAPS)]
                    place = b.at(to, b.mul(b.word(a["term_ptr"], term.index), row_bytes))
                    for number, value in enumerate(value for line in tile.filter(v, grid) for value in line):
                        v.store(value, b.at(place, b.mul(a["product_bytes"], number)))
    return b.text()


def _turn(
    b: Builder, v: Vectors, channel_stride: Value, dtype: str, at: str, count: Value, element: Value, left: Value,
    row: Callable[[Value], str],
) -> None:  # fmt: skip
    """A piece of each channel becomes rows of channels."""

    def whole() -> None:
        mask = v.mask(count)
        lines = [v.load_masked(b.at(at, b.mul(channel_stride, k)), mask, dtype) for k in range(v.lanes)]
        for k, value in enumerate(v.transpose(lines)):
            with b.when(b.compare("slt", k, count)):
                v.store(value, row(b.add(element, k)))

    def tail() -> None:
        with b.loop(0, count) as i:
            to = row(b.add(element, i.index))
            v.store(v.zero, to)
            with b.loop(0, left) as k:
                near = b.at(at, b.mul(channel_stride, k.index), b.mul(i.index, ELEMENT_BYTES[dtype]))
                value = scalar_widen(b, near, dtype, v.element)
                b.store(v.element, value, b.at(to, b.mul(k.index, v.bytes)), v.bytes)

    b.either(b.compare("sge", left, v.lanes), whole, tail)


_GRADIENT_ARGUMENTS = Arguments(
    ["items", "chunks", "per_item", "terms", "pieces", "piece_bytes", "partial_ptr", "packed_ptr"]
)


def gather_gradients(
    tile: Tile, blocks: int, terms: int, lanes: int, accumulator: str, pieces: int, partial: Location, to: Location,
    target: Target,
) -> Step:  # fmt: skip
    """The step back: sums of products, `[piece][block][product][term][lanes]`, to `[block][term][tap][lanes]`."""
    chunks = -(-terms // _PER_ITEM)
    values = {
        "items": blocks * chunks, "chunks": chunks, "per_item": _PER_ITEM, "terms": terms, "pieces": pieces,
        "piece_bytes": blocks * tile.products * terms * lanes * ELEMENT_BYTES[accumulator],
    }  # fmt: skip
    addresses = {"partial_ptr": partial, "packed_ptr": to}
    return step(_gradient_kernel(tile, lanes, accumulator, target), _GRADIENT_ARGUMENTS, values, addresses)


@functools.cache
def _gradient_kernel(tile: Tile, lanes: int, accumulator: str, target: Target) -> str:
    b, v, a = begin_vectors(_GRADIENT_ARGUMENTS, accumulator, target)
    row_bytes = lanes * v.bytes
    with tickets(b, a["items"]) as item:
        block, chunk = split(b, item, a["chunks"])
        first, last = share(b, chunk, a["per_item"], a["terms"])
        start = b.mul(block, a["terms"])
        product_bytes = b.mul(a["terms"], row_bytes)
        at_block = b.at(a["partial_ptr"], b.mul(start, tile.products * row_bytes))
        with b.loop(first, last) as term, b.loop(0, row_bytes, v.lanes * v.bytes) as j:
            at = b.at(at_block, b.mul(term.index, row_bytes), j.index)
            carried = [(v.type, v.zero)] * tile.products
            with b.loop(0, a["pieces"], carried=carried) as piece:
                near = b.at(at, b.mul(piece.index, a["piece_bytes"]))
                piece.carry(
                    [
                        v.add(total, v.load(b.at(near, b.mul(product_bytes, number))))
                        for number, total in enumerate(piece.values)
                    ]
                )
            grid = [list(piece.results[i * tile.inputs :][: tile.inputs]) for i in range(tile.rows)]
            to = b.at(a["packed_ptr"], b.mul(b.add(start, term.index), tile.taps * row_bytes), j.index)
            for number, value in enumerate(value for row in tile.gradient(v, grid) for value in row):
                v.store(value, b.at(to, number * row_bytes))
    return b.text()
