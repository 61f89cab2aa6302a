"""What the checker must know of an operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from tilewise.geometry import ReceptiveField

Shape = tuple[int, ...]
Fields = tuple[ReceptiveField, ...]


@dataclass(frozen=True)
class Call:
    """One call of a known operation with its arguments by name."""

    operation: Operation
    name: str
    given: dict[str, Any]
    module: Any = None

    @property
    def input(self) -> torch.Tensor:
        """The first tensor."""
        value = self.given.get("input")
        return value if isinstance(value, torch.Tensor) else self.tensors[0]

    @property
    def shape(self) -> Shape:
        """The shape of the first tensor."""
        return tuple(self.input.shape)

    @property
    def dims(self) -> int:
        """N of an N-d operation, from its name."""
        found = re.search(r"(\d)d", self.name)
        return int(found.group(1)) if found else max(len(self.shape) - 2, 1)

    @property
    def tensors(self) -> list[torch.Tensor]:
        """All tensors given, lists opened."""
        flat: list[torch.Tensor] = []
        for value in self.given.values():
            if isinstance(value, torch.Tensor):
                flat.append(value)
            elif isinstance(value, (list, tuple)):
                flat.extend(v for v in value if isinstance(v, torch.Tensor))
        return flat

    def shape_of(self, name: str) -> Shape | None:
        """The shape of a tensor argument, or None where there is none."""
        value = self.given.get(name)
        return tuple(value.shape) if isinstance(value, torch.Tensor) else None

    def per_axis(self, name: str, default: int | None = None) -> Shape:
        """An argument that is one number or one an axis, as one an axis."""
        value = self.given.get(name)
        if value is None or (isinstance(value, (list, tuple)) and not value):
            value = default
        return spread(value, self.dims)


def spread(value: Any, dims: int) -> Shape:
    """3 -> (3, 3); (3,) -> (3, 3); (3, 5) stays."""
    if isinstance(value, (list, tuple, torch.Size)):
        numbers = tuple(int(v) for v in value)
        return numbers * dims if len(numbers) == 1 else numbers
    return (int(value),) * dims


def _nothing(call: Call) -> Any:
    return None


def _same(call: Call) -> tuple[Shape, ...]:
    return (call.shape,)


def _free(call: Call, out: Shape) -> int:
    return 0


def _unchanged(call: Call, fields: Fields) -> Fields | None:
    return fields


@dataclass(frozen=True)
class Operation:
    """A family of functions with the same parameters.

    `describes` gives the geometry module's description of a call, whose preconditions are then checked;
    `assumed` the shapes to go on with after a fault; `cost` its multiply-adds; `sees` its receptive field.
    """

    kind: str
    names: tuple[str, ...]
    parameters: str
    describes: Callable[[Call], Any] = _nothing
    assumed: Callable[[Call], Sequence[Shape]] = _same
    cost: Callable[[Call, Shape], int] = _free
    sees: Callable[[Call, Fields], Fields | None] = _unchanged
    many: bool = field(default=False)
    """True where the first parameter is a list of tensors."""
    row: bool = field(default=True)
    """Whether a call outside any layer has a line of its own in the table."""


_PLAIN = {"None": None, "True": True, "False": False}


def bind(parameters: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """Arguments by name; `parameters` reads like "input weight bias=None stride=1", "*shape" takes the rest.

    None where they do not fit, for instance another overload of the function.
    """
    given: dict[str, Any] = {}
    rest = list(args)
    for word in parameters.split():
        name, _, default = word.partition("=")
        if name.startswith("*"):
            only = rest[0] if len(rest) == 1 and isinstance(rest[0], (list, tuple, torch.Size)) else tuple(rest)
            given[name[1:]] = tuple(kwargs.get(name[1:], only))
            rest = []
        elif rest:
            given[name] = rest.pop(0)
        elif name in kwargs:
            given[name] = kwargs[name]
        elif default:
            given[name] = _PLAIN[default] if default in _PLAIN else _number(default)
        else:
            return None
    return None if rest else given


def _number(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return text
