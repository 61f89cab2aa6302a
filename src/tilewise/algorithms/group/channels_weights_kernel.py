"""The code of `group_channels_weights`: see there."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.algorithms.group.channels_kernel import KernelSpec, expand
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, advance, begin_vectors, share, split, tickets
from tilewise.ir.vectors import Vectors

ARGUMENTS = Arguments(
    [
        "items", "blocks", "tap_depth", "tap_groups", "tap_parts", "strips", "strips_per_piece", "strips_per_band",
        "depth", "height", "row_strips", "strip_tiles", "tile_count", "tap_height", "window_depth", "window_height",
        "width", "source_channels", "target_channels", "source_block", "target_block", "stride_d", "stride_h",
        "padding_d", "padding_h", "dilation_d", "dilation_h", "source_n", "source_d", "source_h", "source_w",
        "target_n", "target_d", "target_h", "target_w", "sums_block", "sums_piece", "sums_channel", "tiles_ptr",
        "source_ptr", "target_ptr", "sums_ptr",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What is unrolled: rows of taps and channels whose sums are in registers, and the point pixels of a tile.

    Of a row of `row` taps that does not fit, `taps` neighbours are summed at a time.
    """

    rows: int
    channels: int
    taps: int
    row: int
    widths: tuple[int, ...]

    @property
    def parts(self) -> int:
        """How many times a row of taps is begun; the last part may have fewer."""
        return -(-self.row // self.taps)

    def tap_groups(self, height: int) -> int:
        """How many times rows of taps are begun, of so many; the last time there may be fewer."""
        return -(-height // self.rows)


@functools.cache
def kernel(spec: KernelSpec, shape: Shape) -> str:
    """The LLVM text."""
    b, v, a = begin_vectors(ARGUMENTS, spec.accumulator, spec.target)
    chunks = spec.source_channels // shape.channels
    with tickets(b, a["items"]) as item:
        piece, block, *taps, chunk = split(
            b, item, a["blocks"], a["tap_depth"], a["tap_groups"], a["tap_parts"], chunks
        )  # fmt: skip
        b.switch(
            chunk,
            {i: functools.partial(_Pass(b, v, spec, shape, a, i).run, piece, block, *taps) for i in range(chunks)},
        )
    return b.text()


class _Pass:
    """One piece of the pixels, one block of channels, a few rows of taps or a part of one."""

    def __init__(self, b: Builder, v: Vectors, spec: KernelSpec, shape: Shape, a: dict[str, str], chunk: int):
        self.b, self.v, self.spec, self.shape, self.a = b, v, spec, shape, a
        self.first_channel = chunk * shape.channels
        self.keys = [
            (g, c, t) for g in range(shape.rows) for c in range(shape.channels) for t in range(shape.taps)
        ]  # fmt: skip
        self.source_mask = self.target_mask = ""

    def run(self, piece: Value, block: Value, tap_depth: Value, tap_group: Value, tap_part: Value) -> None:
        """The bands of the piece, one after the other."""
        b, v, spec, a = self.b, self.v, self.spec, self.a
        source_lanes, target_lanes = spec.groups * spec.source_channels, spec.groups * spec.target_channels
        if spec.masked:
            left: list[Value] = [source_lanes, target_lanes]
            if spec.tail:
                left = [
                    b.min(b.sub(a[name], b.mul(block, lanes)), lanes)
                    for name, lanes in (("source_channels", source_lanes), ("target_channels", target_lanes))
                ]
            self.source_mask, self.target_mask = v.mask(left[0]), v.mask(left[1])
        source = b.at(a["source_ptr"], b.mul(block, a["source_block"]))
        target = b.at(a["target_ptr"], b.mul(block, a["target_block"]))
        first_tap = b.mul(tap_group, self.shape.rows)
        low_d = b.sub(b.mul(tap_depth, a["dilation_d"]), a["padding_d"])
        low_h = b.sub(b.mul(first_tap, a["dilation_h"]), a["padding_h"])
        start, stop = share(b, piece, a["strips_per_piece"], a["strips"])
        to = b.at(a["sums_ptr"], b.mul(piece, a["sums_piece"]), b.mul(block, a["sums_block"]))
        sizes = [a["depth"], a["height"], a["row_strips"]]
        digits = [("i64", digit) for digit in split(b, start, *sizes)]
        with b.loop(start, stop, a["strips_per_band"], carried=digits) as band:
            band_stop = b.min(b.add(band.index, a["strips_per_band"]), stop)
            carried = [*(("i64", digit) for digit in band.values), *[(v.type, v.zero)] * len(self.keys)]
            with b.loop(band.index, band_stop, carried=carried) as strip:
                n, d, h, part = strip.values[:4]
                from_d = b.add(b.mul(d, a["stride_d"]), low_d)
                from_h = b.add(b.mul(h, a["stride_h"]), low_h)
                points = b.at(target, b.mul(n, a["target_n"]), b.mul(d, a["target_d"]), b.mul(h, a["target_h"]))
                window = b.at(
                    source, b.mul(n, a["source_n"]), b.mul(from_d, a["source_d"]), b.mul(from_h, a["source_h"])
                )  # fmt: skip
                inside = b.compare("ult", from_d, a["window_depth"])
                body = functools.partial(self._strip, points, window, from_h, first_tap, tap_part, part)
                sums = b.update(inside, v.type, strip.values[4:], body)
                strip.carry([*advance(b, strip.values[:4], *sizes), *sums])
            sums, write = strip.results[4:], functools.partial(self._write, to, tap_depth, first_tap, tap_part)
            begins = b.compare("eq", band.index, start)
            b.either(begins, functools.partial(write, sums, False), functools.partial(write, sums, True))
            band.carry(strip.results[:4])

    def _write(
        self, to: str, tap_depth: Value, first_tap: Value, tap_part: Value, sums: list[str], more: bool
    ) -> None:  # fmt: skip
        """The sums to memory, added to what other bands left there if there is more than this one."""
        b, v, a, shape = self.b, self.v, self.a, self.shape
        in_last = shape.row - (shape.parts - 1) * shape.taps
        for g in range(self.shape.rows):
            tap = b.add(first_tap, g)
            number = b.mul(b.add(b.mul(tap_depth, a["tap_height"]), tap), shape.row)
            row = b.at(to, b.mul(b.add(number, b.mul(tap_part, shape.taps)), v.lanes * v.bytes))
            mine = [(c, t, x) for (row_of, c, t), x in zip(self.keys, sums, strict=True) if row_of == g]

            def put(some: list[tuple[int, int, str]], row: str = row) -> None:
                for c, t, value in some:
                    at = b.at(row, b.mul(a["sums_channel"], self.first_channel + c), t * v.lanes * v.bytes)
                    v.store(v.add(v.load(at), value) if more else value, at)

            with b.when(b.compare("slt", tap, a["tap_height"])):
                put([entry for entry in mine if entry[1] < in_last])
                if in_last < shape.taps:
                    with b.when(b.compare("slt", tap_part, shape.parts - 1)):
                        put([entry for entry in mine if entry[1] >= in_last])

    def _strip(
        self, points: str, window: str, from_h: Value, first_tap: Value, tap_part: Value, part: Value, sums: list[str]
    ) -> list[str]:
        """The tiles of one strip of a row of points."""
        b, v, spec, a = self.b, self.v, self.spec, self.a
        # A row of taps counts where it is one of the kernel's and its window row is inside.
        counts = []
        for g in range(self.shape.rows):
            inside = b.compare("ult", b.add(from_h, b.mul(a["dilation_h"], g)), a["window_height"])
            counts.append(b.both(inside, b.compare("slt", b.add(first_tap, g), a["tap_height"])))
        shapes = [(spec.widths[0], False), *((w, True) for w in spec.widths)]
        first, last = share(b, part, a["strip_tiles"], a["tile_count"])
        # Each part of a row of taps has a table of tiles of its own.
        tiles = b.mul(tap_part, a["tile_count"])
        with b.loop(first, last, carried=[(v.type, x) for x in sums]) as tile:
            window_at, column, points_at, variant = b.entry(a["tiles_ptr"], b.add(tiles, tile.index), 4)
            where = (b.at(points, points_at), b.at(window, window_at), column, counts)
            bodies = [functools.partial(self._tile, width, edge, *where) for width, edge in shapes]
            tile.carry(_one_of(b, v.type, variant, tile.values, bodies))
        return tile.results

    def _tile(
        self, width: int, edge: bool, points: str, window: str, column: str, counts: list[str], sums: list[str]
    ) -> list[str]:
        """Some point pixels and every row of taps."""
        b, v, spec, a = self.b, self.v, self.spec, self.a
        pixels = [
            self._load(b.at(points, b.mul(a["target_w"], p)), self.target_mask, spec.target_dtype) for p in range(width)
        ]
        if not edge:
            self._fetch_ahead(points, window, width)
        table = dict(zip(self.keys, sums, strict=True))
        for g, counted in enumerate(counts):
            mine = [key for key in self.keys if key[0] == g]
            body = functools.partial(self._tap_row, width, edge, pixels, window, g, column, mine)
            changed = b.update(counted, v.type, [table[key] for key in mine], body)
            table.update(zip(mine, changed, strict=True))
        return [table[key] for key in self.keys]

    def _fetch_ahead(self, points: str, window: str, width: int) -> None:
        """Ask for what the next row of points is the first to need."""
        b, a = self.b, self.a
        below = b.add(b.mul(a["dilation_h"], self.shape.rows - 1), a["stride_h"])
        for at, pixel, count in (
            (b.at(points, a["target_h"]), a["target_w"], width),
            (b.at(window, b.mul(below, a["source_h"])), a["source_w"], width * self.spec.read),
        ):
            for _ in range(count):
                b.prefetch(at)
                at = b.at(at, pixel)

    def _tap_row(
        self, width: int, edge: bool, pixels: list[str], window: str, g: int, column: str,
        mine: list[tuple[int, int, int]], sums: list[str],
    ) -> list[str]:  # fmt: skip
        """One row of taps: window pixels from left to right, each for all its taps."""
        b, v, spec, a = self.b, self.v, self.spec, self.a
        table = dict(zip(mine, sums, strict=True))
        at, before = b.at(window, b.mul(b.mul(a["dilation_h"], a["source_h"]), g)), 0
        for position, pairs in spec.uses(width).items():
            at, before = b.at(at, b.mul(a["source_w"], position - before)), position
            touched = sorted({key for key in mine for _, tap in pairs if key[2] == tap})

            def body(
                values: list[str], at: str = at, pairs: list[tuple[int, int]] = pairs,
                touched: list[tuple[int, int, int]] = touched,
            ) -> list[str]:  # fmt: skip
                sums = dict(zip(touched, values, strict=True))
                pixel = self._load(at, self.source_mask, spec.source_dtype)
                for c in range(self.shape.channels):
                    value = expand(v, spec, pixel, self.first_channel + c)
                    for p, tap in pairs:
                        sums[g, c, tap] = v.fma(value, pixels[p], sums[g, c, tap])
                return [sums[key] for key in touched]

            old = [table[key] for key in touched]
            if edge:
                inside = b.compare("ult", b.add(column, position), a["width"])
                table.update(zip(touched, b.update(inside, v.type, old, body), strict=True))
            else:
                table.update(zip(touched, body(old), strict=True))
        return [table[key] for key in mine]

    def _load(self, at: str, mask: str, dtype: str) -> str:
        return self.v.load_masked(at, mask, dtype) if mask else self.v.load_as(at, dtype)


def _one_of(
    b: Builder, kind: str, number: Value, values: list[str], bodies: list[functools.partial[list[str]]]
) -> list[str]:
    """The values as the numbered body changes them."""
    end = b.label("end")
    labels = [b.label("case") for _ in bodies]
    table = " ".join(f"i64 {i}, label %{label}" for i, label in enumerate(labels[1:], 1))
    b.emit(f"switch i64 {number}, label %{labels[0]} [ {table} ]")
    leaves = []
    for label, body in zip(labels, bodies, strict=True):
        b.enter(label)
        changed = body(list(values))
        leaves.append((changed, b.block))
        b.jump(end)
    b.enter(end)
    return [
        b.let(f"phi {kind} " + ", ".join(f"[ {changed[i]}, %{block} ]" for changed, block in leaves))
        for i in range(len(values))
    ]
