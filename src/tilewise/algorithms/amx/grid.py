"""Packed positions: how a source lies for tile loads, and where each tap finds it.

Positions of all images are numbered through, so that 16 neighbouring positions are 16 neighbouring lines of 64
bytes and a tile may run over the end of a row, an image or a batch entry. Between rows lies a gap of zeros as wide
as the farthest tap reaches, shared by both its neighbours; the same between planes and images. Where the source is
read at a stride, it is dealt out over residues first, each a grid of its own, so that reading is stride-free.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.trimming import live_range
from tilewise.geometry import Phase
from tilewise.ir.amx import ROW_BYTES

LINE = ROW_BYTES  # of a tile or a position
BLOCK = LINE // 2  # bfloat16 values in it: channels of a position, or positions of a channel
# Taps are left out of tiles where fewer of their rows than this exist; a kernel lists at most so many.
_MOST_LIVE, MOST_TAPS = 0.9, 128
# Tiles are left out where rows and planes with results are less than this part of all.
_MOST_WORKED = 0.97


@dataclass(frozen=True)
class AxisGrid:
    """One axis: `size` source positions a residue, then zeros up to `pitch`; position 0 reads `base` steps on."""

    step: int
    residues: tuple[int, ...]
    source: int
    size: int
    pitch: int
    base: int = 0

    @classmethod
    def of(cls, phases: Sequence[Phase], source: int) -> AxisGrid:
        """The grid that serves all phases of an axis."""
        used = [phase for phase in phases if phase.count]
        step = used[0].read_step if used else 1
        offsets = [offset for phase in used for _, offset in phase.taps]
        residues = tuple(sorted({offset % step for offset in offsets})) or (0,)
        shifts = [offset // step for offset in offsets] or [0]
        last = max([phase.count - 1 + offset // step for phase in used for _, offset in phase.taps] or [0])
        count = max((phase.count for phase in used), default=1)
        size = max(1, min(-(-source // step), last + 1))
        return cls(step, residues, source, size, max(size + max(0, -min(shifts)), last + 1, count))

    @classmethod
    def joined(cls, phase: Phase) -> AxisGrid:
        """The grid of lines that hold several taps each: one for whatever position is asked for, and no gaps."""
        step = phase.read_step
        residues = tuple(sorted({offset % step for _, offset in phase.taps}))
        shifts = [offset // step for _, offset in phase.taps]
        size = phase.count + max(shifts) - min(shifts)
        return cls(step, residues, size * step, size, size, min(shifts))

    def place(self, offset: int) -> tuple[int, int]:
        """(index of the residue, shift) of a tap's offset."""
        return self.residues.index(offset % self.step), offset // self.step - self.base

    def present(self, residue: int) -> int:
        """How many positions of a residue the source really has."""
        return min(self.size, max(0, -(-(self.source - residue) // self.step)))


@dataclass(frozen=True)
class Grid:
    """All positions of a source: three axes, `batch` images, and spare lines in front and behind."""

    axes: tuple[AxisGrid, AxisGrid, AxisGrid]
    batch: int
    lead: int
    trail: int

    @classmethod
    def of(
        cls, phases: Sequence[Sequence[Phase]], spatial: Sequence[int], batch: int, overrun: int, joined: bool = False
    ) -> Grid:
        """The grid for all phases; `overrun` positions past the last may be read.

        `joined`: lines hold several taps along W (`joining.py`), which has one phase.
        """
        d, h, w = (AxisGrid.of(axis, size) for axis, size in zip(phases, spatial, strict=True))
        if joined:
            w = AxisGrid.joined(phases[2][0])
        plain = cls((d, h, w), batch, 0, 0)
        flat = [
            plain.flat(tuple(axis.place(o)[1] for axis, o in zip((d, h, w), offsets, strict=True)))
            for choice in itertools.product(*phases)
            for offsets in itertools.product(*([o for _, o in phase.taps] for phase in choice))
        ] or [0]
        return cls((d, h, w), batch, max(0, -min(flat)), max(0, max(flat)) + overrun)

    def live_taps(self, choice: Sequence[Phase]) -> float:
        """How many taps read something, on the average over rows, where the others are left out (`skips`)."""
        taps = itertools.product(*(phase.taps for phase in choice[:2]))
        if any(axis.step > 1 for axis in self.axes[:2]):
            return float(math.prod(len(phase.taps) for phase in choice))

        def share(axis: AxisGrid, phase: Phase, offset: int) -> float:
            begin, end = live_range(phase, offset, axis.size)
            return max(0, end - begin) / phase.count

        d, h, _ = self.axes
        return len(choice[2].taps) * sum(share(d, choice[0], i) * share(h, choice[1], j) for (_, i), (_, j) in taps)

    def worked(self, choice: Sequence[Phase]) -> int:
        """Positions of tiles for which something is written; of all, where that is most.

        Left out are whole tiles in the rows of gaps behind each plane, and in the planes behind each image.
        """
        depth, height, width = self.pitches
        d, h, _ = choice
        planes, rows = (depth - d.count) * height * width, (height - h.count) * width
        left_out = self.batch * sum(max(0, gap - BLOCK + 1) * often for gap, often in ((planes, 1), (rows, d.count)))
        some = self.positions - left_out
        return some if some < _MOST_WORKED * self.positions else self.positions

    def skips(self, choice: Sequence[Phase]) -> list[tuple[int, int]] | None:
        """(planes, rows) from each tap's position to what it reads; None where few rows of a tap lie in gaps.

        A tap whose rows all lie in gaps adds nothing to a tile. Only where the source is read at no stride, in which
        rows of positions are rows of the source.
        """
        count = math.prod(len(phase.taps) for phase in choice)
        if count > MOST_TAPS or self.live_taps(choice) >= _MOST_LIVE * count:
            return None
        return [(d, h) for (_, d), (_, h), _ in itertools.product(*(phase.taps for phase in choice))]

    @property
    def residues(self) -> list[tuple[int, int, int]]:
        """The residues that hold positions, in the order of their planes."""
        d, h, w = (axis.residues for axis in self.axes)
        return list(itertools.product(d, h, w))

    @property
    def pitches(self) -> tuple[int, int, int]:
        """Positions of each axis, gaps included."""
        d, h, w = self.axes
        return d.pitch, h.pitch, w.pitch

    @property
    def positions(self) -> int:
        """Positions of all images."""
        d, h, w = self.pitches
        return self.batch * d * h * w

    @property
    def lines(self) -> int:
        """Lines of one residue's plane."""
        return self.lead + self.positions + self.trail

    def planes(self, strides: Sequence[int]) -> NDArray[np.int64]:
        """Of each residue: the byte offset of its first position, how much of each axis it has, its begin on W."""
        d, h, w = self.axes
        sd, sh, sw = strides
        begins = w.base * w.step
        table = [
            (rd * sd + rh * sh + (rw + begins) * sw, d.present(rd), h.present(rh), w.present(rw), rw + begins)
            for rd, rh, rw in self.residues
        ]
        return np.array(table, np.int64)

    @property
    def values(self) -> dict[str, int]:
        """What every walk over positions is told."""
        depth, height, width = self.pitches
        return {"depth": depth, "height": height, "width": width, "images": self.batch}

    def flat(self, shift: Sequence[int]) -> int:
        """A shift as a difference of position numbers."""
        _, h, w = self.pitches
        return (shift[0] * h + shift[1]) * w + shift[2]

    def taps(self, choice: Sequence[Phase], lines: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(line of each tap counted from the lead, its three filter indices), for one phase an axis.

        `lines` are those of one residue's plane, as they are packed.
        """
        taps = self.places(choice)
        places = [plane * lines + shift for plane, shift, _ in taps]
        return np.array(places, np.int64), np.array([number for *_, number in taps], np.int64).reshape(-1, 3)

    def places(self, choice: Sequence[Phase]) -> list[tuple[int, int, tuple[int, ...]]]:
        """(residue's plane, shift in positions, three filter indices) of each tap, for one phase an axis."""
        places = []
        for taps in itertools.product(*(phase.taps for phase in choice)):
            placed = [axis.place(offset) for axis, (_, offset) in zip(self.axes, taps, strict=True)]
            plane = 0
            for axis, (residue, _) in zip(self.axes, placed, strict=True):
                plane = plane * len(axis.residues) + residue
            places.append((plane, self.flat([shift for _, shift in placed]), tuple(index for index, _ in taps)))
        return places
