"""Calls that run without Python see every change of settings, and are never an old plan's."""

import pytest
import torch

import tilewise
from tests.support.convolutions import Setting
from tests.support.direct import NEEDS_DIRECT, in_python, small
from tests.support.isa import capped
from tilewise import algorithms
from tilewise.torch_ops import direct, dispatch

pytestmark = NEEDS_DIRECT


def test_settings_are_seen(known):
    x, w, b = small()

    def call():
        return torch.conv2d(x, w, b)

    assert not known(call)
    assert known(call)
    with tilewise.precision("medium"):
        assert not known(call)
        assert known(call)
    assert known(call)
    with capped("generic"):
        assert not known(call)  # the environment is read again
        assert not known(call)  # planned for the new level
        assert known(call)
        with capped("avx2"):
            assert not known(call)
        assert not known(call)
        assert known(call)
    assert not known(call)
    assert known(call)
    with algorithms.only("reference"):
        assert not known(call)
        assert known(call)
    with algorithms.only("native"):
        assert not known(call)
        assert not known(call)
    assert known(call)
    # The layout of results depends on it.
    torch._C._set_mkldnn_enabled(False)
    try:
        assert not known(call)
    finally:
        torch._C._set_mkldnn_enabled(True)
    assert known(call)
    tilewise.disable()
    before = dispatch.counts()
    call()
    assert dispatch.counts() == before
    tilewise.enable()
    assert known(call)


def test_variables_of_others_cost_one_call(known, monkeypatch):
    x, w, b = small()
    torch.conv2d(x, w, b)
    for change in (
        lambda: monkeypatch.setenv("TILEWISE_TEST_OTHER", "1"),
        lambda: monkeypatch.setenv("TILEWISE_TEST_OTHER", "22"),
        lambda: monkeypatch.delenv("TILEWISE_TEST_OTHER"),
    ):
        dispatch._direct.refresh()
        torch.conv2d(x, w, b)
        change()
        torch.conv2d(x, w, b)
        assert known(lambda: torch.conv2d(x, w, b))


def test_a_wrong_cap_is_said(known, monkeypatch):
    x, w, b = small()
    torch.conv2d(x, w, b)
    monkeypatch.setenv("TILEWISE_ISA", "avx9")
    with pytest.raises(ValueError, match="avx9"):
        torch.conv2d(x, w, b)


def test_the_number_of_threads(known):
    setting = Setting((16, 16, 4), (3, 3, 3), 2, 8, 8)
    x, w, b, _ = setting.normals()
    right = setting.forward(x, w, b)
    for threads in (2, 1, 3):
        torch.set_num_threads(threads)
        for _ in range(3):
            assert torch.equal(setting.forward(x, w, b), right)


def test_tracing_sees_pytorchs_operator(known):
    x, w, b = small()
    torch.conv2d(x, w, b)
    traced = torch.jit.trace(lambda x: torch.conv2d(x, w, b), (x,))
    assert "aten::_convolution" in str(traced.graph)
    torch.testing.assert_close(traced(x), torch.conv2d(x, w, b))


def test_without_pytorchs_interface(monkeypatch):
    """Python's kernels stand alone, and do the same."""
    monkeypatch.setattr(direct, "why_not", lambda: "a test")
    setting = Setting((7, 6), (3, 2), groups=2)
    tensors = setting.normals()
    right = setting.passes(*tensors)
    with tilewise.disabled(), tilewise.enabled():
        before = in_python()
        for _ in range(2):
            for what, mine in setting.passes(*tensors).items():
                torch.testing.assert_close(mine, right[what])
        assert in_python() == before + 6
        with pytest.raises(RuntimeError, match="expected input"):
            torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 3, 3, 3))
