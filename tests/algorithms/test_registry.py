"""The choice among algorithms: the cheapest that applies, and a reason for every other."""

import dataclasses

import pytest

from tests.support.isa import capped
from tilewise import algorithms
from tilewise.algorithms.common import limits
from tilewise.errors import ArgumentError
from tilewise.problem import ConvProblem, Pass, TensorSpec


def _planes(channels, *spatial):
    d, h, w = spatial
    return TensorSpec((1, channels, d, h, w), (channels * d * h * w, d * h * w, h * w, w, 1))


def _problem(**changes):
    image = _planes(8, 1, 14, 14)
    usual = ConvProblem(
        Pass.FORWARD, "float32", "highest", image, image, (1, 3, 3), (1, 1, 1), (0, 1, 1), (1, 1, 1), 1, False, False,
        (72, 9, 9, 3, 1),
    )  # fmt: skip
    return dataclasses.replace(usual, **changes)


@pytest.fixture
def host():
    with capped("generic") as target:
        yield target


@pytest.mark.parametrize("kind", list(Pass))
def test_every_algorithm_is_chosen_or_says_why_not(kind, host):
    choice = algorithms.choose(_problem(kind=kind), host)
    named = dict(choice.passed_over)
    assert choice.plan is not None
    assert choice.plan.algorithm == choice.algorithm
    assert set(named) | {choice.algorithm} == {a.name for a in algorithms.algorithms()} | {algorithms.NATIVE}
    assert choice.algorithm not in named
    assert all(named.values())


def test_the_cheapest_is_chosen(host):
    problem = _problem()
    able = [a for a in algorithms.algorithms() if not a.on_request and a.why_not(problem, host) is None]
    best = min(able, key=lambda a: a.seconds(problem, host))
    assert algorithms.choose(problem, host).algorithm == best.name


def test_only(host):
    for algorithm in algorithms.algorithms():
        with algorithms.only(algorithm.name):
            assert algorithms.selection() == algorithm.name
            assert algorithms.choose(_problem(), host).algorithm in (algorithm.name, algorithms.NATIVE)
    with algorithms.only(algorithms.NATIVE):
        assert algorithms.choose(_problem(), host).plan is None
    assert algorithms.selection() is None


def test_what_would_lose_bits_runs_only_where_it_is_asked_for(host):
    short = _problem(kind=Pass.WEIGHT_GRADIENT)
    assert "49 tiles" in dict(algorithms.choose(short, host).passed_over)["winograd_weights"]
    assert "winograd_weights" not in algorithms.candidates(short, host)
    with algorithms.only("winograd_weights"):
        assert algorithms.choose(short, host).algorithm == "winograd_weights"
    image = _planes(8, 1, 56, 56)
    long = _problem(kind=Pass.WEIGHT_GRADIENT, source=image, destination=image)
    assert "winograd_weights" in algorithms.candidates(long, host)


def test_only_what_exists():
    with pytest.raises(ArgumentError, match=r"there are .*fma.*reference, native"), algorithms.only("winograd9"):
        pass


def test_what_refused_a_call_is_not_asked_again(host):
    first = algorithms.choose(_problem(), host)
    second = algorithms.choose(_problem(), host, frozenset({first.algorithm}))
    assert second.algorithm != first.algorithm
    assert (first.algorithm, "it cannot carry the values of this call") in second.passed_over


LARGE = {
    "contractions": dict(kind=Pass.INPUT_GRADIENT, stride=(1, 100, 100), destination=_planes(8, 1, 1400, 1400)),
    "terms": dict(kernel=(1, 1024, 1024), source=_planes(8, 1, 1100, 1100)),
    "taps along one axis": dict(kernel=(1, 1, limits.MOST_TAPS + 1), source=_planes(8, 1, 14, limits.MOST_TAPS + 14)),
    "positions far": dict(padding=(0, 1 << 60, 1), dilation=(1, 1 << 60, 1)),
    "pixels": dict(destination=_planes(8, 1, 1, limits.MOST_PIXELS + 1)),
}


@pytest.mark.parametrize("what", LARGE)
def test_tables_beyond_bounds_are_refused_at_once(what, host):
    choice = algorithms.choose(_problem(**LARGE[what]), host)
    assert choice.algorithm == algorithms.NATIVE
    assert any(what in why for _, why in choice.passed_over)


def test_scratch_memory_beyond_bounds_is_refused(host):
    problem = _problem(padding=(0, 1 << 16, 1 << 16), stride=(1, 1 << 14, 1 << 14))
    # It copies only the rows and columns that the stride meets.
    choice = algorithms.choose(problem, host, frozenset({"positions"}))
    assert choice.algorithm == algorithms.NATIVE
    assert any("MiB of workspace" in why for _, why in choice.passed_over)
    assert limits.most_workspace(problem) == limits.WORKSPACE_BYTES
