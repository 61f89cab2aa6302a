"""Scratch memory from Python: what native code does around a program."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator

from tilewise import target
from tilewise.runtime import job
from tilewise.runtime.workspace import slots


@contextlib.contextmanager
def scratch(size: int) -> Iterator[int]:
    """The address of that many bytes; 0 where there are none."""
    _, take, give = job.addresses(target.host())
    word = ctypes.c_size_t
    address = ctypes.CFUNCTYPE(word, word, word)(take)(slots(), size)
    try:
        yield address
    finally:
        if address:
            ctypes.CFUNCTYPE(None, word, word, word)(give)(slots(), size, address)
