"""Scratch memory, kept between calls: fresh pages cost more than most kernels that would use them."""

from __future__ import annotations

import threading
import weakref
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ALIGNMENT = 64
# What is kept between calls: a few buffers, so that two threads at once find one each, and not above this.
KEPT_BUFFERS = 4
KEPT_BYTES = 1 << 30
_GRAIN = 1 << 16
# Each thread keeps this much for itself.
SMALL_BYTES = 1 << 16

_lock = threading.Lock()
_free: list[NDArray[np.uint8]] = []


@dataclass(frozen=True)
class WorkspaceState:
    """What is held between calls."""

    buffers: int
    bytes: int


class Workspace:
    """`with Workspace(size) as address:` gives that many bytes at a multiple of 64, contents unspecified."""

    __slots__ = ("_buffer", "_size")

    def __init__(self, size: int):
        self._size = size
        self._buffer: NDArray[np.uint8] | None = None

    def __enter__(self) -> int:
        if self._size <= SMALL_BYTES:
            return small_workspace()
        wanted = -(-(self._size + ALIGNMENT) // _GRAIN) * _GRAIN
        with _lock:
            fitting = [i for i, buffer in enumerate(_free) if buffer.nbytes >= wanted]
            if fitting:
                self._buffer = _free.pop(min(fitting, key=lambda i: _free[i].nbytes))
        if self._buffer is None:
            self._buffer = np.empty(wanted, np.uint8)
        return _aligned(self._buffer)

    def __exit__(self, *error: object) -> None:
        if self._buffer is None:
            return
        with _lock:
            _free.append(self._buffer)
            # The smallest go first: a larger buffer serves every call that they could.
            _free.sort(key=lambda buffer: buffer.nbytes)
            while len(_free) > KEPT_BUFFERS or sum(b.nbytes for b in _free) > KEPT_BYTES:
                _free.pop(0)
        self._buffer = None


def small_workspace() -> int:
    """The address of this thread's own SMALL_BYTES: without a lock, for calls that take microseconds."""
    try:
        return _own.address
    except AttributeError:
        _own.buffer = np.empty(SMALL_BYTES + ALIGNMENT, np.uint8)
        _own.address = _aligned(_own.buffer)
        with _lock:
            _small.add(_own.buffer)
        return _own.address


def _aligned(buffer: NDArray[np.uint8]) -> int:
    address = int(buffer.ctypes.data)
    return address + -address % ALIGNMENT


class _Own(threading.local):
    """What belongs to one thread."""

    buffer: NDArray[np.uint8]
    address: int


class _Buffers:
    """The small buffers of threads that live, for tests that overwrite them all."""

    def __init__(self) -> None:
        self._references: list[weakref.ref[NDArray[np.uint8]]] = []

    def add(self, buffer: NDArray[np.uint8]) -> None:
        """Remember a buffer as long as its thread does."""
        self._references = [r for r in self._references if r() is not None] + [weakref.ref(buffer)]

    def living(self) -> list[NDArray[np.uint8]]:
        """Those whose thread has not ended."""
        return [buffer for r in self._references if (buffer := r()) is not None]


_own = _Own()
_small = _Buffers()


def workspace_state() -> WorkspaceState:
    """How much scratch memory is held between calls."""
    with _lock:
        return WorkspaceState(len(_free), sum(buffer.nbytes for buffer in _free))


def fill_free_workspaces(byte: int) -> None:
    """Overwrite all scratch memory held, for tests: a kernel must not depend on what was there."""
    with _lock:
        for buffer in [*_free, *_small.living()]:
            buffer.fill(byte)


def drop_workspaces() -> None:
    """Give all scratch memory back."""
    with _lock:
        _free.clear()
