"""The sums of `winograd_weights`: ranges of tiles of both tensors are transformed and multiplied while in cache.

A ticket is a run of ranges, a run of window channels and a run of blocks of point channels. For each range both
tensors are transformed into the thread's scratch, `[product][tile][channel]`; then, for each product, register tiles
of window channels by a block of point channels pass over the tiles of the range, and are added to the ticket's
partial sums, `[piece][block][product][direct tap][window channel][lanes]`.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.algorithms.winograd.strips import ARGUMENTS as STRIP_ARGUMENTS
from tilewise.algorithms.winograd.strips import Strip, Transformed, Walk
from tilewise.ir.builder import Value
from tilewise.ir.kernel import SLOTS, Arguments, begin_vectors, scratch_slot, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.target import Target

ARGUMENTS = Arguments(
    [
        "items", *SLOTS, "pieces", "ranges", "ranges_per_piece", *STRIP_ARGUMENTS, "window_channels", "window_chunks",
        "point_channels", "point_chunks", "point_n", "point_d", "point_h", "point_w", "blocks", "full_cuts",
        "last_cuts", "piece_bytes", "block_bytes", "product_bytes", "tap_bytes",
        "cuts_ptr", "point_ptr", "partial_ptr",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """What the generated code is specialised on."""

    window_dtype: str
    point_dtype: str
    accumulator: str
    vectors: int
    window: Transformed
    point: Transformed
    window_chunk: int  # channels of a ticket
    blocks_chunk: int  # blocks of a ticket
    widths: tuple[int, ...]
    target: Target

    @property
    def lanes(self) -> int:
        """Point channels of a block."""
        return self.vectors * self.target.lanes(self.accumulator)


@functools.cache
def kernel(spec: Spec) -> str:
    """The text."""
    return _Kernel(spec).text()


class _Kernel:
    def __init__(self, spec: Spec):
        self.spec = spec
        self.b, self.v, self.a = begin_vectors(ARGUMENTS, spec.accumulator, spec.target)
        self.walk = Walk(self.b, self.v, self.a, spec.window.tile)

    def text(self) -> str:
        """Tickets."""
        b, a, spec = self.b, self.a, self.spec
        capacity = spec.window.capacity
        with scratch_slot(b, ARGUMENTS, a) as self.window:
            self.point = b.at(self.window, spec.window.size)
            with tickets(b, a["items"]) as item:
                piece, point_chunk, window_chunk = split(b, item, a["point_chunks"], a["window_chunks"])
                first_range, last_range = share(b, piece, a["ranges_per_piece"], a["ranges"])
                first_channel = b.mul(window_chunk, spec.window_chunk)
                window_left = b.sub(a["window_channels"], first_channel)
                source = b.at(a["source_ptr"], b.mul(first_channel, ELEMENT_BYTES[spec.window_dtype]))
                first_block, last_block = share(b, point_chunk, spec.blocks_chunk, a["blocks"])
                partial = b.at(
                    a["partial_ptr"], b.mul(piece, a["piece_bytes"]), b.mul(first_block, a["block_bytes"]),
                    b.mul(first_channel, spec.lanes * self.v.bytes)
                )  # fmt: skip
                # Each width of the last chunk of channels, and of the others, is cut in its own way.
                whole = b.compare("sge", window_left, spec.window_chunk)
                begin = b.select(whole, "i64", 0, a["full_cuts"])
                cuts = begin, b.select(whole, "i64", a["full_cuts"], b.add(a["full_cuts"], a["last_cuts"]))
                channels = b.min(window_left, spec.window_chunk)
                with b.loop(first_range, last_range) as number:
                    first, last = share(b, number.index, capacity, a["tiles"])
                    begins = b.compare("eq", number.index, first_range)
                    self._point(first, last, first_block, last_block)
                    with b.loop(0, a["taps"]) as tap:
                        self.walk.transform_source(
                            spec.window_dtype, spec.window, first, last, tap.index, source, channels, self.window
                        )
                        to = b.at(partial, b.mul(tap.index, a["tap_bytes"]))
                        with b.loop(0, b.sub(last_block, first_block)) as block:
                            at = b.at(to, b.mul(block.index, a["block_bytes"]))
                            self._products(block.index, cuts, b.sub(last, first), begins, at)
        return b.text()

    # -- the point tensor --------------------------------------------------------------------------

    def _point(self, first: Value, last: Value, first_block: Value, last_block: Value) -> None:
        """A tile's values of each channel of the ticket's blocks become the factors of the products."""
        b, v, a, spec = self.b, self.v, self.a, self.spec
        element = ELEMENT_BYTES[spec.point_dtype]
        done = b.mul(first_block, spec.lanes)
        left = b.sub(b.min(a["point_channels"], b.mul(last_block, spec.lanes)), done)
        channels = b.mul(b.sub(last_block, first_block), spec.lanes)
        with self.walk.strips(first, last) as (_, s):
            column, width, rows = self.walk.outputs(s)
            inside = [b.compare("slt", row, a["height"]) for row in rows]
            starts = [
                b.at(
                    a["point_ptr"], b.mul(done, element), b.mul(s.image, a["point_n"]), b.mul(s.depth, a["point_d"]),
                    b.mul(row, a["point_h"]), b.mul(column, a["point_w"])
                )
                for row in rows
            ]  # fmt: skip
            with b.loop(0, channels, v.lanes) as c:
                self._point_strip(s, starts, inside, width, b.sub(left, c.index), c.index)

    def _point_strip(
        self, s: Strip, starts: list[str], inside: list[str], width: Value, left: Value, channel: Value
    ) -> None:
        b, v, a, spec = self.b, self.v, self.a, self.spec
        masks = [v.keep(v.mask(b.select(ok, "i64", left, 0))) for ok in inside]
        corners = [b.at(start, b.mul(channel, ELEMENT_BYTES[spec.point_dtype])) for start in starts]
        step = b.mul(a["point_w"], a["column_step"])
        to = b.at(self.point, b.mul(s.number, spec.point.pixel_bytes), b.mul(channel, v.bytes))
        with b.loop(0, b.sub(s.end, s.begin), carried=[("ptr", to)]) as tile:
            place = b.mul(tile.index, spec.point.tile.outputs)
            columns = []
            for k in range(spec.point.tile.outputs):
                offset = b.mul(b.add(place, k), step)

                def read(_: list[str], offset: Value = offset) -> list[str]:
                    return [
                        v.load_masked(b.at(corner, offset), v.kept(mask), spec.point_dtype)
                        for corner, mask in zip(corners, masks, strict=True)
                    ]

                exists = b.compare("slt", b.add(place, k), width)
                columns.append(b.update(exists, v.type, [v.zero] * len(corners), read))
            grid = [list(row) for row in zip(*columns, strict=True)]
            for number, value in enumerate(value for row in spec.point.tile.point(v, grid) for value in row):
                v.store(value, b.at(tile.values[0], number * spec.point.product_bytes))
            tile.carry([b.at(tile.values[0], spec.point.pixel_bytes)])

    # -- products ----------------------------------------------------------------------------------

    def _products(self, block: Value, cuts: tuple[Value, Value], tiles: Value, begins: str, to: str) -> None:
        """For each product and register tile, the sum over the tiles of a range."""
        b, v, a, spec = self.b, self.v, self.a, self.spec
        row_bytes = spec.lanes * v.bytes
        with b.loop(0, spec.window.tile.products) as product:
            window = b.at(self.window, b.mul(product.index, spec.window.product_bytes))
            point = b.at(self.point, b.mul(product.index, spec.point.product_bytes), b.mul(block, row_bytes))
            partial = b.at(to, b.mul(product.index, a["product_bytes"]))
            with b.loop(*cuts) as cut:
                start, index = b.entry(a["cuts_ptr"], cut.index, 2)
                at = b.at(window, b.mul(start, v.bytes))
                cells = b.at(partial, b.mul(start, row_bytes))
                b.switch(
                    index,
                    {
                        i: functools.partial(self._tile, width, at, point, tiles, begins, cells)
                        for i, width in enumerate(spec.widths)
                    },
                )

    def _tile(self, width: int, window: str, point: str, tiles: Value, begins: str, to: str) -> None:
        b, v, spec = self.b, self.v, self.spec
        carried = [("ptr", window), ("ptr", point), *[(v.type, v.zero)] * (width * spec.vectors)]
        with b.loop(0, tiles, carried=carried) as tile:
            x, y, *sums = tile.values
            vectors = [v.load(b.at(y, j * v.lanes * v.bytes)) for j in range(spec.vectors)]
            for m in range(width):
                value = v.load_splat(b.at(x, m * v.bytes))
                for j in range(spec.vectors):
                    k = m * spec.vectors + j
                    sums[k] = v.fma(value, vectors[j], sums[k])
            tile.carry([b.at(x, spec.window.pixel_bytes), b.at(y, spec.point.pixel_bytes), *sums])
        for k, value in enumerate(tile.results[2:]):
            at = b.at(to, k * v.lanes * v.bytes)
            v.store(v.add(b.select(begins, v.type, v.zero, v.load(at)), value), at)
