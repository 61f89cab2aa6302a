"""Tensors copied in blocks of a vector's channels: (C / lanes, N, D, H, W, lanes), in the accumulator's type.

A kernel that reads a vector of channels of pixel after pixel then reads one stream, whatever the tensor's layout:
in channels-last memory the pixels of 1024 channels lie a power of two apart, and a cache holds few of them.
"""

from __future__ import annotations

import functools

from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import Base, Location, WorkspaceLayout, step
from tilewise.ir.builder import Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import Layout, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

_PIXELS_PER_ITEM = 1024
# Of channels side by side: so many pixels, and so many blocks of each, that both sides stay in the first-level cache.
_ROW_PIXELS, _ROW_BLOCKS = 64, 16
_LINE = 64


def why_not_blocked(spec: TensorSpec) -> str | None:
    """The reason why a tensor cannot be copied in blocks, or None."""
    if spec.shape[1] == 1 or spec.strides[1] == 1 or spec.dense_planes:
        return None
    return "a tensor has neither its channels side by side nor dense planes"


def blocked_copy(
    spec: TensorSpec, base: Base, dtype: str, accumulator: str, workspace: WorkspaceLayout, target: Target
) -> tuple[View, int, Step]:
    """The copy, the bytes from one block of channels to the next, and the step that makes it.

    The view's stride of channels is that within a block. Lanes past the last channel are zeros.
    """
    size = ELEMENT_BYTES[accumulator]
    lanes = target.lanes(accumulator)
    n, c, d, h, w = spec.shape
    pixel = lanes * size
    # An odd number of cache lines: blocks that a kernel reads side by side should not share cache sets.
    block = (-(-n * d * h * w * pixel // _LINE) | 1) * _LINE
    view = View(
        workspace.take(-(-c // lanes) * block), (d * h * w * pixel, size, h * w * pixel, w * pixel, pixel), accumulator,
        Layout.CHANNELS_LAST,
    )  # fmt: skip
    make = _of_channels if c == 1 or spec.strides[1] == 1 else _of_planes
    return view, block, make(spec, Location(base), view.at, block, dtype, accumulator, target)


_PLANES = Arguments(
    [
        "items", "units_per_item", "units", "channel_blocks", "pixel_chunks", "pixels_per_unit", "pixels", "channels",
        "stride_n", "stride_c", "copy_n", "copy_block", "source_ptr", "copy_ptr",
    ]
)  # fmt: skip


def _of_planes(
    spec: TensorSpec, source: Location, copy: Location, block: int, dtype: str, accumulator: str, target: Target
) -> Step:
    element, lanes = ELEMENT_BYTES[dtype], target.lanes(accumulator)
    n, c, d, h, w = spec.shape
    pixels, blocks = d * h * w, -(-c // lanes)
    per_unit = min(_PIXELS_PER_ITEM, -(-pixels // lanes) * lanes)
    chunks = -(-pixels // per_unit)
    units, per_item = n * blocks * chunks, _PIXELS_PER_ITEM // per_unit
    values = {
        "items": -(-units // per_item), "units_per_item": per_item, "units": units, "channel_blocks": blocks,
        "pixel_chunks": chunks, "pixels_per_unit": per_unit, "pixels": pixels, "channels": c,
        "stride_n": spec.strides[0] * element, "stride_c": spec.strides[1] * element,
        "copy_n": pixels * lanes * ELEMENT_BYTES[accumulator], "copy_block": block,
    }  # fmt: skip
    addresses = {"source_ptr": source, "copy_ptr": copy}
    return step(_planes_kernel(dtype, accumulator, target), _PLANES, values, addresses, waits=False)


@functools.cache
def _planes_kernel(dtype: str, accumulator: str, target: Target) -> str:
    b, v, a = begin_vectors(_PLANES, accumulator, target)
    pixel = v.lanes * v.bytes

    def cut_square(corner: str, to: str, count: Value, rows_left: Value | None) -> None:
        """Fewer pixels or channels than lanes."""
        mask = v.keep(v.mask(count))
        rows = []
        for k in range(v.lanes):
            # A channel past the last reads its first row again, under a mask that keeps nothing.
            at, lanes = b.at(corner, b.mul(a["stride_c"], k)), v.kept(mask)
            if rows_left is not None:
                there = b.compare("slt", k, rows_left)
                at = b.select(there, "ptr", at, corner)
                lanes = v.mask(b.select(there, "i64", count, 0))
            rows.append(v.load_masked(at, lanes, dtype))
        for k, value in enumerate(v.transpose(rows)):
            with b.when(b.compare("sgt", count, k)):
                v.store(value, b.at(to, k * pixel))

    def square(corner: str, to: str) -> None:
        rows = [v.load_as(b.at(corner, b.mul(a["stride_c"], k)), dtype) for k in range(v.lanes)]
        for k, value in enumerate(v.transpose(rows)):
            v.store(value, b.at(to, k * pixel))

    with (
        tickets(b, a["items"]) as item,
        b.loop(*share(b, item, a["units_per_item"], a["units"])) as unit,
    ):
        n, block, chunk = split(b, unit.index, a["channel_blocks"], a["pixel_chunks"])
        first, last = share(b, chunk, a["pixels_per_unit"], a["pixels"])
        channel = b.mul(block, v.lanes)
        left = b.sub(a["channels"], channel)
        source = b.at(a["source_ptr"], b.mul(n, a["stride_n"]), b.mul(channel, a["stride_c"]))
        to = b.at(a["copy_ptr"], b.mul(n, a["copy_n"]), b.mul(block, a["copy_block"]))

        def run(rows_left: Value | None) -> None:
            with b.loop(first, last, v.lanes) as p:
                count = b.sub(last, p.index)
                corner, put = b.at(source, b.mul(p.index, ELEMENT_BYTES[dtype])), b.at(to, b.mul(p.index, pixel))
                rest = functools.partial(cut_square, corner, put, count, rows_left)
                if rows_left is None:
                    b.either(b.compare("sge", count, v.lanes), functools.partial(square, corner, put), rest)
                else:
                    rest()

        b.either(b.compare("sge", left, v.lanes), functools.partial(run, None), functools.partial(run, left))
    return b.text()


_CHANNELS = Arguments(
    [
        "items", "row_chunks", "blocks_per_item", "blocks", "rows_per_item", "rows", "depth", "height", "pieces",
        "pixels_per_piece", "width", "channels", "stride_n", "stride_d", "stride_h", "stride_w", "copy_block",
        "source_ptr", "copy_ptr",
    ]
)  # fmt: skip


def _of_channels(
    spec: TensorSpec, source: Location, copy: Location, block: int, dtype: str, accumulator: str, target: Target
) -> Step:
    n, c, d, h, w = spec.shape
    pieces, blocks = -(-w // _ROW_PIXELS), -(-c // target.lanes(accumulator))
    rows, rows_per_item = n * d * h * pieces, max(1, _ROW_PIXELS // w)
    chunks = -(-rows // rows_per_item)
    sn, _, sd, sh, sw = (s * ELEMENT_BYTES[dtype] for s in spec.strides)
    values = {
        "items": -(-blocks // _ROW_BLOCKS) * chunks, "row_chunks": chunks,
        "blocks_per_item": min(_ROW_BLOCKS, blocks), "blocks": blocks, "rows_per_item": rows_per_item, "rows": rows,
        "depth": d, "height": h, "pieces": pieces, "pixels_per_piece": min(w, _ROW_PIXELS), "width": w, "channels": c,
        "stride_n": sn, "stride_d": sd, "stride_h": sh, "stride_w": sw, "copy_block": block,
    }  # fmt: skip
    addresses = {"source_ptr": source, "copy_ptr": copy}
    return step(_channels_kernel(dtype, accumulator, target), _CHANNELS, values, addresses, waits=False)


@functools.cache
def _channels_kernel(dtype: str, accumulator: str, target: Target) -> str:
    b, v, a = begin_vectors(_CHANNELS, accumulator, target)
    element, pixel = ELEMENT_BYTES[dtype], v.lanes * v.bytes
    whole = b.div(a["channels"], v.lanes)
    with tickets(b, a["items"]) as item:
        block_chunk, row_chunk = split(b, item, a["row_chunks"])
        first, last = share(b, block_chunk, a["blocks_per_item"], a["blocks"])
        end = b.min(last, whole)
        mask = v.keep(v.mask(b.sub(a["channels"], b.mul(whole, v.lanes))))
        with b.loop(*share(b, row_chunk, a["rows_per_item"], a["rows"])) as row:
            above, piece = split(b, row.index, a["pieces"])
            n, d, h = split(b, above, a["depth"], a["height"])
            source = b.at(a["source_ptr"], b.mul(n, a["stride_n"]), b.mul(d, a["stride_d"]), b.mul(h, a["stride_h"]))
            to = b.at(a["copy_ptr"], b.mul(b.mul(above, a["width"]), pixel))
            with b.loop(*share(b, piece, a["pixels_per_piece"], a["width"])) as w:
                at, place = b.at(source, b.mul(w.index, a["stride_w"])), b.at(to, b.mul(w.index, pixel))
                with b.loop(first, end) as block:
                    value = v.load_as(b.at(at, b.mul(block.index, v.lanes * element)), dtype)
                    v.store(value, b.at(place, b.mul(block.index, a["copy_block"])))
                with b.when(b.compare("slt", whole, last)):
                    value = v.load_masked(b.at(at, b.mul(whole, v.lanes * element)), v.kept(mask), dtype)
                    v.store(value, b.at(place, b.mul(whole, a["copy_block"])))
    return b.text()
