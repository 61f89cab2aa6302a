"""Calls that run without Python raise PyTorch's exceptions, and pass on all others as they are."""

import pytest
import torch

import tilewise
from tests.support.direct import NEEDS_DIRECT, small
from tests.support.processes import output_of
from tilewise.torch_ops import dispatch

pytestmark = NEEDS_DIRECT


WRONG = {
    "channels": lambda: torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 3, 3, 3)),
    "kernel": lambda: torch.conv2d(torch.ones(1, 4, 2, 2), torch.ones(4, 4, 3, 3)),
    "stride": lambda: torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 4, 3, 3), stride=0),
    "padding": lambda: torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 4, 3, 3), padding=-1),
    "bias": lambda: torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 4, 3, 3), torch.ones(3)),
    "dtypes": lambda: torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 4, 3, 3).double()),
    "many axes": lambda: torch.ops.aten.convolution(
        torch.ones(1, 1, 4, 4, 4, 4), torch.ones(1, 1, 2, 2, 2, 2), None, [1], [0], [1], False, [0], 1
    ),
    "not implemented": lambda: torch.conv2d(torch.ones(1, 4, 8, 8).bool(), torch.ones(4, 4, 3, 3).bool()),
    "sparse": lambda: torch.conv2d(torch.ones(1, 4, 8, 8).to_sparse(), torch.ones(4, 4, 3, 3)),
    "device": lambda: torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 4, 3, 3, device="meta")),
    "gradient": lambda: torch.ops.aten.convolution_backward(
        torch.ones(1, 4, 5, 5), torch.ones(1, 4, 8, 8), torch.ones(4, 4, 3, 3), None, [1, 1], [0, 0], [1, 1], False,
        [0, 0], 1, [True, True, False],
    ),
}  # fmt: skip


def _raised(call):
    try:
        call()
    except Exception as error:
        return type(error), str(error)
    return None


@pytest.mark.parametrize("name", WRONG)
def test_pytorchs_own_words(name, tilewise_on):
    with tilewise.disabled():
        right = _raised(WRONG[name])
    for _ in range(2):
        assert _raised(WRONG[name]) == right


@pytest.mark.parametrize("kind", [KeyboardInterrupt, ValueError, MemoryError, SystemExit])
def test_any_exception_comes_through_as_it_is(kind, known, monkeypatch):
    x, w, b = small()
    error = kind("of a test")

    def fail(*_):
        raise error

    monkeypatch.setattr(dispatch.Prepared, "forward", fail)
    with pytest.raises(kind) as caught:
        torch.conv2d(x, w, b)
    assert caught.value is error
    monkeypatch.undo()
    torch.conv2d(x, w, b)
    assert known(lambda: torch.conv2d(x, w, b))


def test_an_exception_of_a_gradient_reaches_the_one_who_asked(known, monkeypatch):
    x, w, b = (t.requires_grad_() for t in small())
    y = torch.conv2d(x, w, b)
    error = ValueError("of a test")

    def fail(*_):
        raise error

    monkeypatch.setattr(dispatch.Prepared, "backward", fail)
    with pytest.raises(ValueError, match="of a test"):
        y.sum().backward()


def test_where_operators_of_subclasses_are_switched_off(tilewise_on):
    """What raises is a tensor subclass's operator; then PyTorch raises its own error with the same words."""
    key = torch._C.DispatchKeySet(torch._C.DispatchKey.Python)
    guard = torch._C._ExcludeDispatchKeyGuard(key)
    try:
        raised = _raised(WRONG["channels"])
    finally:
        del guard
    assert raised == _raised(WRONG["channels"])


def test_no_memory_for_a_result():
    code = """
        import resource, torch, tilewise
        torch.set_num_threads(1)
        tilewise.enable()
        x, w = torch.ones(1, 1, 1).expand(1, 1, 1 << 27), torch.ones(1, 1, 1)
        torch.conv1d(x, w)
        with open("/proc/self/statm") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + (1 << 28), resource.RLIM_INFINITY))
        try:
            torch.conv1d(x, w)
        except RuntimeError as error:
            print("allocate" in str(error))
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(torch.conv1d(x, w).shape[2] == 1 << 27)
    """
    assert output_of(code).split() == ["True", "True"]
