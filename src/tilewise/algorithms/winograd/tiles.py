"""How Winograd's algorithms cut a tensor: tiles of a few outputs along W and H, where taps share transforms.

A row of tiles is a strip. Where the outputs of a tile are not neighbours, as with a dilation, they are those of one
residue, so a strip has the tiles of one residue of rows and one of columns. Tiles are numbered through all strips of
all images, and kernels take ranges of them.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.tiling import tile_widths
from tilewise.algorithms.common.trimming import live_products
from tilewise.algorithms.winograd.runs import AxisRuns, Run, direct_runs, short_runs, three_taps
from tilewise.algorithms.winograd.transforms import TAPS, Tile
from tilewise.geometry import Phase
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass
from tilewise.target import Target

# Below this share of live products along an axis, direct sums of what is live are as fast, and exacter.
_LIVE = 0.7
# Transformed values of every run wait in scratch memory; and each phase is a step with filters of its own.
_MOST_RUNS, _MOST_PHASES = 32, 16
_TOO_MANY_RUNS = f"its taps make more than {_MOST_RUNS} runs of three"
# By the outputs of a tile along each axis: floating-point operations of the transforms a value, both ways; and what
# products take longer because there are more of them, whose values are further away.
TRANSFORM_WORK = {2: 6, 4: 12}
PRODUCT_WORK = {2: 1.0, 4: 1.15}
# What kernels are told of the tiles.
ARGUMENTS = (
    "tiles", "strip_tiles", "depth", "strip_rows", "row_residues", "column_residues", "row_step", "column_step",
    "height", "width", "strips_ahead",
)  # fmt: skip


def why_not_three_taps(problem: ConvProblem, target: Target) -> str | None:
    """The reason why filters of three taps at stride 1 are not what a problem has, whatever its pass."""
    phases = _axes(problem)
    if any(phase is None or phase.read_step != 1 for phase in phases):
        return _why_not(problem, target) or "it serves stride 1"
    if phases[2] is None or len(phases[2].taps) != TAPS:
        return _why_not(problem, target) or f"filters {problem.kernel[2]} wide are not three taps"
    return _why_not(problem, target) or _why_mostly_padding(problem, phases)


def why_not_short_runs(problem: ConvProblem, target: Target) -> str | None:
    """The reason why no two taps can share transforms, or should not."""
    why = _why_not(problem, target)
    if why:
        return why
    axes = problem.phases
    if any(phase.count and not phase.taps for axis in axes for phase in axis):
        return "some of its results read nothing"
    if any(len(phase.taps) > TAPS * _MOST_RUNS for axis in axes for phase in axis):
        return _TOO_MANY_RUNS  # said before a large filter is cut into them
    if not any(short_runs(phase).axis.transformed for axis in axes[1:] for phase in axis):
        return "no two of its outputs read the same with neighbouring taps"
    if math.prod(len(axis) for axis in axes) > _MOST_PHASES:
        return f"it serves at most {_MOST_PHASES} phases"
    runs = math.prod(max(len(short_runs(phase).runs) for phase in axis) for axis in axes[1:])
    if runs * max(len(phase.taps) for phase in axes[0]) > _MOST_RUNS:
        return _TOO_MANY_RUNS
    return next((why for choice in itertools.product(*axes) if (why := _why_mostly_padding(problem, choice))), None)


def _why_not(problem: ConvProblem, target: Target) -> str | None:
    if problem.groups > 1:
        return "it serves convolutions without groups"
    if problem.dtype == "float16" and not target.converts_half:
        return "this host converts float16 in software"
    return None


def _why_mostly_padding(problem: ConvProblem, phases: Sequence[Phase | None]) -> str | None:
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
    """The tiles of one choice of a phase for each axis."""

    problem: ConvProblem
    deep: AxisRuns
    high: AxisRuns
    wide: AxisRuns

    @classmethod
    def of_three_taps(cls, problem: ConvProblem, size: int) -> Tiling:
        """Tiles of `size` outputs along W, and along H where the taps there are three, too.

        For a problem that `why_not_three_taps` has nothing against.
        """
        d, h, w = _axes(problem)
        wide = three_taps(w, size) if w else None
        if d is None or h is None or wide is None:
            raise ValueError("each axis must have one phase, and the last three taps")
        return cls(problem, direct_runs(d), three_taps(h, size) or direct_runs(h), wide)

    @property
    def is_plain(self) -> bool:
        """Whether one run of three taps along W, and along H where there are several, is all."""
        across = self.wide.axis.taps == TAPS and len(self.wide.runs) == 1
        return across and (not self.high.axis.transformed or len(self.high.runs) == 1)

    @functools.cached_property
    def tile(self) -> Tile:
        """What is transformed together."""
        return Tile(self.wide.axis, self.high.axis)

    @property
    def products(self) -> int:
        """Products for the outputs of a tile, a pair of channels."""
        return sum(last - first for first, last in self.uses.tolist())

    @property
    def replaced(self) -> int:
        """Products that direct sums of the same would take."""
        taps = math.prod(len(axis.phase.taps) for axis in (self.deep, self.high, self.wide))
        return self.tile.outputs * self.tile.out_rows * taps

    @property
    def share(self) -> str:
        """What is saved, in words."""
        return f"{self.products} products for {self.replaced}"

    @functools.cached_property
    def direct(self) -> list[tuple[Run, Run, Run]]:
        """Runs along D, H and W whose products are summed.

        A product of infinity is summed over whole runs alone. They are in such an order that any product's are
        neighbours: those whole along W only, those whole along both axes, along H only, along none.
        """

        def order(runs: tuple[Run, Run, Run]) -> int:
            high, wide = self.high.whole(runs[1]), self.wide.whole(runs[2])
            return (1 if high else 0) if wide else (2 if high else 3)

        return sorted(itertools.product(self.deep.runs, self.high.runs, self.wide.runs), key=order)

    @functools.cached_property
    def uses(self) -> NDArray[np.int64]:
        """(first, one past the last) of `direct` that each product is summed over."""
        high = np.array([self.high.whole(run) for _, run, _ in self.direct])
        wide = np.array([self.wide.whole(run) for _, _, run in self.direct])
        table = []
        for i, k in itertools.product(range(self.tile.rows), range(self.tile.inputs)):
            live = np.full(len(self.direct), True)
            live &= high if i == self.tile.rows - 1 else live
            live &= wide if k == self.tile.inputs - 1 else live
            numbers = np.flatnonzero(live)
            table.append((numbers[0], numbers[-1] + 1))
        return np.array(table, np.int64)

    @property
    def terms(self) -> int:
        """Terms of each product's sum: runs and channels."""
        return len(self.direct) * self.problem.source_channels

    @functools.cached_property
    def elements(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(channel, filter position) of each of [run][channel][transformed tap]; position -1 where a run is short."""
        taps, inputs = self.taps, self.problem.source_channels
        channel = np.tile(np.repeat(np.arange(inputs), taps.shape[1]), len(taps))
        return channel, np.tile(taps[:, None, :], (1, inputs, 1)).ravel()

    @functools.cached_property
    def taps(self) -> NDArray[np.int64]:
        """For each run, the filter positions of the transformed taps in the order of their offsets, or -1."""
        _, kh, kw = self.problem.kernel

        def padded(axis: AxisRuns, run: Run) -> list[int]:
            return [*run.taps, *[-1] * (axis.axis.taps - len(run.taps))]

        table = [
            [
                (d.taps[0] * kh + i) * kw + k if min(i, k) >= 0 else -1
                for i in padded(self.high, h)
                for k in padded(self.wide, w)
            ]
            for d, h, w in self.direct
        ]
        return np.array(table, np.int64)

    @property
    def offsets(self) -> NDArray[np.int64]:
        """(D, H, W) offset of the first source element of each run."""
        return np.array([[run.offset for run in runs] for runs in self.direct], np.int64)

    @functools.cached_property
    def _strips(self) -> tuple[int, int, int, int]:
        """(strips along H, residues of rows, tiles a strip, residues of columns)."""
        height, width = self.high.phase.count, self.wide.phase.count
        rows, columns = min(self.high.step, height), min(self.wide.step, width)
        strips = _ceiling(_ceiling(height, rows), self.tile.out_rows)
        return strips, rows, _ceiling(_ceiling(width, columns), self.tile.outputs), columns

    @property
    def tiles(self) -> int:
        """All of them."""
        strips, rows, tiles, columns = self._strips
        return self.problem.batch * self.deep.phase.count * strips * rows * tiles * columns

    def values(self, capacity: int) -> dict[str, int]:
        """ARGUMENTS for ranges of so many tiles."""
        strips, rows, tiles, columns = self._strips
        return {
            "tiles": self.tiles, "strip_tiles": tiles, "depth": self.deep.phase.count, "strip_rows": strips,
            "row_residues": rows, "column_residues": columns, "row_step": self.high.step,
            "column_step": self.wide.step, "height": self.high.phase.count, "width": self.wide.phase.count,
            "strips_ahead": _ceiling(capacity, tiles),
        }  # fmt: skip

    def outputs_of(self, result: View) -> View:
        """Where the outputs of these phases lie in a result."""
        phases = [axis.phase for axis in (self.deep, self.high, self.wide)]
        d, h, w = (phase.first for phase in phases)
        n, c, *strides = result.strides
        sd, sh, sw = (stride * phase.step for stride, phase in zip(strides, phases, strict=True))
        return replace(result, at=result.at.past(result.offset((d, h, w))), strides=(n, c, sd, sh, sw))


def short_tilings(problem: ConvProblem) -> list[Tiling]:
    """One for each choice of a phase an axis, for a problem that `why_not_short_runs` has nothing against."""
    found = []
    for d, h, w in itertools.product(*problem.phases):
        if d.count and h.count and w.count:
            found.append(Tiling(problem, direct_runs(d), short_runs(h), short_runs(w)))
    return found


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
        "source_w": view.strides[4], "read_d": tiling.deep.phase.read_step, "read_h": tiling.high.phase.read_step,
        "read_w": tiling.wide.phase.read_step,
    }  # fmt: skip


def register_tiles(target: Target, vectors: int) -> tuple[int, ...]:
    """Tiles that share registers: as many as fit, and a few smaller numbers for what is left of a range."""
    return tuple(w for w in tile_widths(target.registers, vectors) if w not in (2, 3))


def _ceiling(number: int, size: int) -> int:
    return -(-number // size)
