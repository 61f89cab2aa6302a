"""Findings as GitHub's workflow commands, which show beside the line in a pull request.

Source of the form: GitHub's documentation of workflow commands ("Setting an error message").
"""

from __future__ import annotations

from collections.abc import Iterator

from tilewise.checker.findings import Finding
from tilewise.checker.outcome import Outcome
from tilewise.checker.rendering.words import file_name, fix_lines


def commands(report: Outcome) -> Iterator[str]:
    """One line a finding."""
    for finding in (*report.errors, *report.warnings):
        yield _annotation(finding)


def _annotation(finding: Finding) -> str:
    fields = []
    if finding.file:
        fields = [f"file={_escaped(file_name(finding.file), True)}", f"line={finding.line}"]
        marked = next((n for n in finding.notes if n.line == finding.line and n.column >= 0), None)
        if marked is not None:
            fields += [f"col={marked.column + 1}", f"endColumn={marked.column + marked.width + 1}"]
    fields.append(f"title={_escaped(finding.code, True)}")
    text = finding.message
    for fix in finding.fixes[:1]:
        text += "\nfix: " + "\n".join(fix_lines(fix, finding))
    if finding.advice:
        text += f"\n{finding.advice}"
    return f"::{finding.severity} {','.join(fields)}::{_escaped(text)}"


def _escaped(text: str, field: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if field else text
