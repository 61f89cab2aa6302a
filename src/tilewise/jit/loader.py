"""Object code into this process: each kernel is compiled or read from disk once, and loaded once."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from dataclasses import dataclass

import llvmlite.binding as llvm

from tilewise.errors import CompilationError
from tilewise.jit.cache import disk_cache
from tilewise.jit.compiler import compile_object, compiler_version
from tilewise.target import Target


@dataclass
class CompileCounts:
    """What loading has cost this process so far."""

    compiled: int = 0
    from_disk: int = 0
    compile_seconds: float = 0.0
    load_seconds: float = 0.0


counts = CompileCounts()
_lock = threading.Lock()
if hasattr(os, "register_at_fork"):
    # A fork waits for a compilation under way: a child would find LLVM half way through it, and its locks taken.
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)
_addresses: dict[tuple[str, Target], int] = {}
_engine: llvm.ExecutionEngine | None = None
_kept: list[object] = []  # object files must outlive the code made of them
_PLACEHOLDER = "tilewise_kernel"


def function_address(text: str, target: Target) -> int:
    """The address of `void tilewise_kernel(ptr)` defined by a module's text, ready to be called."""
    global _engine
    with _lock:
        known = _addresses.get((text, target))  # Python keeps a text's hash, so that a known one costs no digest
        if known is not None:
            return known
        digest = hashlib.sha256(text.encode()).hexdigest()
        key = f"{digest}|{compiler_version()}|{target.cpu}|{target.features}"
        # Names must differ between the objects of one engine, also between targets.
        name = f"tilewise_{hashlib.sha256(key.encode()).hexdigest()[:24]}"
        code = disk_cache().read(key)
        if code is not None:
            counts.from_disk += 1
        else:
            start = time.perf_counter()
            code = compile_object(re.sub(rf"@{_PLACEHOLDER}\b", f"@{name}", text), target)
            counts.compile_seconds += time.perf_counter() - start
            counts.compiled += 1
            disk_cache().write(key, code)
        start = time.perf_counter()
        if _engine is None:
            _engine = _new_engine()
        object_file = llvm.ObjectFileRef.from_data(code)
        _kept.append(object_file)
        _engine.add_object_file(object_file)
        _engine.finalize_object()
        address = int(_engine.get_function_address(name))
        if not address:
            raise CompilationError("a compiled kernel could not be loaded: its function is missing")
        counts.load_seconds += time.perf_counter() - start
        _addresses[(text, target)] = address
        return address


def _new_engine() -> llvm.ExecutionEngine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
