"""Sources that no cache keeps: a ticket makes its tiles for all blocks of channels, and each result is right; where the
pixels of the next tile are fetched ahead, too."""

import pytest
import torch

import tilewise
from tests.support.accuracy import assert_exact
from tests.support.isa import available_levels, capped
from tilewise import algorithms
from tilewise.runtime.workspace import fill_free_workspaces


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=["planes", "pixels"])
@pytest.mark.parametrize(
    ("taps", "stride", "shape"),
    [(1, 1, (5, 261, 57, 60)), (3, 2, (5, 261, 57, 60)), (1, 1, (2, 40, 233, 244)), (2, 2, (2, 40, 233, 245))],
    ids=["pointwise", "strided", "short pixels", "short pixels strided"],
)
@pytest.mark.parametrize("level", available_levels())
def test_all_blocks_of_a_ticket_are_made(level, taps, stride, shape, layout):
    torch.manual_seed(taps)
    # 17 MiB; channels that fill no block, rows that fill no tile.
    x = torch.randint(-2, 3, shape).float().to(memory_format=layout)
    w = torch.randint(-1, 2, (71, shape[1], taps, taps)).float()
    b = torch.randint(-2, 3, (71,)).float()

    def convolved(x, w, b):
        return torch.conv2d(x, w, b, stride=stride, padding=taps // 2)

    expected = convolved(x.double(), w.double(), b.double())
    with capped(level), tilewise.enabled(), algorithms.only("fma"):
        fill_free_workspaces(0xFF)
        assert_exact(convolved(x, w, b), expected)
