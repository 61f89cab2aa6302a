"""What was decided for one problem: steps, workspace, and what people are told about it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tilewise.ir.kernel import Arguments
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.runtime import cores as usable


class Base(enum.IntEnum):
    """Which tensor (or the workspace) an address belongs to, in the order that a call passes them."""

    SOURCE = 0
    DESTINATION = 1
    WEIGHT = 2
    BIAS = 3
    WORKSPACE = 4
    STATUS = 5  # a word that kernels set to 1 where another algorithm must do the call over


@dataclass(frozen=True)
class Location:
    """A place known at planning time: a base and bytes past it."""

    base: Base
    offset: int = 0

    def past(self, distance: int) -> Location:
        """The place so many bytes further on."""
        return Location(self.base, self.offset + distance)


def worth_sharing(problem: ConvProblem) -> bool:
    """Whether a problem has products enough to wake other threads for."""
    return problem.multiply_adds > 100_000


@dataclass(frozen=True)
class Plan:
    """How one problem is run. `native` plans have no steps: PyTorch's own kernel runs."""

    algorithm: str
    steps: tuple[Step, ...]
    workspace_bytes: int
    parallel: bool
    notes: tuple[str, ...] = field(default=())
    may_refuse: bool = False  # whether its steps may set the status word
    images: int = 0  # how many images one run computes, where that is not all of the batch


# Tickets for each of many cores, so that none waits long for another.
_ITEMS_A_CORE = 4
# No process has more addresses than this; tables hold distances within a workspace as 64-bit numbers.
_ADDRESSES = 1 << 47


class WorkspaceTooLarge(Exception):
    """A workspace of so many bytes cannot exist."""

    def __init__(self, size: int):
        super().__init__(f"a workspace of {size} bytes")
        self.size = size


class WorkspaceLayout:
    """Hands out places in the workspace, each at a multiple of 64 and apart from its neighbours."""

    def __init__(self, start: int = 0) -> None:
        self.start = self.size = start

    def take(self, size: int) -> Location:
        """A place of so many bytes. 128 more follow it, so that whole vectors may be read past its end.

        Raises WorkspaceTooLarge where no memory could hold it: nothing is planned in it then.
        """
        place = Location(Base.WORKSPACE, self.size)
        self.size += -(-(size + 128) // 64) * 64
        if self.size > _ADDRESSES:
            raise WorkspaceTooLarge(self.size)
        return place


def cores() -> int:
    """Those that the process may use, however many threads a call has: plans do not depend on these."""
    return usable.usable_cores()


def enough_items(usual: int) -> int:
    """Tickets that all cores can share evenly: `usual` on a few, some for each on many."""
    return max(usual, _ITEMS_A_CORE * cores())


def pieces_of(items: int) -> int:
    """Into how many pieces to cut each of some tickets, so that every core has two: 1 where they are enough."""
    return -(-2 * cores() // max(1, items))


@dataclass(frozen=True)
class ThreadScratch:
    """Scratch memory for each thread of a step, as `ir.kernel.scratch_slot` draws it."""

    slots: int
    slot_bytes: int
    at: Location

    @classmethod
    def take(cls, workspace: WorkspaceLayout, items: int, size: int) -> ThreadScratch:
        """`size` bytes for each thread that may find one of so many items."""
        slots = max(1, min(items, cores()))
        # Not a multiple of a page: what threads write at the same time should not share cache sets.
        slot_bytes = -(-size // 4096) * 4096 + 192
        return cls(slots, slot_bytes, workspace.take(slots * slot_bytes))

    @property
    def values(self) -> dict[str, int]:
        """What the kernel is told."""
        return {"drawn_slots": 0, "slots": self.slots, "slot_bytes": self.slot_bytes}


def step(
    text: str,
    arguments: Arguments,
    values: Mapping[str, int],
    addresses: Mapping[str, Location],
    tables: Mapping[str, NDArray[np.int64]] | None = None,
    waits: bool = True,
) -> Step:
    """A step from names rather than positions."""
    return Step(
        text,
        arguments.words(values),
        tuple((arguments.position(n), int(at.base), at.offset) for n, at in addresses.items()),
        tuple((arguments.position(n), np.ascontiguousarray(t)) for n, t in (tables or {}).items()),
        waits,
    )


def stages(*groups: Iterable[Step]) -> tuple[Step, ...]:
    """Steps in order, each group waiting for the ones before it; within a group nothing waits."""
    result: list[Step] = []
    for group in groups:
        behind = bool(result)
        result += [replace(s, waits=behind and i == 0) for i, s in enumerate(group)]
    return tuple(result)
