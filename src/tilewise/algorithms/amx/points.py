"""What weight-gradient tiles load as their right operand: pairs of neighbouring positions of 16 point channels.

Lines of two positions lie as [block of 16 channels][part][beginning][line][16 channels][2], the pairs that TDPBF16PS
takes. A tap's shift is a difference of lines; an odd one meets other pairs than an even one, so positions are paired
twice where taps of both kinds exist, beginning at even and at odd positions. Gaps between rows are zero.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tilewise.algorithms.amx.grid import BLOCK, LINE, Grid
from tilewise.algorithms.amx.point_packing import CHANNELS, POINT_ARGUMENTS, PointPacker, PointReading
from tilewise.algorithms.common.plan import Base, Location, step
from tilewise.ir.kernel import Arguments, share, split, tickets
from tilewise.ir.parts import begin_parts
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(["items", "groups", "blocks", "per_chunk", "lines", "origin", "packed_ptr", *POINT_ARGUMENTS])
# Lines of one ticket.
_PER_ITEM = 128


@dataclass(frozen=True)
class PointLines:
    """How a problem's point tensor is paired, for `spans` tiles' positions at a time and taps of these shifts."""

    problem: ConvProblem
    grid: Grid
    parts: int
    spans: int
    lowest: int
    highest: int
    odd: bool  # whether some shift is odd
    even: bool
    first: int  # channel
    channels: int

    @classmethod
    def of(cls, problem: ConvProblem, grid: Grid, parts: int, spans: int, shifts: Sequence[int]) -> PointLines:
        """For the positions of so many tiles, met under these shifts."""
        kinds = {shift & 1 for shift in shifts}
        channels = problem.destination_channels
        return cls(problem, grid, parts, spans, min(shifts), max(shifts), 1 in kinds, 0 in kinds, 0, channels)

    def some(self, first: int, channels: int) -> PointLines:
        """Only so many channels of each group, from one on."""
        return replace(self, first=first, channels=channels)

    @property
    def beginnings(self) -> int:
        """How many times positions are paired."""
        return self.odd + self.even

    @property
    def blocks(self) -> int:
        """Blocks of channels."""
        return -(-self.channels // CHANNELS)

    @property
    def lead(self) -> int:
        """Lines before the first position."""
        return max(0, self.highest) // 2 + 2

    @property
    def lines(self) -> int:
        """Lines of one block, part and beginning."""
        return self.lead + self.spans * BLOCK // 2 + max(0, -self.lowest) // 2 + 2

    @property
    def part_bytes(self) -> int:
        """From part to part."""
        return self.beginnings * self.lines * LINE

    @property
    def block_bytes(self) -> int:
        """From one block of channels to the next."""
        return self.parts * self.part_bytes

    @property
    def group_bytes(self) -> int:
        """All of a group."""
        return self.blocks * self.block_bytes

    def offset(self, shift: int) -> int:
        """Where the lines begin that meet the window's position 0 under a tap's shift."""
        start = -shift
        second = (start & 1) * (self.beginnings - 1)
        return (second * self.lines + self.lead + (start >> 1)) * LINE

    @property
    def reading(self) -> PointReading:
        """How the tensor is read."""
        _, sc, _, _, sw = self.problem.destination.strides
        mode = "rows" if sc == 1 else "planes" if sw == 1 else "elements"
        return PointReading(mode, self.parts, self.odd, self.even, self.problem.dtype)

    def arguments(self) -> tuple[dict[str, int], dict[str, Location]]:
        """The values and addresses of POINT_ARGUMENTS."""
        spec, element = self.problem.destination, ELEMENT_BYTES[self.problem.dtype]
        sn, sc, sd, sh, sw = (s * element for s in spec.strides)
        values = {
            **self.grid.values, "out_depth": spec.shape[2],
            "out_height": spec.shape[3], "out_width": spec.shape[4],
            "point_channels": self.channels, "point_lead": self.lead,
            "point_line_bytes": self.lines * LINE, "point_part": self.part_bytes, "point_n": sn, "point_c": sc,
            "point_d": sd, "point_h": sh, "point_w": sw, "point_group_stride": sc * self.problem.destination_channels,
        }  # fmt: skip
        at = Location(Base.DESTINATION, self.first * sc)
        return values, {"point_ptr": at, "status_ptr": Location(Base.STATUS)}

    def pack(self, packed: Location, first: int, spans: int, target: Target) -> Step:
        """The step that pairs the positions of so many of all tiles, from one on: [group], then as above."""
        values, addresses = self.arguments()
        lines = self.lines - (self.spans - spans) * BLOCK // 2
        values |= {
            "items": self.problem.groups * self.blocks * -(-lines // _PER_ITEM), "groups": self.problem.groups,
            "blocks": self.blocks, "per_chunk": _PER_ITEM, "lines": lines, "origin": first * BLOCK,
        }  # fmt: skip
        return step(_kernel(self.reading, target), _ARGUMENTS, values, addresses | {"packed_ptr": packed}, waits=False)


@functools.cache
def _kernel(reading: PointReading, target: Target) -> str:
    """A ticket is some lines of a block of channels."""
    b, v, a = begin_parts(_ARGUMENTS, target)
    packer = PointPacker(b, v, a, reading)
    with tickets(b, a["items"]) as item:
        # Neighbouring positions are neighbouring tickets, and a thread's: it may be the one that multiplies them.
        chunk, group, block = split(b, item, a["groups"], a["blocks"])
        lines = share(b, chunk, a["per_chunk"], a["lines"])
        to = b.at(a["packed_ptr"], b.mul(b.add(b.mul(group, a["blocks"]), block), packer.block_bytes))
        packer.begin()
        packer.lines(group, block, a["origin"], lines, to)
        packer.report()
    return b.text()
