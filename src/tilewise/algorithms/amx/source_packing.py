"""Code that packs lines of positions: [position][32 channels], as bfloat16 parts.

One class reads positions of all channels, the other those of few channels beside the positions that further taps
read.
"""

from __future__ import annotations

from collections.abc import Callable

from tilewise.algorithms.amx.grid import BLOCK, LINE
from tilewise.algorithms.amx.packer import Packer
from tilewise.algorithms.amx.walk import stretches
from tilewise.ir.builder import Builder, Value
from tilewise.ir.vectors import Vectors, scalar_widen

# What a kernel is told that packs lines.
LINE_ARGUMENTS = (
    "planes", "depth", "height", "width", "images", "channels", "plane_bytes", "part_bytes", "stride_n", "stride_c",
    "stride_d", "stride_h", "stride_w", "stride_group", "read_step", "read_width", "plane_ptr", "joined_ptr",
    "source_ptr", "status_ptr",
)  # fmt: skip


def line_packer(b: Builder, v: Vectors, a: dict[str, str], mode: str, parts: int, dtype: str) -> LinePacker:
    """What emits the packing of a source that is read in this way."""
    kind = JoinedPacker if mode.startswith("joined") else LinePacker
    return kind(b, v, a, mode, parts, dtype)


class LinePacker(Packer):
    """Emits the packing of ranges of positions; the kernel's arguments have LINE_ARGUMENTS among them."""

    def __init__(self, b: Builder, v: Vectors, a: dict[str, str], mode: str, parts: int, dtype: str):
        super().__init__(b, v, a, parts, dtype)
        self._mode = mode
        self._scratch = b.stack(BLOCK * 4)

    def band(self, group: Value, blocks: Value, first: Value, last: Value, to: str) -> None:
        """Positions first .. last-1 of all blocks of channels and residues of a group."""
        b, a = self.b, self.a
        # Channels of a position, or positions of a channel, lie so far apart that no prefetcher follows.
        self._ahead = True
        with b.loop(0, blocks) as block, b.loop(0, a["planes"]) as plane:
            panel = b.mul(block.index, b.mul(a["part_bytes"], self.parts))
            at = b.at(to, panel, b.mul(plane.index, a["plane_bytes"]))
            self.plane(group, block.index, plane.index, first, last, at)

    def plane(self, group: Value, block: Value, plane: Value, first: Value, last: Value, to: str) -> None:
        """Positions first .. last-1 of one residue and block of channels, zeros where there is none."""
        b, a = self.b, self.a
        start, in_d, in_h, in_w, begins = b.entry(a["plane_ptr"], plane, 5)
        channel = b.mul(block, BLOCK)
        left = b.sub(a["channels"], channel)
        source = b.at(a["source_ptr"], start, b.mul(group, a["stride_group"]), b.mul(channel, a["stride_c"]))
        strides = [a[f"stride_{axis}"] for axis in "ndhw"]
        with stretches(b, a, source, strides, (in_d, in_h, in_w), first, last) as row:
            line = b.at(to, b.mul(b.sub(row.position, first), LINE))
            self._positions(row.at, line, row.count, left, b.add(begins, b.mul(row.w, a["read_step"])))
            self._clear(b.at(line, b.mul(row.count, LINE)), b.sub(row.extent, row.count))

    def _positions(self, source: str, line: str, count: Value, left: Value, place: Value) -> None:
        """So many positions of a row that exist, of `left` channels; the first lies at `place` along W."""
        how = {"rows": self._rows, "planes": self._planes, "pairs": self._pairs, "elements": self._elements}
        how[self._mode](source, line, count, left)

    def _clear(self, line: str, count: Value) -> None:
        for number in range(self.parts):
            at = self.b.at(line, self.b.mul(self.a["part_bytes"], number))
            self.b.zero_bytes(at, self.b.mul(count, LINE))

    def _put(self, value: str, line: str, first: int) -> None:
        """Parts of some channels of one position, side by side in its lines."""
        b, v = self.b, self.v
        for number, part in enumerate(self._cut.split(value)):
            at = b.at(line, b.mul(self.a["part_bytes"], number), first * 2)
            b.store(f"<{v.lanes} x i16>", self._cut.narrow(part), at, 2 * v.lanes)

    def _rows(self, source: str, line: str, count: Value, left: Value) -> None:
        b, v = self.b, self.v
        if self._cut.exact:
            self._copied_rows(source, line, count, left)
            return
        masks = [v.mask(b.sub(left, j)) for j in range(0, BLOCK, v.lanes)]
        watch = self._cut.watch
        with b.loop(0, count, carried=[(watch.kind, watch.largest())]) as w:
            at, to = b.at(source, b.mul(w.index, self.a["stride_w"])), b.at(line, b.mul(w.index, LINE))
            values = [
                v.load_masked(b.at(at, j * v.lanes * self.element), mask, self.dtype) for j, mask in enumerate(masks)
            ]
            for offset in range(0, BLOCK * self.element, 64):
                self._ask(b.at(at, offset), b.mul(self.a["stride_c"], BLOCK))
            for j, value in enumerate(values):
                self._put(value, to, j * v.lanes)
            w.carry([watch.larger(w.values[0], *self._cut.patterns(*values))])
        watch.keep(w.results[0])

    def _copied_rows(self, source: str, line: str, count: Value, left: Value) -> None:
        """Rows of bfloat16 channels are lines as they lie."""
        b, two, watch = self.b, self._two, self._cut.watch
        steps = range(0, BLOCK, 2 * two.lanes)
        masks = [two.pattern_mask(b.sub(left, j)) for j in steps]
        with b.loop(0, count, carried=[(watch.kind, watch.largest())]) as w:
            at, to = b.at(source, b.mul(w.index, self.a["stride_w"])), b.at(line, b.mul(w.index, LINE))
            values = [two.load_pairs_masked(b.at(at, 2 * j), mask) for j, mask in zip(steps, masks, strict=True)]
            self._ask(at, b.mul(self.a["stride_c"], BLOCK))
            for j, value in zip(steps, values, strict=True):
                b.store(two.pairs, value, b.at(to, 2 * j), 4 * two.lanes)
            w.carry([watch.larger(w.values[0], *values)])
        watch.keep(w.results[0])

    def _planes(self, source: str, line: str, count: Value, left: Value) -> None:
        v = self.v
        if self._cut.exact:
            self._paired_planes(source, line, count, left)
            return

        def rows(places: list[str], here: Value) -> list[str]:
            mask = v.mask(here)
            return [v.load_masked(at, mask, self.dtype) for at in places]

        self._squares(source, line, count, left, rows)

    def _paired_planes(self, source: str, line: str, count: Value, left: Value) -> None:
        """Two channels that are bfloat16 make pairs: squares of positions by pairs are transposed."""
        b, v, two = self.b, self.v, self._two
        with b.loop(0, count, v.lanes) as w, b.loop(0, BLOCK, 2 * v.lanes) as c:
            here, last = b.sub(count, w.index), b.sub(left, 1)
            mask = v.mask(here)
            at = b.at(source, b.mul(w.index, self.a["stride_w"]))
            to = b.at(line, b.mul(w.index, LINE), b.mul(c.index, 2))
            channels = [b.min(last, b.add(c.index, k)) for k in range(2 * v.lanes)]
            places = [b.at(at, b.mul(self.a["stride_c"], channel)) for channel in channels]
            values = [two.load_patterns(place, mask) for place in places]
            for place in places:
                self._ask(place, b.mul(self.a["stride_c"], BLOCK))
            pairs = [two.pair(*values[k : k + 2]) for k in range(0, 2 * v.lanes, 2)]
            self._cut.watch.see(*pairs)
            for k, value in enumerate(two.transpose_pairs(pairs)):
                with b.when(b.compare("sgt", here, k)):
                    b.store(two.pairs, value, b.at(to, k * LINE), 4 * v.lanes)

    def _pairs(self, source: str, line: str, count: Value, left: Value) -> None:
        """Every second of the positions in memory: of two vectors, the even elements."""
        b, v = self.b, self.v
        evens, second = [2 * k for k in range(v.lanes)], v.lanes * self.element

        def rows(places: list[str], here: Value) -> list[str]:
            # Behind the last position nothing is read: it may be the tensor's end.
            elements = b.sub(b.mul(here, 2), 1)
            near, far = v.mask(elements), v.mask(b.sub(elements, v.lanes))
            both = [
                [v.load_masked(at, near, self.dtype), v.load_masked(b.at(at, second), far, self.dtype)] for at in places
            ]
            return [v.pick(vectors, evens) for vectors in both]

        self._squares(source, line, count, left, rows)

    def _squares(
        self, source: str, line: str, count: Value, left: Value, rows: Callable[[list[str], Value], list[str]]
    ) -> None:
        """Squares of positions by channels are transposed; `rows` reads a vector of positions of each channel.

        A channel that does not exist is read from the last one: filters have zeros for it.
        """
        b, v = self.b, self.v
        with b.loop(0, count, v.lanes) as w, b.loop(0, BLOCK, v.lanes) as c:
            here, last = b.sub(count, w.index), b.sub(left, 1)
            at = b.at(source, b.mul(w.index, self.a["stride_w"]))
            to = b.at(line, b.mul(w.index, LINE), b.mul(c.index, 2))
            channels = [b.min(last, b.add(c.index, k)) for k in range(v.lanes)]
            places = [b.at(at, b.mul(self.a["stride_c"], channel)) for channel in channels]
            values = rows(places, here)
            for place in places:
                self._ask(place, b.mul(self.a["stride_c"], BLOCK))
            self._cut.see(*values)
            for k, value in enumerate(v.transpose(values)):
                with b.when(b.compare("sgt", here, k)):
                    self._put(value, b.at(to, k * LINE), 0)

    def _elements(self, source: str, line: str, count: Value, left: Value) -> None:
        b, v = self.b, self.v
        b.zero_bytes(self._scratch, BLOCK * 4)
        channels = b.min(left, BLOCK)
        with b.loop(0, count) as w:
            at = b.at(source, b.mul(w.index, self.a["stride_w"]))
            with b.loop(0, channels) as c:
                value = scalar_widen(b, b.at(at, b.mul(c.index, self.a["stride_c"])), self.dtype, "float")
                b.store("float", value, b.at(self._scratch, b.mul(c.index, 4)), 4)
            values = [v.load(b.at(self._scratch, j * 4)) for j in range(0, BLOCK, v.lanes)]
            self._cut.see(*values)
            for j, value in enumerate(values):
                self._put(value, b.at(line, b.mul(w.index, LINE)), j * v.lanes)


