"""What is asked of a convolution: sizes, parameters, types and layouts, frozen and without tensors.

`ConvProblem` is one pass of one call. Every pass is one of two contractions, in three spatial axes always:

- `correlate`: each destination value is a sum over taps and channels of source values. The forward pass of a
  convolution and the input gradient of a transposed one read the source at the convolution's stride; the input
  gradient of a convolution and the forward pass of a transposed one write the destination at it.
- `weight_gradient`: each weight is a sum over pixels of products of a `point` tensor (one value a position) and a
  `window` tensor (the values around it).
"""

from __future__ import annotations

import enum
import functools
import math
from dataclasses import dataclass, replace

from tilewise.geometry import Phase, forward_phase, input_gradient_phases

AXES = 3


class Pass(enum.Enum):
    """The three passes of a convolution."""

    FORWARD = "forward"
    INPUT_GRADIENT = "input gradient"
    WEIGHT_GRADIENT = "weight gradient"


class Layout(enum.Enum):
    """How a tensor lies in memory, as far as kernels care; strides themselves are run-time values."""

    PLANAR = "planar"  # rows of W dense, whatever the other strides
    CHANNELS_LAST = "channels_last"  # rows of (W, C) dense
    STRIDED = "strided"  # anything else


@dataclass(frozen=True)
class TensorSpec:
    """Sizes (N, C, D, H, W) and strides, in elements."""

    shape: tuple[int, int, int, int, int]
    strides: tuple[int, int, int, int, int]

    @property
    def spatial(self) -> tuple[int, int, int]:
        """(D, H, W)."""
        return self.shape[2:]

    @functools.cached_property
    def layout(self) -> Layout:
        """By the densest axis; where channels or width are 1, both may fit and the useful one is named."""
        c, w = self.shape[1], self.shape[4]
        sc, sw = self.strides[1], self.strides[4]
        if c > 1 and sc == 1 and (w == 1 or sw == c):
            return Layout.CHANNELS_LAST
        if w == 1 or sw == 1:
            return Layout.PLANAR
        return Layout.STRIDED

    @property
    def dense_planes(self) -> bool:
        """Whether the pixels of each plane lie one behind the other."""
        _, h, w = self.spatial
        wanted = (h * w, w, 1)
        return all(n == 1 or s == x for n, s, x in zip(self.spatial, self.strides[2:], wanted, strict=True))


@dataclass(frozen=True)
class ConvProblem:
    """One pass of one convolution.

    `source` and `destination` are the tensors read and written by `correlate` (x and y of the forward pass). For
    the weight gradient `source` is the window tensor and `destination` the point tensor: of a convolution, the
    input and the output's gradient; of a transposed one, the output's gradient and the input.
    `weight_strides` are in elements, for (first channel, second channel, *kernel) as PyTorch lays weights out.
    `scatter` says that the destination is written at the stride (see the module's text).
    """

    kind: Pass
    dtype: str
    precision: str
    source: TensorSpec
    destination: TensorSpec
    kernel: tuple[int, int, int]
    stride: tuple[int, int, int]
    padding: tuple[int, int, int]
    dilation: tuple[int, int, int]
    groups: int
    transposed: bool
    bias: bool
    weight_strides: tuple[int, int, int, int, int]

    @property
    def scatter(self) -> bool:
        """Whether the destination, not the source, is walked at the stride."""
        return (self.kind is Pass.INPUT_GRADIENT) != self.transposed

    @property
    def accumulator(self) -> str:
        """The type that products are summed in."""
        return "float64" if self.dtype == "float64" else "float32"

    @property
    def batch(self) -> int:
        """Images."""
        return self.source.shape[0]

    def with_images(self, images: int) -> ConvProblem:
        """The same for the first few images."""
        source, destination = (
            replace(spec, shape=(images, *spec.shape[1:])) for spec in (self.source, self.destination)
        )
        return replace(self, source=source, destination=destination)

    @property
    def source_channels(self) -> int:
        """Channels of the source within one group."""
        return self.source.shape[1] // self.groups

    @property
    def destination_channels(self) -> int:
        """Channels of the destination within one group."""
        return self.destination.shape[1] // self.groups

    @property
    def taps(self) -> int:
        """Filter positions."""
        return self.kernel[0] * self.kernel[1] * self.kernel[2]

    @functools.cached_property
    def phases(self) -> tuple[tuple[Phase, ...], ...]:
        """For `correlate`: the phases of each axis; the whole has one phase for each choice of one an axis."""
        axes = zip(self.destination.spatial, self.kernel, self.stride, self.padding, self.dilation, strict=True)
        if self.scatter:
            return tuple(input_gradient_phases(*axis) for axis in axes)
        return tuple((forward_phase(*axis),) for axis in axes)

    @functools.cached_property
    def window_phases(self) -> tuple[Phase, ...]:
        """For the weight gradient: how each axis of the window tensor is read for each point."""
        axes = zip(self.destination.spatial, self.kernel, self.stride, self.padding, self.dilation, strict=True)
        return tuple(forward_phase(*axis) for axis in axes)

    @functools.cached_property
    def phase_products(self) -> int:
        """For `correlate`: products of all destination values with all taps of their phases.

        As many as `multiply_adds` in a gather. A scatter has more where windows reach far past the source's ends.
        """
        positions = math.prod(sum(phase.count * len(phase.taps) for phase in axis) for axis in self.phases)
        return self.batch * self.destination.shape[1] * self.source_channels * positions

    @property
    def tensor_elements(self) -> int:
        """Of source and destination together."""
        return math.prod(self.source.shape) + math.prod(self.destination.shape)

    @property
    def multiply_adds(self) -> int:
        """Products summed, padding's taps included."""
        walks_source = self.scatter and self.kind is not Pass.WEIGHT_GRADIENT
        n, c, d, h, w = self.source.shape if walks_source else self.destination.shape
        other = self.destination_channels if walks_source else self.source_channels
        return n * c * d * h * w * other * self.taps
