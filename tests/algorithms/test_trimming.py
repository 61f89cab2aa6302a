"""Phases cut where the padding begins: every product inside the tensor once, none outside."""

from hypothesis import given
from hypothesis import strategies as st

from tests.support.strategies import bounded
from tilewise.algorithms.trimming import live_parts
from tilewise.geometry import forward_phase, input_gradient_phases


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
