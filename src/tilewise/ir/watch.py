"""Watches over the values that a kernel handles, reported through the status word.

Two kinds, since what is cheap to ask differs: a float is watched by a multiplication, a pattern of bits by its
magnitude, which can also be held against limits below infinity.
"""

from __future__ import annotations

import functools

from tilewise.ir.builder import Builder
from tilewise.ir.vectors import Vectors

# The magnitude of an infinity as float32; NaN's are larger.
NOT_FINITE = 0x7F800000


class Watch:
    """Remembers, in the kernel's frame, whether any float seen since `begin` was an infinity or NaN."""

    def __init__(self, v: Vectors):
        self.v = v
        self._taint = v.b.stack(v.lanes * v.bytes)

    def begin(self) -> None:
        """Forget what was seen."""
        self.v.store(self.v.zero, self._taint)

    def see(self, *values: str) -> None:
        """Take note of vectors of floats."""
        self.v.store(tainted(self.v, self.v.load(self._taint), *values), self._taint)

    def report(self, status: str) -> None:
        """Write 1 to `status` if an infinity or NaN was seen since `begin`."""
        report_taint(self.v, self.v.load(self._taint), status)


def tainted(v: Vectors, taint: str, *values: str) -> str:
    """A vector that is zero until infinities or NaN come: times zero they are NaN, which sticks to a sum.

    One addition to what came before, whatever the number of values: rounds wait for it one after the other. And a few
    chains: one alone would be as slow as a short sum.
    """
    count = max(1, min(4, len(values) // 4))
    chains = [v.mul(value, v.zero) for value in values[:count]]
    for i, value in enumerate(values[count:]):
        chains[i % count] = v.fma(value, v.zero, chains[i % count])
    return v.add(taint, functools.reduce(v.add, chains))


def report_taint(v: Vectors, taint: str, status: str) -> None:
    """Write 1 to `status` if a vector that `tainted` made is not zero."""
    b = v.b
    bad = b.let(f"fcmp uno {v.type} {taint}, {v.zero}")
    some = b.let(f"bitcast <{v.lanes} x i1> {bad} to i{v.lanes}")
    _report(b, b.let(f"icmp ne i{v.lanes} {some}, 0"), status)


class MagnitudeWatch:
    """Remembers, in the kernel's frame, the largest magnitude of the patterns of bits seen since `begin`.

    Patterns come as <lanes x i32>: of float32, or two of bfloat16 a lane, which are upper halves of float32.
    """

    def __init__(self, v: Vectors, bits: int):
        self.v = v
        self.b = v.b
        self._bits = bits
        self._count = v.lanes * 32 // bits
        self._words, self.kind = f"<{v.lanes} x i32>", f"<{self._count} x i{bits}>"
        self._largest = self.b.stack(4 * v.lanes)

    def begin(self) -> None:
        """Forget what was seen."""
        self.b.store(self.kind, "zeroinitializer", self._largest, 64)

    def see(self, *patterns: str) -> None:
        """Take note of vectors of patterns: of several at once, because each time waits for the time before."""
        self.keep(self.larger(self.largest(), *patterns))

    def largest(self) -> str:
        """What was seen, for a loop that carries it in a register."""
        return self.b.load(self.kind, self._largest, 64)

    def larger(self, seen: str, *patterns: str) -> str:
        """What was seen, and these vectors of patterns."""
        return self._larger(seen, functools.reduce(self._larger, map(self._magnitude, patterns)))

    def keep(self, seen: str) -> None:
        """Put back what a loop has carried."""
        self.b.store(self.kind, seen, self._largest, 64)

    def _magnitude(self, patterns: str) -> str:
        signless = {16: 0x7FFF7FFF, 32: 0x7FFFFFFF}[self._bits]
        magnitude = self.b.let(f"and {self._words} {patterns}, {self.v.integers(signless)}")
        if self.kind == self._words:
            return magnitude
        return self.b.let(f"bitcast {self._words} {magnitude} to {self.kind}")

    def _larger(self, x: str, y: str) -> str:
        return self.b.call(self.kind, f"llvm.umax.v{self._count}i{self._bits}", (self.kind, x), (self.kind, y))

    def report(self, status: str, limit: int = NOT_FINITE) -> None:
        """Write 1 to `status` if a magnitude of `limit`, a float32 pattern, or more was seen since `begin`."""
        b, scalar = self.b, f"i{self._bits}"
        seen = b.load(self.kind, self._largest, 64)
        largest = b.call(scalar, f"llvm.vector.reduce.umax.v{self._count}{scalar}", (self.kind, seen))
        wide = b.let(f"zext {scalar} {largest} to i64")
        _report(b, b.compare("uge", wide, limit >> (32 - self._bits)), status)


def _report(b: Builder, found: str, status: str) -> None:
    with b.when(found):
        b.store("i64", 1, status, 8)
