"""AMX plans: who packs what, which taps share a line, which are left out; every way gives exact sums of integers."""

import pytest
import torch

import tilewise
from tests.support.isa import capped
from tests.support.processes import output_of, run_python
from tests.support.tiles import (
    LAYOUTS,
    LEVEL,
    PIXELS,
    PLANES,
    backward,
    check,
    integers,
    plan_of,
    problem_of,
    same_for_any_threads,
)
from tilewise import algorithms
from tilewise.algorithms.amx import amx, amx_weights
from tilewise.algorithms.amx import layout as amx_layout
from tilewise.problem import Pass


def notes(kind, x, w, rest):
    """What the plan of a pass says of itself."""
    module = amx_weights if kind is Pass.WEIGHT_GRADIENT else amx
    return " ".join(plan_of(module, problem_of(kind, x, w, rest)).notes)


@LAYOUTS
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("stride", [1, 2])
def test_bands_of_large_tensors(small_caches, dtype, stride, layout):
    # Channels that fill no block, rows that fill no tile, two images.
    x, w = integers(2, 20, 41, 47, dtype=dtype, layout=layout), integers(23, 20, 3, 3, dtype=dtype)
    rest = ([stride] * 2, [1, 1], [1, 1], False, [0, 0], 1)
    for kind in (Pass.FORWARD, Pass.WEIGHT_GRADIENT):
        assert "bands of" in notes(kind, x, w, rest)
    check(x, w, rest)


@LAYOUTS
def test_bands_of_groups(small_caches, layout):
    x, w = integers(3, 3 * 34, 30, 19, layout=layout), integers(3 * 18, 34, 2, 2)
    check(x, w, ([1, 1], [0, 1], [1, 1], False, [0, 0], 3))


@pytest.mark.parametrize("kernel", [(3, 3), (1, 1), (5, 5)])
@pytest.mark.parametrize("weights", [PLANES, PIXELS], ids=["planes", "pixels"])
def test_filters_packed_by_tickets(small_caches, monkeypatch, kernel, weights):
    monkeypatch.setattr(amx_layout, "cores", lambda: 1)  # so that there are filters enough for all
    x, w = integers(2, 67, 7, 7), integers(130, 67, *kernel, layout=weights)
    rest = ([1, 1], [k // 2 for k in kernel], [1, 1], False, [0, 0], 1)
    assert "where they are multiplied" in notes(Pass.FORWARD, x, w, rest)
    check(x, w, rest)


@pytest.mark.parametrize("size", [(5, 7), (32,), (2, 5, 9)], ids=["2-d", "1-d", "3-d"])
@pytest.mark.parametrize(("channels", "groups"), [(64, 1), (96, 3)])
def test_bfloat16_pixels_are_read_as_they_lie(channels, groups, size):
    # 33 positions and more than a tile has, which end in the middle of one.
    x = integers(3, channels, *size, dtype=torch.bfloat16)
    x = x.movedim(1, -1).contiguous().movedim(-1, 1)
    w = integers(35 * groups, channels // groups, *[1] * len(size), dtype=torch.bfloat16)
    rest = ([1] * len(size), [0] * len(size), [1] * len(size), False, [0] * len(size), groups)
    assert "as it lies" in notes(Pass.FORWARD, x, w, rest)
    check(x, w, rest)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 3e38])
def test_special_values_in_what_is_read_as_it_lies(bad):
    torch.manual_seed(2)
    x = torch.randn(2, 64, 5, 9).bfloat16().contiguous(memory_format=PIXELS)
    w, rest = torch.randn(40, 64, 1, 1).bfloat16(), ([1, 1], [0, 0], [1, 1], False, [0, 0], 1)
    for tensor in (x, w):
        kept, tensor[1, 2, 0, 0] = tensor[1, 2, 0, 0].clone(), bad
        expected = torch.convolution(x.float(), w.float(), None, *rest).bfloat16()
        with capped(LEVEL), tilewise.enabled(), algorithms.only("amx"):
            assert torch.equal(torch.convolution(x, w, None, *rest).isfinite(), expected.isfinite())
        tensor[1, 2, 0, 0] = kept


def test_pixels_that_do_not_lie_in_lines_are_packed():
    x, w = integers(2, 64, 9, 9, dtype=torch.bfloat16), integers(8, 64, 1, 1, dtype=torch.bfloat16)
    plain, few = ([1, 1], [0, 0], [1, 1], False, [0, 0], 1), integers(8, 40, 1, 1, dtype=torch.bfloat16)
    pixels = x.contiguous(memory_format=PIXELS)
    strided = integers(2, 64, 9, 18, dtype=torch.bfloat16, layout=PIXELS)[:, :, :, ::2]
    assert "as it lies" in notes(Pass.FORWARD, pixels, w, plain)
    for source, filters, rest in (
        (x, w, plain),
        (pixels[:, :40], few, plain),
        (pixels[:, :, :5, :6], w, plain),
        (pixels, w, ([2, 2], [0, 0], [1, 1], False, [0, 0], 1)),
        (pixels, w, ([1, 1], [1, 1], [1, 1], False, [0, 0], 1)),
        (pixels[:1, :, :5, :5].contiguous(memory_format=PIXELS), w, plain),
        (strided, w, ([1, 1], [0, 1], [1, 1], False, [0, 0], 1)),
    ):
        assert "as it lies" not in notes(Pass.FORWARD, source, filters, rest)
        check(source, filters, rest)


def test_what_is_read_as_it_lies_is_read_no_further():
    code = """
        import torch, tilewise
        from tests.support.guarded import SIDES, guard
        from tilewise import algorithms
        for side in SIDES:
            for size in ((4, 8), (5, 7), (6, 11)):
                x = torch.ones(2, 64, *size).bfloat16().contiguous(memory_format=torch.channels_last)
                placed, memory = guard(x, side)
                with tilewise.enabled(), algorithms.only("amx"):
                    y = torch.convolution(placed, torch.ones(40, 64, 1, 1).bfloat16(), None, [1, 1], [0, 0], [1, 1],
                                          False, [0, 0], 1)
                assert (y == 64).all()
        print(tilewise.torch_ops.dispatch.counts()["generated"])
    """
    assert int(output_of(code, TILEWISE_ISA=LEVEL)) == 6


@LAYOUTS
@pytest.mark.parametrize(("channels", "each"), [(1, 7), (2, 7), (3, 7), (8, 4), (16, 2)])
@pytest.mark.parametrize("stride", [1, 2])
def test_taps_of_few_channels_share_a_line(channels, each, stride, layout):
    x, w = integers(2, channels, 17, 21, layout=layout), integers(33, channels, 3, 7)
    rest = ([stride] * 2, [1, 3], [1, 1], False, [0, 0], 1)
    # One channel is as dense either way; then planes are read as pixels.
    assert f"{each} taps side by side" in notes(Pass.FORWARD, x, w, rest)
    check(x, w, rest)


def test_dilated_taps_of_few_channels_share_a_line_on_planes():
    x, w = integers(2, 6, 18, 40), integers(10, 3, 2, 5)
    rest = ([1, 2], [3, 4], [3, 2], False, [0, 0], 2)
    assert "5 taps side by side" in notes(Pass.FORWARD, x, w, rest)
    check(x, w, rest)


@pytest.mark.parametrize("size", [(13, 14), (2, 9, 11)], ids=["2-d", "3-d"])
def test_taps_that_read_only_gaps_are_left_out(size):
    # Twelve rows away there is no row for most positions.
    x, w = integers(3, 40, *size), integers(20, 40, *[3] * len(size))
    rest = ([1] * len(size), [8] * len(size), [8] * len(size), False, [0] * len(size), 1)
    check(x, w, rest)


@LAYOUTS
def test_taps_that_read_only_gaps_are_left_out_of_bands(small_caches, layout):
    x, w = integers(9, 20, 29, 28, layout=layout), integers(20, 20, 3, 3)
    check(x, w, ([1, 1], [8, 8], [8, 8], False, [0, 0], 1))


@LAYOUTS
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 3e38])
@pytest.mark.parametrize("channels", [3, 20])
def test_special_values_in_bands_are_pytorchs(small_caches, channels, bad, layout):
    torch.manual_seed(1)
    x, w = torch.randn(2, channels, 41, 47).to(memory_format=layout), torch.randn(23, channels, 3, 3)
    gy, rest = torch.randn(2, 23, 41, 47).to(memory_format=layout), ([1, 1], [1, 1], [1, 1], False, [0, 0], 1)
    passes = {
        "amx": lambda: (
            torch.convolution(x, w, None, *rest), backward(gy, x, w, None, *rest, [True, False, False])[0]
        ),
        "amx_weights": lambda: (backward(gy, x, w, None, *rest, [False, True, False])[1],),
    }  # fmt: skip
    for tensor in (x, w, gy):
        kept, tensor[1, 2, 1, 2] = tensor[1, 2, 1, 2].clone(), bad
        for name, run in passes.items():
            expected = run()
            with capped(LEVEL), tilewise.enabled(), algorithms.only(name):
                for mine, right in zip(run(), expected, strict=True):
                    assert torch.equal(mine.isfinite(), right.isfinite())
        tensor[1, 2, 1, 2] = kept


