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
    """(level, algorithm) wherever the algorithm can run anything; what uses neither tiles nor products of bfloat16
    pairs is the same with and without."""
    pairs: list[tuple[str, str]] = []
    for level in available_levels():
        with capped(level) as host:
            pairs += [
                (level, algorithm.name)
                for algorithm in algorithms.algorithms()
                if any(algorithm.why_not(problem, host) is None for problem in _usual())
                and not ((host.tiles or host.pairs) and algorithm.name in [name for _, name in pairs])
            ]
    return pairs


def _usual() -> list[ConvProblem]:
    """All passes of a dense and a depthwise 3x3 convolution of 32 channels, one to 3 and one of a single tap, in both
    layouts and types."""
    planes = TensorSpec((1, 32, 1, 14, 14), (32 * 196, 196, 196, 14, 1))
    pixels = TensorSpec((1, 32, 1, 14, 14), (32 * 196, 1, 32 * 196, 32 * 14, 32))
    few = TensorSpec((1, 3, 1, 14, 14), (3 * 196, 196, 196, 14, 1))
    settings = [
        (kind, image, image, groups, 288 // groups) for kind in Pass for groups in (1, 32) for image in (planes, pixels)
    ]
    settings.append((Pass.INPUT_GRADIENT, planes, few, 1, 27))
    problems = [
        ConvProblem(
            kind,
            dtype,
            "highest",
            source,
            destination,
            (1, 3, 3),
            (1, 1, 1),
            (0, 1, 1),
            (1, 1, 1),
            groups,
            False,
            False,
            (filter_elements, 9, 9, 3, 1),
        )
        for dtype in ("float32", "bfloat16")
        for kind, source, destination, groups, filter_elements in settings
    ]
    single = ConvProblem(
        Pass.WEIGHT_GRADIENT, "float32", "highest", planes, planes, (1, 1, 1), (1, 1, 1), (0, 0, 0), (1, 1, 1), 1,
        False, False, (32, 1, 1, 1, 1),
    )  # fmt: skip
    return [*problems, single]
