"""A job is a program with its scratch memory, ready to be run by one native call, from Python or from native code.

It is a record of 64-bit words that native code reads. Large batches run a few images at a time, so that scratch
memory stays small: the record lists where the images of each run begin. Where a program refuses the values it
meets, the record names the job that does the call over.
"""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tilewise.ir import Builder
from tilewise.jit import function_address
from tilewise.runtime import workspace
from tilewise.runtime.region import Program
from tilewise.runtime.threads import barrier_address, parallel_address, usable_threads
from tilewise.target import Target

# The words of a record, of a call and of what all calls share, in bytes.
_DRIVER, _TEMPLATE, _PARALLEL, _SCRATCH, _COUNT, _STARTS, _NEXT = range(0, 56, 8)
RECORD, THREADS, BASES, STATUS = 0, 8, 16, 48
CALL_BYTES = 56
_SHARED_PARALLEL, _SHARED_BARRIER, _SHARED_ALONE, _SHARED_SLOTS = range(0, 32, 8)
DONE, REFUSED, NO_MEMORY = 0, 1, 2

_shared = np.zeros(4, np.int64)


class Job:
    """A program, the scratch memory that it needs, and where each run's images begin in source and destination."""

    __slots__ = ("_following", "_program", "_record", "_run", "_starts", "address")

    def __init__(
        self, program: Program, target: Target, workspace_bytes: int = 0, starts: Sequence[tuple[int, int]] = ((0, 0),)
    ):
        self._program = program
        self._starts = np.array(starts, np.int64)
        self._record = np.array(
            [*program.addresses(), int(program.parallel), workspace_bytes, len(starts), self._starts.ctypes.data, 0],
            np.int64,
        )
        self._run = _function(target)
        self._following: Job | None = None
        self.address = int(self._record.ctypes.data)

    def __call__(self, threads: int, source: int, destination: int, weight: int, bias: int) -> bool:
        """Run on tensors at these addresses, on up to `threads` threads.

        False if the program refused the values it met, and so did all jobs that follow it.
        """
        call = (ctypes.c_int64 * (CALL_BYTES // 8))(self.address, threads, source, destination, weight, bias)
        self._run(call)
        status = call[STATUS // 8]
        if status == NO_MEMORY:
            raise MemoryError("no scratch memory for a convolution")
        return status == DONE

    def follow(self, job: Job) -> None:
        """Say which job does a call over when this one refuses its values."""
        self._following = job
        self._record[_NEXT // 8] = job.address


def process_words() -> tuple[NDArray[np.int64], ...]:
    """What native code reads and writes as long as the process lives."""
    return _shared, workspace.block()


def run_address(target: Target) -> int:
    """The address of `void run(ptr call)`, which runs the job that a call's first word names."""
    return addresses(target)[0]


@functools.cache
def _function(target: Target) -> ctypes._FuncPointer:
    return ctypes.CFUNCTYPE(None, ctypes.c_void_p)(run_address(target))


@functools.cache
def addresses(target: Target) -> tuple[int, int, int]:
    """The addresses of run, take and give."""
    _shared[:] = parallel_address(), barrier_address(), usable_threads(2) < 2, workspace.slots()
    block = (ctypes.c_int64 * 4)(int(_shared.ctypes.data))
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(function_address(_text(), target))(block)
    return block[1], block[2], block[3]


def _run_alone() -> None:
    _shared[_SHARED_ALONE // 8] = 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_run_alone)


@functools.cache
def _text() -> str:
    """The module: its kernel is told where the shared words are, and tells the addresses of its functions."""
    b = Builder("tilewise_kernel")
    b.constants.append("@shared = internal global ptr null")
    for function in (workspace.take(), workspace.give(), _run()):
        b.define(function.function("internal"))
    b.store("ptr", b.load("ptr", "%args", 8), "@shared", 8)
    for position, name in enumerate(("@run", "@take", "@give")):
        b.store("ptr", name, b.at("%args", 8 * (position + 1)), 8)
    return b.text()


def _run() -> Builder:
    """`void run(ptr call)`: the job and those that follow it, until one does not refuse."""
    b = Builder("run", "ptr %call")
    shared = b.load("ptr", "@shared", 8)
    slots = b.load("ptr", b.at(shared, _SHARED_SLOTS), 8)
    asked = b.load("i64", b.at("%call", THREADS), 8)
    # A call of a program: driver's words, five bases, and the status word with its address.
    block = b.stack(8 * 11)
    status = b.at(block, 80)
    b.store("ptr", b.load("ptr", b.at(shared, _SHARED_PARALLEL), 8), b.at(block, 8), 8)
    b.store("ptr", b.load("ptr", b.at(shared, _SHARED_BARRIER), 8), b.at(block, 16), 8)
    b.store("ptr", status, b.at(block, 72), 8)
    for base in (2, 3):
        b.store("i64", b.load("i64", b.at("%call", BASES + 8 * base), 8), b.at(block, 32 + 8 * base), 8)
    following = b.stack(8, 8)
    b.store("ptr", b.load("ptr", b.at("%call", RECORD), 8), following, 8)

    def refused(values: list[str]) -> str:
        record = b.load("ptr", following, 8)
        return b.both(b.compare("eq", values[0], REFUSED), b.let(f"icmp ne ptr {record}, null"))

    with b.repeat([("i64", REFUSED)], refused) as jobs:
        record = b.load("ptr", following, 8)
        b.store("ptr", b.load("ptr", b.at(record, _TEMPLATE), 8), block, 8)
        together = b.both(
            b.compare("ne", b.load("i64", b.at(record, _PARALLEL), 8), 0),
            b.compare("eq", b.load("i64", b.at(shared, _SHARED_ALONE), 8), 0),
        )
        b.store("i64", b.select(together, "i64", asked, 1), b.at(block, 24), 8)
        b.store("i64", 0, status, 8)
        size = b.load("i64", b.at(record, _SCRATCH), 8)
        scratch = b.stack(8, 8)
        b.store("ptr", "null", scratch, 8)
        with b.when(b.compare("ne", size, 0)):
            b.store("ptr", b.let(f"call ptr @take(ptr {slots}, i64 {size})"), scratch, 8)
        buffer = b.load("ptr", scratch, 8)
        found = b.let(f"icmp ne ptr {buffer}, null")
        enough = b.let(f"or i1 {found}, {b.compare('eq', size, 0)}")
        b.store("ptr", buffer, b.at(block, 64), 8)
        b.either(enough, lambda: _images(b, record, block, status), lambda: b.store("i64", NO_MEMORY, status, 8))
        with b.when(found):
            b.emit(f"call void @give(ptr {slots}, i64 {size}, ptr {buffer})")
        b.store("ptr", b.load("ptr", b.at(record, _NEXT), 8), following, 8)
        jobs.carry([b.load("i64", status, 8)])
    b.store("i64", jobs.results[0], b.at("%call", STATUS), 8)
    return b


def _images(b: Builder, record: str, block: str, status: str) -> None:
    """The program of a record on one run of images after another, until one is refused."""
    driver = b.load("ptr", b.at(record, _DRIVER), 8)
    starts = b.load("ptr", b.at(record, _STARTS), 8)
    count = b.load("i64", b.at(record, _COUNT), 8)
    tensors = [b.load("i64", b.at("%call", BASES + 8 * base), 8) for base in (0, 1)]

    def left(values: list[str]) -> str:
        return b.both(b.compare("ult", values[0], count), b.compare("eq", b.load("i64", status, 8), 0))

    with b.repeat([("i64", 0)], left) as runs:
        at = b.at(starts, b.mul(runs.index, 16))
        for base, tensor in enumerate(tensors):
            start = b.add(tensor, b.load("i64", b.at(at, 8 * base), 8))
            b.store("i64", start, b.at(block, 32 + 8 * base), 8)
        b.emit(f"call void {driver}(ptr {block})")
        runs.carry([b.add(runs.index, 1)])
