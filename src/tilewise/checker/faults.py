"""What a run records: faults, with all that was known when they happened, and rows of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tilewise.checker.frames import Frame
from tilewise.checker.marks import Built, Mark, Site
from tilewise.checker.operations import Call
from tilewise.geometry.preconditions import Violation


@dataclass(eq=False)
class Fault:
    """A broken rule and all that was known when it broke."""

    violation: Violation
    kind: str
    subject: str
    path: str
    module: Any
    built: Built | None
    stack: tuple[Frame, ...]
    shapes: tuple[tuple[int, ...], ...] = ()
    marks: tuple[Mark, ...] = ()
    call: Call | None = None
    after: Fault | None = None
    raised: str = ""
    direct: bool = True
    """False where a Sequential stands between the line of use and the layer."""

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes it the same fault in another run of the same model."""
        where = self.built.stack if self.built else self.stack
        function = where[0].function if where else ""
        argument = self.violation.argument if self.kind == "constructor" else ""
        return (self.violation.code, self.path, self.kind, function, argument)


@dataclass(eq=False)
class Row:
    """One layer's (or functional call's) share of the run."""

    path: str
    name: str
    module: Any
    site: Site | None = None
    input_shape: tuple[int, ...] = ()
    output_shape: tuple[int, ...] = ()
    multiply_adds: int = 0
    activation_bytes: int = 0
    mark: Mark | None = None
    calls: int = 0
