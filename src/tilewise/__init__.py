"""Tilewise: convolution for PyTorch on CPUs, compiled from Python.

    import tilewise
    tilewise.enable()          # every CPU convolution of the process now runs on generated kernels

The public names are these; modules behind them may change. Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tilewise import nn
    from tilewise.checker import check
    from tilewise.explaining import explain
    from tilewise.pictures import see
    from tilewise.torch_ops import disable, disabled, enable, enabled, is_enabled, precision
    from tilewise.tuning import tune

__version__ = "0.1.0"

# Where each public name lives. A room is entered when one of its names is first asked for.
_HOMES = {
    "check": "tilewise.checker",
    "disable": "tilewise.torch_ops",
    "disabled": "tilewise.torch_ops",
    "enable": "tilewise.torch_ops",
    "enabled": "tilewise.torch_ops",
    "explain": "tilewise.explaining",
    "is_enabled": "tilewise.torch_ops",
    "nn": "tilewise.nn",
    "precision": "tilewise.torch_ops",
    "see": "tilewise.pictures",
    "tune": "tilewise.tuning",
}

__all__ = [
    "__version__",
    "check",
    "disable",
    "disabled",
    "enable",
    "enabled",
    "explain",
    "is_enabled",
    "nn",
    "precision",
    "see",
    "tune",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'tilewise' has no attribute {name!r}")
    module = import_module(home)
    value = module if home == f"tilewise.{name}" else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
