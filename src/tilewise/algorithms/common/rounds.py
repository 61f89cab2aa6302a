"""Blocks of channels in rounds, so that packed filters, or sums that wait to be unpacked, are few at a time.

Those of a whole layer may be many times its images, and would travel to memory and back; those of a round stay in
a cache until they are used. A round's first stage stands beside the last stage of the round before it, so rounds of
two stages take turns with two places in the workspace; of three, where no memory is used in the first and the last
stage alike, one place is enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tilewise.algorithms.common.plan import WorkspaceLayout, cores, stages
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem
from tilewise.runtime import Step

Blocks = tuple[int, int, int]  # vectors a block, first channel, blocks
# What a workspace may take: so many times the tensors, or this where they are small; and what rounds have at least.
_SHARE, _SMALL_BYTES, _LEAST_BYTES = 1.5, 4 << 20, 2 << 20


@dataclass
class Round:
    """One round: its blocks of channels, its place in the workspace, and its steps by stages."""

    blocks: list[Blocks]
    workspace: WorkspaceLayout
    stages: list[list[Step]] = field(default_factory=list)

    def add(self, *steps: Sequence[Step]) -> None:
        """Steps for the first stage, for the second, and so on."""
        self.stages += [[] for _ in range(len(steps) - len(self.stages))]
        for stage, more in zip(self.stages, steps, strict=True):
            stage += more


class Rounds:
    """The rounds of a plan in the making: iterate over them to fill them, then ask for all steps."""

    def __init__(
        self, problem: ConvProblem, blocks: Sequence[Blocks], lanes: int, vector_bytes: int, near_bytes: int,
        workspace: WorkspaceLayout, places: int = 2, least_vectors: int = 1,
    ):  # fmt: skip
        """`vector_bytes` is what a vector of channels takes; `near_bytes` is what two cores keep near them."""
        left = _left(problem, workspace)
        most = min(left, near_bytes * max(1, cores() // 2))
        if sum(vectors * count for vectors, _, count in blocks) * vector_bytes > most:
            most = min(most, left // places)
        self._dealt = _dealt(blocks, lanes, max(least_vectors, most // max(1, vector_bytes)))
        self._places = places
        self._workspace = workspace
        self._rounds: list[Round] = []

    @property
    def most_blocks(self) -> dict[int, int]:
        """For each number of vectors a block, the blocks of the largest round."""
        found: dict[int, int] = {}
        for blocks in self._dealt:
            for vectors, _, count in blocks:
                found[vectors] = max(found.get(vectors, 0), count)
        return found

    def __iter__(self) -> Iterator[Round]:
        places: list[WorkspaceLayout] = []
        for number, blocks in enumerate(self._dealt):
            again = places[number % self._places] if number >= self._places else None
            one = Round(blocks, WorkspaceLayout(again.start if again else self._workspace.size))
            self._rounds.append(one)
            yield one
            if again is None:
                places.append(one.workspace)
                self._workspace.size = one.workspace.size
            elif one.workspace.size > again.size:
                raise RuntimeError("a round takes more of the workspace than one before it")

    def steps(self, before: Sequence[Step], after: Sequence[Step], beside: bool = True) -> tuple[Step, ...]:
        """All of them in order; `before` goes beside the first stage, or ahead of it."""
        groups: list[list[Step]] = [list(before)] if beside else [list(before), []]
        for one in self._rounds:
            groups[-1] += one.stages[0] if one.stages else []
            groups += one.stages[1:]
        return stages(*groups, after)


def _left(problem: ConvProblem, workspace: WorkspaceLayout) -> int:
    """What a workspace may still take."""
    allowed = max(_SMALL_BYTES, int(_SHARE * problem.tensor_elements) * ELEMENT_BYTES[problem.dtype])
    return max(_LEAST_BYTES, allowed - workspace.size)


def _dealt(blocks: Sequence[Blocks], lanes: int, most: int) -> list[list[Blocks]]:
    """Blocks dealt evenly to rounds of at most `most` vectors, or of one block; no later round is larger.

    A single vector that is left over joins the first.
    """
    if sum(vectors * count for vectors, _, count in blocks) <= most:
        return [list(blocks)]
    (vectors, first, count), *rest = blocks
    parts = math.ceil(count / max(1, most // vectors))
    each, more = divmod(count, parts)
    result: list[list[Blocks]] = []
    for number in range(parts):
        taken = each + (number < more)
        result.append([(vectors, first, taken)])
        first += taken * vectors * lanes
    result[0] += rest
    return result
