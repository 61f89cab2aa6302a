"""Kernels that carry filters between PyTorch's order and [group][block][term][lanes], a square at a time.

They walk the weight tensor in the order of its memory; tables say where runs of it lie and which term each element is.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass

from tilewise.ir.builder import Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, scalar_widen
from tilewise.ir.watch import Watch
from tilewise.target import Target

ARGUMENTS = Arguments(
    [
        "items", "block_chunks", "blocks_per_chunk", "blocks", "chunks", "runs_per_chunk", "runs", "run_length",
        "terms", "channels", "group_stride", "channel_stride", "pieces", "piece_stride", "offset_ptr", "term_ptr",
        "weight_ptr", "packed_ptr", "status_ptr",
    ]
)  # fmt: skip
_LINE = 64


@dataclass(frozen=True)
class _Item:
    """A range of runs of one block of channels of one group."""

    group: Value
    block: Value
    runs: tuple[Value, Value]
    panel: str  # the packed filters of the block


@dataclass(frozen=True)
class _Squares:
    """A vector's channels of a few elements of a run."""

    weights: str  # where the run begins, of the first channel
    left: Value  # channels from the first one on
    column: str  # where the channels lie in the first row of the panel
    term: Value  # the number of the run's first term
    elements: tuple[Value, Value]  # first and one past the last


class _Frame:
    """What the kernels of this file share: the walk over groups, blocks, runs."""

    def __init__(self, lanes: int, accumulator: str, target: Target):
        self.b, self.v, self.a = begin_vectors(ARGUMENTS, accumulator, target)
        self.lanes = lanes
        self.row_bytes = lanes * self.v.bytes
        self.watch = Watch(self.v)

    @contextlib.contextmanager
    def items(self) -> Iterator[_Item]:
        """The body runs for each block of the items that a thread draws; it reports infinities and NaN that it sees."""
        b, a = self.b, self.a
        with tickets(b, a["items"]) as item:
            group, block_chunk, chunk = split(b, item, a["block_chunks"], a["chunks"])
            runs = share(b, chunk, a["runs_per_chunk"], a["runs"])
            self.watch.begin()
            with b.loop(*share(b, block_chunk, a["blocks_per_chunk"], a["blocks"])) as block:
                before = b.mul(b.mul(b.add(b.mul(group, a["blocks"]), block.index), a["terms"]), self.row_bytes)
                yield _Item(group, block.index, runs, b.at(a["packed_ptr"], before))
            self.watch.report(a["status_ptr"])

    @contextlib.contextmanager
    def squares(self, squares: int = 1) -> Iterator[_Squares]:
        """The body runs for a vector's channels by a cache line of a run, and then for the block's other channels.

        So every line, on either side, is gone through while it is near. `squares`: those that share one.
        """
        b, a = self.b, self.a
        step = squares * _LINE // self.v.bytes
        with self.items() as item, b.loop(*item.runs) as run:
            offset, term = b.word(a["offset_ptr"], run.index), b.mul(run.index, a["run_length"])
            with b.loop(0, a["run_length"], step) as line, b.loop(0, self.lanes, self.v.lanes) as j:
                end = b.min(b.add(line.index, step), a["run_length"])
                at, left = self.channels(item, j.index)
                column = b.at(item.panel, b.mul(j.index, self.v.bytes))
                yield _Squares(b.at(at, offset), left, column, term, (line.index, end))

    def channels(self, item: _Item, first: Value) -> tuple[str, Value]:
        """Where the weights of a block's channels lie from one of them on, and how many channels there still are."""
        b, a = self.b, self.a
        done = b.add(b.mul(item.block, self.lanes), first)
        to = b.at(a["weight_ptr"], b.mul(item.group, a["group_stride"]), b.mul(done, a["channel_stride"]))
        return to, b.sub(a["channels"], done)


@functools.cache
def pack_rows(lanes: int, dtype: str, accumulator: str, target: Target) -> str:
    """Lanes lie side by side in the weight tensor: each term is a row to copy."""
    f = _Frame(lanes, accumulator, target)
    b, v, a = f.b, f.v, f.a
    with f.items() as item:
        source, left = f.channels(item, 0)
        masks = [v.mask(b.sub(left, j)) for j in range(0, lanes, v.lanes)]
        with b.loop(*item.runs) as i:
            at, row = b.at(source, b.word(a["offset_ptr"], i.index)), b.at(item.panel, b.mul(i.index, f.row_bytes))
            values = [
                v.load_masked(b.at(at, j * v.lanes * ELEMENT_BYTES[dtype]), mask, dtype) for j, mask in enumerate(masks)
            ]
            for j, value in enumerate(values):
                v.store(value, b.at(row, j * v.lanes * v.bytes))
            f.watch.see(*values)
    return b.text()


