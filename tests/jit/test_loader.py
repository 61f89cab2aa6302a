"""Text to running code: compiled once, kept apart by target, and LLVM's refusal told as a fault of Tilewise."""

import ctypes
import dataclasses
import threading

import llvmlite.binding as llvm
import pytest

from tests.support.isa import available_levels, capped
from tests.support.processes import output_of
from tilewise import jit
from tilewise.errors import CompilationError
from tilewise.ir import Builder
from tilewise.jit import function_address
from tilewise.jit.compiler import _VERSIONS, assembly, compile_object, compiler_version


def _text(number):
    """A function that writes a number to the address in its first argument."""
    b = Builder("tilewise_kernel")
    b.store("i64", number, b.load("ptr", "%args", 8), 8)
    return b.text()


def _run(address):
    out = ctypes.c_int64(0)
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)((ctypes.c_void_p * 1)(ctypes.addressof(out)))
    return out.value


@pytest.mark.parametrize("level", available_levels())
def test_text_runs(level):
    with capped(level) as host:
        assert _run(function_address(_text(1234), host)) == 1234


def test_the_same_text_is_loaded_once():
    with capped(available_levels()[-1]) as host:
        first = function_address(_text(7), host)
        before = (jit.counts.compiled, jit.counts.from_disk)
        assert function_address(_text(7), host) == first
        assert (jit.counts.compiled, jit.counts.from_disk) == before
        assert function_address(_text(8), host) != first
        assert sum((jit.counts.compiled, jit.counts.from_disk)) == sum(before) + 1


def test_many_threads_load_at_once():
    with capped("generic") as host:
        results = {}

        def load(i):
            results[i] = _run(function_address(_text(1000 + i % 10), host))

        threads = [threading.Thread(target=load, args=(i,)) for i in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == {i: 1000 + i % 10 for i in range(40)}


def test_a_child_forked_while_another_thread_compiles_can_compile():
    code = """
        import os, signal, threading
        from tests.jit.test_loader import _run, _text
        from tilewise import target
        from tilewise.jit import function_address

        host, going = target.host(), True

        def compile_on():
            number = 0
            while going:
                number += 1
                function_address(_text(number), host)

        thread = threading.Thread(target=compile_on)
        thread.start()
        for child in range(12):
            pid = os.fork()
            if not pid:
                signal.alarm(20)  # ends a child that hangs
                os._exit(_run(function_address(_text(1_000_000 + child), host)) != 1_000_000 + child)
            assert os.waitpid(pid, 0)[1] == 0, child
        going = False
        thread.join()
        print("done")
    """
    assert output_of(code, TILEWISE_CACHE_DIR="/dev/null").strip() == "done"


@pytest.mark.parametrize("text", ["not LLVM", "define void @tilewise_kernel(ptr %args) { ret i64 1 }"])
def test_refused_text_is_a_compilation_error(text):
    with capped("generic") as host, pytest.raises(CompilationError, match="LLVM refused"):
        function_address(text, host)


@pytest.mark.skipif(llvm.llvm_version_info[0] not in _VERSIONS, reason="this LLVM is not asked for it")
def test_what_is_left_out_for_one_target_is_not_for_the_next():
    """LLVM's options are the whole process's."""
    b = Builder("tilewise_kernel")
    stride, total = b.load("i64", "%args", 8), b.load("ptr", "%args", 16)
    with b.loop(0, stride) as loop:
        for row in range(4):
            place = b.at("%args", b.mul(b.add(b.mul(stride, row), b.mul(loop.index, 3)), 4))
            b.store("float", b.load("float", place, 4), b.at(total, b.mul(loop.index, 4)), 4)
    text = b.text()
    with capped("generic") as host:
        few, many = (dataclasses.replace(host, registers=registers) for registers in (16, 32))
    before = compile_object(text, many)
    assert compile_object(text, few) != before
    assert compile_object(text, many) == before


def test_a_missing_function_is_a_compilation_error():
    with capped("generic") as host, pytest.raises(CompilationError, match="function is missing"):
        function_address("define void @another(ptr %args) { ret void }", host)


def test_assembly_is_for_people():
    with capped("generic") as host:
        assert "tilewise_kernel" in assembly(_text(99), host)
    assert "LLVM" in compiler_version()
