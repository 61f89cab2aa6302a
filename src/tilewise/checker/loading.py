"""From a name to a model, and the same again with changed source: files are executed in memory under fresh modules.

No file is written here, and modules that a program has imported stay as they are.
"""

from __future__ import annotations

import ast
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


def _changed_lines(old: str, new: str) -> range:
    """The lines of `new` between the first and the last that differ from `old`."""
    one, two = old.splitlines(), new.splitlines()
    start = 0
    while start < min(len(one), len(two)) and one[start] == two[start]:
        start += 1
    end = 0
    while end < min(len(one), len(two)) - start and one[-1 - end] == two[-1 - end]:
        end += 1
    return range(start + 1, max(len(two) - end, start + 1) + 1)


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


_Definition = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_Assignment = (ast.Assign, ast.AnnAssign, ast.AugAssign)


def _makes(statement: ast.stmt) -> set[str]:
    """The names that a statement binds."""
    if isinstance(statement, _Definition):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(a.asname or a.name.split(".")[0]) for a in statement.names}
    if isinstance(statement, _Assignment):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return {name for t in targets for name in _names(t)}
    inner = [n for n in ast.walk(statement) if isinstance(n, (*_Definition, *_Assignment)) and n is not statement]
    return {name for n in inner for name in _makes(n)}


def rerun(text: str, file: str, namespace: dict[str, Any], changed: range, fresh_modules: set[str]) -> None:
    """Run again what a change reaches: definitions and assignments in it, and those that name one of these.

    Training loops, prints and downloads are left out; names they made are still in `namespace`.
    """
    tree = ast.parse(text, file)
    kept: list[ast.stmt] = [
        s for s in tree.body if isinstance(s, (*_Definition, *_Assignment, ast.Import, ast.ImportFrom))
    ]
    kept += [s for s in tree.body if isinstance(s, (ast.If, ast.Try)) and _makes(s)]
    affected: set[str] = set()
    chosen: set[int] = set()
    needs = {id(s): _names(s) for s in kept}
    for statement in kept:
        if isinstance(statement, ast.ImportFrom):
            moved = (statement.module or "").split(".")[-1] in fresh_modules
        elif isinstance(statement, ast.Import):
            moved = any(a.name.split(".")[-1] in fresh_modules for a in statement.names)
        else:
            moved = any(n in changed for n in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
        if moved:
            chosen.add(id(statement))
            affected |= _makes(statement)
    grown = True
    while grown:
        grown = False
        for statement in kept:
            if id(statement) not in chosen and needs[id(statement)] & affected:
                chosen.add(id(statement))
                affected |= _makes(statement)
                grown = True
    flags = _future(tree)
    for statement in tree.body:
        if id(statement) not in chosen:
            continue
        try:
            _execute(statement, file, namespace, flags)
        except Exception:
            if isinstance(statement, _Definition):
                raise


_KNOWN: dict[int, dict[str, types.ModuleType]] = {}


def _own_modules() -> dict[str, types.ModuleType]:
    """The person's own modules among all that are imported; looked up again only after an import."""
    if len(sys.modules) not in _KNOWN:
        _KNOWN.clear()
        _KNOWN[len(sys.modules)] = _find_own()
    return dict(_KNOWN[len(sys.modules)])


def _find_own() -> dict[str, types.ModuleType]:
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
    own[module.__name__] = module
    needs = {name: _needs(m) & set(own) for name, m in own.items()}
    changed = {name for name, m in own.items() if (getattr(m, "__file__", None) or "") in sources.overlay}
    affected = set(changed) | {module.__name__}
    while True:
        more = {name for name, wanted in needs.items() if wanted & affected and name not in affected}
        if not more:
            break
        affected |= more
    wanted = _reachable(module.__name__, needs) & affected | {module.__name__}
    order = _in_order(wanted, needs)
    short = {name.split(".")[-1] for name in order}
    kept = {name: sys.modules.get(name) for name in order}
    try:
        for name in order:
            fresh = types.ModuleType(name)
            fresh.__dict__.update(vars(own[name]))
            if name == "__main__":
                fresh.__dict__["__name__"] = "__tilewise_main__"
                sys.modules["__tilewise_main__"] = fresh
            sys.modules[name] = fresh
            for file in _files_of(own[name], module, sources):
                text = sources.text(file)
                if text is not None:
                    changed_lines = _changed_lines(Sources().text(file) or "", text)
                    rerun(text, file, fresh.__dict__, changed_lines, short)
        return dict(sys.modules[module.__name__].__dict__) if module.__name__ in order else dict(vars(module))
    finally:
        sys.modules.pop("__tilewise_main__", None)
        for name, old in kept.items():
            if old is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = old


def _files_of(module: types.ModuleType, wanted: types.ModuleType, sources: Sources) -> list[str]:
    """The module's file; for the wanted one also changed cells of a notebook, which have none."""
    files = [getattr(module, "__file__", None) or ""]
    if module is wanted:
        files += [file for file in sources.overlay if file.startswith("<")]
    return [file for file in files if file]


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
