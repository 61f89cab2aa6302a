"""Winograd's F(m, r): m outputs of a filter with r taps from m + r - 1 products.

y = A'[(G g) * (B' d)] interpolates polynomials: the products are values at zero, at a few points, and at infinity
(Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, section 4.1; the matrices for any points by
Toom and Cook's construction). F(2, 2) has the points 0 and 1, F(2, 3) the points 0, 1, -1. F(4, 3) as usually written
adds 2 and -2; 5/8 and 3/2 instead are exact in binary, too, and make errors less than half as large.

The last product, that of infinity, is the last tap's alone: of a shorter filter it is zero.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tilewise.ir.vectors import Vectors

TAPS = 3


def both_signs(*positive: Fraction) -> tuple[Fraction, ...]:
    """These points, and after each its opposite."""
    return tuple(sign * p for p in positive for sign in (1, -1))


# By (outputs, taps): the points besides zero and infinity.
_POINTS = {
    (2, 2): (Fraction(1),),
    (2, 3): both_signs(Fraction(1)),
    (4, 3): both_signs(Fraction(5, 8), Fraction(3, 2)),
}

Matrix = tuple[tuple[Fraction, ...], ...]
Grid = list[list[str]]


@dataclass(frozen=True)
class Axis:
    """F(outputs, taps) along one axis; of a single output and tap nothing is transformed."""

    outputs: int = 1
    taps: int = 1

    @property
    def inputs(self) -> int:
        """Source elements that a tile reads, and products."""
        return self.outputs + self.taps - 1

    @property
    def transformed(self) -> bool:
        """Whether there is anything to it."""
        return self.inputs > 1

    def source(self, v: Vectors, values: list[str]) -> list[str]:
        """B' d."""
        return _spread(v, matrices(self).source, values) if self.transformed else values

    def filter(self, v: Vectors, values: list[str]) -> list[str]:
        """G g."""
        return _spread(v, matrices(self).filter, values) if self.transformed else values

    def result(self, v: Vectors, values: list[str]) -> list[str]:
        """A' m."""
        return _gather(v, _transpose(matrices(self).result), values) if self.transformed else values

    def point(self, v: Vectors, values: list[str]) -> list[str]:
        """A y, the transpose of `result`."""
        return _spread(v, matrices(self).result, values) if self.transformed else values

    def gradient(self, v: Vectors, values: list[str]) -> list[str]:
        """G' s, the transpose of `filter`."""
        return _gather(v, _transpose(matrices(self).filter), values) if self.transformed else values


@dataclass(frozen=True)
class Tile:
    """Outputs along W by outputs along H; grids of values are lists of rows."""

    wide: Axis
    high: Axis

    @property
    def outputs(self) -> int:
        """Outputs along W."""
        return self.wide.outputs

    @property
    def inputs(self) -> int:
        """Source elements along W that it reads, and products along W."""
        return self.wide.inputs

    @property
    def rows(self) -> int:
        """Rows of source elements, and of products."""
        return self.high.inputs

    @property
    def out_rows(self) -> int:
        """Rows of outputs."""
        return self.high.outputs

    @property
    def products(self) -> int:
        """Products a pair of channels."""
        return self.rows * self.inputs

    @property
    def taps(self) -> int:
        """Taps of a filter."""
        return self.high.taps * self.wide.taps

    def source_column(self, v: Vectors, column: list[str]) -> list[str]:
        """B' d along H, for one column of source elements."""
        return self.high.source(v, column)

    def source_row(self, v: Vectors, row: list[str]) -> list[str]:
        """B' d along W, after `source_column`: factors of a row of products."""
        return self.wide.source(v, row)

    def filter(self, v: Vectors, grid: Grid) -> Grid:
        """G g: taps as the other factors."""
        return _both(functools.partial(self.wide.filter, v), functools.partial(self.high.filter, v), grid)

    def result(self, v: Vectors, grid: Grid) -> Grid:
        """A' m: outputs from the sums of products."""
        return _both(functools.partial(self.wide.result, v), functools.partial(self.high.result, v), grid)

    def point(self, v: Vectors, grid: Grid) -> Grid:
        """A y, the transpose of `result`: gradients of outputs as factors of a weight gradient's products."""
        return _both(functools.partial(self.wide.point, v), functools.partial(self.high.point, v), grid)

    def gradient(self, v: Vectors, grid: Grid) -> Grid:
        """G' s, the transpose of `filter`: gradients of taps from the sums of products."""
        return _both(functools.partial(self.wide.gradient, v), functools.partial(self.high.gradient, v), grid)


_Transform = Callable[[list[str]], list[str]]


