"""Read a scene back: the window at one output cell, its products and its sum, for the renderers without a browser."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from tilewise.geometry import Axis
from tilewise.pictures.packing import unpacked

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tap:
    """One product of a window: `place` is the input position (None where a transposed layer's tap finds no input)."""

    tap: tuple[int, ...]
    place: tuple[int, ...] | None
    value: float | None
    weight: float
    padding: bool

    @property
    def product(self) -> float | None:
        return None if self.value is None else self.value * self.weight


@dataclass(frozen=True)
class Window:
    """All that gives one output value: for each channel that takes part its taps; the bias; PyTorch's result."""

    filter: int
    cell: tuple[int, ...]
    channels: dict[int, tuple[Tap, ...]]
    bias: float | None
    output: float

    def subtotal(self, channel: int) -> float:
        """The sum of one channel's products."""
        return sum(t.product for t in self.channels[channel] if t.product is not None)

    @property
    def products(self) -> int:
        """How many products take part."""
        return sum(t.value is not None for taps in self.channels.values() for t in taps)


@dataclass(frozen=True)
class Reading:
    """An arithmetic scene with its numbers unpacked."""

    scene: dict[str, Any]

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        layer = self.scene["layer"]
        names = ("size", "kernel_size", "stride", "padding", "dilation", "output_padding")
        return tuple(
            Axis(n, k, s, before, after, d, layer["transposed"], extra)
            for n, k, s, (before, after), d, extra in zip(*(layer[name] for name in names), strict=True)
        )

    @cached_property
    def input(self) -> Array:
        """(channels held, *size held)."""
        block = self.scene["input"]
        held: Array = unpacked(block).reshape(block["channels"][1], *block["size"])
        return held

    @cached_property
    def weight(self) -> Array:
        """(filters held, channels of a group, *kernel)."""
        layer, block = self.scene["layer"], self.scene["weight"]
        shape = (block["filters"][1], layer["in_channels"] // layer["groups"], *layer["kernel_size"])
        held: Array = unpacked(block).reshape(shape)
        return held

    @cached_property
    def output(self) -> Array:
        """(filters held, *size held)."""
        block = self.scene["output"]
        held: Array = unpacked(block).reshape(block["filters"][1], *block["size"])
        return held

    def channels_of(self, filter_index: int) -> range:
        """The input channels that take part in a filter: those of its group."""
        layer = self.scene["layer"]
        per_group = layer["in_channels"] // layer["groups"]
        first = filter_index // (layer["out_channels"] // layer["groups"]) * per_group
        return range(first, first + per_group)

    def window(self, filter_index: int, cell: tuple[int, ...]) -> Window:
        """The products behind one output cell, given in positions of the whole output."""
        layer, k = self.scene["layer"], filter_index - self.scene["weight"]["filters"][0]
        sources = [axis.sources(o) for axis, o in zip(self.axes, cell, strict=True)]
        origin, first = self.scene["input"]["origin"], self.scene["input"]["channels"][0]
        channels: dict[int, tuple[Tap, ...]] = {}
        weights, taking_part = self.weight[k], self.channels_of(filter_index)
        for c in taking_part:
            taps = []
            for tap in product(*map(range, layer["kernel_size"])):
                found = tuple(s[t] for s, t in zip(sources, tap, strict=True))
                weight = float(weights[c - taking_part[0]][tap])
                place = tuple(p for p in found if p is not None)
                if len(place) < len(found):
                    taps.append(Tap(tap, None, None, weight, False))
                    continue
                held = tuple(p - o for p, o in zip(place, origin, strict=True))
                outside = any(not 0 <= p < axis.size for p, axis in zip(place, self.axes, strict=True))
                taps.append(Tap(tap, place, float(self.input[c - first][held]), weight, outside))
            channels[c] = tuple(taps)
        at = tuple(o - f for o, f in zip(cell, self.scene["output"]["origin"], strict=True))
        bias = None if self.scene["bias"] is None else float(unpacked(self.scene["bias"])[k])
        return Window(filter_index, tuple(cell), channels, bias, float(self.output[k][at]))
