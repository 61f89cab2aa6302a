"""Numbers, names and places as every renderer writes them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from tilewise.checker.findings import Edit, Finding, Fix


def file_name(path: str) -> str:
    """A path as people wrote it: relative to here where it lies below, `<cell>` names as they are."""
    if not path or path.startswith("<"):
        return path
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def amount(number: float) -> str:
    """25.6 M for 25,557,032."""
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(number) >= limit:
            return f"{number / (limit if unit != 'k' else 1e3):.3g} {unit}"
    return f"{number:,.0f}"


def size(number: float) -> str:
    """Bytes in KiB, MiB, GiB."""
    for limit, unit in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
        if number >= limit:
            return f"{number / limit:.3g} {unit}"
    return f"{number:.0f} B"


def shape(value: Sequence[int]) -> str:
    """1x3x64x64."""
    return "x".join(map(str, value)) if value else "-"


def axes(values: Sequence[float]) -> str:
    """One number where all axes agree, else 3x5; fractions short."""
    texts = [f"{v:g}" for v in values]
    if not texts:
        return "-"
    return texts[0] if len(set(texts)) == 1 else "x".join(texts)


def title(finding: Finding) -> str:
    """The word in brackets: error[channels]."""
    return f"{finding.severity}[{finding.code}]"


def fix_heading(finding: Finding, errors: Sequence[Finding]) -> str:
    """What is promised of the fixes; it says less where other errors need their own."""
    others = [e for e in errors if e is not finding and e.follows_from is None]
    one = len(finding.fixes) == 1
    if finding.severity == "warning":
        return "it was tried: the model still runs" if one else "each was tried: the model still runs"
    tried = "it was tried" if one else "each was tried"
    if others:
        return f"{tried}, and with the first fix of the other errors the whole model then runs"
    return f"{tried} and the whole model then runs"


def fix_lines(fix: Fix, finding: Finding) -> list[str]:
    """A fix as lines: `line 9:  self.conv = nn.Conv2d(32, 32, 2)`."""
    if fix.input:
        return [f"{fix.description}:  {fix.input}"]
    lines = []
    for edit in fix.edits:
        lines.extend(_edit_lines(edit, finding))
    return lines


def _edit_lines(edit: Edit, finding: Finding) -> list[str]:
    place = "" if edit.file == finding.file else f"{file_name(edit.file)} "
    if not edit.new:
        return [f"{place}line {edit.line}:  leave out {edit.old.strip()}"]
    new = edit.new.splitlines()
    inserted = not edit.old
    first = f"{place}before line {edit.line}:  " if inserted else f"{place}line {edit.line}:  "
    indent = min(len(t) - len(t.lstrip()) for t in new if t.strip()) if any(t.strip() for t in new) else 0
    return [first + new[0].strip()] + [" " * len(first) + t[indent:].rstrip() for t in new[1:]]
