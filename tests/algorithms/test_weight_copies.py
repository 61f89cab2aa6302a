"""Weight gradients copy what crowds on a few sets of a cache: each product counts once, in bounds."""

import dataclasses

import pytest
import torch

from tests.support.convolutions import Setting
from tests.support.guarded import SIDES
from tests.support.isa import available_levels, capped
from tests.support.processes import run_python
from tests.support.tiles import problem_of
from tilewise.algorithms.common.pitching import is_crowded
from tilewise.algorithms.fma import fma_weights
from tilewise.problem import Pass, TensorSpec

# The window tensor has a power of two of channels and several taps: one axis, two and three, padding beyond the image,
# strides and dilations that leave rows and slices out, and the transposed layer, whose window tensor is the gradient.
SETTINGS = [
    Setting((23,), (3,), 2, 256, 150, padding=(2,)),
    Setting((9, 7), (3, 3), 2, 256, 161, padding=(1, 1)),
    Setting((10, 9), (3, 2), 1, 512, 900, stride=(2, 3), padding=(1, 0)),
    Setting((6, 8), (3, 3), 1, 256, 160, padding=(4, 5), dilation=(4, 5)),
    Setting((7, 5, 6), (2, 3, 2), 1, 256, 900, stride=(3, 1, 2), padding=(0, 1, 1)),
    Setting((5, 4, 5), (3, 1, 2), 1, 256, 150, padding=(2, 0, 0), dilation=(2, 1, 1)),
    Setting((5, 6), (2, 2), 1, 900, 256, stride=(2, 2), transposed=True),
]
LAYOUTS = [("contiguous",) * 3, ("channels_last", "contiguous", "channels_last")]


@pytest.mark.parametrize("level", [one for one in available_levels() if one in ("generic", "avx2", "avx512")])
def test_in_guarded_memory(level):
    code = f"""
        import os, itertools
        os.environ["TILEWISE_ISA"] = "{level}"
        import torch
        from tests.algorithms.guarded_run import check
        from tests.algorithms.test_weight_copies import LAYOUTS, SETTINGS
        from tests.support.guarded import SIDES
        from tilewise import algorithms
        from tilewise.algorithms.fma import fma_weights
        torch.set_num_threads(1)
        copied, ran = set(), 0
        pitched_copy = fma_weights.pitched_copy
        fma_weights.pitched_copy = lambda spec, *rest: copied.add(spec) or pitched_copy(spec, *rest)
        with algorithms.only("fma_weights"):
            for setting, how, side in itertools.product(SETTINGS, LAYOUTS, SIDES):
                ran += check(setting, how, side, "{level}", "fma_weights")
        print(ran, len(copied))
    """
    result = run_python(code)
    assert result.returncode == 0, f"status {result.returncode} after\n{result.stderr[-3000:]}"
    ran, copied = map(int, result.stdout.split())
    assert ran >= len(SETTINGS) * len(LAYOUTS) * len(SIDES)
    # Of one axis there is no layout but planes. Wide vectors sum faster, so that three sums do not repay a copy.
    assert copied == len(SETTINGS) * len(LAYOUTS) - 1 - (3 if level == "avx512" else 0)


@pytest.mark.parametrize(
    ("channels", "registers", "notes"),
    [(256, 16, {"window tensor copied with its pixels apart", "point tensor copied in blocks of channels"}),
     (192, 16, {"window tensor read in place", "point tensor copied in blocks of channels"}),
     (256, 32, {"window tensor copied with its pixels apart", "point tensor copied in blocks of channels"})],
)  # fmt: skip
def test_what_is_copied_is_told(channels, registers, notes):
    x = torch.zeros(1, channels, 30, 30).to(memory_format=torch.channels_last)
    w = torch.zeros(200, channels, 3, 3).to(memory_format=torch.channels_last)
    problem = problem_of(Pass.WEIGHT_GRADIENT, x, w, ([1, 1], [0, 0], [1, 1], False, [0, 0], 1))
    with capped("generic") as host:
        host = dataclasses.replace(host, registers=registers, vector_bytes=32)
        assert set(fma_weights.plan(problem, host).notes) == notes


@pytest.mark.parametrize(("channels", "crowded"), [(192, False), (256, True), (320, False), (512, True)])
def test_which_pixels_crowd(channels, crowded):
    spec = TensorSpec((1, channels, 1, 8, 8), (64 * channels, 1, 0, 8 * channels, channels))
    assert is_crowded(spec, "float32") is crowded
