"""Fixtures of the tests that call PyTorch with Tilewise under it."""

import pytest
import torch

import tilewise
from tests.support.direct import in_python
from tilewise.torch_ops import dispatch


@pytest.fixture(autouse=True)
def one_thread():
    """One thread, since tests run beside each other; a test of threads sets its own number."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def tilewise_on():
    """Tilewise enabled for one test; its value counts the calls that ran on generated kernels since the test began."""
    before = dispatch.counts()["generated"]
    with tilewise.enabled():
        yield lambda: dispatch.counts()["generated"] - before


@pytest.fixture
def known(tilewise_on):
    """Says of a call whether it ran without Python."""
    dispatch.forget()
    # pytest changes the environment when a test's own code begins; the next call would have to read it again.
    seen = []

    def ran_directly(call):
        if not seen:
            seen.append(dispatch._direct.refresh())
        before, total = in_python(), dispatch.counts()
        call()
        assert dispatch.counts() != total
        return in_python() == before

    return ran_directly
