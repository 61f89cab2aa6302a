"""Ways to make an expression come out at another number: at the expression itself, or where its number comes from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from tilewise.checker.frames import Frame
from tilewise.checker.source import Change, Sources, argument, replace

_DEEPEST = 5
_MOST_LITERALS = 16


def ways(
    sources: Sources,
    stack: tuple[Frame, ...],
    index: int,
    expression: ast.expr,
    given: Any,
    wanted: Any,
    depth: int = 0,
) -> Iterator[Change]:
    """Single replacements after which `expression`, in the frame stack[index], may be `wanted` instead of `given`."""
    if depth > _DEEPEST or index >= len(stack) or stack[index].library:
        return
    frame = stack[index]
    text = str(wanted)
    if isinstance(expression, (ast.Constant, ast.Tuple, ast.List, ast.UnaryOp)):
        yield replace(frame.file, expression, text)
        return
    if isinstance(expression, ast.Name):
        yield from _other_names(sources, frame, expression, wanted)
        yield from _origins(sources, stack, index, expression.id, given, wanted, depth)
    elif isinstance(expression, ast.Attribute):
        yield from _attribute(sources, stack, index, expression, given, wanted, depth)
    elif isinstance(expression, ast.BinOp):
        yield from _other_names(sources, frame, expression, wanted)
        yield from _operands(sources, stack, index, expression, given, wanted, depth)
    yield replace(frame.file, expression, text)


def _value(frame: Frame, node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return frame.values.get(node.id, frame.globals.get(node.id))
    return None


def _other_names(sources: Sources, frame: Frame, expression: ast.expr, wanted: Any) -> Iterator[Change]:
    """A name in scope, or a small multiple of one, that is the wanted number already."""
    if type(wanted) is not int or frame.function == "<module>":
        return
    used = {n.id for n in ast.walk(expression) if isinstance(n, ast.Name)}
    function = sources.function(frame)
    parameters = {a.arg for a in function.args.args} if function else set()
    names = [(n, v) for n, v in frame.values.items() if type(v) is int and n.isidentifier()]
    names.sort(key=lambda pair: (pair[0] not in parameters, pair[0] in used))
    for name, value in names:
        if value == wanted and ast.unparse(expression) != name:
            yield replace(frame.file, expression, name)
    summands = [(n, v) for n, v in names if n in parameters]
    for index, (one, first) in enumerate(summands):
        for two, second in summands[index + 1 :]:
            if first + second == wanted:
                yield replace(frame.file, expression, f"{one} + {two}")
    for name, value in names:
        if value > 1 and wanted != value and wanted % value == 0 and wanted // value <= 8:
            yield replace(frame.file, expression, f"{name} * {wanted // value}")
        elif wanted > 1 and value % wanted == 0 and value // wanted in (2, 4, 8):
            yield replace(frame.file, expression, f"{name} // {value // wanted}")


def _origins(
    sources: Sources, stack: tuple[Frame, ...], index: int, name: str, given: Any, wanted: Any, depth: int
) -> Iterator[Change]:
    """Where a name's number comes from: an assignment, a caller's argument, a default, a constant of the module."""
    frame = stack[index]
    function = sources.function(frame)
    if function is not None:
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
                yield from ways(sources, stack, index, node.value, given, wanted, depth + 1)
        arguments = function.args
        listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        if any(a.arg == name for a in listed):
            yield from _caller(sources, stack, index, function, name, given, wanted, depth)
    tree = sources.tree(frame.file)
    for statement in tree.body if tree else ():
        if isinstance(statement, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == name for t in statement.targets
        ):
            yield from ways(sources, (frame,), 0, statement.value, given, wanted, depth + 1)


def _caller(
    sources: Sources, stack: tuple[Frame, ...], index: int, function: ast.FunctionDef, name: str, given: Any,
    wanted: Any, depth: int,
) -> Iterator[Change]:  # fmt: skip
    positional = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    if positional[:1] in (["self"], ["cls"]):
        positional = positional[1:]
    if index + 1 < len(stack):
        call = sources.call(stack[index + 1])
        if call is not None:
            found = argument(call, positional, name)
            if found is not None:
                yield from ways(sources, stack, index + 1, found, given, wanted, depth + 1)
                return
            for literal in ast.walk(call):
                if isinstance(literal, ast.Constant) and literal.value == given and type(given) is int:
                    yield replace(stack[index + 1].file, literal, str(wanted))
    every = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    defaults = dict(zip(reversed(every), reversed(function.args.defaults), strict=False))
    defaults.update(
        {a.arg: d for a, d in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True) if d is not None}
    )
    if name in defaults and isinstance(defaults[name], ast.Constant):
        yield replace(stack[index].file, defaults[name], str(wanted))


def _attribute(
    sources: Sources, stack: tuple[Frame, ...], index: int, node: ast.Attribute, given: Any, wanted: Any, depth: int
) -> Iterator[Change]:
    frame = stack[index]
    owner = sources.class_around(frame.file, frame.line)
    for inner in ast.walk(owner) if owner else ():
        if isinstance(inner, ast.Assign) and any(
            isinstance(t, ast.Attribute) and t.attr == node.attr for t in inner.targets
        ):
            yield from ways(sources, stack, index, inner.value, given, wanted, depth + 1)


def _operands(
    sources: Sources, stack: tuple[Frame, ...], index: int, node: ast.BinOp, given: Any, wanted: Any, depth: int
) -> Iterator[Change]:
    """Solve for one operand of `a * b`, `a + b`, `a - b` or `a // b` with the other kept."""
    frame = stack[index]
    left, right = _value(frame, node.left), _value(frame, node.right)
    if type(wanted) is not int:
        return
    for side, other, here in ((node.left, right, left), (node.right, left, right)):
        if type(other) is not int:
            continue
        solved: int | None = None
        if isinstance(node.op, ast.Mult) and other and wanted % other == 0:
            solved = wanted // other
        elif isinstance(node.op, ast.Add):
            solved = wanted - other
        elif isinstance(node.op, ast.FloorDiv) and side is node.left:
            solved = wanted * other
        elif isinstance(node.op, ast.Sub) and side is node.left:
            solved = wanted + other
        if solved is not None and solved > 0 and solved != here:
            yield from ways(sources, stack, index, side, here, solved, depth + 1)


def literals(sources: Sources, stack: tuple[Frame, ...], given: Any, wanted: Any) -> Iterator[Change]:
    """The last resort: every place in the person's own files on the stack where the wrong number is written."""
    if type(given) is not int:
        return
    seen: set[str] = set()
    count = 0
    for frame in stack:
        if frame.library or frame.file in seen:
            continue
        seen.add(frame.file)
        owner = sources.class_around(frame.file, frame.line)
        first, last = (owner.lineno, owner.end_lineno or owner.lineno) if owner else (0, 0)
        found = list(sources.literals(frame.file, given))
        found.sort(key=lambda n: (not first <= n.lineno <= last, abs(n.lineno - frame.line)))
        for node in found:
            count += 1
            if count > _MOST_LITERALS:
                return
            yield replace(frame.file, node, str(wanted))
