"""What planning costs before a first call: no Python for each tap and channel of a large filter."""

from __future__ import annotations

import cProfile
import dataclasses

import pytest
import torch

import tilewise
from tests.support.accuracy import assert_accurate, assert_exact
from tests.support.convolutions import Setting
from tests.support.isa import capped
from tests.support.layouts import lay_out
from tilewise import algorithms
from tilewise.algorithms import registry
from tilewise.problem import ConvProblem, Pass
from tilewise.torch_ops import describe, layouts
from tilewise.torch_ops.call import Call

FILTERS = {
    "as large as the image": dict(spatial=(500, 500), kernel=(500, 500), batch=1, in_channels=1, out_channels=1),
    "nearly so": dict(spatial=(501, 500), kernel=(500, 499), batch=1, in_channels=1, out_channels=1),
    "many channels": dict(spatial=(40, 40), kernel=(31, 31), padding=(15, 15), in_channels=64, out_channels=64),
    "strided": dict(spatial=(600, 600), kernel=(300, 300), stride=(2, 3), batch=1, in_channels=2, out_channels=2),
    "depthwise": dict(spatial=(200, 200), kernel=(150, 150), in_channels=8, out_channels=8, groups=8),
    "transposed": dict(
        spatial=(3, 3), kernel=(400, 400), padding=(150, 198), in_channels=1, out_channels=1, transposed=True
    ),
    "three axes": dict(spatial=(48, 48, 48), kernel=(40, 40, 40), in_channels=1, out_channels=2),
}  # fmt: skip


def described(setting: Setting, kind: Pass) -> ConvProblem:
    call = Call(
        setting.stride, setting.padding, setting.dilation, setting.transposed, setting.output_padding, setting.groups
    )
    x, y = (
        describe.spec(shape, layouts.strides(shape, False)) for shape in (setting.input_shape, setting.output_shape)
    )
    backwards = kind is Pass.INPUT_GRADIENT or (kind is Pass.WEIGHT_GRADIENT and setting.transposed)
    ends = (y, x) if backwards else (x, y)
    weights = setting.weight_shape
    return describe.problem(
        kind, call, *ends, weights, layouts.strides(weights, False), torch.float32, "highest", False
    )  # fmt: skip


def calls_of(function) -> int:
    profile = cProfile.Profile()
    profile.runcall(function)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("kind", list(Pass), ids=lambda kind: kind.value)
@pytest.mark.parametrize("name", FILTERS)
def test_large_filters_are_not_planned_tap_by_tap(name, kind):
    setting = Setting(**FILTERS[name])
    problem = described(setting, kind)
    terms = problem.taps * max(problem.source_channels, problem.destination_channels)
    with capped("generic") as host:
        choice = algorithms.choose(problem, host)  # makes the kernels' texts
        registry._choose.cache_clear()
        fresh = dataclasses.replace(problem)  # without what the first has kept
        calls = calls_of(lambda: algorithms.choose(fresh, host))
    assert choice.algorithm != algorithms.NATIVE
    assert calls < 5000 + terms // 10


def test_a_result_many_times_its_source_is_not_gathered_from_padding():
    setting = Setting((200, 200), (199, 199), batch=1, in_channels=1, out_channels=1)
    problem = described(setting, Pass.INPUT_GRADIENT)
    assert problem.phase_products > 1000 * problem.multiply_adds
    with capped("generic") as host:
        assert algorithms.choose(problem, host).algorithm == "fma_columns"


LARGE = {
    "as large as the image": dict(spatial=(70, 61), kernel=(70, 61), in_channels=3, out_channels=2),
    "nearly so": dict(spatial=(71, 70), kernel=(70, 68), in_channels=1, out_channels=1),
    "strided": dict(spatial=(90, 90), kernel=(60, 59), stride=(7, 31), padding=(3, 40), in_channels=2, out_channels=3),
    "transposed": dict(
        spatial=(3, 4), kernel=(70, 75), stride=(3, 2), padding=(25, 38), in_channels=2, out_channels=3, transposed=True
    ),
    "a signal": dict(spatial=(5000,), kernel=(3001,), padding=(1000,), in_channels=2, out_channels=1),
}


@pytest.mark.parametrize("layout", ["contiguous", "channels_last"])
@pytest.mark.parametrize("name", LARGE)
def test_large_filters_are_right(name, layout):
    setting = Setting(**LARGE[name])
    x, w, b, gy = (lay_out(t, layout) if t.dim() == 4 else t for t in setting.normals())
    expected = setting.expected(x, w, b, gy)
    with tilewise.enabled():
        for what, result in setting.each_pass(x, w, b, gy):
            assert_accurate(result, expected[what], what)


def test_a_transposed_filter_for_which_pytorch_has_no_memory():
    taps = 300_000
    x, w = (torch.randint(-3, 4, (1, 1, taps)).float() for _ in range(2))  # so that sums are exact
    with tilewise.enabled():
        y = torch.conv_transpose1d(x, w, padding=taps - 3)
    one, other = x.double().flatten(), w.double().flatten().flip(0)
    sums = [one[max(0, i) : taps + i] @ other[max(0, -i) : taps - i] for i in range(-2, 3)]
    assert_exact(y.flatten(), torch.stack(sums))
