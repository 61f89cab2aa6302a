"""How the rows of `group_rows` are cut into tiles, and which tiles may read outside a row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.axes import Streams
from tilewise.algorithms.group_rows_kernel import KernelSpec, Reach
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
    left = -(-width // (streams * lanes))
    result, start = [], 0
    while left > 0:
        vectors = next(w for w in spec.widths if w <= left or w == spec.widths[-1])
        column = start * lanes
        source, target = column * spec.read + base, column * streams
        last = source + max(offsets, default=0) + spec.read * (vectors * lanes + 1)
        inside = source >= 0 and last < source_width and width - target >= vectors * lanes * streams
        checked = not (spec.inner and vectors == spec.widths[0] and inside)
        result.append((source, source, target, width - target, spec.variants.index((vectors, checked))))
        start += vectors
        left -= vectors
    return np.array(result, np.int64)
