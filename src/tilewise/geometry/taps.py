"""Which inputs an output needs: every pass of every convolution as phases of taps with stride-free steps.

An axis of a convolution reads input `i = o*S + t*D - P` for output `o` and tap `t`. Its input gradient asks the
reverse: which outputs `o` did input `i` reach? Those with `(i + P - t*D) % S == 0`. For the inputs of one residue
`i % S` these are always the same taps at the same distances, so each residue is a stride-1 convolution of its own,
writing every S-th position. A transposed convolution run forward is the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """One axis of one contraction: output `first + j*step` for j in range(count) reads `j*read_step + offset(tap)`.

    `taps` are pairs (filter index, input offset); offsets may be negative or reach past the end, where the
    input counts as zero.
    """

    first: int
    step: int
    count: int
    read_step: int
    taps: tuple[tuple[int, int], ...]

    @property
    def reach(self) -> tuple[int, int]:
        """The lowest and highest input position read (highest below lowest where nothing is)."""
        if not self.taps or not self.count:
            return 0, -1
        offsets = [offset for _, offset in self.taps]
        return min(offsets), max(offsets) + (self.count - 1) * self.read_step


def forward_phase(outputs: int, kernel: int, stride: int, padding: int, dilation: int) -> Phase:
    """The single phase of a forward convolution along one axis."""
    return Phase(0, 1, outputs, stride, tuple((t, t * dilation - padding) for t in range(kernel)))


def input_gradient_phases(inputs: int, kernel: int, stride: int, padding: int, dilation: int) -> tuple[Phase, ...]:
    """One phase for each residue modulo the stride that has positions; a phase without taps is all zeros."""
    residues = min(stride, inputs)
    taps: list[list[tuple[int, int]]] = [[] for _ in range(residues)]
    for t in range(kernel):
        residue = (t * dilation - padding) % stride
        if residue < residues:
            taps[residue].append((t, (residue + padding - t * dilation) // stride))
    return tuple(Phase(r, stride, -(-(inputs - r) // stride), 1, tuple(taps[r])) for r in range(residues))
