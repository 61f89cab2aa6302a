"""`amx_winograd`: exact on integers, as exact as PyTorch on other numbers; infinities and NaN are where it has them."""

import pytest
import torch
from bench.accuracy import cut, errors
from bench.table import layers

import tilewise
from tests.support.accuracy import assert_exact
from tests.support.isa import capped
from tests.support.tiles import LAYOUTS, LEVEL, PIXELS, problem_of, same_for_any_threads
from tilewise import algorithms
from tilewise.algorithms.amx import amx_winograd
from tilewise.problem import Pass
from tilewise.runtime.workspace import fill_free_workspaces


def both(x, w, gy, rest, b=None):
    """Output and input gradient."""
    mask = [True, False, False]
    return torch.convolution(x, w, b, *rest), torch.ops.aten.convolution_backward(gy, x, w, None, *rest, mask)[0]


def check(x, w, rest):
    """Both passes against float64 at both levels, in memory that holds no zeros."""
    b = torch.randint(-3, 4, (w.shape[0],)).float()
    gy = torch.randint(-3, 4, torch.convolution(x, w, None, *rest).shape).float()
    if x.is_contiguous(memory_format=PIXELS):
        gy = gy.contiguous(memory_format=PIXELS)
    right = both(x.double(), w.double(), gy.double(), rest, b.double())
    for level in ("highest", "high"):
        fill_free_workspaces(0xFF)
        before = tilewise.torch_ops.dispatch.counts()["generated"]
        with capped(LEVEL), tilewise.enabled(), tilewise.precision(level), algorithms.only("amx_winograd"):
            found = both(x, w, gy, rest, b)
        assert tilewise.torch_ops.dispatch.counts()["generated"] == before + 2
        for what, mine, wanted in zip(("output", "input gradient"), found, right, strict=True):
            assert_exact(mine, wanted, f"{what} of {tuple(x.shape)} by {tuple(w.shape)}, {rest}, {level}")


@LAYOUTS
@pytest.mark.parametrize(("inputs", "outputs"), [(64, 64), (3, 16), (33, 40), (100, 31)])
def test_channels_that_fill_no_block(inputs, outputs, layout):
    x = torch.randint(-3, 4, (2, inputs, 11, 14)).float().contiguous(memory_format=layout)
    check(x, torch.randint(-3, 4, (outputs, inputs, 3, 3)).float(), ([1, 1], [1, 1], [1, 1], False, [0, 0], 1))


@LAYOUTS
def test_more_ranges_than_threads_and_a_last_one_of_a_few_tiles(layout):
    x = torch.randint(-3, 4, (3, 40, 37, 41)).float().contiguous(memory_format=layout)
    check(x, torch.randint(-3, 4, (70, 40, 3, 3)).float(), ([1, 1], [1, 0], [1, 1], False, [0, 0], 1))


@pytest.mark.parametrize("size", [(40,), (6, 13, 15)], ids=["1-d", "3-d"])
@pytest.mark.parametrize("dilation", [1, 2])
def test_one_and_three_dimensions(size, dilation):
    axes = len(size)
    x = torch.randint(-3, 4, (2, 35, *size)).float()
    w = torch.randint(-3, 4, (20, 35, *[3] * axes)).float()
    check(x, w, ([1] * axes, [dilation] * axes, [dilation] * axes, False, [0] * axes, 1))


def test_rows_alone_are_transformed_where_taps_along_height_are_not_three():
    x, w = torch.randint(-3, 4, (2, 35, 9, 30)).float(), torch.randint(-3, 4, (20, 35, 2, 3)).float()
    check(x, w, ([1, 1], [0, 1], [1, 1], False, [0, 0], 1))


@pytest.mark.parametrize("name", ["resnet50_s1_3x3", "resnet50_s4_3x3", "tcn_256_d4", "video_3x3x3_64"])
def test_highest_is_as_exact_as_pytorch(name, monkeypatch):
    monkeypatch.setenv("TILEWISE_ISA", LEVEL)
    layer = cut(next(layer for layer in layers() if layer.name == name), 7)
    found = [one for one in errors(layer, "highest", "amx_winograd", "amx_weights") if "weight" not in one.direction]
    assert {one.direction for one in found} >= {"forward", "input gradient"}
    for one in found:
        assert one.ratio <= 1.5, one


@LAYOUTS
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 3e38])
@pytest.mark.parametrize("which", ["source", "filters", "gradient"])
def test_special_values_come_out_where_pytorch_gives_them(which, bad, layout):
    torch.manual_seed(3)
    x, w = torch.randn(2, 40, 11, 14).to(memory_format=layout), torch.randn(33, 40, 3, 3)
    gy, rest = torch.randn(2, 33, 11, 14).to(memory_format=layout), ([1, 1], [1, 1], [1, 1], False, [0, 0], 1)
    {"source": x, "filters": w, "gradient": gy}[which][1, 2, 1, 2] = bad
    expected = both(x, w, gy, rest)
    with capped(LEVEL), tilewise.enabled(), algorithms.only("amx_winograd"):
        found = both(x, w, gy, rest)
    for mine, right in zip(found, expected, strict=True):
        assert torch.equal(mine.isfinite(), right.isfinite())


def test_the_same_bits_for_any_number_of_threads():
    torch.manual_seed(0)
    x, w, gy = torch.randn(2, 40, 37, 41), torch.randn(70, 40, 3, 3), torch.randn(2, 70, 37, 41)

    def run():
        with capped(LEVEL), tilewise.enabled(), algorithms.only("amx_winograd"):
            return both(x, w, gy, ([1, 1], [1, 1], [1, 1], False, [0, 0], 1))

    same_for_any_threads(run)


@pytest.mark.parametrize(
    ("why", "kernel", "stride", "kind", "dtype", "level", "isa"),
    [
        ("generated for", 3, 1, Pass.FORWARD, torch.float32, "highest", "avx2"),
        ("stride 1", 3, 2, Pass.FORWARD, torch.float32, "highest", LEVEL),
        ("not three taps", 5, 1, Pass.FORWARD, torch.float32, "highest", LEVEL),
        ("forward and input-gradient", 3, 1, Pass.WEIGHT_GRADIENT, torch.float32, "highest", LEVEL),
        ("one bfloat16 part", 3, 1, Pass.FORWARD, torch.bfloat16, "highest", LEVEL),
        ("one bfloat16 part", 3, 1, Pass.FORWARD, torch.float32, "medium", LEVEL),
        ("", 3, 1, Pass.FORWARD, torch.float32, "high", LEVEL),
    ],
)
def test_what_it_does_not_serve_it_says(why, kernel, stride, kind, dtype, level, isa):
    x, w = torch.zeros(1, 32, 8, 8, dtype=dtype), torch.zeros(32, 32, kernel, kernel, dtype=dtype)
    rest = ([stride] * 2, [1, 1], [1, 1], False, [0, 0], 1)
    problem = problem_of(kind, x, w, rest, level)
    with capped(isa) as host:
        said = amx_winograd.why_not(problem, host)
    assert (why in said) if why else said is None
