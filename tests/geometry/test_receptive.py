"""What a transposed convolution's outputs see lies within the covering field."""

from hypothesis import assume, given
from hypothesis import strategies as st

from tilewise.geometry import Axis, ReceptiveField


@given(
    size=st.integers(1, 12),
    kernel=st.integers(1, 6),
    stride=st.integers(1, 4),
    padding=st.integers(0, 3),
    dilation=st.integers(1, 3),
)
def test_covering_transposed_covers_what_is_read(size, kernel, stride, padding, dilation):
    axis = Axis(size, kernel, stride, padding, padding, dilation, transposed=True)
    assume(axis.output_size >= 1)
    field = ReceptiveField().covering_transposed(kernel, stride, padding, dilation)
    for output in range(axis.output_size):
        start = field.start + output * field.jump
        for position in axis.sources(output):
            if position is not None:
                assert start <= position and position + 1 <= start + field.size
