"""What tuning measured, as frozen data: each pass of each convolution, and all of them together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tilewise.explanation import Machine
from tilewise.explanation.facts import plain


@dataclass(frozen=True)
class TunedProblem:
    """One pass of one convolution: what ran it, what runs it now, and the times that decided.

    `layers` are the names of the layers that asked for it (none where weights are computed), `calls` how often they
    did in one run; `text` is the convolution as a line of a program, on an input of `input_shape`. `seconds` are pairs
    (algorithm, seconds a call), the fastest first, each the minimum of many; "native" is PyTorch's own kernel as
    Tilewise calls it, and `pytorch` a call without Tilewise. Both are empty where nothing of Tilewise's applies.
    `unsteady` says that the times varied much.
    """

    layers: tuple[str, ...]
    calls: int
    name: str
    text: str
    input_shape: tuple[int, ...]
    layout: str
    dtype: str
    before: str
    algorithm: str
    seconds: tuple[tuple[str, float], ...]
    pytorch: float | None
    unsteady: bool

    @property
    def changed(self) -> bool:
        """Whether something else runs it now."""
        return self.algorithm != self.before

    @property
    def best(self) -> float | None:
        """Seconds a call of what runs it now."""
        return dict(self.seconds).get(self.algorithm)

    @property
    def best_before(self) -> float | None:
        """Seconds a call of what ran it before."""
        return dict(self.seconds).get(self.before)

    @property
    def ratio(self) -> float | None:
        """How many times faster it is now than PyTorch without Tilewise."""
        return None if self.pytorch is None or self.best is None else self.pytorch / self.best

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dictionaries, strings and numbers, for JSON."""
        made: dict[str, Any] = plain(dataclasses.asdict(self))
        return {**made, "seconds": dict(self.seconds), "changed": self.changed, "ratio": self.ratio}


@dataclass(frozen=True, repr=False)
class TuningTimes:
    """All convolutions of a model: what was measured, and what changed.

    `conditions` is what the choices hold for, besides the machine. `not_kept` is the reason why they were not written
    to the cache's directory and hold for this process only, or ''; `switched_off` says that TILEWISE_TUNED=0 keeps
    them from being used. `elapsed` is what tuning took, in seconds.
    """

    model: str
    precision: str
    problems: tuple[TunedProblem, ...]
    machine: Machine
    conditions: str
    elapsed: float
    not_kept: str = ""
    switched_off: bool = False

    def __iter__(self) -> Iterator[TunedProblem]:
        return iter(self.problems)

    @property
    def changed(self) -> tuple[TunedProblem, ...]:
        """Those that something else runs now."""
        return tuple(problem for problem in self.problems if problem.changed)

    @property
    def seconds(self) -> float:
        """One run's convolutions as they run now."""
        return sum(problem.calls * (problem.best or 0.0) for problem in self.problems)

    @property
    def seconds_before(self) -> float:
        """One run's convolutions as they ran before."""
        return sum(problem.calls * (problem.best_before or 0.0) for problem in self.problems)

    @property
    def pytorch(self) -> float:
        """One run's convolutions without Tilewise."""
        return sum(problem.calls * (problem.pytorch or 0.0) for problem in self.problems)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dictionaries, strings and numbers, for JSON."""
        return {
            "model": self.model,
            "precision": self.precision,
            "seconds": self.seconds,
            "seconds_before": self.seconds_before,
            "pytorch": self.pytorch,
            "problems": [problem.to_dict() for problem in self.problems],
            "machine": dataclasses.asdict(self.machine),
            "conditions": self.conditions,
            "elapsed": self.elapsed,
            "not_kept": self.not_kept,
            "switched_off": self.switched_off,
        }
