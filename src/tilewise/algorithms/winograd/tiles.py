"""How Winograd's algorithms cut a tensor: tiles of a few outputs along W, and along H where the taps there are three.


A row of tiles is a strip. With a dilation, the outputs whose taps fall on the same positions are those of one residue
modulo it, so a strip has the tiles of one residue of rows and one of columns. Tiles are numbered through all strips of
all images, and kernels take ranges of them.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.tiling import tile_widths
from tilewise.algorithms.common.trimming import live_products
from tilewise.algorithms.winograd.transforms import TAPS, Tile
from tilewise.geometry import Phase
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.target import Target

# Below this share of live products along an axis, direct sums of what is live are as fast, and exacter.
_LIVE = 0.7
# By the outputs of a tile along each axis: floating-point operations of the transforms a value, both ways; and what
# products take longer because there are more of them, whose values are further away.
TRANSFORM_WORK = {2: 6, 4: 12}
PRODUCT_WORK = {2: 1.0, 4: 1.15}
# What kernels are told of the tiles.
ARGUMENTS = (
    "tiles", "strip_tiles", "depth", "strip_rows", "row_residues", "column_residues", "row_step", "column_step",
    "height", "width", "strips_ahead",
)  # fmt: skip


def why_not_tiles(problem: ConvProblem, target: Target) -> str | None:
    """The reason why filters of three taps at stride 1 are not what a problem has, whatever its pass."""
    if problem.groups > 1:
        return "it serves convolutions without groups"
    if problem.dtype == "float16" and not target.converts_half:
        return "this host converts float16 in software"
    phases = _axes(problem)
    if any(phase is None or phase.read_step != 1 for phase in phases):
        return "it serves stride 1"
    if phases[2] is None or len(phases[2].taps) != TAPS:
        return f"filters {problem.kernel[2]} wide are not three taps"
    axes = zip(phases, problem.source.spatial, strict=True)
    if min(live_products(phase, size) for phase, size in axes if phase) < _LIVE:
        return "many of its taps read only padding, which its tiles cannot leave out"
    return None


def why_inexact(problem: ConvProblem) -> str | None:
    """The reason why tiles of four outputs would lose more bits than is allowed, or None."""
    if problem.precision == "highest" and ELEMENT_BYTES[problem.dtype] > 2:
        return "its transforms would lose more bits than `highest` allows"
    return None


def _axes(problem: ConvProblem) -> tuple[Phase | None, ...]:
    """The one phase of each axis; None where there are several."""
    if problem.kind is Pass.WEIGHT_GRADIENT:
        return problem.window_phases
    return tuple(axis[0] if len(axis) == 1 else None for axis in problem.phases)


@dataclass(frozen=True)
class Tiling:
    """The tiles, of `size` outputs along each axis, of one problem that `why_not_tiles` has nothing against."""

    problem: ConvProblem
    size: int

    @functools.cached_property
    def phases(self) -> tuple[Phase, Phase, Phase]:
        """The phase of each axis."""
        d, h, w = _axes(self.problem)
        if d is None or h is None or w is None:
            raise ValueError("each axis must have one phase")
        return d, h, w

    @functools.cached_property
    def tile(self) -> Tile:
        """Tall where the taps along H are three, too."""
        return Tile(self.size, len(self.phases[1].taps) == TAPS)

    @property
    def share(self) -> str:
        """What is saved, in words."""
        return f"{self.tile.products} products for {self.tile.outputs * self.tile.out_rows * self.tile.taps}"

    @functools.cached_property
    def direct(self) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """((filter index, offset) along D, the same along H) of the taps that are summed over, not transformed."""
        d, h, _ = self.phases
        return list(itertools.product(d.taps, [(0, _low(h))] if self.tile.tall else h.taps))

    @property
    def terms(self) -> int:
        """Terms of each product's sum: direct taps and channels."""
        return len(self.direct) * self.problem.source_channels

    @functools.cached_property
    def elements(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(channel, filter position) of each of [direct tap][channel][transformed tap]."""
        taps, inputs = self.taps, self.problem.source_channels
        channel = np.tile(np.repeat(np.arange(inputs), taps.shape[1]), len(taps))
        return channel, np.tile(taps[:, None, :], (1, inputs, 1)).ravel()

    @functools.cached_property
    def taps(self) -> NDArray[np.int64]:
        """For each direct tap, the filter positions of the transformed ones in the order of their offsets."""
        _, kh, kw = self.problem.kernel
        _, h, w = self.phases
        across, down = _ordered(w), _ordered(h) if self.tile.tall else None
        table = [[(d * kh + i) * kw + k for i in down or [j] for k in across] for (d, _), (j, _) in self.direct]
        return np.array(table, np.int64)

    @property
    def offsets(self) -> NDArray[np.int64]:
        """(D, H) offset of the first source row of each direct tap."""
        return np.array([(d, h) for (_, d), (_, h) in self.direct], np.int64)

    @property
    def column_low(self) -> int:
        """The offset of the first source column."""
        return _low(self.phases[2])

    @functools.cached_property
    def _strips(self) -> tuple[int, int, int, int]:
        """(strips along H, residues of rows, tiles a strip, residues of columns)."""
        _, _, _, height, width = self.problem.destination.shape
        rows = min(self.problem.dilation[1], height) if self.tile.tall else 1
        columns = min(self.problem.dilation[2], width)
        strips = _ceiling(_ceiling(height, rows), self.tile.out_rows)
        return strips, rows, _ceiling(_ceiling(width, columns), self.tile.outputs), columns

    @property
    def tiles(self) -> int:
        """All of them."""
        strips, rows, tiles, columns = self._strips
        return self.problem.batch * self.problem.destination.shape[2] * strips * rows * tiles * columns

    def values(self, capacity: int) -> dict[str, int]:
        """ARGUMENTS for ranges of so many tiles."""
        strips, rows, tiles, columns = self._strips
        _, _, depth, height, width = self.problem.destination.shape
        return {
            "tiles": self.tiles, "strip_tiles": tiles, "depth": depth, "strip_rows": strips, "row_residues": rows,
            "column_residues": columns, "row_step": self.problem.dilation[1] if self.tile.tall else 1,
            "column_step": self.problem.dilation[2], "height": height, "width": width,
            "strips_ahead": _ceiling(capacity, tiles),
        }  # fmt: skip


def pixel_bytes(channels: int, accumulator: str, target: Target) -> int:
    """From tile to tile of transformed values.

    Rows of a power of two bytes would share few cache sets; another vector moves them apart.
    """
    return (_ceiling(channels, target.lanes(accumulator)) + 1) * target.vector_bytes


def source_values(tiling: Tiling, view: View) -> dict[str, int]:
    """What a kernel is told of the source that it transforms."""
    _, _, depth, height, width = tiling.problem.source.shape
    return {
        "taps": len(tiling.direct), "source_depth": depth, "source_height": height, "source_width": width,
        "source_n": view.strides[0], "source_d": view.strides[2], "source_h": view.strides[3],
        "source_w": view.strides[4], "column_low": tiling.column_low,
    }  # fmt: skip


def register_tiles(target: Target, vectors: int) -> tuple[int, ...]:
    """Tiles that share registers: as many as fit, and a few smaller numbers for what is left of a range."""
    return tuple(w for w in tile_widths(target.registers, vectors) if w not in (2, 3))


def _low(phase: Phase) -> int:
    return min(offset for _, offset in phase.taps)


def _ordered(phase: Phase) -> list[int]:
    """Filter indices by the offsets that they read at."""
    return [index for index, _ in sorted(phase.taps, key=lambda tap: tap[1])]


def _ceiling(number: int, size: int) -> int:
    return -(-number // size)
