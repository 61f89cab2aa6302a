"""The precision of float32: a setter, a context manager, and an error that lists the levels."""

import threading

import pytest

import tilewise
from tilewise.torch_ops import precision_level


@pytest.fixture(autouse=True)
def as_before():
    before = precision_level()
    yield
    tilewise.precision(before)


def test_the_default():
    assert precision_level() == "highest"


def test_the_setter():
    for level in ("high", "medium", "highest"):
        tilewise.precision(level)
        assert precision_level() == level


def test_the_context_manager():
    with tilewise.precision("high"):
        assert precision_level() == "high"
        with tilewise.precision("medium"):
            assert precision_level() == "medium"
        assert precision_level() == "high"
    assert precision_level() == "highest"


def test_one_manager_entered_again():
    high = tilewise.precision("high")
    for before in ("highest", "medium", "high"):
        tilewise.precision(before)
        with high:
            assert precision_level() == "high"
            with high:
                assert precision_level() == "high"
            assert precision_level() == "high"
        assert precision_level() == before


def test_an_exception_restores_the_level():
    with pytest.raises(KeyError), tilewise.precision("medium"):
        raise KeyError
    assert precision_level() == "highest"


@pytest.mark.parametrize("level", ["", "low", "HIGH", "float32", None, 3, True])
def test_other_levels_are_refused(level):
    with pytest.raises(ValueError, match=r"'highest', 'high', 'medium'") as error:
        tilewise.precision(level)
    assert repr(level) in str(error.value)
    assert precision_level() == "highest"


def test_it_holds_for_other_threads():
    """PyTorch computes gradients on threads of its own."""
    seen = []
    with tilewise.precision("medium"):
        thread = threading.Thread(target=lambda: seen.append(precision_level()))
        thread.start()
        thread.join()
    assert seen == ["medium"]