@functools.cache
def pack_squares(lanes: int, dtype: str, accumulator: str, target: Target) -> str:
    """Squares of `v.lanes` channels by as many elements of a run, transposed in registers."""
    f = _Frame(lanes, accumulator, target)
    b, v, a = f.b, f.v, f.a
    element = ELEMENT_BYTES[dtype]
    with f.squares() as some:

        def row(index: Value, some: _Squares = some) -> str:
            number = b.word(a["term_ptr"], b.add(some.term, index))
            return b.at(some.column, b.mul(number, f.row_bytes))

        def square(first: Value, at: str, count: Value | None = None) -> None:
            """All of a square, or only so many of its elements."""
            mask = "" if count is None else v.mask(count)
            places = [b.at(at, b.mul(a["channel_stride"], k)) for k in range(v.lanes)]
            rows = [v.load_masked(place, mask, dtype) if mask else v.load_as(place, dtype) for place in places]
            for k, value in enumerate(v.transpose(rows)):
                with contextlib.nullcontext() if count is None else b.when(b.compare("slt", k, count)):
                    v.store(value, row(b.add(first, k)))
            f.watch.see(*rows)

        def channels(some: _Squares = some) -> None:
            with b.loop(*some.elements, v.lanes) as i:
                at, count = b.at(some.weights, b.mul(i.index, element)), b.sub(some.elements[1], i.index)
                b.either(
                    b.compare("sge", count, v.lanes),
                    functools.partial(square, i.index, at),
                    functools.partial(square, i.index, at, count),
                )

        def tail(some: _Squares = some) -> None:
            with b.loop(*some.elements) as i:
                to = row(i.index)
                v.store(v.zero, to)
                at = b.at(some.weights, b.mul(i.index, element))
                with b.loop(0, some.left) as k:
                    value = scalar_widen(b, b.at(at, b.mul(k.index, a["channel_stride"])), dtype, v.element)
                    b.store(v.element, value, b.at(to, b.mul(k.index, v.bytes)), v.bytes)
                f.watch.see(v.load(to))

        b.either(b.compare("sge", some.left, v.lanes), channels, tail)
    return b.text()


@functools.cache
def unpack_squares(lanes: int, dtype: str, accumulator: str, squares: int, target: Target) -> str:
    """The reverse walk: rows of the partial gradients, summed over pieces, transposed into runs.

    `squares`: how many of 16-bit elements are written together.

    Zeros of the padding times infinity are NaN: PyTorch multiplies no zeros, so such results are its to give.
    """
    f = _Frame(lanes, accumulator, target)
    b, v, a = f.b, f.v, f.a
    scratch = b.stack(squares * v.lanes * v.lanes * v.bytes)
    with f.squares(squares) as some, b.loop(*some.elements, squares * v.lanes) as i:
        count = b.min(b.sub(some.elements[1], i.index), squares * v.lanes)
        with b.loop(0, count) as k:
            number = b.word(a["term_ptr"], b.add(some.term, i.index, k.index))
            row = b.at(some.column, b.mul(number, f.row_bytes))
            with b.loop(0, a["pieces"], carried=[(v.type, v.zero)]) as piece:
                value = v.load(b.at(row, b.mul(piece.index, a["piece_stride"])))
                piece.carry([v.add(piece.values[0], value)])
            v.store(piece.results[0], b.at(scratch, b.mul(k.index, v.lanes * v.bytes)))
        at = b.at(some.weights, b.mul(i.index, ELEMENT_BYTES[dtype]))

        def columns(square: int) -> list[str]:
            first = square * v.lanes
            return v.transpose([v.load(b.at(scratch, (first + k) * v.lanes * v.bytes)) for k in range(v.lanes)])

        def full(at: str = at) -> None:
            table = [columns(square) for square in range(squares)]
            for lane, values in enumerate(zip(*table, strict=True)):
                v.store_all_as(values, b.at(at, b.mul(a["channel_stride"], lane)), dtype)
            f.watch.see(*(value for column in table for value in column))

        def part(at: str = at, some: _Squares = some, count: Value = count) -> None:
            for square in range(squares):
                mask = v.mask(b.sub(count, square * v.lanes))
                beyond = b.at(at, square * v.lanes * ELEMENT_BYTES[dtype])
                for lane, value in enumerate(columns(square)):
                    with b.when(b.compare("sgt", some.left, lane)):
                        v.store_masked(value, b.at(beyond, b.mul(a["channel_stride"], lane)), mask, dtype)
                        f.watch.see(v.select(mask, value))

        whole = b.both(b.compare("sge", some.left, v.lanes), b.compare("eq", count, squares * v.lanes))
        b.either(whole, full, part)
    return b.text()
