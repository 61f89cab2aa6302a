"""A rule and what it says when it is broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Violation:
    """A broken rule. `text` continues a sentence whose subject is the layer or function: "takes 64 channels, ..."."""

    code: str
    text: str
    argument: str = ""
    """The parameter that is wrong, by PyTorch's name for it ("in_channels"), or empty where it is the tensor."""
    given: Any = None
    needed: Any = None
    """The one value that would be right, or None where there is no such value."""
    label: str = ""
    """A few words to stand under the wrong argument: "32 needed"."""


@dataclass(frozen=True)
class Rule:
    """One line of the table: which calls it reads, its code, what it demands, and the check itself."""

    name: str
    code: str
    of: type
    demands: str
    check: Callable[[Any], Violation | None]

    def check_safely(self, call: Any) -> Violation | None:
        """The check alone, for a call that an earlier rule may already have refused and that it can't read then."""
        try:
            return self.check(call)
        except (IndexError, ValueError, ZeroDivisionError, TypeError):
            return None


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as people write it: (1, 32, 62, 62), and (5,) for one axis."""
    return str(tuple(shape))


def count(number: int, noun: str) -> str:
    """1 channel, 2 channels."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def per_axis(values: tuple[int, ...]) -> str:
    """One number where all axes agree, else the tuple: 3, or 3 x 5."""
    return str(values[0]) if len(set(values)) == 1 else " x ".join(map(str, values))
