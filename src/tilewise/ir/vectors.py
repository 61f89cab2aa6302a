"""Vectors of one element type and width: loads, stores, tails, transposes and the 16-bit conversions.

Everything here is plain LLVM vector code, so that it means the same on every instruction set.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction

from tilewise.ir.builder import Builder, Value

ELEMENT_BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}
_SUFFIX = {"float": "f32", "double": "f64"}


class Vectors:
    """Operations on <lanes x element>, element being the accumulator type (float or double)."""

    def __init__(self, b: Builder, dtype: str, lanes: int, fuses: bool = True):
        """`fuses`: whether the target has multiply-adds that round once, see `fma`."""
        self.b = b
        self.lanes = lanes
        self.element = "double" if dtype == "float64" else "float"
        self.bytes = 8 if dtype == "float64" else 4
        self.type = f"<{lanes} x {self.element}>"
        self.zero = "zeroinitializer"
        self.suffix = f"v{lanes}{_SUFFIX[self.element]}"
        # Without FMA instructions llvm.fma would be a library call a lane; fmuladd may split instead.
        self.fma_name = f"llvm.{'fma' if fuses else 'fmuladd'}.{self.suffix}"

    @property
    def masks(self) -> bool:
        """Whether masks have registers of their own; where vectors are shorter, a masked store is many times as slow as
        another."""
        return self.lanes * self.bytes == 64

    def splat(self, scalar: Value) -> str:
        """All lanes equal to one element."""
        first = self.b.let(f"insertelement {self.type} poison, {self.element} {scalar}, i64 0")
        mask = f"<{self.lanes} x i32> zeroinitializer"
        return self.b.let(f"shufflevector {self.type} {first}, {self.type} poison, {mask}")

    def constant(self, number: Fraction) -> str:
        """All lanes equal to a number, rounded to the element's type."""
        # The text of a constant is that of a double, and must be exact.
        kind = "f" if self.element == "float" else "d"
        (near,) = struct.unpack(kind, struct.pack(kind, float(number)))
        return self.splat(f"0x{struct.pack('>d', near).hex()}")

    def load_splat(self, address: str) -> str:
        """All lanes equal to the element at an address."""
        return self.splat(self.b.load(self.element, address, self.bytes))

    def load(self, address: str, align: int = 0) -> str:
        """A whole vector of elements."""
        return self.b.load(self.type, address, align or self.bytes)

    def store(self, value: str, address: str, align: int = 0) -> None:
        """Write a whole vector of elements."""
        self.b.store(self.type, value, address, align or self.bytes)

    def fma(self, x: str, y: str, total: str) -> str:
        """x * y + total, rounded once where the target has the instruction."""
        kinds = [(self.type, v) for v in (x, y, total)]
        return self.b.call(self.type, self.fma_name, *kinds)

    def add(self, x: str, y: str) -> str:
        """x + y."""
        return self.b.let(f"fadd {self.type} {x}, {y}")

    def sub(self, x: str, y: str) -> str:
        """x - y."""
        return self.b.let(f"fsub {self.type} {x}, {y}")

    def mul(self, x: str, y: str) -> str:
        """x * y."""
        return self.b.let(f"fmul {self.type} {x}, {y}")

    # -- tails -------------------------------------------------------------------------------------

    def mask(self, count: Value) -> str:
        """Lanes 0 .. count-1; a count past the end means all."""
        kind = f"<{self.lanes} x i32>"
        if isinstance(count, int):
            bits = ", ".join(f"i1 {'true' if i < count else 'false'}" for i in range(self.lanes))
            return f"<{bits}>"
        return self.b.let(f"icmp sgt {kind} {self._lane_number(count)}, {self._steps}")

    def window(self, position: Value, size: Value) -> str:
        """Lanes i with 0 <= position + i < size: those of a row's piece that lie inside the row."""
        kind = f"<{self.lanes} x i32>"
        first = self._lane_number(self.b.sub(0, position))
        behind = self._lane_number(self.b.sub(size, position))
        length = self.b.let(f"sub {kind} {behind}, {first}")
        places = self.b.let(f"sub {kind} {self._steps}, {first}")
        return self.b.let(f"icmp ult {kind} {places}, {length}")

    @property
    def _steps(self) -> str:
        return "<" + ", ".join(f"i32 {i}" for i in range(self.lanes)) + ">"

    def _lane_number(self, number: Value) -> str:
        """A number cut to 0 .. lanes, in all lanes: what is cut off would overflow 32 bits and mean other lanes."""
        kind = f"<{self.lanes} x i32>"
        cut = self.b.max(self.b.min(number, self.lanes), 0)
        narrow = cut if isinstance(cut, int) else self.b.let(f"trunc i64 {cut} to i32")
        first = self.b.let(f"insertelement {kind} poison, i32 {narrow}, i64 0")
        return self.b.let(f"shufflevector {kind} {first}, {kind} poison, {kind} zeroinitializer")

    def keep(self, mask: str) -> str:
        """A mask as an integer: LLVM would compare again wherever a comparison is used, inside loops too."""
        return self.b.let(f"bitcast <{self.lanes} x i1> {mask} to i{self.lanes}") if self.lanes >= 8 else mask

    def kept(self, bits: str) -> str:
        """The mask of a kept one."""
        return self.b.let(f"bitcast i{self.lanes} {bits} to <{self.lanes} x i1>") if self.lanes >= 8 else bits

    def load_masked(self, address: str, mask: str, dtype: str = "") -> str:
        """Elements where the mask holds, zeros elsewhere; nothing outside the mask is read."""
        kind, suffix = self._memory(dtype)
        bits = f"<{self.lanes} x i1>"
        name = f"llvm.masked.load.{suffix}.p0"
        raw = self.b.let(self._masked_load(name, kind, address, mask, bits))
        return self.widen(raw, dtype)

    def _masked_load(self, name: str, kind: str, address: str, mask: str, bits: str) -> str:
        self.b.declare(name, f"{kind} @{name}(ptr, {bits}, {kind})")
        return f"call {kind} @{name}(ptr align 1 {address}, {bits} {mask}, {kind} zeroinitializer)"

    def select(self, mask: str, value: str) -> str:
        """The value where the mask holds, zeros elsewhere."""
        bits = f"<{self.lanes} x i1>"
        return self.b.let(f"select {bits} {mask}, {self.type} {value}, {self.type} {self.zero}")

    def store_masked(self, value: str, address: str, mask: str, dtype: str = "") -> None:
        """Write elements where the mask holds; nothing outside the mask is written."""
        kind, suffix = self._memory(dtype)
        bits = f"<{self.lanes} x i1>"
        name = f"llvm.masked.store.{suffix}.p0"
        self.b.declare(name, f"void @{name}({kind}, ptr, {bits})")
        narrow = self.narrow(value, dtype)
        if kind != self.type and mask == self.mask(1):
            # LLVM 22 writes two 16-bit elements where a truncated vector is stored under a constant mask of one.
            self.b.store("i16", self.b.let(f"extractelement {kind} {narrow}, i64 0"), address, 1)
            return
        self.b.emit(f"call void @{name}({kind} {narrow}, ptr align 1 {address}, {bits} {mask})")

    def store_patterns_masked(self, patterns: str, address: str, mask: str) -> None:
        """Write 16-bit patterns, <lanes x i16>, where the mask holds."""
        kind, bits = f"<{self.lanes} x i16>", f"<{self.lanes} x i1>"
        name = f"llvm.masked.store.v{self.lanes}i16.p0"
        self.b.declare(name, f"void @{name}({kind}, ptr, {bits})")
        self.b.emit(f"call void @{name}({kind} {patterns}, ptr align 1 {address}, {bits} {mask})")

    def _memory(self, dtype: str) -> tuple[str, str]:
        if dtype in ("bfloat16", "float16"):
            return f"<{self.lanes} x i16>", f"v{self.lanes}i16"
        return self.type, self.suffix

    # -- 16-bit types ------------------------------------------------------------------------------

    def widen(self, raw: str, dtype: str) -> str:
        """16-bit patterns to float (exact); the accumulator's own type passes through."""
        half = f"<{self.lanes} x i16>"
        if dtype == "bfloat16":
            whole = f"<{self.lanes} x i32>"
            wide = self.b.let(f"zext {half} {raw} to {whole}")
            high = self.b.let(f"shl {whole} {wide}, {self.integers(16)}")
            return self.b.let(f"bitcast {whole} {high} to {self.type}")
        if dtype == "float16":
            pattern = self.b.let(f"bitcast {half} {raw} to <{self.lanes} x half>")
            return self.b.let(f"fpext <{self.lanes} x half> {pattern} to {self.type}")
        return raw

    def narrow(self, value: str, dtype: str) -> str:
        """float to 16-bit patterns, to nearest even; NaN stays NaN and subnormals are kept."""
        half, whole = f"<{self.lanes} x i16>", f"<{self.lanes} x i32>"
        if dtype == "float16":
            pattern = self.b.let(f"fptrunc {self.type} {value} to <{self.lanes} x half>")
            return self.b.let(f"bitcast <{self.lanes} x half> {pattern} to {half}")
        if dtype != "bfloat16":
            return value
        high, rounded = self._rounded(value)
        # Rounding could carry a NaN's fraction away; a quiet NaN with the same sign replaces it.
        quiet = self.b.let(f"or {whole} {high}, {self.integers(0x40)}")
        is_nan = self.b.let(f"fcmp uno {self.type} {value}, {self.zero}")
        chosen = self.b.let(f"select <{self.lanes} x i1> {is_nan}, {whole} {quiet}, {whole} {rounded}")
        return self.b.let(f"trunc {whole} {chosen} to {half}")

    def round_finite(self, value: str) -> str:
        """float to bfloat16 patterns, to nearest even, of values that are finite; subnormals may become zero."""
        _, rounded = self._rounded(value)
        return self.b.let(f"trunc <{self.lanes} x i32> {rounded} to <{self.lanes} x i16>")

    def _rounded(self, value: str) -> tuple[str, str]:
        """The upper halves of floats, as they are and to nearest even."""
        whole = f"<{self.lanes} x i32>"
        bits = self.b.let(f"bitcast {self.type} {value} to {whole}")
        high = self.b.let(f"lshr {whole} {bits}, {self.integers(16)}")
        odd = self.b.let(f"and {whole} {high}, {self.integers(1)}")
        bias = self.b.let(f"add {whole} {odd}, {self.integers(0x7FFF)}")
        return high, self.b.let(f"lshr {whole} {self.b.let(f'add {whole} {bits}, {bias}')}, {self.integers(16)}")

    def load_as(self, address: str, dtype: str) -> str:
        """A whole vector of elements stored as `dtype`, widened."""
        kind, _ = self._memory(dtype)
        return self.widen(self.b.load(kind, address, 1), dtype)

    def store_as(self, value: str, address: str, dtype: str) -> None:
        """Write a whole vector, narrowed to `dtype`."""
        kind, _ = self._memory(dtype)
        self.b.store(kind, self.narrow(value, dtype), address, 1)

    def store_first(self, value: str, address: str, count: int, dtype: str) -> None:
        """Write the first `count` elements, narrowed to `dtype`, in as few stores as powers of two allow."""
        (kind, _), first = self._memory(dtype), 0
        element, narrow = kind.split()[-1].rstrip(">"), self.narrow(value, dtype)
        while first < count:
            size = 1 << ((count - first).bit_length() - 1)
            order = ", ".join(f"i32 {first + k}" for k in range(size))
            some = self.b.let(f"shufflevector {kind} {narrow}, {kind} poison, <{size} x i32> <{order}>")
            at = self.b.at(address, first * ELEMENT_BYTES[dtype])
            self.b.store(f"<{size} x {element}>", some, at, 1)
            first += size

    def store_all_as(self, values: Sequence[str], address: str, dtype: str) -> None:
        """Write one vector, or two at once, narrowed to `dtype`."""
        if len(values) == 1:
            self.store_as(values[0], address, dtype)
            return
        (kind, _), count = self._memory(dtype), 2 * self.lanes
        first, second = (self.narrow(value, dtype) for value in values)
        order = ", ".join(f"i32 {k}" for k in range(count))
        wide = f"<{count} x {kind.split()[-1]}"
        both = self.b.let(f"shufflevector {kind} {first}, {kind} {second}, <{count} x i32> <{order}>")
        self.b.store(wide, both, address, 1)

    def integers(self, number: int) -> str:
        """A constant <lanes x i32> with all lanes equal."""
        return "<" + ", ".join([f"i32 {number}"] * self.lanes) + ">"

    # -- rearrangement -----------------------------------------------------------------------------

    def transpose(self, rows: Sequence[str]) -> list[str]:
        """lanes x lanes: result j holds element j of every row. Missing rows count as anything.

        log2(lanes) rounds; round k exchanges the blocks of size 2^k that lie off the diagonal.
        """
        count = self.lanes
        table = [*rows, *["poison"] * (count - len(rows))]
        size = 1
        while size < count:
            following = list(table)
            low = [i if not i & size else count + i - size for i in range(count)]
            high = [i + size if not i & size else count + i for i in range(count)]
            for i in range(count):
                if not i & size:
                    a, c = table[i], table[i + size]
                    following[i] = self._shuffle(a, c, low)
                    following[i + size] = self._shuffle(a, c, high)
            table, size = following, size * 2
        return table

    def _shuffle(self, a: str, c: str, order: Sequence[int]) -> str:
        if a == "poison" and c == "poison":
            return "poison"
        lanes = ", ".join(f"i32 {i}" if i >= 0 else "i32 poison" for i in order)
        mask = f"<{self.lanes} x i32> <{lanes}>"
        return self.b.let(f"shufflevector {self.type} {a}, {self.type} {c}, {mask}")

    def pick(self, sources: Sequence[str], elements: Sequence[int | None]) -> str:
        """Lane i is element `elements[i]` of the sources laid end to end; None may be anything."""
        if len(sources) == 1 and all(e is None or e == i for i, e in enumerate(elements)):
            return sources[0]
        taken = [-1 if e is None else e // self.lanes for e in elements]
        result, done = "", [-1] * self.lanes
        used = sorted({t for t in taken if t >= 0}) or [0]
        for first, second in [(used[0], used[1] if len(used) > 1 else -1), *((t, t) for t in used[2:])]:
            left, right = (sources[first], sources[second] if second >= 0 else "poison") if not result else (
                result, sources[second])  # fmt: skip
            order = []
            for i, (e, t) in enumerate(zip(elements, taken, strict=True)):
                if result and done[i] >= 0:
                    order.append(i)
                elif e is not None and t == second:
                    order.append(self.lanes + e % self.lanes)
                elif e is not None and t == first:
                    order.append(e % self.lanes)
                else:
                    order.append(-1)
                if order[-1] >= 0:
                    done[i] = 1
            result = self._shuffle(left, right, order)
        return result

    def totals(self, values: Sequence[str]) -> str:
        """Lane i is the sum of all lanes of value i (at most as many values as lanes), in a fixed tree order."""
        table = list(values)
        evens, odds = ([2 * i + k for i in range(self.lanes)] for k in (0, 1))
        for _ in range(self.lanes.bit_length() - 1):
            table += [self.zero] * (len(table) % 2)
            pairs = list(zip(table[::2], table[1::2], strict=True))
            table = [self.add(self._shuffle(a, c, evens), self._shuffle(a, c, odds)) for a, c in pairs]
        return table[0]

    def total(self, value: str) -> str:
        """The sum of all lanes, in a fixed tree order."""
        size = self.lanes // 2
        while size:
            order = [i + size if i < size else i for i in range(self.lanes)]
            value = self.add(value, self._shuffle(value, "poison", order))
            size //= 2
        return self.b.let(f"extractelement {self.type} {value}, i64 0")


def scalar_widen(b: Builder, address: str, dtype: str, element: str) -> str:
    """The element at an address as an accumulator scalar (float or double)."""
    if dtype == "bfloat16":
        wide = b.let(f"zext i16 {b.load('i16', address, 1)} to i32")
        return b.let(f"bitcast i32 {b.let(f'shl i32 {wide}, 16')} to float")
    if dtype == "float16":
        return b.let(f"fpext half {b.load('half', address, 1)} to float")
    return b.load(element, address, 1)


def scalar_narrow(b: Builder, value: str, address: str, dtype: str) -> None:
    """Write a float as an element of `dtype`, to nearest even."""
    if dtype == "bfloat16":
        v = Vectors(b, "float32", 1)
        one = b.let(f"insertelement <1 x float> poison, float {value}, i64 0")
        b.store("i16", b.let(f"extractelement <1 x i16> {v.narrow(one, dtype)}, i64 0"), address, 1)
    elif dtype == "float16":
        b.store("half", b.let(f"fptrunc float {value} to half"), address, 1)
    else:
        b.store("float", value, address, 1)
