"""Calls that are known and run without Python: the same results, and never those of another call."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import tilewise
from tests.support.convolutions import Setting
from tests.support.direct import NEEDS_DIRECT, in_python, small
from tests.support.isa import available_levels, capped
from tests.support.layouts import lay_out
from tests.support.strategies import bounded, layouts_for, legal_settings
from tilewise.torch_ops import dispatch

pytestmark = NEEDS_DIRECT


@bounded(150, "direct")
@given(setting=legal_settings(), how=layouts_for(None), bias=st.booleans())
def test_the_second_call_is_the_first(setting, how, bias):
    """Bits, strides, shapes; where the first ran on generated kernels the second runs without Python."""
    x, w, b, gy = setting.normals()
    x, w, gy = (lay_out(t, kind) for t, kind in zip((x, w, gy), how, strict=True))
    b = b if bias else None
    with tilewise.enabled():
        dispatch.forget()
        dispatch._direct.refresh()
        native = dispatch.counts()["native"]
        first = setting.passes(x, w, b, gy)
        native = dispatch.counts()["native"] - native
        before = in_python()
        second = setting.passes(x, w, b, gy)
        if not native:
            assert in_python() == before
    for what, mine in second.items():
        assert torch.equal(mine, first[what]) or mine.isnan().any(), what
        assert mine.stride() == first[what].stride(), what
        assert mine.dtype == first[what].dtype


def test_results_are_new_each_time(known):
    x, w, b = small()
    results = [torch.conv2d(x, w, b) for _ in range(5)]
    assert len({y.data_ptr() for y in results}) == 5
    assert all(torch.equal(y, results[0]) for y in results)


def test_each_part_of_a_description_counts(known):
    """Calls that differ in one thing are different calls."""
    x, w, b = small()
    calls = [
        lambda: torch.conv2d(x, w, b),
        lambda: torch.conv2d(x, w),
        lambda: torch.conv2d(x, w, b, padding=1),
        lambda: torch.conv2d(x, w, b, stride=(1, 2)),
        lambda: torch.conv2d(x, w, b, stride=(2, 1)),
        lambda: torch.conv2d(x, w, b, dilation=2),
        lambda: torch.conv2d(x[:, :, :8], w, b),
        lambda: torch.conv2d(x.to(memory_format=torch.channels_last), w, b),
        lambda: torch.conv2d(x, w.to(memory_format=torch.channels_last), b),
        lambda: torch.conv2d(x.double(), w.double(), b.double()),
        lambda: torch.conv2d(x[:, :1].expand(1, 3, 9, 8), w, b),
        lambda: torch.conv_transpose2d(x, w[:3], b[:3]),
        lambda: torch.conv_transpose2d(x, w[:3], b[:3], stride=2),
        lambda: torch.conv_transpose2d(x, w[:3], b[:3], stride=2, output_padding=1),
        lambda: torch.conv2d(torch.cat([x, x, x, x], 1)[:, :6], w, b, groups=2),
        lambda: torch.conv1d(x[0], w[..., 0], b),
        lambda: torch.conv3d(x[None], w[:, :1, :, :, None], b[:4]),
    ]
    results = []
    for call in calls:
        try:
            assert not known(call)
        except RuntimeError:  # PyTorch refuses the last one's channels
            continue
        results.append((call, call()))
    assert len(results) >= 15
    for call, first in results:
        assert known(call)
        assert torch.equal(call(), first)


def test_with_and_without_gradients(known):
    x, w, b = small()
    right = torch.conv2d(x, w, b)
    for t in (x, w, b):
        t.requires_grad_()
    y = torch.conv2d(x, w, b)
    assert torch.equal(y, right)
    assert y.requires_grad
    with torch.no_grad():
        assert not torch.conv2d(x, w, b).requires_grad
    with torch.inference_mode():
        y = torch.conv2d(x, w, b)
        assert y.is_inference()
        assert torch.equal(y, right)
        assert known(lambda: torch.conv2d(x.clone(), w, b))


@pytest.mark.parametrize("mask", [(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)])
def test_every_mask_of_gradients(mask, known):
    setting = Setting((7, 6), (3, 2))
    x, w, _, gy = setting.normals()
    mask = tuple(map(bool, mask))
    dispatch._direct.refresh()
    first = setting.backward(gy, x, w, mask)
    assert [r is not None for r in first] == list(mask)
    before = in_python()
    second = setting.backward(gy, x, w, mask)
    assert in_python() == before
    for mine, theirs in zip(second, first, strict=True):
        assert (mine is None and theirs is None) or torch.equal(mine, theirs)


def test_a_bias_with_gaps(known):
    x, w, _ = small()
    b = torch.randn(8)[::2]
    for _ in range(3):
        assert torch.equal(torch.conv2d(x, w, b), torch.conv2d(x, w, b.contiguous()))


def test_values_that_an_algorithm_refuses():
    """The job that does the call over is found without Python, too."""
    if "amx-emulated" not in available_levels():
        pytest.skip("tiles are neither here nor emulated")
    x, w = torch.randn(1, 32, 8, 8), torch.randn(32, 32, 3, 3)
    x[0, 0, 0, 0] = float("inf")
    with capped("amx-emulated"), tilewise.enabled():
        dispatch.forget()
        first = torch.conv2d(x, w)
        torch.conv2d(x, w)
        before = in_python()
        assert torch.equal(torch.conv2d(x, w), first)
        assert in_python() == before
