"""`amx` in rounds, of positions or of filters: exact sums of integers in bounded memory."""

import pytest
import torch

import tilewise
from tests.support.isa import capped
from tests.support.processes import run_python
from tests.support.tiles import LAYOUTS, LEVEL, backward, check, integers, plan_of, problem_of, same_for_any_threads
from tilewise import algorithms
from tilewise.algorithms.amx import amx
from tilewise.algorithms.amx import layout as amx_layout
from tilewise.problem import Pass

PASSES = (Pass.FORWARD, Pass.INPUT_GRADIENT)
SAME = ([1, 1], [1, 1], [1, 1], False, [0, 0], 1)


def notes(kind, x, w, rest):
    return " ".join(plan_of(amx, problem_of(kind, x, w, rest)).notes)


@LAYOUTS
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("stride", [1, 2])
def test_rounds_of_positions(many_rounds, dtype, stride, layout):
    # Two widths of blocks of filters; rounds that end in the middle of a row; phases that share what is packed.
    x, w = integers(3, 35, 31, 37, dtype=dtype, layout=layout), integers(55, 35, 3, 3, dtype=dtype)
    rest = ([stride] * 2, [1, 1], [1, 1], False, [0, 0], 1)
    for kind in PASSES:
        assert "rounds of" in notes(kind, x, w, rest)
    check(x, w, rest, PASSES)


@LAYOUTS
@pytest.mark.parametrize("channels", [2, 8])
def test_rounds_of_positions_whose_lines_hold_several_taps(many_rounds, channels, layout):
    x, w = integers(2, channels, 37, 40, layout=layout), integers(33, channels, 3, 7)
    rest = ([1, 1], [1, 3], [1, 1], False, [0, 0], 1)
    assert "side by side rounds of" in notes(Pass.FORWARD, x, w, rest)
    check(x, w, rest, PASSES)


def test_rounds_of_positions_of_groups_in_three_dimensions(many_rounds):
    x, w = integers(3, 2 * 34, 7, 11, 12), integers(2 * 18, 34, 2, 3, 2)
    check(x, w, ([1] * 3, [0, 1, 1], [1] * 3, False, [0] * 3, 2), PASSES)


def test_rounds_of_positions_leave_out_taps_that_read_only_gaps(many_rounds):
    x, w = integers(9, 40, 13, 14), integers(20, 40, 3, 3)
    check(x, w, ([1, 1], [8, 8], [8, 8], False, [0, 0], 1), PASSES)


@LAYOUTS
@pytest.mark.parametrize(("stride", "groups"), [(1, 1), (2, 1), (2, 3)])
def test_rounds_of_filters(many_rounds, stride, groups, layout):
    x, w = integers(2, 130 * groups, 6, 5, layout=layout), integers(150 * groups, 130, 3, 3)
    rest = ([stride] * 2, [1, 1], [1, 1], False, [0, 0], groups)
    for kind in PASSES:
        plan = plan_of(amx, problem_of(kind, x, w, rest))
        # More than packing the source and both widths of filters, a contraction a phase of each, and turning.
        assert len(plan.steps) > 3 + 2 * (stride**2 if kind is Pass.INPUT_GRADIENT else 1) + 1
    check(x, w, rest, PASSES)


@LAYOUTS
def test_tickets_pack_the_filters_of_the_one_phase_that_has_taps(monkeypatch, layout):
    monkeypatch.setattr(amx_layout, "cores", lambda: 1)  # so that there are filters enough for all
    x, w = integers(2, 130, 9, 8, layout=layout), integers(67, 130, 1, 1)
    rest = ([2, 2], [0, 0], [1, 1], False, [0, 0], 1)
    assert "where they are multiplied" in notes(Pass.INPUT_GRADIENT, x, w, rest)
    check(x, w, rest, PASSES)


@LAYOUTS
def test_the_same_bits_for_any_number_of_threads(many_rounds, layout):
    torch.manual_seed(0)
    x, w = torch.randn(3, 35, 31, 37).contiguous(memory_format=layout), torch.randn(55, 35, 3, 3)
    gy = torch.randn(3, 55, 31, 37)

    def run():
        with capped(LEVEL), tilewise.enabled(), algorithms.only("amx"):
            y = torch.convolution(x, w, None, *SAME)
            return y, backward(gy, x, w, None, *SAME, [True, False, False])[0]

    same_for_any_threads(run)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 3e38])
def test_special_values_in_rounds_are_pytorchs(many_rounds, bad):
    torch.manual_seed(1)
    x, w = torch.randn(3, 35, 31, 37), torch.randn(55, 35, 3, 3)
    for place in ((0, 2, 1, 2), (2, 34, 30, 36)):
        kept, x[place] = x[place].clone(), bad
        right = torch.convolution(x, w, None, *SAME)
        with capped(LEVEL), tilewise.enabled(), algorithms.only("amx"):
            assert torch.equal(torch.convolution(x, w, None, *SAME).isfinite(), right.isfinite())
        x[place] = kept


@pytest.mark.parametrize(
    ("shape", "weight", "rest"),
    [
        ((8, 1, 400, 160), (32, 1, 5, 20), ([1, 2], [2, 9], [1, 1], False, [0, 0], 1)),
        ((1, 64, 224, 224), (64, 64, 3, 3), SAME),
        ((4, 256, 56, 56), (256, 256, 4, 4), ([2, 2], [1, 1], [1, 1], False, [0, 0], 1)),
    ],
)
def test_large_tensors_take_little_beside_them(shape, weight, rest):
    x, w = torch.empty(shape, device="meta"), torch.empty(weight, device="meta")
    elements = x.numel() + torch.convolution(x, w, None, *rest).numel()
    for kind in PASSES:
        assert plan_of(amx, problem_of(kind, x, w, rest)).workspace_bytes <= 1.5 * 4 * elements


def test_rounds_stay_in_their_memory():
    """The guarded run of all algorithms, with as many rounds as there can be."""
    code = """
        import sys
        from tests.algorithms.guarded_run import main
        from tilewise.algorithms.amx import layout as amx_layout
        from tilewise.algorithms.common import rounds
        amx_layout.SHARED_BYTES = rounds._SMALL_BYTES = rounds._LEAST_BYTES = amx_layout._FEW_BLOCKS = 0
        amx_layout._BANDS = 10_000
        amx_layout.cores = lambda: 0
        main(*sys.argv[1:])
    """
    result = run_python(code, LEVEL, "amx", "40")
    assert result.returncode == 0, f"status {result.returncode} after\n{result.stderr[-3000:]}"
    assert int(result.stdout) > 10, "too few passes ran to show anything"
