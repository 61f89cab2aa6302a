"""Depthwise and narrow groups: every pass, role, type and layout against PyTorch in float64."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tilewise
from tests.support.isa import capped
from tests.support.tiles import problem_of
from tilewise import algorithms
from tilewise.algorithms.group import group_channels, group_channels_weights
from tilewise.problem import Pass
from tilewise.torch_ops import dispatch

FORMATS = {1: torch.contiguous_format, 2: torch.channels_last, 3: torch.channels_last_3d}
# Of the largest absolute value of the result.
TOLERANCE = {torch.float32: 2e-6, torch.float64: 2e-14, torch.bfloat16: 8e-3, torch.float16: 1e-3}


@dataclass(frozen=True)
class Case:
    """One convolution; channels are (source, destination) of a group."""

    batch: int
    groups: int
    channels: tuple[int, int]
    size: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    transposed: bool
    channels_last: bool
    dtype: torch.dtype
    bias: bool

    @property
    def arguments(self):
        axes = len(self.size)
        return (self.stride, self.padding, self.dilation, self.transposed, (0,) * axes, self.groups)

    def tensors(self):
        """Input, weight and bias."""
        torch.manual_seed(0)
        inner, outer = self.channels
        x = torch.randn(self.batch, self.groups * inner, *self.size).to(self.dtype)
        first, second = (self.groups * inner, outer) if self.transposed else (self.groups * outer, inner)
        w = torch.randn(first, second, *self.kernel).to(self.dtype)
        if self.channels_last:
            x = x.contiguous(memory_format=FORMATS[len(self.size)])
        return x, w, torch.randn(self.groups * outer).to(self.dtype) if self.bias else None


@st.composite
def cases(draw):
    axes = draw(st.sampled_from([1, 2, 2, 2, 3]))

    def each(values):
        return tuple(draw(st.sampled_from(values)) for _ in range(axes))

    kernel, stride, dilation = each([1, 2, 3, 3, 5, 7]), each([1, 1, 2, 3]), each([1, 1, 2, 3])
    transposed = draw(st.booleans())
    padding = tuple(draw(st.integers(0, (k - 1) * d)) for k, d in zip(kernel, dilation, strict=True))
    least = [
        1 if transposed else max(1, (k - 1) * d + 1 - 2 * p) for k, d, p in zip(kernel, dilation, padding, strict=True)
    ]
    if transposed:
        least = [max(1, 2 * p - (k - 1) * d) for k, d, p in zip(kernel, dilation, padding, strict=True)]
        least = [-(-m // s) + 1 for m, s in zip(least, stride, strict=True)]
    size = tuple(m + draw(st.integers(0, 40 if axes < 3 else 8)) for m in least)
    return Case(
        draw(st.sampled_from([1, 2])), draw(st.sampled_from([2, 3, 17, 33])),
        draw(st.sampled_from([(1, 1), (1, 1), (1, 2), (2, 1), (4, 4), (8, 8), (2, 6)])),
        size, kernel, stride, padding, dilation, transposed, axes > 1 and draw(st.booleans()),
        draw(st.sampled_from([torch.float32, torch.float32, *TOLERANCE])), draw(st.booleans()),
    )  # fmt: skip


def gradients(case, grad, x, w, wanted):
    return torch.ops.aten.convolution_backward(grad, x, w, None, *case.arguments, [*wanted, False])


def close(result, expected, dtype):
    scale = max(expected.abs().max().item(), 1e-3)
    return (result.double() - expected).abs().max().item() <= TOLERANCE[dtype] * scale


def check(case, only=None):
    """Every pass of a case that a generated kernel takes, against float64; returns how many that were."""
    x, w, bias = case.tensors()
    wide = [None if t is None else t.double() for t in (x, w, bias)]
    # Not of the tensors themselves: PyTorch 2.13's own 16-bit convolutions may end the process.
    grad = torch.randn(torch.convolution(*wide, *case.arguments).shape).to(case.dtype)
    if case.channels_last:
        grad = grad.contiguous(memory_format=FORMATS[len(case.size)])
    passes = (
        lambda grad, x, w, bias: torch.convolution(x, w, bias, *case.arguments),
        lambda grad, x, w, bias: gradients(case, grad, x, w, (True, False))[0],
        lambda grad, x, w, bias: gradients(case, grad, x, w, (False, True))[1],
    )
    ran = 0
    for run in passes:
        before = dispatch.counts()["generated"]
        with tilewise.enabled(), algorithms.only(only) if only else contextlib.nullcontext():
            result = run(grad, x, w, bias)
        if dispatch.counts()["generated"] > before:
            ran += 1
            assert close(result, run(grad.double(), *wide), case.dtype)
    return ran


@pytest.fixture(autouse=True)
def one_thread():
    """Small problems, and tests that run beside each other: threads would only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


