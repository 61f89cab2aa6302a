"""One native call runs a whole plan: a parallel region in which every thread takes work until none is left.

A plan is a list of steps. Each step is a kernel and a block of 64-bit arguments whose first words are ticket
counters: a kernel's threads draw tickets and do the item that each names, so that a slow core takes fewer. Steps
that need what an earlier one wrote wait for it at a barrier. The arguments are a template, made once; a call
copies it to the stack and adds the addresses of this call's tensors, so that calls from several threads at once
share nothing.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tilewise.ir.kernel import PARTS
from tilewise.jit import function_address
from tilewise.runtime.threads import barrier_address, number_address, parallel_address, usable_threads
from tilewise.target import Target

# The words of a template: a header, three words a step, the relocations (three words each), the arguments.
_HEADER = 7
_TOTAL, _STEPS, _RELOCATIONS, _RELOCATION_START, _BARRIER, _NUMBER, _THREADS = range(_HEADER)

_DRIVER = f"""
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)

; Every thread of the region: each step in order, behind a barrier where the step asks for one.
define internal void @worker(ptr %plan) {{
entry:
  %steps.at = getelementptr i64, ptr %plan, i64 {_STEPS}
  %steps = load i64, ptr %steps.at
  %barrier.at = getelementptr i64, ptr %plan, i64 {_BARRIER}
  %barrier = load ptr, ptr %barrier.at
  %alone = icmp eq ptr %barrier, null
  br i1 %alone, label %start, label %number
number:
  %thread.at = getelementptr i64, ptr %plan, i64 {_NUMBER}
  %thread.of = load ptr, ptr %thread.at
  %thread.int = call i32 %thread.of()
  %thread.own = sext i32 %thread.int to i64
  %team.at = getelementptr i64, ptr %plan, i64 {_THREADS}
  %team.own = load i64, ptr %team.at
  br label %start
start:
  %thread = phi i64 [ 0, %entry ], [ %thread.own, %number ]
  %threads = phi i64 [ 1, %entry ], [ %team.own, %number ]
  br label %head
head:
  %i = phi i64 [ 0, %start ], [ %next, %run ]
  %more = icmp slt i64 %i, %steps
  br i1 %more, label %step, label %done
step:
  %triple = mul i64 %i, 3
  %word = add i64 %triple, {_HEADER}
  %at = getelementptr i64, ptr %plan, i64 %word
  %kernel = load ptr, ptr %at
  %offset.at = getelementptr i64, ptr %at, i64 1
  %offset = load i64, ptr %offset.at
  %waits.at = getelementptr i64, ptr %at, i64 2
  %waits = load i64, ptr %waits.at
  %free = icmp eq i64 %waits, 0
  %skip = or i1 %free, %alone
  br i1 %skip, label %run, label %wait
wait:
  call void %barrier()
  br label %run
run:
  %args = getelementptr i64, ptr %plan, i64 %offset
  call void %kernel(ptr %args, i64 %thread, i64 %threads)
  %next = add i64 %i, 1
  br label %head
done:
  ret void
}}

