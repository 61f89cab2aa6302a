"""The contraction of `positions` as a step: planes of a view times filters as they lie, into planes of another view."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import Base, Location, enough_items, step
from tilewise.algorithms.common.tiling import SUM_TERMS, divisor, outer_per_sum
from tilewise.algorithms.positions.grid import Grid, blocks_per_item, grid
from tilewise.algorithms.positions.kernel import ARGUMENTS, BLOCK_WORDS, Spec, kernel
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

_WANTED_ITEMS = 32
# A ticket has at least so many products a lane.
_LEAST_PRODUCTS = 100_000
# Results that the caches would not keep.
_STREAMED_BYTES = 4 << 20
LINE = 64


def has_dense_rows(spec: TensorSpec) -> bool:
    """Whether rows follow each other without a gap: a view of others may repeat a row, or lie far apart."""
    _, height, width = spec.spatial
    return height == 1 or spec.strides[3] == width


def contraction(
    problem: ConvProblem, view: View, near: NDArray[np.int64], result: View, target: Target, watched: bool
) -> tuple[Step, bool]:
    """The step, and whether it watches for what is not finite itself; `watched`: whether that is asked for.

    Rows of the view must follow each other. `near` are the bytes from a result's position in it to each tap.
    """
    element = ELEMENT_BYTES[problem.dtype]
    phases = tuple(axis[0] for axis in problem.phases)
    first, second, *strides = (s * element for s in problem.weight_strides)
    row, other = (second, first) if problem.scatter else (first, second)
    channels = problem.source_channels
    filters = each_sum(*(np.array([i for i, _ in p.taps], np.int64) * s for p, s in zip(phases, strides, strict=True)))
    by_tap = np.stack([near.ravel(), filters.ravel()], 1)
    by_channel = np.arange(channels)[:, None] * np.array([view.strides[1], other])
    outer, inner = _order(by_channel, by_tap)

    terms, rows = len(outer) * len(inner), problem.destination_channels
    way = grid(problem, view.strides[3] // element, target)
    tiles, blocks = way.tiles, _blocks(way, view, result, element)
    work = terms * tiles[0][0]
    total = problem.batch * problem.groups * problem.destination.shape[2]
    per_chunk = blocks_per_item(problem, way, target)
    block_chunks = max(1, -(-len(blocks) // per_chunk))
    least = -(-_LEAST_PRODUCTS // max(1, work * per_chunk))
    per_item = max(least, -(-rows * total * block_chunks // enough_items(_WANTED_ITEMS)), 1)
    per_item = min(rows, -(-per_item // tiles[0][1]) * tiles[0][1])
    chunks = -(-rows // per_item)
    on, oc, od, oh, _ = result.strides
    filter_group = (channels if problem.scatter else rows) * first
    per_sum = outer_per_sum(len(outer), len(inner))
    values = {
        "items": total * chunks * block_chunks, "groups": problem.groups, "depth": problem.destination.shape[2],
        "row_chunks": chunks, "rows_per_item": per_item, "rows": rows, "block_chunks": block_chunks,
        "blocks_per_item": per_chunk, "block_count": len(blocks), "pitch": way.pitch, "height": way.height,
        "width": way.width, "source_n": view.strides[0], "source_group": view.strides[1] * channels,
        "source_d": view.strides[2], "filter_group": filter_group, "filter_row": row, "target_n": on,
        "target_group": oc * rows, "target_d": od, "target_row": oc, "target_h": oh, "outer_count": len(outer),
        "outer_per_sum": per_sum, "inner_count": len(inner),
    }  # fmt: skip
    addresses = {
        "source_ptr": view.at,
        "filters_ptr": Location(Base.WEIGHT),
        "target_ptr": result.at,
        "status_ptr": Location(Base.STATUS),
    }
    if problem.bias:
        addresses["bias_ptr"] = Location(Base.BIAS)
    tables = {"blocks_ptr": blocks, "outer_ptr": outer, "inner_ptr": inner}
    # Many long sums look at themselves; of short ones that would be a good part, and their filters are few.
    inside = watched and not way.stretches
    spec = Spec(
        problem.dtype, problem.bias, inside, tiles, len(outer) > per_sum, way.gaps, way.masked, way.stretches,
        not way.masked and not way.gaps and _streams(problem, result, target), target,
    )  # fmt: skip
    return step(kernel(spec), ARGUMENTS, values, addresses, tables), inside


def _order(by_channel: NDArray[np.int64], by_tap: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(outer, inner) offsets of the sum: filters in the order of their memory, inner loops no longer than a piece."""
    if len(by_channel) == 1 and len(by_tap) <= SUM_TERMS * 3 // 4:
        return by_channel, by_tap
    channel_step = int(by_channel[1, 1]) if len(by_channel) > 1 else 0
    tap_step = int(np.abs(np.diff(by_tap[:, 1])).min()) if len(by_tap) > 1 else 0
    if tap_step and tap_step <= channel_step and len(by_tap) <= 2 * SUM_TERMS:
        return by_channel, by_tap
    length = divisor(len(by_channel), SUM_TERMS)
    outer = by_tap[:, None] + by_channel[None, ::length]
    return outer.reshape(-1, 2), by_channel[:length]


def _blocks(way: Grid, view: View, result: View, element: int) -> NDArray[np.int64]:
    """The words of all blocks, see `BLOCK_WORDS`."""
    start, count, tile = way.run.table(way.tiles).T
    parts = np.stack([start * element, start * (0 if way.gaps else element), start, count, tile], 1)
    steps = np.array([view.strides[3], result.strides[3], 0, 0, 0], np.int64)
    words: NDArray[np.int64] = np.arange(way.runs)[:, None, None] * steps + parts
    return words.reshape(-1, BLOCK_WORDS)


def _streams(problem: ConvProblem, result: View, target: Target) -> bool:
    """Whether results go past the caches: large ones, whose rows are whole aligned vectors, of a cache line each.

    Smaller vectors would send parts of lines to planes that, where they are multiples of a page apart, wait for each
    other.
    """
    return (
        target.vector_bytes == LINE
        and ELEMENT_BYTES[problem.dtype] * math.prod(problem.destination.shape) >= _STREAMED_BYTES
        and all(stride % target.vector_bytes == 0 for stride in result.strides[:4])
    )


def each_sum(d: NDArray[np.int64], h: NDArray[np.int64], w: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each tap of the three axes the sum of what each axis adds."""
    return d[:, None, None] + h[:, None] + w
