"""Sources as tiles load them: lines of 32 channels of a position, as bfloat16 parts.

A range of a Grid's positions becomes [block of 32 channels][part][residue][position][32]. The whole source may be
packed once, ahead of what reads it, or a band of it where it is read: the walk is the same.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.amx.grid import BLOCK, LINE, Grid
from tilewise.algorithms.amx.joining import Joining
from tilewise.algorithms.amx.source_packing import LINE_ARGUMENTS, line_packer
from tilewise.algorithms.common.plan import Base, Location, step
from tilewise.algorithms.common.turning import has_even_pixels, pixel_stride
from tilewise.ir.amx import ROWS
from tilewise.ir.kernel import Arguments, share, split, tickets
from tilewise.ir.parts import begin_parts
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(["items", "groups", "blocks", "per_chunk", "lead", "lines", "packed_ptr", *LINE_ARGUMENTS])
# Positions of one ticket.
_PER_ITEM = 256
# With more positions than this and filters of so many values, lines are loaded so often that copies side by side pay.
_MANY, _LARGE = 512, 1 << 18


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
    def pixel_bytes(self) -> int:
        """From pixel to pixel of a source that is `ready`."""
        return pixel_stride(self.problem.source) * ELEMENT_BYTES[self.problem.dtype]

    @property
    def ready(self) -> bool:
        """Whether tiles can load the source as it lies: bfloat16 channels side by side, whole blocks of them, one tap.

        All pixels at equal distances, and as many as a tile has at the least.
        """
        spec, grid = self.problem.source, self.grid
        _, sc, *_ = spec.strides
        pixels = math.prod(spec.spatial)
        return (
            self.problem.dtype == "bfloat16" and sc == 1 and self.channels % BLOCK == 0 and self.joining is None
            and self.problem.taps == 1 and grid.pitches == spec.spatial and grid.lead == 0
            and len(grid.residues) == 1 and all(axis.step == 1 for axis in grid.axes)
            and grid.positions >= ROWS * 2 and has_even_pixels(spec)
            and (self.problem.batch == 1 or spec.strides[0] == pixels * pixel_stride(spec))
            and (grid.positions <= _MANY or self.channels * self.problem.destination_channels < _LARGE)
        )  # fmt: skip

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
        values = {
            **grid.values, "planes": len(grid.residues),
            "channels": self.channels, "plane_bytes": self.plane_bytes, "part_bytes": self.part_bytes,
            "stride_n": sn, "stride_c": sc, "stride_d": sd * d.step, "stride_h": sh * h.step, "stride_w": sw * w.step,
            "stride_group": sc * problem.source_channels, "read_step": w.step, "read_width": problem.source.spatial[2],
        }  # fmt: skip
        addresses = {"source_ptr": Location(Base.SOURCE), "status_ptr": Location(Base.STATUS)}
        tables = {"plane_ptr": grid.planes((sd, sh, sw))}
        if self.joining:
            tables["joined_ptr"] = self.joining.elements(sw, sc, BLOCK)
        return values, addresses, tables

    def pack(self, packed: Location, target: Target, first: int = 0) -> Step:
        """The step that packs so many lines, their lead ahead of a position: [group], then as above."""
        values, addresses, tables = self.arguments()
        chunks = -(-self.lines // _PER_ITEM)
        values |= {
            "items": self.problem.groups * self.blocks * len(self.grid.residues) * chunks,
            "groups": self.problem.groups, "blocks": self.blocks,
            "per_chunk": _PER_ITEM, "lead": self.grid.lead - first,
            "lines": self.lines,
        }  # fmt: skip
        text = _kernel(self.mode, self.parts, self.problem.dtype, target)
        return step(text, _ARGUMENTS, values, addresses | {"packed_ptr": packed}, tables, waits=False)


@functools.cache
def _kernel(mode: str, parts: int, dtype: str, target: Target) -> str:
    """A ticket is some positions of a residue and a block of channels."""
    b, v, a = begin_parts(_ARGUMENTS, target)
    packer = line_packer(b, v, a, mode, parts, dtype)
    with tickets(b, a["items"]) as item:
        # Neighbouring positions are neighbouring tickets, and a thread's: it may be the one that multiplies them.
        chunk, group, block, plane = split(b, item, a["groups"], a["blocks"], a["planes"])
        first, last = share(b, chunk, a["per_chunk"], a["lines"])
        panel = b.mul(b.add(b.mul(group, a["blocks"]), block), b.mul(a["part_bytes"], parts))
        to = b.at(a["packed_ptr"], panel, b.mul(plane, a["plane_bytes"]), b.mul(first, LINE))
        packer.begin()
        packer.plane(group, block, plane, b.sub(first, a["lead"]), b.sub(last, a["lead"]), to)
        packer.report()
    return b.text()
