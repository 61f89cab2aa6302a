"""Weight gradients on tiles in rounds, of positions or of channels: exact sums of integers in bounded memory."""

import pytest
import torch

import tilewise
from tests.support import tiles
from tests.support.isa import capped
from tests.support.processes import run_python
from tests.support.tiles import LAYOUTS, LEVEL, backward, integers, plan_of, problem_of, same_for_any_threads
from tilewise import algorithms
from tilewise.algorithms.amx import amx_weights
from tilewise.algorithms.amx import weights_layout as amx_weights_layout
from tilewise.algorithms.amx.weights_layout import Way
from tilewise.problem import Pass

SAME = ([1, 1], [1, 1], [1, 1], False, [0, 0], 1)
KIND = Pass.WEIGHT_GRADIENT


def planned(x, w, rest):
    """The layout and the plan of a weight gradient."""
    problem = problem_of(KIND, x, w, rest)
    with capped(LEVEL) as host:
        return amx_weights_layout.Layout.of(problem, host), plan_of(amx_weights, problem)


def check(x, w, rest):
    tiles.check(x, w, rest, [KIND])


def gradient(x, w, gy, rest):
    return backward(gy, x, w, None, *rest, [False, True, False])[1]


@LAYOUTS
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("stride", [1, 2])
def test_rounds_of_positions(many_rounds, dtype, stride, layout):
    # 55 channels: two pairs of tiles' columns, or one and a single one; rounds that end in the middle of a row.
    for channels in (23, 55):
        x, w = integers(3, 20, 71, 67, dtype=dtype, layout=layout), integers(channels, 20, 3, 3, dtype=dtype)
        rest = ([stride] * 2, [1, 1], [1, 1], False, [0, 0], 1)
        found, plan = planned(x, w, rest)
        assert found.way is Way.POSITIONS
        assert found.length < found.spans
        assert any("rounds of positions" in note for note in plan.notes)
        check(x, w, rest)


@LAYOUTS
def test_rounds_of_positions_of_groups(many_rounds, layout):
    x, w = integers(3, 3 * 18, 50, 49, layout=layout), integers(3 * 33, 18, 2, 2)
    rest = ([1, 1], [0, 1], [1, 1], False, [0, 0], 3)
    assert planned(x, w, rest)[0].way is Way.POSITIONS
    check(x, w, rest)


@LAYOUTS
@pytest.mark.parametrize(("channels", "groups"), [(200, 1), (129, 1), (48, 3)])
def test_rounds_of_channels(many_rounds, channels, groups, layout):
    x, w = integers(2, 40 * groups, 9, 8, layout=layout), integers(channels * groups, 40, 3, 3)
    rest = (*SAME[:5], groups)
    found, plan = planned(x, w, rest)
    assert found.way is Way.CHANNELS
    # More than packing both tensors, summing and writing each width of blocks.
    assert len(plan.steps) > 2 + 2 * 2
    check(x, w, rest)


def test_rounds_of_a_transposed_convolution(many_rounds):
    x, w = integers(3, 20, 40, 41), integers(20, 33, 3, 3)
    check(x, w, ([2, 2], [1, 1], [1, 1], True, [1, 0], 1))


@LAYOUTS
@pytest.mark.parametrize("size", [(17, 18), (9, 10, 11)], ids=["2-d", "3-d"])
def test_rounds_leave_out_spans_in_which_a_tap_meets_only_gaps(many_rounds, size, layout):
    axes = len(size)
    x, w = integers(9, 20, *size), integers(33, 20, *[3] * axes)
    if axes == 2:
        x = x.contiguous(memory_format=layout)
    rest = ([1] * axes, [6] * axes, [6] * axes, False, [0] * axes, 1)
    assert planned(x, w, rest)[0].live is not None
    check(x, w, rest)


def test_what_dilation_leads_into_gaps_is_not_counted():
    x, w = torch.empty(1, 64, 33, 33, device="meta"), torch.empty(64, 64, 3, 3, device="meta")
    near, far = (problem_of(KIND, x, w, ([1, 1], [d, d], [d, d], False, [0, 0], 1)) for d in (6, 18))
    # Of 33 rows and 18 of gaps all are met by the taps of one row, 15 by the others; all spans would be 1.7 times more.
    assert amx_weights.products(far) < amx_weights.products(near)


@LAYOUTS
@pytest.mark.parametrize("way", [Way.POSITIONS, Way.CHANNELS])
def test_the_same_bits_for_any_number_of_threads(many_rounds, way, layout):
    torch.manual_seed(0)
    sizes = {Way.POSITIONS: ((3, 20, 71, 67), 55), Way.CHANNELS: ((2, 40, 9, 8), 129)}[way]
    x, w = torch.randn(sizes[0]).contiguous(memory_format=layout), torch.randn(sizes[1], sizes[0][1], 3, 3)
    gy = torch.randn(sizes[0][0], sizes[1], *sizes[0][2:])
    assert planned(x, w, SAME)[0].way is way

    def run():
        with capped(LEVEL), tilewise.enabled(), algorithms.only("amx_weights"):
            return (gradient(x, w, gy, SAME),)

    same_for_any_threads(run)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 3e38])
def test_special_values_in_rounds_are_pytorchs(many_rounds, bad):
    torch.manual_seed(1)
    x, w, gy = torch.randn(3, 20, 71, 67), torch.randn(23, 20, 3, 3), torch.randn(3, 23, 71, 67)
    for tensor in (x, gy):
        for place in ((0, 2, 1, 2), (2, 19, 70, 66)):
            kept, tensor[place] = tensor[place].clone(), bad
            right = gradient(x, w, gy, SAME)
            with capped(LEVEL), tilewise.enabled(), algorithms.only("amx_weights"):
                assert torch.equal(gradient(x, w, gy, SAME).isfinite(), right.isfinite())
            tensor[place] = kept


@pytest.mark.parametrize("shape", [(16, 128, 28, 28), (1, 64, 224, 224), (4, 32, 160, 160), (16, 256, 14, 14)])
def test_large_tensors_take_little_beside_them(shape):
    x, w = torch.empty(shape, device="meta"), torch.empty(shape[1], shape[1], 3, 3, device="meta")
    plan = planned(x, w, SAME)[1]
    assert plan.workspace_bytes <= 1.5 * 4 * 2 * x.numel()


def test_many_filters_take_little_beside_small_images():
    x, w = torch.empty(1, 512, 7, 7, device="meta"), torch.empty(512, 512, 3, 3, device="meta")
    assert planned(x, w, SAME)[1].workspace_bytes < w.numel() * 4 / 2


def test_rounds_stay_in_their_memory():
    """The guarded run of all algorithms, with as many rounds as there can be."""
    code = """
        import sys
        from tests.algorithms.guarded_run import main
        from tilewise.algorithms.amx import weights_layout as amx_weights_layout
        from tilewise.algorithms.common import rounds
        amx_weights_layout.SHARED_BYTES = rounds._SMALL_BYTES = rounds._LEAST_BYTES = 0
        amx_weights_layout._BANDS, amx_weights_layout._LEAST_SPANS = 10_000, 1
        amx_weights_layout.cores = lambda: 0  # so that a round is as short as its neighbours allow
        main(*sys.argv[1:])
    """
    result = run_python(code, LEVEL, "amx_weights", "40")
    assert result.returncode == 0, f"status {result.returncode} after\n{result.stderr[-3000:]}"
    assert int(result.stdout) > 10, "too few passes ran to show anything"
