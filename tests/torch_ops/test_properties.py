"""Any convolution, all passes, on every algorithm and instruction set: exactly what PyTorch computes in float64.

The tensors hold small integers, so that every sum is exact in float32 (by F(4, 3), nearly) and one wrong, missing or
doubled product shows. Scratch memory and results begin as NaN. See tests/support/strategies.py for long soaks.
"""

import contextlib

import pytest
import torch
from hypothesis import given

import tilewise
from tests.support.accuracy import assert_right
from tests.support.isa import available_levels, capped, combinations
from tests.support.layouts import lay_out
from tests.support.scratch import scratch
from tests.support.strategies import LARGE, bounded, dtypes_for, layouts_for, legal_settings
from tilewise import algorithms
from tilewise.runtime.workspace import fill_free_workspaces
from tilewise.torch_ops import dispatch

CASES = [*((level, None) for level in available_levels()), *combinations()]
EXAMPLES = {None: 120, "reference": 20, "fma_columns": 150}


@pytest.fixture(autouse=True)
def results_begin_as_nan():
    """PyTorch fills every new tensor with NaN while it must be deterministic."""
    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


def _poison():
    """Every byte of scratch memory 0xFF: a NaN in each type."""
    with scratch(1 << 20), scratch(1):
        pass
    fill_free_workspaces(0xFF)


def _only(name):
    return contextlib.nullcontext() if name is None else algorithms.only(name)


def _check(setting, how, level, name):
    x, w, b, gy = setting.integers()
    x_layout, w_layout, gy_layout = how
    x, w, gy = lay_out(x, x_layout), lay_out(w, w_layout), lay_out(gy, gy_layout)
    expected = setting.expected(x, w, b, gy)
    with capped(level), _only(name), tilewise.enabled():
        _poison()
        before = dispatch.counts()
        for what, actual in setting.each_pass(x, w, b, gy):
            after = dispatch.counts()
            handed_back = after["native"] > before["native"]
            # PyTorch's own 16-bit weight gradients round more than once: they are not on trial here.
            if not handed_back:
                assert_right(actual, expected[what], name, f"{what} of {setting} as {how} by {name} on {level}")
            elif name is None and setting.batch:
                assert setting.dtype is torch.float16, f"{what} of {setting} was handed back to PyTorch"
            _poison()
            before = dispatch.counts()


@pytest.mark.parametrize(("level", "name"), CASES, ids=lambda value: value or "chosen")
def test_all_passes(level, name):
    @bounded(EXAMPLES.get(name, 40), f"{level} {name}")
    @given(setting=legal_settings(dtypes_for(name), algorithm=name), how=layouts_for(name))
    def holds(setting, how):
        _check(setting, how, level, name)

    holds()


@pytest.mark.parametrize("level", available_levels())
def test_all_passes_of_larger_layers(level):
    """What is chosen, where there are many bands, ranges and pieces; long sums of small integers are exact still."""

    @bounded(25, f"larger {level}")
    @given(setting=legal_settings((torch.float32,), (1, 2, 4), longest=LARGE), how=layouts_for(None))
    def holds(setting, how):
        _check(setting, how, level, None)

    holds()
