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

from tilewise.algorithms.common.filter_terms import FilterTerms
from tilewise.algorithms.common.plan import Location, pieces_of, step
from tilewise.algorithms.winograd.transforms import Tile
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_widen
from tilewise.runtime import Step
from tilewise.target import Target

# What a kernel that transforms filters is told of them, besides `outputs`: channels of the result. The tables are those
# of a `FilterWalk`.
ARGUMENTS = ("channel_stride", "chunk_ptr", "piece_ptr", "row_ptr", "weight_ptr")
_ARGUMENTS = Arguments(
    [
        "items", "chunks", "chunks_per_item", "item_count", "product_bytes", "outputs", *ARGUMENTS, "term_ptr",
        "transformed_ptr",
    ]
)  # fmt: skip
_PER_ITEM, _LEAST_TERMS = 64, 8
# Terms that are turned before they are transformed.
_CHUNK = 16


@dataclass(frozen=True)
class FilterWalk:
    """Tables of the walk: for each chunk (first piece, pieces, first term, terms); for each piece, a run that is dense
    in memory, (byte offset, elements, first element); for each element its row of the scratch; each term's number.
    `gaps`: whether some terms have fewer taps than others.
    """

    chunks: NDArray[np.int64]
    pieces: NDArray[np.int64]
    rows: NDArray[np.int64]
    terms: NDArray[np.int64]
    gaps: bool

    @property
    def tables(self) -> dict[str, NDArray[np.int64]]:
        """Those of ARGUMENTS."""
        return {"chunk_ptr": self.chunks, "piece_ptr": self.pieces, "row_ptr": self.rows}


def filter_walk(filters: FilterTerms, tile: Tile, lanes: int, chunk: int = _CHUNK) -> FilterWalk:
    """`filters` lists the taps of a term side by side; a piece is turned in squares of `lanes` registers.

    Taps that a term does not have lie before the tensor.
    """
    return _walk(filters.offsets.tobytes(), tile.taps, filters.element, 1 if filters.dense else lanes, chunk)


