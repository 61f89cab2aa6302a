"""`winograd` of any taps: how they are cut into runs of two and three, and what kernels make of each kind of cut."""

from __future__ import annotations

import functools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import tilewise
from tests.support.accuracy import assert_right
from tests.support.isa import available_levels, capped
from tests.support.tiles import problem_of
from tilewise import algorithms
from tilewise.algorithms.winograd import winograd
from tilewise.algorithms.winograd.runs import short_runs
from tilewise.algorithms.winograd.tiles import short_tilings
from tilewise.geometry import Phase, forward_phase, input_gradient_phases
from tilewise.problem import Pass
from tilewise.runtime.workspace import fill_free_workspaces

# Tiles and pairs of bfloat16 have no part in it.
LEVELS = [level for level in available_levels() if level in ("generic", "avx2", "avx512")]
SETTINGS = st.tuples(
    st.integers(1, 12), st.integers(1, 9), st.integers(1, 4), st.integers(0, 4), st.integers(1, 4), st.booleans()
)


def phases(count, kernel, stride, padding, dilation, scatter) -> tuple[Phase, ...]:
    if scatter:
        return input_gradient_phases(count, kernel, stride, padding, dilation)
    return (forward_phase(count, kernel, stride, padding, dilation),)


@given(SETTINGS)
def test_each_tap_is_in_one_run_and_tiles_read_where_their_taps_do(settings):
    for phase in phases(*settings):
        cut, offsets = short_runs(phase), dict(phase.taps)
        assert sorted(tap for run in cut.runs for tap in run.taps) == sorted(offsets)
        if not cut.axis.transformed:
            continue
        assert cut.step < phase.count  # or the two outputs of a tile never both exist
        for run in cut.runs:
            assert run.offset == offsets[run.taps[0]] and len(run.taps) <= cut.axis.taps
            # Output i of a tile is `step` further, and its tap t reads what input i + t of the tile is.
            for i in range(cut.axis.outputs):
                for t, tap in enumerate(run.taps):
                    apart = cut.step * phase.read_step
                    assert i * apart + offsets[tap] == run.offset + (i + t) * apart


def settings_of(kernel, stride=1, padding=0, dilation=1, transposed=False):
    """(stride, padding, dilation, transposed, output padding, groups) of 2-d convolution, and the kernel."""
    pairs = [list(x) if isinstance(x, tuple) else [x, x] for x in (stride, padding, dilation)]
    return kernel, (*pairs, transposed, [0, 0], 1)


# What PyTorch is given, and the products for the outputs of a tile beside those of direct sums, phase by phase.
CASES = {
    "two by two": (settings_of((2, 2)), ["9 products for 16"]),
    "three by three": (settings_of((3, 3), padding=1), ["16 products for 36"]),
    "five by five": (settings_of((5, 5), padding=2), ["49 products for 100"]),
    "one by seven": (settings_of((1, 7), padding=(0, 3)), ["10 products for 14"]),
    "seven by one": (settings_of((7, 1), padding=(3, 0)), ["10 products for 14"]),
    "eleven by four": (settings_of((11, 4), padding=(5, 1)), ["90 products for 176"]),
    "stride two": (settings_of((3, 3), stride=2, padding=1), ["25 products for 36"]),
    "stride two, even": (settings_of((4, 4), stride=2, padding=1), ["36 products for 64"]),
    "stride one and two": (settings_of((5, 10), stride=(1, 2), padding=1), None),
    "dilated": (settings_of((3, 4), padding=3, dilation=(2, 3)), None),
    "dilated at stride two": (settings_of((3, 3), stride=2, padding=3, dilation=3), ["25 products for 36"]),
    "stride three, far apart": (settings_of((7, 4), stride=(3, 2), padding=2, dilation=(1, 3)), None),
    "transposed": (settings_of((4, 4), stride=2, padding=1, transposed=True), ["9 products for 16"]),
    "transposed, odd": (settings_of((3, 5), stride=2, padding=1, transposed=True), None),
}


