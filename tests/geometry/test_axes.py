"""One axis, position by position: against PyTorch's results on unit impulses, and against itself both ways."""

import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st

from tilewise.geometry import Axis, formula

AXES = st.builds(
    Axis,
    size=st.integers(1, 12),
    kernel=st.integers(1, 5),
    stride=st.integers(1, 4),
    before=st.integers(0, 3),
    after=st.integers(0, 3),
    dilation=st.integers(1, 3),
    transposed=st.booleans(),
    output_padding=st.integers(0, 2),
)


def legal(axis):
    assume(axis.output_size >= 1)
    if axis.transposed:
        assume(axis.output_padding < max(axis.stride, axis.dilation))
        # PyTorch has symmetric padding only here; the uneven kind exists in layers that cut it off themselves
        assume(axis.before == axis.after)


def run(axis, x, w):
    if axis.transposed:
        return F.conv_transpose1d(x, w, None, axis.stride, axis.before, axis.output_padding, 1, axis.dilation)
    return F.conv1d(F.pad(x, (axis.before, axis.after)), w, None, axis.stride, 0, axis.dilation)


@given(axis=AXES)
def test_sources_give_pytorchs_sums(axis):
    legal(axis)
    x = torch.arange(1.0, axis.size + 1)
    w = 100.0 ** torch.arange(axis.kernel, dtype=torch.float64)
    result = run(axis, x.double()[None, None], w[None, None])[0, 0]
    assert len(result) == axis.output_size
    for output in range(axis.output_size):
        total = 0.0
        for tap, position in enumerate(axis.sources(output)):
            if position is not None and 0 <= position < axis.size:
                total += float(x[position]) * float(w[tap])
        assert total == result[output].item()


@given(axis=AXES)
def test_landings_are_sources_reversed(axis):
    legal(axis)
    read = {
        (position, tap, output)
        for output in range(axis.output_size)
        for tap, position in enumerate(axis.sources(output))
        if position is not None and 0 <= position < axis.size
    }
    landed = {
        (position, tap, output)
        for position in range(axis.size)
        for tap, output in enumerate(axis.landings(position))
        if output is not None
    }
    assert read == landed


@given(axis=AXES, data=st.data())
def test_reads_covers_exactly_what_is_read(axis, data):
    legal(axis)
    first = data.draw(st.integers(0, axis.output_size - 1))
    count = data.draw(st.integers(1, axis.output_size - first))
    seen = {s for o in range(first, first + count) for s in axis.sources(o) if s is not None}
    start, stop = axis.reads(first, count)
    assert (min(seen), max(seen) + 1) == (start, stop) if seen else start == stop


@given(axis=AXES)
def test_formula_ends_in_the_output_size_and_agrees_with_the_symmetric_one(axis):
    text = axis.formula()
    left, right = text.split(" = ")
    assert eval(left.replace("/", "//").replace("floor", "int")) == axis.output_size == int(right)
    if axis.before == axis.after:
        keywords = dict(transposed=axis.transposed, output_padding=axis.output_padding)
        assert text == formula(axis.size, axis.kernel, axis.stride, axis.before, axis.dilation, **keywords)
