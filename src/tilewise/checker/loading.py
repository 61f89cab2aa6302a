"""From a name to a model, and the same again with changed source: files are executed in memory under fresh modules.

No file is written here, and modules that a program has imported stay as they are.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import linecache
import os
import sys
import types
from collections.abc import Iterable
from typing import Any

from tilewise.checker.frames import kind_of
from tilewise.checker.source import Sources
from tilewise.errors import ArgumentError


class Loaded:
    """A module made from a file, and what its statements raised while it ran."""

    def __init__(self, module: types.ModuleType, errors: list[BaseException]) -> None:
        self.module = module
        self.errors = errors


def load_file(path: str) -> Loaded:
    """Run a file's statements one after the other; one that raises does not keep the next from running.

    A script that builds its broken model at the bottom, without `if __name__ == "__main__"`, can still be checked.
    """
    file = os.path.abspath(path)
    if not os.path.isfile(file):
        raise ArgumentError(f"{path}: there is no such file")
    linecache.checkcache(file)
    with open(file, encoding="utf-8") as handle:
        text = handle.read()
    try:
        tree = ast.parse(text, file)
    except SyntaxError as error:
        raise ArgumentError(f"{path}:{error.lineno}: this is not Python: {error.msg}") from error
    name = os.path.splitext(os.path.basename(file))[0]
    module = types.ModuleType(name)
    module.__file__ = file
    sys.modules[name] = module
    folder = os.path.dirname(file)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    errors: list[BaseException] = []
    for statement in tree.body:
        try:
            _execute(statement, file, module.__dict__, _future(tree))
        except (Exception, SystemExit) as error:  # noqa: PERF203
            errors.append(error)
    return Loaded(module, errors)


def load_module(name: str) -> Loaded:
    """Import a module by its name, the current folder first on the path."""
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        return Loaded(importlib.import_module(name), [])
    except Exception as error:
        raise ArgumentError(f"{name}: importing it failed with {type(error).__name__}: {error}") from error


def _future(tree: ast.Module) -> int:
    import __future__

    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def _execute(statement: ast.stmt, file: str, namespace: dict[str, Any], flags: int) -> None:
    code = compile(ast.Module([statement], []), file, "exec", flags=flags, dont_inherit=True)
    exec(code, namespace)


# -- again, with changed source -------------------------------------------------------------------------------------


def _changed_lines(old: str, new: str) -> set[int]:
    """Lines of `new` that are not in `old`."""
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    changed: set[int] = set()
    for tag, _, _, start, end in matcher.get_opcodes():
        if tag != "equal":
            changed.update(range(start + 1, max(end, start + 1) + 1))
    return changed


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def rerun(text: str, file: str, namespace: dict[str, Any], changed: set[int]) -> None:
    """Run again what defines things: imports, classes, functions, and assignments that a change reaches.

    Training loops, prints and downloads are left out; names they made are still in `namespace`.
    """
    tree = ast.parse(text, file)
    flags = _future(tree)
    fresh: set[str] = set()
    for statement in tree.body:
        touched = any(n in changed for n in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
        if isinstance(statement, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            _execute(statement, file, namespace, flags)
            fresh.add(statement.name)
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            _execute(statement, file, namespace, flags)
            fresh.update((a.asname or a.name.split(".")[0]) for a in statement.names)
        elif isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and (
            touched or _names(statement) & fresh
        ):
            try:
                _execute(statement, file, namespace, flags)
            except Exception:
                continue
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            fresh.update(name for t in targets for name in _names(t))
        elif isinstance(statement, (ast.If, ast.Try)) and any(
            isinstance(n, (ast.ClassDef, ast.FunctionDef)) for n in ast.walk(statement)
        ):
            _execute(statement, file, namespace, flags)


def _own_modules() -> dict[str, types.ModuleType]:
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if isinstance(module, types.ModuleType) and file and kind_of(file) == "own":
            found[name] = module
    return found


def _needs(module: types.ModuleType) -> set[str]:
    """Names of modules from which something stands in this one."""
    wanted = set()
    for value in list(vars(module).values()):
        if isinstance(value, types.ModuleType):
            wanted.add(value.__name__)
        else:
            home = getattr(value, "__module__", None)
            if isinstance(home, str):
                wanted.add(home)
    return wanted - {module.__name__}


def fresh_namespace(module: types.ModuleType, sources: Sources) -> dict[str, Any]:
    """The module's names as they would be if its own and its imports' source were as in `sources`."""
    own = _own_modules()
    own.setdefault(module.__name__, module)
    needs = {name: _needs(m) & set(own) for name, m in own.items()}
    changed = {name for name, m in own.items() if (m.__file__ or "") in sources.overlay}
    affected = set(changed) | {module.__name__}
    while True:
        more = {name for name, wanted in needs.items() if wanted & affected and name not in affected}
        if not more:
            break
        affected |= more
    wanted = _reachable(module.__name__, needs) & affected | {module.__name__}
    order = _in_order(wanted, needs)
    kept = {name: sys.modules.get(name) for name in order}
    try:
        for name in order:
            fresh = types.ModuleType(name)
            fresh.__dict__.update(vars(own[name]))
            if name == "__main__":
                fresh.__dict__["__name__"] = "__tilewise_main__"
                sys.modules["__tilewise_main__"] = fresh
            sys.modules[name] = fresh
            file = own[name].__file__ or ""
            text = sources.text(file)
            if text is not None:
                rerun(text, file, fresh.__dict__, _changed_lines(Sources().text(file) or "", text))
        return dict(sys.modules[module.__name__].__dict__) if module.__name__ in order else dict(vars(module))
    finally:
        sys.modules.pop("__tilewise_main__", None)
        for name, old in kept.items():
            if old is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = old


def _reachable(name: str, needs: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    rest = [name]
    while rest:
        current = rest.pop()
        if current not in seen:
            seen.add(current)
            rest.extend(needs.get(current, ()))
    return seen


def _in_order(names: Iterable[str], needs: dict[str, set[str]]) -> list[str]:
    """Modules so that each stands after those it needs; a ring is cut where it is entered."""
    order: list[str] = []
    visiting: set[str] = set()
    chosen = set(names)

    def visit(name: str) -> None:
        if name in visiting or name in order:
            return
        visiting.add(name)
        for needed in sorted(needs.get(name, set()) & chosen):
            visit(needed)
        order.append(name)

    for name in sorted(chosen):
        visit(name)
    return order
