"""A model named on the command line: a layer's text, or `file.py:Model`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tilewise.errors import ArgumentError

if TYPE_CHECKING:
    import torch

FORMS = 'a layer such as "Conv2d(3, 16, 3)", or file.py:Model for a class, a function or a module in your own file'


def load(name: str, dtype: torch.dtype) -> torch.nn.Module:
    """The module that `name` stands for, with its weights initialised, on the CPU.

    For `file.py:Model` the file is imported; `Model` may be a module, or a class or function that makes one without
    arguments. Raises ArgumentError where there is none.
    """
    if ".py:" in name:
        return _from_file(name).to(dtype)
    from tilewise.explanation import layer_from_text

    layer = layer_from_text(name).to_empty(device="cpu").to(dtype)
    for module in layer.modules():
        reset: Any = getattr(module, "reset_parameters", None)
        if reset is not None:
            reset()
    return layer


def _from_file(name: str) -> torch.nn.Module:
    import torch

    path_text, _, attribute = name.rpartition(":")
    path = Path(path_text)
    if not path.is_file():
        raise ArgumentError(f"{path_text} is no file; accepted is {FORMS}")
    made: Any = getattr(_module(path), attribute, None)
    if made is None:
        raise ArgumentError(f"{path_text} has no {attribute!r}; accepted is {FORMS}")
    if not isinstance(made, torch.nn.Module):
        try:
            made = made()
        except TypeError as error:
            raise ArgumentError(f"{name} cannot be called without arguments ({error}); accepted is {FORMS}") from error
    if not isinstance(made, torch.nn.Module):
        raise ArgumentError(f"{name} is {type(made).__name__}, not a torch.nn.Module; accepted is {FORMS}")
    return made


def _module(path: Path) -> Any:
    specification = importlib.util.spec_from_file_location(path.stem, path)
    if specification is None or specification.loader is None:
        raise ArgumentError(f"{path} cannot be imported; accepted is {FORMS}")
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module  # dataclasses and pickles look their module up
    folder = str(path.resolve().parent)
    sys.path.insert(0, folder)  # a model's file may import its neighbours, as it can when it is run
    try:
        specification.loader.exec_module(module)
    finally:
        sys.path.remove(folder)
    return module
