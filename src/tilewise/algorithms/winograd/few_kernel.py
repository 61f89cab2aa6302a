"""The kernels of `winograd` for few tiles: the source is transformed once for all, filters where they are used.

Both work on one run of ranges. The first fills `[range][piece of channels][product][tile][channel]`. A ticket of the
second is some blocks of destination channels: for each piece of the source's channels it transforms the filters of its
blocks into the thread's own scratch, `[block][product][channel][lanes]`, and adds the products to the sums of the
ranges, which wait beside them; results are made of them at the end. So transformed filters never leave the nearest
caches.
"""

from __future__ import annotations

import functools

from tilewise.algorithms.winograd.contraction import RESULT_ARGUMENTS, Contraction, Spec
from tilewise.algorithms.winograd.filters import ARGUMENTS as FILTER_ARGUMENTS
from tilewise.algorithms.winograd.filters import FilterTransform, product_bytes
from tilewise.algorithms.winograd.strips import ARGUMENTS as STRIP_ARGUMENTS
from tilewise.algorithms.winograd.strips import Transformed, Walk
from tilewise.algorithms.winograd.tiles import ARGUMENTS as TILE_ARGUMENTS
from tilewise.ir.builder import Value
from tilewise.ir.kernel import SLOTS, Arguments, begin_vectors, scratch_slot, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.target import Target

SOURCE_ARGUMENTS = Arguments(["items", *STRIP_ARGUMENTS, "first_range", "channels", "pieces", "transformed_ptr"])
ARGUMENTS = Arguments(
    [
        "items", *SLOTS, *TILE_ARGUMENTS, *RESULT_ARGUMENTS, *FILTER_ARGUMENTS, "first_range", "last_range",
        "blocks", "blocks_per_item", "channels", "pieces", "chunks", "chunks_per_piece", "transformed_ptr",
    ]
)  # fmt: skip


@functools.cache
def source_kernel(dtype: str, accumulator: str, layout: Transformed, piece: int, target: Target) -> str:
    """The first kernel: a ticket is a range of tiles and a piece of the channels."""
    b, v, a = begin_vectors(SOURCE_ARGUMENTS, accumulator, target)
    walk = Walk(b, v, a, layout.tile)
    with tickets(b, a["items"]) as item:
        number, part = split(b, item, a["pieces"])
        first, last = share(b, b.add(a["first_range"], number), layout.capacity, a["tiles"])
        channel = b.mul(part, piece)
        source = b.at(a["source_ptr"], b.mul(channel, ELEMENT_BYTES[dtype]))
        channels = b.min(b.sub(a["channels"], channel), piece)
        to = b.at(a["transformed_ptr"], b.mul(item, layout.size))
        walk.transform_source(dtype, layout, first, last, 0, source, channels, to)
    return b.text()


@functools.cache
def kernel(spec: Spec, dense: bool, chunk: int) -> str:
    """The second kernel; `chunk` divides a piece of the channels, and is what a chunk of the filters' walk has."""
    return _Kernel(spec, dense, chunk).text()


def filter_bytes(spec: Spec) -> int:
    """The transformed filters of a piece."""
    return spec.layout.tile.products * product_bytes(spec.piece, spec.lanes, spec.accumulator)


class _Kernel(Contraction):
    def __init__(self, spec: Spec, dense: bool, chunk: int):
        super().__init__(spec, begin_vectors(ARGUMENTS, spec.accumulator, spec.target))
        tile = spec.layout.tile
        self.transform = FilterTransform(self.b, self.v, self.a, tile, dense, spec.lanes, spec.dtype, chunk)
        self.each = product_bytes(spec.piece, spec.lanes, spec.accumulator)

    def text(self) -> str:
        """Threads without a scratch of their own leave; the others draw tickets."""
        b, a, spec = self.b, self.a, self.spec
        with scratch_slot(b, ARGUMENTS, a) as self.filters:
            self.lines = b.at(self.filters, b.mul(a["blocks_per_item"], filter_bytes(spec)))
            self.sums = b.at(self.lines, spec.layout.tile.outputs * spec.line_bytes)
            with tickets(b, a["items"]) as item:
                blocks = share(b, item, a["blocks_per_item"], a["blocks"])
                count = b.sub(blocks[1], blocks[0])
                ranges = a["first_range"], a["last_range"]
                self.watch.begin()
                with b.loop(0, a["pieces"]) as piece:
                    with b.loop(*blocks) as block:
                        self._filters(block.index, blocks[0], piece.index)
                    products = spec.layout.tile.products
                    with b.loop(0, products) as product, b.loop(*ranges) as number, b.loop(0, count) as block:
                        self._products(piece.index, product.index, number.index, block.index)
                with b.loop(*blocks) as block, b.loop(*ranges) as number:
                    first, last = share(b, number.index, spec.layout.capacity, a["tiles"])
                    self._ask(block.index, first, last)
                    self._results(block.index, self._sums(b.sub(block.index, blocks[0]), number.index), first, last)
                self.watch.report(a["status_ptr"])
        return b.text()

    def _filters(self, block: Value, first: Value, piece: Value) -> None:
        b, a, row_bytes = self.b, self.a, self.spec.lanes * self.v.bytes
        channel = b.mul(piece, self.spec.piece)
        to = b.at(self.filters, b.mul(b.sub(block, first), filter_bytes(self.spec)))

        def place(term: Value) -> str:
            return b.at(to, b.mul(b.sub(term, channel), row_bytes))

        self.transform.chunks(block, share(b, piece, a["chunks_per_piece"], a["chunks"]), place, self.each)

    def _sums(self, block: Value, number: Value) -> str:
        """Where the sums of a range wait: those of a block side by side, `block` being its place in the ticket."""
        b, a = self.b, self.a
        ranges = b.sub(a["last_range"], a["first_range"])
        place = b.add(b.mul(block, ranges), b.sub(number, a["first_range"]))
        return b.at(self.sums, b.mul(place, self.spec.sum_bytes))

    def _products(self, piece: Value, product: Value, number: Value, block: Value) -> None:
        """One product of a range's tiles, summed over a piece of the channels."""
        b, a, spec, layout = self.b, self.a, self.spec, self.spec.layout
        row_bytes = spec.lanes * self.v.bytes
        channels = b.min(b.sub(a["channels"], b.mul(piece, spec.piece)), spec.piece)
        filters = b.at(self.filters, b.mul(block, filter_bytes(spec)), b.mul(product, self.each))
        slab = b.add(b.mul(b.sub(number, a["first_range"]), a["pieces"]), piece)
        source = b.at(a["transformed_ptr"], b.mul(slab, layout.size), b.mul(product, layout.product_bytes))
        sums = b.at(self._sums(block, number), b.mul(product, layout.capacity * row_bytes))
        begins = b.compare("eq", piece, 0)

        def tile(width: int, at: str, to: str) -> None:
            # The next product's values, or the next piece's, come from further away than a tile can wait.
            with b.when(b.compare("eq", block, 0)):
                for line in range(0, width * layout.pixel_bytes, 64):
                    b.prefetch(b.at(at, layout.product_bytes + line))
            self._add(self._sum(width, at, filters, 0, channels)[1], self._places(width, to), begins)

        with b.loop(*self._cuts(*share(b, number, layout.capacity, a["tiles"]))) as cut:
            start, index = b.entry(a["cuts_ptr"], cut.index, 2)
            at = b.at(source, b.mul(start, layout.pixel_bytes))
            to = b.at(sums, b.mul(start, row_bytes))
            b.switch(index, {i: functools.partial(tile, w, at, to) for i, w in enumerate(spec.widths)})
