"""A run that only asks whether there is a fault, for trying many sizes quickly."""

from __future__ import annotations

from typing import Any

from torch import nn

from tilewise.checker.judging import judge
from tilewise.checker.operations import describe
from tilewise.checker.refusals import moving
from tilewise.checker.trace import QUIET, Trace


class Refused(Exception):
    """A lean run has met its first fault."""


class Lean(Trace):
    """A run that only answers whether there is a fault: no marks, no rows, no line numbers."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name in QUIET:
            return func(*args, **kwargs)
        if name in ("to", "cuda"):
            func = moving(func, name)
        call = describe(func, args, kwargs, None)
        try:
            violation = judge(call) if call is not None else None
        except (TypeError, ValueError, IndexError, AttributeError):
            violation = None
        if violation is not None:
            raise Refused(violation.text)
        return self._guarded(func, name, args, kwargs)

    def layer(self, module: nn.Module, original: Any, args: Any, kwargs: Any) -> Any:
        """Run the layer as it is."""
        return original(module, *args, **kwargs)
