"""Planes a multiple of 4096 bytes apart, or read by few registers for many filters, are copied channels-last before a
dense contraction reads them."""

import dataclasses

import pytest
import torch

from tests.support.convolutions import Setting
from tests.support.isa import available_levels, capped
from tests.support.processes import run_python
from tests.support.tiles import problem_of
from tilewise import algorithms
from tilewise.algorithms.fma import fma
from tilewise.problem import Pass
from tilewise.torch_ops import describe
from tilewise.torch_ops.call import Call

# Upsampling, a strided pointwise layer, and its like with planes that are no such multiple apart.
SETTINGS = [
    Setting((32, 32), (2, 2), 2, 20, 9, stride=(2, 2), transposed=True),
    Setting((64, 32), (1, 1), 1, 17, 33, stride=(2, 1)),
    Setting((16, 32), (2, 2), 1, 18, 40, groups=1, stride=(2, 2), dtype=torch.float64),
]
# So many filters that products repay a copy: without padding, and with it on one side or both.
MANY_FILTERS = [
    Setting((3, 345), (2, 3), 1, 261, 150, stride=(1, 2)),
    Setting((9, 13), (3, 3), 2, 21, 70, padding=(1, 2)),
    Setting((10, 11), (3, 2), 1, 17, 90, stride=(2, 2), padding=(1, 0), dilation=(2, 1)),
]


@pytest.mark.parametrize("level", [one for one in available_levels() if one in ("generic", "avx2", "avx512")])
def test_in_guarded_memory(level):
    code = f"""
        import os, itertools
        os.environ["TILEWISE_ISA"] = "{level}"
        import torch
        from tests.algorithms.guarded_run import check
        from tests.algorithms.test_cache_sets import MANY_FILTERS, SETTINGS
        from tests.support.guarded import SIDES
        from tilewise import algorithms
        torch.set_num_threads(1)
        ran = 0
        with algorithms.only("fma"):
            for setting, side in itertools.product([*SETTINGS, *MANY_FILTERS], SIDES):
                ran += check(setting, ("contiguous",) * 3, side, "{level}", "fma")
        print(ran)
    """
    result = run_python(code)
    assert result.returncode == 0, f"status {result.returncode} after\n{result.stderr[-3000:]}"
    assert int(result.stdout) >= 24


@pytest.mark.parametrize(("width", "copied"), [(32, True), (33, False)])
def test_what_is_copied(width, copied):
    x = torch.empty(1, 20, 32, width, device="meta")
    w = torch.empty(20, 9, 2, 2, device="meta")
    call = Call([2, 2], [0, 0], [1, 1], True, [0, 0], 1)
    inside, outside = (
        describe.spec(s, torch.empty(s, device="meta").stride()) for s in (x.shape, (1, 9, 64, 2 * width))
    )
    problem = describe.problem(
        Pass.FORWARD, call, inside, outside, w.shape, w.stride(), torch.float32, "highest", False
    )
    with capped("generic") as host, algorithms.only("fma"):
        notes = algorithms.choose(problem, host).plan.notes
    assert ("source copied channels-last" in notes) is copied


@pytest.mark.parametrize(
    ("channels", "filters", "padding", "registers", "copied"),
    [(64, 200, 0, 16, True), (64, 200, 2, 16, True), (64, 200, 0, 32, True), (64, 200, 2, 32, True),
     (64, 12, 0, 16, False), (64, 12, 0, 32, False), (7, 200, 0, 16, False)],
)  # fmt: skip
def test_planes_are_copied_where_products_repay_it(channels, filters, padding, registers, copied):
    x, w = torch.empty(1, channels, 1100, device="meta"), torch.empty(filters, channels, 3, device="meta")
    problem = problem_of(Pass.FORWARD, x, w, ([1], [padding], [1], False, [0], 1))
    with capped("generic") as host:
        host = dataclasses.replace(host, registers=registers, vector_bytes=32)
        notes = fma.plan(problem, host).notes
    assert ("source copied channels-last" in notes) is copied
