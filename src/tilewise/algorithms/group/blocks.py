"""Blocks of channels, and tensors as kernels with a block of channels in their lanes read and write them.

A tensor is taken in place where channels lie side by side; otherwise in copies whose blocks of a vector's channels are
streams of their own, unless a block is not a whole vector.
"""

from __future__ import annotations

from dataclasses import dataclass

from tilewise.algorithms.common.blocking import blocked_copy, why_not_blocked
from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import Base, WorkspaceLayout
from tilewise.algorithms.common.turning import blocked_target, channels_last_source, channels_last_target
from tilewise.problem import ConvProblem, Layout, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target


@dataclass(frozen=True)
class Blocks:
    """How channels are cut: groups a block, and how many channels of each side that is."""

    groups: int
    source: int
    destination: int
    count: int

    def parts(self, problem: ConvProblem) -> list[Part]:
        """The blocks that are whole, and a last one that is not."""
        whole = problem.groups // self.groups
        return [Part(0, whole, False)] + [Part(whole, 1, True)] * (whole < self.count)

    def masked(self, lanes: int) -> bool:
        """Whether even whole blocks leave lanes without a channel."""
        return min(self.source, self.destination) < lanes


@dataclass(frozen=True)
class Part:
    """Neighbouring blocks computed by one kernel."""

    first: int
    count: int
    tail: bool


@dataclass(frozen=True)
class BlockView:
    """Where a tensor's blocks lie: bytes from one to the next, the copy that brings them there if any, and in words."""

    view: View
    distance: int
    copying: Step | None
    how: str


def blocks_of(problem: ConvProblem, target: Target) -> Blocks:
    """As many whole groups as fit one vector on both sides."""
    widest = max(problem.source_channels, problem.destination_channels)
    groups = min(target.lanes(problem.accumulator) // widest, problem.groups)
    return Blocks(
        groups, groups * problem.source_channels, groups * problem.destination_channels, -(-problem.groups // groups)
    )


def source_blocks(
    problem: ConvProblem, spec: TensorSpec, base: Base, channels: int, workspace: WorkspaceLayout, target: Target
) -> BlockView:
    """A tensor that is read, with so many channels a block."""
    copied = spec.layout is not Layout.CHANNELS_LAST
    if copied and channels == target.lanes(problem.accumulator) and not why_not_blocked(spec):
        return BlockView(
            *blocked_copy(spec, base, problem.dtype, problem.accumulator, workspace, target),
            "copied in blocks of channels",
        )
    view, turning = channels_last_source(problem, spec, base, workspace, target)
    how = "turned to channels-last" if turning else "read in place"
    return BlockView(view, channels * view.strides[1], turning, how)


def target_blocks(problem: ConvProblem, channels: int, workspace: WorkspaceLayout, target: Target) -> BlockView:
    """The tensor that is written, with so many channels a block; its copy is made when all is computed."""
    if problem.destination.layout is not Layout.CHANNELS_LAST and channels == target.lanes(problem.accumulator):
        return BlockView(*blocked_target(problem, workspace, target), "written in blocks of channels and copied")
    view, turning = channels_last_target(problem, workspace, target)
    how = "written channels-last and turned" if turning else "written in place"
    return BlockView(view, channels * view.strides[1], turning, how)
