"""Phases cut where the padding begins: every product inside the tensor once, none outside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tilewise
from tests.support.accuracy import assert_accurate
from tests.support.convolutions import Setting
from tests.support.strategies import bounded
from tilewise import algorithms
from tilewise.algorithms.common import trimming
from tilewise.algorithms.common.trimming import live_parts
from tilewise.geometry import Phase, forward_phase, input_gradient_phases


def _products(phase, size):
    """(position of the result, tap, position read) of all products that read inside 0 .. size-1."""
    return sorted(
        (phase.first + j * phase.step, tap, j * phase.read_step + offset)
        for j in range(phase.count)
        for tap, offset in phase.taps
        if 0 <= j * phase.read_step + offset < size
    )


@bounded(300)
@given(
    size=st.integers(1, 20), kernel=st.integers(1, 6), stride=st.integers(1, 4), padding=st.integers(0, 12),
    dilation=st.integers(1, 9), gradient=st.booleans(),
)  # fmt: skip
def test_parts_compute_the_same_products(size, kernel, stride, padding, dilation, gradient):
    if gradient:
        phases = input_gradient_phases(size * stride, kernel, stride, padding, dilation)
    else:
        phases = (forward_phase(size // stride + 1, kernel, stride, padding, dilation),)
    for phase in phases:
        parts = live_parts(phase, size)
        assert sum(part.count for part in parts) == phase.count
        positions = [part.first + j * part.step for part in parts for j in range(part.count)]
        assert positions == [phase.first + j * phase.step for j in range(phase.count)]
        found = sorted(product for part in parts for product in _products(part, size))
        assert found == _products(phase, size)
        for part in parts:
            low, high = part.reach
            assert low >= 0
            assert high < size


@pytest.mark.parametrize("taps", [64, 1024])
def test_a_filter_as_long_as_its_signal_has_a_part_for_each_result(taps):
    assert len(live_parts(forward_phase(taps, taps, 1, taps // 2, 1), taps)) == taps


@pytest.mark.parametrize("taps", [64, 1024, 4096])
def test_a_long_filter_is_not_cut_at_each_of_its_taps(monkeypatch, taps):
    made = []

    def counted(*parameters):
        made.append(parameters)
        return Phase(*parameters)

    phase = forward_phase(taps, taps, 1, taps // 2, 1)
    monkeypatch.setattr(trimming, "Phase", counted)
    assert live_parts(phase, taps, most=9) == ()
    assert not made
    short = forward_phase(taps, 3, 1, 1, 1)
    assert live_parts(short, taps, most=3) == live_parts(short, taps)


@pytest.mark.parametrize("transposed", [False, True])
def test_long_filters_that_reach_far_past_both_ends(transposed):
    setting = Setting(
        (330,), (301,), batch=1, in_channels=16, out_channels=17, padding=(150,), transposed=transposed
    )  # fmt: skip
    tensors = setting.normals()
    expected = setting.expected(*tensors)
    with tilewise.enabled():
        for name, result in setting.each_pass(*tensors):
            assert_accurate(result, expected[name], name)
        with algorithms.only("fma"):
            assert_accurate(setting.forward(*tensors[:3]), expected["output"])
