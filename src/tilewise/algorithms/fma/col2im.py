"""Columns added where they land: the second half of an input gradient with few result channels.

Columns are planes [image][result channel and tap][pixel of the source]: what each source pixel adds to the result
through each tap. Every result element is the sum of the columns that land on it, each read once, pixels in lanes.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import Base, Location, step
from tilewise.geometry import Phase
from tilewise.ir.builder import Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, scalar_narrow, scalar_widen
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    [
        "items", "rows_per_item", "rows", "channels", "depth", "height", "source_width", "columns_n", "columns_c",
        "target_n", "target_c", "target_d", "target_h", "phases", "starts_d_ptr", "starts_h_ptr", "taps_d_ptr",
        "taps_h_ptr", "taps_w_ptr", "phases_ptr", "columns_ptr", "bias_ptr", "target_ptr",
    ]
)  # fmt: skip
_VECTORS = 4
_PHASE_WORDS = 7
# Additions of one ticket.
_PER_ITEM = 1 << 16


def add_columns(
    problem: ConvProblem, columns: View, tap_strides: tuple[int, int, int, int], result: View, images: int,
    target: Target,
) -> Step:  # fmt: skip
    """The step that makes a result from its columns.

    `tap_strides` lead, in bytes, from the columns of one result channel to those of the next and from one tap to
    the next along each axis.
    """
    channel, *by_tap = tap_strides
    axes = problem.phases
    starts_d, taps_d = _landings(axes[0], problem.source.spatial[0], by_tap[0], columns.strides[2])
    starts_h, taps_h = _landings(axes[1], problem.source.spatial[1], by_tap[1], columns.strides[3])
    phases: list[tuple[int, ...]] = []
    taps_w: list[tuple[int, int]] = []
    for phase in axes[2]:
        first = len(taps_w)
        taps_w += [(tap * by_tap[2] + offset * columns.strides[4], offset) for tap, offset in phase.taps]
        offsets = [offset for _, offset in phase.taps] or [0]
        phases.append((phase.first * result.strides[4], phase.step * result.strides[4], phase.count, first,
                       len(taps_w), min(offsets), max(offsets)))  # fmt: skip
    c, d, h, w = problem.destination.shape[1:]
    rows = images * c * d * h
    work = math.prod(problem.kernel) * w / math.prod(problem.stride)
    rows_per_item = max(1, min(math.ceil(rows / 64), int(_PER_ITEM / max(work, 1))))
    values = {
        "items": math.ceil(rows / rows_per_item), "rows_per_item": rows_per_item, "rows": rows, "channels": c,
        "depth": d, "height": h, "source_width": problem.source.spatial[2], "columns_n": columns.strides[0],
        "columns_c": channel, "target_n": result.strides[0], "target_c": result.strides[1],
        "target_d": result.strides[2], "target_h": result.strides[3], "phases": len(phases),
    }  # fmt: skip
    tables = {
        "starts_d_ptr": starts_d, "starts_h_ptr": starts_h, "taps_d_ptr": taps_d, "taps_h_ptr": taps_h,
        "taps_w_ptr": np.array(taps_w, np.int64).reshape(-1, 2), "phases_ptr": np.array(phases, np.int64),
    }  # fmt: skip
    places = {"columns_ptr": columns.at, "target_ptr": result.at}
    if problem.bias:
        places["bias_ptr"] = Location(Base.BIAS)
    dense = len(phases) == 1 and (w == 1 or result.strides[4] == ELEMENT_BYTES[result.dtype])
    text = _kernel(problem.accumulator, result.dtype, dense, problem.bias, target)
    return step(text, _ARGUMENTS, values, places, tables)


def _landings(
    phases: tuple[Phase, ...], source_size: int, tap_stride: int, stride: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(where each result position's list starts, the lists: bytes to the columns that land there) of one axis."""
    position, landing = [], []
    for phase in phases:
        taps = np.array(phase.taps, np.int64).reshape(-1, 2)
        j = np.arange(phase.count)[:, None]
        source = j + taps[:, 1]
        inside = (source >= 0) & (source < source_size)
        position.append(np.broadcast_to(phase.first + j * phase.step, inside.shape)[inside])
        landing.append((taps[:, 0] * tap_stride + source * stride)[inside])
    positions = np.concatenate(position)
    size = sum(phase.count for phase in phases)
    starts = np.concatenate([[0], np.cumsum(np.bincount(positions, minlength=size))])
    return starts, np.concatenate(landing)[np.argsort(positions, kind="stable")]


