"""Exceptions out of native kernels.

PyTorch's C interface turns exceptions into error codes, and generated code cannot raise. But it can leave by calling
something that does: a tensor whose operators raise, in Python, the exception that is waiting for this thread.
"""

from __future__ import annotations

import ctypes
import functools
import threading
from typing import Any

import torch

# What a kernel is told: nothing to raise, raise through the tensor, or the address of a message.
NOTHING, THROUGH_TENSOR = 0, 1

_waiting: dict[int, BaseException] = {}
_messages: dict[int, Any] = {}


class _Raising(torch.Tensor):
    """Every operator on it raises what waits for this thread."""

    @classmethod
    def __torch_dispatch__(cls, *call: Any, **named: Any) -> Any:
        raise _waiting.pop(threading.get_ident())


@functools.cache
def tensor() -> tuple[Any, int]:
    """The raising tensor, and an owned C handle of it."""
    made = _Raising._make_wrapper_subclass(_Raising, (1,), dtype=torch.float32)
    api = ctypes.pythonapi
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    return made, api.PyCapsule_GetPointer(torch._C._aoti.unsafe_alloc_void_ptr_from_tensor(made), None)


def wait(error: BaseException) -> int:
    """Keep an exception for this thread's kernel to raise; what the kernel is to be told.

    Where operators of tensor subclasses are switched off, PyTorch raises a RuntimeError with its message.
    """
    thread = threading.get_ident()
    if torch._C._dispatch_tls_is_dispatch_key_excluded(torch._C.DispatchKey.Python):
        _messages[thread] = ctypes.create_string_buffer(str(error).encode())
        return ctypes.addressof(_messages[thread])
    _waiting[thread] = error
    return THROUGH_TENSOR
