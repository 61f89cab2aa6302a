"""What no plan may cost, whatever the algorithm: beyond these PyTorch's own kernel runs."""

from __future__ import annotations

import math

from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem, Pass

# A contraction for each residue of the stride, a table entry for each term and each register tile of a row, and the
# Python objects that taps along an axis are, cost time before the first call, and memory: a third of a second at most.
MOST_PHASES, MOST_CONTRACTIONS = 1 << 12, 1 << 10
MOST_TERMS, MOST_TAPS = 1 << 20, 1 << 18
MOST_PIXELS = 1 << 25
# Tables hold distances in bytes as 64-bit numbers.
MOST_DISTANCE = 1 << 60
# Scratch memory: this much always, and so many times what the tensors themselves take.
WORKSPACE_BYTES, WORKSPACE_FACTOR = 1 << 30, 4


def too_large(problem: ConvProblem) -> str | None:
    """The reason why a problem's tables would outgrow its work, or None."""
    if (phases := _phases(problem)) > MOST_PHASES:
        return f"its strides make {phases} contractions of it, more than {MOST_PHASES}"
    far, span = _reach(problem)
    if far * span > MOST_DISTANCE:
        return f"it reaches {far} positions far, which takes more than 64 bits as a number of bytes"
    # PyTorch's transposed kernel makes columns of every tap for each pixel: for so many it has no memory.
    most_taps = MOST_TERMS if problem.transposed else MOST_TAPS
    if (taps := max(problem.kernel)) > most_taps:
        return f"a list of its {taps} taps along one axis would be too long; {most_taps} are not"
    terms = problem.taps * max(problem.source_channels, problem.destination_channels)
    if terms > MOST_TERMS:
        return f"a table of its {terms} terms would be too long; {MOST_TERMS} are not"
    # Rows of a pointwise convolution may follow each other without a gap, and are then one.
    row = math.prod(problem.destination.spatial) if problem.taps == 1 else problem.destination.spatial[2]
    if row > MOST_PIXELS:
        return f"a table of tiles for rows of {row} pixels would be too long; {MOST_PIXELS} are not"
    return None


def too_many_contractions(problem: ConvProblem) -> str | None:
    """For what plans a contraction for each residue of the stride: the reason why these are too many, or None."""
    phases = _phases(problem)
    if phases > MOST_CONTRACTIONS:
        return f"its strides make {phases} contractions of it, more than {MOST_CONTRACTIONS}"
    return None


def _phases(problem: ConvProblem) -> int:
    if not problem.scatter or problem.kind is Pass.WEIGHT_GRADIENT:
        return 1
    return math.prod(map(min, problem.stride, problem.destination.spatial))


def _reach(problem: ConvProblem) -> tuple[int, int]:
    """(the most positions along an axis that a window may lie outside a tensor, bytes that a tensor spans)."""
    axes = zip(problem.kernel, problem.stride, problem.padding, problem.dilation, strict=True)
    far = max(kernel * dilation + stride + padding for kernel, stride, padding, dilation in axes)
    tensors = (problem.source, problem.destination)
    span = max(size * stride for spec in tensors for size, stride in zip(spec.shape, spec.strides, strict=True))
    return far, span * ELEMENT_BYTES[problem.accumulator]


def most_workspace(problem: ConvProblem) -> int:
    """Bytes of scratch memory that a plan may ask for."""
    weights = problem.groups * problem.source_channels * problem.destination_channels * problem.taps
    elements = problem.tensor_elements + weights
    return max(WORKSPACE_BYTES, WORKSPACE_FACTOR * elements * ELEMENT_BYTES[problem.dtype])
