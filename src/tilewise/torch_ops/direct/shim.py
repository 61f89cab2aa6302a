"""PyTorch's C interface (torch/csrc/stable/c/shim.h, torch/csrc/inductor/aoti_torch/c/shim.h): addresses by name.

Four functions are C++, because the C interface has no other way: whether oneDNN is switched on (two of them), which
decides the layout of results; whether a call is being traced; and a call of aten::alias, which can raise what Python
raised. Their names hold the types of their parameters, so a function that takes others is not found. Where anything
is missing, calls go through Python.
"""

from __future__ import annotations

import ctypes
import functools
import platform
from pathlib import Path

# What each is called here, and its symbol.
FUNCTIONS = {
    "is_defined": "aoti_torch_is_defined",
    "layout": "aoti_torch_get_layout",
    "device": "aoti_torch_get_device_type",
    "dtype": "aoti_torch_get_dtype",
    "dim": "aoti_torch_get_dim",
    "sizes": "aoti_torch_get_sizes",
    "strides": "aoti_torch_get_strides",
    "read_from": "torch_get_const_data_ptr",
    "write_to": "torch_get_mutable_data_ptr",
    "empty": "aoti_torch_empty_strided",
    "undefined": "aoti_torch_new_uninitialized_tensor",
    "drop_tensor": "aoti_torch_delete_tensor_object",
    "drop_optional": "torch_delete_stable_ivalue",
    "drop_list": "torch_delete_list",
    "list_size": "torch_list_size",
    "list_item": "torch_list_get_item",
    "threads": "torch_get_num_threads",
    "call": "torch_call_dispatcher",
    "what": "torch_exception_get_what_without_backtrace",
    "check": "aoti_torch_check",
    "context": "_ZN2at13globalContextEv",
    "uses_onednn": "_ZNK2at7Context17userEnabledMkldnnEv",
    "key_included": "_ZN3c104impl28tls_is_dispatch_key_includedENS_11DispatchKeyE",
    "alias": "_ZN2at4_ops5alias4callERKNS_6TensorE",
}
# Called from Python: number of parameters.
_OTHERS = {
    "aoti_torch_abi_version": 0,
    "aoti_torch_layout_strided": 0,
    "aoti_torch_device_type_cpu": 0,
    "aoti_torch_library_init_impl": 5,
    "torch_library_impl": 4,
    "aoti_torch_delete_library_object": 1,
}


@functools.cache
def why_not() -> str:
    """Why known calls go through Python here, or ''."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return f"not tried on {platform.system()} {platform.machine()} yet"
    library = _library()
    if library is None:
        return "PyTorch's library is not found"
    missing = [symbol for symbol in (*FUNCTIONS.values(), *_OTHERS) if not hasattr(library, symbol)]
    if missing:
        return f"this PyTorch does not offer {missing[0]}"
    return "" if hasattr(ctypes.CDLL(None), "environ") else "the system's environment is not found"


@functools.cache
def _library() -> ctypes.CDLL | None:
    """PyTorch as it is mapped into this process."""
    try:
        maps = Path("/proc/self/maps").read_text().split()
    except OSError:
        return None
    return next((ctypes.CDLL(path) for path in maps if Path(path).name.startswith("libtorch_cpu.so")), None)


def address(name: str) -> int:
    """The address of one of FUNCTIONS."""
    return ctypes.cast(getattr(_library(), FUNCTIONS[name]), ctypes.c_void_p).value or 0


@functools.cache
def environ_address() -> int:
    """Where the C library keeps the address of the environment."""
    return ctypes.addressof(ctypes.c_void_p.in_dll(ctypes.CDLL(None), "environ"))


def constant(name: str) -> int:
    """A number that a function without parameters tells."""
    function = getattr(_library(), name)
    function.restype = ctypes.c_uint64 if name == "aoti_torch_abi_version" else ctypes.c_int32
    return int(function())


class Library:
    """Kernels of one namespace for the CPU, registered until `close`."""

    def __init__(self, namespace: str):
        self._handle = ctypes.c_void_p()
        self._call("aoti_torch_library_init_impl", namespace.encode(), b"CPU", b"tilewise", 0, self._handle)

    def implement(self, name: str, kernel: int) -> None:
        """Register a kernel: `void kernel(uint64_t* stack, uint64_t inputs, uint64_t outputs)`."""
        version = ctypes.c_uint64(constant("aoti_torch_abi_version"))
        self._call("torch_library_impl", self._handle, name.encode(), ctypes.c_void_p(kernel), version)

    def close(self) -> None:
        """Take all its kernels away."""
        self._call("aoti_torch_delete_library_object", self._handle)

    def _call(self, name: str, *arguments: object) -> None:
        function = getattr(_library(), name)
        if isinstance(arguments[-1], ctypes.c_void_p) and name.endswith("init_impl"):
            arguments = (*arguments[:-1], ctypes.byref(arguments[-1]))
        if function(*arguments):
            raise RuntimeError(f"PyTorch refused {name}")
