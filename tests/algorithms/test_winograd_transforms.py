"""Winograd's matrices are exact: in fractions, products of what they make are the convolution itself."""

import random
from fractions import Fraction

import pytest
import torch

import tilewise
from tests.support.isa import capped
from tilewise import algorithms
from tilewise.algorithms.winograd.transforms import Axis, matrices
from tilewise.explaining import explain
from tilewise.problem import Pass


def times(matrix, vector):
    return [sum((x * y for x, y in zip(row, vector, strict=True)), Fraction(0)) for row in matrix]


def drawn(count):
    return [Fraction(random.randint(-99, 99), random.randint(1, 9)) for _ in range(count)]


AXES = [Axis(2, 2), Axis(2, 3), Axis(4, 3)]


@pytest.mark.parametrize("axis", AXES)
def test_products_give_outputs_and_gradients(axis):
    random.seed(axis.inputs)
    m = matrices(axis)
    d, g, y = drawn(axis.inputs), drawn(axis.taps), drawn(axis.outputs)
    products = [a * b for a, b in zip(times(m.source, d), times(m.filter, g), strict=True)]
    direct = [sum(d[i + k] * g[k] for k in range(axis.taps)) for i in range(axis.outputs)]
    assert times(zip(*m.result, strict=True), products) == direct
    products = [a * b for a, b in zip(times(m.source, d), times(m.result, y), strict=True)]
    direct = [sum(d[i + k] * y[i] for i in range(axis.outputs)) for k in range(axis.taps)]
    assert times(zip(*m.filter, strict=True), products) == direct


@pytest.mark.parametrize("axis", AXES)
def test_a_shorter_filter_has_no_product_of_infinity(axis):
    """So runs of two taps among those of three share all but the last product with them."""
    assert times(matrices(axis).filter, [*drawn(axis.taps - 1), Fraction(0)])[-1] == 0


def test_factors_of_the_source_are_exact_in_binary():
    """Or else a constant would be rounded on top of every value."""
    for axis in AXES:
        for row in matrices(axis).source + matrices(axis).result:
            assert all(Fraction(torch.tensor(float(x)).item()) == x for x in row)


@pytest.mark.parametrize("kind", list(Pass))
def test_larger_tiles_wait_to_be_allowed(kind):
    """Not where `highest` is promised to float32 or float64; at lower levels, and where results have 16 bits."""

    def chosen(dtype, precision):
        told = explain("Conv2d(64, 64, 3, padding=1)", (4, 64, 56, 56), dtype=dtype, precision=precision)
        report = next(p for p in told.passes if p.name == kind.value)
        return report.algorithm, dict(report.passed_over)

    name = "winograd4_weights" if kind is Pass.WEIGHT_GRADIENT else "winograd4"
    with capped("avx2"):
        assert "`highest`" in chosen("float32", "highest")[1][name]
        assert "`highest`" in chosen("float64", "highest")[1][name]
        assert chosen("float32", "high")[0] == chosen("float32", "medium")[0] == name
        assert chosen("bfloat16", "highest")[0] == name


@pytest.mark.parametrize("channels_last", [False, True])
def test_high_keeps_what_is_promised(channels_last):
    """At most 3e-6 relative, see docs/precision.md; the sums of long rows of channels as of short ones."""
    torch.manual_seed(0)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    for ins, outs, size in ((3, 16, 33), (64, 48, 30), (300, 20, 15)):
        x = torch.randn(2, ins, size, size).to(memory_format=layout)
        w = torch.randn(outs, ins, 3, 3)
        gy = torch.randn(2, outs, size, size).to(memory_format=layout)

        def passes(x, w, gy):
            rest = ([1, 1], [1, 1], [1, 1], False, [0, 0], 1)
            y = torch.convolution(x, w, None, *rest)
            return y, *torch.ops.aten.convolution_backward(gy, x, w, None, *rest, [True, True, False])[:2]

        exact = passes(x.double(), w.double(), gy.double())
        with tilewise.enabled(), tilewise.precision("high"), algorithms.only("winograd4"):
            y, gx, _ = passes(x, w, gy)
        with tilewise.enabled(), tilewise.precision("high"), algorithms.only("winograd4_weights"):
            gw = passes(x, w, gy)[2]
        for ours, right in zip((y, gx, gw), exact, strict=True):
            assert ((ours.double() - right).norm() / right.norm()).item() < 3e-6
