"""Filters between PyTorch's order and the kernels': [group][block][term][lanes], lanes being channels.

A kernel with channels in its lanes wants, for each term of its sum (a channel and a tap), the filters of a block
of channels side by side; PyTorch stores each filter's taps side by side. Both directions (`pack_filters` before a
contraction, `unpack_gradient` after a weight gradient) walk the weight tensor in the order of its memory, a
square at a time, and transpose squares in registers; a table says which term each element is.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.plan import Base, Location, step
from tilewise.ir.builder import Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, scalar_widen
from tilewise.ir.watch import Watch
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    [
        "items", "blocks", "chunks", "runs_per_chunk", "runs", "run_length", "terms", "channels", "group_stride",
        "channel_stride", "pieces", "piece_stride", "offset_ptr", "term_ptr", "weight_ptr", "packed_ptr",
        "status_ptr",
    ]
)  # fmt: skip


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


def packed_bytes(terms: int, channels: int, groups: int, lanes: int, accumulator: str) -> int:
    """The size of packed filters."""
    return groups * -(-channels // lanes) * lanes * terms * ELEMENT_BYTES[accumulator]


def pack_filters(
    terms: FilterTerms,
    channels: int,
    groups: int,
    lanes: int,
    dtype: str,
    accumulator: str,
    weight: Location,
    packed: Location,
    target: Target,
) -> Step:
    """The step that packs `channels` filters of each group. Lanes past the last channel become zero.

    Infinities and NaN are reported through the status word, because the zeros of the padding would turn them into
    NaN where PyTorch skips the padding.
    """
    dense_lanes = terms.channel_stride == ELEMENT_BYTES[dtype]
    kernel = _pack_rows if dense_lanes else _pack_squares
    text = kernel(lanes, dtype, accumulator, target)
    return _step(text, terms, channels, groups, lanes, weight, packed, dense_lanes, 1, 0, False)


def unpack_gradient(
    terms: FilterTerms,
    channels: int,
    groups: int,
    lanes: int,
    dtype: str,
    accumulator: str,
    pieces: int,
    weight: Location,
    partial: Location,
    target: Target,
    rows: NDArray[np.int64] | None = None,
    row_count: int = 0,
) -> Step:
    """The step that adds `pieces` partial gradients in order and writes them where the weight tensor has them.

    Partial gradients are [piece][group][block][row][lanes]; `rows` says in which of `row_count` rows each term is,
    where that is not its own number.
    """
    count = len(terms.offsets)
    rows, row_count = (np.arange(count), count) if rows is None else (rows, row_count)
    piece = packed_bytes(row_count, channels, groups, lanes, accumulator)
    text = _unpack_squares(lanes, dtype, accumulator, target)
    return _step(text, terms, channels, groups, lanes, weight, partial, False, pieces, piece, True, rows, row_count)


def _step(
    text: str, terms: FilterTerms, channels: int, groups: int, lanes: int, weight: Location, packed: Location,
    dense_lanes: bool, pieces: int, piece_stride: int, waits: bool, rows: NDArray[np.int64] | None = None,
    row_count: int = 0,
) -> Step:  # fmt: skip
    if dense_lanes:
        offsets, length, term = terms.offsets, 1, np.arange(len(terms.offsets), dtype=np.int64)
    else:
        offsets, length, term = terms.runs
    if rows is not None:
        term = rows[term]
    blocks = -(-channels // lanes)
    # A run longer than this is cut, so that a single long one can be shared between threads.
    while length > 256 and length % 2 == 0:
        length //= 2
        offsets = np.stack([offsets, offsets + length * terms.element], 1).ravel()
    per_chunk = max(1, 1024 // length)
    chunks = -(-len(offsets) // per_chunk)
    values = {
        "items": groups * blocks * chunks, "blocks": blocks, "chunks": chunks, "runs_per_chunk": per_chunk,
        "runs": len(offsets), "run_length": length, "terms": row_count or len(terms.offsets), "channels": channels,
        "group_stride": terms.group_stride, "channel_stride": terms.channel_stride, "pieces": pieces,
        "piece_stride": piece_stride,
    }  # fmt: skip
    places = {"weight_ptr": weight, "packed_ptr": packed, "status_ptr": Location(Base.STATUS)}
    return step(text, _ARGUMENTS, values, places, {"offset_ptr": offsets, "term_ptr": term}, waits=waits)


@dataclass(frozen=True)
class _Item:
    """What one ticket does: a range of runs of one block of channels of one group."""

    group: Value
    block: Value
    runs: tuple[Value, Value]
    panel: str  # the packed filters of the block


class _Frame:
    """What the kernels of this file share: the walk over groups, blocks, runs."""

    def __init__(self, lanes: int, dtype: str, accumulator: str, target: Target):
        self.b, self.v, self.a = begin_vectors(_ARGUMENTS, accumulator, target)
        self.lanes = lanes
        self.row_bytes = lanes * self.v.bytes
        self.dtype = dtype
        self.watch = Watch(self.v)

    @contextmanager
    def items(self) -> Iterator[_Item]:
        """The body runs for each item that a thread draws; infinities and NaN that it sees are reported."""
        b, a = self.b, self.a
        with tickets(b, a["items"]) as item:
            group, block, chunk = split(b, item, a["blocks"], a["chunks"])
            runs = share(b, chunk, a["runs_per_chunk"], a["runs"])
            before = b.mul(b.mul(b.add(b.mul(group, a["blocks"]), block), a["terms"]), self.row_bytes)
            self.watch.begin()
            yield _Item(group, block, runs, b.at(a["packed_ptr"], before))
            self.watch.report(a["status_ptr"])

    def channels(self, item: _Item, first: Value) -> tuple[str, Value]:
        """Where the weights of a block's channels lie from one of them on, and how many channels there still are."""
        b, a = self.b, self.a
        done = b.add(b.mul(item.block, self.lanes), first)
        to = b.at(a["weight_ptr"], b.mul(item.group, a["group_stride"]), b.mul(done, a["channel_stride"]))
        return to, b.sub(a["channels"], done)


