"""Winograd's F(2, 3): two outputs of a filter with three taps from four products instead of six.

The three transforms are sums and differences along one axis; two axes are one transform after the other. The result
is y = A'[(G g) * (B' d)] with the matrices of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks"
(2015), section 4.1. Larger tiles save more products, but their error grows too fast for `highest`.
"""

from __future__ import annotations

from tilewise.ir.vectors import Vectors

INPUTS, OUTPUTS, TAPS = 4, 2, 3


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
