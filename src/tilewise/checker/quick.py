"""A fast start for the command: fake tensors ask for torch._dynamo's settings, and get them without its compiler.

Importing torch._dynamo takes most of a second, of which a check needs one file of settings. For a process that only
checks, a stand-in holds its place; whoever asks it for anything else gets the real one. `tilewise.check` as a
function never does this: its process may go on to compile.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Sequence
from typing import Any

import torch

_NAME = "torch._dynamo"
_SETTINGS = f"{_NAME}.config"


class StandIn(types.ModuleType):
    """torch._dynamo until somebody needs it."""

    @staticmethod
    def disable(fn: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Nothing is compiled, so nothing must be kept from it."""
        return fn if fn is not None else (lambda inner: inner)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(), name)


class _Parts(importlib.abc.MetaPathFinder):
    """Whoever imports a part of torch._dynamo but its settings gets the part of the real one.

    Loaded under the stand-in, a part would ask it for the real one, which imports the same part again, half done.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """None, so that others find it, except while the stand-in is in place."""
        if not fullname.startswith(f"{_NAME}.") or fullname == _SETTINGS:
            return None
        if not isinstance(sys.modules.get(_NAME), StandIn):
            return None
        found = _real().__path__
        if fullname in sys.modules:
            return importlib.machinery.ModuleSpec(fullname, _Loaded(sys.modules[fullname]))
        return importlib.machinery.PathFinder.find_spec(fullname, found)


class _Loaded(importlib.abc.Loader):
    """Loads a module that is there already.

    Meanwhile it has no spec: the import system prefers a module's own, and would run the module again.
    """

    def __init__(self, module: types.ModuleType):
        self.module, self.spec = module, module.__spec__
        module.__spec__ = None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        """The module."""
        return self.module

    def exec_module(self, module: types.ModuleType) -> None:
        """It has run; it gets its spec back."""
        module.__spec__ = self.spec


def _real() -> types.ModuleType:
    if isinstance(sys.modules.get(_NAME), StandIn):
        del sys.modules[_NAME]
        torch.__dict__.pop("_dynamo", None)
    return importlib.import_module(_NAME)


def uncompiled(model: Any = None, *args: Any, **kwargs: Any) -> Any:
    """torch.compile that leaves its model as it is: shapes are the same, and the lines are a person's own."""
    return model if model is not None else (lambda inner: inner)


def without_compiler() -> None:
    """Put the stand-in in place, unless torch._dynamo is there already or can't be found as expected.

    torch.compile then leaves models as they are, for the rest of the process.
    """
    if _NAME in sys.modules:
        return
    spec = importlib.util.find_spec(_NAME)
    if spec is None or not spec.submodule_search_locations:
        return
    torch.compile = uncompiled
    stand_in = StandIn(_NAME)
    stand_in.__path__ = list(spec.submodule_search_locations)
    stand_in.__spec__ = spec
    sys.modules[_NAME] = stand_in
    torch._dynamo = stand_in
    sys.meta_path.insert(0, _Parts())
    try:
        importlib.import_module(_SETTINGS)
    except Exception:
        _real()
