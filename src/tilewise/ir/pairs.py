"""VDPBF16PS: pairs of bfloat16 products added to float32 lanes. What emits it stands beside its NumPy meaning.

A vector of pairs is <lanes x i32>: two neighbouring bfloat16 patterns a lane, the first in the lower half. A kernel
broadcasts the 32 bits of two neighbouring source elements against the pairs of filters of all its lanes.
Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapter on VDPBF16PS.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_kernel
from tilewise.ir.vectors import Vectors
from tilewise.target import Target

PAIR_BYTES = 4


class Pairs(Vectors):
    """Vectors of float32 sums, and of bfloat16 pairs beside them."""

    def __init__(self, b: Builder, lanes: int):
        super().__init__(b, "float32", lanes)
        self.pairs = f"<{lanes} x i32>"
        self._elements = f"<{2 * lanes} x bfloat>"

    def dot(self, x: str, y: str, total: str) -> str:
        """VDPBF16PS: total + x[1]*y[1] + x[0]*y[0] in each lane; see `dot_meaning`."""
        kinds = [(self._elements, self.b.let(f"bitcast {self.pairs} {v} to {self._elements}")) for v in (x, y)]
        return self.b.call(self.type, f"llvm.x86.avx512bf16.dpbf16ps.{32 * self.lanes}", (self.type, total), *kinds)

    def load_pairs(self, address: str, align: int = 4) -> str:
        """A whole vector of pairs."""
        return self.b.load(self.pairs, address, align)

    def splat_pair(self, address: str) -> str:
        """All lanes equal to the two neighbouring elements at an address, which need not be aligned."""
        first = self.b.let(f"insertelement {self.pairs} poison, i32 {self.b.load('i32', address, 2)}, i64 0")
        return self.b.let(f"shufflevector {self.pairs} {first}, {self.pairs} poison, {self.pairs} zeroinitializer")

    def narrow(self, value: str, dtype: str) -> str:
        """float to 16-bit patterns, to nearest even; subnormals become zero, which products of pairs never give."""
        return self.round_finite(value) if dtype == "bfloat16" else super().narrow(value, dtype)

    def round_finite(self, value: str) -> str:
        """VCVTNEPS2BF16: infinities and NaN stay what they are, and subnormals do become zero."""
        kind = f"<{self.lanes} x bfloat>"
        rounded = self.b.call(kind, f"llvm.x86.avx512bf16.cvtneps2bf16.{32 * self.lanes}", (self.type, value))
        return self.b.let(f"bitcast {kind} {rounded} to <{self.lanes} x i16>")

    # -- patterns ----------------------------------------------------------------------------------

    @property
    def flags(self) -> str:
        """The type of a mask."""
        return f"<{self.lanes} x i1>"

    def pattern_mask(self, count: Value) -> str:
        """Patterns 0 .. count-1 of a vector of pairs; a count past the end means all."""
        return self._twice.mask(count)

    def pattern_window(self, position: Value, size: Value) -> str:
        """Patterns i of a vector of pairs with 0 <= position + i < size."""
        return self._twice.window(position, size)

    def load_patterns(self, address: str, mask: str) -> str:
        """<lanes x i16> where the mask holds, zeros elsewhere; nothing outside the mask is read."""
        return self._load_masked(self.lanes, address, mask)

    def load_pairs_masked(self, address: str, mask: str) -> str:
        """A vector of pairs of which a mask of patterns holds, zeros elsewhere."""
        raw = self._load_masked(2 * self.lanes, address, mask)
        return self.b.let(f"bitcast <{2 * self.lanes} x i16> {raw} to {self.pairs}")

    def store_pairs_masked(self, value: str, address: str, mask: str) -> None:
        """Write a vector of pairs where a mask of patterns holds."""
        kind = f"<{2 * self.lanes} x i16>"
        raw = self.b.let(f"bitcast {self.pairs} {value} to {kind}")
        self._twice.store_patterns_masked(raw, address, mask)

    def pair(self, first: str, second: str) -> str:
        """Two vectors <lanes x i16> of patterns as one of pairs."""
        half = f"<{self.lanes} x i16>"
        low, high = (self.b.let(f"zext {half} {value} to {self.pairs}") for value in (first, second))
        return self.b.let(f"or {self.pairs} {low}, {self.b.let(f'shl {self.pairs} {high}, {self.integers(16)}')}")

    def transpose_pairs(self, rows: Sequence[str]) -> list[str]:
        """`transpose` of vectors of pairs, a pair being one element."""
        floats = [self.b.let(f"bitcast {self.pairs} {row} to {self.type}") for row in rows]
        return [self.b.let(f"bitcast {self.type} {row} to {self.pairs}") for row in self.transpose(floats)]

    @property
    def _twice(self) -> Vectors:
        return Vectors(self.b, "float32", 2 * self.lanes)

    def _load_masked(self, count: int, address: str, mask: str) -> str:
        kind, bits = f"<{count} x i16>", f"<{count} x i1>"
        name = f"llvm.masked.load.v{count}i16.p0"
        self.b.declare(name, f"{kind} @{name}(ptr, {bits}, {kind})")
        return self.b.let(f"call {kind} @{name}(ptr align 1 {address}, {bits} {mask}, {kind} zeroinitializer)")


def begin_pairs(arguments: Arguments, target: Target) -> tuple[Builder, Pairs, dict[str, str]]:
    """What a kernel of pairs begins with: as `begin_vectors`, with a register of sums and one of pairs beside it."""
    b, a = begin_kernel(arguments)
    return b, Pairs(b, target.lanes("float32")), a


def dot_meaning(x: NDArray[np.uint32], y: NDArray[np.uint32], total: NDArray[np.float32]) -> NDArray[np.float32]:
    """NumPy's meaning of `Pairs.dot`: two fused multiply-adds a lane, the upper halves of the pairs first.

    Each rounds to nearest even; subnormal operands, sums and results count as zero.
    """
    result = _flush(total)
    for shift in (0, 16):
        a, c = (_flush(((pair << shift) & 0xFFFF0000).astype(np.uint32).view(np.float32)) for pair in (x, y))
        # A product of bfloat16 values is exact in double, and so is its sum with a float before rounding for all but
        # extreme exponent differences: one rounding, as a fused multiply-add has.
        result = _flush((result + a.astype(np.float64) * c).astype(np.float32))
    return result


def _flush(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(np.abs(values) < np.finfo(np.float32).tiny, np.copysign(np.float32(0), values), values)