@pytest.mark.parametrize("name", [name for name, (_, told) in CASES.items() if told])
def test_products_saved(name):
    (kernel, rest), told = CASES[name]
    x, w = torch.empty(1, 8, 30, 30), torch.empty(8, 8, *kernel)
    problem = problem_of(Pass.FORWARD, x, w, rest)
    assert list(dict.fromkeys(tiling.share for tiling in short_tilings(problem))) == told


@pytest.mark.parametrize("name", CASES)
def test_a_product_is_summed_over_the_runs_that_have_it(name):
    """Those of infinity only over runs that are not short; all of a product's are neighbours."""
    (kernel, rest), _ = CASES[name]
    x, w = torch.empty(1, 8, 30, 30), torch.empty(8, 8, *kernel)
    for kind in (Pass.FORWARD, Pass.INPUT_GRADIENT):
        for tiling in short_tilings(problem_of(kind, x, w, rest)):
            rows, columns = tiling.tile.rows, tiling.tile.inputs
            for number, (first, last) in enumerate(tiling.uses.tolist()):
                row, column = divmod(number, columns)
                has = [
                    (row < rows - 1 or tiling.high.whole(high)) and (column < columns - 1 or tiling.wide.whole(wide))
                    for _, high, wide in tiling.direct
                ]
                assert has == [first <= run < last for run in range(len(has))]


# Tails of channels, and tiles that are cut off both ways.
@pytest.mark.parametrize(
    ("layout", "inputs", "outputs", "size"),
    [(torch.contiguous_format, 20, 33, (23, 30)), (torch.channels_last, 8, 70, (16, 41))],
    ids=["planes", "pixels"],
)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", CASES)
def test_sums_of_integers_are_exact(name, level, layout, inputs, outputs, size):
    (kernel, rest), _ = CASES[name]
    torch.manual_seed(len(name))
    draw = functools.partial(torch.randint, -2, 3)
    x = draw((2, inputs, *size)).float().contiguous(memory_format=layout)
    transposed = rest[3]
    w = draw((inputs, outputs, *kernel) if transposed else (outputs, inputs, *kernel)).float()
    b = draw((outputs,)).float()
    right = torch.convolution(x.double(), w.double(), b.double(), *rest)
    gy = draw(right.shape).float().contiguous(memory_format=layout)
    backward = functools.partial(torch.ops.aten.convolution_backward, bias_sizes=None, output_mask=[True, False, False])
    names = ("stride", "padding", "dilation", "transposed", "output_padding", "groups")
    settings = dict(zip(names, rest, strict=True))
    gradient = backward(gy.double(), x.double(), w.double(), **settings)[0]
    for kind, wanted, run in (
        (Pass.FORWARD, right, lambda: torch.convolution(x, w, b, *rest)),
        (Pass.INPUT_GRADIENT, gradient, lambda: backward(gy, x, w, **settings)[0]),
    ):
        with capped(level) as host, tilewise.enabled(), algorithms.only("winograd"):
            # Or PyTorch's kernel would answer.
            assert winograd.why_not(problem_of(kind, x, w, rest), host) is None
            fill_free_workspaces(0xFF)
            assert_right(run(), wanted, "winograd", f"{kind.value} of {inputs} to {outputs} on {size}, {name}")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (settings_of((1, 1)), "no two of its outputs read the same"),
        (settings_of((2, 2), stride=2), "no two of its outputs read the same"),
        (settings_of((3, 3), dilation=40, padding=40), "no two of its outputs read the same"),
        (settings_of((17, 17), padding=8), "more than 32 runs"),
        (settings_of((11, 11), padding=10), "read only padding"),
        (settings_of((2, 1), stride=3, transposed=True), "read nothing"),
        (settings_of((9, 9), stride=5, transposed=True), "at most 16 phases"),
    ],
)
def test_reasons(settings, why):
    kernel, rest = settings
    problem = problem_of(Pass.FORWARD, torch.empty(1, 8, 10, 10), torch.empty(8, 8, *kernel), rest)
    with capped("generic") as host:
        assert why in (winograd.why_not(problem, host) or "")
