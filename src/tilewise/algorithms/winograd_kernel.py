"""The contraction of `winograd`: a range of tiles is transformed, multiplied and transformed back while it is in cache.

A ticket is a range of `CAPACITY` tiles,
whatever strips (rows of tiles) they belong to, and a run of channel blocks. Its source transform fills
`[direct tap][product][tile][channel]` of the thread's own scratch once; for each block of destination channels the
products are contractions over channels in register tiles, their sums wait in `[product][tile][lanes]`, and the
result transform takes them from there.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.algorithms.storing import TileStore
from tilewise.algorithms.winograd_strips import ARGUMENTS as STRIP_ARGUMENTS
from tilewise.algorithms.winograd_strips import Strip, Transformed, Walk
from tilewise.ir.builder import Value
from tilewise.ir.kernel import SLOTS, Arguments, begin_vectors, scratch_slot, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.ir.watch import Watch
from tilewise.target import Target

ARGUMENTS = Arguments(
    [
        "items", *SLOTS, "runs", "ranges", "ranges_per_item", *STRIP_ARGUMENTS,
        "channels", "blocks", "blocks_per_item", "blocks_per_group", "full_cuts", "last_cuts", "panel_bytes",
        "product_bytes", "outputs",
        "target_n", "target_d", "target_h", "target_w", "target_c",
        "cuts_ptr", "filters_ptr", "bias_ptr", "target_ptr", "status_ptr",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """What the generated code is specialised on."""

    dtype: str
    source_dtype: str
    result_dtype: str
    accumulator: str
    vectors: int
    layout: Transformed
    piece: int  # channels summed at a time
    unroll: int
    chunked: bool  # whether there is more than one such sum
    store: str
    bias: bool
    widths: tuple[int, ...]
    target: Target

    @property
    def lanes(self) -> int:
        """Destination channels of a block."""
        return self.vectors * self.target.lanes(self.accumulator)

    @property
    def sum_bytes(self) -> int:
        """The sums of all products."""
        return self.layout.tile.products * self.layout.capacity * self.lanes * ELEMENT_BYTES[self.accumulator]

    @property
    def line_bytes(self) -> int:
        """One row of finished outputs that waits to be stored; squares read past its end."""
        return (self.layout.capacity * self.layout.tile.outputs + 16) * self.lanes * ELEMENT_BYTES[self.accumulator]

    def slot_bytes(self, taps: int, blocks: int) -> int:
        """One thread's scratch, for a group of so many blocks."""
        return taps * self.layout.size + blocks * self.sum_bytes + self.layout.tile.outputs * self.line_bytes


@functools.cache
def kernel(spec: Spec) -> str:
    """The text."""
    return _Kernel(spec).text()


