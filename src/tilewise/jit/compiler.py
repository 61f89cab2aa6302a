"""LLVM text to object code."""

from __future__ import annotations

import functools

import llvmlite
import llvmlite.binding as llvm

from tilewise.errors import CompilationError
from tilewise.target import Target

# Part of every cache key: a change of what the compiler is asked to do makes old objects strangers.
OPTIONS = "codegen=2;pipeline=none"


def compiler_version() -> str:
    """Everything about the compiler that an object depends on."""
    return f"llvmlite {llvmlite.__version__} LLVM {'.'.join(map(str, llvm.llvm_version_info))} {OPTIONS}"


@functools.cache
def _machine(target: Target) -> llvm.TargetMachine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=target.cpu, features=target.features, opt=2, jit=True
    )


def compile_object(text: str, target: Target) -> bytes:
    """The object code of a module; CompilationError with LLVM's words where it is refused."""
    try:
        module = llvm.parse_assembly(text)
        module.verify()
    except RuntimeError as error:
        raise CompilationError(f"LLVM refused a generated kernel: {error}") from error
    machine = _machine(target)
    module.triple = llvm.get_process_triple()
    module.data_layout = str(machine.target_data)
    # Kernels are unrolled, vectorised and hoisted when they are written; LLVM's optimisation pipeline would take
    # longer than its code generator and change nothing that matters.
    return bytes(machine.emit_object(module))


def assembly(text: str, target: Target) -> str:
    """The machine's assembly of a module, for people who want to read it."""
    module = llvm.parse_assembly(text)
    machine = _machine(target)
    return str(machine.emit_assembly(module))
