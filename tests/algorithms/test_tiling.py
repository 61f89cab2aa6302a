"""Rows cut into tiles cover every pixel; channels into blocks every channel; reductions list every term once."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.strategies import bounded
from tilewise.algorithms.common.tiling import (
    channel_blocks,
    cut_cost,
    cut_row,
    divisor,
    reduction,
    run_length,
    tile_widths,
)
from tilewise.geometry import forward_phase, input_gradient_phases

REGISTERS = [(16, 1), (16, 2), (32, 1), (32, 2)]


@pytest.mark.parametrize(("registers", "vectors"), REGISTERS)
def test_tile_widths_fit_the_registers(registers, vectors):
    widths = tile_widths(registers, vectors)
    assert widths == tuple(sorted(set(widths), reverse=True))
    assert widths[-1] == 1
    # Sums, one row of filters, a broadcast pixel.
    assert widths[0] * vectors + vectors + 1 <= registers


@pytest.mark.parametrize(("registers", "vectors"), REGISTERS)
@pytest.mark.parametrize("width", [*range(1, 130), 511, 512, 513, 1000, 4097])
def test_a_cut_row_covers_each_pixel_and_nothing_else(width, registers, vectors):
    widths = tile_widths(registers, vectors)
    covered = np.zeros(width, int)
    for start, index in cut_row(width, widths):
        assert start >= 0
        assert start + widths[index] <= width
        covered[start : start + widths[index]] += 1
    assert covered.min() >= 1
    # At most one tile's worth of pixels twice.
    assert covered.sum() - width < widths[0]


@pytest.mark.parametrize(("registers", "vectors"), REGISTERS)
@pytest.mark.parametrize("width", [*range(1, 130), 1000])
def test_tiles_that_may_not_overlap_cover_each_pixel_once(width, registers, vectors):
    widths = tile_widths(registers, vectors)
    for some in (widths, tuple(w for w in widths if w not in (2, 3))):
        covered = np.zeros(width, int)
        for start, index in cut_row(width, some, overlap=False):
            covered[start : start + some[index]] += 1
        assert (covered == 1).all()


def test_widths_that_cannot_cover_a_row_once_cost_without_end():
    assert cut_cost(19, (10,), overlap=False) == math.inf
    assert cut_cost(19, (10,)) < 2
    with pytest.raises(ValueError, match="cannot cover 19 pixels once each"):
        cut_row(19, (10,), overlap=False)


@bounded(50)
@given(channels=st.integers(1, 300), lanes=st.sampled_from((2, 4, 8, 16)))
def test_channel_blocks_cover_each_channel_once(channels, lanes):
    end = 0
    for vectors, first, count in channel_blocks(channels, lanes):
        assert first == end
        assert vectors in (1, 2)
        assert count >= 1
        end = first + vectors * lanes * count
    assert channels <= end < channels + 2 * lanes


@bounded(50)
@given(number=st.integers(1, 500), most=st.integers(1, 40))
def test_divisors_divide(number, most):
    found = divisor(number, most)
    assert number % found == 0
    assert found <= most
    assert all(number % d for d in range(found + 1, min(most, number) + 1))
    assert number % run_length(number) == 0


AXIS = st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(1, 3), st.integers(0, 3), st.integers(1, 3))


@bounded(150)
@given(axes=st.tuples(AXIS, AXIS, AXIS), channels=st.integers(1, 40), scatter=st.booleans(), dense=st.booleans(),
       joined=st.booleans(), roomy=st.booleans())  # fmt: skip
def test_a_reduction_lists_each_channel_of_each_tap_once_at_its_place(axes, channels, scatter, dense, joined, roomy):
    kernel = tuple(axis[1] for axis in axes)
    phases = [input_gradient_phases(*a) if scatter else (forward_phase(*a),) for a in axes]
    # Byte strides of a source (N, C, D, H, W) of 4-byte elements, 11 positions an axis.
    if dense:
        strides = (channels * 11**3 * 4, 4, channels * 11**2 * 4, channels * 11 * 4, channels * 4)
    else:
        strides = (channels * 11**3 * 4, 11**3 * 4, 11**2 * 4, 11 * 4, 4)
    for phase in itertools.product(*phases):
        terms = reduction(phase, kernel, channels, strides, dense, dense and joined, roomy)
        offsets = [
            int(o + i + u * 4) for o in terms.outer for i in terms.inner for u in range(terms.unroll)
        ]  # in the order that the kernel walks
        listed = list(zip(terms.channel.tolist(), terms.tap.tolist(), offsets, strict=True))
        right = {}
        for (d, od), (h, oh), (w, ow) in itertools.product(*(p.taps for p in phase)):
            for c in range(channels):
                tap = (d * kernel[1] + h) * kernel[2] + w
                right[c, tap] = c * strides[1] + od * strides[2] + oh * strides[3] + ow * strides[4]
        assert len(listed) == len(right)
        assert {(c, t): offset for c, t, offset in listed} == right
        if not roomy and terms.unroll > 1:
            assert terms.unroll <= channels * phase[2].read_step, "neighbouring pixels share what is unrolled"
