"""Sources that no cache keeps: a ticket makes its tiles for all blocks of channels, and each result is right."""

import pytest
import torch

import tilewise
from tests.support.accuracy import assert_exact
from tests.support.isa import available_levels, capped
from tilewise import algorithms
from tilewise.runtime.workspace import fill_free_workspaces


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=["planes", "pixels"])
@pytest.mark.parametrize(("taps", "stride"), [(1, 1), (3, 2)])
@pytest.mark.parametrize("level", available_levels())
def test_all_blocks_of_a_ticket_are_made(level, taps, stride, layout):
    torch.manual_seed(taps)
    # 17 MiB; channels that fill no block, rows that fill no tile.
    x = torch.randint(-2, 3, (5, 261, 57, 60)).float().to(memory_format=layout)
    w = torch.randint(-1, 2, (71, 261, taps, taps)).float()
    b = torch.randint(-2, 3, (71,)).float()

    def convolved(x, w, b):
        return torch.conv2d(x, w, b, stride=stride, padding=taps // 2)

    expected = convolved(x.double(), w.double(), b.double())
    with capped(level), tilewise.enabled(), algorithms.only("fma"):
        fill_free_workspaces(0xFF)
        assert_exact(convolved(x, w, b), expected)
