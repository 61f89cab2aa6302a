"""How the rows of `group_rows` are cut into tiles, and which tiles may read outside a row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.group.axes import Streams
from tilewise.algorithms.group.rows_spec import KernelSpec, Reach
from tilewise.problem import ConvProblem


def row_reach(problem: ConvProblem, streams: Streams, base: int) -> Reach:
    """Bounds that hold for every row length, so that one kernel serves them all."""
    kernel, stride, padding, dilation = (
        axis[2] for axis in (problem.kernel, problem.stride, problem.padding, problem.dilation)
    )
    right: dict[int, int] = {}
    for stream in streams:
        for tap, offset in stream:
            after = dilation * (kernel - 1 - tap)
            # A gather's last result reads at most W - 1 + padding - after; a scatter's follows from the sizes that
            # a gather maps to the same result, output padding included.
            most = (after - padding + 2 * stride + dilation) // stride if problem.scatter else padding - after
            right[offset] = max(most, right.get(offset, most))
    return Reach(-base, tuple(sorted(right.items())))


def row_tiles(spec: KernelSpec, width: int, source_width: int, lanes: int, base: int) -> NDArray[np.int64]:
    """(source column twice: as bytes and as a number, destination column, columns left, which variant) of each."""
    streams = len(spec.streams)
    offsets = [offset for stream in spec.streams for _, offset in stream]
    vectors = _vectors(-(-width // (streams * lanes)), spec.widths)
    column = (np.cumsum(vectors) - vectors) * lanes
    source, target = column * spec.read + base, column * streams
    last = source + max(offsets, default=0) + spec.read * (vectors * lanes + 1)
    inside = (source >= 0) & (last < source_width) & (width - target >= vectors * lanes * streams)
    free = inside & (vectors == spec.widths[0]) & spec.inner
    checked = np.zeros(spec.widths[0] + 1, np.int64)
    checked[list(spec.widths)] = [spec.variants.index((size, True)) for size in spec.widths]
    variant = np.where(free, spec.variants.index((spec.widths[0], not spec.inner)), checked[vectors])
    return np.stack([source, source, target, width - target, variant], 1)


def _vectors(left: int, widths: tuple[int, ...]) -> NDArray[np.int64]:
    """How many vectors each tile of a row of `left` vectors has, the widest first; the last may reach past its end."""
    whole, left = divmod(left, widths[0])
    rest = []
    while left > 0:
        rest.append(next(size for size in widths if size <= left or size == widths[-1]))
        left -= rest[-1]
    return np.concatenate([np.full(whole, widths[0], np.int64), np.array(rest, np.int64)])
