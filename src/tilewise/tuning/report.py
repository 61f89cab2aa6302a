"""The answer of `tune`: what was measured, as data that prints itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tilewise.explanation.report import Printable
from tilewise.tuning.times import TuningTimes

if TYPE_CHECKING:
    from rich.console import RenderableType


class Tuning(TuningTimes, Printable):
    """All convolutions of a model: what was measured, and what changed; prints itself, also in notebooks."""

    def __repr__(self) -> str:
        return f"<Tuning of {self.model}: {len(self.problems)} problems, {len(self.changed)} choices changed>"

    def __rich__(self) -> RenderableType:
        from tilewise.tuning import printing

        return printing.renderable(self)
