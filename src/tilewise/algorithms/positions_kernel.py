"""The contraction of `positions`: vectors of neighbouring positions times filters that are broadcast where they lie.

A tile is up to four vectors of positions by a few destination channels. Positions run through a plane with the pitch
of its padded rows, so that a tap is a constant distance for all of them; those that fall between two rows of results
are computed and left out when a tile is stored.
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
        "items", "groups", "depth", "row_chunks", "rows_per_item", "rows", "block_count", "pitch", "height", "width",
        "source_n", "source_group", "source_d", "filter_group", "filter_row", "target_n", "target_group", "target_d",
        "target_row", "target_h", "outer_count", "outer_per_sum", "inner_count",
        "blocks_ptr", "outer_ptr", "inner_ptr", "source_ptr", "filters_ptr", "bias_ptr", "target_ptr", "status_ptr",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """What the generated code is specialised on."""

    dtype: str
    bias: bool
    watched: bool  # whether zeros of the padding are multiplied, which makes NaN of infinite filters
    tiles: tuple[tuple[int, int], ...]  # (vectors, rows) of register tiles, one for each number of vectors
    target: Target


@functools.cache
def kernel(spec: Spec) -> str:
    """The text."""
    return _Kernel(spec).text()


class _Kernel:
    def __init__(self, spec: Spec):
        self.spec = spec
        self.b, self.v, self.a = b, v, _ = begin_vectors(ARGUMENTS, spec.dtype, spec.target)
        self.vector = v.lanes * v.bytes
        self.watch = Watch(v)
        self.scratch = b.stack(max(vectors * rows for vectors, rows in spec.tiles) * self.vector)

    def text(self) -> str:
        """A ticket is a block of positions of one image, depth and group, and some rows: destination channels."""
        b, a = self.b, self.a
        with tickets(b, a["items"]) as item:
            n, group, d, chunk, block = split(b, item, a["groups"], a["depth"], a["row_chunks"], a["block_count"])
            first, last = share(b, chunk, a["rows_per_item"], a["rows"])
            start, count, index = b.entry(a["blocks_ptr"], block, 3)
            source = b.at(
                a["source_ptr"], b.mul(n, a["source_n"]), b.mul(group, a["source_group"]), b.mul(d, a["source_d"]),
                b.mul(start, self.v.bytes)
            )  # fmt: skip
            target = b.at(
                a["target_ptr"], b.mul(n, a["target_n"]), b.mul(group, a["target_group"]), b.mul(d, a["target_d"])
            )
            filters = b.at(a["filters_ptr"], b.mul(group, a["filter_group"]))
            bias = b.mul(b.mul(group, a["rows"]), self.v.bytes)

            def body(vectors: int, rows: int) -> None:
                mask = self.v.keep(self.v.mask(b.sub(count, (vectors - 1) * self.v.lanes)))
                whole = b.add(first, b.mul(b.div(b.sub(last, first), rows), rows))
                for begin, end, size in ((first, whole, rows), (whole, last, 1)):
                    with b.loop(begin, end, size) as row:
                        at = b.at(filters, b.mul(row.index, a["filter_row"]))
                        self._sums(vectors, size, source, at, mask)
                        if self.spec.bias:
                            self._bias(vectors, size, b.at(a["bias_ptr"], bias, b.mul(row.index, self.v.bytes)))
                        if self.spec.watched:
                            self.watch.see(*(self.v.load(place) for place in self._places(vectors, size)))
                        to = b.at(target, b.mul(row.index, a["target_row"]))
                        self._store(vectors, size, to, start, count)

            self.watch.begin()
            b.switch(index, {i: functools.partial(body, *tile) for i, tile in enumerate(self.spec.tiles)})
            if self.spec.watched:
                self.watch.report(self.a["status_ptr"])
        return b.text()

    def _places(self, vectors: int, rows: int) -> list[str]:
        return [self.b.at(self.scratch, i * self.vector) for i in range(vectors * rows)]

    def _sums(self, vectors: int, rows: int, source: str, filters: str, mask: str) -> None:
        """[row][vector] of the scratch: the sums over all terms, in pieces that are added up there."""
        b, v, a = self.b, self.v, self.a
        places = self._places(vectors, rows)
        with b.loop(0, a["outer_count"], a["outer_per_sum"]) as piece:
            stop = b.min(b.add(piece.index, a["outer_per_sum"]), a["outer_count"])
            zeros = [(v.type, v.zero)] * len(places)
            with b.loop(piece.index, stop, carried=zeros) as outer:
                # Bytes into the source, bytes into the filters.
                near, across = b.entry(a["outer_ptr"], outer.index, 2)
                at, weights = b.at(source, near), b.at(filters, across)
                carried = [(v.type, value) for value in outer.values]
                with b.loop(0, a["inner_count"], carried=carried) as inner:
                    inner.carry(self._products(vectors, rows, at, weights, mask, inner.index, inner.values))
                outer.carry(inner.results)
            begins = b.compare("eq", piece.index, 0)
            for place, value in zip(places, outer.results, strict=True):
                v.store(v.add(b.select(begins, v.type, v.zero, v.load(place)), value), place)

    def _products(
        self, vectors: int, rows: int, source: str, filters: str, mask: str, term: Value, sums: list[str]
    ) -> list[str]:
        b, v, a = self.b, self.v, self.a
        near, across = b.entry(a["inner_ptr"], term, 2)
        at, weights = b.at(source, near), b.at(filters, across)
        pixels = [v.load(b.at(at, j * self.vector)) for j in range(vectors - 1)]
        pixels.append(v.load_masked(b.at(at, (vectors - 1) * self.vector), v.kept(mask)))
        result = list(sums)
        for i in range(rows):
            value = v.load_splat(b.at(weights, b.mul(a["filter_row"], i)))
            for j in range(vectors):
                result[i * vectors + j] = v.fma(value, pixels[j], sums[i * vectors + j])
        return result

    def _bias(self, vectors: int, rows: int, at: str) -> None:
        b, v = self.b, self.v
        places = self._places(vectors, rows)
        for i in range(rows):
            value = v.load_splat(b.at(at, i * v.bytes))
            for place in places[i * vectors : (i + 1) * vectors]:
                v.store(v.add(v.load(place), value), place)

    def _store(self, vectors: int, rows: int, to: str, start: Value, count: Value) -> None:
        """The positions `start` .. `start + count - 1` that are results, row of the plane by row."""
        b, v, a = self.b, self.v, self.a
        behind = b.add(start, count)
        first = b.div(start, a["pitch"])
        last = b.min(b.add(b.div(b.sub(behind, 1), a["pitch"]), 1), a["height"])
        with b.loop(first, last) as h:
            line = b.mul(h.index, a["pitch"])
            begin = b.max(line, start)
            length = b.sub(b.min(b.add(line, a["width"]), behind), begin)
            near = b.at(self.scratch, b.mul(b.sub(begin, start), v.bytes))
            at = b.at(to, b.mul(h.index, a["target_h"]), b.mul(b.sub(begin, line), v.bytes))
            with b.loop(0, length, v.lanes) as w:
                mask = v.kept(v.keep(v.mask(b.sub(length, w.index))))
                for i in range(rows):
                    value = v.load_masked(b.at(near, i * vectors * self.vector, b.mul(w.index, v.bytes)), mask)
                    v.store_masked(value, b.at(at, b.mul(a["target_row"], i), b.mul(w.index, v.bytes)), mask)
