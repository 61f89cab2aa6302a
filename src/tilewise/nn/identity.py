"""What a subclass must do to pass for the PyTorch layer that it stands for.

PyTorch's tools recognise layers in two ways that a subclass made elsewhere fails:

- torch.fx keeps a layer whole (a "leaf") where `layer.__module__` begins with "torch.nn";
- torch.ao's fusion and quantisation look `type(layer)` up in tables or compare it with `==`.

So a layer's instances name PyTorch's module while the class, for pickles and for people, names its own; and the
class is `==` to the one it stands for, though not identical to it.
"""

from __future__ import annotations

from abc import ABCMeta
from typing import Any


class Home(str):
    """A class's `__module__`: its own name on the class, PyTorch's on instances."""

    __slots__ = ()

    def __get__(self, instance: object, owner: type) -> str:
        return str(self) if instance is None else "torch.nn.modules.conv"


class StandsFor(ABCMeta):
    """The type of layer classes. `stands_for` names the PyTorch class that a class is equal to, if any.

    It derives from ABCMeta only so that a layer and an abstract base can be inherited together, as they can with
    PyTorch's layers; `isinstance` and `issubclass` stay those of plain classes.
    """

    __instancecheck__ = type.__instancecheck__
    __subclasscheck__ = type.__subclasscheck__

    def __eq__(cls, other: object) -> bool:
        return cls is other or (isinstance(other, type) and cls._original() is _original_of(other))

    def __hash__(cls) -> int:
        return type.__hash__(cls._original())

    def _original(cls) -> type:
        original: type = cls.__dict__.get("stands_for", cls)
        return original


def _original_of(other: Any) -> type:
    return other._original() if isinstance(other, StandsFor) else other
