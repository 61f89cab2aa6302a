"""A watch for infinities and NaN among the values that a kernel handles, reported through the status word."""

from __future__ import annotations

from tilewise.ir.builder import Builder
from tilewise.ir.vectors import Vectors


class Watch:
    """Remembers whether any value seen since `begin` was not finite."""

    def __init__(self, b: Builder, v: Vectors, status: str):
        self._b, self._v, self._status = b, v, status
        self._poison = b.stack(v.lanes * v.bytes)

    def begin(self) -> None:
        """Forget what was seen."""
        self._v.store(self._v.zero, self._poison)

    def see(self, *values: str) -> None:
        """Times zero, infinities and NaN are NaN, which sticks to a sum."""
        v = self._v
        # A few chains: one alone would be as slow as a short sum.
        totals = [v.load(self._poison), *[v.zero] * min(3, len(values) // 4)]
        for i, value in enumerate(values):
            totals[i % len(totals)] = v.fma(value, v.zero, totals[i % len(totals)])
        total = totals[0]
        for other in totals[1:]:
            total = v.add(total, other)
        v.store(total, self._poison)

    def end(self) -> None:
        """Report what was seen."""
        b, v = self._b, self._v
        bad = b.let(f"fcmp uno {v.type} {v.load(self._poison)}, {v.zero}")
        some = b.let(f"bitcast <{v.lanes} x i1> {bad} to i{v.lanes}")
        with b.when(b.let(f"icmp ne i{v.lanes} {some}, 0")):
            b.store("i64", 1, self._status, 8)