@functools.cache
def _pack_rows(lanes: int, dtype: str, accumulator: str, target: Target) -> str:
    """Lanes lie side by side in the weight tensor: each term is a row to copy."""
    f = _Frame(lanes, dtype, accumulator, target)
    b, v, a = f.b, f.v, f.a
    with f.items() as item:
        source, left = f.channels(item, 0)
        masks = [v.mask(b.sub(left, j)) for j in range(0, lanes, v.lanes)]
        with b.loop(*item.runs) as i:
            at, row = b.at(source, b.word(a["offset_ptr"], i.index)), b.at(item.panel, b.mul(i.index, f.row_bytes))
            for j, mask in enumerate(masks):
                value = v.load_masked(b.at(at, j * v.lanes * ELEMENT_BYTES[dtype]), mask, dtype)
                v.store(value, b.at(row, j * v.lanes * v.bytes))
                f.watch.see(value)
    return b.text()


@functools.cache
def _pack_squares(lanes: int, dtype: str, accumulator: str, target: Target) -> str:
    """Squares of `v.lanes` channels by as many elements of a run, transposed in registers."""
    f = _Frame(lanes, dtype, accumulator, target)
    b, v, a = f.b, f.v, f.a
    element = ELEMENT_BYTES[dtype]
    with f.items() as item, b.loop(0, lanes, v.lanes) as j:
        source, left = f.channels(item, j.index)
        column = b.at(item.panel, b.mul(j.index, v.bytes))

        def place(rows: list[str], term: Value, count: Value, column: str = column) -> None:
            for k, value in enumerate(v.transpose(rows)):
                with b.when(b.compare("slt", k, count)):
                    number = b.word(a["term_ptr"], b.add(term, k))
                    v.store(value, b.at(column, b.mul(number, f.row_bytes)))
                    f.watch.see(value)

        def whole(source: str = source) -> None:
            with b.loop(*item.runs) as run:
                start = b.at(source, b.word(a["offset_ptr"], run.index))
                term = b.mul(run.index, a["run_length"])
                with b.loop(0, a["run_length"], v.lanes) as i:
                    at = b.at(start, b.mul(i.index, element))
                    count = b.sub(a["run_length"], i.index)
                    mask = v.mask(count)
                    rows = [v.load_masked(b.at(at, b.mul(a["channel_stride"], k)), mask, dtype) for k in range(v.lanes)]
                    place(rows, b.add(term, i.index), count)

        def tail(source: str = source, left: Value = left, column: str = column) -> None:
            with b.loop(*item.runs) as run:
                start = b.at(source, b.word(a["offset_ptr"], run.index))
                term = b.mul(run.index, a["run_length"])
                with b.loop(0, a["run_length"]) as i:
                    number = b.word(a["term_ptr"], b.add(term, i.index))
                    row = b.at(column, b.mul(number, f.row_bytes))
                    v.store(v.zero, row)
                    at = b.at(start, b.mul(i.index, element))
                    with b.loop(0, left) as k:
                        value = scalar_widen(b, b.at(at, b.mul(k.index, a["channel_stride"])), dtype, v.element)
                        b.store(v.element, value, b.at(row, b.mul(k.index, v.bytes)), v.bytes)
                    f.watch.see(v.load(row))

        b.either(b.compare("sge", left, v.lanes), whole, tail)
    return b.text()


@functools.cache
def _unpack_squares(lanes: int, dtype: str, accumulator: str, target: Target) -> str:
    """The reverse walk: rows of the partial gradients, summed over pieces, transposed into runs.

    Zeros of the padding times infinity are NaN: PyTorch multiplies no zeros, so such results are its to give.
    """
    f = _Frame(lanes, dtype, accumulator, target)
    b, v, a = f.b, f.v, f.a
    element = ELEMENT_BYTES[dtype]
    scratch = b.stack(v.lanes * v.lanes * v.bytes)
    with f.items() as item, b.loop(0, lanes, v.lanes) as j:
        to, left = f.channels(item, j.index)
        column = b.at(item.panel, b.mul(j.index, v.bytes))
        with b.loop(*item.runs) as run:
            start = b.at(to, b.word(a["offset_ptr"], run.index))
            term = b.mul(run.index, a["run_length"])
            with b.loop(0, a["run_length"], v.lanes) as i:
                count = b.min(b.sub(a["run_length"], i.index), v.lanes)
                with b.loop(0, count) as k:
                    number = b.word(a["term_ptr"], b.add(term, i.index, k.index))
                    row = b.at(column, b.mul(number, f.row_bytes))
                    with b.loop(0, a["pieces"], carried=[(v.type, v.zero)]) as piece:
                        value = v.load(b.at(row, b.mul(piece.index, a["piece_stride"])))
                        piece.carry([v.add(piece.values[0], value)])
                    v.store(piece.results[0], b.at(scratch, b.mul(k.index, v.lanes * v.bytes)))
                square = [v.load(b.at(scratch, k * v.lanes * v.bytes)) for k in range(v.lanes)]
                at, mask = b.at(start, b.mul(i.index, element)), v.mask(count)
                for lane, value in enumerate(v.transpose(square)):
                    with b.when(b.compare("sgt", left, lane)):
                        v.store_masked(value, b.at(at, b.mul(a["channel_stride"], lane)), mask, dtype)
                        f.watch.see(v.select(mask, value))
    return b.text()
