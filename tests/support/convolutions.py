"""One convolution with all its parameters, its tensors, its passes, and what PyTorch says they are in float64."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch

import tilewise
from tilewise import geometry

PASSES = ("output", "input gradient", "weight gradient", "bias gradient")


@dataclass(frozen=True)
class Setting:
    """The parameters of one call; one number an axis."""

    spatial: tuple[int, ...]
    kernel: tuple[int, ...]
    batch: int = 2
    in_channels: int = 4
    out_channels: int = 6
    groups: int = 1
    stride: tuple[int, ...] = ()
    padding: tuple[int, ...] = ()
    dilation: tuple[int, ...] = ()
    output_padding: tuple[int, ...] = ()
    transposed: bool = False
    bias: bool = True
    dtype: torch.dtype = field(default=torch.float32)

    def __post_init__(self):
        for name, usual in (("stride", 1), ("padding", 0), ("dilation", 1), ("output_padding", 0)):
            if not getattr(self, name):
                object.__setattr__(self, name, (usual,) * len(self.spatial))

    @property
    def geometry(self) -> geometry.Convolution:
        return geometry.Convolution(
            self.in_channels, self.out_channels, self.kernel, self.stride, self.padding, self.dilation, self.groups,
            self.bias, self.transposed, self.output_padding,
        )  # fmt: skip

    @property
    def input_shape(self) -> tuple[int, ...]:
        return (self.batch, self.in_channels, *self.spatial)

    @property
    def weight_shape(self) -> tuple[int, ...]:
        return self.geometry.weight_shape

    @property
    def output_shape(self) -> tuple[int, ...]:
        return (self.batch, self.out_channels, *self.geometry.output_spatial(self.spatial))

    @property
    def legal(self) -> bool:
        extra = zip(self.output_padding, self.stride, self.dilation, strict=True)
        return min(self.output_shape[2:]) >= 1 and all(o < max(s, d) for o, s, d in extra)

    @property
    def arguments(self) -> tuple:
        """What follows input, weight and bias in aten::convolution."""
        return (self.stride, self.padding, self.dilation, self.transposed, self.output_padding, self.groups)

    def forward(self, x: torch.Tensor, w: torch.Tensor, b: torch.Tensor | None) -> torch.Tensor:
        return torch.ops.aten.convolution(x, w, b, *self.arguments)

    def backward(
        self, gy: torch.Tensor, x: torch.Tensor, w: torch.Tensor, mask: tuple[bool, bool, bool] = (True, True, True)
    ) -> tuple[torch.Tensor | None, ...]:
        return torch.ops.aten.convolution_backward(gy, x, w, [self.out_channels], *self.arguments, list(mask))

    def passes(self, x, w, b, gy) -> dict[str, torch.Tensor]:
        """All results by name."""
        return dict(zip(PASSES, (self.forward(x, w, b), *self.backward(gy, x, w)), strict=True))

    def each_pass(self, x, w, b, gy) -> Iterator[tuple[str, torch.Tensor]]:
        """The results one at a time, as a graph that needs only one of them asks for it."""
        yield PASSES[0], self.forward(x, w, b)
        for position, name in enumerate(PASSES[1:]):
            yield name, self.backward(gy, x, w, tuple(i == position for i in range(3)))[position]

    def expected(self, x, w, b, gy) -> dict[str, torch.Tensor]:
        """All results by PyTorch in float64, from contiguous copies."""
        wide = [t if t is None else t.to(torch.float64, copy=True).contiguous() for t in (x, w, b, gy)]
        with tilewise.disabled():
            return self.passes(*wide)

    def integers(self, seed: int = 0) -> tuple[torch.Tensor, ...]:
        """(x, w, b, gy) of small integers: every sum of their products is exact in float32.

        b is None without a bias.
        """
        generator = torch.Generator().manual_seed(seed)

        def draw(*shape):
            return torch.randint(-3, 4, shape, generator=generator).to(self.dtype)

        b = draw(self.out_channels) if self.bias else None
        return draw(*self.input_shape), draw(*self.weight_shape), b, draw(*self.output_shape)

    def normals(self, seed: int = 0) -> tuple[torch.Tensor, ...]:
        """(x, w, b, gy) of normal numbers, as real networks have them."""
        generator = torch.Generator().manual_seed(seed)

        def draw(*shape):
            return torch.randn(shape, generator=generator, dtype=torch.float64).to(self.dtype)

        b = draw(self.out_channels) if self.bias else None
        return draw(*self.input_shape), draw(*self.weight_shape), b, draw(*self.output_shape)
