"""The kernels made ready and registered, and the operators of Python that they fall back to."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tilewise import target
from tilewise.jit import function_address
from tilewise.runtime import process_words, run_address
from tilewise.torch_ops.direct import answer as answering
from tilewise.torch_ops.direct import raising, shim, text, words
from tilewise.torch_ops.direct.table import Part, Table
from tilewise.torch_ops.uncompiled import uncompiled

_SCHEMAS = {
    "convolution": (
        "convolution(Tensor input, Tensor weight, Tensor? bias, SymInt[] stride, SymInt[] padding, SymInt[] dilation, "
        "bool transposed, SymInt[] output_padding, SymInt groups, int key, int length) -> Tensor"
    ),
    "convolution_backward": (
        "convolution_backward(Tensor grad_output, Tensor input, Tensor weight, SymInt[]? bias_sizes, SymInt[] stride, "
        "SymInt[] padding, SymInt[] dilation, bool transposed, SymInt[] output_padding, SymInt groups, "
        "bool[3] output_mask, int key, int length) -> (Tensor, Tensor, Tensor)"
    ),
}
# What Python's kernels return beside their result: what makes the call known, where it is.
Answer = tuple[Any, "tuple[Sequence[Part], int] | None"]


class Kernels:
    """Native kernels over Python's: `answers` by operator, `settings` all that a plan depends on besides its call."""

    def __init__(self, answers: dict[str, Callable[..., Answer]], settings: Callable[[], Hashable]):
        self._answers = answers
        self._settings = settings
        self._numbers: dict[Hashable, int] = {}
        self._lock = threading.RLock()
        self._library: shim.Library | None = None
        self._shared: NDArray[np.int64] = np.zeros(words.BYTES // 8 + 8, np.int64)
        # Its counters stand on cache lines of their own.
        self._shared = self._shared[-(self._shared.ctypes.data // 8) % 8 :]
        self._kept: list[Any] = []
        self._environment: NDArray[np.int64] | None = None
        self._fill()
        self.table = Table(self._shared)
        self._define()
        self.refresh()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)
        # Threads of PyTorch's own may be in a kernel while the interpreter ends and frees what modules hold.
        for kept in (self, *process_words()):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))

    def register(self) -> None:
        """Put the kernels under PyTorch's operators."""
        self.refresh()
        self._library = shim.Library("aten")
        for name in self._answers:
            self._library.implement(name, self._word(name))

    def unregister(self) -> None:
        """Take them away."""
        if self._library is not None:
            self._library.close()
            self._library = None

    @property
    def counted(self) -> tuple[int, int]:
        """Results computed by calls that were known: forward, and gradients."""
        return self._word("forward_count"), self._word("backward_count")

    def refresh(self) -> int:
        """Read the settings again; their number, which is part of every key."""
        with self._lock:
            # The environment first: a change between the two is then seen by the next call.
            environment = _environment()
            number = self._numbers.setdefault(self._settings(), len(self._numbers) + 1)
            self._shared[words.offset("settings") // 8] = number
            if self._environment is None or not np.array_equal(environment, self._environment):
                old, self._environment = self._environment, environment
                self.table.replace("environment", int(environment.ctypes.data), old)
            return number

    def _forked(self) -> None:
        self._lock = threading.RLock()  # whoever held it is not in the child

    def _word(self, name: str) -> int:
        return int(self._shared[words.offset(name) // 8])

    def _fill(self) -> None:
        """Write the shared words."""
        values = {name: shim.address(name) for name in shim.FUNCTIONS}
        values |= {
            "version": ctypes.c_int64(shim.constant("aoti_torch_abi_version")).value,
            "strided": shim.constant("aoti_torch_layout_strided"),
            "cpu": shim.constant("aoti_torch_device_type_cpu"),
            "tracer": int(torch._C._dispatch_key_parse("Tracer")),  # type: ignore[call-overload]
            "environ": shim.environ_address(),
            "run": run_address(target.host()),
            "raising": raising.tensor()[1],
        }
        names = {"forward_name": "convolution", "backward_name": "convolution_backward"}
        for word, name in (*names.items(), ("no_overload", "")):
            kept = ctypes.create_string_buffer(f"tilewise::{name}".encode() if name else b"")
            self._kept.append(kept)
            values[word] = ctypes.addressof(kept)
        for word, value in values.items():
            self._shared[words.offset(word) // 8] = value
        tell = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(function_address(text.module(), target.host()))
        tell(int(self._shared.ctypes.data))

    def _define(self) -> None:
        """Define the operators that answer calls which are not known."""
        library = torch.library.Library("tilewise", "FRAGMENT")  # type: ignore[no-untyped-call]
        self._kept.append(library)
        for name, answer in self._answers.items():
            library.define(_SCHEMAS[name])  # type: ignore[no-untyped-call]
            library.impl(name, self._fallback(name, answer), "CPU", with_keyset=True)  # type: ignore[no-untyped-call]
            for key in ("Autograd", "Tracer"):
                library.impl(name, torch.library.fallthrough_kernel, key)  # type: ignore[no-untyped-call]

    def _fallback(self, name: str, answer: Callable[..., Answer]) -> Callable[..., Any]:
        """An operator that answers by Python, makes the call known and never raises."""
        nothing = (None, None, None) if name == "convolution_backward" else None

        @uncompiled
        def fallback(keyset: Any, *arguments: Any) -> Any:
            *given, address, length = arguments
            try:
                before = self.refresh() if length == answering.STALE else self._word("settings")
                result, known = answer(keyset, *given)
                if known is not None and length > 0:
                    key = np.zeros(words.MOST_WORDS, np.int64)
                    ctypes.memmove(key.ctypes.data, address, 8 * length)
                    # The plan is of the settings in force while it was made.
                    if key[1] == before == self.refresh():
                        self.table.put(key, *known)
            except BaseException as error:
                ctypes.c_int64.from_address(address + words.STATUS).value = raising.wait(error)
                return nothing
            return result

        return fallback


def _environment() -> NDArray[np.int64]:
    """The address of the environment, the number of addresses in it with its end, and these."""
    at = ctypes.c_void_p.from_address(shim.environ_address()).value or 0
    variables = ctypes.cast(at, ctypes.POINTER(ctypes.c_void_p))
    found: list[int] = []
    while at and variables[len(found)]:
        found.append(variables[len(found)] or 0)
    return np.array([at, len(found) + bool(at), *found, *[0] * bool(at)], np.uint64).view(np.int64)
