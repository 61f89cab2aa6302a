"""The walk over the strips of a range of tiles, and the source transform that both Winograd kernels begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tilewise.algorithms.winograd import tiles as winograd_tiles
from tilewise.algorithms.winograd.transforms import Tile
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import split
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors

# What a kernel that transforms a source is told.
ARGUMENTS = (
    *winograd_tiles.ARGUMENTS, "taps", "source_depth", "source_height", "source_width", "source_n", "source_d",
    "source_h", "source_w", "read_d", "read_h", "read_w", "taps_ptr", "source_ptr",
)  # fmt: skip


@dataclass(frozen=True)
class Transformed:
    """How transformed values of a range lie: [product][tile][channel], for room for `capacity` tiles."""

    tile: Tile
    capacity: int
    pixel_bytes: int

    @property
    def product_bytes(self) -> int:
        """From product to product."""
        return self.capacity * self.pixel_bytes

    @property
    def size(self) -> int:
        """Bytes of all."""
        return self.tile.products * self.product_bytes

    def channels(self, b: Builder, channels: Value) -> Value:
        """How many channels are written, those that fill up what holds the last among them."""
        return channels

    def vectors(self, v: Vectors) -> int:
        """Vectors of channels that are written side by side, at once."""
        return 1

    def channel(self, b: Builder, v: Vectors, channel: Value) -> Value:
        """Bytes from the first channel to the first of such vectors."""
        return b.mul(channel, v.bytes)

    def put(self, v: Vectors, value: str, at: str, number: int) -> None:
        """Write one of them, of one product and tile; `at` is where they begin."""
        v.store(value, at)


@dataclass
class Strip:
    """The part of a strip that lies in a range: tiles `begin` .. `end`-1, the first being number `number` of it."""

    image: Value
    depth: Value
    row: Value  # of the first outputs
    column: Value  # of tile 0's first output
    begin: Value
    end: Value
    number: Value


class Walk:
    """Strips of ranges."""

    def __init__(self, b: Builder, v: Vectors, a: dict[str, str], tile: Tile):
        self.b, self.v, self.a, self.tile = b, v, a, tile

    @contextmanager
    def strips(self, first: Value, last: Value) -> Iterator[tuple[Value, Strip]]:
        """A loop over the strips of tiles `first` .. `last`-1: (number of the strip, what part of it lies in them)."""
        b, a = self.b, self.a
        behind = b.add(b.div(b.sub(last, 1), a["strip_tiles"]), 1)
        with b.loop(b.div(first, a["strip_tiles"]), behind) as strip:
            image, depth, row, column = self._place(strip.index)
            start = b.mul(strip.index, a["strip_tiles"])
            begin = b.max(b.sub(first, start), 0)
            end = b.min(b.sub(last, start), a["strip_tiles"])
            yield strip.index, Strip(image, depth, row, column, begin, end, b.sub(b.add(start, begin), first))

    def _place(self, strip: Value) -> tuple[Value, Value, Value, Value]:
        """(image, depth, row, column) of a strip's first output."""
        b, a = self.b, self.a
        image, depth, row, row_residue, column_residue = split(
            b, strip, a["depth"], a["strip_rows"], a["row_residues"], a["column_residues"]
        )
        return image, depth, b.add(row_residue, b.mul(b.mul(row, self.tile.out_rows), a["row_step"])), column_residue

    def outputs(self, s: Strip) -> tuple[Value, Value, list[Value]]:
        """(column of the part's first output, outputs that exist along W, its rows)."""
        b, a = self.b, self.a
        outputs = self.tile.outputs
        column = b.add(s.column, b.mul(b.mul(s.begin, outputs), a["column_step"]))
        # Of the last tile's outputs, some may lie past the end.
        remaining = b.div(b.add(b.sub(a["width"], column), b.sub(a["column_step"], 1)), a["column_step"])
        width = b.min(b.mul(b.sub(s.end, s.begin), outputs), remaining)
        return column, width, [b.add(s.row, b.mul(a["row_step"], i)) for i in range(self.tile.out_rows)]

    def transform_source(
        self, dtype: str, layout: Transformed, first: Value, last: Value, tap: Value, source: str, channels: Value,
        to: str,
    ) -> None:  # fmt: skip
        """Fill `to` with the transformed source of a range at one direct tap; `source` is at the first channel."""
        b, a = self.b, self.a
        behind, down, across = b.entry(a["taps_ptr"], tap, 3)

        def rows_of(image: Value, depth: Value, row: Value) -> tuple[list[Value], list[str], Value]:
            depth = b.add(b.mul(depth, a["read_d"]), behind)
            apart = b.mul(a["row_step"], a["read_h"])
            first = b.add(b.mul(row, a["read_h"]), down)
            rows = [b.add(first, b.mul(apart, i)) for i in range(self.tile.rows)]
            plane = b.at(source, b.mul(image, a["source_n"]), b.mul(depth, a["source_d"]))
            return rows, [b.at(plane, b.mul(r, a["source_h"])) for r in rows], depth

        with self.strips(first, last) as (number, s):
            rows, starts, depth = rows_of(s.image, s.depth, s.row)
            deep = b.compare("ult", depth, a["source_depth"])
            inside = [b.both(deep, b.compare("ult", r, a["source_height"])) for r in rows]
            # The next range's rows that are new in it are asked for now, so that they are near when it begins.
            image, later, row, _ = self._place(b.add(number, a["strips_ahead"]))
            ahead = rows_of(image, later, row)[1][-self.tile.out_rows :]
            to_strip = b.at(to, b.mul(s.number, layout.pixel_bytes))
            self._strip(dtype, layout, s, across, starts, inside, ahead, channels, to_strip)

    def _strip(
        self, dtype: str, layout: Transformed, s: Strip, across: Value, starts: list[str], inside: list[str],
        ahead: list[str], channels: Value, to: str,
    ) -> None:  # fmt: skip
        """Columns are transformed along H once; those that the next tile reads too are carried over to it."""
        b, v, outputs, rows = self.b, self.v, self.tile.outputs, self.tile.rows
        shared, vectors = range(self.tile.inputs - outputs), layout.vectors(v)
        with b.loop(0, layout.channels(b, channels), v.lanes * vectors) as c:
            readers = [
                self._column(dtype, s, across, starts, inside, ahead, channels, b.add(c.index, j * v.lanes), vectors)
                for j in range(vectors)
            ]
            carried = [(v.type, x) for column in readers for number in shared for x in column(s.begin, number)]
            start = b.at(to, layout.channel(b, v, c.index))
            with b.loop(s.begin, s.end, carried=[("ptr", start), *carried]) as tile:
                at, known, following = tile.values[0], iter(tile.values[1:]), []
                for j, column in enumerate(readers):
                    columns = [[next(known) for _ in range(rows)] for _ in shared]
                    columns += [column(tile.index, number) for number in range(len(shared), self.tile.inputs)]
                    for i in range(rows):
                        for k, value in enumerate(self.tile.source_row(v, [values[i] for values in columns])):
                            product = (i * self.tile.inputs + k) * layout.product_bytes
                            layout.put(v, value, b.at(at, product), j)
                    following += [x for number in shared for x in columns[outputs + number]]
                tile.carry([b.at(at, layout.pixel_bytes), *following])

    def _column(
        self, dtype: str, s: Strip, across: Value, starts: list[str], inside: list[str], ahead: list[str],
        channels: Value, channel: Value, vectors: int,
    ) -> Callable[[Value, int], list[str]]:  # fmt: skip
        """What reads and transforms a column of a tile, of a vector of channels from one on."""
        b, v, a, outputs, element = self.b, self.v, self.a, self.tile.outputs, ELEMENT_BYTES[dtype]
        left = b.sub(channels, channel)
        masks = [v.keep(v.mask(b.select(ok, "i64", left, 0))) for ok in inside]
        corners = [b.at(start, b.mul(channel, element)) for start in starts]
        later = [b.at(start, b.mul(channel, element)) for start in ahead]

        def column(tile: Value, number: int) -> list[str]:
            output = b.add(s.column, b.mul(b.add(b.mul(tile, outputs), number), a["column_step"]))
            place = b.add(b.mul(output, a["read_w"]), across)
            offset = b.mul(place, a["source_w"])

            def read(_: list[str]) -> list[str]:
                at = [b.at(corner, offset) for corner in corners]
                for corner in later:
                    b.prefetch(b.at(corner, offset))
                for corner in corners:  # the next vectors of channels come when these are done with the strip
                    b.prefetch(b.at(corner, offset, vectors * v.lanes * element))
                return [v.load_masked(p, v.kept(mask), dtype) for p, mask in zip(at, masks, strict=True)]

            exists = b.compare("ult", place, a["source_width"])
            values = b.update(exists, v.type, [v.zero] * self.tile.rows, read)
            return self.tile.source_column(v, values)

        return column
