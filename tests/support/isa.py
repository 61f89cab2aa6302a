"""Instruction-set caps as a table for tests: all that this CPU can run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tilewise import algorithms, target
from tilewise.problem import ConvProblem, Pass, TensorSpec

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


def combinations() -> list[tuple[str, str]]:
    """(level, algorithm) wherever the algorithm can run anything at all."""
    pairs = []
    for level in available_levels():
        with capped(level) as host:
            pairs += [
                (level, algorithm.name)
                for algorithm in algorithms.algorithms()
                if any(algorithm.why_not(_usual(kind), host) is None for kind in Pass)
            ]
    return pairs


def _usual(kind: Pass) -> ConvProblem:
    """A pass of a 3x3 convolution of 32 channels."""
    image = TensorSpec((1, 32, 1, 14, 14), (32 * 196, 196, 196, 14, 1))
    return ConvProblem(
        kind, "float32", "highest", image, image, (1, 3, 3), (1, 1, 1), (0, 1, 1), (1, 1, 1), 1, False, False,
        (288, 9, 9, 3, 1),
    )  # fmt: skip
