"""Bias gradients: the sum of each channel of the output's gradient, in double precision.

Rows are split into pieces that depend on the tensor alone, summed apart and added in order, so that the bits do
not depend on the number of threads.
"""

from __future__ import annotations

import functools
import math
from contextlib import AbstractContextManager

from tilewise.algorithms.common.plan import Base, Location, Plan, WorkspaceLayout, step
from tilewise.ir.builder import Builder, Loop, Value
from tilewise.ir.kernel import Arguments, begin_kernel, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_narrow, scalar_widen
from tilewise.problem import Layout, TensorSpec
from tilewise.target import Target

NAME = "channel_sums"
_PIECES = 16
# Elements of one ticket, and channels of one whose pieces are added: drawing one takes as long as summing hundreds.
_PER_ITEM, _ADDED_PER_ITEM = 8192, 128
_SUM = Arguments(
    [
        "items", "channels", "channel_blocks", "blocks_per_item", "chunks", "rows", "rows_per_piece",
        "depth", "height", "width", "stride_n", "stride_c", "stride_d", "stride_h", "stride_w",
        "source_ptr", "partial_ptr",
    ]
)  # fmt: skip
_ADD = Arguments(["items", "per_item", "channels", "pieces", "partial_ptr", "target_ptr"])


def plan(spec: TensorSpec, dtype: str, target: Target) -> Plan:
    """The sums of a tensor's channels; the source is base SOURCE, the result base BIAS, densely."""
    element = ELEMENT_BYTES[dtype]
    n, channels, depth, height, width = spec.shape
    rows = n * depth * height
    most = max(1, rows * width // 1024)
    rows_per_piece = math.ceil(rows / min(rows, most, _PIECES))
    pieces = math.ceil(rows / rows_per_piece)
    lanes = target.lanes("float64")
    dense_channels = spec.layout is Layout.CHANNELS_LAST
    blocks = -(-channels // lanes) if dense_channels else channels
    mode = "channels" if dense_channels else "row" if spec.layout is Layout.PLANAR else "elements"
    workspace = WorkspaceLayout()
    partial = workspace.take(pieces * channels * 8)
    sn, sc, sd, sh, sw = (s * element for s in spec.strides)
    of_block = rows_per_piece * width * (lanes if dense_channels else 1)
    blocks_per_item = max(1, min(blocks, _PER_ITEM // of_block))
    chunks = -(-blocks // blocks_per_item)
    values = {
        "items": pieces * chunks, "channels": channels, "channel_blocks": blocks,
        "blocks_per_item": blocks_per_item, "chunks": chunks, "rows": rows,
        "rows_per_piece": rows_per_piece, "depth": depth, "height": height, "width": width,
        "stride_n": sn, "stride_c": sc, "stride_d": sd, "stride_h": sh, "stride_w": sw,
    }  # fmt: skip
    places = {"source_ptr": Location(Base.SOURCE), "partial_ptr": partial}
    summing = step(_sum_kernel(mode, dtype, target), _SUM, values, places, waits=False)
    values = {
        "items": -(-channels // _ADDED_PER_ITEM), "per_item": _ADDED_PER_ITEM, "channels": channels, "pieces": pieces,
    }  # fmt: skip
    places = {"partial_ptr": partial, "target_ptr": Location(Base.BIAS)}
    adding = step(_add_kernel(dtype), _ADD, values, places)
    return Plan(NAME, (summing, adding), workspace.size, math.prod(spec.shape) > 20_000)


@functools.cache
def _sum_kernel(mode: str, dtype: str, target: Target) -> str:
    b, v, a = begin_vectors(_SUM, "float64", target)
    element = ELEMENT_BYTES[dtype]
    narrow = Vectors(b, "float64" if dtype == "float64" else "float32", v.lanes)

    def load(address: str, mask: str) -> str:
        value = narrow.load_masked(address, mask, dtype)
        return value if dtype == "float64" else b.let(f"fpext {narrow.type} {value} to {v.type}")

    def scalar(address: str) -> str:
        value = scalar_widen(b, address, dtype, "double" if dtype == "float64" else "float")
        return value if dtype == "float64" else b.let(f"fpext float {value} to double")

    with tickets(b, a["items"]) as item, _share(b, a, item) as block_loop:
        piece, block = b.div(item, a["chunks"]), block_loop.index
        channel: Value = b.mul(block, v.lanes) if mode == "channels" else block
        first, last = share(b, piece, a["rows_per_piece"], a["rows"])
        kind, zero = ("double", "0.0") if mode == "elements" else (v.type, v.zero)
        source = b.at(a["source_ptr"], b.mul(channel, a["stride_c"]))
        channels = v.mask(b.sub(a["channels"], channel)) if mode == "channels" else ""
        with b.loop(first, last, carried=[(kind, zero)]) as row:
            n, d, h = split(b, row.index, a["depth"], a["height"])
            at = b.at(source, b.mul(n, a["stride_n"]), b.mul(d, a["stride_d"]), b.mul(h, a["stride_h"]))
            with b.loop(0, a["width"], v.lanes if mode == "row" else 1, carried=[(kind, row.values[0])]) as w:
                if mode == "row":
                    mask = v.mask(b.sub(a["width"], w.index))
                    value = v.add(w.values[0], load(b.at(at, b.mul(w.index, element)), mask))
                elif mode == "channels":
                    value = v.add(w.values[0], load(b.at(at, b.mul(w.index, a["stride_w"])), channels))
                else:
                    term = scalar(b.at(at, b.mul(w.index, a["stride_w"])))
                    value = b.let(f"fadd double {w.values[0]}, {term}")
                w.carry([value])
            row.carry(w.results)
        to = b.at(a["partial_ptr"], b.mul(b.add(b.mul(piece, a["channels"]), channel), 8))
        if mode == "channels":
            v.store_masked(row.results[0], to, channels)
        else:
            b.store("double", v.total(row.results[0]) if mode == "row" else row.results[0], to, 8)
    return b.text()


def _share(b: Builder, a: dict[str, str], item: Value) -> AbstractContextManager[Loop]:
    """The blocks of channels of one ticket."""
    return b.loop(*share(b, b.rem(item, a["chunks"]), a["blocks_per_item"], a["channel_blocks"]))


@functools.cache
def _add_kernel(dtype: str) -> str:
    b, a = begin_kernel(_ADD)
    with (
        tickets(b, a["items"]) as item,
        b.loop(
            b.mul(item, a["per_item"]), b.min(b.mul(b.add(item, 1), a["per_item"]), a["channels"])
        ) as channels,
    ):  # fmt: skip
        channel = channels.index
        with b.loop(0, a["pieces"], carried=[("double", "0.0")]) as piece:
            index = b.add(b.mul(piece.index, a["channels"]), channel)
            value = b.load("double", b.at(a["partial_ptr"], b.mul(index, 8)), 8)
            piece.carry([b.let(f"fadd double {piece.values[0]}, {value}")])
        to = b.at(a["target_ptr"], b.mul(channel, ELEMENT_BYTES[dtype]))
        if dtype == "float64":
            b.store("double", piece.results[0], to, 8)
        else:
            scalar_narrow(b, b.let(f"fptrunc double {piece.results[0]} to float"), to, dtype)
    return b.text()
