"""What weight-gradient tiles load as their left operand: 16 window channels by 32 positions.

Tiles lie as [16 channels][part][residue][32 positions][channel][position]; positions are those of a Grid, in whose
gaps they are zero.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.amx.grid import BLOCK, Grid
from tilewise.algorithms.amx.window_packing import WINDOW_ARGUMENTS, WindowPacker, WindowReading
from tilewise.algorithms.common.plan import Base, Location, step
from tilewise.ir.amx import ROWS, TILE_BYTES
from tilewise.ir.kernel import Arguments, share, split, tickets
from tilewise.ir.parts import begin_parts
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(["items", "groups", "tiles", "per_chunk", "spans", "origin", "packed_ptr", *WINDOW_ARGUMENTS])
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
        return self.spans * TILE_BYTES

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
    def reading(self) -> WindowReading:
        """How the tensor is read."""
        _, sc, _, _, sw = self.problem.source.strides
        step = self.grid.axes[2].step
        mode = "elements"
        if sw == 1 and step <= 2:
            mode = "planes" if step == 1 else "pairs"
        elif sc == 1:
            mode = "rows"
        return WindowReading(mode, self.parts, self.problem.dtype)

    def arguments(self) -> tuple[dict[str, int], dict[str, Location], dict[str, NDArray[np.int64]]]:
        """The values, addresses and tables of WINDOW_ARGUMENTS."""
        problem, grid, element = self.problem, self.grid, ELEMENT_BYTES[self.problem.dtype]
        d, h, w = grid.axes
        sn, sc, sd, sh, sw = (s * element for s in problem.source.strides)
        values = {
            **grid.values, "planes": len(grid.residues),
            "window_channels": problem.source_channels, "window_plane": self.plane_bytes,
            "window_part": self.part_bytes, "window_n": sn, "window_c": sc, "window_d": sd * d.step,
            "window_h": sh * h.step, "window_w": sw * w.step, "window_group_stride": sc * problem.source_channels,
        }  # fmt: skip
        addresses = {"window_ptr": Location(Base.SOURCE), "status_ptr": Location(Base.STATUS)}
        return values, addresses, {"plane_ptr": grid.planes((sd, sh, sw))[:, :4]}

    def pack(self, packed: Location, first: int, spans: int, target: Target) -> Step:
        """The step that packs so many of all tiles along the positions, from one on: [group], then as above."""
        values, addresses, tables = self.arguments()
        chunks = -(-spans // _PER_ITEM)
        values |= {
            "items": self.problem.groups * self.tiles * len(self.grid.residues) * chunks,
            "groups": self.problem.groups, "tiles": self.tiles, "per_chunk": _PER_ITEM, "spans": spans,
            "origin": first * BLOCK,
        }  # fmt: skip
        text = _kernel(self.reading, target)
        return step(text, _ARGUMENTS, values, addresses | {"packed_ptr": packed}, tables, waits=False)


@functools.cache
def _kernel(reading: WindowReading, target: Target) -> str:
    """A ticket is some tiles along the positions of 16 channels of one residue."""
    b, v, a = begin_parts(_ARGUMENTS, target)
    packer = WindowPacker(b, v, a, reading)
    with tickets(b, a["items"]) as item:
        # Neighbouring positions are neighbouring tickets, and a thread's: it may be the one that multiplies them.
        chunk, group, tile, plane = split(b, item, a["groups"], a["tiles"], a["planes"])
        first, last = share(b, chunk, a["per_chunk"], a["spans"])
        panel = b.mul(b.add(b.mul(group, a["tiles"]), tile), packer.tile_bytes)
        to = b.at(a["packed_ptr"], panel, b.mul(plane, a["window_plane"]), b.mul(first, TILE_BYTES))
        packer.begin()
        begin, end = (b.add(a["origin"], b.mul(span, BLOCK)) for span in (first, last))
        packer.plane(group, tile, plane, begin, end, to)
        packer.report()
    return b.text()
