"""Products of bfloat16 pairs: NumPy's meaning and the instruction itself; and what tells that a pattern is finite."""

import ctypes

import numpy as np
import pytest

from tests.support.isa import available_levels, capped
from tilewise.ir import Builder
from tilewise.ir.pairs import Pairs, dot_meaning
from tilewise.ir.watch import MagnitudeWatch
from tilewise.jit import function_address

LANES, COUNT = 16, 1 << 12


def run(build, *arrays):
    """Call a kernel that `build` writes, given addresses, on arrays."""
    if "avx512-bf16" not in available_levels():
        pytest.skip("this CPU has no VDPBF16PS")
    with capped("avx512-bf16") as host:
        b = Builder("tilewise_kernel")
        build(b, Pairs(b, LANES), *(b.load("ptr", b.at("%args", 8 * i), 8) for i in range(len(arrays))))
        words = (ctypes.c_int64 * len(arrays))(*(array.ctypes.data for array in arrays))
        ctypes.CFUNCTYPE(None, ctypes.c_void_p)(function_address(b.text(), host))(words)


def operands(kind):
    """Pairs, pairs, sums."""
    rng = np.random.default_rng(3)
    values = rng.standard_normal((2, COUNT, 2)).astype(np.float32)
    total = rng.standard_normal(COUNT).astype(np.float32)
    if kind == "wide":
        values *= np.exp2(rng.integers(-20, 20, values.shape)).astype(np.float32)
    if kind == "subnormal":
        values *= np.exp2(rng.integers(-75, -50, values.shape)).astype(np.float32)
        values[:, ::5] *= np.float32(1e-30)
        total *= np.float32(1e-38)
    if kind == "special":
        values[0, 3::97, 0], values[1, 5::89, 1], total[7::83] = np.inf, np.nan, -np.inf
    patterns = values.view(np.uint32) >> 16
    x, y = (half[:, 0] | (half[:, 1] << 16) for half in patterns)
    if kind == "cancelling":
        upper = [(pair & 0xFFFF0000).view(np.float32).astype(np.float64) for pair in (x, y)]
        total = (-upper[0] * upper[1]).astype(np.float32)
    return np.ascontiguousarray(x), np.ascontiguousarray(y), total


@pytest.mark.parametrize("kind", ["normal", "wide", "cancelling", "subnormal", "special"])
@pytest.mark.parametrize("spread", [False, True], ids=["vectors", "broadcast"])
def test_the_cpus_instruction_does_what_numpy_says(kind, spread):
    x, y, total = operands(kind)
    found = np.full(COUNT, np.nan, np.float32)

    def build(b, v, x, y, total, found):
        with b.loop(0, 4 * COUNT, 4 * LANES) as i:
            at_x, at_y, at_total, to = (b.at(p, i.index) for p in (x, y, total, found))
            left = v.splat_pair(at_x) if spread else v.load_pairs(at_x)
            v.store(v.dot(left, v.load_pairs(at_y), v.load(at_total)), to)

    run(build, x, y, total, found)
    with np.errstate(invalid="ignore"):
        expected = dot_meaning(np.repeat(x[::LANES], LANES) if spread else x, y, total)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("pattern", [0x7F80, 0xFF80, 0x7FC0, 0x7F7F, 0xFF7F, 0x8000, 0x0001])
@pytest.mark.parametrize("place", [0, 7, 31])
def test_what_is_not_finite_is_reported(pattern, place):
    patterns, told = np.full(2 * LANES, 0x3F80, np.uint16), np.zeros(1, np.int64)
    patterns[place] = pattern

    def build(b, v, patterns, told):
        watch = MagnitudeWatch(v, 16)
        watch.begin()
        watch.see(v.load_pairs(patterns, 2))
        watch.report(told)

    run(build, patterns, told)
    assert bool(told[0]) == ((pattern & 0x7FFF) >= 0x7F80)
