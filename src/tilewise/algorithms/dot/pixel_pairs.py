"""Tensors as pairs of pixels, for sums over pixels: (N, D, H, places, C, 2) of bfloat16, whatever they were.

A place holds two pixels of a row side by side, channel by channel: those at `low + step * place` and `gap` further on.
What lies outside the tensor is zero.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from tilewise.algorithms.common.plan import Location, WorkspaceLayout, pieces_of, step
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, share, split, tickets
from tilewise.ir.pairs import PAIR_BYTES, Pairs, begin_pairs
from tilewise.problem import Layout, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    [
        "items", "chunks", "places_per_item", "rows_per_item", "rows", "depth", "height", "depth_low", "height_low",
        "source_depth", "source_height", "source_width", "low", "gap", "step", "places", "channels", "stride_n",
        "stride_c", "stride_d", "stride_h", "stride_w", "source_ptr", "copy_ptr",
    ]
)  # fmt: skip
_ITEM_BYTES = 32768
# Places of a row that several tickets copy, at the least.
_LEAST_PLACES = 64


Planes = tuple[tuple[int, int], tuple[int, int]]  # the first and last position of D and of H


@dataclass(frozen=True)
class PixelPairs:
    """A tensor in pairs: where it lies, and the bytes from row to row along D and H, and from image to image."""

    at: Location
    image: int
    plane: int
    row: int
    place: int


@dataclass(frozen=True)
class Places:
    """Which pixels of a row a place holds."""

    low: int
    count: int
    step: int
    gap: int


def room_for_pairs(spec: TensorSpec, planes: Planes, places: Places, workspace: WorkspaceLayout) -> PixelPairs:
    """Where a copy that covers (first, last) of D and of H lies."""
    depth, height = (last - first + 1 for first, last in planes)
    n, channels = spec.shape[:2]
    place = channels * PAIR_BYTES
    row = places.count * place
    return PixelPairs(workspace.take(n * depth * height * row), depth * height * row, height * row, row, place)


def pixel_pairs(
    spec: TensorSpec, source: Location, planes: Planes, places: Places, pairs: PixelPairs, target: Target
) -> Step:
    """The step that makes the copy."""
    (d0, d1), (h0, h1) = planes
    depth, height = d1 - d0 + 1, h1 - h0 + 1
    n, channels = spec.shape[:2]
    rows = n * depth * height
    rows_per_item = max(1, min(rows, _ITEM_BYTES // max(1, pairs.row)))
    sn, sc, sd, sh, sw = (s * 2 for s in spec.strides)
    items = -(-rows // rows_per_item)
    # A few long rows are cut.
    places_per_item = max(1, -(-places.count // (pieces_of(items) * _LEAST_PLACES))) * _LEAST_PLACES
    chunks = -(-places.count // places_per_item)
    values = {
        "items": items * chunks, "chunks": chunks, "places_per_item": places_per_item, "rows_per_item": rows_per_item,
        "rows": rows, "depth": depth, "height": height, "depth_low": d0, "height_low": h0,
        "source_depth": spec.shape[2], "source_height": spec.shape[3], "source_width": spec.shape[4],
        "low": places.low, "gap": places.gap, "step": places.step, "places": places.count, "channels": channels,
        "stride_n": sn, "stride_c": sc, "stride_d": sd, "stride_h": sh, "stride_w": sw,
    }  # fmt: skip
    # Pixels of planes are moved in squares: whole pairs where they lie side by side, else their two halves.
    mode = "rows" if spec.layout is Layout.CHANNELS_LAST else "planes"
    whole = (places.step, places.gap) == (2, 1)
    addresses = {"source_ptr": source, "copy_ptr": pairs.at}
    return step(_kernel(mode, whole, channels == 1, target), _ARGUMENTS, values, addresses, waits=False)


@functools.cache
def _kernel(mode: str, whole: bool, single: bool, target: Target) -> str:
    b, v, a = begin_pairs(_ARGUMENTS, target)
    place_bytes = b.mul(a["channels"], PAIR_BYTES)
    row_bytes = b.mul(a["places"], place_bytes)
    fill = _from_rows if mode == "rows" else functools.partial(_from_planes, whole=whole, single=single)

    def zeros(at: str, count: Value) -> None:
        b.zero_bytes(at, b.mul(count, place_bytes))

    with tickets(b, a["items"]) as item:
        number, chunk = split(b, item, a["chunks"])
        start, stop = share(b, number, a["rows_per_item"], a["rows"])
        places = share(b, chunk, a["places_per_item"], a["places"])
        with b.loop(start, stop) as row:
            n, d, h = split(b, row.index, a["depth"], a["height"])
            d, h = b.add(d, a["depth_low"]), b.add(h, a["height_low"])
            to = b.at(a["copy_ptr"], b.mul(row.index, row_bytes))
            source = b.at(
                a["source_ptr"], b.mul(n, a["stride_n"]), b.mul(d, a["stride_d"]), b.mul(h, a["stride_h"])
            )  # fmt: skip
            inside = b.both(b.compare("ult", d, a["source_depth"]), b.compare("ult", h, a["source_height"]))
            b.either(
                inside,
                functools.partial(fill, b, v, a, source, to, places),
                functools.partial(zeros, b.at(to, b.mul(places[0], place_bytes)), b.sub(places[1], places[0])),
            )
    return b.text()


def _from_rows(b: Builder, v: Pairs, a: dict[str, str], source: str, to: str, places: tuple[Value, Value]) -> None:
    """Channels lie side by side: two pixels are interleaved, a vector of channels at a time."""
    place_bytes = b.mul(a["channels"], PAIR_BYTES)
    whole = b.mul(b.div(a["channels"], v.lanes), v.lanes)
    all_lanes, tail = v.mask(v.lanes), v.mask(b.sub(a["channels"], whole))
    with b.loop(*places) as place:
        first = b.add(b.mul(place.index, a["step"]), a["low"])
        second = b.add(first, a["gap"])
        exist = [b.compare("ult", pixel, a["source_width"]) for pixel in (first, second)]
        starts = [b.at(source, b.mul(pixel, a["stride_w"])) for pixel in (first, second)]
        at = b.at(to, b.mul(place.index, place_bytes))

        def piece(c: Value, lanes: str, sides: list[str], at: str = at, starts: list[str] = starts) -> None:
            halves = [v.load_patterns(b.at(s, b.mul(c, 2)), m) for s, m in zip(starts, sides, strict=True)]
            where = b.at(at, b.mul(c, PAIR_BYTES))
            if lanes == all_lanes:
                b.store(v.pairs, v.pair(*halves), where, 4)
            else:
                v.store_masked(b.let(f"bitcast {v.pairs} {v.pair(*halves)} to {v.type}"), where, lanes)

        def row(sides: list[str], tails: list[str], piece: Callable[..., None] = piece) -> None:
            with b.loop(0, whole, v.lanes) as c:
                piece(c.index, all_lanes, sides)
            with b.when(b.compare("slt", whole, a["channels"])):
                piece(whole, tail, tails)

        def edge(row: Callable[..., None] = row, exist: list[str] = exist) -> None:
            row(*([b.select(e, v.flags, mask, "zeroinitializer") for e in exist] for mask in (all_lanes, tail)))

        b.either(b.both(*exist), functools.partial(row, [all_lanes] * 2, [tail] * 2), edge)


def _from_planes(
    b: Builder, v: Pairs, a: dict[str, str], source: str, to: str, places: tuple[Value, Value], whole: bool,
    single: bool,
) -> None:  # fmt: skip
    """Pixels lie side by side: squares of channels by places are transposed, a pair being one element."""
    place_bytes = b.mul(a["channels"], PAIR_BYTES)
    with b.loop(*places, v.lanes) as x:
        first = b.add(b.mul(x.index, a["step"]), a["low"])
        pixels = [first] if whole else [first, b.add(first, a["gap"])]
        masks = [(v.pattern_window if whole else v.window)(pixel, a["source_width"]) for pixel in pixels]
        corner, count = b.at(source, b.mul(first, 2)), b.sub(places[1], x.index)

        def row(at: str, masks: list[str] = masks) -> str:
            """A vector of places of one channel."""
            if whole:
                return v.load_pairs_masked(at, masks[0])
            return v.pair(v.load_patterns(at, masks[0]), v.load_patterns(b.at(at, b.mul(a["gap"], 2)), masks[1]))

        def put(value: str, at: str, mask: str) -> None:
            v.store_masked(b.let(f"bitcast {v.pairs} {value} to {v.type}"), at, mask)

        if single:
            put(row(corner), b.at(to, b.mul(x.index, PAIR_BYTES)), v.mask(count))
        else:
            _squares(b, v, a, b.at(to, b.mul(x.index, place_bytes)), corner, count, row, put)


def _squares(
    b: Builder, v: Pairs, a: dict[str, str], to: str, corner: str, count: Value, row: Callable[[str], str],
    put: Callable[[str, str, str], None],
) -> None:  # fmt: skip
    """A vector of places of all channels."""
    place_bytes = b.mul(a["channels"], PAIR_BYTES)
    with b.loop(0, a["channels"], v.lanes) as c:
        # Missing channels repeat the last one, and are not written.
        last = b.sub(a["channels"], 1)
        places = [b.mul(b.min(b.add(c.index, k), last), a["stride_c"]) for k in range(v.lanes)]
        column = b.at(to, b.mul(c.index, PAIR_BYTES))
        lanes = v.mask(b.sub(a["channels"], c.index))
        for k, value in enumerate(v.transpose_pairs([row(b.at(corner, place)) for place in places])):
            with b.when(b.compare("sgt", count, k)):
                put(value, b.at(column, b.mul(place_bytes, k)), lanes)
