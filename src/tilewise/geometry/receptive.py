"""Receptive fields: how much of the input one output position sees, and how far apart two of them look.

Source: Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill, 2019.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tilewise.geometry.sizes import window_size


@dataclass(frozen=True)
class ReceptiveField:
    """Along one axis: output j sees `size` inputs, the first at `start + j*jump`.

    `jump` is the effective stride; it and `start` are fractions after a transposed convolution.
    """

    size: Fraction = Fraction(1)
    jump: Fraction = Fraction(1)
    start: Fraction = Fraction(0)

    def after(self, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> ReceptiveField:
        """The field after one more convolution or pooling layer."""
        return ReceptiveField(
            self.size + (window_size(kernel, dilation) - 1) * self.jump,
            self.jump * stride,
            self.start - padding * self.jump,
        )

    def after_transposed(self, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> ReceptiveField:
        """The field after a transposed convolution, which spaces its inputs `stride` outputs apart."""
        step = self.jump / stride
        reach = window_size(kernel, dilation) - 1
        # An output o gets inputs from ceil((o + P - D(K-1)) / S) to floor((o + P) / S).
        seen = Fraction(reach // stride)
        return ReceptiveField(self.size + seen * self.jump, step, self.start + (padding - reach) * step)

    def covering_transposed(self, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> ReceptiveField:
        """An interval that covers what each output of a transposed convolution sees, whatever its phase.

        Outputs of different residues see different inputs; the steady interval that contains them all is up to
        one input wider than `after_transposed` counts, and a fraction.
        """
        reach = window_size(kernel, dilation) - 1
        exact = self.after_transposed(kernel, stride, padding, dilation)
        return ReceptiveField(self.size + Fraction(reach, stride) * self.jump, exact.jump, exact.start)

    def joined(self, other: ReceptiveField) -> ReceptiveField:
        """The field of a sum or concatenation of two branches: the union of what they see."""
        start = min(self.start, other.start)
        end = max(self.start + self.size, other.start + other.size)
        return ReceptiveField(end - start, max(self.jump, other.jump), start)
