"""The code of `group_rows`: see there."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.algorithms.group.rows_spec import KernelSpec
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_widen

ARGUMENTS = Arguments(
    [
        "items", "units_per_item", "units", "groups", "filter_blocks", "depth", "height", "chunk_count", "tile_count",
        "channels", "height_low", "height_size", "width", "source_n", "source_group", "source_c", "source_h",
        "source_pitch", "target_n", "target_group", "target_c", "target_d", "target_h", "target_row",
        "weight_group", "weight_into", "weight_out_of", "depth_tap", "depth_source", "height_tap", "height_source",
        "chunks_ptr", "tiles_ptr", "depth_ptr", "height_ptr", "source_ptr", "weight_ptr", "bias_ptr", "target_ptr",
    ]
)  # fmt: skip
# How far ahead rows are asked for: a column's rows are too far apart for the hardware to see the pattern.
ROWS_AHEAD = 16
CHUNK_WORDS, TILE_WORDS, AXIS_WORDS = 6, 5, 3


@dataclass(frozen=True)
class _Unit:
    """Where one plane's piece lies: addresses, and the walk over its rows."""

    source: str
    weights: list[str]
    target: str
    bias: list[str]
    depth: list[str]
    height: list[str]
    chunk: list[str]


@functools.cache
def kernel(spec: KernelSpec) -> str:
    """The LLVM text."""
    b, v, a = begin_vectors(ARGUMENTS, spec.accumulator, spec.target)
    with tickets(b, a["items"]) as item:
        start, stop = share(b, item, a["units_per_item"], a["units"])
        with b.loop(start, stop) as number:
            unit = _unit(b, v, spec, a, number.index)
            with b.loop(0, a["tile_count"]) as tile:
                source_at, column, target_at, left, width = b.entry(a["tiles_ptr"], tile.index, TILE_WORDS)

                def rows(vectors: int, checked: bool) -> None:
                    _Tile(b, v, spec, a, unit, vectors, checked, source_at, column, target_at, left).rows()

                b.switch(width, {i: functools.partial(rows, *variant) for i, variant in enumerate(spec.variants)})
    return b.text()


def _unit(b: Builder, v: Vectors, spec: KernelSpec, a: dict[str, str], number: str) -> _Unit:
    n, group, block, depth, height, chunk = split(
        b, number, a["groups"], a["filter_blocks"], a["depth"], a["height"], a["chunk_count"]
    )
    first = b.mul(block, spec.filters)
    weights = b.at(a["weight_ptr"], b.mul(group, a["weight_group"]), b.mul(first, a["weight_into"]))
    bias = [v.zero] * spec.filters
    if spec.bias:
        channel = b.add(b.mul(b.add(b.mul(group, a["filter_blocks"]), block), spec.filters))
        element = ELEMENT_BYTES[spec.dtype]
        at = b.at(a["bias_ptr"], b.mul(channel, element))
        bias = [v.splat(scalar_widen(b, b.at(at, m * element), spec.dtype, v.element)) for m in range(spec.filters)]
    return _Unit(
        b.at(a["source_ptr"], b.mul(n, a["source_n"]), b.mul(group, a["source_group"])),
        [b.at(weights, b.mul(a["weight_into"], m)) for m in range(spec.filters)],
        b.at(
            a["target_ptr"], b.mul(n, a["target_n"]), b.mul(group, a["target_group"]), b.mul(first, a["target_c"]),
            b.mul(depth, a["target_d"]), b.mul(height, a["target_h"]),
        ),
        bias,
        b.entry(a["depth_ptr"], depth, AXIS_WORDS),
        b.entry(a["height_ptr"], height, AXIS_WORDS),
        b.entry(a["chunks_ptr"], chunk, CHUNK_WORDS),
    )  # fmt: skip


