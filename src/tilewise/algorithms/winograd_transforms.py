"""Winograd's F(2, 3): two outputs of a filter with three taps from four products instead of six.

The three transforms are sums and differences along one axis; two axes are one transform after the other. The result
is y = A'[(G g) * (B' d)] with the matrices of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks"
(2015), section 4.1. Larger tiles save more products, but their error grows too fast for `highest`.
"""

from __future__ import annotations

from collections.abc import Callable

from tilewise.ir.vectors import Vectors

INPUTS, OUTPUTS, TAPS = 4, 2, 3


Transform = Callable[[Vectors, list[str]], list[str]]


def twice(transform: Transform, v: Vectors, grid: list[list[str]]) -> list[list[str]]:
    """A transform along the rows of a grid, then along its columns."""
    rows = [transform(v, row) for row in grid]
    columns = [transform(v, list(column)) for column in zip(*rows, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


def transform_source(v: Vectors, d: list[str]) -> list[str]:
    """B' d: four neighbouring source elements as the factors of the four products."""
    return [v.sub(d[0], d[2]), v.add(d[1], d[2]), v.sub(d[2], d[1]), v.sub(d[1], d[3])]


def transform_filter(v: Vectors, g: list[str]) -> list[str]:
    """G g: three taps as the other factors of the four products."""
    half = v.splat("5.000000e-01")
    ends = v.add(g[0], g[2])
    return [g[0], v.mul(v.add(ends, g[1]), half), v.mul(v.sub(ends, g[1]), half), g[2]]


def transform_result(v: Vectors, m: list[str]) -> list[str]:
    """A' m: the two outputs from the sums of the four products."""
    return [v.add(v.add(m[0], m[1]), m[2]), v.sub(v.sub(m[1], m[2]), m[3])]


def transform_point(v: Vectors, y: list[str]) -> list[str]:
    """A y, the transpose of `transform_result`: two gradients of outputs as factors of a weight gradient's products."""
    return [y[0], v.add(y[0], y[1]), v.sub(y[0], y[1]), v.sub(v.zero, y[1])]


def transform_gradient(v: Vectors, s: list[str]) -> list[str]:
    """G' s, the transpose of `transform_filter`: three taps' gradients from the sums of the four products."""
    half = v.splat("5.000000e-01")
    both, apart = v.mul(v.add(s[1], s[2]), half), v.mul(v.sub(s[1], s[2]), half)
    return [v.add(s[0], both), apart, v.add(both, s[3])]
