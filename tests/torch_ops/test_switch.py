"""On and off: nested, in the face of exceptions, as decorators, and by default."""

import subprocess
import sys

import pytest
import torch

import tilewise
from tests.support.processes import output_of
from tilewise.torch_ops import dispatch, enable_by_default


@pytest.fixture(autouse=True)
def as_before():
    with tilewise.disabled():
        yield


def _ran_generated():
    before = dispatch.counts()["generated"]
    torch.conv1d(torch.ones(1, 2, 5), torch.ones(3, 2, 3))
    return dispatch.counts()["generated"] > before


def test_enable_and_disable():
    assert not tilewise.is_enabled()
    assert not _ran_generated()
    tilewise.enable()
    tilewise.enable()
    assert tilewise.is_enabled()
    assert _ran_generated()
    tilewise.disable()
    tilewise.disable()
    assert not tilewise.is_enabled()
    assert not _ran_generated()


def test_nesting():
    with tilewise.enabled():
        assert _ran_generated()
        with tilewise.enabled():
            with tilewise.disabled():
                assert not _ran_generated()
                with tilewise.enabled():
                    assert _ran_generated()
                assert not _ran_generated()
            assert _ran_generated()
        assert _ran_generated()
    assert not _ran_generated()


def test_one_manager_entered_twice():
    manager = tilewise.enabled()
    with manager:
        with manager:
            assert tilewise.is_enabled()
        assert tilewise.is_enabled()
    assert not tilewise.is_enabled()


@pytest.mark.parametrize("before", [False, True])
def test_an_exception_leaves_it_as_it_was(before):
    with tilewise.enabled() if before else tilewise.disabled():
        for manager in (tilewise.enabled, tilewise.disabled):
            with pytest.raises(KeyError), manager():
                raise KeyError
            assert tilewise.is_enabled() == before


def test_decorators():
    @tilewise.enabled()
    def on(x, *, y):
        """Its words."""
        return tilewise.is_enabled(), x, y

    @tilewise.disabled()
    def off():
        return tilewise.is_enabled()

    assert on(1, y=2) == (True, 1, 2)
    assert (on.__name__, on.__doc__) == ("on", "Its words.")
    tilewise.enable()
    assert off() is False
    assert tilewise.is_enabled()


def test_decorated_generators_are_switched_while_they_run():
    seen = []

    @tilewise.enabled()
    def numbers(count):
        """Its words."""
        try:
            for number in range(count):
                seen.append(tilewise.is_enabled())
                try:
                    given = yield number
                except KeyError:
                    given = "thrown"
                seen.append((tilewise.is_enabled(), given))
            return "end"
        finally:
            seen.append(tilewise.is_enabled())

    assert (numbers.__name__, numbers.__doc__) == ("numbers", "Its words.")
    steps = numbers(3)
    assert next(steps) == 0
    assert not tilewise.is_enabled()
    assert steps.send("sent") == 1
    assert steps.throw(KeyError()) == 2
    assert not tilewise.is_enabled()
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert end.value.value == "end"
    assert seen == [True, (True, "sent"), True, (True, "thrown"), True, (True, None), True]

    seen.clear()
    steps = numbers(2)
    next(steps)
    with pytest.raises(ValueError, match="passes through"):
        steps.throw(ValueError("passes through"))
    steps = numbers(2)
    next(steps)
    steps.close()
    assert seen == [True] * 4
    assert not tilewise.is_enabled()


def test_a_decorated_function_may_call_itself():
    @tilewise.enabled()
    def countdown(n):
        return tilewise.is_enabled() and (n == 0 or countdown(n - 1))

    assert countdown(3)
    assert not tilewise.is_enabled()


def test_making_a_layer_does_not_enable_what_was_disabled():
    tilewise.disable()
    enable_by_default()
    assert not tilewise.is_enabled()


def test_a_fresh_process_is_enabled_by_default_once_asked():
    code = """
        import tilewise
        from tilewise.torch_ops import enable_by_default
        assert not tilewise.is_enabled()
        enable_by_default()
        assert tilewise.is_enabled()
        with tilewise.disabled():
            enable_by_default()
            assert not tilewise.is_enabled()
        assert tilewise.is_enabled()
    """
    output_of(code)


def test_native_kernels_come_back():
    """After enabling and disabling, PyTorch's results are bit for bit what they were."""
    x, w = torch.randn(2, 3, 9, 9), torch.randn(4, 3, 3, 3)
    before = torch.conv2d(x, w)
    for _ in range(3):
        with tilewise.enabled():
            torch.conv2d(x, w)
    assert torch.equal(torch.conv2d(x, w), before)


def test_importing_tilewise_imports_nothing_heavy():
    code = (
        "import sys, tilewise; print([m for m in ('torch', 'numpy', 'llvmlite', 'rich', 'click') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
