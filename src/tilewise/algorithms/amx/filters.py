"""Filters as tiles load them: [group][block][32 channels][tap][part][half][16 pairs][16 filters][2].

A tile holds pairs of channels, the pairs that TDPBF16PS takes from its right operand. Weights are read once, as they
lie, and become bfloat16 parts on the way; all phases of a problem share the result, each with taps of its own.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.amx.filter_packing import FILTER_ARGUMENTS, LANES, FilterPacker, FilterReading
from tilewise.algorithms.amx.grid import BLOCK
from tilewise.algorithms.amx.joining import Joining
from tilewise.algorithms.common.filter_terms import FilterTerms
from tilewise.algorithms.common.panels import filter_terms
from tilewise.algorithms.common.plan import Base, Location, step
from tilewise.ir.amx import TILE_BYTES
from tilewise.ir.kernel import Arguments, split, tickets
from tilewise.ir.parts import begin_parts
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(["items", "packed_ptr", *FILTER_ARGUMENTS])


@dataclass(frozen=True)
class TileFilters:
    """The packed filters of `outputs` destination channels a group, from `first` on, `halves` tiles a block."""

    problem: ConvProblem
    first: int
    outputs: int
    halves: int
    parts: int
    joining: Joining | None = None

    @property
    def channels(self) -> int:
        """What a line of the source holds: a position's channels, or those of several taps."""
        return self.joining.channels if self.joining else self.problem.source_channels

    @property
    def taps(self) -> int:
        """Taps, or lines in place of those along W."""
        kd, kh, _ = self.problem.kernel
        return kd * kh * self.joining.lines if self.joining else self.problem.taps

    @property
    def blocks(self) -> int:
        """Blocks of destination channels."""
        return -(-self.outputs // (LANES * self.halves))

    @property
    def channel_blocks(self) -> int:
        """Blocks of source channels."""
        return -(-self.channels // BLOCK)

    @property
    def tap_bytes(self) -> int:
        """One tap of a block of channels."""
        return self.parts * self.halves * TILE_BYTES

    @property
    def block_bytes(self) -> int:
        """All taps of a block of channels."""
        return self.taps * self.tap_bytes

    @property
    def panel_bytes(self) -> int:
        """All that one block of destination channels is multiplied with."""
        return self.channel_blocks * self.block_bytes

    @property
    def group_bytes(self) -> int:
        """All of a group."""
        return self.blocks * self.panel_bytes

    @property
    def size(self) -> int:
        """All of it."""
        return self.problem.groups * self.group_bytes

    @property
    def reading(self) -> FilterReading:
        """How the weights are read."""
        terms, channel_stride = self._terms
        element = ELEMENT_BYTES[self.problem.dtype]
        if self.joining:
            return FilterReading("joined", 0, self.halves, self.parts, self.problem.dtype)
        mode = _mode(terms.channel_stride, channel_stride, terms.offsets, element)
        # Where a run of taps is shorter than a register, the squares' other columns need not be made.
        columns = min(self.problem.taps, LANES) if mode == "taps" else 0
        return FilterReading(mode, columns, self.halves, self.parts, self.problem.dtype)

    @functools.cached_property
    def _terms(self) -> tuple[FilterTerms, int]:
        """Where the taps of the first channel lie, and the bytes from channel to channel."""
        taps = self.problem.taps
        zeros, numbers = np.zeros(taps, np.int64), np.arange(taps, dtype=np.int64)
        second = filter_terms(self.problem, zeros[:1] + 1, zeros[:1])
        return filter_terms(self.problem, zeros, numbers), int(second.offsets[0])

    def arguments(self) -> tuple[dict[str, int], dict[str, Location], dict[str, NDArray[np.int64]]]:
        """The values, addresses and tables of FILTER_ARGUMENTS."""
        problem, (terms, channel_stride) = self.problem, self._terms
        values = {
            "blocks": self.blocks, "channel_blocks": self.channel_blocks, "taps": self.taps,
            "channels": self.channels, "outputs": self.outputs, "group_stride": terms.group_stride,
            "lane_stride": terms.channel_stride, "channel_stride": channel_stride,
        }  # fmt: skip
        weight = Location(Base.WEIGHT, self.first * terms.channel_stride)
        tables = {"tap_ptr": terms.offsets}
        if self.joining:
            channel, tap = self.joining.filter_taps(BLOCK)
            offsets = filter_terms(problem, channel.clip(0).ravel(), tap.clip(0).ravel()).offsets
            tables = {"tap_ptr": np.where(tap.ravel() < 0, -1, offsets)}
        return values, {"weight_ptr": weight, "status_ptr": Location(Base.STATUS)}, tables

    def pack(self, packed: Location, target: Target) -> Step:
        """The step that packs them. What the parts cannot carry is reported through the status word."""
        values, addresses, tables = self.arguments()
        steps = self.halves // self.reading.together
        values["items"] = self.problem.groups * self.blocks * steps * self.channel_blocks
        text = _kernel(self.reading, target)
        return step(text, _ARGUMENTS, values, addresses | {"packed_ptr": packed}, tables, waits=False)


def _mode(lane_stride: int, channel_stride: int, taps: NDArray[np.int64], element: int) -> str:
    """What lies side by side in the weight tensor: lanes, source channels, taps, or nothing."""
    if lane_stride == element:
        return "lanes"
    if channel_stride == element:
        return "channels"
    return "taps" if np.array_equal(taps, taps[0] + element * np.arange(len(taps))) else "nothing"


@functools.cache
def _kernel(reading: FilterReading, target: Target) -> str:
    """A ticket is 32 source channels by 16 destination channels, or 32 that are packed together."""
    b, v, a = begin_parts(_ARGUMENTS, target)
    packer = FilterPacker(b, v, a, reading)
    with tickets(b, a["items"]) as item:
        group, block, step, chunk = split(b, item, a["blocks"], reading.halves // reading.together, a["channel_blocks"])
        panel = b.mul(b.add(b.mul(group, a["blocks"]), block), packer.panel_bytes)
        packer.begin()
        packer.tiles(group, block, step, chunk, b.at(a["packed_ptr"], panel))
        packer.report()
    return b.text()
