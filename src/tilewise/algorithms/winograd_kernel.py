"""The contraction of `winograd`: a range of tiles is transformed, multiplied and transformed back while it is in cache.

A tile is two outputs along W, and two along H where the filter is `tall`. A ticket is a range of `CAPACITY` tiles,
whatever strips (rows of tiles) they belong to, and a run of channel blocks. Its source transform fills
`[direct tap][product][tile][channel]` of the thread's own scratch once; for each block of destination channels the
products are contractions over channels in register tiles, their sums wait in `[product][tile][lanes]`, and the
result transform takes them from there.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.algorithms.nonfinite import Watch
from tilewise.algorithms.storing import TileStore
from tilewise.algorithms.winograd_transforms import INPUTS, OUTPUTS, transform_result, transform_source
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import FUNCTION, Arguments, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors
from tilewise.target import Target

ARGUMENTS = Arguments(
    [
        "items", "drawn_slots", "slots", "slot_bytes", "runs", "ranges", "ranges_per_item", "strips_ahead", "tiles", "strip_tiles", "depth", "strip_rows",
        "row_residues", "column_residues", "height", "width", "row_step", "column_step", "taps", "channels",
        "source_depth", "source_height", "source_width", "source_n", "source_d", "source_h", "source_w", "column_low",
        "blocks", "blocks_per_item", "full_cuts", "last_cuts", "panel_bytes", "product_bytes", "outputs",
        "target_n", "target_d", "target_h", "target_w", "target_c",
        "taps_ptr", "cuts_ptr", "source_ptr", "filters_ptr", "bias_ptr", "target_ptr", "scratch_ptr", "status_ptr",
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
    tall: bool
    capacity: int
    pixel_bytes: int  # from one tile to the next of the transformed source
    piece: int  # channels summed at a time
    unroll: int
    chunked: bool  # whether there is more than one such sum
    store: str
    bias: bool
    widths: tuple[int, ...]
    target: Target

    @property
    def products(self) -> int:
        """Products a tile."""
        return INPUTS * (INPUTS if self.tall else 1)

    @property
    def tap_bytes(self) -> int:
        """The transformed source of one direct tap."""
        return self.products * self.capacity * self.pixel_bytes

    @property
    def lanes(self) -> int:
        """Destination channels of a block."""
        return self.vectors * self.target.lanes(self.accumulator)

    @property
    def sum_bytes(self) -> int:
        """The sums of all products."""
        return self.products * self.capacity * self.lanes * ELEMENT_BYTES[self.accumulator]

    @property
    def line_bytes(self) -> int:
        """One row of finished outputs that waits to be stored; squares read past its end."""
        return (self.capacity * OUTPUTS + 16) * self.lanes * ELEMENT_BYTES[self.accumulator]

    def slot_bytes(self, taps: int) -> int:
        """One thread's scratch."""
        return taps * self.tap_bytes + self.sum_bytes + OUTPUTS * self.line_bytes


@functools.cache
def kernel(spec: Spec) -> str:
    """The text."""
    return _Kernel(spec).text()


@dataclass
class _Strip:
    """The part of a strip that lies in a ticket's range: tiles `begin` .. `end`-1, the first being `number` of it."""

    image: Value
    depth: Value
    row: Value  # of the first outputs
    column: Value  # of tile 0's first output
    begin: Value
    end: Value
    number: Value


