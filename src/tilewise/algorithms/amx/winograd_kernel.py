"""The contraction of `amx_winograd`: that of `winograd`, with its products in AMX tiles.

A range's transformed source lies as bfloat16 parts, `[direct tap][product][part][block of 32 channels][tile][32]`, its
tiles being the positions of a tile load. Rows of the last positions that no tile of the range has hold what was there
before: each row of a product is of its own position, and theirs are not used.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.algorithms.amx.grid import BLOCK, LINE
from tilewise.algorithms.amx.products import POSITIONS, TileProducts
from tilewise.algorithms.winograd.contraction import Spec
from tilewise.algorithms.winograd.kernel import ARGUMENTS, Kernel
from tilewise.algorithms.winograd.strips import Transformed
from tilewise.ir.amx import ROWS, TILE_BYTES, Tiles
from tilewise.ir.builder import Builder, Value
from tilewise.ir.parts import PASSES, begin_parts, cut
from tilewise.ir.vectors import Vectors

HALVES = 2
LANES = HALVES * ROWS  # filters of a block


@dataclass(frozen=True)
class TransformedParts(Transformed):
    """How transformed values of a range lie; from tile to tile are the bytes of a line."""

    parts: int
    blocks: int  # of channels

    @classmethod
    def of(cls, layout: Transformed, parts: int, channels: int) -> TransformedParts:
        """The same tiles as parts, so many channels of each."""
        return cls(layout.tile, layout.capacity, LINE, parts, -(-channels // BLOCK))

    @property
    def block_bytes(self) -> int:
        """From one block of channels to the next."""
        return self.capacity * LINE

    @property
    def part_bytes(self) -> int:
        """From part to part: an odd number of lines, because all are written together and must not share cache sets."""
        return self.blocks * self.block_bytes + LINE

    @property
    def product_bytes(self) -> int:
        """From product to product."""
        return self.parts * self.part_bytes

    def channels(self, b: Builder, channels: Value) -> Value:
        """Whole blocks: what is missing of the last one is zeros."""
        return self.blocks * BLOCK

    def vectors(self, v: Vectors) -> int:
        """Those of a line: whole lines are written."""
        return BLOCK // v.lanes

    def channel(self, b: Builder, v: Vectors, channel: Value) -> Value:
        """Bytes from the first channel to the first of a block."""
        return b.mul(b.div(channel, BLOCK), self.block_bytes)

    def put(self, v: Vectors, value: str, at: str, number: int) -> None:
        """Write one of a line's vectors, of one product and tile."""
        for which, part in enumerate(cut(v, value, self.parts)):
            place = v.b.at(at, which * self.part_bytes + number * v.lanes * 2)
            v.b.store(f"<{v.lanes} x i16>", part, place, 2 * v.lanes)


@functools.cache
def kernel(spec: Spec) -> str:
    """The text."""
    return _Kernel(spec).text()


class _Kernel(Kernel):
    def __init__(self, spec: Spec):
        super().__init__(spec, begin_parts(ARGUMENTS, spec.target))
        assert isinstance(spec.layout, TransformedParts)
        self.layout = spec.layout
        self.tiles = Tiles(self.b, spec.target.emulated)
        self.products = TileProducts(self.tiles, HALVES)

    def _enter(self) -> None:
        self.tiles.configure()

    def _leave(self) -> None:
        self.tiles.release()

    def _range(self, first: Value, last: Value) -> tuple[Value, Value]:
        return 0, self.b.sub(last, first)

    def _products(self, block: Value, product: Value, sums: str, what: tuple[Value, Value]) -> None:
        """Sums over direct taps and channels, 32 tiles by 32 filters at a time."""
        b, a, layout = self.b, self.a, self.layout
        filters = b.at(a["filters_ptr"], b.mul(block, a["panel_bytes"]), b.mul(product, a["product_bytes"]))
        source = b.at(self.transformed, b.mul(product, layout.product_bytes))
        sums = b.at(sums, b.mul(product, layout.capacity * LANES * 4))
        with b.loop(*what, POSITIONS) as position:
            self.products.begin()
            for products in PASSES[layout.parts]:
                self._pass(b.at(source, b.mul(position.index, LINE)), filters, products)
            self.products.store(b.at(sums, b.mul(position.index, LANES * 4)))

    def _pass(self, source: str, filters: str, products: tuple[tuple[int, int], ...]) -> None:
        b, layout = self.b, self.layout
        chunk_bytes = layout.tile.products * layout.parts * HALVES * TILE_BYTES
        with b.loop(0, self.a["taps"], carried=[("ptr", filters)]) as tap:
            at_tap = b.at(source, b.mul(tap.index, layout.size))
            with b.loop(0, layout.blocks, carried=[("ptr", tap.values[0])]) as chunk:
                at, pairs = b.at(at_tap, b.mul(chunk.index, layout.block_bytes)), chunk.values[0]

                def lines(part: int) -> str:
                    return b.at(at, part * layout.part_bytes)

                def tiles(part: int, half: int) -> str:
                    return b.at(pairs, (part * HALVES + half) * TILE_BYTES)

                self.products.add(products, lines, tiles)
                chunk.carry([b.at(pairs, chunk_bytes)])
            tap.carry(chunk.results)
