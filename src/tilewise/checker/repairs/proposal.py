"""A change that may help, and the helpers with which rules write changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from tilewise.checker.diagnosis import parameter_names
from tilewise.checker.faults import Fault
from tilewise.checker.frames import Frame, nearest
from tilewise.checker.inputs import Input
from tilewise.checker.marks import Built, Site
from tilewise.checker.repairs.values import literals, ways
from tilewise.checker.run import Outcome
from tilewise.checker.source import Change, Sources, argument, insert_line, replace
from tilewise.geometry.preconditions import Violation


@dataclass(frozen=True)
class Proposal:
    """Changes of source, or other inputs, with a few words on what they do (empty where the lines say it)."""

    description: str = ""
    changes: tuple[Change, ...] = ()
    inputs: tuple[Input, ...] = ()
    slot: str = ""
    """What is set, where several proposals set the same thing: only the first that works is offered."""


@dataclass(frozen=True)
class Context:
    """All that a rule may look at."""

    fault: Fault
    violation: Violation
    outcome: Outcome
    sources: Sources

    @property
    def model(self) -> nn.Module | None:
        """The model that was examined."""
        return self.outcome.model


def set_argument(
    sources: Sources, built: Built | None, name: str, given: Any, wanted: Any, *, add: bool = False
) -> Iterator[Proposal]:
    """Make a layer's constructor get `wanted` for a parameter; `add` writes it out where it was left at its default."""
    if built is None or wanted is None:
        return
    own = [(i, f) for i, f in enumerate(built.stack) if not f.library]
    if not own:
        return
    index, frame = own[0]
    call = sources.call(frame)
    if call is None:
        return
    expression = argument(call, parameter_names(built.module), name)
    if expression is None:
        if add:
            yield Proposal(changes=(add_argument(sources, frame, call, f"{name}={wanted!r}"),))
        elif type(given) is int:
            for node in ast.walk(call):
                if isinstance(node, ast.Constant) and type(node.value) is int and node.value == given:
                    yield Proposal(changes=(replace(frame.file, node, str(wanted)),), slot=name)
            for change in literals(sources, built.stack, given, wanted):
                yield Proposal(changes=(change,), slot=name)
        return
    seen = set()
    text = repr(wanted) if isinstance(wanted, str) else wanted
    for change in ways(sources, built.stack, index, expression, given, text):
        seen.add(change)
        yield Proposal(changes=(change,), slot=name)
    if not isinstance(expression, ast.Constant):
        for change in literals(sources, built.stack, given, wanted):
            if change not in seen:
                yield Proposal(changes=(change,), slot=name)


def add_argument(sources: Sources, frame: Frame, call: ast.Call, text: str) -> Change:
    """Write one more keyword into a call."""
    line, column = call.end_lineno or call.lineno, (call.end_col_offset or 1) - 1
    comma = ", " if call.args or call.keywords else ""
    last = max(
        [*call.args, *(k.value for k in call.keywords)], key=lambda n: (n.end_lineno, n.end_col_offset), default=None
    )
    if last is not None:
        line, column = last.end_lineno or line, last.end_col_offset or column
    return Change(frame.file, line, column, line, column, comma + text)


def wrapped(text: str, tail: str) -> str:
    """`x` -> `x.flatten(1)`; an operation gets brackets."""
    simple = all(c.isalnum() or c in "_.[]()\"', " for c in text) and " if " not in text
    return f"{text}{tail}" if simple else f"({text}){tail}"


def operand(ctx: Context, index: int = 0) -> tuple[Frame, ast.expr] | None:
    """The expression in the line of use that gives the fault's tensor `index`, or None where none can be told."""
    frame = nearest(ctx.fault.stack)
    if frame is None or frame.library:
        return None
    node = ctx.sources.expression(frame)
    found: list[ast.expr] = []
    if isinstance(node, ast.BinOp):
        found = [node.left, node.right]
    elif isinstance(node, ast.Call):
        first = node.args[0] if node.args else None
        found = list(first.elts) if isinstance(first, (ast.List, ast.Tuple)) else list(node.args)
        method = ctx.fault.kind in ("view", "flatten", "axes", "arithmetic", "other", "matmul")
        name = ctx.fault.call.name if ctx.fault.call else ctx.fault.subject
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        module = isinstance(receiver, ast.Name) and receiver.id in ("torch", "F", "nn")
        if method and receiver is not None and not module and getattr(node.func, "attr", "") == name:
            found = [receiver, *found]
    elif frame is not None:
        statement = _augmented(ctx.sources, frame)
        if statement is not None:
            found = [statement.target, statement.value]
    return (frame, found[index]) if index < len(found) else None


def _augmented(sources: Sources, frame: Frame) -> ast.AugAssign | None:
    tree = sources.tree(frame.file)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.AugAssign) and node.lineno == frame.line:
            return node
    return None


def wrap_operand(ctx: Context, tail: str, index: int = 0, description: str = "") -> Iterator[Proposal]:
    """Put a method call behind the tensor where it is used."""
    found = operand(ctx, index)
    if found is not None:
        frame, node = found
        text = ctx.sources.segment(frame.file, node)
        if text and "\n" not in text:
            yield Proposal(description, (replace(frame.file, node, wrapped(text, tail)),))


def at_start(ctx: Context, tail: str, description: str = "", which: int = 0) -> Iterator[Proposal]:
    """Insert `x = x<tail>` as the first line of the model's forward."""
    place = forward_start(ctx)
    if place is None:
        return
    file, line, indent, names = place
    if which < len(names):
        name = names[which]
        yield Proposal(description, (insert_line(file, line, f"{indent}{name} = {tail.replace('{x}', name)}"),))


def forward_start(ctx: Context) -> tuple[str, int, str, list[str]] | None:
    """File, first line, indentation and parameter names of the model's forward."""
    model = ctx.model
    code = getattr(getattr(type(model), "forward", None), "__code__", None)
    if model is None or code is None or type(model).__module__.startswith("torch."):
        return None
    tree = ctx.sources.tree(code.co_filename)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first != code.co_firstlineno:
                continue
            body = node.body
            if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and len(body) > 1:
                body = body[1:]
            if body[0].lineno == node.lineno:
                return None
            return (
                code.co_filename,
                body[0].lineno,
                " " * body[0].col_offset,
                [a.arg for a in node.args.args[1:]],
            )
    return None


def alias(ctx: Context, name: str, frame: Frame | None) -> str:
    """How a file calls torch.nn.functional ("functional") or torch.nn ("nn")."""
    import torch

    scope = frame.globals if frame is not None else {}
    wanted = {"functional": torch.nn.functional, "nn": torch.nn}[name]
    for key, value in scope.items():
        if value is wanted:
            return key
    full = {"functional": "functional", "nn": "nn"}[name]
    if name == "functional" and scope.get("nn") is torch.nn:
        return "nn.functional"
    return f"torch.nn.{full}" if name == "functional" else "torch.nn"


def site_arguments(site: Site | None) -> Built | None:
    """Where the layer behind a site was constructed."""
    return site.built if site is not None else None