class _Kernel:
    def __init__(self, spec: Spec):
        self.spec = spec
        self.b, self.v, self.a = b, v, a = begin_vectors(ARGUMENTS, spec.accumulator, spec.target)
        self.watch = Watch(v)
        self.walk = Walk(b, v, a, spec.layout.tile)

    def text(self) -> str:
        """Threads without a scratch of their own leave; the others draw tickets."""
        b, a, spec = self.b, self.a, self.spec
        with scratch_slot(b, ARGUMENTS, a) as self.transformed:
            self.lines = b.at(self.transformed, b.mul(a["taps"], spec.layout.size))
            self.sums = b.at(self.lines, spec.layout.tile.outputs * spec.line_bytes)
            with tickets(b, a["items"]) as item:
                chunk, run = split(b, item, a["runs"])
                first_block, last_block = share(b, chunk, a["blocks_per_item"], a["blocks"])
                first_range, last_range = share(b, run, a["ranges_per_item"], a["ranges"])
                self.watch.begin()
                with b.loop(first_range, last_range) as number:
                    first, last = share(b, number.index, spec.layout.capacity, a["tiles"])
                    with b.loop(0, a["taps"]) as tap:
                        to = b.at(self.transformed, b.mul(tap.index, spec.layout.size))
                        self.walk.transform_source(
                            spec.source_dtype, spec.layout, first, last, tap.index, a["source_ptr"], a["channels"], to
                        )
                    whole = b.compare("eq", b.sub(last, first), spec.layout.capacity)
                    begin = b.select(whole, "i64", 0, a["full_cuts"])
                    cuts = begin, b.select(whole, "i64", a["full_cuts"], b.add(a["full_cuts"], a["last_cuts"]))
                    with b.loop(first_block, last_block, a["blocks_per_group"]) as group:
                        behind = b.min(b.add(group.index, a["blocks_per_group"]), last_block)
                        with b.loop(group.index, behind) as block:
                            self._ask(block.index, first, last)
                        with b.loop(0, spec.layout.tile.products) as product, b.loop(group.index, behind) as block:
                            self._products(block.index, product.index, self._sums(block.index, group.index), cuts)
                        with b.loop(group.index, behind) as block:
                            self._results(block.index, self._sums(block.index, group.index), first, last)
                self.watch.report(a["status_ptr"])
        return b.text()

    # -- products ----------------------------------------------------------------------------------

    def _sums(self, block: Value, group: Value) -> str:
        """Where a block's sums wait: a group's blocks side by side."""
        b = self.b
        return b.at(self.sums, b.mul(b.sub(block, group), self.spec.sum_bytes))

    def _products(self, block: Value, product: Value, sums: str, cuts: tuple[Value, Value]) -> None:
        """For each register tile of a range, the sum over direct taps and channels."""
        b, a, spec = self.b, self.a, self.spec
        filters = b.at(a["filters_ptr"], b.mul(block, a["panel_bytes"]), b.mul(product, a["product_bytes"]))
        source = b.at(self.transformed, b.mul(product, spec.layout.product_bytes))
        sums = b.at(sums, b.mul(product, spec.layout.capacity * spec.lanes * self.v.bytes))
        with b.loop(*cuts) as cut:
            start, index = b.entry(a["cuts_ptr"], cut.index, 2)
            at = b.at(source, b.mul(start, spec.layout.pixel_bytes))
            to = b.at(sums, b.mul(start, spec.lanes * self.v.bytes))
            b.switch(
                index,
                {i: functools.partial(self._tile, w, at, filters, to) for i, w in enumerate(spec.widths)},
            )

    def _tile(self, width: int, source: str, filters: str, to: str) -> None:
        b, v, a, spec = self.b, self.v, self.a, self.spec
        places = [b.at(to, k * v.lanes * v.bytes) for k in range(width * spec.vectors)]
        with b.loop(0, a["taps"], carried=[("ptr", filters)]) as tap:
            at = b.at(source, b.mul(tap.index, spec.layout.size))
            with b.loop(0, a["channels"], spec.piece, carried=[("ptr", tap.values[0])]) as piece:
                stop = b.min(b.add(piece.index, spec.piece), a["channels"])
                begins = b.compare("eq", b.add(tap.index, piece.index), 0)
                after, sums = self._sum(width, at, piece.values[0], piece.index, stop)
                for place, value in zip(places, sums, strict=True):
                    before = b.select(begins, v.type, v.zero, v.load(place)) if spec.chunked else ""
                    v.store(v.add(before, value) if spec.chunked else value, place)
                piece.carry([after])
            tap.carry(piece.results)

    def _sum(self, width: int, source: str, filters: str, start: Value, stop: Value) -> tuple[str, list[str]]:
        """The microkernel: (where the filters go on, sums) over a piece of the channels."""
        b, v, spec = self.b, self.v, self.spec
        row_bytes = spec.lanes * v.bytes
        carried = [("ptr", filters), *[(v.type, v.zero)] * (width * spec.vectors)]
        with b.loop(start, stop, spec.unroll, carried=carried) as c:
            at = b.at(source, b.mul(c.index, v.bytes))
            panel, sums = c.values[0], list(c.values[1:])
            for u in range(spec.unroll):
                rows = [v.load(b.at(panel, u * row_bytes + j * v.lanes * v.bytes)) for j in range(spec.vectors)]
                for p in range(width):
                    pixel = v.load_splat(b.at(at, p * spec.layout.pixel_bytes + u * v.bytes))
                    for j in range(spec.vectors):
                        k = p * spec.vectors + j
                        sums[k] = v.fma(pixel, rows[j], sums[k])
            c.carry([b.at(panel, spec.unroll * row_bytes), *sums])
        return c.results[0], c.results[1:]

    # -- results -----------------------------------------------------------------------------------

    def _ask(self, block: Value, first: Value, last: Value) -> None:
        """Ask for the lines that the results will be written to, while there is time until the products are done."""
        b, a, spec = self.b, self.a, self.spec
        step = b.mul(a["target_w"], a["column_step"])
        with self.walk.strips(first, last) as (_, s):
            column, width, rows = self.walk.outputs(s)
            for row in rows:
                to = self._target(block, s, row, column)
                with b.loop(0, width) as k:
                    at = b.at(to, b.mul(k.index, step))
                    for line in range(0, spec.lanes * ELEMENT_BYTES[spec.result_dtype], 64):
                        b.prefetch(b.at(at, line), write=True)

    def _results(self, block: Value, sums: str, first: Value, last: Value) -> None:
        b, v, a, spec = self.b, self.v, self.a, self.spec
        done = b.mul(block, spec.lanes)
        left = b.sub(a["outputs"], done)
        bias = [v.zero] * spec.vectors
        if spec.bias:
            element = ELEMENT_BYTES[spec.dtype]
            start = b.at(a["bias_ptr"], b.mul(done, element))
            bias = [
                v.load_masked(b.at(start, j * v.lanes * element), v.mask(b.sub(left, j * v.lanes)), spec.dtype)
                for j in range(spec.vectors)
            ]
        step = b.mul(a["target_w"], a["column_step"])
        finish = TileStore(b, v, spec.result_dtype, spec.lanes, spec.store, step, a["target_c"])
        with self.walk.strips(first, last) as (_, s):
            self._result_strip(s, sums, bias)
            column, width, rows = self.walk.outputs(s)
            for i, row in enumerate(rows):
                with b.when(b.compare("slt", row, a["height"])):
                    line = b.at(self.lines, i * spec.line_bytes)
                    finish.store(line, self._target(block, s, row, column), left, width)

    def _target(self, block: Value, s: Strip, row: Value, column: Value) -> str:
        """Where an output lies."""
        b, a = self.b, self.a
        return b.at(
            a["target_ptr"], b.mul(b.mul(block, self.spec.lanes), a["target_c"]), b.mul(s.image, a["target_n"]),
            b.mul(s.depth, a["target_d"]), b.mul(row, a["target_h"]), b.mul(column, a["target_w"])
        )  # fmt: skip

    def _result_strip(self, s: Strip, sums: str, bias: list[str]) -> None:
        """Sums of products become rows of outputs."""
        b, v, spec = self.b, self.v, self.spec
        tiles = spec.layout.tile
        row_bytes = spec.lanes * v.bytes
        product_bytes = spec.layout.capacity * row_bytes
        with b.loop(s.begin, s.end) as tile:
            number = b.sub(tile.index, s.begin)
            at = b.at(sums, b.mul(b.add(s.number, number), row_bytes))
            to = b.at(self.lines, b.mul(number, tiles.outputs * row_bytes))
            for j in range(spec.vectors):
                grid = [
                    [
                        v.load(b.at(at, (i * tiles.inputs + k) * product_bytes + j * v.lanes * v.bytes))
                        for k in range(tiles.inputs)
                    ]
                    for i in range(tiles.rows)
                ]
                for i, row in enumerate(tiles.result(v, grid)):
                    finished = [v.add(value, bias[j]) for value in row] if spec.bias else row
                    self.watch.see(*finished)
                    for k, value in enumerate(finished):
                        v.store(value, b.at(to, i * spec.line_bytes + k * row_bytes + j * v.lanes * v.bytes))
