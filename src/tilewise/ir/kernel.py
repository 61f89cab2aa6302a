"""The frame of every kernel: how it begins, named arguments, and the loop in which threads draw tickets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tilewise.ir.builder import Builder, Value
from tilewise.ir.vectors import Vectors
from tilewise.target import Target

FUNCTION = "tilewise_kernel"
# Ticket counters ahead of a kernel's arguments.
PARTS = 4


class Arguments:
    """The 64-bit words of a kernel's argument block, by name; ahead of them are the ticket counters."""

    def __init__(self, names: Sequence[str]):
        self.names = tuple(names)
        self._positions = {name: position for position, name in enumerate(self.names)}
        if len(self._positions) != len(self.names):
            raise ValueError("argument names must differ")
        self._needed = frozenset(name for name in self.names if not name.endswith("_ptr"))

    def load(self, b: Builder) -> dict[str, str]:
        """Read all of them: names that end in _ptr as pointers, the others as integers."""
        values = {}
        for position, name in enumerate(self.names):
            kind = "ptr" if name.endswith("_ptr") else "i64"
            values[name] = b.load(kind, b.at("%args", 8 * (PARTS + position)), 8)
        return values

    def words(self, values: Mapping[str, int]) -> tuple[int, ...]:
        """The words for given values; addresses, filled in later, are 0 here."""
        unknown, missing = values.keys() - self._positions.keys(), self._needed - values.keys()
        if unknown or missing:
            raise ValueError(f"arguments unknown: {sorted(unknown)}, missing: {sorted(missing)}")
        words = [0] * len(self.names)
        for name, value in values.items():
            words[self._positions[name]] = int(value)
        return tuple(words)

    def position(self, name: str) -> int:
        """Where a named argument stands."""
        return self._positions[name]


def begin_kernel(arguments: Arguments) -> tuple[Builder, dict[str, str]]:
    """What a kernel begins with: its builder and its arguments by name."""
    b = Builder(FUNCTION, "ptr noalias %args, i64 %thread, i64 %threads")
    return b, arguments.load(b)


def begin_vectors(arguments: Arguments, accumulator: str, target: Target) -> tuple[Builder, Vectors, dict[str, str]]:
    """What a kernel of vectors begins with: its builder, vectors that fill a register of the target, its arguments."""
    b, a = begin_kernel(arguments)
    return b, Vectors(b, accumulator, target.lanes(accumulator), target.fuses), a


# What a kernel is told whose threads each need scratch memory; `drawn_slots` is 0.
SLOTS = ("drawn_slots", "slots", "slot_bytes", "scratch_ptr")


@contextmanager
def scratch_slot(b: Builder, arguments: Arguments, a: dict[str, str]) -> Iterator[str]:
    """The body runs with the address of scratch memory of this thread's own; a thread for which none is left leaves.

    So the memory is bounded when a plan is made, whatever the number of threads that come.
    """
    counter = b.at("%args", 8 * (PARTS + arguments.position("drawn_slots")))
    slot = b.let(f"atomicrmw add ptr {counter}, i64 1 monotonic")
    with b.when(b.compare("slt", slot, a["slots"])):
        yield b.at(a["scratch_ptr"], b.mul(slot, a["slot_bytes"]))


@contextmanager
def tickets(b: Builder, items: Value) -> Iterator[Value]:
    """The body runs for each item that this thread draws, until all are taken.

    Items are cut into parts, and a part is drawn from both ends: by even threads upwards, by odd ones downwards. So
    what a thread has written or read in one step or call, it finds near it in the next, as long as neighbouring items
    use neighbouring memory; and a slow thread still takes fewer, because the others then come to its items.
    """
    parts = b.min(b.div(b.add("%threads", 1), 2), PARTS)
    wide = b.compare("sge", items, 1 << 31)
    odd = b.compare("eq", b.rem("%thread", 2), 1)
    down = b.select(wide, "i1", "false", odd)
    draw_one = b.select(down, "i64", 1 << 32, 1)
    with b.loop(0, parts) as other:
        part = b.rem(b.add(b.div("%thread", 2), other.index), parts)
        first = b.div(b.mul(items, part), parts)
        count = b.sub(b.div(b.mul(items, b.add(part, 1)), parts), first)
        counter = b.at("%args", b.mul(part, 8))
        draw, body, end = (b.label(x) for x in ("draw", "item", "drawn"))
        b.jump(draw)
        b.enter(draw)
        drawn = b.let(f"atomicrmw add ptr {counter}, i64 {draw_one} monotonic")
        above = b.select(wide, "i64", 0, b.let(f"lshr i64 {drawn}, 32"))
        below = b.sub(drawn, b.mul(above, 1 << 32))
        b.emit(f"br i1 {b.compare('slt', b.add(above, below), count)}, label %{body}, label %{end}")
        b.enter(body)
        yield b.add(first, b.select(down, "i64", b.sub(b.sub(count, 1), above), below))
        b.jump(draw)
        b.enter(end)


def split(b: Builder, number: Value, *sizes: Value) -> list[Value]:
    """Digits of a number in mixed radix, most significant first: the inverse of ravelling an index."""
    digits: list[Value] = []
    for size in reversed(sizes):
        digits.append(b.rem(number, size))
        number = b.div(number, size)
    return [number, *reversed(digits)]


def share(b: Builder, number: Value, size: Value, count: Value) -> tuple[Value, Value]:
    """The range that share `number` holds of 0 .. count-1, cut in shares of `size`: its first and one past its last."""
    first = b.mul(number, size)
    return first, b.min(b.add(first, size), count)


def advance(b: Builder, digits: Sequence[Value], *sizes: Value) -> list[Value]:
    """The digits of the next number, most significant first as `split` gives them, without its divisions."""
    following: list[Value] = []
    carry: Value = 1
    for digit, size in zip(reversed(digits[1:]), reversed(sizes), strict=True):
        more = b.add(digit, carry)
        full = b.compare("eq", more, size)
        following.append(b.select(full, "i64", 0, more))
        carry = b.let(f"zext i1 {full} to i64")
    return [b.add(digits[0], carry), *reversed(following)]
