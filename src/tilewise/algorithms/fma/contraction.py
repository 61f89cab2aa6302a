"""The dense contraction that `fma` and `fma_columns` share: sums of one phase an axis as steps on packed filters."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.panels import Panels, PanelTerms, sum_order
from tilewise.algorithms.common.plan import Base, Location, enough_items, step
from tilewise.algorithms.common.storing import store_mode
from tilewise.algorithms.common.tiling import Reduction
from tilewise.algorithms.fma.kernel import ARGUMENTS, KernelSpec, kernel
from tilewise.algorithms.fma.rows import RowTables, row_tables
from tilewise.geometry import Phase
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

# Filters of more bytes than the source has are what passes through the caches: then a ticket takes all rows.
_WANTED_ITEMS, _FEWEST_ITEMS = 32, 16
# What the first-level cache holds beside a tile's pixels, and the second beside rows of them.
_FIRST_LEVEL, _SECOND_LEVEL = 32 << 10, 256 << 10
# Results that the caches would not keep, of sums so short that writing them is what takes the time.
_STREAMED_BYTES, _STREAMED_TERMS, _STREAMED_PIXEL = 4 << 20, 512, 128
# A source that comes from far, by registers: few of them read it again after fewer channels.
_FAR_BYTES = {16: 4 << 20, 32: 16 << 20}
# Unrolled terms that lie in a line of memory; bytes from pixel to pixel of which a tile reads few lines.
_LINE_TERMS, _SHORT_PIXEL = 8, 1024

_Parts = list[tuple[tuple[Phase, ...], Reduction]]


class Contraction:
    """The sums of one phase an axis, in parts, for blocks of `vectors` vectors of channels.

    Its tables are made once; `steps` makes the steps for the channels of some packed filters, `most_blocks` blocks
    of them at most.
    """

    def __init__(
        self, problem: ConvProblem, parts: Sequence[tuple[Phase, ...]], view: View, result: View, terms: PanelTerms,
        vectors: int, most_blocks: int, target: Target,
    ):  # fmt: skip
        self._problem, self._view, self._result, self._terms = problem, view, result, terms
        self._lanes = vectors * target.lanes(problem.accumulator)
        row_bytes = self._lanes * ELEMENT_BYTES[problem.accumulator]
        self._panel_bytes = terms.count * row_bytes
        unrolled = _by_unroll(problem, parts, view, target)
        # What of a panel these parts read.
        self._read_bytes = row_bytes * max(len(order.channel) for some in unrolled.values() for _, order in some)
        inside = most_blocks > 1 and _blocks_inside(self._read_bytes, most_blocks)
        self._unrolled = [self._tables(unroll, group, vectors, inside, target) for unroll, group in unrolled.items()]

    def _tables(
        self, unroll: int, parts: _Parts, vectors: int, inside: bool, target: Target
    ) -> tuple[KernelSpec, RowTables, int]:
        """The kernel and its tables for the parts of one unrolling, and the longest sum's terms."""
        problem, view, result = self._problem, self._view, self._result
        element = ELEMENT_BYTES[problem.accumulator]
        step_w, read_step_w = parts[0][0][2].step, parts[0][0][2].read_step
        longest = max(len(order.channel) for _, order in parts)
        spec = KernelSpec(
            problem.dtype, result.dtype, problem.accumulator, vectors, unroll, view.strides[4] * read_step_w,
            store_mode(result.strides[1], result.strides[4] * step_w, ELEMENT_BYTES[result.dtype]), problem.bias,
            any(order.sums > 1 for _, order in parts), inside, _fetches(problem, view, unroll, target),
            _streams(problem, result, longest, vectors, target), target,
        )  # fmt: skip
        rows = row_tables(problem, parts, view, result, self._terms, spec.widths, self._lanes * element)
        return spec, rows, longest

    def steps(self, panels: Panels) -> list[Step]:
        """A step for each unrolling."""
        return [self._step(panels, *tables) for tables in self._unrolled]

    def _step(self, panels: Panels, spec: KernelSpec, tables: RowTables, longest: int) -> Step:
        problem, view, result, blocks = self._problem, self._view, self._result, panels.blocks
        work = tables.tiles_in_rows * blocks * problem.groups
        least = max(1, 400_000 // max(1, 2 * longest * self._lanes * 14))
        heavy = self._read_bytes * blocks > ELEMENT_BYTES[problem.accumulator] * math.prod(problem.source.shape)
        per_item = max(least, work // enough_items(_FEWEST_ITEMS if heavy else _WANTED_ITEMS), 1)
        near = self._near_tiles(spec, blocks)
        per_item = min(per_item, near or per_item)
        rows = tables.rows(per_item)
        rows_per_item = max(1, min(len(rows), per_item * len(rows) // tables.tiles_in_rows))
        blocks_per_item = 1
        if near:
            blocks_per_item = blocks
        elif spec.blocks_inside:
            rows_per_item, blocks_per_item = max(1, rows_per_item // blocks), blocks
        elif rows_per_item == len(rows):
            blocks_per_item = min(blocks, max(1, per_item // tables.tiles_in_rows))
        chunks = (math.ceil(blocks / blocks_per_item), math.ceil(len(rows) / rows_per_item))
        target_c = result.strides[1]
        values = {
            "items": problem.groups * math.prod(chunks), "channel_chunks": chunks[0], "row_chunks": chunks[1],
            "blocks": blocks, "blocks_per_item": blocks_per_item, "row_count": len(rows),
            "rows_per_item": rows_per_item, "channels": panels.channels,
            "source_group": view.strides[1] * problem.source_channels, "target_w": tables.pixel_target,
            "target_c": target_c, "target_group": target_c * problem.destination_channels,
            "panel_bytes": self._panel_bytes, "group_panels": blocks,
        }  # fmt: skip
        addresses = {
            "source_ptr": view.at,
            "filters_ptr": panels.at,
            "target_ptr": result.at.past(panels.first_channel * target_c),
        }
        if problem.bias:
            addresses["bias_ptr"] = Location(Base.BIAS, panels.first_channel * ELEMENT_BYTES[problem.dtype])
        arrays = {"rows_ptr": rows, "parts_ptr": tables.parts, "outer_ptr": tables.outer, "inner_ptr": tables.inner,
                  "tiles_ptr": tables.tiles}  # fmt: skip
        return step(kernel(spec), ARGUMENTS, values, addresses, arrays)

    def _near_tiles(self, spec: KernelSpec, blocks: int) -> int:
        """Tiles whose source stays in the second-level cache while all blocks read it; 0 where it is near anyway.

        A ticket then makes its tiles for one block after the other, and the source comes from memory once.
        """
        problem, element = self._problem, ELEMENT_BYTES[self._problem.accumulator]
        if blocks < 2 or spec.blocks_inside or not _is_far(problem, spec.target):
            return 0
        pixel = problem.source_channels * element * math.prod(phases[0].read_step for phases in problem.phases)
        return max(1, _SECOND_LEVEL // (pixel * spec.widths[0]))


def _by_unroll(
    problem: ConvProblem, parts: Sequence[tuple[Phase, ...]], view: View, target: Target
) -> dict[int, _Parts]:
    """Parts with the orders of their sums, by how much these are unrolled."""
    found: dict[int, _Parts] = {}
    for part in parts:
        order = sum_order(problem, part, view, target)
        found.setdefault(order.unroll if len(order.channel) else 0, []).append((part, order))
    if 0 in found:  # parts that no tap reaches go with any others
        nothing = found.pop(0)
        found.setdefault(max(found, default=1), []).extend(nothing)
    return found


def _blocks_inside(panel_bytes: int, blocks: int) -> bool:
    """Whether a tile is made for all blocks of channels before the next tile, so that its pixels are read once.

    Not where one panel would stay in the first-level cache from tile to tile, but all of them would not.
    """
    whole = panel_bytes * blocks
    return whole <= _FIRST_LEVEL or (panel_bytes > _FIRST_LEVEL and whole <= _SECOND_LEVEL)


def _is_far(problem: ConvProblem, target: Target) -> bool:
    """Whether the source is so large that it comes from far."""
    return ELEMENT_BYTES[problem.accumulator] * math.prod(problem.source.shape) >= _FAR_BYTES[target.registers]


def _fetches(problem: ConvProblem, view: View, unroll: int, target: Target) -> bool:
    """Whether to fetch the pixels of the next tile: far ones, of a few lines each, that no other tap has read before.

    Pixels of more lines are a stream each, which the CPU follows by itself; and twice as many lines at large powers of
    two would share sets of the first-level cache.
    """
    new = all(len(phase.taps) <= phase.read_step for phases in problem.phases for phase in phases)
    short = unroll >= _LINE_TERMS and view.strides[4] <= _SHORT_PIXEL
    return not target.roomy and short and new and _is_far(problem, target)


def _streams(problem: ConvProblem, result: View, terms: int, vectors: int, target: Target) -> bool:
    """Whether results go past the caches: large ones of short sums, whose pixels are whole aligned vectors."""
    size = ELEMENT_BYTES[problem.accumulator]
    return (
        target.level != "generic"
        and result.dtype == problem.accumulator
        and vectors >= 2
        and result.strides[4] >= _STREAMED_PIXEL
        and terms <= _STREAMED_TERMS
        and size * math.prod(problem.destination.shape) >= _STREAMED_BYTES
        and all(stride % target.vector_bytes == 0 for stride in (result.strides[0], *result.strides[2:]))
    )
