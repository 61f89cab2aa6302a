"""Alternating measurement."""

import gc
import time
from contextlib import contextmanager

import pytest

from tilewise.timing import Side, alternate, ratio


def test_sides_take_turns_within_their_contexts():
    log, parts = [], []

    @contextmanager
    def within(name):
        log.append(f"+{name}")
        yield
        log.append(f"-{name}")

    sides = [Side(n, lambda n=n: log.append(n) or time.sleep(0.001), lambda n=n: within(n)) for n in "ab"]
    first, second = alternate(sides, 0.1, parts.append)
    turns = [entry[1] for entry in log if entry.startswith("+")]
    assert turns[:8] == list("ababbaab")  # one to warm up, then the order is turned round every time
    inside = None
    for entry in log:
        if entry[0] in "+-":
            inside = entry[1] if entry[0] == "+" else None
        else:
            assert entry == inside
    assert (first.name, second.name) == ("a", "b") and min(first.calls, second.calls) >= 5
    assert 0.001 <= first.best <= first.median < 0.1
    assert parts[-1] == 1.0 and parts == sorted(parts)
    assert gc.isenabled()


def test_ratio_is_of_the_best():
    slow, fast = alternate([Side("slow", lambda: time.sleep(0.006)), Side("fast", lambda: time.sleep(0.002))], 0.2)
    assert 1.5 < ratio(slow, fast) < 4.5


def test_errors_pass_and_collection_goes_on():
    calls = []

    def fails():
        calls.append(1)
        if len(calls) > 3:
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        alternate([Side("only", fails)], 1.0)
    assert gc.isenabled()
