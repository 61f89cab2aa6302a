"""Fair comparison of two or more ways to do the same: in one run, taking turns, the minimum of many.

A machine's speed drifts within seconds (other programs, clock, temperature), so that two measurements made one
after the other compare the moments as much as the programs. Knows nothing of what it measures.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

# One turn of a side: long enough to settle after a switch, short enough for many turns.
_TURN_SECONDS = 0.03
LEAST_ROUNDS = 5


@dataclass(frozen=True)
class Side:
    """One of the things compared. `within()` makes a context that each of its turns runs in; it is not timed."""

    name: str
    run: Callable[[], object]
    within: Callable[[], AbstractContextManager[object]] = nullcontext


@dataclass(frozen=True)
class Timing:
    """What was measured of one side, in seconds a call."""

    name: str
    best: float
    median: float
    calls: int


@dataclass
class _Record:
    side: Side
    times: list[float] = field(default_factory=list)

    def turn(self, seconds: float) -> None:
        """One untimed call, then timed ones for so many seconds, at least one."""
        run, clock = self.side.run, time.perf_counter
        with self.side.within():
            run()
            end = clock() + seconds
            while True:
                start = clock()
                run()
                stop = clock()
                self.times.append(stop - start)
                if stop >= end:
                    break

    def result(self) -> Timing:
        return Timing(self.side.name, min(self.times), statistics.median(self.times), len(self.times))


def alternate(
    sides: Sequence[Side],
    seconds: float = 2.0,
    progress: Callable[[float], None] | None = None,
    least_rounds: int = LEAST_ROUNDS,
) -> tuple[Timing, ...]:
    """Time all sides by turns for `seconds` in all, at least `least_rounds` turns each; in their order.

    The order of the turns is reversed in every second round, so that no side always follows the same other.
    `progress` is called with the part of the time that has passed, from 0 to 1.
    """
    records = [_Record(side) for side in sides]
    for record in records:  # compilation, caches, first touch of memory
        record.turn(0.0)
        record.times.clear()
    collecting = gc.isenabled()
    gc.disable()
    begin, rounds = time.perf_counter(), 0
    try:
        while rounds < least_rounds or time.perf_counter() - begin < seconds:
            for record in records if rounds % 2 == 0 else reversed(records):
                record.turn(min(_TURN_SECONDS, seconds / (len(records) * LEAST_ROUNDS)))
            rounds += 1
            gc.collect(0)
            if progress is not None:
                part = min(rounds / least_rounds, (time.perf_counter() - begin) / max(seconds, 1e-9))
                progress(min(1.0, part))
    finally:
        if collecting:
            gc.enable()
    return tuple(record.result() for record in records)


def ratio(first: Timing, second: Timing) -> float:
    """How many times faster the second is than the first, by their best calls."""
    return first.best / second.best
