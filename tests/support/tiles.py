"""What the tests of AMX kernels share: small integers, what was planned, and all passes against PyTorch in float64."""

from __future__ import annotations

import pytest
import torch

import tilewise
from tests.support.accuracy import assert_right
from tests.support.isa import capped
from tilewise import algorithms
from tilewise.algorithms.common.plan import Plan
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime.workspace import fill_free_workspaces
from tilewise.torch_ops import describe
from tilewise.torch_ops.call import Call

LEVEL = "amx-emulated"
PLANES, PIXELS = torch.contiguous_format, torch.channels_last
LAYOUTS = pytest.mark.parametrize("layout", [PLANES, PIXELS], ids=["planes", "pixels"])
backward = torch.ops.aten.convolution_backward


def integers(*shape, dtype=torch.float32, layout=PLANES):
    """Small enough for sums without rounding."""
    return torch.randint(-3, 4, shape).to(dtype).contiguous(memory_format=layout)


def problem_of(kind: Pass, x, w, rest, level: str = "highest") -> ConvProblem:
    """The problem of a pass."""
    y = torch.convolution(x, w, None, *rest)
    source, destination = (y, x) if kind is Pass.INPUT_GRADIENT else (x, y)
    specs = [describe.spec(t.shape, t.stride()) for t in (source, destination)]
    return describe.problem(kind, Call(*rest), *specs, w.shape, w.stride(), x.dtype, level, False)


def plan_of(module, problem: ConvProblem) -> Plan:
    """An algorithm's plan for tiles."""
    with capped(LEVEL) as host:
        assert module.why_not(problem, host) is None
        return module.plan(problem, host)


def check(x, w, rest, passes=tuple(Pass)) -> None:
    """Passes against PyTorch in float64, in memory that holds no zeros."""
    b = integers(w.shape[1] * rest[5] if rest[3] else w.shape[0], dtype=x.dtype)
    y = torch.convolution(x.double(), w.double(), b.double(), *rest)
    gy = integers(*y.shape, dtype=x.dtype).contiguous(
        memory_format=PIXELS if x.is_contiguous(memory_format=PIXELS) else PLANES
    )
    gx, gw, _ = backward(gy.double(), x.double(), w.double(), None, *rest, [True, True, False])
    runs = {
        Pass.FORWARD: ("amx", y, lambda: torch.convolution(x, w, b, *rest)),
        Pass.INPUT_GRADIENT: ("amx", gx, lambda: backward(gy, x, w, None, *rest, [True, False, False])[0]),
        Pass.WEIGHT_GRADIENT: ("amx_weights", gw, lambda: backward(gy, x, w, None, *rest, [False, True, False])[1]),
    }
    for kind in passes:
        name, right, run = runs[kind]
        with capped(LEVEL), tilewise.enabled(), algorithms.only(name):
            fill_free_workspaces(0xFF)
            assert_right(run(), right, name, f"{kind.value} of {tuple(x.shape)} by {tuple(w.shape)}, {rest}")


def same_for_any_threads(run) -> None:
    """Whether a run's tensors have the same bits whatever the number of threads."""
    threads, results = torch.get_num_threads(), []
    try:
        for count in (1, 2, 3):
            torch.set_num_threads(count)
            results.append(run())
    finally:
        torch.set_num_threads(threads)
    for other in results[1:]:
        assert all(torch.equal(one, two) for one, two in zip(results[0], other, strict=True))
