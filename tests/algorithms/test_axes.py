"""The tables and rolls of one axis against the definition of a convolution."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tilewise.algorithms.group.axes import inside_taps, rolling_axis
from tilewise.geometry import forward_phase, input_gradient_phases

AXES = st.tuples(
    st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.integers(0, 6), st.integers(1, 4), st.booleans()
)


def terms(destinations: int, kernel: int, stride: int, padding: int, dilation: int, scatter: bool, size: int):
    """Every (destination, source, tap) that contributes, by the definition."""
    if scatter:
        return {
            (s * stride + t * dilation - padding, s, t)
            for s in range(size)
            for t in range(kernel)
            if 0 <= s * stride + t * dilation - padding < destinations
        }
    return {
        (o, o * stride + t * dilation - padding, t)
        for o in range(destinations)
        for t in range(kernel)
        if 0 <= o * stride + t * dilation - padding < size
    }


@given(AXES, st.integers(1, 12))
def test_inside_taps_lists_each_term_once(axis, size):
    destinations, kernel, stride, padding, dilation, scatter = axis
    if scatter:
        phases = input_gradient_phases(destinations, kernel, stride, padding, dilation)
    else:
        phases = (forward_phase(destinations, kernel, stride, padding, dilation),)
    inside = inside_taps(phases, 0, size - 1)
    listed = [
        (at, source + i * inside.source_step, tap + i * inside.tap_step)
        for at, (tap, source, count) in enumerate(inside.table.tolist())
        for i in range(count)
    ]
    assert sorted(listed) == sorted(terms(*axis, size))


@given(AXES, st.integers(1, 12), st.integers(1, 12))
def test_rolling_reaches_each_term_once_and_completes_each_row_once(axis, size, rows):
    rolled = rolling_axis(*axis)
    roll = rolled.rolling
    listed, completed = [], []
    for position, steps, live_first, first, stop, class_first in rolled.chunks(rows).tolist():
        for step in range(steps):
            live = [live_first + roll.completes * step + slot for slot in range(roll.live)]
            for q, slot, tap in roll.terms:
                source = position + rolled.source_pitch * (roll.consumes * step + q)
                if 0 <= source < size and first <= live[slot] < stop:
                    listed.append((class_first + live[slot] * rolled.destination_pitch, source, tap))
            completed += [
                class_first + row * rolled.destination_pitch for row in live[: roll.completes] if first <= row < stop
            ]
    assert sorted(listed) == sorted(terms(*axis, size))
    assert sorted(completed) == list(range(axis[0]))