; call: template, GOMP_parallel, GOMP_barrier, threads, then the addresses that relocations name
define void @tilewise_kernel(ptr %call) {{
entry:
  %template = load ptr, ptr %call
  %parallel.at = getelementptr i64, ptr %call, i64 1
  %parallel = load ptr, ptr %parallel.at
  %barrier.at = getelementptr i64, ptr %call, i64 2
  %barrier = load ptr, ptr %barrier.at
  %threads.at = getelementptr i64, ptr %call, i64 3
  %threads = load i64, ptr %threads.at
  %bases = getelementptr i64, ptr %call, i64 4
  %total = load i64, ptr %template
  %plan = alloca i64, i64 %total, align 64
  %bytes = shl i64 %total, 3
  call void @llvm.memcpy.p0.p0.i64(ptr %plan, ptr %template, i64 %bytes, i1 false)
  %count.at = getelementptr i64, ptr %plan, i64 {_RELOCATIONS}
  %count = load i64, ptr %count.at
  %start.at = getelementptr i64, ptr %plan, i64 {_RELOCATION_START}
  %start = load i64, ptr %start.at
  %table = getelementptr i64, ptr %plan, i64 %start
  br label %head
head:
  %i = phi i64 [ 0, %entry ], [ %next, %relocate ]
  %more = icmp slt i64 %i, %count
  br i1 %more, label %relocate, label %go
relocate:
  %triple = mul i64 %i, 3
  %at = getelementptr i64, ptr %table, i64 %triple
  %slot = load i64, ptr %at
  %which.at = getelementptr i64, ptr %at, i64 1
  %which = load i64, ptr %which.at
  %extra.at = getelementptr i64, ptr %at, i64 2
  %extra = load i64, ptr %extra.at
  %base.at = getelementptr i64, ptr %bases, i64 %which
  %base = load i64, ptr %base.at
  %address = add i64 %base, %extra
  %target = getelementptr i64, ptr %plan, i64 %slot
  store i64 %address, ptr %target
  %next = add i64 %i, 1
  br label %head
go:
  %alone = icmp slt i64 %threads, 2
  %where = getelementptr i64, ptr %plan, i64 {_BARRIER}
  br i1 %alone, label %serial, label %together
serial:
  store i64 0, ptr %where
  call void @worker(ptr %plan)
  ret void
together:
  store ptr %barrier, ptr %where
  %threads.to = getelementptr i64, ptr %plan, i64 {_THREADS}
  store i64 %threads, ptr %threads.to
  %team = trunc i64 %threads to i32
  call void %parallel(ptr @worker, ptr %plan, i32 %team, i32 0)
  ret void
}}
"""


@dataclass(frozen=True)
class Step:
    """One kernel of a plan: its text, its arguments, and which of them are addresses.

    `arguments` are the 64-bit words after the ticket counters. `addresses` maps an argument's position to
    (which base, bytes past it); bases are numbered by the caller. `tables` are arrays whose own addresses go into
    arguments, kept alive with the step.
    """

    text: str
    arguments: tuple[int, ...]
    addresses: tuple[tuple[int, int, int], ...] = ()
    tables: tuple[tuple[int, NDArray[np.int64]], ...] = field(default=(), compare=False)
    waits: bool = True


class Program:
    """Steps made ready to run: kernels compiled, arguments laid out."""

    def __init__(self, steps: Sequence[Step], target: Target, parallel: bool = True):
        self._tables = [table for step in steps for _, table in step.tables]
        self.parallel = parallel
        self._target = target
        relocation_start = _HEADER + 3 * len(steps)
        relocations: list[int] = []
        count = sum(len(step.addresses) for step in steps)
        offset = relocation_start + 3 * count
        header: list[int] = []
        blocks: list[int] = []
        for step in steps:
            header += [function_address(step.text, target), offset, int(step.waits)]
            block = [0] * PARTS + list(step.arguments)
            for position, table in step.tables:
                block[PARTS + position] = table.ctypes.data
            for position, base, extra in step.addresses:
                relocations += [offset + PARTS + position, base, extra]
            # Ticket counters of different steps on different cache lines.
            block += [0] * (-len(block) % 8)
            blocks += block
            offset += len(block)
        words = [offset, len(steps), count, relocation_start, 0, number_address(), 0, *header, *relocations, *blocks]
        self._template = np.array(words, np.int64)
        self._address = self._template.ctypes.data
        self._call, self._parallel, self._barrier = _driver(target)

    def addresses(self) -> tuple[int, int]:
        """Of the driver and of the template that it is called with, for native code that runs the program."""
        return _driver_address(self._target), self._address

    def __call__(self, threads: int, *bases: int) -> bool:
        """Run all steps on up to `threads` threads; `bases` are the addresses that the steps' arguments name.

        One more base is added to them: a status word of this call. False if a step has set it.
        """
        if threads > 1:
            threads = usable_threads(threads) if self.parallel else 1
        words = 4 + len(bases)
        block = (ctypes.c_int64 * (words + 2))(self._address, self._parallel, self._barrier, threads, *bases)
        block[words] = ctypes.addressof(block) + 8 * (words + 1)
        self._call(block)
        return not block[words + 1]


@functools.cache
def _driver_address(target: Target) -> int:
    return function_address(_DRIVER, target)


@functools.cache
def _driver(target: Target) -> tuple[ctypes._FuncPointer, int, int]:
    prototype = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
    return prototype(_driver_address(target)), parallel_address(), barrier_address()
