"""The code of `group_channels`: see there."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors
from tilewise.target import Target

ARGUMENTS = Arguments(
    [
        "items", "block_chunks", "blocks", "blocks_per_item", "rows", "rows_per_item", "depth", "height", "tile_count",
        "width", "source_channels", "target_channels", "source_block", "target_block", "source_n", "source_w",
        "target_n", "target_d", "target_h", "target_w", "depth_tap", "depth_source", "height_tap", "height_source",
        "weight_channel", "weight_block", "tiles_ptr", "depth_ptr", "height_ptr", "source_ptr", "weight_ptr",
        "bias_ptr", "target_ptr",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class KernelSpec:
    """What the generated code is specialised on.

    Variant 0 of a tile is the widest with all its source pixels inside the row; the others check each of them.
    """

    dtype: str
    source_dtype: str
    target_dtype: str
    accumulator: str
    masked: bool  # some lanes have no channel
    tail: bool  # how many is known only when it runs
    source_channels: int
    target_channels: int
    groups: int
    streams: tuple[tuple[tuple[int, int], ...], ...]
    read: int
    widths: tuple[int, ...]
    apart: int  # where sums are begun anew: at each plane of taps (0), at each row of them (1)
    bias: bool
    target: Target

    def uses(self, width: int) -> dict[int, list[tuple[int, int]]]:
        """For each source column past the tile's first: the (pixel, tap) pairs that need it."""
        found: dict[int, list[tuple[int, int]]] = {}
        for pixel in range(width):
            turn, residue = divmod(pixel, len(self.streams))
            for tap, offset in self.streams[residue]:
                found.setdefault(turn * self.read + offset, []).append((pixel, tap))
        return dict(sorted(found.items()))

    def positions(self, width: int) -> list[int]:
        """The source columns that a tile reads."""
        return list(self.uses(width))


@dataclass(frozen=True)
class _Place:
    """One block of channels of one row of the result."""

    source: str
    weights: str
    target: str
    bias: str
    source_mask: str
    target_mask: str
    depth: list[str]
    height: list[str]


@functools.cache
def kernel(spec: KernelSpec) -> str:
    """The LLVM text."""
    b, v, a = begin_vectors(ARGUMENTS, spec.accumulator, spec.target)
    source_lanes, target_lanes = spec.groups * spec.source_channels, spec.groups * spec.target_channels

    def block_of_row(source: str, target: str, weights: str, depth: list[str], height: list[str], block: Value) -> None:
        source_mask = target_mask = bias = ""
        if spec.masked:
            left: list[Value] = [source_lanes, target_lanes]
            if spec.tail:
                left = [
                    b.min(b.sub(a[name], b.mul(block, lanes)), lanes)
                    for name, lanes in (("source_channels", source_lanes), ("target_channels", target_lanes))
                ]
            source_mask, target_mask = v.mask(left[0]), v.mask(left[1])
        if spec.bias:
            at = b.at(a["bias_ptr"], b.mul(block, target_lanes * ELEMENT_BYTES[spec.dtype]))
            bias = v.load_masked(at, target_mask, spec.dtype) if spec.masked else v.load_as(at, spec.dtype)
        place = _Place(
            b.at(source, b.mul(block, a["source_block"])),
            b.at(weights, b.mul(block, a["weight_block"])),
            b.at(target, b.mul(block, a["target_block"])),
            bias or v.zero, source_mask, target_mask, depth, height,
        )  # fmt: skip
        with b.loop(0, a["tile_count"]) as tile:
            source_at, column, target_at, variant = b.entry(a["tiles_ptr"], tile.index, 4)
            where = (b.at(place.source, source_at), column, b.at(place.target, target_at))
            shapes = [(spec.widths[0], False), *((w, True) for w in spec.widths)]
            b.switch(
                variant,
                {
                    i: functools.partial(_tile, b, v, spec, a, place, width, edge, *where)
                    for i, (width, edge) in enumerate(shapes)
                },
            )

    with tickets(b, a["items"]) as item:
        row_chunk, block_chunk = split(b, item, a["block_chunks"])
        first_block, last_block = share(b, block_chunk, a["blocks_per_item"], a["blocks"])
        first_row, last_row = share(b, row_chunk, a["rows_per_item"], a["rows"])
        with b.loop(first_row, last_row) as row:
            n, d, h = split(b, row.index, a["depth"], a["height"])
            depth, height = (b.entry(a[name], index, 3) for name, index in (("depth_ptr", d), ("height_ptr", h)))
            source = b.at(a["source_ptr"], b.mul(n, a["source_n"]), depth[1], height[1])
            weights = b.at(a["weight_ptr"], depth[0], height[0])
            target = b.at(a["target_ptr"], b.mul(n, a["target_n"]), b.mul(d, a["target_d"]), b.mul(h, a["target_h"]))
            with b.loop(first_block, last_block) as block:
                block_of_row(source, target, weights, depth, height, block.index)
    return b.text()


