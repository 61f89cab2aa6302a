"""Tensors as kernels with a block of channels in their lanes read and write them.

In place, where channels lie side by side; otherwise in copies whose blocks of a vector's channels are streams of their
own, unless a block is not a whole vector.
"""

from __future__ import annotations

from tilewise.algorithms.common.blocking import blocked_copy, why_not_blocked
from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import Base, WorkspaceLayout
from tilewise.algorithms.common.turning import blocked_target, channels_last_source, channels_last_target
from tilewise.problem import ConvProblem, Layout, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target


def source_blocks(
    problem: ConvProblem, spec: TensorSpec, base: Base, channels: int, workspace: WorkspaceLayout, target: Target
) -> tuple[View, int, Step | None]:
    """A tensor with so many channels side by side, the bytes from block to block of them, and the copy if any."""
    copied = spec.layout is not Layout.CHANNELS_LAST
    if copied and channels == target.lanes(problem.accumulator) and not why_not_blocked(spec):
        return blocked_copy(spec, base, problem.dtype, problem.accumulator, workspace, target)
    view, turning = channels_last_source(problem, spec, base, workspace, target)
    return view, channels * view.strides[1], turning


def target_blocks(
    problem: ConvProblem, channels: int, workspace: WorkspaceLayout, target: Target
) -> tuple[View, int, Step | None]:
    """Where the result is written, the bytes from block to block, and the step that brings it home if any."""
    if problem.destination.layout is not Layout.CHANNELS_LAST and channels == target.lanes(problem.accumulator):
        return blocked_target(problem, workspace, target)
    view, turning = channels_last_target(problem, workspace, target)
    return view, channels * view.strides[1], turning
