"""Filters packed for lanes, and gradients taken back from there: each element at its place, in every layout."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.support.isa import available_levels, capped
from tests.support.layouts import lay_out
from tests.support.strategies import bounded
from tilewise.algorithms.common.filter_terms import FilterTerms
from tilewise.algorithms.common.filters import pack_filters, packed_bytes, unpack_gradient
from tilewise.algorithms.common.plan import Base, Location
from tilewise.runtime import Program

LAYOUTS = ("contiguous", "strided_channels_last", "reversed_axes", "every_other", "sliced")


@st.composite
def _weights(draw):
    """(groups, lanes' channels in a group, others, taps, layout, order of the terms, whether lanes are second)."""
    groups, channels = draw(st.sampled_from((1, 1, 2, 3))), draw(st.sampled_from((1, 2, 3, 7, 8, 16, 17, 33, 40)))
    others, taps = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    order = draw(st.permutations(range(others * taps)))
    return groups, channels, others, taps, draw(st.sampled_from(LAYOUTS)), order, draw(st.booleans())


def _terms(weight, groups, channels, others, taps, order, second):
    """Where the terms of a (first, second, taps) weight lie: `second` has the lanes along the second axis."""
    first_stride, second_stride, tap_stride = (s * weight.element_size() for s in weight.stride())
    lane, other = (second_stride, first_stride) if second else (first_stride, second_stride)
    group = (others if second else channels) * first_stride
    offsets = torch.tensor([(i // taps) * other + (i % taps) * tap_stride for i in order], dtype=torch.int64)
    return FilterTerms(offsets.numpy(), lane, group, weight.element_size())


def _rows(weight, groups, channels, others, taps, order, second):
    """[group][term][channel] as the definition has it."""
    shaped = weight.reshape(groups, -1, weight.shape[1], taps)
    by_lane = shaped.permute(0, 1, 3, 2) if second else shaped.permute(0, 2, 3, 1)
    return by_lane.reshape(groups, others * taps, channels)[:, list(order)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("level", [level for level in available_levels() if not level.startswith("amx")])
@pytest.mark.parametrize("vectors", [1, 2])
def test_packing_and_unpacking(vectors, level, dtype):
    accumulator = "float64" if dtype is torch.float64 else "float32"
    wide = torch.float64 if dtype is torch.float64 else torch.float32
    name = str(dtype)[6:]

    @bounded(25, f"filters {vectors} {level} {dtype}")
    @given(made=_weights())
    def holds(made):
        groups, channels, others, taps, how, order, second = made
        shape = (groups * others, channels, taps) if second else (groups * channels, others, taps)
        weight = lay_out(torch.arange(1, 1 + torch.Size(shape).numel()).remainder(97).reshape(shape).to(dtype), how)
        terms = _terms(weight, groups, channels, others, taps, order, second)
        with capped(level) as host:
            lanes = vectors * host.lanes(accumulator)
            size = packed_bytes(len(order), channels, groups, lanes, accumulator)
            there, here = Location(Base.WEIGHT), Location(Base.WORKSPACE)
            packing = pack_filters(terms, channels, groups, lanes, name, accumulator, there, here, host)
            program = Program([packing], host)
            back = unpack_gradient(terms, channels, groups, lanes, name, accumulator, 2, there, here, host)
            unpacking = Program([back], host)
        blocks = -(-channels // lanes)
        packed = torch.full((2, size // wide.itemsize), float("nan"), dtype=wide)
        assert program(1, 0, 0, weight.data_ptr(), 0, packed.data_ptr())
        seen = packed[0].reshape(groups, blocks, len(order), lanes).permute(0, 2, 1, 3).reshape(groups, len(order), -1)
        rows = _rows(weight, groups, channels, others, taps, order, second)
        assert torch.equal(seen[..., :channels], rows.to(wide))
        assert not seen[..., channels:].any()

        # Two pieces of a gradient are added and laid where the weights lie.
        packed[1] = packed[0]
        kept = torch.zeros(weight.untyped_storage().nbytes() // weight.element_size(), dtype=dtype)
        gradient = kept.as_strided(weight.shape, weight.stride())
        assert unpacking(1, 0, 0, gradient.data_ptr(), 0, packed.data_ptr())
        assert torch.equal(gradient, (2 * weight.to(wide)).to(dtype))
        assert kept.count_nonzero() == weight.count_nonzero()

    holds()


@pytest.mark.parametrize("special", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("position", [0, 5, 26])
def test_watched_filters_report_what_is_not_finite(special, position):
    weight = torch.ones(3, 1, 9)
    order = list(range(9))
    terms = _terms(weight, 1, 3, 1, 9, order, False)
    with capped("generic") as host:
        lanes = host.lanes("float32")
        packed = torch.zeros(packed_bytes(9, 3, 1, lanes, "float32") // 4)
        places = (Location(Base.WEIGHT), Location(Base.WORKSPACE))
        watching = Program([pack_filters(terms, 3, 1, lanes, "float32", "float32", *places, host)], host)
    addresses = (0, 0, weight.data_ptr(), 0, packed.data_ptr())
    assert watching(1, *addresses)
    weight.view(-1)[position] = special
    assert not watching(1, *addresses)
    weight.view(-1)[position] = 3.4e38
    assert watching(1, *addresses)
