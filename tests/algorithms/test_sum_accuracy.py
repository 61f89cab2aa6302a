"""Long sums are added up in pieces: their errors against float64, beside what the arithmetic allows and PyTorch's.

In sequence, n random terms make an error of about u * sqrt(n / 2) relative to the sum's usual size, where u is what
one rounding of a float32 loses in the mean square: somewhat less than 2^-25. In pieces of m terms it is
u * sqrt(m / 2 + n / m / 2).
"""

from __future__ import annotations

import math

import pytest
import torch
from bench.accuracy import cut, errors
from bench.table import layers

import tilewise
from tilewise import algorithms
from tilewise.algorithms.common.tiling import piece_terms, sum_apart
from tilewise.torch_ops import dispatch

ROUNDING = 2.0**-25
# Terms of a 3x3 filter on four channels: the longest sum of these layers that is not begun anew.
WHOLE = 36
PLANES_AND_CHANNELS = ["mobile_dw_960_7_5x5_s1", "convnext_dw_384_14", "dw_384_14_b16", "resnext_g32_128", "ct3d_stem",
                       "resnet50_s3_3x3"]  # fmt: skip
SIGNALS = ["conv1d_dw_31", "conv1d_long_filter", "wavenet_64_d64"]
CASES = [(name, 20, last) for name in PLANES_AND_CHANNELS for last in (False, True)]
CASES += [(name, 4000, False) for name in SIGNALS]


@pytest.mark.parametrize(("name", "size", "channels_last"), CASES)
def test_highest_is_as_exact_as_pytorch(name, size, channels_last):
    layer = cut(next(layer for layer in layers() if layer.name == name), size)
    for found in errors(layer, "highest", channels_last=channels_last):
        # Sums that are short enough stay whole. On some CPUs PyTorch takes even these apart.
        assert found.ratio <= 1.5 or found.tilewise <= ROUNDING * math.sqrt(WHOLE / 2), found


def generated(run, algorithm):
    """What an algorithm gives, which must be the one that ran."""
    before = dispatch.counts()["generated"]
    with tilewise.enabled(), algorithms.only(algorithm):
        result = run()
    assert dispatch.counts()["generated"] == before + 1
    return result


def weight_gradient(channels, groups, size, algorithm, channels_last, taps=3):
    """The relative error of a weight gradient whose every element is a sum over all pixels."""
    generator = torch.Generator().manual_seed(0)
    x, g = (torch.randn(1, channels, *size, generator=generator) for _ in range(2))
    if channels_last:
        x, g = (t.contiguous(memory_format=torch.channels_last) for t in (x, g))
    w = torch.empty(channels, channels // groups, 1, taps)
    rest = ([1, 1], [0, taps // 2], [1, 1], False, [0, 0], groups, [False, True, False])
    backward = torch.ops.aten.convolution_backward
    right = backward(g.double(), x.double(), w.double(), None, *rest)[1]
    found = generated(lambda: backward(g, x, w, None, *rest)[1], algorithm)
    return ((found.double() - right).norm() / right.norm()).item()


# One row, one column and an image: pieces are of rows as well as of pixels.
@pytest.mark.parametrize("size", [(1, 40_000), (40_000, 1), (200, 200)])
@pytest.mark.parametrize(
    ("algorithm", "groups", "channels_last", "taps"),
    [("group_channels_weights", 16, True, 3), ("group_rows_weights", 16, False, 3), ("fma_weights", 1, True, 3),
     ("pointwise_weights", 1, True, 1)],
)  # fmt: skip
def test_a_long_weight_gradient_is_summed_in_pieces(algorithm, groups, channels_last, taps, size):
    terms = math.prod(size)
    # Three and a half times the best length of a piece costs 1.4 times the least error; half as much again for chance.
    allowed = 1.4 * 1.5 * ROUNDING * terms**0.25
    found = weight_gradient(16, groups, size, algorithm, channels_last, taps)
    assert found < allowed < ROUNDING * (terms / 2) ** 0.5 / 2


@pytest.mark.parametrize(("algorithm", "channels_last"), [("group_rows", False), ("group_channels", True)])
def test_a_long_sum_over_taps_and_channels_is_begun_anew(algorithm, channels_last):
    generator = torch.Generator().manual_seed(0)
    x, w = torch.randn(1, 16, 40, 40, generator=generator), torch.randn(16, 8, 7, 7, generator=generator)
    if channels_last:
        x = x.contiguous(memory_format=torch.channels_last)
    right = torch.conv2d(x.double(), w.double(), groups=2)
    found = generated(lambda: torch.conv2d(x, w, groups=2), algorithm)
    error = ((found.double() - right).norm() / right.norm()).item()
    rows = 7
    terms = 8 * 7 * rows
    assert error < 1.5 * ROUNDING * math.sqrt(terms / rows / 2 + rows / 2) < ROUNDING * math.sqrt(terms / 2)


@pytest.mark.parametrize("terms", [1, 7, 49, 196, 3136, 10**6])
@pytest.mark.parametrize(("times", "most"), [(3, 64), (3.5, 512)])
def test_pieces_lose_little_more_than_the_best(terms, times, most):
    def lost(m):
        return math.sqrt(m / 2 + terms / m / 2)

    piece = piece_terms(terms, times, most)
    assert piece >= 1
    assert lost(piece) <= 1.4 * min(lost(m) for m in range(1, terms + 1))


def test_sums_are_begun_anew_where_it_saves_most():
    assert sum_apart((3, 3, 1, 16, 3)) == 1  # 432 terms: nine sums of 48
    assert sum_apart((7, 1, 1, 1, 7)) == -1  # 49 terms: sums of 7 would be all additions
    assert sum_apart((31, 1, 1, 1, 31)) == 0
    assert sum_apart((1, 1, 1, 1, 500)) == -1  # no loop at all
    assert sum_apart((3, 3, WHOLE // 9)) == -1
