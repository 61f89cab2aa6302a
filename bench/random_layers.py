"""Random layers of a few families, for what the table's layers cannot show: how estimates do on sizes not looked at."""

from __future__ import annotations

import random
from dataclasses import dataclass

from bench.table import Layer
from tilewise.geometry import output_size

_KERNELS, _STRIDES, _BATCHES = (1, 3, 3, 3, 5, 5, 7, 9), (1, 1, 1, 2), (1, 1, 4, 8, 16)
_SIZES = (7, 14, 14, 20, 28, 28, 40, 56, 112)
# Signals are so many times as long as images are wide.
_LONGER, _SIGNALS = (4, 8, 16), 0.2
# What a timing takes a while for, and what is all call.
_MOST_ELEMENTS, _FEWEST_ELEMENTS, _MOST_PRODUCTS = 3_000_000, 4_000, 3e8


@dataclass(frozen=True)
class Family:
    """How many groups there may be, the channels of a group on each side, and the lengths of kernels."""

    groups: tuple[int, ...]
    channels: tuple[tuple[int, int], ...]
    kernels: tuple[int, ...] = _KERNELS


FAMILIES = {
    "depthwise": Family((16, 24, 64, 96, 144, 256, 384, 512, 768, 960), ((1, 1),), (3, 3, 3, 5, 5, 7, 7, 9, 11, 31)),
    "grouped": Family(
        (4, 8, 16, 32, 32, 64, 128), ((1, 2), (1, 4), (2, 2), (4, 4), (8, 8), (3, 3), (6, 6), (2, 1), (4, 8), (16, 16))
    ),
    "few": Family((1,), ((1, 8), (1, 16), (1, 32), (3, 16), (3, 32), (3, 64), (2, 8), (4, 16), (16, 1), (32, 3))),
    "dense": Family(
        (1,), ((16, 16), (64, 64), (64, 128), (256, 64), (256, 256), (512, 128), (24, 96), (48, 40), (8, 16), (16, 8))
    ),
}


def random_layers(family: str, count: int, seed: int) -> list[Layer]:
    """So many layers, the same for the same seed; about a fifth of them are signals."""
    source, found = random.Random(seed), list[Layer]()
    while len(found) < count:
        layer = _layer(source, FAMILIES[family])
        elements = layer.batch * max(layer.in_channels, layer.out_channels) * layer.size[0] * layer.size[-1]
        small = _FEWEST_ELEMENTS <= elements <= _MOST_ELEMENTS and layer.multiply_adds <= _MOST_PRODUCTS
        if small and min(layer.out_size) > 0:
            found.append(layer)
    return found


def _layer(source: random.Random, family: Family) -> Layer:
    """One layer with padding that keeps the size."""
    groups, (inner, outer) = source.choice(family.groups), source.choice(family.channels)
    taps, stride, batch = source.choice(family.kernels), source.choice(_STRIDES), source.choice(_BATCHES)
    size, kernel, step = (source.choice(_SIZES),) * 2, (taps, taps), (stride, stride)
    if source.random() < _SIGNALS:
        size, kernel, step = (1, size[0] * source.choice(_LONGER)), (1, taps), (1, stride)
    padding = tuple(k // 2 for k in kernel)
    out_size = tuple(output_size(*axis) for axis in zip(size, kernel, step, padding, strict=True))
    sides = "x".join(map(str, size))
    name = f"{groups}x({inner}->{outer}) {sides} of {batch}, kernel {kernel[0]}x{kernel[1]}, stride {stride}"
    products = float(batch * groups * inner * outer * kernel[0] * kernel[1] * out_size[0] * out_size[1])
    return Layer(
        name, False, batch, groups * inner, groups * outer, size, kernel, step, padding, (1, 1), (0, 0), groups,
        out_size, products,
    )  # fmt: skip
