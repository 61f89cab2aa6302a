"""TILEWISE_VERBOSE=1: one line on standard error for each decision, PyTorch's calls included, and none without it."""

import pytest
import torch

import tilewise
from tilewise.torch_ops import dispatch


@pytest.fixture
def said(monkeypatch, capsys):
    """What is said of a call that is prepared anew."""

    def lines(call, verbose="1"):
        monkeypatch.setenv("TILEWISE_VERBOSE", verbose)
        with tilewise.enabled():
            dispatch.forget()
            try:
                call()
                call()  # decided already
            except RuntimeError as error:
                assert "Given groups" in str(error)
        return capsys.readouterr().err.splitlines()

    yield lines
    dispatch.forget()


def test_a_line_for_each_pass_names_the_choice_and_the_reasons(said):
    x, w = torch.ones(2, 4, 9, 9, requires_grad=True), torch.ones(6, 4, 3, 3, requires_grad=True)
    lines = said(lambda: torch.conv2d(x, w).backward(torch.ones(2, 6, 7, 7)))
    assert [line.split(" float32 ")[0] for line in lines] == [
        f"tilewise: {kind}" for kind in ("forward", "input gradient", "weight gradient")
    ]
    for line in lines:
        assert "native: a generated kernel applies" in line and "expected to take" in line


TENSORS = {
    "int32": (torch.ones(1, 1, 4, dtype=torch.int32), torch.ones(1, 1, 2, dtype=torch.int32)),
    "no elements": (torch.ones(0, 1, 4), torch.ones(1, 1, 2)),
    "refuses": (torch.ones(1, 2, 4), torch.ones(1, 1, 2)),
}


@pytest.mark.parametrize("words", TENSORS)
def test_calls_that_are_pytorchs(words, said):
    (line,) = said(lambda: torch.conv1d(*TENSORS[words]))
    assert line.startswith("tilewise: forward ") and ": native (" in line and words in line


def test_silence(said):
    for verbose in ("", "0"):
        assert said(lambda: torch.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2)), verbose) == []
