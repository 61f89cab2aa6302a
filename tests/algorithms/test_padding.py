"""The copy of a source: its values where it lies, zeros around it, every element of the view written."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.support.isa import available_levels, capped
from tests.support.layouts import lay_out
from tests.support.strategies import bounded, layouts
from tilewise.algorithms.common.padding import padded_copy, reach, readable_in_place
from tilewise.algorithms.common.plan import Base, WorkspaceLayout
from tilewise.geometry import Phase, forward_phase
from tilewise.problem import Layout
from tilewise.runtime import Program
from tilewise.torch_ops import describe

SPAN = st.tuples(st.integers(-4, 8), st.integers(1, 9)).map(lambda pair: (pair[0], pair[0] + pair[1] - 1))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("level", [level for level in available_levels() if not level.startswith("amx")])
def test_a_copy_is_the_source_with_zeros_around_it(level, dtype):
    if dtype is torch.float16 and level == "generic":
        return  # conversions in software are PyTorch's

    @bounded(40, f"padding {level} {dtype}")
    @given(shape=st.tuples(*[st.integers(1, 5)] * 5), span=st.tuples(SPAN, SPAN, SPAN), how=layouts())
    def holds(shape, span, how):
        x = lay_out(torch.arange(1, 1 + torch.Size(shape).numel()).remainder(100).reshape(shape).to(dtype), how)
        spec = describe.spec(x.shape, x.stride())
        name = describe.DTYPES[dtype]
        accumulator = "float64" if dtype is torch.float64 else "float32"
        wide = torch.float64 if dtype is torch.float64 else torch.float32
        workspace = WorkspaceLayout()
        with capped(level) as host:
            view, step = padded_copy(spec, Base.SOURCE, name, accumulator, span, workspace, host)
            program = Program([step], host)
        assert view.layout is not Layout.STRIDED
        scratch = torch.full((workspace.size // wide.itemsize,), float("nan"), dtype=wide)
        program(1, x.data_ptr(), 0, 0, 0, scratch.data_ptr())
        # The view counts positions from the tensor's own origin, which may lie outside the copy.
        lows = [low for low, _ in span]
        sizes = (*shape[:2], *(high - low + 1 for low, high in span))
        start = view.at.offset + sum(low * stride for low, stride in zip(lows, view.strides[2:], strict=True))
        strides = [s // wide.itemsize for s in view.strides]
        copy = scratch.as_strided(sizes, strides, start // wide.itemsize)
        right = torch.zeros(sizes, dtype=wide)
        inside = []
        for (low, high), size in zip(span, shape[2:], strict=True):
            first, last = max(low, 0), min(high, size - 1)
            inside.append((slice(first, last + 1), slice(first - low, last + 1 - low)) if first <= last else None)
        if None not in inside:
            right[(..., *(to for _, to in inside))] = x[(..., *(at for at, _ in inside))].to(wide)
        assert torch.equal(copy, right)

    holds()


def test_reach_spans_all_phases():
    near, far = Phase(0, 1, 4, 2, ((0, -1), (1, 3))), Phase(0, 1, 2, 1, ((0, 5),))
    idle, empty = Phase(0, 1, 3, 1, ()), Phase(0, 1, 0, 1, ((0, -9),))
    assert reach(((near,), (near, far, idle), (idle, empty))) == ((-1, 9), (-1, 9), (0, -1))


def test_what_may_be_read_in_place():
    def readable(x, padding=0, dtype="float32"):
        phases = tuple((forward_phase(size + 2 * padding - 2, 3, 1, padding, 1),) for size in x.shape[2:])
        return readable_in_place(describe.spec(x.shape, x.stride()), reach(phases), dtype, "float32")

    x = torch.zeros(2, 4, 6, 6, 6)
    assert readable(x)
    assert readable(lay_out(x, "strided_channels_last"))
    assert readable(lay_out(x, "sliced"))
    assert not readable(x, padding=1)
    assert not readable(x, dtype="bfloat16")
    assert not readable(lay_out(x, "every_other"))


def test_views_do_not_outlive_bounds():
    """An empty span needs no step and no memory of its own."""
    workspace = WorkspaceLayout()
    spec = describe.spec((1, 2, 3, 3, 3), (54, 27, 9, 3, 1))
    with capped("generic") as host:
        _, step = padded_copy(spec, Base.SOURCE, "float32", "float32", ((0, -1), (0, 2), (0, 2)), workspace, host)
    assert step is None
    assert workspace.size <= 128
