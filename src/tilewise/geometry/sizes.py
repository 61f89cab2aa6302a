"""Output sizes and costs of convolutions, standard and transposed, in any number of dimensions.

Source of the formulas: the shape sections of PyTorch's documentation of Conv2d and ConvTranspose2d.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


def window_size(kernel: int, dilation: int) -> int:
    """How many input positions one window spans: D(K-1) + 1."""
    return dilation * (kernel - 1) + 1


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Out = floor((W + 2P - D(K-1) - 1) / S) + 1, for one axis; below 1 where the window does not fit."""
    return (size + 2 * padding - window_size(kernel, dilation)) // stride + 1


def transposed_output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1, output_padding: int = 0
) -> int:
    """Out = (W - 1)S - 2P + D(K-1) + OP + 1, for one axis of a transposed convolution."""
    return (size - 1) * stride - 2 * padding + window_size(kernel, dilation) + output_padding


def output_size_range(size: int, kernel: int, stride: int, padding: int, dilation: int) -> tuple[int, int]:
    """The smallest and largest input sizes that a convolution maps to an output of `size`.

    A transposed convolution can produce each of them: output_padding chooses which.
    """
    smallest = transposed_output_size(size, kernel, stride, padding, dilation)
    return smallest, smallest + stride - 1


def felt_stride(size: int, stride: int, padding: int) -> int:
    """The least stride that does what `stride` does on an axis of a convolution's input, of `size`.

    A stride beyond the padded axis leaves one window, as one just so long does; also the reverse way.
    """
    return min(stride, size + 2 * padding)


def same_padding(kernel: int, dilation: int = 1) -> tuple[int, int]:
    """Zeros before and after one axis for padding='same': PyTorch puts the odd one after."""
    total = dilation * (kernel - 1)
    return total // 2, total - total // 2


def formula(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    *,
    transposed: bool = False,
    output_padding: int = 0,
) -> str:
    """The output size of one axis, written out with its numbers.

    >>> formula(32, 3, padding=1)
    'floor((32 + 2*1 - 1*(3 - 1) - 1) / 1) + 1 = 32'
    """
    if transposed:
        result = transposed_output_size(size, kernel, stride, padding, dilation, output_padding)
        return f"({size} - 1)*{stride} - 2*{padding} + {dilation}*({kernel} - 1) + {output_padding} + 1 = {result}"
    result = output_size(size, kernel, stride, padding, dilation)
    return f"floor(({size} + 2*{padding} - {dilation}*({kernel} - 1) - 1) / {stride}) + 1 = {result}"


@dataclass(frozen=True)
class Convolution:
    """The parameters of a convolution in N dimensions, apart from batch and image size.

    `kernel_size`, `stride`, `padding`, `dilation` and `output_padding` have one number an axis. Padding is
    symmetric zero padding, as `aten::convolution` takes it.
    """

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int = 1
    bias: bool = True
    transposed: bool = False
    output_padding: tuple[int, ...] = ()

    def output_spatial(self, spatial: tuple[int, ...]) -> tuple[int, ...]:
        """Output sizes of the spatial axes for input sizes `spatial`."""
        if self.transposed:
            return tuple(
                map(
                    transposed_output_size,
                    spatial,
                    self.kernel_size,
                    self.stride,
                    self.padding,
                    self.dilation,
                    self.output_padding or (0,) * len(spatial),
                )
            )
        return tuple(map(output_size, spatial, self.kernel_size, self.stride, self.padding, self.dilation))

    def formulas(self, spatial: tuple[int, ...]) -> tuple[str, ...]:
        """The formula of each axis with its numbers."""
        extra = self.output_padding or (0,) * len(spatial)
        rows = zip(spatial, self.kernel_size, self.stride, self.padding, self.dilation, extra, strict=True)
        return tuple(
            formula(w, k, s, p, d, transposed=self.transposed, output_padding=op) for w, k, s, p, d, op in rows
        )

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """(K, C/groups, *kernel), or (C, K/groups, *kernel) for a transposed convolution, as PyTorch lays it out."""
        first, second = self.out_channels, self.in_channels
        if self.transposed:
            first, second = second, first
        return (first, second // self.groups, *self.kernel_size)

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return math.prod(self.weight_shape) + (self.out_channels if self.bias else 0)

    def multiply_adds(self, batch: int, spatial: tuple[int, ...]) -> int:
        """Multiply-adds of one forward pass, taps on the zero padding included.

        Each output of a convolution takes C/groups * prod(kernel) of them; a transposed one spends
        K/groups * prod(kernel) on each *input*, which is what makes it cheaper than its output suggests.
        """
        taps = math.prod(self.kernel_size)
        if self.transposed:
            return batch * self.in_channels * math.prod(spatial) * (self.out_channels // self.groups) * taps
        outputs = batch * self.out_channels * math.prod(self.output_spatial(spatial))
        return outputs * (self.in_channels // self.groups) * taps

    def bytes_moved(self, batch: int, spatial: tuple[int, ...], element_bytes: int) -> int:
        """What one pass has to read and write at least: both activations, the weights and the biases, once each."""
        inside = batch * self.in_channels * math.prod(spatial)
        outside = batch * self.out_channels * math.prod(self.output_spatial(spatial))
        return (inside + outside + self.parameters) * element_bytes
