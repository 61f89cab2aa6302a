"""Source text, with changes laid over it in memory, and the expressions that stand in it.

Nothing here writes a file or runs a line.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tilewise.checker.frames import Frame


@dataclass(frozen=True)
class Change:
    """Replace the text from (line, column) to (end_line, end_column) with `new`. Columns are UTF-8 bytes."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    new: str


class Sources:
    """Texts of files: what is on disk (or in a notebook's cells), under what is laid over it."""

    def __init__(self, overlay: Mapping[str, str] | None = None) -> None:
        self.overlay: dict[str, str] = dict(overlay or {})
        self._trees: dict[str, ast.Module | None] = {}

    def text(self, file: str) -> str | None:
        """The text of a file or cell, or None where there is none to be had."""
        if file in self.overlay:
            return self.overlay[file]
        lines = linecache.getlines(file)
        return "".join(lines) or None

    def line(self, file: str, number: int) -> str | None:
        """One line without its end, or None."""
        text = self.text(file)
        lines = text.splitlines() if text else []
        return lines[number - 1] if 0 < number <= len(lines) else None

    def tree(self, file: str) -> ast.Module | None:
        """The syntax tree of a file, or None where it does not parse."""
        if file not in self._trees:
            text = self.text(file)
            try:
                self._trees[file] = ast.parse(text) if text else None
            except (SyntaxError, ValueError):
                self._trees[file] = None
        return self._trees[file]

    def segment(self, file: str, node: ast.AST) -> str:
        """The text of an expression."""
        text = self.text(file)
        return (ast.get_source_segment(text, node) if text else None) or ""

    def changed(self, changes: Iterable[Change]) -> Sources:
        """New sources with the changes laid over these."""
        overlay = dict(self.overlay)
        by_file: dict[str, list[Change]] = {}
        for change in changes:
            by_file.setdefault(change.file, []).append(change)
        for file, listed in by_file.items():
            text = self.text(file)
            if text is None:
                continue
            lines = text.encode().splitlines(keepends=True)
            if lines and not lines[-1].endswith(b"\n"):
                lines[-1] += b"\n"
            starts = [0]
            for row in lines:
                starts.append(starts[-1] + len(row))
            data = b"".join(lines)
            for c in sorted(listed, key=lambda c: (c.line, c.column), reverse=True):
                begin, end = starts[c.line - 1] + c.column, starts[c.end_line - 1] + c.end_column
                data = data[:begin] + c.new.encode() + data[end:]
            overlay[file] = data.decode()
        return Sources(overlay)

    # -- what stands where -------------------------------------------------------------------------------------

    def expression(self, frame: Frame) -> ast.expr | None:
        """The expression that a frame was running."""
        tree = self.tree(frame.file)
        if tree is None:
            return None
        span = frame.span
        if span is not None:
            line, end_line, column, end_column = span
            best: ast.expr | None = None
            for node in ast.walk(tree):
                if (
                    isinstance(node, ast.expr)
                    and (node.lineno, node.col_offset) == (line, column)
                    and (node.end_lineno, node.end_col_offset) == (end_line, end_column)
                ):
                    best = node
                    if isinstance(node, ast.Call):
                        break
            return best
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.lineno == frame.line]
        return calls[0] if calls else None

    def call(self, frame: Frame | None) -> ast.Call | None:
        """The call that a frame was running, or None."""
        node = self.expression(frame) if frame is not None else None
        return node if isinstance(node, ast.Call) else None

    def function(self, frame: Frame) -> ast.FunctionDef | None:
        """The definition whose body a frame was running, or None at the top of a module."""
        tree = self.tree(frame.file)
        best: ast.FunctionDef | None = None
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.FunctionDef) and node.name == frame.function:
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                if first <= frame.line <= (node.end_lineno or first) and (best is None or node.lineno > best.lineno):
                    best = node
        return best

    def class_around(self, file: str, line: int) -> ast.ClassDef | None:
        """The innermost class whose body holds a line."""
        tree = self.tree(file)
        best: ast.ClassDef | None = None
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.ClassDef) and node.lineno <= line <= (node.end_lineno or 0):
                best = node if best is None or node.lineno >= best.lineno else best
        return best

    def literals(self, file: str, value: int) -> Iterator[ast.Constant]:
        """Every place in a file where an integer is written as such."""
        tree = self.tree(file)
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Constant) and type(node.value) is int and node.value == value:
                yield node


def replace(file: str, node: ast.expr, new: str) -> Change:
    """The change that puts `new` in an expression's place."""
    return Change(file, node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0, new)


def insert_line(file: str, before: int, text: str) -> Change:
    """The change that puts a line in before another."""
    return Change(file, before, 0, before, 0, text + "\n")


def characters(text: str, byte: int) -> int:
    """The column in characters of a column in UTF-8 bytes."""
    return len(text.encode()[:byte].decode(errors="ignore"))


def argument(call: ast.Call, names: list[str], wanted: str) -> ast.expr | None:
    """The expression that a call gives for a parameter; `names` are the positional parameters in order."""
    for keyword in call.keywords:
        if keyword.arg == wanted:
            return keyword.value
    if any(isinstance(a, ast.Starred) for a in call.args) or wanted not in names:
        return None
    index = names.index(wanted)
    return call.args[index] if index < len(call.args) else None
