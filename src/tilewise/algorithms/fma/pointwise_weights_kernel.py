"""The kernel of `pointwise_weights`: tiles of window channels by point channels, summed over bands of pixels."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import Vectors
from tilewise.target import Target

# Vectors of window channels that a tile may have.
VECTORS = (3, 2, 1)
ARGUMENTS = Arguments(
    [
        "items", "cut_chunks", "tile_chunks", "tiles_per_item", "tiles", "cuts_per_item", "cuts", "bands",
        "pixels_per_band", "pixels", "window_channels", "point_channels", "window_block", "window_group", "point_block",
        "point_group", "gradient_point", "gradient_group", "cuts_ptr", "window_ptr", "point_ptr", "gradient_ptr",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """What the generated code is specialised on: `width` point channels a tile, a divisor of a vector's lanes."""

    accumulator: str
    width: int
    masked: bool
    target: Target


@functools.cache
def kernel(spec: Spec) -> str:
    """The text.

    Blocks of window channels come innermost: their rows of the gradient lie one behind the other, and lines that two
    of them share are written while they are near.
    """
    b, v, a = begin_vectors(ARGUMENTS, spec.accumulator, spec.target)
    pixel = v.lanes * v.bytes
    with tickets(b, a["items"]) as item:
        group, cut_chunk, tile_chunk = split(b, item, a["cut_chunks"], a["tile_chunks"])
        cuts = share(b, cut_chunk, a["cuts_per_item"], a["cuts"])
        window = b.at(a["window_ptr"], b.mul(group, a["window_group"]))
        points = b.at(a["point_ptr"], b.mul(group, a["point_group"]))
        gradient = b.at(a["gradient_ptr"], b.mul(group, a["gradient_group"]))
        with b.loop(0, a["bands"]) as band, b.loop(*share(b, tile_chunk, a["tiles_per_item"], a["tiles"])) as tile:
            first, last = share(b, band.index, a["pixels_per_band"], a["pixels"])
            ahead = b.mul(first, pixel)
            channel = b.mul(tile.index, spec.width)
            block, lane = split(b, channel, v.lanes)
            point = b.at(points, b.mul(block, a["point_block"]), b.mul(lane, v.bytes), ahead)
            row = b.at(gradient, b.mul(channel, a["gradient_point"]))
            left, count = b.sub(a["point_channels"], channel), b.sub(last, first)
            begins = b.compare("eq", band.index, 0)
            with b.loop(*cuts) as cut:
                vector, index = b.entry(a["cuts_ptr"], cut.index, 2)
                at_window = b.at(window, b.mul(vector, a["window_block"]), ahead)
                cells = b.at(row, b.mul(vector, pixel))
                channels = b.sub(a["window_channels"], b.mul(vector, v.lanes))

                def one(
                    vectors: int, count: Value = count, at_window: str = at_window, point: str = point,
                    channels: Value = channels, cells: str = cells, left: Value = left, begins: str = begins
                ) -> None:  # fmt: skip
                    sums = _over_pixels(b, v, spec.width, vectors, count, at_window, a["window_block"], point)
                    masks = [v.mask(b.sub(channels, j * v.lanes)) for j in range(vectors)] if spec.masked else []
                    put = functools.partial(_put, b, v, sums, masks, cells, a["gradient_point"], left)
                    b.either(begins, functools.partial(put, False), functools.partial(put, True))

                b.switch(index, {i: functools.partial(one, vectors) for i, vectors in enumerate(VECTORS)})
    return b.text()


def _over_pixels(
    b: Builder, v: Vectors, width: int, vectors: int, count: Value, window: str, window_block: Value, point: str
) -> list[list[str]]:
    """The microkernel: for each pixel, elements of the point tensor broadcast times vectors of the window tensor."""
    start = [("ptr", window), ("ptr", point), *[(v.type, v.zero)] * (width * vectors)]
    with b.loop(0, count, carried=start) as pixel:
        x, y, *sums = pixel.values
        factors = [v.load(b.at(x, b.mul(window_block, j))) for j in range(vectors)]
        for m in range(width):
            value = v.load_splat(b.at(y, m * v.bytes))
            for j, factor in enumerate(factors):
                sums[m * vectors + j] = v.fma(value, factor, sums[m * vectors + j])
        pixel.carry([b.at(x, v.lanes * v.bytes), b.at(y, v.lanes * v.bytes), *sums])
    results = pixel.results[2:]
    return [results[m * vectors : (m + 1) * vectors] for m in range(width)]


def _put(
    b: Builder, v: Vectors, sums: list[list[str]], masks: list[str], row: str, stride: Value, left: Value, add: bool
) -> None:
    """Write a tile into the gradient, or add it to what bands before it gave."""
    for m, values in enumerate(sums):
        with b.when(b.compare("slt", m, left)):
            for j, value in enumerate(values):
                at = b.at(row, b.mul(stride, m), j * v.lanes * v.bytes)
                if masks:
                    v.store_masked(v.add(v.load_masked(at, masks[j]), value) if add else value, at, masks[j])
                else:
                    v.store(v.add(v.load(at), value) if add else value, at)
