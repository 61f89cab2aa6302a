"""Memory between two pages that may not be touched: one byte read or written outside it ends the process."""

from __future__ import annotations

import ctypes
import mmap

import torch

PAGE = mmap.PAGESIZE
_PROT_NONE, _READ_WRITE = 0, mmap.PROT_READ | mmap.PROT_WRITE
_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]

SIDES = ("before", "behind")


class Guarded:
    """`size` bytes, all 0xFF (NaN in each type), that touch the guard page of a side; freed with the object."""

    def __init__(self, size: int, side: str):
        pages = max(1, -(-size // PAGE)) * PAGE
        self._length = pages + 2 * PAGE
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        self._base = _libc.mmap(None, self._length, _PROT_NONE, flags, -1, 0)
        inside = self._base + PAGE
        if _libc.mprotect(inside, pages, _READ_WRITE):
            raise OSError(ctypes.get_errno(), "mprotect failed")
        ctypes.memset(inside, 0xFF, pages)
        self.address = inside + (pages - size if side == "behind" else 0)
        self.size = size

    def __del__(self) -> None:
        _libc.munmap(self._base, self._length)

    def tensor(self, dtype: torch.dtype, shape: tuple[int, ...], strides: tuple[int, ...]) -> torch.Tensor:
        """This memory as a tensor; it must not outlive this object."""
        buffer = (ctypes.c_char * self.size).from_address(self.address)
        return torch.frombuffer(buffer, dtype=dtype).as_strided(shape, strides)


def extent(shape: tuple[int, ...], strides: tuple[int, ...]) -> int:
    """Elements from the first to the last."""
    return sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True)) + 1


def guard(tensor: torch.Tensor, side: str) -> tuple[torch.Tensor, Guarded]:
    """A tensor's values in guarded memory with the same strides, and that memory."""
    memory = Guarded(extent(tuple(tensor.shape), tensor.stride()) * tensor.element_size(), side)
    placed = memory.tensor(tensor.dtype, tuple(tensor.shape), tensor.stride())
    if 0 in tensor.stride():
        # A repeated element can't be copied to; one of each is.
        once = tuple(slice(0, 1) if stride == 0 else slice(None) for stride in tensor.stride())
        placed[once].copy_(tensor[once])
    else:
        placed.copy_(tensor)
    return placed, memory
