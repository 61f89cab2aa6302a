"""Views whose rows repeat, overlap or lie far apart: strides are the caller's, and no kernel may divide by one."""

import pytest
import torch

from tests.support.accuracy import assert_right
from tests.support.convolutions import Setting
from tilewise import algorithms
from tilewise.algorithms import registry
from tilewise.torch_ops import dispatch

SETTINGS = {
    "pointwise": Setting((9, 21), (1, 1), in_channels=8, out_channels=5),
    "padded": Setting((9, 21), (3, 3), in_channels=20, out_channels=20, padding=(1, 1)),
    "few channels": Setting((9, 21), (3, 3), in_channels=2, out_channels=8, stride=(2, 2), padding=(1, 1)),
    "transposed": Setting((9, 21), (3, 3), in_channels=8, out_channels=2, transposed=True),
    "depthwise": Setting((9, 21), (3, 3), in_channels=17, out_channels=17, groups=17, padding=(1, 1)),
}


def integers(*shape):
    return torch.randint(-3, 4, shape, generator=torch.Generator().manual_seed(len(shape))).float()


VIEWS = {
    "one row": lambda n, c, h, w: integers(n, c, 1, w).expand(n, c, h, w),
    "one column": lambda n, c, h, w: integers(n, c, h, 1).expand(n, c, h, w),
    "one plane": lambda n, c, h, w: integers(n, 1, h, w).expand(n, c, h, w),
    "one element": lambda n, c, h, w: integers(1, 1, 1, 1).expand(n, c, h, w),
    "rows overlap": lambda n, c, h, w: integers(n * c * h * w + 3 * h + w).as_strided((n, c, h, w), (c, 1, 3, 1)),
    "rows far apart": lambda n, c, h, w: integers(n, c, h, w + 4001)[..., :w],
    "planes in between": lambda n, c, h, w: integers(n, 2 * c, h, w)[:, ::2],
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("algorithm", [one.name for one in registry.algorithms() if one.name != "native"])
def test_every_algorithm_reads_any_view(algorithm, view, tilewise_on):
    for name, setting in SETTINGS.items():
        _, w, b, _ = setting.integers()
        x, gy = (VIEWS[view](*shape) for shape in (setting.input_shape, setting.output_shape))
        expected = setting.expected(x, w, b, gy)
        with algorithms.only(algorithm):
            results = list(setting.each_pass(x, w, b, gy))
        for what, actual in results:
            assert_right(actual, expected[what], algorithm, f"{name}, {what}")


def test_positions_served_them(tilewise_on):
    x, w = VIEWS["one row"](2, 8, 9, 21), integers(20, 8, 1, 1)
    before = dispatch.counts()["generated"]
    with algorithms.only("positions"):
        torch.conv2d(x, w)
    assert dispatch.counts()["generated"] == before + 1
