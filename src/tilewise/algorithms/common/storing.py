"""A tile of sums to memory: from registers where its pixels lie as they do there, else through a scratch tile.

Sums that wait in a scratch tile, [pixel][channel], are written in the result's layout.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tilewise.ir.builder import Builder, Value
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors


def store_mode(channel_stride: int, pixel_stride: int, element: int) -> str:
    """How a result is written: rows (channels dense), planes (pixels dense) or scattered; strides in bytes."""
    return "rows" if channel_stride == element else "planes" if pixel_stride == element else "scattered"


@dataclass
class TileStore:
    """Writes `width` pixels of up to `lanes` channels from scratch rows of `lanes` accumulators."""

    b: Builder
    v: Vectors
    dtype: str
    lanes: int
    mode: str
    pixel_stride: Value
    channel_stride: Value

    @property
    def row_bytes(self) -> int:
        """From one pixel to the next in the scratch tile."""
        return self.lanes * self.v.bytes

    def store(self, scratch: str, to: str, left: Value, width: Value) -> None:
        """Write the tile; `left` is how many channels there are (more than `lanes` counts as `lanes`).

        `planes` reads whole squares, so the scratch tile must have rows up to the next multiple of a register's.
        """
        {"rows": self._rows, "planes": self._planes, "scattered": self._scattered}[self.mode](scratch, to, left, width)

    def _rows(self, scratch: str, to: str, left: Value, width: Value) -> None:
        b, v, element = self.b, self.v, ELEMENT_BYTES[self.dtype]
        masks = [v.mask(b.sub(left, j)) for j in range(0, self.lanes, v.lanes)]
        with b.loop(0, width) as p:
            at = b.at(to, b.mul(self.pixel_stride, p.index))
            row = b.at(scratch, b.mul(p.index, self.row_bytes))
            for j, mask in enumerate(masks):
                value = v.load(b.at(row, j * v.lanes * v.bytes))
                v.store_masked(value, b.at(at, j * v.lanes * element), mask, self.dtype)

    def _planes(self, scratch: str, to: str, left: Value, width: Value) -> None:
        """Squares are transposed in registers, and each channel gets its row of pixels."""
        b, v, element = self.b, self.v, ELEMENT_BYTES[self.dtype]
        with b.loop(0, self.lanes, v.lanes) as c, b.loop(0, width, v.lanes) as p:
            square = b.at(scratch, b.mul(p.index, self.row_bytes), b.mul(c.index, v.bytes))
            columns = v.transpose([v.load(b.at(square, i * self.row_bytes)) for i in range(v.lanes)])
            corner = b.at(to, b.mul(self.channel_stride, c.index), b.mul(p.index, element))
            self._columns(columns, corner, b.sub(width, p.index), b.sub(left, c.index))

    def _columns(self, columns: Sequence[str], corner: str, pixels: Value, channels: Value) -> None:
        """Write so many pixels of so many channels, a vector for each; more than a square has count as all."""
        b, v = self.b, self.v
        mask = v.mask(pixels)
        places = [b.at(corner, b.mul(self.channel_stride, k)) for k in range(v.lanes)]

        def exactly(count: int) -> None:
            for column, place in zip(columns, places, strict=True):
                v.store_first(column, place, count, self.dtype)

        def whole() -> None:
            if not v.masks:
                b.switch(b.min(pixels, v.lanes), {n: functools.partial(exactly, n) for n in range(1, v.lanes + 1)})
                return
            for column, place in zip(columns, places, strict=True):
                v.store_masked(column, place, mask, self.dtype)

        def tail() -> None:
            for k in range(v.lanes - 1):
                with b.when(b.compare("sgt", channels, k)):
                    v.store_masked(columns[k], places[k], mask, self.dtype)

        b.either(b.compare("sge", channels, v.lanes), whole, tail)

    def _scattered(self, scratch: str, to: str, left: Value, width: Value) -> None:
        """Element by element, narrowed in the scratch tile first."""
        b, v, element = self.b, self.v, ELEMENT_BYTES[self.dtype]
        kind = {8: "i64", 4: "i32", 2: "i16"}[element]
        with b.loop(0, width) as p:
            row = b.at(scratch, b.mul(p.index, self.row_bytes))
            if element < v.bytes:
                for j in range(self.lanes // v.lanes):
                    value = v.load(b.at(row, j * v.lanes * v.bytes))
                    v.store_as(value, b.at(row, j * v.lanes * element), self.dtype)
            at = b.at(to, b.mul(self.pixel_stride, p.index))
            with b.loop(0, b.min(left, self.lanes)) as k:
                value = b.load(kind, b.at(row, b.mul(k.index, element)), element)
                b.store(kind, value, b.at(at, b.mul(k.index, self.channel_stride)), element)


class TileSums:
    """Register tiles of sums, [pixel][vector of channels] in one list, and the scratch tile in which they may wait."""

    def __init__(self, finish: TileStore, most: int):
        """`most`: the pixels of the widest tile."""
        self.finish = finish
        self.b, self.v = finish.b, finish.v
        # Squares of the last pixels reach past them.
        self.scratch = self.b.stack(-(-most // self.v.lanes) * self.v.lanes * finish.row_bytes)

    def in_pieces(
        self,
        start: Sequence[str],
        terms: tuple[Value, Value, Value],
        contract: Callable[[tuple[Value, Value], list[str]], tuple[Sequence[Value], list[str]]],
        carried: Sequence[tuple[str, Value]] = (),
    ) -> list[str]:
        """What sums begin with and a range of terms, (first, one past the last, how many make a piece), added up.

        The totals wait in the scratch tile. `contract` gives, for the range of a piece and the values carried into it,
        those carried on and the sums of this piece alone.
        """
        b, v = self.b, self.v
        first, last, per_piece = terms
        places = [b.at(self.scratch, i * v.lanes * v.bytes) for i in range(len(start))]
        for value, at in zip(start, places, strict=True):
            v.store(value, at)
        with b.loop(first, last, per_piece, carried=carried) as piece:
            stop = b.min(b.add(piece.index, per_piece), last)
            following, sums = contract((piece.index, stop), piece.values)
            for value, at in zip(sums, places, strict=True):
                v.store(v.add(v.load(at), value), at)
            piece.carry(following)
        return [v.load(at) for at in places]

    def leave(self, sums: list[str], to: str, left: Value, streams: bool = False) -> None:
        """From registers straight to the pixels where channels are dense and none is missing, else to the scratch tile.

        `streams`: whether whole vectors go past the caches where they are aligned.
        """
        b, v = self.b, self.v

        def wait() -> None:
            for i, value in enumerate(sums):
                v.store(value, b.at(self.scratch, i * v.lanes * v.bytes), v.lanes * v.bytes)

        def whole() -> None:
            if not streams:
                self._whole(sums, to, False)
                return
            address = b.let(f"ptrtoint ptr {to} to i64")
            aligned = b.compare("eq", b.let(f"and i64 {address}, {v.lanes * v.bytes - 1}"), 0)
            b.either(aligned, lambda: self._whole(sums, to, True), lambda: self._whole(sums, to, False))

        if self.finish.mode == "rows":
            b.either(b.compare("sge", left, self.finish.lanes), whole, wait)
        else:
            wait()

    def _whole(self, sums: list[str], to: str, streams: bool) -> None:
        b, v, finish = self.b, self.v, self.finish
        vectors = finish.lanes // v.lanes
        for p in range(len(sums) // vectors):
            at = b.at(to, b.mul(finish.pixel_stride, p))
            for j, value in enumerate(sums[p * vectors : (p + 1) * vectors]):
                here = b.at(at, j * v.lanes * ELEMENT_BYTES[finish.dtype])
                if streams:
                    b.stream(v.type, value, here, v.lanes * v.bytes)
                else:
                    v.store_as(value, here, finish.dtype)

    def store(self, to: str, left: Value, width: Value) -> None:
        """Write what `leave` left in the scratch tile."""
        if self.finish.mode != "rows":
            self.finish.store(self.scratch, to, left, width)
        else:
            with self.b.when(self.b.compare("slt", left, self.finish.lanes)):
                self.finish.store(self.scratch, to, left, width)