class JoinedPacker(LinePacker):
    """The same for lines that hold several taps of few channels."""

    def _positions(self, source: str, line: str, count: Value, left: Value, place: Value) -> None:
        how = self._joined_rows if self._mode == "joined rows" else self._joined_planes
        how(source, line, count, left, place)

    def _joined_rows(self, source: str, line: str, count: Value, left: Value, place: Value) -> None:
        """Taps and channels lie as they do in memory: a line is cut out of its row."""
        b, v, watch = self.b, self.v, self._cut.watch
        pixel = b.div(self.a["stride_w"], b.mul(self.a["read_step"], self.element))
        length = b.mul(self.a["read_width"], pixel)
        halves = range(0, BLOCK, v.lanes)
        limits = [v.mask(b.sub(left, j)) for j in halves]
        with b.loop(0, count, carried=[(watch.kind, watch.largest())]) as w:
            first = b.mul(b.add(place, b.mul(w.index, self.a["read_step"])), pixel)
            at, to = b.at(source, b.mul(w.index, self.a["stride_w"])), b.at(line, b.mul(w.index, LINE))
            values = []
            for j, limit in zip(halves, limits, strict=True):
                inside = v.window(b.add(first, j), length)
                mask = b.let(f"and <{v.lanes} x i1> {inside}, {limit}")
                values.append(v.load_masked(b.at(at, j * self.element), mask, self.dtype))
            for j, value in zip(halves, values, strict=True):
                self._put(value, to, j)
            w.carry([watch.larger(w.values[0], *self._cut.patterns(*values))])
        watch.keep(w.results[0])

    def _joined_planes(self, source: str, line: str, count: Value, left: Value, place: Value) -> None:
        """Squares of positions by elements, each a tap and a channel, are transposed."""
        b, v, a = self.b, self.v, self.a
        flags, evens = f"<{v.lanes} x i1>", [2 * k for k in range(v.lanes)]
        vectors = 1 if self._mode == "joined planes" else 2
        with b.loop(0, count, v.lanes) as w, b.loop(0, BLOCK, v.lanes) as c:
            here = b.sub(count, w.index)
            first = b.add(place, b.mul(w.index, a["read_step"]))
            at, to = b.at(source, b.mul(w.index, a["stride_w"])), b.at(line, b.mul(w.index, LINE), b.mul(c.index, 2))
            values = []
            for k in range(v.lanes):
                number = b.add(c.index, k)
                offset, beyond = b.entry(a["joined_ptr"], number, 2)
                exists, read = b.compare("sgt", left, number), []
                for i in range(vectors):
                    inside = v.window(b.add(first, beyond, i * v.lanes), a["read_width"])
                    mask = b.select(exists, flags, inside, "zeroinitializer")
                    read.append(v.load_masked(b.at(at, offset, i * v.lanes * self.element), mask, self.dtype))
                values.append(read[0] if vectors == 1 else v.pick(read, evens))
            self._cut.see(*values)
            for k, value in enumerate(v.transpose(values)):
                with b.when(b.compare("sgt", here, k)):
                    self._put(value, b.at(to, k * LINE), 0)
