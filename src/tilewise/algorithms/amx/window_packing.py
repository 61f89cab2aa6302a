"""Code that packs tiles of 16 channels by 32 positions."""

from __future__ import annotations

from dataclasses import dataclass

from tilewise.algorithms.amx.grid import BLOCK, LINE
from tilewise.algorithms.amx.packer import Packer
from tilewise.algorithms.amx.walk import stretches
from tilewise.ir.amx import ROWS, TILE_BYTES
from tilewise.ir.builder import Builder, Value
from tilewise.ir.vectors import Vectors, scalar_widen

# What a kernel is told that packs tiles of the window tensor.
WINDOW_ARGUMENTS = (
    "depth", "height", "width", "images", "planes", "window_channels", "window_plane", "window_part", "window_n",
    "window_c", "window_d", "window_h", "window_w", "window_group_stride", "plane_ptr", "window_ptr", "status_ptr",
)  # fmt: skip


@dataclass(frozen=True)
class WindowReading:
    """How a window tensor is read and what it becomes: what the code that packs it is specialised on."""

    mode: str
    parts: int
    dtype: str


class WindowPacker(Packer):
    """Emits the packing of ranges of positions; the kernel's arguments have WINDOW_ARGUMENTS among them."""

    def __init__(self, b: Builder, v: Vectors, a: dict[str, str], reading: WindowReading):
        super().__init__(b, v, a, reading.parts, reading.dtype)
        self.tile_bytes = b.mul(a["window_part"], reading.parts)
        self._read = {
            "rows": self._rows, "planes": self._planes, "pairs": self._pairs, "elements": self._elements,
        }[reading.mode]  # fmt: skip
        self._scratch = b.stack(v.lanes * v.lanes * 4)

    def band(self, group: Value, tiles: Value, first: Value, last: Value, to: str) -> None:
        """Positions first .. last-1 of all channels and residues of a group."""
        b, a = self.b, self.a
        self._ahead = True
        with b.loop(0, tiles) as tile, b.loop(0, a["planes"]) as plane:
            at = b.at(to, b.mul(tile.index, self.tile_bytes), b.mul(plane.index, a["window_plane"]))
            self.plane(group, tile.index, plane.index, first, last, at)

    def plane(self, group: Value, tile: Value, plane: Value, first: Value, last: Value, to: str) -> None:
        """Positions first .. last-1 of 16 channels of one residue; both are multiples of a tile's."""
        b, v, a = self.b, self.v, self.a
        start, in_d, in_h, in_w = b.entry(a["plane_ptr"], plane, 4)
        channel = b.mul(tile, ROWS)
        left = b.sub(a["window_channels"], channel)
        source = b.at(a["window_ptr"], start, b.mul(group, a["window_group_stride"]), b.mul(channel, a["window_c"]))
        strides = [a[f"window_{axis}"] for axis in "ndhw"]
        with (
            stretches(b, a, source, strides, (in_d, in_h, in_w), first, last) as row,
            b.repeat([("i64", 0)], lambda carried: b.compare("slt", carried[0], row.extent)) as run,
        ):
            done = run.values[0]
            place = b.sub(b.add(row.position, done), first)
            within = b.rem(place, BLOCK)
            # A store stays within one tile's rows.
            length = b.min(b.min(b.sub(BLOCK, within), v.lanes), b.sub(row.extent, done))
            here = b.max(b.min(length, b.sub(row.count, done)), 0)
            tile_at = b.at(to, b.mul(b.div(place, BLOCK), TILE_BYTES), b.mul(within, 2))
            self._square(b.at(row.at, b.mul(done, a["window_w"])), tile_at, here, length, left)
            run.carry([b.add(done, length)])

    def _square(self, at: str, to: str, here: Value, length: Value, left: Value) -> None:
        """All channels at `length` positions, of which the first `here` exist."""
        b, v = self.b, self.v
        mask = v.mask(length)
        for first in range(0, ROWS, v.lanes):
            values = self._read(at, first, left, here)
            self._cut.see(*values)
            for k, value in enumerate(values):
                for number, part in enumerate(self._cut.split(value)):
                    line = b.at(to, b.mul(self.a["window_part"], number), (first + k) * LINE)
                    v.store_patterns_masked(self._cut.narrow(part), line, mask)

    def _channels(self, at: str, first: int, left: Value, masks: list[str]) -> list[list[str]]:
        """For each channel, vectors of what lies side by side from an address on, under these masks.

        A channel that does not exist is read from the last one: nobody asks for its sums.
        """
        b, v = self.b, self.v
        last, values = b.sub(left, 1), []
        for k in range(first, first + v.lanes):
            place = b.at(at, b.mul(self.a["window_c"], b.min(last, k)))
            self._ask(place, b.mul(self.a["window_c"], ROWS))
            values.append(
                [
                    v.load_masked(b.at(place, i * v.lanes * self.element), mask, self.dtype)
                    for i, mask in enumerate(masks)
                ]
            )
        return values

    def _planes(self, at: str, first: int, left: Value, here: Value) -> list[str]:
        return [one for (one,) in self._channels(at, first, left, [self.v.mask(here)])]

    def _pairs(self, at: str, first: int, left: Value, here: Value) -> list[str]:
        """Every second of the positions in memory: of two vectors, the even elements."""
        b, v = self.b, self.v
        # Behind the last position nothing is read: it may be the tensor's end.
        elements = b.sub(b.mul(here, 2), 1)
        masks = [v.mask(b.sub(elements, i * v.lanes)) for i in range(2)]
        evens = [2 * k for k in range(v.lanes)]
        return [v.pick(both, evens) for both in self._channels(at, first, left, masks)]

    def _rows(self, at: str, first: int, left: Value, here: Value) -> list[str]:
        """Rows of channels are transposed; a position that does not exist is read from the last one and made zero."""
        b, v = self.b, self.v
        last = b.sub(here, 1)
        some = b.compare("sge", last, 0)
        mask = b.select(some, f"<{v.lanes} x i1>", v.mask(b.sub(left, first)), "zeroinitializer")
        pixels = []
        for p in range(v.lanes):
            place = b.at(at, b.mul(self.a["window_w"], b.min(last, p)), first * self.element)
            self._ask(place, b.mul(self.a["window_c"], ROWS))
            pixels.append(v.load_masked(place, mask, self.dtype))
        present = v.mask(here)
        return [v.select(present, value) for value in v.transpose(pixels)]

    def _elements(self, at: str, first: int, left: Value, here: Value) -> list[str]:
        b, v = self.b, self.v
        b.zero_bytes(self._scratch, v.lanes * v.lanes * 4)
        count = b.max(b.min(b.sub(left, first), v.lanes), 0)
        with b.loop(0, count) as k, b.loop(0, here) as p:
            where = b.at(at, b.mul(b.add(k.index, first), self.a["window_c"]), b.mul(p.index, self.a["window_w"]))
            value = scalar_widen(b, where, self.dtype, "float")
            b.store("float", value, b.at(self._scratch, b.mul(k.index, v.lanes * 4), b.mul(p.index, 4)), 4)
        return [v.load(b.at(self._scratch, k * v.lanes * 4)) for k in range(v.lanes)]
