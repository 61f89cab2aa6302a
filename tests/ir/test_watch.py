"""Watches tell of infinities and NaN in any lane, of nothing else, and of nothing seen before they began."""

import ctypes

import numpy as np
import pytest

from tests.support.isa import available_levels, capped
from tilewise.ir.kernel import PARTS, Arguments, begin_vectors
from tilewise.ir.watch import MagnitudeWatch, Watch
from tilewise.jit import function_address

LEVELS = [level for level in available_levels() if not level.startswith("amx")]
ARGUMENTS = Arguments(["values_ptr", "status_ptr"])
KINDS = {"floats": ("float32", Watch), "doubles": ("float64", Watch), "patterns": ("float32", MagnitudeWatch)}


def told(level, kind, values):
    """What a watch reports that sees the first vector, begins, and sees the two others together."""
    dtype, watching = KINDS[kind]
    with capped(level) as host:
        b, v, a = begin_vectors(ARGUMENTS, dtype, host)
        watch = Watch(v) if watching is Watch else MagnitudeWatch(v, 32)
        seen = [v.load(b.at(a["values_ptr"], i * v.lanes * v.bytes)) for i in range(3)]
        if watching is MagnitudeWatch:
            seen = [b.let(f"bitcast {v.type} {value} to <{v.lanes} x i32>") for value in seen]
        watch.begin()
        watch.see(seen[0])
        watch.begin()
        watch.see(*seen[1:])
        watch.report(a["status_ptr"])
        memory, status = np.ascontiguousarray(values, dtype), np.zeros(1, np.int64)
        assert memory.shape == (3, v.lanes)
        words = (ctypes.c_int64 * (PARTS + 2))(*[0] * PARTS, memory.ctypes.data, status.ctypes.data)
        ctypes.CFUNCTYPE(None, ctypes.c_void_p)(function_address(b.text(), host))(words)
    return int(status[0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", LEVELS)
def test_watches(level, kind):
    dtype = KINDS[kind][0]
    with capped(level) as host:
        lanes = host.lanes(dtype)
    most, least = np.finfo(dtype).max, np.finfo(dtype).smallest_subnormal
    finite = np.resize(np.array([most, -most, least, -least, 0.0, -0.0, 1.5], dtype), (3, lanes))
    assert told(level, kind, finite) == 0
    for bad in (np.inf, -np.inf, np.nan):
        for lane in (0, lanes // 2, lanes - 1):
            for vector, answer in ((0, 0), (1, 1), (2, 1)):
                values = finite.copy()
                values[vector, lane] = bad
                assert told(level, kind, values) == answer, (bad, lane, vector)
