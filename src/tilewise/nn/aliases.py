"""`import tilewise.nn.functional` and its like: submodules of torch.nn under Tilewise's name, the same objects."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

_HERE, _THERE = "tilewise.nn.", "torch.nn."


class _Alias(Loader):
    """Gives PyTorch's module, unchanged."""

    def __init__(self, name: str):
        self._name = name
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(self._name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just written the alias's spec into PyTorch's module.
        module.__spec__ = self._spec


class _Finder(MetaPathFinder):
    """Answers for names under tilewise.nn that are no files of ours."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(_HERE):
            return None
        rest = fullname[len(_HERE) :]
        own = Path(__file__).parent.joinpath(*rest.split("."))
        if own.with_suffix(".py").exists() or (own / "__init__.py").exists():
            return None
        if importlib.util.find_spec(_THERE + rest) is None:
            return None
        return ModuleSpec(fullname, _Alias(_THERE + rest))


def install() -> None:
    """Answer from now on. In front, because PyTorch's folders would otherwise be searched and loaded twice."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
