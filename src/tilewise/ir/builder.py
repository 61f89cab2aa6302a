"""A builder of LLVM text: values are names, integers fold, loops and branches are `with` blocks.

Only what kernels need exists. Integers are i64 throughout; pointers are opaque and moved by bytes, because
LLVM can miscompile inttoptr and all address arithmetic here is in bytes anyway.
Reference for the text: https://llvm.org/docs/LangRef.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

Value: TypeAlias = "str | int"  # the name of an SSA value, or a constant integer


class Loop:
    """A loop being built: `index`, the carried `values`, and after the block their final `results`."""

    def __init__(self, index: str, values: list[str]):
        self.index = index
        self.values = values
        self.results = values
        self.following: list[Value] | None = None

    def carry(self, values: Sequence[Value]) -> None:
        """Say what the carried values are in the next round."""
        self.following = list(values)


class Builder:
    """Builds one function, `void name(ptr args)` unless other parameters are given, and the module around it."""

    def __init__(self, name: str, parameters: str = "ptr noalias %args"):
        self.name = name
        self.parameters = parameters
        self.lines: list[str] = []
        self.declarations: dict[str, str] = {}
        self.constants: list[str] = []
        self.frames: list[str] = []
        self.definitions: list[str] = []
        self.result = "void"  # what the function returns, with its type
        self.block = "entry"
        self._count = 0

    # -- values ------------------------------------------------------------------------------------

    def fresh(self, stem: str = "v") -> str:
        """A new name."""
        self._count += 1
        return f"%{stem}{self._count}"

    def emit(self, text: str) -> None:
        """Append one instruction that has no result."""
        self.lines.append("  " + text)

    def let(self, text: str) -> str:
        """Append one instruction and name its result."""
        name = self.fresh()
        self.lines.append(f"  {name} = {text}")
        return name

    def add(self, *terms: Value) -> Value:
        """The sum; constant terms fold into one."""
        constant = sum(t for t in terms if isinstance(t, int))
        names = [t for t in terms if not isinstance(t, int)]
        if not names:
            return constant
        total = names[0]
        for term in names[1:]:
            total = self.let(f"add nsw i64 {total}, {term}")
        return self.let(f"add nsw i64 {total}, {constant}") if constant else total

    def sub(self, a: Value, b: Value) -> Value:
        """a - b."""
        if isinstance(b, int):
            return self.add(a, -b)
        return self.let(f"sub nsw i64 {a}, {b}")

    def mul(self, a: Value, b: Value) -> Value:
        """a * b."""
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if 0 in (a, b):
            return 0
        if b == 1:
            return a
        return b if a == 1 else self.let(f"mul nsw i64 {a}, {b}")

    def div(self, a: Value, b: Value) -> Value:
        """a // b for non-negative numbers."""
        if b == 1:
            return a
        return a // b if isinstance(a, int) and isinstance(b, int) else self.let(f"udiv i64 {a}, {b}")

    def rem(self, a: Value, b: Value) -> Value:
        """a % b for non-negative numbers."""
        if b == 1:
            return 0
        return a % b if isinstance(a, int) and isinstance(b, int) else self.let(f"urem i64 {a}, {b}")

    def min(self, a: Value, b: Value) -> Value:
        """The smaller of two signed integers."""
        if isinstance(a, int) and isinstance(b, int):
            return min(a, b)
        return self.call("i64", "llvm.smin.i64", ("i64", a), ("i64", b))

    def max(self, a: Value, b: Value) -> Value:
        """The larger of two signed integers."""
        if isinstance(a, int) and isinstance(b, int):
            return max(a, b)
        return self.call("i64", "llvm.smax.i64", ("i64", a), ("i64", b))

    def compare(self, how: str, a: Value, b: Value) -> str:
        """An i1: `how` is slt, sge, eq, ult ..."""
        return self.let(f"icmp {how} i64 {a}, {b}")

    def both(self, a: str, b: str) -> str:
        """The conjunction of two i1."""
        return self.let(f"and i1 {a}, {b}")

    def select(self, condition: str, kind: str, a: Value, b: Value) -> str:
        """a where the condition holds, b elsewhere."""
        return self.let(f"select i1 {condition}, {kind} {a}, {kind} {b}")

    # -- memory ------------------------------------------------------------------------------------

    def at(self, base: str, *offsets: Value) -> str:
        """The address some bytes past a base."""
        offset = self.add(*offsets) if offsets else 0
        if offset == 0:
            return base
        return self.let(f"getelementptr inbounds i8, ptr {base}, i64 {offset}")

    def load(self, kind: str, address: str, align: int = 1) -> str:
        """Read a value of a type; `align` is what is known of the address."""
        return self.let(f"load {kind}, ptr {address}, align {align}")

    def store(self, kind: str, value: Value, address: str, align: int = 1) -> None:
        """Write a value of a type."""
        self.emit(f"store {kind} {value}, ptr {address}, align {align}")

    def stream(self, kind: str, value: Value, address: str, align: int) -> None:
        """Write a value past the caches; the address must be a multiple of `align`, the size of the value."""
        if "!0 = !{i32 1}" not in self.constants:
            self.constants.append("!0 = !{i32 1}")
        self.emit(f"store {kind} {value}, ptr {address}, align {align}, !nontemporal !0")

    def prefetch(self, address: str, write: bool = False) -> None:
        """Ask for the cache line of an address, which may lie anywhere: nothing is read."""
        self.declare("llvm.prefetch.p0", "void @llvm.prefetch.p0(ptr, i32, i32, i32)")
        self.emit(f"call void @llvm.prefetch.p0(ptr {address}, i32 {int(write)}, i32 3, i32 1)")

    def words(self, address: str, count: int) -> list[str]:
        """So many 64-bit words that follow each other."""
        return [self.load("i64", self.at(address, 8 * i), 8) for i in range(count)]

    def entry(self, table: str, index: Value, words: int) -> list[str]:
        """An entry of a table whose entries have so many 64-bit words."""
        return self.words(self.at(table, self.mul(index, 8 * words)), words)

    def word(self, table: str, index: Value) -> str:
        """An entry of a table of single words."""
        return self.entry(table, index, 1)[0]

    def stack(self, size: int, align: int = 64) -> str:
        """Bytes in this function's frame."""
        name = self.fresh("frame")
        # In the entry block, so that a loop around the caller does not grow the frame.
        self.frames.append(f"  {name} = alloca [{size} x i8], align {align}")
        return name

    def zero_bytes(self, address: str, size: Value) -> None:
        """memset(address, 0, size)."""
        self.declare("llvm.memset.p0.i64", "void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
        self.emit(f"call void @llvm.memset.p0.i64(ptr {address}, i8 0, i64 {size}, i1 false)")

    def copy_bytes(self, to: str, source: str, size: Value) -> None:
        """memcpy(to, source, size)."""
        self.declare("llvm.memcpy.p0.p0.i64", "void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)")
        self.emit(f"call void @llvm.memcpy.p0.p0.i64(ptr {to}, ptr {source}, i64 {size}, i1 false)")

    # -- calls -------------------------------------------------------------------------------------

    def declare(self, name: str, signature: str) -> None:
        """Make an external function or intrinsic known."""
        self.declarations.setdefault(name, f"declare {signature}")

    def call(self, kind: str, name: str, *arguments: tuple[str, Value]) -> str:
        """Call an intrinsic with (type, value) arguments; returns its result (or '' for void)."""
        self.declare(name, f"{kind} @{name}({', '.join(t for t, _ in arguments)})")
        text = f"call {kind} @{name}({', '.join(f'{t} {v}' for t, v in arguments)})"
        if kind == "void":
            self.emit(text)
            return ""
        return self.let(text)

    # -- control -----------------------------------------------------------------------------------

    def label(self, stem: str) -> str:
        """A new block name."""
        self._count += 1
        return f"{stem}{self._count}"

    def enter(self, label: str) -> None:
        """Begin a block."""
        self.lines.append(f"{label}:")
        self.block = label

    def jump(self, label: str) -> None:
        """End a block."""
        self.emit(f"br label %{label}")

    @contextmanager
    def loop(
        self, start: Value, stop: Value, step: Value = 1, carried: Sequence[tuple[str, Value]] = ()
    ) -> Iterator[Loop]:
        """for index in range(start, stop, step), with SSA values of given types carried from round to round."""
        head, body, end = (self.label(x) for x in ("head", "body", "end"))
        before = self.block
        self.jump(head)
        self.enter(head)
        slot = len(self.lines)
        index = self.fresh("i")
        names = [self.fresh("c") for _ in carried]
        inside = self.compare("slt", index, stop)
        self.emit(f"br i1 {inside}, label %{body}, label %{end}")
        self.enter(body)
        loop = Loop(index, names)
        yield loop
        if loop.following is None and carried:
            raise ValueError("a loop with carried values must say what follows them")
        following = self.add(index, step)
        latch = self.block
        self.jump(head)
        phis = [f"  {index} = phi i64 [ {start}, %{before} ], [ {following}, %{latch} ]"]
        for name, (kind, initial), value in zip(names, carried, loop.following or (), strict=True):
            phis.append(f"  {name} = phi {kind} [ {initial}, %{before} ], [ {value}, %{latch} ]")
        self.lines[slot:slot] = phis
        self.enter(end)

    @contextmanager
    def repeat(self, carried: Sequence[tuple[str, Value]], condition: Callable[[list[str]], str]) -> Iterator[Loop]:
        """While a condition of the carried values holds; `index` is the first of them."""
        head, body, end = (self.label(x) for x in ("head", "body", "end"))
        before = self.block
        self.jump(head)
        self.enter(head)
        slot = len(self.lines)
        names = [self.fresh("c") for _ in carried]
        self.emit(f"br i1 {condition(names)}, label %{body}, label %{end}")
        self.enter(body)
        loop = Loop(names[0], names)
        yield loop
        latch = self.block
        self.jump(head)
        self.lines[slot:slot] = [
            f"  {name} = phi {kind} [ {initial}, %{before} ], [ {value}, %{latch} ]"
            for name, (kind, initial), value in zip(names, carried, loop.following or (), strict=True)
        ]
        self.enter(end)

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """Run the block where the condition (an i1) holds."""
        then, end = self.label("then"), self.label("end")
        self.emit(f"br i1 {condition}, label %{then}, label %{end}")
        self.enter(then)
        yield
        self.jump(end)
        self.enter(end)

    def update(
        self, condition: str, kind: str, values: Sequence[str], body: Callable[[list[str]], list[str]]
    ) -> list[str]:
        """The values as the body changes them where the condition holds; as they are elsewhere."""
        then, end = self.label("then"), self.label("end")
        before = self.block
        self.emit(f"br i1 {condition}, label %{then}, label %{end}")
        self.enter(then)
        changed = body(list(values))
        after = self.block
        self.jump(end)
        self.enter(end)
        return [
            old if old == new else self.let(f"phi {kind} [ {old}, %{before} ], [ {new}, %{after} ]")
            for old, new in zip(values, changed, strict=True)
        ]

    def either(self, condition: str, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Run one of two blocks."""
        yes, no, end = self.label("then"), self.label("else"), self.label("end")
        self.emit(f"br i1 {condition}, label %{yes}, label %{no}")
        for label, body in ((yes, then), (no, otherwise)):
            self.enter(label)
            body()
            self.jump(end)
        self.enter(end)

    def switch(self, value: Value, cases: dict[int, Callable[[], None]]) -> None:
        """Run the body of the case that a value names; a value that names none runs nothing."""
        end = self.label("end")
        labels = {number: self.label("case") for number in cases}
        table = " ".join(f"i64 {number}, label %{label}" for number, label in labels.items())
        self.emit(f"switch i64 {value}, label %{end} [ {table} ]")
        for number, body in cases.items():
            self.enter(labels[number])
            body()
            self.jump(end)
        self.enter(end)

    # -- the whole ---------------------------------------------------------------------------------

    def define(self, text: str) -> None:
        """Put the text of other functions, with their declarations, into this module."""
        self.definitions.append(text)

    def function(self, linkage: str = "") -> str:
        """The function alone."""
        body = "\n".join(self.frames + self.lines)
        kind = self.result.split()[0]
        return (
            f"define {linkage} {kind} @{self.name}({self.parameters}) #0 {{\nentry:\n{body}\n  ret {self.result}\n}}\n"
        )

    def text(self) -> str:
        """The module as LLVM text."""
        given = "\n".join(self.definitions)
        declarations = "\n".join(line for line in self.declarations.values() if line not in given)
        attributes = 'attributes #0 = { nounwind "min-legal-vector-width"="512" "prefer-vector-width"="512" }'
        return "\n".join([*self.constants, declarations, given, self.function(), attributes, ""])
