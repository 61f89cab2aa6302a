"""What the algorithms for groups take, by how many vector registers there are.

Of sixteen registers fitted to random layers on a CPU with AVX2, of 32 to the table's layers on one with AVX-512.
"""

from __future__ import annotations

from dataclasses import dataclass

from tilewise.algorithms.common.tiling import fma_rate
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import ConvProblem
from tilewise.target import Target

# What the caches keep of both tensors.
_KEPT_BYTES = 12 << 20


@dataclass(frozen=True)
class SummingCosts:
    """Time of multiply-adds in parts of what `fma_rate` gives, and seconds a byte of the tensors."""

    single: float  # depthwise
    several: float  # with several channels in a group, which the registers then share
    strided: float  # how much longer with strides along rows
    near: float  # for each byte
    far: float  # more, for each byte that the caches do not keep


def summing_seconds(problem: ConvProblem, idle: float, costs: SummingCosts, target: Target) -> float:
    """The multiply-adds, where lanes idle so much that they are as many times as many."""
    share = costs.single if problem.source_channels == 1 else costs.several
    if problem.stride[2] > 1:
        share *= costs.strided
    lanes, moved = target.lanes(problem.accumulator), ELEMENT_BYTES[problem.dtype] * problem.tensor_elements
    summing = 2 * problem.multiply_adds * idle * share / fma_rate(lanes)
    return summing + moved * costs.near + max(0, moved - _KEPT_BYTES) * costs.far