@functools.lru_cache(maxsize=64)
def _walk(packed: bytes, taps: int, element: int, longest: int, chunk: int) -> FilterWalk:
    """The same for offsets as bytes and the longest piece: it costs more than a plan, and the size of an image has no
    part in it."""
    offsets = np.frombuffer(packed, np.int64).reshape(-1, taps)
    terms = np.argsort(np.where(offsets < 0, offsets.max(), offsets).min(axis=1), kind="stable")
    chunks, pieces, rows = [], [], []
    count = elements = 0
    for first in range(0, len(terms), chunk):
        some = offsets[terms[first : first + chunk]].ravel()
        order = np.argsort(some, kind="stable")
        order = order[np.count_nonzero(some < 0) :]
        places = some[order]
        breaks = np.flatnonzero(np.diff(places) != element) + 1
        bounds = np.concatenate([[0], breaks, [len(places)]])
        starts = np.concatenate([np.arange(a, z, longest) for a, z in itertools.pairwise(bounds)])
        ends = np.append(starts[1:], len(places))
        pieces.append(np.stack([places[starts], ends - starts, elements + starts], 1))
        chunks.append((count, len(starts), first, min(chunk, len(terms) - first)))
        rows.append(order)
        count, elements = count + len(starts), elements + len(order)
    pieces.append(pieces[-1])  # the last chunk looks ahead, too
    gaps = bool((offsets < 0).any())
    return FilterWalk(np.array(chunks, np.int64), np.concatenate(pieces), np.concatenate(rows), terms, gaps)


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
    walk = filter_walk(filters, tile, target.lanes(accumulator))
    blocks, chunks = -(-channels // lanes), len(walk.chunks)
    per_item = max(1, min(_PER_ITEM // _CHUNK, chunks))
    values = {
        "items": blocks * -(-chunks // per_item), "chunks": chunks, "chunks_per_item": per_item,
        "item_count": -(-chunks // per_item), "product_bytes": product_bytes(len(walk.terms), lanes, accumulator),
        "outputs": channels, "channel_stride": filters.channel_stride,
    }  # fmt: skip
    addresses = {"weight_ptr": weight, "transformed_ptr": to}
    tables = walk.tables | {"term_ptr": walk.terms}
    text = _kernel(tile, filters.dense, walk.gaps, lanes, dtype, accumulator, target)
    return step(text, _ARGUMENTS, values, addresses, tables)


@functools.cache
def _kernel(tile: Tile, dense: bool, gaps: bool, lanes: int, dtype: str, accumulator: str, target: Target) -> str:
    b, v, a = begin_vectors(_ARGUMENTS, accumulator, target)
    transform = FilterTransform(b, v, a, tile, dense, lanes, dtype, gaps=gaps)
    with tickets(b, a["items"]) as item:
        block, part = split(b, item, a["item_count"])
        to = b.at(a["transformed_ptr"], b.mul(b.mul(block, a["product_bytes"]), tile.products))

        def place(term: Value) -> str:
            return b.at(to, b.mul(b.word(a["term_ptr"], term), lanes * v.bytes))

        transform.chunks(block, share(b, part, a["chunks_per_item"], a["chunks"]), place, a["product_bytes"])
    return b.text()


class FilterTransform:
    """Code that turns chunks of a walk into the factors of products, for blocks of `lanes` output channels."""

    def __init__(
        self, b: Builder, v: Vectors, a: dict[str, str], tile: Tile, dense: bool, lanes: int, dtype: str,
        chunk: int = _CHUNK, gaps: bool = False,
    ):  # fmt: skip
        """`dense`: whether output channels lie side by side in the weight tensor; `gaps`: as of a walk."""
        self.b, self.v, self.a, self.tile = b, v, a, tile
        self.dense, self.lanes, self.dtype, self.gaps = dense, lanes, dtype, gaps
        self.vector = v.lanes * v.bytes
        self.scratch = b.stack(chunk * tile.taps * self.vector)

    def chunks(
        self, block: Value, chunks: tuple[Value, Value], place: Callable[[Value], str], product_bytes: Value
    ) -> None:
        """A range of chunks; `place` gives where the first product of a term, counted as they are walked, goes."""
        b, v, a, tile = self.b, self.v, self.a, self.tile
        with b.loop(0, self.lanes, v.lanes) as j:
            done = b.add(b.mul(block, self.lanes), j.index)
            left = b.max(b.min(b.sub(a["outputs"], done), v.lanes), 0)
            source = b.at(a["weight_ptr"], b.mul(done, a["channel_stride"]))
            with b.loop(*chunks) as chunk:
                first_piece, pieces, first_term, terms = b.entry(a["chunk_ptr"], chunk.index, 4)
                if self.gaps:
                    with b.loop(0, b.mul(terms, tile.taps)) as row:
                        v.store(v.zero, b.at(self.scratch, b.mul(row.index, self.vector)))
                with b.loop(first_piece, b.add(first_piece, pieces)) as piece:
                    offset, count, element = b.entry(a["piece_ptr"], piece.index, 3)
                    ahead = b.load("i64", b.at(a["piece_ptr"], b.mul(b.add(piece.index, pieces), 24)), 8)
                    self._turn(b.at(source, offset), count, element, left, b.at(source, ahead))
                with b.loop(first_term, b.add(first_term, terms)) as term:
                    near = b.at(self.scratch, b.mul(b.sub(term.index, first_term), tile.taps * self.vector))
                    values = [v.load(b.at(near, i * self.vector)) for i in range(tile.taps)]
                    grid = [values[i : i + tile.wide.taps] for i in range(0, tile.taps, tile.wide.taps)]
                    to = b.at(place(term.index), b.mul(j.index, v.bytes))
                    for number, value in enumerate(value for line in tile.filter(v, grid) for value in line):
                        v.store(value, b.at(to, b.mul(product_bytes, number)))

    def _row(self, element: Value) -> str:
        return self.b.at(self.scratch, self.b.mul(self.b.word(self.a["row_ptr"], element), self.vector))

    def _turn(self, at: str, count: Value, element: Value, left: Value, ahead: str) -> None:
        """A piece of each channel becomes rows of channels; its like in the next chunk is asked for."""
        b, v, dtype, channel_stride = self.b, self.v, self.dtype, self.a["channel_stride"]
        if self.dense:
            v.store(v.load_masked(at, v.mask(left), dtype), self._row(element))
            return

        def whole() -> None:
            mask = v.mask(count)
            for k in range(v.lanes):
                b.prefetch(b.at(ahead, b.mul(channel_stride, k)))
            lines = [v.load_masked(b.at(at, b.mul(channel_stride, k)), mask, dtype) for k in range(v.lanes)]
            for k, value in enumerate(v.transpose(lines)):
                with b.when(b.compare("slt", k, count)):
                    v.store(value, self._row(b.add(element, k)))

        def tail() -> None:
            with b.loop(0, count) as i:
                to = self._row(b.add(element, i.index))
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
    per_item = max(_LEAST_TERMS, -(-_PER_ITEM // pieces_of(blocks * -(-terms // _PER_ITEM))))
    chunks = -(-terms // per_item)
    values = {
        "items": blocks * chunks, "chunks": chunks, "per_item": per_item, "terms": terms, "pieces": pieces,
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
