"""The layers that PyTorch lacks: depthwise, and depthwise separable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from tilewise.errors import ArgumentError
from tilewise.nn import docs
from tilewise.nn.identity import Home
from tilewise.nn.modules.conv import Conv1d, Conv2d, Conv3d

if TYPE_CHECKING:
    from tilewise.explanation import ExplanationGroup

__all__ = [
    "DepthwiseConv1d",
    "DepthwiseConv2d",
    "DepthwiseConv3d",
    "SeparableConv1d",
    "SeparableConv2d",
    "SeparableConv3d",
]

_Sizes = int | tuple[int, ...]
_C = TypeVar("_C", bound=type)


def _documented(cls: _C) -> _C:
    made: Any = cls
    axes = int(cls.__name__[-2])
    if issubclass(cls, _DepthwiseNd):
        made.__module__ = Home(__name__)
        made.__doc__ = docs.depthwise(cls.__name__, axes)
    else:
        made.__doc__ = docs.separable(cls.__name__, axes)
    return cls


class _DepthwiseNd:
    """The constructor of the depthwise layers, in front of a Conv's."""

    def __init__(
        self,
        in_channels: int,
        kernel_size: _Sizes,
        stride: _Sizes = 1,
        padding: _Sizes | str = 0,
        dilation: _Sizes = 1,
        multiplier: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        for name, value in (("in_channels", in_channels), ("multiplier", multiplier)):
            if not isinstance(value, int) or value < 1:
                raise ArgumentError(
                    f"{type(self).__name__}: {name}={value!r}: accepted are whole numbers of at least 1"
                )
        super().__init__(  # type: ignore[call-arg]
            in_channels,
            in_channels * multiplier,
            kernel_size,
            stride,
            padding,
            dilation,
            in_channels,
            bias,
            padding_mode,
            device,
            dtype,
        )

    @property
    def multiplier(self) -> int:
        """Filters a channel."""
        return int(self.out_channels // self.in_channels)  # type: ignore[attr-defined]


@_documented
class DepthwiseConv1d(_DepthwiseNd, Conv1d):
    pass


@_documented
class DepthwiseConv2d(_DepthwiseNd, Conv2d):
    pass


@_documented
class DepthwiseConv3d(_DepthwiseNd, Conv3d):
    pass


class SeparableNd(torch.nn.Module):
    """A depthwise layer, then a 1x1 convolution."""

    _depthwise: type[torch.nn.Module]
    _pointwise: type[torch.nn.Module]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: _Sizes,
        stride: _Sizes = 1,
        padding: _Sizes | str = 0,
        dilation: _Sizes = 1,
        multiplier: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.depthwise = self._depthwise(
            in_channels, kernel_size, stride, padding, dilation, multiplier, False, padding_mode, device, dtype
        )
        self.pointwise = self._pointwise(
            in_channels * multiplier, out_channels, 1, bias=bias, device=device, dtype=dtype
        )

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """(N, in_channels, ...) to (N, out_channels, ...)."""
        result: torch.Tensor = self.pointwise(self.depthwise(input))
        return result

    @torch.jit.unused
    def output_shape(self, input_shape: Sequence[int]) -> tuple[int, ...]:
        """The shape of the result for an input of `input_shape`, without computing it."""
        between = self.depthwise.output_shape(input_shape)  # type: ignore[operator]
        return self.pointwise.output_shape(between)  # type: ignore[no-any-return, operator]

    @torch.jit.unused
    def explain(self, input_shape: Sequence[int], **options: Any) -> ExplanationGroup:
        """What both layers compute and cost; options are those of `tilewise.explain`."""
        from tilewise.explanation import ExplanationGroup, explain_layer

        depthwise = explain_layer(self.depthwise, input_shape, **options)
        pointwise = explain_layer(self.pointwise, depthwise.output_shape, **options)
        return ExplanationGroup(type(self).__name__, (depthwise, pointwise))


@_documented
class SeparableConv1d(SeparableNd):
    _depthwise, _pointwise = DepthwiseConv1d, Conv1d


@_documented
class SeparableConv2d(SeparableNd):
    _depthwise, _pointwise = DepthwiseConv2d, Conv2d


@_documented
class SeparableConv3d(SeparableNd):
    _depthwise, _pointwise = DepthwiseConv3d, Conv3d
