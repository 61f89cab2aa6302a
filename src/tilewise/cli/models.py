"""What `tilewise bench` measures: a layer's line, or a module from a person's own file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_TARGET = re.compile(r"[^()]+:[\w.]+")


def load(name: str, dtype: torch.dtype) -> torch.nn.Module:
    """The module that `name` stands for, with its weights initialised, on the CPU.

    Raises ArgumentError where it is neither a layer's line nor `file.py:Model` or `package.module:Model`.
    """
    if _TARGET.fullmatch(name.strip()):
        from tilewise.pictures.targets import load as load_target

        return load_target(name.strip()).to(dtype)
    from tilewise.explanation import layer_from_text

    layer = layer_from_text(name).to_empty(device="cpu").to(dtype)
    for module in layer.modules():
        reset: Any = getattr(module, "reset_parameters", None)
        if reset is not None:
            reset()
    return layer
