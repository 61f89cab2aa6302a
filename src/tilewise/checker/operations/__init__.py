"""PyTorch's functions as the checker knows them: their parameters, preconditions, costs and what they see.

One file a family; an operation that is not here runs unexamined, and its own error is reported as it comes.
No rendering, no source text and no repairs may come in.
"""

from __future__ import annotations

from typing import Any

import torch

from tilewise.checker.operations.base import Call, Operation, bind
from tilewise.checker.operations.convolution import OPERATIONS as _CONVOLUTION
from tilewise.checker.operations.features import OPERATIONS as _FEATURES
from tilewise.checker.operations.pooling import OPERATIONS as _POOLING
from tilewise.checker.operations.shapes import OPERATIONS as _SHAPES

_BY_NAME: dict[str, Operation] = {
    name: operation for operation in (*_CONVOLUTION, *_FEATURES, *_POOLING, *_SHAPES) for name in operation.names
}


def describe(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], module: Any) -> Call | None:
    """The call in the checker's words, or None for a function it does not know or can't make out."""
    name = getattr(func, "__name__", "")
    operation = _BY_NAME.get(name)
    if operation is None:
        return None
    given = bind(operation.parameters, args, kwargs)
    if given is None or not (isinstance(given.get("input"), torch.Tensor) or operation.many):
        return None
    return Call(operation, name, given, module)


__all__ = ["Call", "Operation", "describe"]
