"""The algorithms, and the choice among them: the cheapest that applies; the others say why they were passed over.

The cheapest is what was measured to be (`measured`), where that was done for exactly this problem, else what the cost
models expect to be.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType

from tilewise.algorithms import measured, reference
from tilewise.algorithms.amx import amx, amx_weights, amx_winograd
from tilewise.algorithms.common.limits import most_workspace, too_large
from tilewise.algorithms.common.plan import Plan, WorkspaceTooLarge
from tilewise.algorithms.dot import dot, dot_weights
from tilewise.algorithms.fma import fma, fma_columns, fma_weights, pointwise_weights
from tilewise.algorithms.group import group_channels, group_channels_weights, group_rows, group_rows_weights
from tilewise.algorithms.measured import Measured
from tilewise.algorithms.positions import positions
from tilewise.algorithms.winograd import winograd, winograd4, winograd4_weights, winograd_weights
from tilewise.errors import ArgumentError
from tilewise.problem import ConvProblem, Pass
from tilewise.target import Target

NATIVE = "native"
# A call works on so few images at a time that its workspace stays near this.
WORKSPACE_USUAL = 256 << 20


@dataclass(frozen=True)
class Algorithm:
    """One way to compute convolutions.

    `why_not` gives the reason why it cannot run a problem, or None; `seconds` the time that its cost model
    expects on two cores; `plan` decides everything else. `why_inexact` is the reason why a result would lose more bits
    than `highest` allows, so that the algorithm runs only where `only` names it.
    """

    name: str
    summary: str
    why_not: Callable[[ConvProblem, Target], str | None]
    why_inexact: Callable[[ConvProblem], str | None]
    seconds: Callable[[ConvProblem, Target], float]
    plan: Callable[[ConvProblem, Target], Plan]
    on_request: bool = False  # runs only where `only` names it


@dataclass(frozen=True)
class Choice:
    """The plan chosen (None: PyTorch's own kernel) and, for every other algorithm, why it was passed over.

    `measured` are the times that the choice was made by, in seconds a call; none where it was made by expectation.
    """

    algorithm: str
    plan: Plan | None
    seconds: float
    passed_over: tuple[tuple[str, str], ...]
    measured: tuple[tuple[str, float], ...] = ()


def algorithms() -> tuple[Algorithm, ...]:
    """All algorithms, `native` apart."""
    return _ALGORITHMS


def _algorithm(module: ModuleType, on_request: bool = False) -> Algorithm:
    """An algorithm as its module defines it."""
    why_inexact = getattr(module, "why_inexact", lambda problem: None)
    return Algorithm(module.NAME, module.SUMMARY, module.why_not, why_inexact, module.seconds, module.plan, on_request)


_ALGORITHMS = (
    _algorithm(amx),
    _algorithm(amx_weights),
    _algorithm(amx_winograd),
    _algorithm(dot),
    _algorithm(dot_weights),
    _algorithm(fma),
    _algorithm(fma_columns),
    _algorithm(fma_weights),
    _algorithm(group_rows),
    _algorithm(group_rows_weights),
    _algorithm(group_channels),
    _algorithm(group_channels_weights),
    _algorithm(pointwise_weights),
    _algorithm(positions),
    _algorithm(winograd),
    _algorithm(winograd4),
    _algorithm(winograd_weights),
    _algorithm(winograd4_weights),
    _algorithm(reference, on_request=True),
)
_only: str | None = None
_watching: list[Callable[[], object]] = []


@contextmanager
def only(name: str) -> Iterator[None]:
    """Within the block, for the whole process, choose this algorithm or `native`; for tests and measurements."""
    names = [a.name for a in _ALGORITHMS] + [NATIVE]
    if name not in names:
        raise ArgumentError(f"algorithm {name!r} does not exist; there are {', '.join(names)}")
    before = _only
    _select(name)
    try:
        yield
    finally:
        _select(before)


def _select(name: str | None) -> None:
    global _only
    _only = name
    for told in _watching:
        told()


def watch_selection(told: Callable[[], object]) -> None:
    """Call a function whenever the selection has changed."""
    _watching.append(told)


def selection() -> str | None:
    """The name that `only` has in force: part of any key under which a choice is kept."""
    return _only


def choose(problem: ConvProblem, target: Target, without: frozenset[str] = frozenset(), conditions: str = "") -> Choice:
    """The cheapest algorithm that applies; `without` names some that have refused the data of a call.

    What was measured decides where it was measured under the same `conditions`: the words for all that times depend
    on besides the problem and the target. Without any the choice is by expectation.
    """
    found = measured.find(problem, target, conditions) if conditions and not _only else None
    return _choose(problem, target, _only, without, found)


def candidates(problem: ConvProblem, target: Target) -> tuple[str, ...]:
    """The names of all algorithms that may be chosen for a problem, `native` apart, the one expected to win first."""
    names: list[str] = []
    while (choice := _choose(problem, target, None, frozenset(names), None)).plan is not None:
        names.append(choice.algorithm)
    return tuple(names)


@functools.lru_cache(maxsize=256)
def _choose(
    problem: ConvProblem, target: Target, wanted: str | None, without: frozenset[str], found: Measured | None
) -> Choice:
    passed: list[tuple[str, str]] = []
    able: list[tuple[float, Algorithm]] = []
    limit = too_large(problem)
    for algorithm in _ALGORITHMS:
        if algorithm.name in without:
            passed.append((algorithm.name, "it cannot carry the values of this call"))
        elif reason := _refusal(algorithm, problem, target, wanted, limit):
            passed.append((algorithm.name, reason))
        else:
            able.append((algorithm.seconds(problem, target), algorithm))
    if found and found.algorithm not in {NATIVE, *without, *(algorithm.name for _, algorithm in able)}:
        found = None  # it was measured by a Tilewise that had it
    times = dict(found.seconds) if found else {}
    first = found.algorithm if found else ""
    able.sort(key=lambda pair: (pair[1].name != first, times.get(pair[1].name, math.inf), pair[0]))

    def slower(name: str, seconds: float) -> str:
        return f"measured at {_duration(times[name])}" if name in times else f"expected to take {_duration(seconds)}"

    if first == NATIVE:
        passed += [(other.name, slower(other.name, s)) for s, other in able]
        return Choice(NATIVE, None, 0.0, tuple(passed), tuple(times.items()))
    for number, (seconds, algorithm) in enumerate(able):
        try:
            plan = _bounded_plan(algorithm, problem, target)
            needed = plan.workspace_bytes
        except WorkspaceTooLarge as without_end:
            needed = without_end.size
        if needed > most_workspace(problem):
            passed.append((algorithm.name, f"it would need {needed >> 20} MiB of workspace"))
            continue
        passed += [(other.name, slower(other.name, s)) for s, other in able[number + 1 :]]
        passed.append((NATIVE, slower(NATIVE, 0.0) if NATIVE in times else "a generated kernel applies"))
        return Choice(algorithm.name, plan, seconds, tuple(passed), tuple(times.items()))
    return Choice(NATIVE, None, 0.0, tuple(passed))


def _refusal(
    algorithm: Algorithm, problem: ConvProblem, target: Target, wanted: str | None, limit: str | None
) -> str | None:
    """The reason why an algorithm is no candidate, or None.

    `wanted` is the name that `only` has in force; `limit` says why the problem is too large for all, if it is.
    """
    if wanted and algorithm.name != wanted:
        return f"only {wanted} was asked for"
    if algorithm.on_request:
        return algorithm.why_not(problem, target) if wanted else "it runs only where it is asked for by name"
    reason = limit or algorithm.why_not(problem, target)
    return reason if reason or wanted else algorithm.why_inexact(problem)


def _bounded_plan(algorithm: Algorithm, problem: ConvProblem, target: Target) -> Plan:
    """A plan for as many images at a time as keep the workspace near WORKSPACE_USUAL, at least for one."""
    plan = algorithm.plan(problem, target)
    if plan.workspace_bytes > WORKSPACE_USUAL and problem.kind is not Pass.WEIGHT_GRADIENT and problem.batch > 1:
        fitting = max(1, problem.batch * WORKSPACE_USUAL // plan.workspace_bytes)
        images = max(n for n in range(1, fitting + 1) if problem.batch % n == 0)
        plan = replace(algorithm.plan(problem.with_images(images), target), images=images)
    return plan


def _duration(seconds: float) -> str:
    """A time for people."""
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-4 else f"{seconds * 1e6:.3g} us"
