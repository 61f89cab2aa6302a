"""The contraction of `positions`: vectors of neighbouring positions times filters that are broadcast where they lie.

A tile is a few vectors of positions by a few destination channels. A tap is a constant distance for all positions of
a tile: they run along a row, or through a plane with the pitch of its padded rows, where those that fall between two
rows of results are computed and left out when a tile is stored.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.ir.builder import Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.watch import Watch
from tilewise.target import Target

ARGUMENTS = Arguments(
    [
        "items", "groups", "depth", "row_chunks", "rows_per_item", "rows", "block_chunks", "blocks_per_item",
        "block_count", "pitch", "height", "width", "source_n", "source_group", "source_d", "filter_group", "filter_row",
        "target_n", "target_group", "target_d", "target_row", "target_h", "outer_count", "outer_per_sum", "inner_count",
        "blocks_ptr", "outer_ptr", "inner_ptr", "source_ptr", "filters_ptr", "bias_ptr", "target_ptr", "status_ptr",
    ]
)  # fmt: skip
# The words of a block: bytes from a plane's first position to its own, in the source and in the result; its first
# position, and how many it has; the index of its tile.
BLOCK_WORDS = 5


@dataclass(frozen=True)
class Spec:
    """What the generated code is specialised on."""

    dtype: str
    bias: bool
    watched: bool  # whether zeros of the padding are multiplied, which makes NaN of infinite filters
    tiles: tuple[tuple[int, int], ...]  # (vectors, rows) of register tiles, one for each number of vectors
    pieces: bool  # whether a sum is made in several pieces, that are added up in memory
    gaps: bool  # whether a tile may hold positions between two rows of results
    masked: bool  # whether a block's last vector may be masked
    stretches: bool  # whether rows of filters are passed over once for several whole blocks
    streams: bool  # whether whole aligned vectors go past the caches
    target: Target


@functools.cache
def kernel(spec: Spec) -> str:
    """The text."""
    return _Kernel(spec).text()


@dataclass(frozen=True)
class _Rows:
    """Where a row of filters and its results begin, and where its bias is."""

    filters: str
    target: str
    bias: str


@dataclass(frozen=True)
class _Block:
    """A block: where its source is, and the words of `BLOCK_WORDS` from the second on."""

    source: str
    target: Value
    start: Value
    count: Value
    tile: Value


class _Kernel:
    def __init__(self, spec: Spec):
        self.spec = spec
        self.b, self.v, self.a = b, v, _ = begin_vectors(ARGUMENTS, spec.dtype, spec.target)
        self.vector = v.lanes * v.bytes
        self.watch = Watch(v)
        self.scratch = b.stack(max(vectors * rows for vectors, rows in spec.tiles) * self.vector)

    def text(self) -> str:
        """A ticket is some blocks of positions of one image, depth and group, and some rows: destination channels."""
        b, a = self.b, self.a
        with tickets(b, a["items"]) as item:
            n, group, d, chunk, stretch = split(b, item, a["groups"], a["depth"], a["row_chunks"], a["block_chunks"])
            rows = share(b, chunk, a["rows_per_item"], a["rows"])
            blocks = share(b, stretch, a["blocks_per_item"], a["block_count"])
            place = (b.mul(n, a["source_n"]), b.mul(group, a["source_group"]), b.mul(d, a["source_d"]))
            source = b.at(a["source_ptr"], *place)
            place = (b.mul(n, a["target_n"]), b.mul(group, a["target_group"]), b.mul(d, a["target_d"]))
            target = b.at(a["target_ptr"], *place)
            filters = b.at(a["filters_ptr"], b.mul(group, a["filter_group"]))
            bias = b.at(a["bias_ptr"], b.mul(b.mul(group, a["rows"]), self.v.bytes))
            visit = self._stretch if self.spec.stretches else self._columns
            self.watch.begin()
            visit(rows, blocks, source, _Rows(filters, target, bias))
            if self.spec.watched:
                self.watch.report(a["status_ptr"])
        if self.spec.streams:
            b.call("void", "llvm.x86.sse.sfence")
        return b.text()

    def _columns(self, rows: tuple[Value, Value], blocks: tuple[Value, Value], source: str, at: _Rows) -> None:
        """For each block all rows, so that its pixels stay near; its last vector masked.

        A tile of rows that would reach past the last one begins further up: what others have made comes out the same.
        """
        b, (first, last) = self.b, rows
        with b.loop(*blocks) as number:
            block = self._block(number.index, source)

            def body(vectors: int, size: int) -> None:
                mask = None
                if self.spec.masked:
                    mask = self.v.keep(self.v.mask(b.sub(block.count, (vectors - 1) * self.v.lanes)))
                with b.loop(first, last, size) as row:
                    begin = b.max(b.min(row.index, b.sub(last, size)), 0)
                    self._tile(vectors, size, block, self._row(at, begin), mask)

            b.switch(block.tile, {i: functools.partial(body, *tile) for i, tile in enumerate(self.spec.tiles)})

    def _stretch(self, rows: tuple[Value, Value], blocks: tuple[Value, Value], source: str, at: _Rows) -> None:
        """For a few rows all blocks, which are whole, so that results are written in long stretches.

        The last rows are the last of all, some of which others have made: they come out the same.
        """
        b, size = self.b, self.spec.tiles[0][1]
        with b.loop(*rows, size) as row:
            here = self._row(at, b.min(row.index, b.sub(self.a["rows"], size)))
            with b.loop(*blocks) as number:
                block = self._block(number.index, source)

                def body(vectors: int, height: int, block: _Block = block, here: _Rows = here) -> None:
                    self._tile(vectors, height, block, here, None)

                b.switch(block.tile, {i: functools.partial(body, *tile) for i, tile in enumerate(self.spec.tiles)})

    def _row(self, at: _Rows, row: Value) -> _Rows:
        b, a = self.b, self.a
        return _Rows(
            b.at(at.filters, b.mul(row, a["filter_row"])),
            b.at(at.target, b.mul(row, a["target_row"])),
            b.at(at.bias, b.mul(row, self.v.bytes)),
        )

    def _block(self, number: Value, source: str) -> _Block:
        b = self.b
        near, to, start, count, tile = b.entry(self.a["blocks_ptr"], number, BLOCK_WORDS)
        return _Block(b.at(source, near), to, start, count, tile)

    def _tile(self, vectors: int, rows: int, block: _Block, at: _Rows, mask: str | None) -> None:
        """The sums of a tile to memory; without a mask its last vector is whole too."""
        spec, b = self.spec, self.b
        start = [self.v.zero] * (vectors * rows)
        if spec.bias:
            each = [self.v.load_splat(b.at(at.bias, i * self.v.bytes)) for i in range(rows)]
            start = [value for value in each for _ in range(vectors)]
        sums = self._sums(vectors, rows, block.source, at.filters, mask, start)
        if spec.watched:
            self.watch.see(*sums)
        if not spec.gaps:
            self._store(vectors, sums, b.at(at.target, block.target), mask)
            return
        if not spec.pieces:
            for place, value in zip(self._places(len(sums)), sums, strict=True):
                self.v.store(value, place)
        self._store_rows(vectors, rows, at.target, block)

    def _places(self, count: int) -> list[str]:
        return [self.b.at(self.scratch, i * self.vector) for i in range(count)]

    def _sums(
        self, vectors: int, rows: int, source: str, filters: str, mask: str | None, start: list[str]
    ) -> list[str]:
        """[row][vector] over all terms; where they are several pieces, these are added up in the scratch."""
        b, v, a = self.b, self.v, self.a

        def piece(first: Value, stop: Value, start: list[str]) -> list[str]:
            with b.loop(first, stop, carried=[(v.type, value) for value in start]) as outer:
                # Bytes into the source, bytes into the filters.
                near, across = b.entry(a["outer_ptr"], outer.index, 2)
                at, weights = b.at(source, near), b.at(filters, across)
                carried = [(v.type, value) for value in outer.values]
                with b.loop(0, a["inner_count"], carried=carried) as inner:
                    inner.carry(self._products(vectors, rows, at, weights, mask, inner.index, inner.values))
                outer.carry(inner.results)
            return outer.results

        if not self.spec.pieces:
            return piece(0, a["outer_count"], start)
        places = self._places(vectors * rows)
        for place, value in zip(places, start, strict=True):
            v.store(value, place)
        with b.loop(0, a["outer_count"], a["outer_per_sum"]) as part:
            stop = b.min(b.add(part.index, a["outer_per_sum"]), a["outer_count"])
            for place, value in zip(places, piece(part.index, stop, [v.zero] * len(places)), strict=True):
                v.store(v.add(v.load(place), value), place)
        return [v.load(place) for place in places]

    def _products(
        self, vectors: int, rows: int, source: str, filters: str, mask: str | None, term: Value, sums: list[str]
    ) -> list[str]:
        b, v, a = self.b, self.v, self.a
        near, across = b.entry(a["inner_ptr"], term, 2)
        at, weights = b.at(source, near), b.at(filters, across)
        pixels = [self._load(b.at(at, j * self.vector), mask if j == vectors - 1 else None) for j in range(vectors)]
        result = list(sums)
        for i in range(rows):
            value = v.load_splat(b.at(weights, b.mul(a["filter_row"], i)))
            for j in range(vectors):
                result[i * vectors + j] = v.fma(value, pixels[j], sums[i * vectors + j])
        return result

    def _load(self, at: str, mask: str | None) -> str:
        return self.v.load(at) if mask is None else self.v.load_masked(at, self.v.kept(mask))

    def _store(self, vectors: int, sums: list[str], to: str, mask: str | None) -> None:
        """All positions follow each other in the result: registers go straight there."""
        b, v = self.b, self.v

        def put(streams: bool) -> None:
            for i, value in enumerate(sums):
                row, j = divmod(i, vectors)
                at = b.at(to, b.mul(self.a["target_row"], row), j * self.vector)
                if streams:
                    b.stream(v.type, value, at, self.vector)
                elif mask is not None and j == vectors - 1:
                    v.store_masked(value, at, v.kept(mask))
                else:
                    v.store(value, at)

        if not self.spec.streams:
            put(False)
            return
        address = b.let(f"ptrtoint ptr {to} to i64")
        aligned = b.compare("eq", b.let(f"and i64 {address}, {self.vector - 1}"), 0)
        b.either(aligned, functools.partial(put, True), functools.partial(put, False))

    def _store_rows(self, vectors: int, rows: int, to: str, block: _Block) -> None:
        """Those positions of a block that are results, row of the plane by row, from the scratch."""
        b, v, a = self.b, self.v, self.a
        start = block.start
        behind = b.add(start, block.count)
        first = b.div(start, a["pitch"])
        last = b.min(b.add(b.div(b.sub(behind, 1), a["pitch"]), 1), a["height"])
        with b.loop(first, last) as h:
            line = b.mul(h.index, a["pitch"])
            begin = b.max(line, start)
            length = b.sub(b.min(b.add(line, a["width"]), behind), begin)
            near = b.at(self.scratch, b.mul(b.sub(begin, start), v.bytes))
            at = b.at(to, b.mul(h.index, a["target_h"]), b.mul(b.sub(begin, line), v.bytes))
            self._store_line(vectors, rows, near, at, length)

    def _store_line(self, vectors: int, rows: int, near: str, at: str, length: Value) -> None:
        """Part of a row of results, of every row of filters, from the scratch.

        Where a mask costs as much as many stores, the last vector covers some of the one before it again.
        """
        b, v, a = self.b, self.v, self.a

        def put(w: Value, mask: str | None) -> None:
            for i in range(rows):
                place = b.at(near, i * vectors * self.vector, b.mul(w, v.bytes))
                to = b.at(at, b.mul(a["target_row"], i), b.mul(w, v.bytes))
                if mask is None:
                    v.store(v.load(place), to)
                else:
                    v.store_masked(v.load_masked(place, mask), to, mask)

        def masked() -> None:
            with b.loop(0, length, v.lanes) as w:
                put(w.index, v.kept(v.keep(v.mask(b.sub(length, w.index)))))

        def whole() -> None:
            with b.loop(0, length, v.lanes) as w:
                put(b.min(w.index, b.sub(length, v.lanes)), None)

        if v.masks:
            masked()
        else:
            b.either(b.compare("sge", length, v.lanes), whole, masked)
