"""A layer as numbers: the convolution that a person wrote, and the one that reaches the kernels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.nn.modules.conv import _ConvNd

from tilewise.errors import ArgumentError
from tilewise.geometry import Convolution, same_padding

# Eight bytes each must be counted by 64 bits with a sign.
_MOST_ELEMENTS = (1 << 60) - 1
_FULL = {1: "(N, C, L)", 2: "(N, C, H, W)", 3: "(N, C, D, H, W)"}


@dataclass(frozen=True)
class Described:
    """A layer without its tensors.

    `written` has the layer's own padding. What PyTorch pads beforehand (other modes than zeros, the odd zero of
    'same' with an even window) is `padded_before`, elements an axis; `run` is the convolution after it.
    """

    text: str
    written: Convolution
    run: Convolution
    padded_before: tuple[int, ...]
    note: str
    keeps_format: bool = True  # circular padding gives a contiguous tensor, whatever it was given

    @property
    def axes(self) -> int:
        """Spatial axes."""
        return len(self.written.kernel_size)

    def run_spatial(self, spatial: tuple[int, ...]) -> tuple[int, ...]:
        """The spatial sizes that reach the kernels."""
        return tuple(size + extra for size, extra in zip(spatial, self.padded_before, strict=True))

    def formulas(self, spatial: tuple[int, ...]) -> tuple[str, ...]:
        """The output size of each axis with its numbers, in the terms the layer was written in."""
        if self.written.padding == self.run.padding:
            return self.run.formulas(self.run_spatial(spatial))
        return self.written.formulas(spatial)


def describe_layer(layer: torch.nn.Module) -> Described:
    """Numbers of any of PyTorch's or Tilewise's convolution layers.

    Raises ArgumentError for other modules, and for a lazy layer that has not seen an input yet.
    """
    if not isinstance(layer, _ConvNd):
        raise ArgumentError(
            f"{type(layer).__name__} is not a convolution layer; `tilewise check` lists the layers of a whole model"
        )
    if isinstance(layer.weight, torch.nn.parameter.UninitializedParameter):
        raise ArgumentError(f"{type(layer).__name__} learns in_channels from its first input: give it one first")
    return _described(layer)


def _described(layer: Any) -> Described:
    axes = len(layer.kernel_size)
    stride, dilation, extra = (_each(v, axes) for v in (layer.stride, layer.dilation, layer.output_padding))
    before = after = (0,) * axes
    if layer.padding == "same":
        both = [same_padding(k, d) for k, d in zip(layer.kernel_size, dilation, strict=True)]
        before, after = tuple(b for b, _ in both), tuple(a for _, a in both)
    elif layer.padding != "valid":
        before = after = _each(layer.padding, axes)
    run = Convolution(
        layer.in_channels, layer.out_channels, tuple(layer.kernel_size), stride, before, dilation, layer.groups,
        layer.bias is not None, layer.transposed, extra,
    )  # fmt: skip
    uneven = tuple(a - b for a, b in zip(after, before, strict=True))
    note, written = "", run
    if layer.padding_mode != "zeros":
        note = f"padding_mode={layer.padding_mode!r}: PyTorch pads the input first, the convolution then has no padding"
        run = replace(run, padding=(0,) * axes)
        uneven = tuple(a + b for a, b in zip(after, before, strict=True))
    elif any(uneven):
        note = "padding='same' with an even window: PyTorch adds the odd zero at the end of the axis first"
    text = f"{type(layer).__name__}({layer.extra_repr()})"
    return Described(text, written, run, uneven, note, layer.padding_mode != "circular")


def _each(value: Any, axes: int) -> tuple[int, ...]:
    numbers = tuple(value)
    return numbers * axes if len(numbers) == 1 else numbers


def layer_output_shape(layer: torch.nn.Module, input_shape: Sequence[int]) -> tuple[int, ...]:
    """The shape of a layer's result; ArgumentError where it cannot take such an input."""
    described = describe_layer(layer)
    batch, spatial = split_shape(described, input_shape)
    head = () if len(input_shape) == described.axes + 1 else (batch,)
    return (*head, described.written.out_channels, *described.run.output_spatial(described.run_spatial(spatial)))


def split_shape(described: Described, input_shape: Sequence[int]) -> tuple[int, tuple[int, ...]]:
    """Batch and spatial sizes of a shape that the layer can take; ArgumentError says what is wrong with others."""
    try:
        shape = tuple(int(size) for size in input_shape)
    except (TypeError, ValueError):
        accepted = f"accepted are whole numbers, {_FULL[described.axes]}"
        raise ArgumentError(f"input shape {input_shape!r}: {accepted}") from None
    axes, channels = described.axes, described.written.in_channels
    if len(shape) not in (axes + 1, axes + 2):
        raise ArgumentError(
            f"{described.text}: an input of shape {shape} has {len(shape)} axes; accepted are {axes + 2}, "
            f"{_FULL[axes]}, or {axes + 1} without the batch"
        )
    batch = shape[0] if len(shape) == axes + 2 else 1
    if batch < 0 or shape[-axes - 1] != channels:
        raise ArgumentError(
            f"{described.text}: an input of shape {shape} has {shape[-axes - 1]} channels at axis "
            f"{len(shape) - axes - 1}; accepted are {channels}, the layer's in_channels"
        )
    spatial = shape[-axes:]
    result = described.run.output_spatial(described.run_spatial(spatial))
    if min(spatial) < 1 or min(result) < 1:
        formulas = ", ".join(described.formulas(spatial))
        raise ArgumentError(
            f"{described.text}: an input of shape {shape} gives an empty result: {formulas}; "
            "accepted are sizes whose result is at least 1 along each axis"
        )
    channels = max(channels, described.written.out_channels)
    elements = max(batch, 1) * channels * max(map(math.prod, (result, described.run_spatial(spatial))))
    if elements > _MOST_ELEMENTS:
        raise ArgumentError(
            f"{described.text}: an input of shape {shape} asks for a tensor of {elements} elements; "
            f"accepted are at most {_MOST_ELEMENTS}"
        )
    return batch, spatial
