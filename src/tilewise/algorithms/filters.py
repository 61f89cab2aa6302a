"""Filters as a kernel with destination channels in its lanes reads them: [group][block][reduction][lanes].

The reduction index runs over (channel, tap) pairs in whatever order the kernel's tables have; each entry of the
order is a byte offset into the weight tensor. Lanes past the last channel are zero.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.plan import Location, step
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import FUNCTION, Arguments, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors, scalar_widen
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    [
        "items", "blocks", "chunks", "entries_per_chunk", "entries", "channels", "group_stride", "channel_stride",
        "order_ptr", "weight_ptr", "packed_ptr",
    ]
)  # fmt: skip


def pack_filters(
    order: NDArray[np.int64],
    channels: int,
    groups: int,
    channel_stride: int,
    group_stride: int,
    lanes: int,
    dtype: str,
    accumulator: str,
    weight: Location,
    packed: Location,
    target: Target,
) -> Step:
    """The step that packs `channels` filters of each group; strides and `order` are in bytes."""
    element = ELEMENT_BYTES[dtype]
    blocks = -(-channels // lanes)
    register = target.lanes(accumulator)
    if channel_stride == element:
        mode = "rows"
    elif len(order) >= register and bool(np.all(np.diff(order) == element)):
        mode = "transpose"
    else:
        mode = "gather"
    per_chunk = max(register, (16384 // (lanes * 8)) // register * register)
    chunks = -(-len(order) // per_chunk)
    values = {
        "items": groups * blocks * chunks, "blocks": blocks, "chunks": chunks, "entries_per_chunk": per_chunk,
        "entries": len(order), "channels": channels, "group_stride": group_stride, "channel_stride": channel_stride,
    }  # fmt: skip
    return step(
        _kernel(mode, lanes, dtype, accumulator, target),
        _ARGUMENTS,
        values,
        {"weight_ptr": weight, "packed_ptr": packed},
        {"order_ptr": order},
        waits=False,
    )


def packed_bytes(entries: int, channels: int, groups: int, lanes: int, accumulator: str) -> int:
    """The size of the packed filters."""
    return groups * -(-channels // lanes) * lanes * entries * ELEMENT_BYTES[accumulator]


@functools.cache
def _kernel(mode: str, lanes: int, dtype: str, accumulator: str, target: Target) -> str:
    b = Builder(FUNCTION)
    v = Vectors(b, accumulator, target.lanes(accumulator))
    a = _ARGUMENTS.load(b)
    vectors = lanes // v.lanes
    row_bytes = lanes * v.bytes
    element = ELEMENT_BYTES[dtype]

    def entry(index: Value) -> str:
        return b.load("i64", b.at(a["order_ptr"], b.mul(index, 8)), 8)

    def by_rows(source: str, to: str, first: Value, last: Value, valid: Value) -> None:
        """Lanes lie side by side in the weight tensor."""
        masks = [v.mask(b.sub(valid, j * v.lanes)) for j in range(vectors)]
        with b.loop(first, last) as i:
            at, row = b.at(source, entry(i.index)), b.at(to, b.mul(i.index, row_bytes))
            for j, mask in enumerate(masks):
                value = v.load_masked(b.at(at, j * v.lanes * element), mask, dtype)
                v.store(value, b.at(row, j * v.lanes * v.bytes))

    def by_lane(source: str, to: str, first: Value, last: Value, valid: Value) -> None:
        """One element at a time, a lane after the other."""
        with b.loop(0, lanes) as lane:
            column = b.at(to, b.mul(lane.index, v.bytes))
            at = b.at(source, b.mul(lane.index, a["channel_stride"]))

            def copy() -> None:
                with b.loop(first, last) as i:
                    value = scalar_widen(b, b.at(at, entry(i.index)), dtype, v.element)
                    b.store(v.element, value, b.at(column, b.mul(i.index, row_bytes)), v.bytes)

            def clear() -> None:
                with b.loop(first, last) as i:
                    b.store(v.element, "0.0", b.at(column, b.mul(i.index, row_bytes)), v.bytes)

            b.either(b.compare("slt", lane.index, valid), copy, clear)

    def by_transpose(source: str, to: str, first: Value, last: Value, valid: Value) -> None:
        """The order is dense, so squares of it are read as rows and written as columns."""
        whole = b.add(first, b.mul(b.div(b.sub(last, first), v.lanes), v.lanes))
        with b.loop(first, whole, v.lanes) as i:
            start = b.at(source, entry(i.index))
            for j in range(vectors):
                rows = [
                    v.load_as(b.at(start, b.mul(a["channel_stride"], j * v.lanes + k)), dtype) for k in range(v.lanes)
                ]
                for k, column in enumerate(v.transpose(rows)):
                    v.store(column, b.at(to, b.mul(b.add(i.index, k), row_bytes), j * v.lanes * v.bytes))
        by_lane(source, to, whole, last, valid)

    with tickets(b, a["items"]) as item:
        group, block, chunk = split(b, item, a["blocks"], a["chunks"])
        first = b.mul(chunk, a["entries_per_chunk"])
        last = b.min(b.add(first, a["entries_per_chunk"]), a["entries"])
        done = b.mul(block, lanes)
        valid = b.min(b.sub(a["channels"], done), lanes)
        source = b.at(a["weight_ptr"], b.mul(group, a["group_stride"]), b.mul(done, a["channel_stride"]))
        panel = b.mul(b.mul(b.add(b.mul(group, a["blocks"]), block), a["entries"]), row_bytes)
        to = b.at(a["packed_ptr"], panel)
        where = (source, to, first, last, valid)
        if mode == "rows":
            by_rows(*where)
        elif mode == "gather":
            by_lane(*where)
        else:
            full = b.compare("eq", valid, lanes)
            b.either(full, functools.partial(by_transpose, *where), functools.partial(by_lane, *where))
    return b.text()
