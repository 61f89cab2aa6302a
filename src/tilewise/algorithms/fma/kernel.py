"""The kernel of `fma`: rows of register tiles, each tile the whole sum of its pixels and channels."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.algorithms.common.storing import TileStore, TileSums
from tilewise.algorithms.common.tiling import tile_widths
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors
from tilewise.target import Target

ARGUMENTS = Arguments(
    [
        "items", "channel_chunks", "row_chunks", "blocks", "blocks_per_item", "row_count", "rows_per_item",
        "channels", "source_group", "target_w", "target_c", "target_group", "panel_bytes", "group_panels",
        "rows_ptr", "parts_ptr", "outer_ptr", "inner_ptr", "tiles_ptr", "source_ptr", "filters_ptr", "bias_ptr",
        "target_ptr",
    ]
)  # fmt: skip
# The words of a row: source and target bytes, first tile, one past the last, and the entry of its part.
ROW_WORDS = 5
# The words of a part: first outer offset, one past the last, how many make a sum, first inner offset, one past
# the last.
PART_WORDS = 5


@dataclass(frozen=True)
class KernelSpec:
    """What the generated code is specialised on."""

    dtype: str
    result_dtype: str
    accumulator: str
    vectors: int
    unroll: int
    pixel_bytes: int
    store: str  # rows (channels dense), planes (pixels dense), scattered
    bias: bool
    chunked: bool  # whether sums are added up in pieces, see Reduction.sums
    blocks_inside: bool  # whether a tile is made for all blocks of channels before the next, or rows for each block
    fetches: bool  # whether the next tile's pixels are fetched beside those of a tile
    streams: bool  # whether whole vectors go past the caches where they are aligned
    target: Target

    @property
    def widths(self) -> tuple[int, ...]:
        """Tile widths, widest first: what fits the registers, then what row ends need."""
        return tile_widths(self.target.registers, self.vectors)


@dataclass(frozen=True)
class Part:
    """Which terms a row sums: ranges of the tables of offsets, and how many outer ones are added up apart."""

    first: str
    stop: str
    per_sum: str
    inner: str
    inner_stop: str


@dataclass(frozen=True)
class Block:
    """One block of channels: its panel, where in a pixel it lies, its bias, and how many channels are left."""

    filters: str
    target: Value
    bias: list[str]
    left: Value


@functools.cache
def kernel(spec: KernelSpec) -> str:
    """The kernel's text."""
    b, v, a = begin_vectors(ARGUMENTS, spec.accumulator, spec.target)
    lanes = spec.vectors * v.lanes
    element = ELEMENT_BYTES[spec.dtype]
    results = TileSums(
        TileStore(b, v, spec.result_dtype, lanes, spec.store, a["target_w"], a["target_c"]), spec.widths[0]
    )

    def tile(width: int, part: Part, source: str, to: str, block: Block) -> None:
        sums = _contract(b, v, spec, a, width, part, source, block.filters, block.bias, results)
        results.leave(sums, to, block.left, spec.streams)

    with tickets(b, a["items"]) as item:
        group, channel_chunk, row_chunk = split(b, item, a["channel_chunks"], a["row_chunks"])
        first_block, last_block = share(b, channel_chunk, a["blocks_per_item"], a["blocks"])
        first_row, last_row = share(b, row_chunk, a["rows_per_item"], a["row_count"])
        source_group = b.at(a["source_ptr"], b.mul(group, a["source_group"]))
        target_group = b.at(a["target_ptr"], b.mul(group, a["target_group"]))
        filter_group = b.at(a["filters_ptr"], b.mul(b.mul(group, a["group_panels"]), a["panel_bytes"]))
        blocks = (first_block, last_block)

        def block_values(block: Value) -> Block:
            done = b.mul(block, lanes)
            left = b.sub(a["channels"], done)
            bias = [v.zero] * spec.vectors
            if spec.bias:
                channel = b.add(b.mul(group, _group_channels(b, a)), done)
                start = b.at(a["bias_ptr"], b.mul(channel, element))
                bias = [
                    v.load_masked(b.at(start, j * v.lanes * element), v.mask(b.sub(left, j * v.lanes)), spec.dtype)
                    for j in range(spec.vectors)
                ]
            filters = b.at(filter_group, b.mul(block, a["panel_bytes"]))
            return Block(filters, b.mul(done, a["target_c"]), bias, left)

        def rows(outer: Block | None) -> None:
            with b.loop(first_row, last_row) as row:
                from_source, from_target, first_tile, last_tile, number = b.entry(a["rows_ptr"], row.index, ROW_WORDS)
                source_row, target_row = b.at(source_group, from_source), b.at(target_group, from_target)
                part = Part(*b.words(b.at(a["parts_ptr"], number), PART_WORDS))
                with b.loop(first_tile, last_tile) as tile_number:
                    to_source, to_target, index, width = b.entry(a["tiles_ptr"], tile_number.index, 4)
                    source, to = b.at(source_row, to_source), b.at(target_row, to_target)
                    if outer is not None:
                        tiles(part, source, to, index, width, outer)
                    else:
                        with b.loop(*blocks) as block:
                            tiles(part, source, to, index, width, block_values(block.index))

        def tiles(part: Part, source: str, to: str, index: Value, width: Value, block: Block) -> None:
            to = b.at(to, block.target)
            b.switch(
                index, {i: functools.partial(tile, size, part, source, to, block) for i, size in enumerate(spec.widths)}
            )
            results.store(to, block.left, width)

        if spec.blocks_inside:
            rows(None)
        else:
            with b.loop(*blocks) as block:
                rows(block_values(block.index))
    if spec.streams:
        b.call("void", "llvm.x86.sse.sfence")
    return b.text()