@functools.cache
def _kernel(accumulator: str, dtype: str, dense: bool, bias: bool, target: Target) -> str:
    b, v, a = begin_vectors(_ARGUMENTS, accumulator, target)
    element = ELEMENT_BYTES[dtype]
    stretch = _VECTORS * v.lanes
    scratch = b.stack(v.lanes * v.bytes)

    def sums(columns: str, begin: str, lists: list[Value], position: Value, count: int, masked: bool) -> list[str]:
        d0, d1, h0, h1, w0, w1 = lists
        with b.loop(d0, d1, carried=[(v.type, begin)] * count) as d:
            at_d = b.at(columns, b.word(a["taps_d_ptr"], d.index))
            with b.loop(h0, h1, carried=[(v.type, value) for value in d.values]) as h:
                at_h = b.at(at_d, b.word(a["taps_h_ptr"], h.index), b.mul(position, v.bytes))
                with b.loop(w0, w1, carried=[(v.type, value) for value in h.values]) as w:
                    to_tap, shift = b.entry(a["taps_w_ptr"], w.index, 2)
                    at = b.at(at_h, to_tap)
                    if masked:
                        mask = v.window(b.add(position, shift), a["source_width"])
                        loaded = [v.load_masked(at, mask)]
                    else:
                        loaded = [v.load(b.at(at, i * v.lanes * v.bytes)) for i in range(count)]
                    w.carry([v.add(total, value) for total, value in zip(w.values, loaded, strict=True)])
                h.carry(w.results)
            d.carry(h.results)
        return d.results

    def put(value: str, to: str, position: Value, step: Value, left: Value, whole: bool) -> None:
        at = b.at(to, b.mul(position, step))
        if dense and whole:
            v.store_as(value, at, dtype)
        elif dense:
            v.store_masked(value, at, v.mask(left), dtype)
        else:
            v.store(value, scratch)
            with b.loop(0, b.min(left, v.lanes)) as lane:
                cell = b.load(v.element, b.at(scratch, b.mul(lane.index, v.bytes)), v.bytes)
                here = b.at(at, b.mul(lane.index, step))
                if dtype == accumulator:
                    b.store(v.element, cell, here, v.bytes)
                else:
                    scalar_narrow(b, cell, here, dtype)

    with tickets(b, a["items"]) as item, b.loop(*share(b, item, a["rows_per_item"], a["rows"])) as row:
        n, c, d, h = split(b, row.index, a["channels"], a["depth"], a["height"])
        columns = b.at(a["columns_ptr"], b.mul(n, a["columns_n"]), b.mul(c, a["columns_c"]))
        to = b.at(a["target_ptr"], b.mul(n, a["target_n"]), b.mul(c, a["target_c"]),
                  b.mul(d, a["target_d"]), b.mul(h, a["target_h"]))  # fmt: skip
        begin = v.zero
        if bias:
            begin = v.splat(scalar_widen(b, b.at(a["bias_ptr"], b.mul(c, element)), dtype, v.element))
        rows: list[Value] = [
            b.word(a["starts_d_ptr"], d), b.word(a["starts_d_ptr"], b.add(d, 1)),
            b.word(a["starts_h_ptr"], h), b.word(a["starts_h_ptr"], b.add(h, 1)),
        ]  # fmt: skip
        with b.loop(0, a["phases"]) as phase:
            origin, pixel, count, w0, w1, low, high = b.entry(a["phases_ptr"], phase.index, _PHASE_WORDS)
            lists, start = [*rows, w0, w1], b.at(to, origin)
            with b.loop(0, count, stretch) as i:
                behind = b.add(i.index, stretch)
                inside = b.both(
                    b.compare("sge", b.add(i.index, low), 0),
                    b.both(b.compare("sle", b.add(behind, high), a["source_width"]), b.compare("sle", behind, count)),
                )

                def whole(i: str = i.index, lists: list[Value] = lists, columns: str = columns,
                          begin: str = begin, start: str = start, pixel: str = pixel) -> None:  # fmt: skip
                    for k, value in enumerate(sums(columns, begin, lists, i, _VECTORS, False)):
                        put(value, start, b.add(i, k * v.lanes), pixel, v.lanes, True)

                def edge(i: str = i.index, lists: list[Value] = lists, columns: str = columns, begin: str = begin,
                         start: str = start, pixel: str = pixel, count: str = count) -> None:  # fmt: skip
                    with b.loop(i, b.min(b.add(i, stretch), count), v.lanes) as k:
                        (value,) = sums(columns, begin, lists, k.index, 1, True)
                        put(value, start, k.index, pixel, b.sub(count, k.index), False)

                b.either(inside, whole, edge)
    return b.text()
