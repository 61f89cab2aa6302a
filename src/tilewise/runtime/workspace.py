"""Scratch memory, kept between calls: fresh pages cost more than most kernels that would use them."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ALIGNMENT = 64
# What is kept between calls: a few buffers, so that two threads at once find one each, and not above this.
KEPT_BUFFERS = 4
KEPT_BYTES = 1 << 30
_GRAIN = 1 << 16

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
        wanted = -(-(self._size + ALIGNMENT) // _GRAIN) * _GRAIN
        with _lock:
            fitting = [i for i, buffer in enumerate(_free) if buffer.nbytes >= wanted]
            if fitting:
                self._buffer = _free.pop(min(fitting, key=lambda i: _free[i].nbytes))
        if self._buffer is None:
            self._buffer = np.empty(wanted, np.uint8)
        address = self._buffer.ctypes.data
        return int(address + -address % ALIGNMENT)

    def __exit__(self, *error: object) -> None:
        assert self._buffer is not None
        with _lock:
            _free.append(self._buffer)
            # The smallest go first: a larger buffer serves every call that they could.
            _free.sort(key=lambda buffer: buffer.nbytes)
            while len(_free) > KEPT_BUFFERS or sum(b.nbytes for b in _free) > KEPT_BYTES:
                _free.pop(0)
        self._buffer = None


def workspace_state() -> WorkspaceState:
    """How much scratch memory is held between calls."""
    with _lock:
        return WorkspaceState(len(_free), sum(buffer.nbytes for buffer in _free))


def fill_free_workspaces(byte: int) -> None:
    """Overwrite all scratch memory held, for tests: a kernel must not depend on what was there."""
    with _lock:
        for buffer in _free:
            buffer.fill(byte)


def drop_workspaces() -> None:
    """Give all scratch memory back."""
    with _lock:
        _free.clear()