@LAYOUTS
@pytest.mark.parametrize("shared", [True, False])
def test_the_same_bits_for_any_number_of_threads(shared, layout, request):
    if not shared:
        request.getfixturevalue("small_caches")
    torch.manual_seed(0)
    x, w = torch.randn(2, 20, 41, 47).to(memory_format=layout), torch.randn(23, 20, 3, 3)
    gy, rest = torch.randn(2, 23, 41, 47).to(memory_format=layout), ([1, 1], [1, 1], [1, 1], False, [0, 0], 1)

    def run():
        with capped(LEVEL), tilewise.enabled():
            with algorithms.only("amx"):
                y = torch.convolution(x, w, None, *rest)
                gx = backward(gy, x, w, None, *rest, [True, False, False])[0]
            with algorithms.only("amx_weights"):
                return y, gx, backward(gy, x, w, None, *rest, [False, True, False])[1]

    same_for_any_threads(run)


@pytest.mark.parametrize("name", ["amx", "amx_weights"])
def test_bands_stay_in_their_memory(name):
    """The guarded run of all algorithms, with tensors packed by tickets."""
    code = """
        import sys
        from tests.algorithms.guarded_run import main
        from tilewise.algorithms.amx import layout as amx_layout
        from tilewise.algorithms.amx import weights_layout as amx_weights_layout
        amx_layout.SHARED_BYTES = amx_weights_layout.SHARED_BYTES = 0
        amx_weights_layout._LEAST_SPANS = 1
        main(*sys.argv[1:])
    """
    result = run_python(code, LEVEL, name, "40")
    assert result.returncode == 0, f"status {result.returncode} after\n{result.stderr[-3000:]}"
    assert int(result.stdout) > 10, "too few passes ran to show anything"
