"""Instruction-set caps as a table for tests: all that this CPU can run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tilewise import target

CAP = "TILEWISE_ISA"


@contextmanager
def capped(level: str) -> Iterator[target.Target]:
    """Within the block, generate code for a level of target.LEVELS."""
    before = os.environ.get(CAP)
    os.environ[CAP] = level
    try:
        yield target.host()
    finally:
        if before is None:
            del os.environ[CAP]
        else:
            os.environ[CAP] = before


def available_levels() -> tuple[str, ...]:
    """The caps that this CPU reaches; a cap above it would only repeat a lower one."""

    def reached(level: str) -> bool:
        with capped(level) as host:
            return host.level == level

    return tuple(level for level in target.LEVELS if reached(level))
