"""On and off: the two operators' CPU kernels are registered while Tilewise is enabled, and only then."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any, TypeVar

from tilewise.torch_ops import dispatch

_lock = threading.RLock()
_unregister: Callable[[], None] | None = None
_refused = False  # disable() was called: making a layer must not enable again
_F = TypeVar("_F", bound=Callable[..., Any])


def is_enabled() -> bool:
    """Whether CPU convolutions of this process run through Tilewise."""
    return _unregister is not None


def _set(on: bool) -> None:
    global _unregister
    with _lock:
        if on == is_enabled():
            return
        if _unregister is not None:
            _unregister()
            _unregister = None
            return
        dispatch.fetch_native()
        _unregister = dispatch.register()


def enable() -> None:
    """Run every CPU convolution of this process, forward and backward, on Tilewise's kernels."""
    global _refused
    _refused = False
    _set(True)


def disable() -> None:
    """Give CPU convolutions back to PyTorch. Making a layer of tilewise.nn does not enable again after this."""
    global _refused
    _refused = True
    _set(False)


def enable_by_default() -> None:
    """Enable, unless disable() was called: what making a layer of tilewise.nn does."""
    if not _refused:
        _set(True)


def _each_step(switched: Callable[[], _Switched], function: Callable[..., Generator[Any, Any, Any]]) -> Any:
    """A generator function whose body runs switched; the code that takes its values does not."""

    @functools.wraps(function)
    def inside(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        resume: Callable[[], Any] = functools.partial(next, generator)
        while True:
            try:
                with switched():
                    value = resume()
            except StopIteration as end:
                return end.value
            try:
                given = yield value
            except GeneratorExit:
                with switched():
                    generator.close()
                raise
            except BaseException as error:
                resume = functools.partial(generator.throw, error)
            else:
                resume = functools.partial(generator.send, given)

    return inside


class _Switched:
    """A context manager and decorator that sets the switch and puts it back as it was."""

    _on: bool

    def __init__(self) -> None:
        self._before: list[tuple[bool, bool]] = []

    def __enter__(self) -> None:
        global _refused
        self._before.append((is_enabled(), _refused))
        _refused = not self._on
        _set(self._on)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _refused
        on, _refused = self._before.pop()
        _set(on)

    def __call__(self, function: _F) -> _F:
        switched = type(self)
        if inspect.isgeneratorfunction(function):
            return _each_step(switched, function)  # type: ignore[no-any-return]

        @functools.wraps(function)
        def inside(*args: Any, **kwargs: Any) -> Any:
            with switched():
                return function(*args, **kwargs)

        return inside  # type: ignore[return-value]


class enabled(_Switched):
    """`with tilewise.enabled():` or `@tilewise.enabled()`: enabled within, and afterwards as before."""

    _on = True


class disabled(_Switched):
    """`with tilewise.disabled():` or `@tilewise.disabled()`: PyTorch's kernels within, afterwards as before."""

    _on = False