ROWS = ["group_rows", "group_rows_weights"]
CHANNELS = ["group_channels", "group_channels_weights"]


@pytest.mark.parametrize("name", [*ROWS, *CHANNELS])
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=cases())
def test_equals_pytorch(name, case):
    check(case, name)


def depthwise(**changes):
    plain = {
        "batch": 2, "groups": 19, "channels": (1, 1), "size": (20, 37), "kernel": (3, 3), "stride": (1, 1),
        "padding": (1, 1), "dilation": (1, 1), "transposed": False, "channels_last": False, "dtype": torch.float32,
        "bias": True,
    }  # fmt: skip
    return Case(**{**plain, **changes})


VARIETIES = {
    "plain": {},
    "stride 2": {"stride": (2, 2), "kernel": (5, 5), "padding": (2, 2)},
    "transposed": {"stride": (2, 2), "kernel": (4, 4), "transposed": True},
    "dilated": {"dilation": (2, 3), "padding": (2, 3)},
    "tall kernel": {"kernel": (31, 3), "padding": (15, 1)},
    "signal": {"size": (300,), "kernel": (31,), "padding": (15,), "stride": (1,), "dilation": (1,)},
    "volume": {"size": (5, 9, 18), "kernel": (3,) * 3, "padding": (1,) * 3, "stride": (1,) * 3, "dilation": (1,) * 3},
    "multiplier": {"channels": (1, 3)},
    "groups of 4": {"channels": (4, 4)},
}


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("variety", VARIETIES)
def test_chosen_for_depthwise_and_narrow_groups(variety, channels_last):
    case = depthwise(**VARIETIES[variety], channels_last=channels_last and variety != "signal")
    wanted = CHANNELS if case.channels_last else ROWS
    for name in wanted:
        assert check(case, name) == (2 if name == wanted[0] else 1)


@pytest.mark.parametrize("level", ["generic", "avx2"])
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_lower_instruction_sets(monkeypatch, level, channels_last, dtype):
    monkeypatch.setenv("TILEWISE_ISA", level)
    for changes in ({}, {"stride": (2, 2), "kernel": (5, 4)}, {"channels": (4, 4)}):
        check(depthwise(channels_last=channels_last, dtype=dtype, **changes))


@pytest.mark.parametrize("level", ["", "avx2", "generic"])
@pytest.mark.parametrize(
    "changes",
    [
        {"size": (2, 90), "kernel": (2, 31), "padding": (1, 15)},
        {"size": (2, 61), "kernel": (1, 26), "padding": (0, 3), "stride": (1, 2), "dilation": (1, 2)},
        {"size": (3, 40), "kernel": (3, 28), "padding": (1, 30), "channels": (2, 2), "groups": 5},
        {"size": (1, 50), "kernel": (1, 64), "padding": (0, 33), "dtype": torch.bfloat16},
    ],
)
def test_rows_of_taps_that_fit_no_registers_are_summed_in_parts(monkeypatch, level, changes):
    """The last part has fewer taps, and parts reach past the row on either side."""
    monkeypatch.setenv("TILEWISE_ISA", level)
    for channels_last in (False, True):
        assert check(depthwise(**changes, channels_last=channels_last), "group_channels_weights") == 1


