"""Which pieces of rows `group_rows` reads without a mask: never one that reaches outside, whatever the sizes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tilewise import target
from tilewise.algorithms.group import group_rows
from tilewise.algorithms.group.axes import row_streams
from tilewise.algorithms.group.rows_spec import KernelSpec
from tilewise.algorithms.group.rows_tiles import row_reach, row_tiles
from tilewise.geometry import output_size, transposed_output_size
from tilewise.problem import ConvProblem, Pass, TensorSpec


def tensor(width):
    return TensorSpec((1, 4, 1, 1, width), (4 * width, width, width, width, 1))


def signal(kind, width, kernel, stride, padding, dilation, transposed, extra):
    """One pass of a depthwise convolution of rows; `extra` is output padding."""
    if transposed:
        other = transposed_output_size(width, kernel, stride, padding, dilation, extra)
    else:
        other = output_size(width, kernel, stride, padding, dilation)
    assume(other > 0)
    source, destination = (width, other) if kind is Pass.FORWARD else (other, width)
    return ConvProblem(
        kind, "float32", "highest", tensor(source), tensor(destination), (1, 1, kernel), (1, 1, stride),
        (0, 0, padding), (1, 1, dilation), 4, transposed, False, (kernel, kernel, kernel, kernel, 1),
    )  # fmt: skip


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("kind", [Pass.FORWARD, Pass.INPUT_GRADIENT])
@pytest.mark.parametrize("transposed", [False, True])
@settings(max_examples=300, deadline=None)
@given(
    width=st.integers(1, 400), kernel=st.integers(1, 33), stride=st.integers(1, 4), padding=st.integers(0, 40),
    dilation=st.integers(1, 4), extra=st.integers(0, 3),
)  # fmt: skip
def test_unmasked_pieces_lie_inside(rows, kind, transposed, width, kernel, stride, padding, dilation, extra):
    assume(extra < max(stride, dilation))
    problem = signal(kind, width, kernel, stride, padding, dilation, transposed, extra)
    lanes, host = 16, target.host()
    shape = group_rows.shape_of(problem, host)
    streams, read, base = row_streams(problem.phases[2], stride if problem.scatter else 1)
    rolling = replace(shape.axis.rolling, live=rows)
    spec = KernelSpec(
        "float32", "float32", "float32", True, 1, (8, 4, 2, 1), rolling, streams, read, 4, True, -1, False,
        row_reach(problem, streams, base), host,
    )  # fmt: skip
    size, covered = problem.source.spatial[2], 0
    for _, column, target_column, left, variant in row_tiles(
        spec, problem.destination.spatial[2], size, lanes, base
    ).tolist():
        vectors, checked = spec.variants[variant]
        masked = spec.outside(vectors, lanes) if checked else set()
        for offset in {offset for stream in streams for _, offset in stream}:
            for raw in (raw for j in range(vectors) for raw in spec.raws(offset, j, lanes)):
                assert raw in masked or (column + raw >= 0 and column + raw + lanes <= size)
        # All vectors of a checked tile but the last are stored whole, of an unchecked one all.
        assert left > (vectors - 1) * lanes * len(streams) if checked else left >= vectors * lanes * len(streams)
        assert target_column == covered
        covered += vectors * lanes * len(streams)
    assert covered >= problem.destination.spatial[2]
