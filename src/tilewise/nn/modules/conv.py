"""PyTorch's twelve convolution layers, as thin subclasses that enable Tilewise, check arguments and explain."""

from __future__ import annotations

import functools
import inspect
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from tilewise import torch_ops
from tilewise.errors import ArgumentError
from tilewise.nn import arguments, docs
from tilewise.nn.identity import Home, StandsFor

if TYPE_CHECKING:
    from tilewise.explanation import Explanation

__all__ = [
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
]

_state = threading.local()
_C = TypeVar("_C", bound=type)


@contextmanager
def sketching() -> Iterator[None]:
    """Layers made within, by this thread, are only talked about: making them does not enable Tilewise."""
    before, _state.sketching = getattr(_state, "sketching", False), True
    try:
        yield
    finally:
        _state.sketching = before


class Explains(torch.nn.Module, metaclass=StandsFor):
    """What Tilewise adds to every convolution layer."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        _made()  # unpickling makes a layer, too

    # torch.jit.script compiles what it finds; these two are for people.
    @torch.jit.unused
    def output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """The shape of the result for an input of `input_shape`, (N, C, ...) or (C, ...), without computing it.

        Raises ArgumentError (a ValueError) where the layer cannot take such an input.
        """
        from tilewise.explanation import layer_output_shape

        return layer_output_shape(self, input_shape)

    @torch.jit.unused
    def explain(self, input_shape: Sequence[int], **options: Any) -> Explanation:
        """What this layer computes and costs for an input of `input_shape`, and what it runs on.

        Options are those of `tilewise.explain`: dtype, channels_last, precision.
        """
        from tilewise.explanation import explain_layer

        return explain_layer(self, input_shape, **options)


def _made() -> None:
    if not getattr(_state, "sketching", False):
        torch_ops.enable_by_default()


def _checked(theirs: Callable[..., None], axes: int, transposed: bool, lazy: bool) -> Callable[..., None]:
    """PyTorch's constructor, with the same signature, followed by what Tilewise has to say of the arguments."""
    signature = inspect.signature(theirs)

    @functools.wraps(theirs)
    def __init__(self: torch.nn.Module, *args: Any, **kwargs: Any) -> None:
        if lazy or not isinstance(self, torch.nn.modules.lazy.LazyModuleMixin):  # or else: checked by the lazy form
            given = _bound(signature, self, args, kwargs)
            found = arguments.complaints(axes, transposed, given, lazy) if given else []
            if found:
                _refuse(type(self).__name__, found, functools.partial(theirs, self, *args, **kwargs))
        theirs(self, *args, **kwargs)
        _made()

    return __init__


def _bound(signature: inspect.Signature, self: Any, args: Any, kwargs: Any) -> dict[str, Any] | None:
    """Arguments by name, defaults included; None where they do not fit, which PyTorch's constructor says itself."""
    try:
        bound = signature.bind(self, *args, **kwargs)
    except TypeError:
        return None
    bound.apply_defaults()
    return bound.arguments


def _refuse(layer: str, found: list[str], construct: Callable[[], None]) -> None:
    """Raise PyTorch's exception, its message first, where PyTorch refuses too; else ArgumentError."""
    text = "\n".join(f"{layer}: {sentence}" for sentence in found)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            construct()
    except (ValueError, TypeError, RuntimeError, ArithmeticError) as error:
        raise type(error)(f"{error}\n{text}") from error
    raise ArgumentError(text)


def _layer(cls: _C) -> _C:
    """Finish a layer class: its constructor, its home and its documentation."""
    original: Any = next(base for base in cls.__mro__[1:] if base.__module__ == "torch.nn.modules.conv")
    axes, transposed, lazy = int(cls.__name__[-2]), "Transpose" in cls.__name__, cls.__name__.startswith("Lazy")
    made: Any = cls
    made.__init__ = _checked(original.__init__, axes, transposed, lazy)
    made.__module__ = Home(__name__)
    made.stands_for = original
    made.__doc__ = docs.layer(cls.__name__, axes, transposed, lazy)
    return cls


@_layer
class Conv1d(Explains, torch.nn.Conv1d):
    pass


@_layer
class Conv2d(Explains, torch.nn.Conv2d):
    pass


@_layer
class Conv3d(Explains, torch.nn.Conv3d):
    pass


@_layer
class ConvTranspose1d(Explains, torch.nn.ConvTranspose1d):
    pass


@_layer
class ConvTranspose2d(Explains, torch.nn.ConvTranspose2d):
    pass


@_layer
class ConvTranspose3d(Explains, torch.nn.ConvTranspose3d):
    pass


@_layer
class LazyConv1d(torch.nn.LazyConv1d, Conv1d):  # type: ignore[misc]
    cls_to_become = Conv1d


@_layer
class LazyConv2d(torch.nn.LazyConv2d, Conv2d):  # type: ignore[misc]
    cls_to_become = Conv2d


@_layer
class LazyConv3d(torch.nn.LazyConv3d, Conv3d):  # type: ignore[misc]
    cls_to_become = Conv3d


@_layer
class LazyConvTranspose1d(torch.nn.LazyConvTranspose1d, ConvTranspose1d):  # type: ignore[misc]
    cls_to_become = ConvTranspose1d


@_layer
class LazyConvTranspose2d(torch.nn.LazyConvTranspose2d, ConvTranspose2d):  # type: ignore[misc]
    cls_to_become = ConvTranspose2d


@_layer
class LazyConvTranspose3d(torch.nn.LazyConvTranspose3d, ConvTranspose3d):  # type: ignore[misc]
    cls_to_become = ConvTranspose3d


def __getattr__(name: str) -> Any:
    return getattr(torch.nn.modules.conv, name)
