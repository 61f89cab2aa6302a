"""What weight-gradient tiles load as their left operand: 16 window channels by 32 positions.

Tiles lie as [16 channels][part][residue][32 positions][channel][position]; positions are those of a Grid, in whose
gaps they are zero.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.amx_grid import Grid
from tilewise.algorithms.plan import Base, Location, step
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.parts import Parts
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_widen
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

ROWS = 16  # channels of a tile
SPAN = 32  # positions of a tile
TILE = 1024
LINE = 64
# What a kernel is told that packs tiles of the window tensor.
WINDOW_ARGUMENTS = (
    "depth", "height", "width", "images", "planes", "window_channels", "window_plane", "window_part", "window_n",
    "window_c", "window_d", "window_h", "window_w", "window_group_stride", "plane_ptr", "window_ptr", "status_ptr",
)  # fmt: skip
_ARGUMENTS = Arguments(["items", "tiles", "chunks", "per_chunk", "spans", "packed_ptr", *WINDOW_ARGUMENTS])
# Tiles along the positions of one ticket.
_PER_ITEM = 8


@dataclass(frozen=True)
class WindowTiles:
    """How a problem's window tensor is packed, `spans` tiles along its positions at a time."""

    problem: ConvProblem
    grid: Grid
    parts: int
    spans: int

    @property
    def tiles(self) -> int:
        """Tiles along the channels: one, or an even number, since kernels take them in pairs."""
        tiles = -(-self.problem.source_channels // ROWS)
        return tiles if tiles == 1 else tiles + tiles % 2

    @property
    def plane_bytes(self) -> int:
        """From residue to residue."""
        return self.spans * TILE

    @property
    def part_bytes(self) -> int:
        """From part to part."""
        return self.plane_bytes * len(self.grid.residues)

    @property
    def tile_bytes(self) -> int:
        """From 16 channels to the next."""
        return self.parts * self.part_bytes

    @property
    def group_bytes(self) -> int:
        """All of a group."""
        return self.tiles * self.tile_bytes

    @property
    def reading(self) -> Reading:
        """How the tensor is read."""
        _, sc, _, _, sw = self.problem.source.strides
        step = self.grid.axes[2].step
        mode = "elements"
        if sw == 1 and step <= 2:
            mode = "planes" if step == 1 else "pairs"
        elif sc == 1:
            mode = "rows"
        return Reading(mode, self.parts, self.problem.dtype)

    def arguments(self) -> tuple[dict[str, int], dict[str, Location], dict[str, NDArray[np.int64]]]:
        """The values, addresses and tables of WINDOW_ARGUMENTS."""
        problem, grid, element = self.problem, self.grid, ELEMENT_BYTES[self.problem.dtype]
        d, h, w = grid.axes
        sn, sc, sd, sh, sw = (s * element for s in problem.source.strides)
        table = [
            (rd * sd + rh * sh + rw * sw, d.present(rd), h.present(rh), w.present(rw)) for rd, rh, rw in grid.residues
        ]
        depth, height, width = grid.pitches
        values = {
            "depth": depth, "height": height, "width": width, "images": grid.batch, "planes": len(table),
            "window_channels": problem.source_channels, "window_plane": self.plane_bytes,
            "window_part": self.part_bytes, "window_n": sn, "window_c": sc, "window_d": sd * d.step,
            "window_h": sh * h.step, "window_w": sw * w.step, "window_group_stride": sc * problem.source_channels,
        }  # fmt: skip
        addresses = {"window_ptr": Location(Base.SOURCE), "status_ptr": Location(Base.STATUS)}
        return values, addresses, {"plane_ptr": np.array(table, np.int64)}

    def pack(self, packed: Location, target: Target) -> Step:
        """The step that packs all of it: [group], then as above."""
        values, addresses, tables = self.arguments()
        chunks = -(-self.spans // _PER_ITEM)
        values |= {
            "items": self.problem.groups * self.tiles * len(self.grid.residues) * chunks, "tiles": self.tiles,
            "chunks": chunks, "per_chunk": _PER_ITEM, "spans": self.spans,
        }  # fmt: skip
        text = _kernel(self.reading, target)
        return step(text, _ARGUMENTS, values, addresses | {"packed_ptr": packed}, tables, waits=False)


@dataclass(frozen=True)
class Reading:
    """How a window tensor is read and what it becomes: what the code that packs it is specialised on."""

    mode: str
    parts: int
    dtype: str


@functools.cache
def _kernel(reading: Reading, target: Target) -> str:
    """A ticket is some tiles along the positions of 16 channels of one residue."""
    b, v, a = begin_vectors(_ARGUMENTS, "float32", target)
    packer = WindowPacker(b, v, a, reading)
    with tickets(b, a["items"]) as item:
        group, tile, plane, chunk = split(b, item, a["tiles"], a["planes"], a["chunks"])
        first, last = share(b, chunk, a["per_chunk"], a["spans"])
        panel = b.mul(b.add(b.mul(group, a["tiles"]), tile), packer.tile_bytes)
        to = b.at(a["packed_ptr"], panel, b.mul(plane, a["window_plane"]), b.mul(first, TILE))
        packer.begin()
        packer.plane(group, tile, plane, b.mul(first, SPAN), b.mul(last, SPAN), to)
        packer.report()
    return b.text()


class WindowPacker:
    """Emits the packing of ranges of positions; the kernel's arguments have WINDOW_ARGUMENTS among them."""

    def __init__(self, b: Builder, v: Vectors, a: dict[str, str], reading: Reading):
        self.b, self.v, self.a, self.reading = b, v, a, reading
        self.element = ELEMENT_BYTES[reading.dtype]
        self.tile_bytes = b.mul(a["window_part"], reading.parts)
        self._cut = Parts(v, reading.parts, reading.dtype == "bfloat16")
        self._read = {
            "rows": self._rows, "planes": self._planes, "pairs": self._pairs, "elements": self._elements,
        }[reading.mode]  # fmt: skip
        self._scratch = b.stack(v.lanes * v.lanes * 4)
        self._ahead = False

    def begin(self) -> None:
        """Forget which values were seen."""
        self._cut.begin()

    def report(self) -> None:
        """Say whether the parts could not carry some value."""
        self._cut.report(self.a["status_ptr"])

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
        with b.repeat([("i64", first)], lambda carried: b.compare("slt", carried[0], last)) as row:
            position = row.values[0]
            n, d, h, w = split(b, position, a["depth"], a["height"], a["width"])
            extent = b.min(b.sub(a["width"], w), b.sub(last, position))
            inside = b.both(
                b.both(b.compare("slt", d, in_d), b.compare("slt", h, in_h)), b.compare("slt", n, a["images"])
            )
            count = b.select(inside, "i64", b.sub(in_w, w), 0)
            at = b.at(
                source, b.mul(n, a["window_n"]), b.mul(d, a["window_d"]), b.mul(h, a["window_h"]),
                b.mul(w, a["window_w"]),
            )  # fmt: skip
            with b.repeat([("i64", 0)], lambda carried: b.compare("slt", carried[0], extent)) as run:
                done = run.values[0]
                place = b.sub(b.add(position, done), first)
                within = b.rem(place, SPAN)
                # A store stays within one tile's rows.
                length = b.min(b.min(b.sub(SPAN, within), v.lanes), b.sub(extent, done))
                here = b.max(b.min(length, b.sub(count, done)), 0)
                tile_at = b.at(to, b.mul(b.div(place, SPAN), TILE), b.mul(within, 2))
                self._square(b.at(at, b.mul(done, a["window_w"])), tile_at, here, length, left)
                run.carry([b.add(done, length)])
            row.carry([b.add(position, extent)])

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

    def _ask(self, at: str) -> None:
        """Ask for what the next 16 channels have in place of what lies at an address."""
        if self._ahead:
            self.b.prefetch(self.b.at(at, self.b.mul(self.a["window_c"], ROWS)))

    def _channels(self, at: str, first: int, left: Value, masks: list[str]) -> list[list[str]]:
        """For each channel, vectors of what lies side by side from an address on, under these masks.

        A channel that does not exist is read from the last one: nobody asks for its sums.
        """
        b, v = self.b, self.v
        last, values = b.sub(left, 1), []
        for k in range(first, first + v.lanes):
            place = b.at(at, b.mul(self.a["window_c"], b.min(last, k)))
            self._ask(place)
            values.append(
                [
                    v.load_masked(b.at(place, i * v.lanes * self.element), mask, self.reading.dtype)
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
            self._ask(place)
            pixels.append(v.load_masked(place, mask, self.reading.dtype))
        present = v.mask(here)
        return [v.select(present, value) for value in v.transpose(pixels)]

    def _elements(self, at: str, first: int, left: Value, here: Value) -> list[str]:
        b, v = self.b, self.v
        b.zero_bytes(self._scratch, v.lanes * v.lanes * 4)
        count = b.max(b.min(b.sub(left, first), v.lanes), 0)
        with b.loop(0, count) as k, b.loop(0, here) as p:
            where = b.at(at, b.mul(b.add(k.index, first), self.a["window_c"]), b.mul(p.index, self.a["window_w"]))
            value = scalar_widen(b, where, self.reading.dtype, "float")
            b.store("float", value, b.at(self._scratch, b.mul(k.index, v.lanes * 4), b.mul(p.index, 4)), 4)
        return [v.load(b.at(self._scratch, k * v.lanes * 4)) for k in range(v.lanes)]
