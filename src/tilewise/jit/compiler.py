"""LLVM text to object code."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager

import llvmlite
import llvmlite.binding as llvm

from tilewise.errors import CompilationError
from tilewise.target import Target

# Part of every cache key: a change of what the compiler is asked to do makes old objects strangers.
OPTIONS = "codegen=2;pipeline=none;strength-reduction=roomy"

# The major versions known to have the option of `_as_wanted`. LLVM ends the process over one that it lacks.
_VERSIONS = range(20, 23)


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


def _reduces_strength(target: Target) -> bool:
    """Whether LLVM's loop strength reduction runs: not where registers are few, if its version can be asked.

    It weighs the ways to address every access of a loop against each other, which in a large unrolled body takes
    three times as long as all the rest of the code generator; with 16 registers kernels are no faster for it
    (`python -m bench.strength`, docs/benchmarks.md).
    """
    return target.roomy or llvm.llvm_version_info[0] not in _VERSIONS


@contextmanager
def _as_wanted(target: Target) -> Iterator[None]:
    """LLVM set for a target within the block, and put back behind it: others in this process may use the same LLVM."""
    without = not _reduces_strength(target)
    if without:
        llvm.set_option("", "-disable-lsr=true")
    try:
        yield
    finally:
        if without:
            llvm.set_option("", "-disable-lsr=false")


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
    with _as_wanted(target):
        return bytes(machine.emit_object(module))


def assembly(text: str, target: Target) -> str:
    """The machine's assembly of a module, for people who want to read it."""
    module = llvm.parse_assembly(text)
    machine = _machine(target)
    with _as_wanted(target):
        return str(machine.emit_assembly(module))
