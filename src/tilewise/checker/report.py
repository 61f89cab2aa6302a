"""What a check hands back: findings and layers as data, printable in a terminal, a notebook, and as JSON."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

from tilewise.checker.findings import Edit, Finding, LayerRow
from tilewise.checker.inputs import Input
from tilewise.errors import TilewiseError


class CheckError(TilewiseError, AssertionError):
    """Raised by `report.raise_for_errors()`; its message is the report's text."""


@dataclass(repr=False)
class Report:
    """The result of a check.

    `errors` and `warnings` are findings; `layers` are the rows of the table; `sizes` are sentences about the sizes
    that the model can take. `notes` say where the check had to guess, for instance at a data-dependent branch.
    """

    name: str
    inputs: tuple[Input, ...]
    errors: list[Finding]
    warnings: list[Finding]
    layers: tuple[LayerRow, ...]
    sizes: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    edits: tuple[Edit, ...] = ()
    """The first fix of every error, together: with them the whole model was run. What `--fix` prints and writes."""
    total_parameters: int = 0

    @property
    def ok(self) -> bool:
        """Whether the model runs: warnings do not count."""
        return not self.errors

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of one forward pass."""
        return sum(row.multiply_adds for row in self.layers)

    @property
    def parameters(self) -> int:
        """Trainable and other parameters, each counted once."""
        return self.total_parameters

    def raise_for_errors(self) -> None:
        """Raise CheckError with the whole diagnosis where there are errors; for use in tests."""
        if self.errors:
            raise CheckError("\n" + self.text())

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "ok": self.ok,
            "errors": [f.as_dict(self.errors) for f in self.errors],
            "warnings": [f.as_dict(self.warnings) for f in self.warnings],
            "layers": [row.as_dict() for row in self.layers],
            "sizes": list(self.sizes),
            "notes": list(self.notes),
        }

    def text(self, width: int = 100) -> str:
        """The report as plain text, `width` columns wide at most where tables can wrap."""
        from rich.console import Console

        console = Console(file=io.StringIO(), width=width, color_system=None, legacy_windows=False)
        console.print(self, soft_wrap=True)
        output = console.file
        assert isinstance(output, io.StringIO)
        return output.getvalue()

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        # At a prompt and in a failed assertion, the diagnosis is what somebody wants to read.
        return self.text().rstrip()

    def __rich_console__(self, console: Any, options: Any) -> Any:
        from tilewise.checker.rendering.terminal import report_lines

        yield from report_lines(self, options.max_width)

    def _repr_html_(self) -> str:
        from tilewise.checker.rendering.page import report_fragment

        return report_fragment(self)