def _group_channels(b: Builder, a: dict[str, str]) -> Value:
    """Destination channels of one group, from its stride."""
    return b.div(a["target_group"], a["target_c"])


def _contract(
    b: Builder, v: Vectors, spec: KernelSpec, a: dict[str, str], width: int, part: Part, source: str,
    filters: str, bias: list[str], results: TileSums,
) -> list[str]:  # fmt: skip
    """Sums over all terms, [pixel][vector of channels]; in pieces where the terms are many."""
    start = bias * width
    over = functools.partial(_sum, b, v, spec, a, width, part, source, filters)
    if not spec.chunked:
        return over((part.first, part.stop), start)
    zeros = [v.zero] * len(start)
    terms = part.first, part.stop, part.per_sum
    return results.in_pieces(start, terms, lambda outers, _: ([], over(outers, zeros)))


def _sum(
    b: Builder, v: Vectors, spec: KernelSpec, a: dict[str, str], width: int, part: Part, source: str,
    filters: str, outers: tuple[Value, Value], start: list[str],
) -> list[str]:  # fmt: skip
    """The microkernel: the sums after a range of outer offsets."""
    row_bytes = spec.vectors * v.lanes * v.bytes

    def moved(table: str, index: Value, source: str, filters: str) -> tuple[str, str]:
        to_source, to_filters = b.entry(a[table], index, 2)
        return b.at(source, to_source), b.at(filters, to_filters)

    with b.loop(*outers, carried=[(v.type, value) for value in start]) as outer:
        at_outer, filters_outer = moved("outer_ptr", outer.index, source, filters)
        with b.loop(part.inner, part.inner_stop, carried=[(v.type, value) for value in outer.values]) as inner:
            at, panel = moved("inner_ptr", inner.index, at_outer, filters_outer)
            sums = list(inner.values)
            for p in range(width if spec.fetches else 0):
                b.prefetch(b.at(at, (p + spec.widths[0]) * spec.pixel_bytes))
            for u in range(spec.unroll):
                rows = [v.load(b.at(panel, u * row_bytes + j * v.lanes * v.bytes)) for j in range(spec.vectors)]
                for p in range(width):
                    pixel = v.load_splat(b.at(at, p * spec.pixel_bytes + u * v.bytes))
                    for j in range(spec.vectors):
                        k = p * spec.vectors + j
                        sums[k] = v.fma(pixel, rows[j], sums[k])
            inner.carry(sums)
        outer.carry(inner.results)
    return outer.results
