"""The OpenMP pool that PyTorch has loaded: kernels share its threads instead of fighting them."""

from __future__ import annotations

import ctypes
import functools
import os
from pathlib import Path

_forked = False


def _mark_forked() -> None:
    global _forked
    _forked = True


# A forked child inherits libgomp's records of threads that it does not have: it runs on its one thread.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_mark_forked)


@functools.cache
def pool() -> ctypes.CDLL | None:
    """libgomp as it is mapped into this process, or None where PyTorch brought another runtime."""
    try:
        maps = Path("/proc/self/maps").read_text().split()
    except OSError:
        return None
    for path in maps:
        if "libgomp" in path:
            library = ctypes.CDLL(path)
            library.GOMP_parallel.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint]
            library.GOMP_parallel.restype = None
            return library
    return None


@functools.cache
def parallel_address() -> int:
    """The address of GOMP_parallel, 0 where there is no pool."""
    library = pool()
    return ctypes.cast(library.GOMP_parallel, ctypes.c_void_p).value or 0 if library else 0


@functools.cache
def barrier_address() -> int:
    """The address of GOMP_barrier, 0 where there is no pool."""
    library = pool()
    return ctypes.cast(library.GOMP_barrier, ctypes.c_void_p).value or 0 if library else 0


@functools.cache
def number_address() -> int:
    """The address of omp_get_thread_num, 0 where there is no pool."""
    library = pool()
    return ctypes.cast(library.omp_get_thread_num, ctypes.c_void_p).value or 0 if library else 0


def usable_threads(wanted: int) -> int:
    """How many threads a region may really have here."""
    return 1 if _forked or pool() is None else wanted


def pool_description() -> str:
    """For people: which pool is used."""
    return "OpenMP (libgomp, shared with PyTorch)" if pool() else "none found: kernels run on the calling thread"
