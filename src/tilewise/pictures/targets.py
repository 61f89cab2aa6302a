"""A model named on the command line: `model.py:Net`, `package.module:make_net`, with weights where a file has them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from tilewise.errors import ArgumentError


def _module(where: str) -> ModuleType:
    path = Path(where)
    if path.suffix != ".py":
        sys.path.insert(0, str(Path.cwd()))
        try:
            return importlib.import_module(where)
        except ModuleNotFoundError as error:
            raise ArgumentError(f"There is no module {where!r} ({error}).") from error
        finally:
            sys.path.pop(0)
    if not path.is_file():
        raise ArgumentError(f"There is no file {where!r}.")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # classes of a module look it up there
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module


def load(target: str, weights: str | None = None) -> nn.Module:
    """The model of `file.py:Name` or `package.module:Name`: a class or function is called without arguments.

    `weights` is a file of a state dict, read without running code in it (torch.load with weights_only=True).
    """
    where, _, name = target.rpartition(":")
    if not where or not name:
        raise ArgumentError(f"{target!r} is neither a layer such as 'Conv2d(3, 16, 3)' nor 'file.py:Name'.")
    found: Any = _module(where)
    for part in name.split("."):
        found = getattr(found, part, None)
        if found is None:
            raise ArgumentError(f"{where} has no {name}.")
    model = found if isinstance(found, nn.Module) else found() if callable(found) else found
    if not isinstance(model, nn.Module):
        raise ArgumentError(f"{target} gives a {type(model).__name__}, not a torch.nn.Module.")
    if weights is not None:
        state = torch.load(weights, map_location="cpu", weights_only=True)
        model.load_state_dict(state.get("state_dict", state) if isinstance(state, dict) else state)
    return model
