"""Which rows of tiles the dense contraction computes, and what each of them sums, as tables for its kernel.

A row of the result belongs to one of the parts that `trimming` makes, and sums the terms of that part. Rows stand
in the order of the result's memory, so that rows that share source pixels are computed soon after one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.panels import PanelTerms
from tilewise.algorithms.common.tiling import Reduction, cut_row
from tilewise.algorithms.fma.kernel import PART_WORDS
from tilewise.geometry import Phase
from tilewise.problem import ConvProblem


@dataclass(frozen=True)
class RowTables:
    """The tables; `whole` are rows as `fma_kernel.ROW_WORDS` says, `pixel_target` leads from pixel to pixel."""

    whole: NDArray[np.int64]
    parts: NDArray[np.int64]
    outer: NDArray[np.int64]
    inner: NDArray[np.int64]
    tiles: NDArray[np.int64]
    pixel_target: int

    @property
    def tiles_in_rows(self) -> int:
        """The tiles of all rows."""
        return int((self.whole[:, 3] - self.whole[:, 2]).sum())

    def rows(self, most: int) -> NDArray[np.int64]:
        """The rows, those of more than `most` tiles in pieces."""
        counts = self.whole[:, 3] - self.whole[:, 2]
        pieces = -(-counts // most)
        if pieces.max(initial=1) == 1:
            return self.whole
        result = np.repeat(self.whole, pieces, axis=0)
        number = np.arange(len(result)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        result[:, 2] += number * most
        result[:, 3] = np.minimum(result[:, 3], result[:, 2] + most)
        return result


def row_tables(
    problem: ConvProblem, parts: Sequence[tuple[tuple[Phase, ...], Reduction]], view: View, result: View,
    panel: PanelTerms, widths: tuple[int, ...], row_bytes: int,
) -> RowTables:  # fmt: skip
    """The tables for some parts of a contraction; `row_bytes` is the size of a panel's row."""
    rows: list[NDArray[np.int64]] = []
    places: list[tuple[int, ...]] = []
    tiles: list[tuple[int, ...]] = []
    outer, inner = (np.zeros((0, 2), np.int64) for _ in range(2))
    for number, (phases, terms) in enumerate(parts):
        offsets = [
            np.stack([found, at * row_bytes], 1)
            for found, at in zip((terms.outer, terms.inner), panel.rows(terms), strict=True)
        ]
        places.append(
            (len(outer), len(outer) + len(terms.outer), terms.outer_per_sum, len(inner), len(inner) + len(terms.inner))
        )
        outer, inner = np.concatenate([outer, offsets[0]]), np.concatenate([inner, offsets[1]])
        counts = [problem.batch, *(phase.count for phase in phases)]
        source = [view.strides[0], *(s * p.read_step for s, p in zip(view.strides[2:], phases, strict=True))]
        target = [result.strides[0], *(s * p.step for s, p in zip(result.strides[2:], phases, strict=True))]
        origin = sum(s * p.first for s, p in zip(result.strides[2:], phases, strict=True))
        pixel_source, pixel_target = source[3], target[3]
        _join(counts, source, target)
        cut = cut_row(counts[3], widths)
        at = np.indices(counts[:3]).reshape(3, -1)
        from_source = np.array(source[:3], np.int64) @ at
        from_target = np.array(target[:3], np.int64) @ at + origin
        constant = [np.full_like(from_source, x) for x in (len(tiles), len(tiles) + len(cut), number * 8 * PART_WORDS)]
        rows.append(np.stack([from_source, from_target, *constant], 1))
        tiles += [(start * pixel_source, start * pixel_target, index, widths[index]) for start, index in cut]
    table = np.concatenate(rows)
    if len(rows) > 1:
        table = table[np.argsort(table[:, 1], kind="stable")]
    return RowTables(table, np.array(places, np.int64), outer, inner, np.array(tiles, np.int64), pixel_target)


def _join(counts: list[int], source: list[int], target: list[int]) -> None:
    """Rows that follow each other without a gap, in source and destination alike, become one long row."""
    for axis in (2, 1):
        width = counts[3]
        if source[axis] != source[3] * width or target[axis] != target[3] * width:
            return
        counts[3], counts[axis] = width * counts[axis], 1
