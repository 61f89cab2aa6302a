"""Scratch memory, kept between calls: fresh pages cost more than most kernels that would use them.

Buffers wait in slots, words that hold an address or 0. Whoever exchanges an address for 0 owns the buffer until it
puts it into an empty slot again, so nothing is locked and a forked child can go on. Small buffers have one size.
A large one begins with a line of its own that holds its size; beside its slot stands the same size as a hint, by
which the smallest that fits is found without taking it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.ir import Builder

ALIGNMENT = 64
# What is kept between calls: a few buffers, so that two threads at once find one each, and not above this.
KEPT_BUFFERS = 4
KEPT_BYTES = 1 << 30
# Calls that take microseconds need no more than this; a buffer for each of so many threads.
SMALL_BYTES = 1 << 16
SMALL_BUFFERS = 8
_GRAIN = 1 << 16
_HEADER = ALIGNMENT

# The words of the block of slots, in bytes.
_ALLOCATE, _RELEASE, _KEPT, _SMALL = 0, 8, 16, 64
_LARGE = _SMALL + 8 * SMALL_BUFFERS
_SIZES = _LARGE + 8 * KEPT_BUFFERS
_BLOCK = np.zeros((_SIZES + 8 * KEPT_BUFFERS) // 8, np.int64)


def slots() -> int:
    """The address of the block of slots, which take and give are called with."""
    if not _BLOCK[_ALLOCATE // 8]:
        library = ctypes.CDLL(None)
        _BLOCK[_RELEASE // 8] = ctypes.cast(library.free, ctypes.c_void_p).value or 0
        _BLOCK[_ALLOCATE // 8] = ctypes.cast(library.aligned_alloc, ctypes.c_void_p).value or 0
    return int(_BLOCK.ctypes.data)


def block() -> NDArray[np.int64]:
    """The words of the slots."""
    return _BLOCK


def take() -> Builder:
    """`ptr take(ptr slots, i64 size)`: that many bytes at a multiple of 64, contents unspecified; null if none are."""
    b = Builder("take", "ptr %slots, i64 %size")
    found = b.stack(8, 8)
    b.store("i64", 0, found, 8)
    b.either(b.compare("ule", "%size", SMALL_BYTES), lambda: _take_small(b, found), lambda: _take_large(b, found))
    b.result = f"ptr {b.load('ptr', found, 8)}"
    return b


def give() -> Builder:
    """`void give(ptr slots, i64 size, ptr buffer)`: end the use of what take gave for a size."""
    b = Builder("give", "ptr %slots, i64 %size, ptr %buffer")
    b.either(b.compare("ule", "%size", SMALL_BYTES), lambda: _give_small(b), lambda: _give_large(b))
    return b


def _slot(b: Builder, kind: int, number: str) -> str:
    return b.at("%slots", b.mul(number, 8), kind)


def _exchange(b: Builder, slot: str, value: str = "null") -> str:
    """What was in a slot, owned from now on."""
    return b.let(f"atomicrmw xchg ptr {slot}, ptr {value} acq_rel, align 8")


def _put(b: Builder, slot: str, buffer: str) -> str:
    """Give a buffer to a slot; an i1: whether the slot was empty."""
    both = b.let(f"cmpxchg ptr {slot}, ptr null, ptr {buffer} acq_rel monotonic")
    return b.let(f"extractvalue {{ ptr, i1 }} {both}, 1")


def _allocate(b: Builder, size: str | int) -> str:
    return b.let(f"call ptr {b.load('ptr', b.at('%slots', _ALLOCATE), 8)}(i64 {ALIGNMENT}, i64 {size})")


def _release(b: Builder, buffer: str) -> None:
    b.emit(f"call void {b.load('ptr', b.at('%slots', _RELEASE), 8)}(ptr {buffer})")


def _count(b: Builder, size: str, how: str = "add") -> None:
    """Keep the sum of the large buffers in slots."""
    b.emit(f"atomicrmw {how} ptr {b.at('%slots', _KEPT)}, i64 {size} monotonic, align 8")


def _take_small(b: Builder, found: str) -> None:
    def on(values: list[str]) -> str:
        empty = b.let(f"icmp eq ptr {b.load('ptr', found, 8)}, null")
        return b.both(empty, b.compare("ult", values[0], SMALL_BUFFERS))

    with b.repeat([("i64", 0)], on) as loop:
        b.store("ptr", _exchange(b, _slot(b, _SMALL, loop.index)), found, 8)
        loop.carry([b.add(loop.index, 1)])
    with b.when(b.let(f"icmp eq ptr {b.load('ptr', found, 8)}, null")):
        b.store("ptr", _allocate(b, SMALL_BYTES), found, 8)


def _take_large(b: Builder, found: str) -> None:
    wanted = b.mul(b.div(b.add("%size", _HEADER + _GRAIN - 1), _GRAIN), _GRAIN)
    with b.loop(0, KEPT_BUFFERS, carried=[("i64", 0), ("i64", -1)]) as loop:
        best, least = loop.values
        size = b.load("i64", _slot(b, _SIZES, loop.index), 8)
        better = b.both(b.compare("uge", size, wanted), b.compare("ult", size, least))
        loop.carry([b.select(better, "i64", loop.index, best), b.select(better, "i64", size, least)])
    best, least = loop.results
    with b.when(b.compare("ne", least, -1)):
        buffer = _exchange(b, _slot(b, _LARGE, best))
        b.store("i64", 0, _slot(b, _SIZES, best), 8)
        with b.when(b.let(f"icmp ne ptr {buffer}, null")):
            held = b.load("i64", buffer, 8)
            _count(b, held, "sub")
            # Another thread may have exchanged buffers after the sizes were read.
            b.either(
                b.compare("uge", held, wanted),
                lambda: b.store("ptr", b.at(buffer, _HEADER), found, 8),
                lambda: _release(b, buffer),
            )
    with b.when(b.let(f"icmp eq ptr {b.load('ptr', found, 8)}, null")):
        fresh = _allocate(b, str(wanted))
        with b.when(b.let(f"icmp ne ptr {fresh}, null")):
            b.store("i64", wanted, fresh, 8)
            b.store("ptr", b.at(fresh, _HEADER), found, 8)


def _offer(b: Builder, kind: int, count: int, buffer: str) -> tuple[str, str]:
    """Put a buffer into the first empty slot; (an i1: whether there was one, its number)."""

    def on(values: list[str]) -> str:
        return b.both(b.compare("eq", values[1], 0), b.compare("ult", values[0], count))

    with b.repeat([("i64", 0), ("i64", 0)], on) as loop:
        kept = b.let(f"zext i1 {_put(b, _slot(b, kind, loop.index), buffer)} to i64")
        loop.carry([b.add(loop.index, 1), kept])
    number, kept = loop.results
    return b.compare("ne", kept, 0), str(b.sub(number, 1))


def _give_small(b: Builder) -> None:
    kept, _ = _offer(b, _SMALL, SMALL_BUFFERS, "%buffer")
    with b.when(b.let(f"xor i1 {kept}, true")):
        _release(b, "%buffer")


def _give_large(b: Builder) -> None:
    buffer = b.at("%buffer", -_HEADER)
    size = b.load("i64", buffer, 8)
    held = b.load("i64", b.at("%slots", _KEPT), 8)

    def keep() -> None:
        _count(b, size)
        kept, number = _offer(b, _LARGE, KEPT_BUFFERS, buffer)
        b.either(kept, lambda: b.store("i64", size, _slot(b, _SIZES, number), 8), lambda: _keep_larger(b, buffer, size))

    b.either(b.compare("ule", b.add(size, held), KEPT_BYTES), keep, lambda: _release(b, buffer))


def _keep_larger(b: Builder, buffer: str, size: str) -> None:
    """All slots are full: the smallest buffer goes, this one too may be it; a larger serves every call it could."""
    with b.loop(0, KEPT_BUFFERS, carried=[("i64", 0), ("i64", -1)]) as loop:
        which, least = loop.values
        other = b.load("i64", _slot(b, _SIZES, loop.index), 8)
        less = b.compare("ult", other, least)
        loop.carry([b.select(less, "i64", loop.index, which), b.select(less, "i64", other, least)])
    which, least = loop.results

    def drop() -> None:
        _count(b, size, "sub")
        _release(b, buffer)

    def replace() -> None:
        old = _exchange(b, _slot(b, _LARGE, which), buffer)
        b.store("i64", size, _slot(b, _SIZES, which), 8)
        with b.when(b.let(f"icmp ne ptr {old}, null")):
            _count(b, b.load("i64", old, 8), "sub")
            _release(b, old)

    b.either(b.compare("ule", size, least), drop, replace)


@dataclass(frozen=True)
class WorkspaceState:
    """What is held between calls."""

    buffers: int
    bytes: int


def workspace_state() -> WorkspaceState:
    """How much scratch memory is held between calls, small buffers apart."""
    return WorkspaceState(int(np.count_nonzero(_words(_LARGE, KEPT_BUFFERS))), int(_BLOCK[_KEPT // 8]))


def fill_free_workspaces(byte: int) -> None:
    """Overwrite all scratch memory held, for tests with one thread: a kernel must not depend on what was there."""
    for small in _words(_SMALL, SMALL_BUFFERS):
        if small:
            ctypes.memset(int(small), byte, SMALL_BYTES)
    for address, size in _large():
        ctypes.memset(address + _HEADER, byte, size - _HEADER)


def drop_workspaces() -> None:
    """Give all scratch memory back, for tests with one thread."""
    release = ctypes.CDLL(None).free
    release.argtypes, release.restype = [ctypes.c_void_p], None
    for address in (*_words(_SMALL, SMALL_BUFFERS), *_words(_LARGE, KEPT_BUFFERS)):
        release(int(address))
    _BLOCK[_SMALL // 8 :] = 0
    _BLOCK[_KEPT // 8] = 0


def _words(start: int, count: int) -> NDArray[np.int64]:
    return _BLOCK[start // 8 : start // 8 + count]


def _large() -> Iterator[tuple[int, int]]:
    """(address, size) of each large buffer in a slot."""
    for address in _words(_LARGE, KEPT_BUFFERS):
        if address:
            yield int(address), int(ctypes.c_int64.from_address(int(address)).value)
