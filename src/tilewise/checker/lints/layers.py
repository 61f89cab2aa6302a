"""Lints about layers that stand in a model and do nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from torch import nn

from tilewise.checker.frames import nearest
from tilewise.checker.lints.warning import Lint
from tilewise.checker.run import Outcome
from tilewise.checker.source import Sources


def unused(outcome: Outcome, sources: Sources) -> Iterator[Lint]:
    """A layer with weights that forward never reaches, nor any other method by name."""
    model = outcome.model
    if model is None or any(f.kind == "stopped" for f in outcome.faults):
        return
    silent: list[str] = []
    for path, module in model.named_modules():
        if not path or any(path.startswith(f"{p}.") for p in silent):
            continue
        if _reached(module, outcome) or not any(True for _ in module.parameters()):
            continue
        silent.append(path)
        owner_path, _, name = path.rpartition(".")
        if _mentioned(model.get_submodule(owner_path), name, sources):
            continue
        built = outcome.trace.construction.of(module)
        count = sum(p.numel() for p in module.parameters())
        yield Lint(
            "unused",
            f"{path} is made and never used: {count:,} parameters that no input reaches",
            path,
            built,
            label="never used",
            advice="use it in forward, or leave it out: an optimiser keeps its weights all the same",
        )


def _reached(module: nn.Module, outcome: Outcome) -> bool:
    used = outcome.trace.used
    return any(id(m) in used for m in module.modules()) or any(id(p) in used for p in module.parameters())


def _mentioned(owner: nn.Module, name: str, sources: Sources) -> bool:
    """Whether a method other than __init__ names the layer, or might reach it without naming it."""
    if isinstance(owner, (nn.Sequential, nn.ModuleList, nn.ModuleDict)):
        return False
    for base in type(owner).__mro__:
        if base is nn.Module:
            break
        if base.__module__.startswith("torch.nn."):
            return True
        code = getattr(base.__dict__.get("forward"), "__code__", None)
        tree = sources.tree(code.co_filename) if code is not None else None
        node = (
            next((n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == base.__name__), None)
            if tree
            else None
        )
        if node is None:
            continue
        methods = [m for m in node.body if isinstance(m, ast.FunctionDef) and m.name != "__init__"]
        for inner in (n for m in methods for n in ast.walk(m)):
            if isinstance(inner, ast.Attribute) and inner.attr in (
                name,
                "children",
                "modules",
                "_modules",
                "named_children",
            ):
                return True
            if isinstance(inner, ast.Name) and inner.id == "getattr":
                return True
    return False


def overwritten(outcome: Outcome, sources: Sources) -> Iterator[Lint]:
    """A name given to a second layer: the first is gone, and so are its weights."""
    if outcome.model is None:
        return
    alive = {id(m) for m in outcome.model.modules()}
    construction = outcome.trace.construction
    for event in construction.overwritten:
        if id(event.old) in alive or id(event.new) not in alive or not any(True for _ in event.old.parameters()):
            continue
        if not outcome.trace.paths.get(id(event.new)) or id(event.owner) not in alive:
            continue
        old, new = construction.of(event.old), construction.of(event.new)
        place = nearest(new.stack) if new else None
        line = f" at line {place.line}" if place else ""
        path = outcome.trace.paths[id(event.new)]
        yield Lint(
            "overwritten",
            f"{path} is made twice: the first layer is thrown away when its name is given to another{line}",
            path,
            old,
            label="thrown away",
            advice="give the second layer a name of its own",
        )


LINTS = (unused, overwritten)
