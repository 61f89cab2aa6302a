"""What the code of `group_rows` is specialised on."""

from __future__ import annotations

from dataclasses import dataclass

from tilewise.algorithms.group.axes import Rolling, Streams
from tilewise.target import Target


@dataclass(frozen=True)
class Reach:
    """How far a row's first and last results may read outside it, whatever its length: by how many columns.

    `left` for the tap that reads furthest left; `right` for each tap's offset.
    """

    left: int
    right: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class KernelSpec:
    """What the generated code is specialised on."""

    dtype: str
    source_dtype: str
    accumulator: str
    masked: bool
    filters: int
    widths: tuple[int, ...]
    rolling: Rolling
    streams: Streams
    read: int
    tap_row_bytes: int
    single: bool  # one channel, one row of taps outside the rolling ones: no loop over them
    apart: int  # in which loop sums are begun anew: 0 that over source rows, then the outer axes' and the channels'
    bias: bool
    reach: Reach
    target: Target

    @property
    def variants(self) -> tuple[tuple[int, bool], ...]:
        """(vectors, whether pieces of rows may lie outside) of each kind of tile; see `Reach`."""
        checked = tuple((w, True) for w in self.widths)
        return ((self.widths[0], False), *checked) if self.inner else checked

    @property
    def inner(self) -> bool:
        """Whether tiles far from the row's ends have code of their own: where masks serve one row only."""
        return self.masked and self.rolling.live == 1

    def raws(self, offset: int, vector: int, lanes: int) -> list[int]:
        """Columns, from the tile's first, where the dense vectors begin that hold a (strided) vector of pixels."""
        first = offset - offset % self.read + self.read * vector * lanes
        return [first + k * lanes for k in range(self.read)]

    def outside(self, vectors: int, lanes: int) -> set[int]:
        """The dense vectors of a tile that may lie partly outside the row."""
        right = dict(self.reach.right)
        found = set()
        for offset in {offset for stream in self.streams for _, offset in stream}:
            for j in range(vectors):
                # The last result is at least in the first lane of the last vector.
                beyond = right[offset] + self.read - 1 + ((j + 2 - vectors) * lanes - 1) * self.read
                found |= {raw for raw in self.raws(offset, j, lanes) if raw < self.reach.left or beyond > 0}
        return found

    @property
    def taps(self) -> int:
        """Taps that are unrolled."""
        return len({t for _, _, t in self.rolling.terms}) * sum(len(stream) for stream in self.streams)
