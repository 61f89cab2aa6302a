"""The kernel of `dot`: register tiles of pixels and destination channels, summed over pairs of bfloat16 elements."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.algorithms.common.storing import TileStore, TileSums
from tilewise.algorithms.common.tiling import tile_widths
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, share, split, tickets
from tilewise.ir.pairs import PAIR_BYTES, Pairs, begin_pairs
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.target import Target

ARGUMENTS = Arguments(
    [
        "items", "channel_chunks", "row_chunks", "tile_chunks", "blocks", "blocks_per_item", "row_count",
        "rows_per_item", "tile_count", "tiles_per_item", "depth", "height", "channels", "group_channels", "source_n",
        "source_d", "source_h", "source_group", "target_n", "target_d", "target_h", "target_w", "target_c",
        "target_group", "outer_count", "outer_per_sum", "inner_count", "panel_bytes",
        "outer_ptr", "inner_ptr", "tiles_ptr", "source_ptr", "filters_ptr", "bias_ptr", "target_ptr",
    ]
)  # fmt: skip
TILE_WORDS = 4  # of an entry of the table of tiles: source offset, target offset, index into the widths, pixels
_BIAS_TYPE = "bfloat16"


@dataclass(frozen=True)
class DotSpec:
    """What the generated code is specialised on."""

    result_dtype: str
    vectors: int
    unroll: int
    pixel_bytes: int
    store: str  # rows (channels dense), planes (pixels dense), scattered
    bias: bool
    chunked: bool  # whether sums are added up in pieces, see Reduction.sums
    target: Target

    @property
    def widths(self) -> tuple[int, ...]:
        """Pixels of a tile, widest first."""
        return tile_widths(self.target.registers, self.vectors)


@dataclass(frozen=True)
class _Frame:
    """What the parts of the kernel share."""

    b: Builder
    v: Pairs
    spec: DotSpec
    a: dict[str, str]
    results: TileSums
    biases: str

    @property
    def row_bytes(self) -> int:
        """The filters of one pair of terms, and as much the sums of one pixel."""
        return self.spec.vectors * self.v.lanes * PAIR_BYTES

    def contract(self, width: int, source: str, filters: str) -> list[str]:
        """Sums over all terms, [pixel][vector]; in pieces where the terms are many.

        All begin with zero: with the biases, LLVM would keep these in registers beside the sums and spill.
        """
        b, v, a = self.b, self.v, self.a
        zeros = [v.zero] * (width * self.spec.vectors)

        def piece(outers: tuple[Value, Value], carried: list[str]) -> tuple[list[str], list[str]]:
            return [], self._sum(width, source, outers, filters, zeros)

        if not self.spec.chunked:
            sums = piece((0, a["outer_count"]), [])[1]
        else:
            sums = self.results.in_pieces(zeros, (0, a["outer_count"], a["outer_per_sum"]), piece)
        if not self.spec.bias:
            return sums
        bias = [v.load(b.at(self.biases, j * v.lanes * v.bytes)) for j in range(self.spec.vectors)]
        return [v.add(value, bias[i % self.spec.vectors]) for i, value in enumerate(sums)]

    def _sum(self, width: int, source: str, outers: tuple[Value, Value], filters: str, start: list[str]) -> list[str]:
        """The microkernel: the sums after a range of outer offsets."""
        b, v, a, spec = self.b, self.v, self.a, self.spec
        with b.loop(*outers, carried=[(v.type, value) for value in start]) as outer:
            # Bytes into the source, bytes into the filters.
            near, across = b.entry(a["outer_ptr"], outer.index, 2)
            at_outer, panel_outer = b.at(source, near), b.at(filters, across)
            with b.loop(0, a["inner_count"], carried=[(v.type, value) for value in outer.values]) as inner:
                near, across = b.entry(a["inner_ptr"], inner.index, 2)
                at, panel, sums = b.at(at_outer, near), b.at(panel_outer, across), list(inner.values)
                for u in range(spec.unroll):
                    rows = [
                        v.load_pairs(b.at(panel, u * self.row_bytes + j * v.lanes * PAIR_BYTES))
                        for j in range(spec.vectors)
                    ]
                    for p in range(width):
                        pixel = v.splat_pair(b.at(at, p * spec.pixel_bytes + u * PAIR_BYTES))
                        for j, row in enumerate(rows, p * spec.vectors):
                            sums[j] = v.dot(pixel, row, sums[j])
                inner.carry(sums)
            outer.carry(inner.results)
        return outer.results

    def keep_biases(self, channel: Value, left: Value) -> None:
        """What the sums of a block of channels begin with."""
        b, v = self.b, self.v
        start = b.at(self.a["bias_ptr"], b.mul(channel, ELEMENT_BYTES[_BIAS_TYPE]))
        for j in range(0, self.spec.vectors * v.lanes, v.lanes):
            value = v.load_masked(b.at(start, j * ELEMENT_BYTES[_BIAS_TYPE]), v.mask(b.sub(left, j)), _BIAS_TYPE)
            v.store(value, b.at(self.biases, j * v.bytes))

    def tile(self, width: int, source: str, filters: str, to: str, left: Value) -> None:
        """One tile; what cannot go straight to its place waits in the scratch tile."""
        self.results.leave(self.contract(width, source, filters), to, left)


@functools.cache
def kernel(spec: DotSpec) -> str:
    """The text of the kernel."""
    b, v, a = begin_pairs(ARGUMENTS, spec.target)
    lanes = spec.vectors * v.lanes
    results = TileSums(
        TileStore(b, v, spec.result_dtype, lanes, spec.store, a["target_w"], a["target_c"]), spec.widths[0]
    )
    f = _Frame(b, v, spec, a, results, b.stack(lanes * v.bytes) if spec.bias else "")
    with tickets(b, a["items"]) as item:
        group, channel_chunk, row_chunk, tile_chunk = split(
            b, item, a["channel_chunks"], a["row_chunks"], a["tile_chunks"]
        )
        blocks, rows, tiles = (
            share(b, chunk, a[f"{name}s_per_item"], a[count])
            for chunk, name, count in (
                (channel_chunk, "block", "blocks"), (row_chunk, "row", "row_count"), (tile_chunk, "tile", "tile_count")
            )
        )  # fmt: skip
        source_group = b.at(a["source_ptr"], b.mul(group, a["source_group"]))
        target_group = b.at(a["target_ptr"], b.mul(group, a["target_group"]))
        filter_group = b.at(a["filters_ptr"], b.mul(b.mul(group, a["blocks"]), a["panel_bytes"]))
        with b.loop(*blocks) as block:
            done = b.mul(block.index, lanes)
            left = b.sub(a["channels"], done)
            filters = b.at(filter_group, b.mul(block.index, a["panel_bytes"]))
            target_block = b.at(target_group, b.mul(done, a["target_c"]))
            if spec.bias:
                f.keep_biases(b.add(b.mul(group, a["group_channels"]), done), left)
            with b.loop(*rows) as row:
                n, d, h = split(b, row.index, a["depth"], a["height"])
                source_row, target_row = (
                    b.at(base, b.mul(n, a[f"{side}_n"]), b.mul(d, a[f"{side}_d"]), b.mul(h, a[f"{side}_h"]))
                    for base, side in ((source_group, "source"), (target_block, "target"))
                )
                with b.loop(*tiles) as number:
                    source_tile, target_tile, index, width = b.entry(a["tiles_ptr"], number.index, TILE_WORDS)
                    source, to = b.at(source_row, source_tile), b.at(target_row, target_tile)
                    b.switch(
                        index,
                        {
                            i: functools.partial(f.tile, width, source, filters, to, left)
                            for i, width in enumerate(spec.widths)
                        },
                    )
                    results.store(to, left, width)
    return b.text()