class _Tile:
    """A column of a plane, some vectors wide: all its rows, one after the other."""

    def __init__(
        self, b: Builder, v: Vectors, spec: KernelSpec, a: dict[str, str], unit: _Unit, vectors: int,
        checked: bool, source_at: str, column: str, target_at: str, left: str,
    ):  # fmt: skip
        self.b, self.v, self.spec, self.a, self.unit, self.vectors = b, v, spec, a, unit, vectors
        self.source = b.at(unit.source, source_at)
        self.target = b.at(unit.target, target_at)
        self.left = left
        self.keeps = v.masks
        self.masks: dict[int, str] = {}
        if spec.masked and checked:
            self.masks = {
                raw: self._keep(v.window(b.add(column, raw), a["width"]))
                for raw in sorted(spec.outside(vectors, v.lanes))
            }
        # All but the last vectors of a tile are whole.
        stored = range(vectors * len(spec.streams))
        self.store_masks = [
            self._keep(v.mask(b.sub(left, i * v.lanes))) if i >= (vectors - 1) * len(spec.streams) else ""
            for i in stored
        ]
        if not checked:
            self.store_masks = [""] * len(stored)
        live = len(spec.streams) * spec.filters * vectors * spec.rolling.live
        self.hoisted: dict[tuple[int, int, int], str] = {}
        if spec.single and spec.filters * spec.taps + live + 3 <= spec.target.registers:
            for m in range(spec.filters):
                for tap in sorted({t for _, _, t in spec.rolling.terms}):
                    for t in sorted({t for stream in spec.streams for t, _ in stream}):
                        self.hoisted[m, tap, t] = v.load_splat(self._weight(unit.weights, m, tap, t))

    def _keep(self, mask: str) -> str:
        return self.v.keep(mask) if self.keeps else mask

    def _kept(self, mask: str) -> str:
        return self.v.kept(mask) if self.keeps else mask

    def rows(self) -> None:
        """The loop over steps: read source rows, complete result rows."""
        b, v, spec, a = self.b, self.v, self.spec, self.a
        roll = spec.rolling
        position, steps, live_first, first, stop, class_first = self.unit.chunk
        fresh = [self.unit.bias[m] for _ in spec.streams for m in range(spec.filters) for _ in range(self.vectors)]
        count = b.sub(stop, first)
        # Row by row the addresses move on: nothing is multiplied inside the loop.
        step, target_step = b.mul(a["source_pitch"], a["source_h"]), a["target_row"]
        offsets = [b.mul(step, q) for q in range(roll.consumes + 1)]
        pitches = [b.mul(a["source_pitch"], q) for q in range(roll.consumes + 1)]
        target_offsets = [b.mul(target_step, k) for k in range(roll.completes + 1)]
        ahead = b.mul(step, ROWS_AHEAD)
        begin: list[tuple[str, Value]] = [
            ("ptr", b.at(self.source, b.mul(position, a["source_h"]))),
            ("i64", b.sub(position, a["height_low"])),
            ("ptr", b.at(self.target, b.mul(class_first, a["target_h"]), b.mul(live_first, target_step))),
            ("i64", b.sub(live_first, first)),
        ]
        with b.loop(0, steps, carried=[*begin, *((v.type, x) for x in fresh * roll.live)]) as turn:
            source, place, target, number, *sums = turn.values
            for q in range(roll.consumes):
                row = b.at(source, offsets[q])
                inside = b.compare("ult", b.add(place, pitches[q]), a["height_size"])
                if roll.live > 1:
                    self._fetch_ahead(row, ahead)
                sums = b.update(inside, v.type, sums, functools.partial(self._channels, row, q))
            for k in range(roll.completes):
                ready = sums[k * len(fresh) : (k + 1) * len(fresh)]
                with b.when(b.compare("ult", b.add(number, k), count)):
                    self._store(ready, b.at(target, target_offsets[k]))
            turn.carry(
                [
                    b.at(source, offsets[-1]), b.add(place, pitches[-1]), b.at(target, target_offsets[-1]),
                    b.add(number, roll.completes), *sums[roll.completes * len(fresh) :], *fresh * roll.completes,
                ]
            )  # fmt: skip

    def _fetch_ahead(self, row: str, ahead: Value) -> None:
        """Ask for a row that some later step reads."""
        spec = self.spec
        for i in range(0, self.vectors * spec.read * self.v.lanes * ELEMENT_BYTES[spec.source_dtype], 64):
            self.b.prefetch(self.b.at(row, ahead, i))

    def _channels(self, row: str, q: int, sums: list[str]) -> list[str]:
        """One source row of every channel and outer tap."""
        b, a, spec = self.b, self.a, self.spec
        depth, height = self.unit.depth, self.unit.height
        source = b.at(row, depth[1], height[1])
        axes: list[tuple[Value, str, str]] = []
        weights = self.unit.weights
        if not spec.single:
            weights = [b.at(w, depth[0], height[0]) for w in weights]
            axes = [
                (depth[2], a["depth_tap"], a["depth_source"]),
                (height[2], a["height_tap"], a["height_source"]),
                (a["channels"], a["weight_out_of"], a["source_c"]),
            ]

        def nested(done: int, source: str, weights: list[str], sums: list[str]) -> list[str]:
            """The sums after the loops inside the first so many, the one over source rows counted."""
            if done == spec.apart + 1 and done:
                apart = terms(done, source, weights, [self.v.zero] * len(sums))
                return [self.v.add(*pair) for pair in zip(sums, apart, strict=True)]
            return terms(done, source, weights, sums)

        def terms(done: int, source: str, weights: list[str], sums: list[str]) -> list[str]:
            if done > len(axes):
                return self._accumulate(source, weights, q, sums)
            count, tap, step = axes[done - 1]
            kinds = [("ptr", source), *(("ptr", w) for w in weights), *((self.v.type, x) for x in sums)]
            with b.loop(0, count, carried=kinds) as loop:
                here, *values = loop.values
                mine, inner = values[: len(weights)], values[len(weights) :]
                added = nested(done + 1, here, mine, inner)
                loop.carry([b.at(here, step), *(b.at(w, tap) for w in mine), *added])
            return loop.results[1 + len(weights) :]

        return nested(1, source, weights, sums)

    def _accumulate(self, source: str, weights: list[str], q: int, sums: list[str]) -> list[str]:
        """One source row, one channel: all its taps."""
        spec, v = self.spec, self.v
        sums = list(sums)
        terms = [(slot, tap) for source_row, slot, tap in spec.rolling.terms if source_row == q]
        loaded: dict[int, str] = {}
        uses = [(offset, r, t) for r, stream in enumerate(spec.streams) for t, offset in stream]
        # Taps whole vectors apart read the same elements for different vectors of the tile.
        for offset, r, t in sorted(uses, key=lambda use: (use[0] // spec.read % v.lanes, use[0], use[1])):
            pixels = [self._pixels(source, offset, j, loaded) for j in range(self.vectors)]
            for slot, tap in terms:
                for m in range(spec.filters):
                    weight = self.hoisted.get((m, tap, t)) or v.load_splat(self._weight(weights, m, tap, t))
                    for j, pixel in enumerate(pixels):
                        k = ((slot * len(spec.streams) + r) * spec.filters + m) * self.vectors + j
                        sums[k] = v.fma(pixel, weight, sums[k])
        return sums

    def _weight(self, weights: list[str], m: int, tap: int, t: int) -> str:
        return self.b.at(weights[m], tap * self.spec.tap_row_bytes + t * self.v.bytes)

    def _pixels(self, source: str, offset: int, vector: int, loaded: dict[int, str]) -> str:
        spec, v = self.spec, self.v
        raws = []
        for raw in self.spec.raws(offset, vector, v.lanes):
            if raw not in loaded:
                at = self.b.at(source, raw * ELEMENT_BYTES[spec.source_dtype])
                if raw in self.masks:
                    loaded[raw] = v.load_masked(at, self._kept(self.masks[raw]), spec.source_dtype)
                else:
                    loaded[raw] = v.load_as(at, spec.source_dtype)
            raws.append(loaded[raw])
        return v.pick(raws, [offset % spec.read + spec.read * i for i in range(v.lanes)])

    def _store(self, ready: list[str], target: str) -> None:
        """Complete rows: streams interleaved to dense pixels."""
        b, v, spec = self.b, self.v, self.spec
        count = len(spec.streams)
        writes: list[tuple[str, str, str]] = []
        for m in range(spec.filters):
            row = b.at(target, b.mul(self.a["target_c"], m))
            for j in range(self.vectors):
                streams = [ready[(r * spec.filters + m) * self.vectors + j] for r in range(count)]
                for k in range(count):
                    pixels = [(k * v.lanes + i) for i in range(v.lanes)]
                    value = v.pick(streams, [p % count * v.lanes + p // count for p in pixels])
                    index = j * count + k
                    at = b.at(row, index * v.lanes * ELEMENT_BYTES[spec.dtype])
                    writes.append((value, at, self.store_masks[index]))

        def masked() -> None:
            for value, at, mask in writes:
                if mask:
                    v.store_masked(value, at, self._kept(mask), spec.dtype)
                else:
                    v.store_as(value, at, spec.dtype)

        def whole() -> None:
            for value, at, _ in writes:
                v.store_as(value, at, spec.dtype)

        if v.masks or not any(mask for _, _, mask in writes):
            masked()
        else:
            b.either(b.compare("sge", self.left, self.vectors * count * v.lanes), whole, masked)
