"""Weight gradients over so many pixels that sums are added to in memory: each product counts once, for any channels."""

import pytest
import torch

import tilewise
from tests.support.accuracy import assert_right
from tests.support.isa import capped, combinations
from tilewise import algorithms

CASES = [(level, name) for level, name in combinations() if name.endswith("_weights")]
# Around what register tiles of any instruction set hold, where their widths fit the channels worst.
CHANNELS = (1, 7, 9, 10, 15, 17, 18, 19, 27, 31, 73)


@pytest.mark.parametrize("taps", [1, 3])
@pytest.mark.parametrize(("level", "name"), CASES)
def test_each_product_counts_once(level, name, taps):
    torch.manual_seed(0)
    groups = 2 if name.startswith("group") else 1
    dtype = torch.bfloat16 if name.startswith("dot") else torch.float32
    for channels in CHANNELS:
        x = torch.randint(-2, 3, (12, groups * channels, 60, 60)).to(dtype, memory_format=torch.channels_last)
        w = torch.zeros(groups * 20, channels, taps, taps, dtype=dtype)
        gy = torch.randint(-1, 2, (12, groups * 20, 61 - taps, 61 - taps)).to(x)

        def gradient(gy, x, w, groups=groups):
            rest = ([1, 1], [0, 0], [1, 1], False, [0, 0], groups, [False, True, False])
            return torch.ops.aten.convolution_backward(gy, x, w, None, *rest)[1]

        expected = gradient(gy.double(), x.double(), w.double())
        with capped(level), tilewise.enabled(), algorithms.only(name):
            assert_right(gradient(gy, x, w), expected, name, f"{channels} channels by {name} on {level}")
