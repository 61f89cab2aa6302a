"""One spatial axis of one layer: which inputs an output needs through which tap, and where an input lands.

The same questions as in taps.py, asked for a single position: pictures and explanations walk through a
layer cell by cell, kernels never do.
"""

from __future__ import annotations

from dataclasses import dataclass

from tilewise.geometry.sizes import formula, output_size, transposed_output_size, window_size


@dataclass(frozen=True)
class Axis:
    """A convolution along one axis; padding may differ before and after ('same' with even kernels, causal).

    Positions are those of the unpadded input: a convolution reads -`before` .. `size + after - 1`, a
    transposed one 0 .. `size - 1` only, its padding being cut off the output.
    """

    size: int
    kernel: int
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1
    transposed: bool = False
    output_padding: int = 0

    @property
    def output_size(self) -> int:
        """How many outputs there are; below 1 where nothing fits."""
        if self.transposed:
            whole = transposed_output_size(self.size, self.kernel, self.stride, 0, self.dilation, self.output_padding)
            return whole - self.before - self.after
        return output_size(self.size + self.before + self.after, self.kernel, self.stride, 0, self.dilation)

    @property
    def window_size(self) -> int:
        """How many positions one window spans."""
        return window_size(self.kernel, self.dilation)

    def formula(self) -> str:
        """The output size written out with this axis's numbers; 2*P becomes two terms where they differ."""
        if self.before == self.after:
            return formula(
                self.size,
                self.kernel,
                self.stride,
                self.before,
                self.dilation,
                transposed=self.transposed,
                output_padding=self.output_padding,
            )
        reach = f"{self.dilation}*({self.kernel} - 1)"
        if self.transposed:
            grown = f"({self.size} - 1)*{self.stride} - ({self.before} + {self.after}) + {reach}"
            return f"{grown} + {self.output_padding} + 1 = {self.output_size}"
        padded = f"({self.size} + ({self.before} + {self.after}) - {reach} - 1)"
        return f"floor({padded} / {self.stride}) + 1 = {self.output_size}"

    def source(self, output: int, tap: int) -> int | None:
        """The position that `output` reads through `tap` (it may lie in the padding); None where none does.

        Only a transposed convolution has outputs that a tap skips: its inputs stand `stride` outputs apart.
        """
        if not self.transposed:
            return output * self.stride + tap * self.dilation - self.before
        position, rest = divmod(output + self.before - tap * self.dilation, self.stride)
        return position if rest == 0 and 0 <= position < self.size else None

    def sources(self, output: int) -> tuple[int | None, ...]:
        """`source` for each tap."""
        return tuple(self.source(output, tap) for tap in range(self.kernel))

    def landings(self, position: int) -> tuple[int | None, ...]:
        """For each tap, the output to which the input at `position` contributes, or None."""
        found: list[int | None] = []
        for tap in range(self.kernel):
            if self.transposed:
                output, rest = position * self.stride + tap * self.dilation - self.before, 0
            else:
                output, rest = divmod(position + self.before - tap * self.dilation, self.stride)
            found.append(output if rest == 0 and 0 <= output < self.output_size else None)
        return tuple(found)

    def reads(self, first: int, count: int) -> tuple[int, int]:
        """The range of positions (start, stop) that outputs `first` .. `first + count - 1` read; may be empty."""
        outputs = {first, first + count - 1} if not self.transposed else range(first, first + count)
        seen = [s for o in outputs for s in self.sources(o) if s is not None]
        return (min(seen), max(seen) + 1) if seen else (0, 0)
