"""The table of known calls: written by Python, read by kernels on any thread at any time.

Readers take no lock. An entry is complete before its address is stored, and what is taken out stays in memory until
nobody can be reading it: calls under way are counted, by turns in one of two words, and once each of the words has
been seen at zero after the removal, no call that found the entry is left.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.runtime import Job
from tilewise.torch_ops.direct import words

KEPT = 512


# Called with the interpreter's lock held.
_PUBLISH = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)


@dataclass(frozen=True)
class Part:
    """One result of a call: where it stands, its shape and strides, its job, the numbers of the job's bases."""

    position: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    job: Job
    bases: tuple[int, int, int, int]


class _Entry:
    """One call's words, and what they point to."""

    def __init__(self, key: NDArray[np.int64], parts: Sequence[Part], counted: int):
        self.key = key
        self.parts = tuple(parts)
        self.words = np.zeros((words.FIRST_PART + len(parts) * words.PART_BYTES) // 8, np.int64)
        self.address = int(self.words.ctypes.data)
        self._shapes = [np.array([part.shape, part.strides], np.int64) for part in parts]
        self._set(words.KEY, key.ctypes.data)
        self._set(words.PARTS, len(parts))
        self._set(words.COUNTED, counted)
        for number, (part, shape) in enumerate(zip(parts, self._shapes, strict=True)):
            first = words.FIRST_PART + number * words.PART_BYTES
            self._set(first + words.POSITION, part.position)
            self._set(first + words.DIM, len(part.shape))
            self._set(first + words.SIZES, shape.ctypes.data)
            self._set(first + words.STRIDES, shape.ctypes.data + 8 * len(part.shape))
            self._set(first + words.JOB, part.job.address)
            for base, number_of_pointer in enumerate(part.bases):
                self._set(first + words.BASES + 8 * base, number_of_pointer)

    def _set(self, at: int, value: int) -> None:
        self.words[at // 8] = value


class Table:
    """Known calls by key, the oldest going first; and whatever else kernels may be reading when it is replaced."""

    def __init__(self, shared: NDArray[np.int64]):
        """`shared` are the words of `words`; their `publish` must be there before anything is put in."""
        self._shared = shared
        self._buckets = np.zeros(words.BUCKETS, np.int64)
        self._chains: dict[int, list[_Entry]] = {}
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._retired: list[object] = []
        self._going: list[object] = []  # retired before the words were looked at
        self._left = set(words.PHASES)
        self._lock = threading.Lock()
        shared[words.offset("buckets") // 8] = self._buckets.ctypes.data
        shared[words.offset("phase") // 8] = words.PHASES[0]
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def waiting(self) -> int:
        """How many things that were taken out are still in memory."""
        return len(self._retired) + len(self._going)

    def put(self, key: NDArray[np.int64], parts: Sequence[Part], counted: int) -> None:
        """Make a call known; `counted` is by how much it counts."""
        name = key.tobytes()
        with self._lock:
            if name in self._entries:
                return
            entry = _Entry(key, parts, counted)
            chain = self._chains.setdefault(self._bucket(entry), [])
            entry.words[words.NEXT // 8] = chain[-1].address if chain else 0
            chain.append(entry)
            self._entries[name] = entry
            self.publish(self._slot(entry), entry.address)
            while len(self._entries) > KEPT:
                self._take_out(self._entries.popitem(last=False)[1])
            self._reclaim()

    def clear(self) -> None:
        """Forget all calls."""
        with self._lock:
            while self._entries:
                self._take_out(self._entries.popitem(last=False)[1])
            self._reclaim()

    def replace(self, name: str, address: int, old: object) -> None:
        """Let a shared word point to something else; the old thing stays as long as someone may read it."""
        with self._lock:
            self.publish(int(self._shared.ctypes.data) + words.offset(name), address)
            self._retired.append(old)
            self._reclaim()

    def publish(self, at: int, value: int) -> None:
        """Store a word, after everything written before it, before everything read after it."""
        # Other threads of Python wait meanwhile: none is to find the lock taken for long, or to fork then.
        function = _PUBLISH(int(self._shared[words.offset("publish") // 8]))
        function((ctypes.c_int64 * 2)(at, value))

    @staticmethod
    def _bucket(entry: _Entry) -> int:
        return int(entry.key[0].astype(np.uint64) % np.uint64(words.BUCKETS))

    def _slot(self, entry: _Entry) -> int:
        return int(self._buckets.ctypes.data) + 8 * self._bucket(entry)

    def _take_out(self, entry: _Entry) -> None:
        """Let what points to it point past it. Its own pointer stays for those who are there."""
        chain = self._chains[self._bucket(entry)]
        at = chain.index(entry)
        before = chain[at + 1].address + words.NEXT if at + 1 < len(chain) else self._slot(entry)
        self.publish(before, int(entry.words[words.NEXT // 8]))
        del chain[at]
        self._retired.append(entry)

    def _reclaim(self) -> None:
        """Free what was retired before each of the counting words was seen at zero."""
        if not self._going:
            self._going, self._retired, self._left = self._retired, [], set(words.PHASES)
        for phase in tuple(self._left):
            if not self._shared[phase // 8]:
                self._left.discard(phase)
        if not self._left:
            self._going = []
            return
        # New calls are counted in the other word, so that this one comes to zero.
        busy = next(iter(self._left))
        self._shared[words.offset("phase") // 8] = next(phase for phase in words.PHASES if phase != busy)

    def _forked(self) -> None:
        """In a child there are no other threads: not their calls, and not one that holds the lock."""
        self._lock = threading.Lock()
        for phase in words.PHASES:
            self._shared[phase // 8] = 0