def _tile(
    b: Builder, v: Vectors, spec: KernelSpec, a: dict[str, str], place: _Place, width: int, edge: bool,
    source: str, column: str, target: str,
) -> None:  # fmt: skip
    """Some pixels of a row: sums over the rows of taps that lie inside."""
    kinds, zeros = ["ptr", "ptr", *[v.type] * width], [v.zero] * width

    def plus(sums: list[str], apart: list[str]) -> list[str]:
        return [v.add(*pair) for pair in zip(sums, apart, strict=True)]

    start = list(zip(kinds, [source, place.weights, *[place.bias] * width], strict=True))
    with b.loop(0, place.depth[2], carried=start) as outer:
        source, weights, *sums = outer.values
        begin = [source, weights, *(zeros if spec.apart == 0 else sums)]
        with b.loop(0, place.height[2], carried=list(zip(kinds, begin, strict=True))) as inner:
            row, taps, *values = inner.values
            add = _add_checked if edge else _add_inside
            added = add(b, v, spec, a, place, width, row, taps, column, zeros if spec.apart == 1 else values)
            added = plus(values, added) if spec.apart == 1 else added
            inner.carry([b.at(row, a["height_source"]), b.at(taps, a["height_tap"]), *added])
        # Where the loop over rows of taps ends is the row that the next row of results is the first to need.
        ahead = inner.results[0]
        for _ in range(0 if edge else max(1, width * spec.read // len(spec.streams))):
            b.prefetch(ahead)
            ahead = b.at(ahead, a["source_w"])
        added = plus(sums, inner.results[2:]) if spec.apart == 0 else inner.results[2:]
        outer.carry([b.at(source, a["depth_source"]), b.at(weights, a["depth_tap"]), *added])
    for i, total in enumerate(outer.results[2:]):
        at = b.at(target, b.mul(a["target_w"], i))
        if spec.masked:
            v.store_masked(total, at, place.target_mask, spec.target_dtype)
        else:
            v.store_as(total, at, spec.target_dtype)


def _load(v: Vectors, spec: KernelSpec, place: _Place, at: str) -> str:
    return v.load_masked(at, place.source_mask, spec.source_dtype) if spec.masked else v.load_as(at, spec.source_dtype)


def expand(v: Vectors, spec: KernelSpec, pixel: str, channel: int) -> str:
    """Each lane gets the given channel of its own group."""
    lanes = [i // spec.target_channels * spec.source_channels + channel for i in range(v.lanes)]
    return v.pick([pixel], [e if e < v.lanes and i < spec.groups * spec.target_channels else None
                            for i, e in enumerate(lanes)])  # fmt: skip


def _weight(b: Builder, v: Vectors, a: dict[str, str], weights: str, channel: int, tap: int) -> str:
    return v.load(b.at(weights, b.mul(a["weight_channel"], channel), tap * v.lanes * v.bytes), v.lanes * v.bytes)


def _add_inside(
    b: Builder, v: Vectors, spec: KernelSpec, a: dict[str, str], place: _Place, width: int,
    row: str, weights: str, column: str, sums: list[str],
) -> list[str]:  # fmt: skip
    """One row of taps where every source pixel is inside."""
    uses, sums = spec.uses(width), list(sums)
    pixels, at, before = {}, row, 0
    for position in uses:
        at, before = b.at(at, b.mul(a["source_w"], position - before)), position
        pixels[position] = _load(v, spec, place, at)
    for channel in range(spec.source_channels):
        taps = {
            tap: _weight(b, v, a, weights, channel, tap) for tap in sorted({t for u in uses.values() for _, t in u})
        }
        for position, pairs in uses.items():
            value = expand(v, spec, pixels[position], channel)
            for pixel, tap in pairs:
                sums[pixel] = v.fma(value, taps[tap], sums[pixel])
    return sums


def _add_checked(
    b: Builder, v: Vectors, spec: KernelSpec, a: dict[str, str], place: _Place, width: int,
    row: str, weights: str, column: str, sums: list[str],
) -> list[str]:  # fmt: skip
    """One row of taps; source pixels outside are skipped."""
    sums, at, before = list(sums), row, 0
    uses = spec.uses(width)
    taps: dict[tuple[int, int], str] = {}
    if spec.source_channels == 1:
        taps = {(0, tap): _weight(b, v, a, weights, 0, tap) for tap in sorted({t for u in uses.values() for _, t in u})}
    for position, pairs in uses.items():
        at, before = b.at(at, b.mul(a["source_w"], position - before)), position
        touched = sorted({pixel for pixel, _ in pairs})

        def body(
            values: list[str], at: str = at, pairs: list[tuple[int, int]] = pairs, touched: list[int] = touched
        ) -> list[str]:
            mine = dict(zip(touched, values, strict=True))
            pixel = _load(v, spec, place, at)
            for channel in range(spec.source_channels):
                value = expand(v, spec, pixel, channel)
                for p, tap in pairs:
                    weight = taps.get((channel, tap)) or _weight(b, v, a, weights, channel, tap)
                    mine[p] = v.fma(value, weight, mine[p])
            return [mine[p] for p in touched]

        inside = b.compare("ult", b.add(column, position), a["width"])
        changed = b.update(inside, v.type, [sums[p] for p in touched], body)
        for p, value in zip(touched, changed, strict=True):
            sums[p] = value
    return sums
