"""The kernel of `dot_weights`: tickets of some units, a block of point channels by a run, over a piece of the rows."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.algorithms.common.tiling import tile_widths
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, share, split, tickets
from tilewise.ir.pairs import PAIR_BYTES, Pairs, begin_pairs
from tilewise.target import Target

ARGUMENTS = Arguments(
    [
        "items", "groups", "chunks", "units", "units_per_item", "runs", "rows", "rows_per_piece", "rows_per_band",
        "goes_on", "depth", "height", "places",
        "window_n", "window_d", "window_h", "window_w", "window_group", "point_row", "point_w", "point_group",
        "piece_bytes", "group_bytes", "panel_bytes", "run_bytes", "tile_count",
        "run_ptr", "tiles_ptr", "window_ptr", "point_ptr", "partial_ptr",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """What the generated code is specialised on."""

    vectors: int
    target: Target

    @property
    def widths(self) -> tuple[int, ...]:
        """Window elements of a tile."""
        return tile_widths(self.target.registers, self.vectors)


@functools.cache
def kernel(spec: Spec) -> str:
    """The kernel for a specification."""
    b, v, a = begin_pairs(ARGUMENTS, spec.target)
    lanes = spec.vectors * v.lanes

    with tickets(b, a["items"]) as item:
        piece, group, chunk = split(b, item, a["groups"], a["chunks"])
        first, last = share(b, piece, a["rows_per_piece"], a["rows"])
        first_unit, last_unit = share(b, chunk, a["units_per_item"], a["units"])
        window_group = b.at(a["window_ptr"], b.mul(group, a["window_group"]))
        point_group = b.at(a["point_ptr"], b.mul(group, a["point_group"]))
        partial = b.at(a["partial_ptr"], b.mul(piece, a["piece_bytes"]), b.mul(group, a["group_bytes"]))
        with b.loop(first, last, a["rows_per_band"]) as band:
            stop = b.min(b.add(band.index, a["rows_per_band"]), last)
            begins = b.both(b.compare("eq", band.index, first), b.compare("eq", a["goes_on"], 0))
            n, d, h = split(b, band.index, a["depth"], a["height"])
            window_band = b.at(window_group, b.mul(n, a["window_n"]), b.mul(d, a["window_d"]), b.mul(h, a["window_h"]))
            point_band = b.at(point_group, b.mul(band.index, a["point_row"]))
            with b.loop(first_unit, last_unit) as unit, b.loop(0, a["tile_count"]) as tile:
                block, run = split(b, unit.index, a["runs"])
                entry = b.at(a["tiles_ptr"], b.mul(tile.index, 16))
                start = b.load("i64", entry, 8)
                offset = b.word(a["run_ptr"], run)
                at_window = b.at(window_band, offset, b.mul(start, PAIR_BYTES))
                at_point = b.at(point_band, b.mul(block, lanes * PAIR_BYTES))
                corner = _Corner(band.index, stop, d, h, at_window, at_point)
                cells = b.at(
                    partial, b.mul(block, a["panel_bytes"]), b.mul(run, a["run_bytes"]), b.mul(start, lanes * v.bytes)
                )

                def one(width: int, cells: str = cells, corner: _Corner = corner, begins: str = begins) -> None:
                    for i, value in enumerate(_over_rows(b, v, spec, a, width, corner)):
                        at = b.at(cells, i * v.lanes * v.bytes)
                        v.store(v.add(b.select(begins, v.type, v.zero, v.load(at)), value), at)

                b.switch(
                    b.load("i64", b.at(entry, 8), 8),
                    {i: functools.partial(one, width) for i, width in enumerate(spec.widths)},
                )
    return b.text()


@dataclass(frozen=True)
class _Corner:
    """Where a band begins: its rows, the first one's place in D and H, and the addresses of both tensors."""

    first: Value
    stop: Value
    d: Value
    h: Value
    window: str
    point: str


def _over_rows(b: Builder, v: Pairs, spec: Spec, a: dict[str, str], width: int, corner: _Corner) -> list[str]:
    """The microkernel: for each pair of pixels of each row, window pairs broadcast times vectors of point pairs."""
    # From the last row of a plane to the next plane's first, and from the last of an image to the next image's.
    over_plane = b.sub(a["window_d"], b.mul(a["window_h"], b.sub(a["height"], 1)))
    over_image = b.sub(b.sub(a["window_n"], b.mul(a["window_d"], b.sub(a["depth"], 1))),
                       b.mul(a["window_h"], b.sub(a["height"], 1)))  # fmt: skip
    state = [("i64", corner.d), ("i64", corner.h), ("ptr", corner.window), ("ptr", corner.point)]
    zeros = [(v.type, v.zero)] * (width * spec.vectors)
    with b.loop(corner.first, corner.stop, carried=[*state, *zeros]) as row:
        d, h, at_window, at_point, *before = row.values
        carried = [("ptr", at_window), ("ptr", at_point), *((v.type, value) for value in before)]
        with b.loop(0, a["places"], carried=carried) as place:
            x, y, *sums = place.values
            vectors = [v.load_pairs(b.at(y, j * v.lanes * PAIR_BYTES)) for j in range(spec.vectors)]
            for m in range(width):
                value = v.splat_pair(b.at(x, m * PAIR_BYTES))
                for k, vector in enumerate(vectors, m * spec.vectors):
                    sums[k] = v.dot(value, vector, sums[k])
            place.carry([b.at(x, a["window_w"]), b.at(y, a["point_w"]), *sums])
        plane_ends = b.compare("eq", b.add(h, 1), a["height"])
        image_ends = b.both(plane_ends, b.compare("eq", b.add(d, 1), a["depth"]))
        move = b.select(plane_ends, "i64", over_plane, a["window_h"])
        row.carry(
            [
                b.select(image_ends, "i64", 0, b.select(plane_ends, "i64", b.add(d, 1), d)),
                b.select(plane_ends, "i64", 0, b.add(h, 1)),
                b.at(at_window, b.select(image_ends, "i64", over_image, move)),
                b.at(at_point, a["point_row"]),
                *place.results[2:],
            ]
        )
    return row.results[4:]
