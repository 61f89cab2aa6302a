"""Sources as tiles load them: lines of 32 channels of a position, as bfloat16 parts.

A range of a Grid's positions becomes [block of 32 channels][part][residue][position][32]. The whole source may be
packed once, ahead of what reads it, or a band of it where it is read: the walk is the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.amx_grid import LINE, Grid
from tilewise.algorithms.amx_joining import Joining
from tilewise.algorithms.plan import Base, Location, step
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.parts import Parts
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_widen
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

BLOCK = 32  # channels of a line
# What a kernel is told that packs lines.
LINE_ARGUMENTS = (
    "planes", "depth", "height", "width", "images", "channels", "plane_bytes", "part_bytes", "stride_n", "stride_c",
    "stride_d", "stride_h", "stride_w", "stride_group", "read_step", "read_width", "plane_ptr", "joined_ptr",
    "source_ptr", "status_ptr",
)  # fmt: skip
_ARGUMENTS = Arguments(["items", "blocks", "chunks", "per_chunk", "lead", "lines", "packed_ptr", *LINE_ARGUMENTS])
# Positions of one ticket.
_PER_ITEM = 256


@dataclass(frozen=True)
class SourceLines:
    """How a problem's source is packed, `lines` positions of each residue at a time."""

    problem: ConvProblem
    grid: Grid
    parts: int
    lines: int
    joining: Joining | None

    @property
    def channels(self) -> int:
        """What a position's lines hold: its channels, or those of several taps."""
        return self.joining.channels if self.joining else self.problem.source_channels

    @property
    def blocks(self) -> int:
        """Blocks of them."""
        return -(-self.channels // BLOCK)

    @property
    def plane_bytes(self) -> int:
        """From residue to residue."""
        return self.lines * LINE

    @property
    def part_bytes(self) -> int:
        """From part to part."""
        return len(self.grid.residues) * self.plane_bytes

    @property
    def block_bytes(self) -> int:
        """From one block of channels to the next."""
        return self.parts * self.part_bytes

    @property
    def group_bytes(self) -> int:
        """All of a group."""
        return self.blocks * self.block_bytes

    @property
    def mode(self) -> str:
        """How the source is read: rows of channels, planes of positions, either every few, or elements."""
        _, sc, _, _, sw = self.problem.source.strides
        step = self.grid.axes[2].step
        if self.joining:
            return f"joined {'rows' if sc == 1 else 'planes' if step == 1 else 'pairs'}"
        if sc == 1:
            return "rows"
        if sw != 1:
            return "elements"
        return "planes" if step == 1 else "pairs" if step == 2 else "elements"

    def arguments(self) -> tuple[dict[str, int], dict[str, Location], dict[str, NDArray[np.int64]]]:
        """The values, addresses and tables of LINE_ARGUMENTS."""
        problem, grid, element = self.problem, self.grid, ELEMENT_BYTES[self.problem.dtype]
        sn, sc, sd, sh, sw = (s * element for s in problem.source.strides)
        d, h, w = grid.axes
        table = []
        for rd, rh, rw in grid.residues:
            begin = rw + w.base * w.step
            table.append((rd * sd + rh * sh + begin * sw, d.present(rd), h.present(rh), w.present(rw), begin))
        depth, height, width = grid.pitches
        values = {
            "planes": len(table), "depth": depth, "height": height, "width": width, "images": grid.batch,
            "channels": self.channels, "plane_bytes": self.plane_bytes, "part_bytes": self.part_bytes,
            "stride_n": sn, "stride_c": sc, "stride_d": sd * d.step, "stride_h": sh * h.step, "stride_w": sw * w.step,
            "stride_group": sc * problem.source_channels, "read_step": w.step, "read_width": problem.source.spatial[2],
        }  # fmt: skip
        addresses = {"source_ptr": Location(Base.SOURCE), "status_ptr": Location(Base.STATUS)}
        tables = {"plane_ptr": np.array(table, np.int64)}
        if self.joining:
            tables["joined_ptr"] = self.joining.elements(sw, sc, BLOCK)
        return values, addresses, tables

    def pack(self, packed: Location, target: Target) -> Step:
        """The step that packs all of it: [group], then as above."""
        values, addresses, tables = self.arguments()
        chunks = -(-self.lines // _PER_ITEM)
        values |= {
            "items": self.problem.groups * self.blocks * len(self.grid.residues) * chunks, "blocks": self.blocks,
            "chunks": chunks, "per_chunk": _PER_ITEM, "lead": self.grid.lead, "lines": self.lines,
        }  # fmt: skip
        text = _kernel(self.mode, self.parts, self.problem.dtype, target)
        return step(text, _ARGUMENTS, values, addresses | {"packed_ptr": packed}, tables, waits=False)


@functools.cache
def _kernel(mode: str, parts: int, dtype: str, target: Target) -> str:
    """A ticket is some positions of a residue and a block of channels."""
    b, v, a = begin_vectors(_ARGUMENTS, "float32", target)
    packer = line_packer(b, v, a, mode, parts, dtype)
    with tickets(b, a["items"]) as item:
        group, block, plane, chunk = split(b, item, a["blocks"], a["planes"], a["chunks"])
        first, last = share(b, chunk, a["per_chunk"], a["lines"])
        panel = b.mul(b.add(b.mul(group, a["blocks"]), block), b.mul(a["part_bytes"], parts))
        to = b.at(a["packed_ptr"], panel, b.mul(plane, a["plane_bytes"]), b.mul(first, LINE))
        packer.begin()
        packer.plane(group, block, plane, b.sub(first, a["lead"]), b.sub(last, a["lead"]), to)
        packer.report()
    return b.text()


def line_packer(b: Builder, v: Vectors, a: dict[str, str], mode: str, parts: int, dtype: str) -> LinePacker:
    """What emits the packing of a source that is read in this way."""
    kind = JoinedPacker if mode.startswith("joined") else LinePacker
    return kind(b, v, a, mode, parts, dtype)


class LinePacker:
    """Emits the packing of ranges of positions; the kernel's arguments have LINE_ARGUMENTS among them."""

    def __init__(self, b: Builder, v: Vectors, a: dict[str, str], mode: str, parts: int, dtype: str):
        self.b, self.v, self.a, self.parts, self.dtype = b, v, a, parts, dtype
        self.element = ELEMENT_BYTES[dtype]
        self._cut = Parts(v, parts, dtype == "bfloat16")
        self._mode = mode
        self._scratch = b.stack(BLOCK * 4)
        self._ahead = False

    def begin(self) -> None:
        """Forget which values were seen."""
        self._cut.begin()

    def report(self) -> None:
        """Say whether the parts could not carry some value."""
        self._cut.report(self.a["status_ptr"])

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
        begin = b.min(b.max(first, 0), last)
        self._clear(to, b.sub(begin, first))
        with b.repeat([("i64", begin)], lambda carried: b.compare("slt", carried[0], last)) as run:
            position = run.values[0]
            n, d, h, w = split(b, position, a["depth"], a["height"], a["width"])
            extent = b.min(b.sub(a["width"], w), b.sub(last, position))
            inside = b.both(
                b.both(b.compare("slt", d, in_d), b.compare("slt", h, in_h)), b.compare("slt", n, a["images"])
            )
            count = b.select(inside, "i64", b.max(b.min(b.sub(in_w, w), extent), 0), 0)
            at = b.at(
                source, b.mul(n, a["stride_n"]), b.mul(d, a["stride_d"]), b.mul(h, a["stride_h"]),
                b.mul(w, a["stride_w"]),
            )  # fmt: skip
            line = b.at(to, b.mul(b.sub(position, first), LINE))
            self._positions(at, line, count, left, b.add(begins, b.mul(w, a["read_step"])))
            self._clear(b.at(line, b.mul(count, LINE)), b.sub(extent, count))
            run.carry([b.add(position, extent)])

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

    def _ask(self, at: str) -> None:
        """Ask for what the next block of channels has in place of what lies at an address."""
        if self._ahead:
            self.b.prefetch(self.b.at(at, self.b.mul(self.a["stride_c"], BLOCK)))

    def _rows(self, source: str, line: str, count: Value, left: Value) -> None:
        b, v = self.b, self.v
        masks = [v.mask(b.sub(left, j)) for j in range(0, BLOCK, v.lanes)]
        watch = self._cut.watch
        with b.loop(0, count, carried=[(watch.kind, watch.largest())]) as w:
            at, to = b.at(source, b.mul(w.index, self.a["stride_w"])), b.at(line, b.mul(w.index, LINE))
            values = [
                v.load_masked(b.at(at, j * v.lanes * self.element), mask, self.dtype) for j, mask in enumerate(masks)
            ]
            for offset in range(0, BLOCK * self.element, 64):
                self._ask(b.at(at, offset))
            for j, value in enumerate(values):
                self._put(value, to, j * v.lanes)
            w.carry([watch.larger(w.values[0], *self._cut.patterns(*values))])
        watch.keep(w.results[0])

    def _planes(self, source: str, line: str, count: Value, left: Value) -> None:
        v = self.v

        def rows(places: list[str], here: Value) -> list[str]:
            mask = v.mask(here)
            return [v.load_masked(at, mask, self.dtype) for at in places]

        self._squares(source, line, count, left, rows)

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
                self._ask(place)
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
