"""Fixes as a diff, and written to disk when that was asked for."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence

from tilewise.checker.findings import Edit
from tilewise.checker.source import Sources
from tilewise.errors import ArgumentError


def edited(edits: Sequence[Edit]) -> dict[str, tuple[str, str]]:
    """Each file's text before and after."""
    sources = Sources()
    texts: dict[str, tuple[str, str]] = {}
    for file in dict.fromkeys(e.file for e in edits):
        before = sources.text(file) or ""
        lines = before.splitlines()
        for edit in sorted((e for e in edits if e.file == file), key=lambda e: (e.line, bool(e.old)), reverse=True):
            count = len(edit.old.splitlines())
            if lines[edit.line - 1 : edit.line - 1 + count] != edit.old.splitlines():
                raise ArgumentError(f"{file}:{edit.line} has changed since it was checked: check again")
            lines[edit.line - 1 : edit.line - 1 + count] = edit.new.splitlines()
        after = "\n".join(lines) + ("\n" if before.endswith("\n") else "")
        texts[file] = (before, after)
    return texts


def diff(edits: Sequence[Edit]) -> str:
    """A unified diff that `patch -p1` and `git apply` take."""
    return "".join(_diffs(edits))


def _diffs(edits: Sequence[Edit]) -> Iterator[str]:
    for file, (before, after) in edited(edits).items():
        name = os.path.relpath(file)
        yield from difflib.unified_diff(
            before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{name}", f"b/{name}"
        )


def write(edits: Sequence[Edit]) -> list[str]:
    """Write the changed files and return their names. Cells and other text without a file are refused."""
    texts = edited(edits)
    for file in texts:
        if not os.path.isfile(file):
            raise ArgumentError(f"{file} is not a file that could be written")
    for file, (_, after) in texts.items():
        with open(file, "w", encoding="utf-8", newline="") as handle:
            handle.write(after)
    return list(texts)