@pytest.mark.parametrize(
    ("channels_last", "channels", "read", "written"),
    [(True, 1, "read in place", "written in place"),
     (False, 1, "copied in blocks of channels", "written in blocks of channels and copied"),
     (False, 3, "turned to channels-last", "written channels-last and turned")],
)  # fmt: skip
def test_plans_tell_where_tensors_are_read_and_written(channels_last, channels, read, written):
    case = depthwise(channels=(channels, channels), groups=32, channels_last=channels_last)
    x, w, _ = case.tensors()
    with capped("generic") as host:
        notes = [
            algorithm.plan(problem_of(kind, x, w, case.arguments), host).notes
            for algorithm, kind in ((group_channels, Pass.FORWARD), (group_channels_weights, Pass.WEIGHT_GRADIENT))
        ]
    assert notes[0] == (f"source {read}", f"result {written}")
    assert notes[1][:2] == (f"window tensor {read}", f"point tensor {read}")


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("channels", [(1, 1), (4, 4)])
def test_bits_do_not_depend_on_threads(channels_last, channels):
    case = depthwise(channels_last=channels_last, channels=channels, batch=5, size=(40, 40))
    x, w, bias = case.tensors()
    results = []
    for threads in (1, 2, 2):
        torch.set_num_threads(threads)
        with tilewise.enabled():
            y = torch.convolution(x, w, bias, *case.arguments)
            results.append((y, *gradients(case, y, x, w, (True, True))[:2]))
    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            assert torch.equal(one, two)


def test_neighbours_of_padding_may_be_anything():
    """Rows are read under masks: what follows a row must not come into its sums, not even times zero."""
    case = depthwise(bias=False, size=(9, 21))
    x, w, _ = case.tensors()
    x[:, :, 4, 0] = float("inf")
    x[:, :, 5, -1] = float("nan")
    expected = torch.convolution(x, w, None, *case.arguments)
    with tilewise.enabled():
        y = torch.convolution(x, w, None, *case.arguments)
    assert torch.equal(expected.isfinite(), y.isfinite())


def test_one_kernel_serves_all_image_sizes():
    from tilewise.jit import loader

    with tilewise.enabled():
        for channels_last in (False, True):
            seen = []
            for size in range(5, 60, 6):
                case = depthwise(size=(size, size + 3), channels_last=channels_last, batch=1 + size % 2)
                x, w, bias = case.tensors()
                y = torch.convolution(x, w, bias, *case.arguments)
                gradients(case, y, x, w, (True, True))
                seen.append(len(loader._addresses))
            assert seen[-1] == seen[0]


@pytest.mark.parametrize("channels", [(1, 1), (4, 4)])
@pytest.mark.parametrize("what", ["weight", "input", "gradient"])
def test_infinities_meet_no_padding_in_channels_last(what, channels):
    """Taps outside are skipped: an infinite factor of theirs must not become NaN."""
    case = depthwise(bias=False, channels=channels, channels_last=True, size=(9, 21), groups=6)
    x, w, _ = case.tensors()
    grad = torch.randn_like(x)
    {"weight": w, "input": x, "gradient": grad}[what][0, 0, 0, 0] = float("inf")
    for run, name in (
        (lambda: torch.convolution(x, w, None, *case.arguments), CHANNELS[0]),
        (lambda: gradients(case, grad, x, w, (True, False))[0], CHANNELS[0]),
        (lambda: gradients(case, grad, x, w, (False, True))[1], CHANNELS[1]),
    ):
        expected = run()
        with tilewise.enabled(), algorithms.only(name):
            result = run()
        assert torch.equal(expected.isfinite(), result.isfinite())
        assert torch.equal(expected.isnan(), result.isnan())
