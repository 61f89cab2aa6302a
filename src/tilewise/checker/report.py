"""What a check hands back: what it found, printable in a terminal, a notebook, and as JSON."""

from __future__ import annotations

import io
from typing import Any

from tilewise.checker.outcome import Outcome
from tilewise.errors import TilewiseError


class CheckError(TilewiseError, AssertionError):
    """Raised by `report.raise_for_errors()`; its message is the report's text."""


class Report(Outcome):
    """The result of a check: an Outcome, with its fields, that prints itself in terminals and notebooks."""

    def raise_for_errors(self) -> None:
        """Raise CheckError with the whole diagnosis where there are errors; for use in tests."""
        if self.errors:
            raise CheckError("\n" + self.text())

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
