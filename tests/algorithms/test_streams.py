"""Large results of short sums go past the caches: in blocks of four vectors, of two, and with one left over."""

import pytest
import torch

import tilewise
from tests.support.accuracy import assert_exact
from tilewise import algorithms


@pytest.mark.parametrize("channels", [64, 80, 128])
def test_streamed_results(channels):
    generator = torch.Generator().manual_seed(channels)

    def whole(*shape):
        return torch.randint(-4, 5, shape, generator=generator).float()

    x = whole(1, 3, 260, 131).to(memory_format=torch.channels_last)
    w, bias = whole(channels, 3, 3, 3), whole(channels)
    with tilewise.enabled(), algorithms.only("fma"):
        y = torch.conv2d(x, w, bias, padding=1)
    assert y.numel() * 4 > 4 << 20
    assert_exact(y, torch.conv2d(x.double(), w.double(), bias.double(), padding=1))
