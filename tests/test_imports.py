"""Nothing heavy is imported before it is used, and no files import each other in a circle."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import tilewise

ROOT = Path(tilewise.__file__).parent


def test_importing_tilewise_imports_nothing_heavy():
    heavy = "{'torch', 'numpy', 'rich', 'click', 'llvmlite'}"
    program = f"import sys, tilewise; assert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_no_files_import_each_other_in_a_circle():
    # Imports within functions, and those for types alone, count: they are arrows to whoever reads the code, too.
    # `tilewise/__init__.py` only hands out public names, each when it is first asked for.
    files = {module(path): path for path in ROOT.rglob("*.py")}
    arrows = {name: imported(path, files) for name, path in files.items() if name != "tilewise"}
    assert sum(map(len, arrows.values())) > 1000
    list(TopologicalSorter(arrows).static_order())


def module(path):
    parts = ("tilewise", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path, files):
    """The modules of Tilewise that a file names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative imports are not followed here"
            found.update(n if n in files else node.module for n in (f"{node.module}.{a.name}" for a in node.names))
    return found & files.keys() - {"tilewise"}