def _both(wide: _Transform, high: _Transform, grid: Grid) -> Grid:
    """A transform along W, then along H."""
    return _turned([high(column) for column in _turned([wide(row) for row in grid])])


@dataclass(frozen=True)
class Matrices:
    """B', G and A of one F(m, r), a row for each product: of zero, of each point, and of infinity."""

    source: Matrix
    filter: Matrix
    result: Matrix


@functools.cache
def matrices(axis: Axis) -> Matrices:
    """Those that kernels are generated from."""
    return matrices_at(_POINTS[axis.outputs, axis.taps], axis.taps)


def matrices_at(others: Sequence[Fraction], taps: int = TAPS) -> Matrices:
    """For zero, these points, and infinity; exact, so that their products are those of a convolution."""
    points = [Fraction(0), *others]
    outputs = len(points) + 2 - taps
    rests = [[q for q in points if q != p] for p in points]

    def powers(count: int) -> list[list[Fraction]]:
        """Values of 1, x, x^2, ... at the points; at infinity only the last counts."""
        return [[p**k for k in range(count)] for p in points] + [[Fraction(k == count - 1) for k in range(count)]]

    source = [[*_polynomial(rest), Fraction(0)] for rest in rests] + [_polynomial(points)]
    weights = powers(taps)
    for row, (p, rest) in enumerate(zip(points, rests, strict=True)):
        scale = 1 / math.prod((p - q for q in rest), start=Fraction(1))
        # A negative scale is the source's sign: so filters are sums without a factor where that can be.
        source[row] = [x if scale > 0 else -x for x in source[row]]
        weights[row] = [abs(scale) * x for x in weights[row]]
    return Matrices(*(tuple(tuple(row) for row in rows) for rows in (source, weights, powers(outputs))))


def _polynomial(roots: Sequence[Fraction]) -> list[Fraction]:
    """Coefficients of the product of (x - root), the constant one first."""
    result = [Fraction(1)]
    for root in roots:
        result = [a - root * b for a, b in zip([Fraction(0), *result], [*result, Fraction(0)], strict=True)]
    return result


def _transpose(matrix: Matrix) -> Matrix:
    return tuple(zip(*matrix, strict=True))


def _turned(grid: Grid) -> Grid:
    return [list(column) for column in zip(*grid, strict=True)]


def _spread(v: Vectors, matrix: Matrix, values: list[str]) -> list[str]:
    """matrix x values: the rows of both signs of a point share the sums over even and over odd columns."""
    if len(matrix) % 2:  # a point without its opposite
        return [_combine(v, row, values) for row in matrix]
    result = [_combine(v, matrix[0], values)]
    for plus, minus in zip(matrix[1:-1:2], matrix[2:-1:2], strict=True):
        even = _combine(v, [(x + y) / 2 for x, y in zip(plus, minus, strict=True)], values)
        odd = [(x - y) / 2 for x, y in zip(plus, minus, strict=True)]
        scale = next(x for x in reversed(odd) if x)
        apart = _combine(v, [x / scale for x in odd], values)
        result += [_scaled(v, scale, apart, even), _scaled(v, -scale, apart, even)]
    return [*result, _combine(v, matrix[-1], values)]


def _gather(v: Vectors, matrix: Matrix, values: list[str]) -> list[str]:
    """matrix x values: columns of both signs of a point take the sum and the difference of their values."""
    if len(values) % 2:
        return [_combine(v, row, values) for row in matrix]
    sums, columns = [values[0]], [tuple(row[0] for row in matrix)]
    turned = _transpose(matrix)
    for k in range(1, len(values) - 1, 2):
        sums += [v.add(values[k], values[k + 1]), v.sub(values[k], values[k + 1])]
        pair = list(zip(turned[k], turned[k + 1], strict=True))
        columns += [tuple((x + y) / 2 for x, y in pair), tuple((x - y) / 2 for x, y in pair)]
    columns.append(turned[-1])
    return [_combine(v, row, [*sums, values[-1]]) for row in zip(*columns, strict=True)]


def _combine(v: Vectors, row: Sequence[Fraction], values: list[str]) -> str:
    """The sum of values times factors; a factor of one, where there is one, begins it and costs nothing."""
    terms = sorted(((x, value) for x, value in zip(row, values, strict=True) if x), key=lambda term: term[0] != 1)
    (scale, total), *rest = terms
    if scale != 1:
        total = v.mul(total, v.constant(scale))
    for factor, value in rest:
        total = _scaled(v, factor, value, total)
    return total


def _scaled(v: Vectors, factor: Fraction, value: str, total: str) -> str:
    """total + factor * value."""
    if abs(factor) == 1:
        return v.add(total, value) if factor > 0 else v.sub(total, value)
    return v.fma(value, v.constant(factor), total)
