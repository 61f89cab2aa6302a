"""Splits of float32 into bfloat16 parts: generated code against its NumPy meaning, and what the parts add up to."""

import ctypes

import numpy as np
import pytest

from tests.support.isa import available_levels, capped
from tilewise.ir.kernel import PARTS, Arguments
from tilewise.ir.parts import Parts, begin_parts, split_meaning
from tilewise.jit import function_address


def split(level, values, parts):
    """(parts as floats, whether a magnitude past the limit was reported) by generated code."""
    with capped(level) as host:
        names = "source_ptr", "target_ptr", "status_ptr"
        b, v, a = begin_parts(Arguments(names), host)
        source, target, status = (a[name] for name in names)
        cut = Parts(v, parts, exact=False)
        cut.begin()
        with b.loop(0, 4 * len(values), 4 * v.lanes) as i:
            value = v.load(b.at(source, i.index))
            cut.see(value)
            for number, part in enumerate(cut.split(value)):
                b.store(cut.ints, part, b.at(target, i.index, number * 4 * len(values)), 4)
        cut.report(status)
        result, told = np.zeros((parts, len(values)), np.uint32), np.zeros(1, np.int64)
        counters = [0] * PARTS
        words = (ctypes.c_int64 * (PARTS + 3))(*counters, *(array.ctypes.data for array in (values, result, told)))
        ctypes.CFUNCTYPE(None, ctypes.c_void_p)(function_address(b.text(), host))(words)
    return (result << 16).view(np.float32), bool(told[0])


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("level", available_levels())
def test_generated_splits_are_what_numpy_says(level, parts):
    rng = np.random.default_rng(parts)
    values = (rng.standard_normal(256) * np.exp2(rng.integers(-60, 50, 256))).astype(np.float32)
    found, told = split(level, values, parts)
    assert not told
    np.testing.assert_array_equal(found, np.stack(split_meaning(values, parts)))
    # Each part takes eight of the bits that are left: three hold a float32 whole.
    left = np.abs(values - found.astype(np.float64).sum(0))
    assert (left <= np.abs(values) * 2.0 ** (-8 * parts)).all()
    assert parts < 3 or not left.any()


@pytest.mark.parametrize("level", available_levels())
def test_parts_of_tiny_values_are_the_same_to_products_that_flush_subnormals(level):
    rng = np.random.default_rng(0)
    values = (rng.standard_normal(256) * np.exp2(rng.integers(-149, -100, 256))).astype(np.float32)
    found, _ = split(level, values, 3)
    parts = np.stack(split_meaning(values, 3))
    flushed = [np.where(np.abs(p) < np.finfo(np.float32).tiny, 0, p) for p in (found, parts)]
    # A subnormal may round up to the smallest normal number, or be a zero before it is rounded.
    np.testing.assert_allclose(*flushed, rtol=0, atol=np.finfo(np.float32).tiny)
    assert (flushed[0][0] != 0).any() and not flushed[0].all()


@pytest.mark.parametrize("special", [np.inf, -np.inf, np.nan, 3.4e38, -(2.0**56)])
def test_what_parts_cannot_carry_is_reported(special):
    values = np.ones(256, np.float32)
    values[131] = special
    assert split(available_levels()[0], values, 3)[1]