class _Kernel:
    def __init__(self, spec: Spec):
        self.spec = spec
        self.b = b = Builder(FUNCTION)
        self.v = v = Vectors(b, spec.accumulator, spec.target.lanes(spec.accumulator), spec.target.level != "generic")
        self.a = ARGUMENTS.load(b)
        self.watch = Watch(b, v, self.a["status_ptr"])
        self.rows = INPUTS if spec.tall else 1
        self.out_rows = OUTPUTS if spec.tall else 1

    def text(self) -> str:
        """Threads without a scratch of their own leave; the others draw tickets."""
        b, a, spec = self.b, self.a, self.spec
        slot = b.let(f"atomicrmw add ptr {b.at('%args', 8 * (ARGUMENTS.position('drawn_slots') + 1))}, i64 1 monotonic")
        with b.when(b.compare("slt", slot, a["slots"])):
            self.transformed = b.at(a["scratch_ptr"], b.mul(slot, a["slot_bytes"]))
            self.sums = b.at(self.transformed, b.mul(a["taps"], spec.tap_bytes))
            self.lines = b.at(self.sums, spec.sum_bytes)
            with tickets(b, a["items"]) as item:
                chunk, run = split(b, item, a["runs"])
                first_block = b.mul(chunk, a["blocks_per_item"])
                last_block = b.min(b.add(first_block, a["blocks_per_item"]), a["blocks"])
                first_range = b.mul(run, a["ranges_per_item"])
                last_range = b.min(b.add(first_range, a["ranges_per_item"]), a["ranges"])
                self.watch.begin()
                with b.loop(first_range, last_range) as number:
                    first = b.mul(number.index, spec.capacity)
                    last = b.min(b.add(first, spec.capacity), a["tiles"])
                    self._source(first, last)
                    whole = b.compare("eq", b.sub(last, first), spec.capacity)
                    begin = b.select(whole, "i64", 0, a["full_cuts"])
                    cuts = begin, b.select(whole, "i64", a["full_cuts"], b.add(a["full_cuts"], a["last_cuts"]))
                    with b.loop(first_block, last_block) as block:
                        self._ask(block.index, first, last)
                        self._products(block.index, cuts)
                        self._results(block.index, first, last)
                self.watch.end()
        return b.text()

    def _strips(self, first: Value, last: Value):  # type: ignore[no-untyped-def]
        """A loop over the strips of a range, with what part of each lies in it."""
        b, a = self.b, self.a
        loop = b.loop(b.div(first, a["strip_tiles"]), b.add(b.div(b.sub(last, 1), a["strip_tiles"]), 1))

        def part(strip: Value) -> _Strip:
            image, depth, row, row_residue, column_residue = split(
                b, strip, a["depth"], a["strip_rows"], a["row_residues"], a["column_residues"]
            )
            start = b.mul(strip, a["strip_tiles"])
            begin = b.max(b.sub(first, start), 0)
            end = b.min(b.sub(last, start), a["strip_tiles"])
            row = b.add(row_residue, b.mul(b.mul(row, self.out_rows), a["row_step"]))
            number = b.sub(b.add(start, begin), first)
            return _Strip(image, depth, row, column_residue, begin, end, number)

        return loop, part

    # -- source ------------------------------------------------------------------------------------

    def _source(self, first: Value, last: Value) -> None:
        b, a, spec = self.b, self.a, self.spec
        loop, part = self._strips(first, last)
        with loop as strip:
            s = part(strip.index)
            image = b.at(a["source_ptr"], b.mul(s.image, a["source_n"]))
            with b.loop(0, a["taps"]) as tap:
                entry = b.at(a["taps_ptr"], b.mul(tap.index, 16))
                depth = b.add(s.depth, b.load("i64", entry, 8))
                row = b.add(s.row, b.load("i64", b.at(entry, 8), 8))
                rows = [b.add(row, b.mul(a["row_step"], i)) for i in range(self.rows)]
                plane = b.at(image, b.mul(depth, a["source_d"]))
                deep = b.compare("ult", depth, a["source_depth"])
                inside = [b.both(deep, b.compare("ult", r, a["source_height"])) for r in rows]
                starts = [b.at(plane, b.mul(r, a["source_h"])) for r in rows]
                to = b.at(self.transformed, b.mul(tap.index, spec.tap_bytes), b.mul(s.number, spec.pixel_bytes))
                ahead = self._ahead(strip.index, entry)
                self._source_strip(s, starts, inside, to, ahead)

    def _ahead(self, strip: Value, entry: str) -> list[str]:
        """Where the rows of the next range's strip lie that are new in it."""
        b, a = self.b, self.a
        image, depth, row, row_residue, _ = split(
            b, b.add(strip, a["strips_ahead"]), a["depth"], a["strip_rows"], a["row_residues"], a["column_residues"]
        )
        row = b.add(row_residue, b.mul(b.mul(row, self.out_rows), a["row_step"]), b.load("i64", b.at(entry, 8), 8))
        depth = b.add(depth, b.load("i64", entry, 8))
        plane = b.at(a["source_ptr"], b.mul(image, a["source_n"]), b.mul(depth, a["source_d"]))
        return [b.at(plane, b.mul(b.add(row, b.mul(a["row_step"], i)), a["source_h"])) for i in range(self.rows)][
            -self.out_rows :
        ]

    def _source_strip(self, s: _Strip, starts: list[str], inside: list[str], to: str, ahead: list[str]) -> None:
        """Columns are transformed along H once and shared by the two tiles that they belong to."""
        b, v, a, spec = self.b, self.v, self.a, self.spec
        element = ELEMENT_BYTES[spec.source_dtype]
        with b.loop(0, a["channels"], v.lanes) as c:
            left = b.sub(a["channels"], c.index)
            masks = [v.keep(v.mask(b.select(ok, "i64", left, 0))) for ok in inside]
            corners = [b.at(start, b.mul(c.index, element)) for start in starts]
            later = [b.at(start, b.mul(c.index, element)) for start in ahead]

            def column(tile: Value, number: int) -> list[str]:
                place = b.add(s.column, a["column_low"], b.mul(b.add(b.mul(tile, OUTPUTS), number), a["column_step"]))
                offset = b.mul(place, a["source_w"])

                def read(_: list[str]) -> list[str]:
                    at = [b.at(corner, offset) for corner in corners]
                    for corner in later:
                        b.prefetch(b.at(corner, offset))
                    return [
                        v.load_masked(p, v.kept(mask), spec.source_dtype) for p, mask in zip(at, masks, strict=True)
                    ]

                exists = b.compare("ult", place, a["source_width"])
                values = b.update(exists, v.type, [v.zero] * self.rows, read)
                return transform_source(v, values) if spec.tall else values

            carried = [(v.type, x) for number in range(2) for x in column(s.begin, number)]
            start = b.at(to, b.mul(c.index, v.bytes))
            with b.loop(s.begin, s.end, carried=[("ptr", start), *carried]) as tile:
                at, known = tile.values[0], tile.values[1:]
                columns = [known[: self.rows], known[self.rows :], column(tile.index, 2), column(tile.index, 3)]
                for i in range(self.rows):
                    for k, value in enumerate(transform_source(v, [values[i] for values in columns])):
                        v.store(value, b.at(at, (i * INPUTS + k) * spec.capacity * spec.pixel_bytes))
                tile.carry([b.at(at, spec.pixel_bytes), *columns[2], *columns[3]])

    # -- products ----------------------------------------------------------------------------------

    def _products(self, block: Value, cuts: tuple[Value, Value]) -> None:
        """For each product and register tile, the sum over direct taps and channels."""
        b, a, spec = self.b, self.a, self.spec
        panel = b.at(a["filters_ptr"], b.mul(block, a["panel_bytes"]))
        with b.loop(0, spec.products) as product:
            filters = b.at(panel, b.mul(product.index, a["product_bytes"]))
            source = b.at(self.transformed, b.mul(product.index, spec.capacity * spec.pixel_bytes))
            sums = b.at(self.sums, b.mul(product.index, spec.capacity * spec.lanes * self.v.bytes))
            with b.loop(*cuts) as cut:
                entry = b.at(a["cuts_ptr"], b.mul(cut.index, 16))
                start, index = b.load("i64", entry, 8), b.load("i64", b.at(entry, 8), 8)
                at = b.at(source, b.mul(start, spec.pixel_bytes))
                to = b.at(sums, b.mul(start, spec.lanes * self.v.bytes))
                b.switch(
                    index,
                    {i: functools.partial(self._tile, w, at, filters, to) for i, w in enumerate(spec.widths)},
                )

    def _tile(self, width: int, source: str, filters: str, to: str) -> None:
        b, v, a, spec = self.b, self.v, self.a, self.spec
        places = [b.at(to, k * v.lanes * v.bytes) for k in range(width * spec.vectors)]
        with b.loop(0, a["taps"], carried=[("ptr", filters)]) as tap:
            at = b.at(source, b.mul(tap.index, spec.tap_bytes))
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
                    pixel = v.load_splat(b.at(at, p * spec.pixel_bytes + u * v.bytes))
                    for j in range(spec.vectors):
                        k = p * spec.vectors + j
                        sums[k] = v.fma(pixel, rows[j], sums[k])
            c.carry([b.at(panel, spec.unroll * row_bytes), *sums])
        return c.results[0], c.results[1:]

    # -- results -----------------------------------------------------------------------------------

    def _results(self, block: Value, first: Value, last: Value) -> None:
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
        target = b.at(a["target_ptr"], b.mul(done, a["target_c"]))
        step = b.mul(a["target_w"], a["column_step"])
        finish = TileStore(b, v, spec.result_dtype, spec.lanes, spec.store, step, a["target_c"])
        loop, part = self._strips(first, last)
        with loop as strip:
            s = part(strip.index)
            self._result_strip(s, bias)
            column = b.add(s.column, b.mul(b.mul(s.begin, OUTPUTS), a["column_step"]))
            # Of the last tile's outputs, the second may lie past the end.
            remaining = b.div(b.add(b.sub(a["width"], column), b.sub(a["column_step"], 1)), a["column_step"])
            width = b.min(b.mul(b.sub(s.end, s.begin), OUTPUTS), remaining)
            for i in range(self.out_rows):
                row = b.add(s.row, b.mul(a["row_step"], i))
                with b.when(b.compare("slt", row, a["height"])):
                    to = b.at(
                        target, b.mul(s.image, a["target_n"]), b.mul(s.depth, a["target_d"]),
                        b.mul(row, a["target_h"]), b.mul(column, a["target_w"])
                    )  # fmt: skip
                    finish.store(b.at(self.lines, i * spec.line_bytes), to, left, width)

    def _ask(self, block: Value, first: Value, last: Value) -> None:
        """Ask for the lines that the results will be written to, while there is time until the products are done."""
        b, a, spec = self.b, self.a, self.spec
        target = b.at(a["target_ptr"], b.mul(b.mul(block, spec.lanes), a["target_c"]))
        loop, part = self._strips(first, last)
        with loop as strip:
            s = part(strip.index)
            column = b.add(s.column, b.mul(b.mul(s.begin, OUTPUTS), a["column_step"]))
            for i in range(self.out_rows):
                row = b.add(s.row, b.mul(a["row_step"], i))
                to = b.at(
                    target, b.mul(s.image, a["target_n"]), b.mul(s.depth, a["target_d"]),
                    b.mul(row, a["target_h"]), b.mul(column, a["target_w"])
                )  # fmt: skip
                with b.loop(0, b.mul(b.sub(s.end, s.begin), OUTPUTS)) as k:
                    at = b.at(to, b.mul(k.index, b.mul(a["target_w"], a["column_step"])))
                    for line in range(0, spec.lanes * ELEMENT_BYTES[spec.result_dtype], 64):
                        b.prefetch(b.at(at, line), write=True)

    def _result_strip(self, s: _Strip, bias: list[str]) -> None:
        """Sums of products become rows of outputs."""
        b, v, spec = self.b, self.v, self.spec
        row_bytes = spec.lanes * v.bytes
        with b.loop(s.begin, s.end) as tile:
            number = b.sub(tile.index, s.begin)
            at = b.at(self.sums, b.mul(b.add(s.number, number), row_bytes))
            to = b.at(self.lines, b.mul(number, OUTPUTS * row_bytes))
            for j in range(spec.vectors):
                grid = [
                    [
                        v.load(b.at(at, (i * INPUTS + k) * spec.capacity * row_bytes + j * v.lanes * v.bytes))
                        for k in range(INPUTS)
                    ]
                    for i in range(self.rows)
                ]
                narrow = [transform_result(v, row) for row in grid]
                if spec.tall:
                    columns = [transform_result(v, [row[k] for row in narrow]) for k in range(OUTPUTS)]
                    narrow = [[column[i] for column in columns] for i in range(OUTPUTS)]
                for i, row in enumerate(narrow):
                    finished = [v.add(value, bias[j]) for value in row] if spec.bias else row
                    self.watch.see(*finished)
                    for k, value in enumerate(finished):
                        v.store(value, b.at(to, i * spec.line_bytes + k * row_bytes + j * v.lanes * v.bytes))
