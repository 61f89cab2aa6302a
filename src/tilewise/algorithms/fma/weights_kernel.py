"""The kernel of `fma_weights`: register tiles of window channels by point channels, summed over bands of pixels."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors, share, split, tickets
from tilewise.ir.vectors import Vectors
from tilewise.target import Target

ARGUMENTS = Arguments(
    [
        "items", "groups", "blocks", "block_chunks", "blocks_per_item", "run_chunks", "runs_per_item", "runs",
        "bands_per_piece", "bands", "channels", "window_w", "window_group", "point_w",
        "point_vector", "point_block", "point_group", "piece_bytes", "group_bytes", "panel_bytes", "run_bytes",
        "tile_count", "tile_chunks", "tiles_per_item", "ranges_ptr", "rows_ptr", "tiles_ptr", "window_ptr", "point_ptr",
        "partial_ptr",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Spec:
    """What the generated code is specialised on."""

    accumulator: str
    vectors: int
    masked: bool
    widths: tuple[int, ...]
    target: Target


@functools.cache
def kernel(spec: Spec) -> str:
    """The text."""
    b, v, a = begin_vectors(ARGUMENTS, spec.accumulator, spec.target)
    with tickets(b, a["items"]) as item:
        piece, group, block_chunk, run_chunk, tile_chunk = split(
            b, item, a["groups"], a["block_chunks"], a["run_chunks"], a["tile_chunks"]
        )
        tiles = share(b, tile_chunk, a["tiles_per_item"], a["tile_count"])
        bands = share(b, piece, a["bands_per_piece"], a["bands"])
        blocks = share(b, block_chunk, a["blocks_per_item"], a["blocks"])
        first_run = b.mul(run_chunk, a["runs_per_item"])
        window = b.at(a["window_ptr"], b.mul(group, a["window_group"]))
        points = b.at(a["point_ptr"], b.mul(group, a["point_group"]))
        panels = b.at(a["partial_ptr"], b.mul(piece, a["piece_bytes"]), b.mul(group, a["group_bytes"]))
        with (
            b.loop(*bands) as band,
            b.loop(*blocks) as block,
            b.loop(first_run, b.add(first_run, a["runs_per_item"])) as run,
        ):
            rows = b.entry(a["ranges_ptr"], b.add(b.mul(band.index, a["runs"]), run.index), 2)
            begins = b.compare("eq", band.index, bands[0])
            panel = b.at(panels, b.mul(block.index, a["panel_bytes"]), b.mul(run.index, a["run_bytes"]))
            _block(b, v, spec, a, (rows[0], rows[1]), tiles, block.index, window, points, panel, begins)
    return b.text()


def _block(
    b: Builder, v: Vectors, spec: Spec, a: dict[str, str], rows: tuple[Value, Value], tiles: tuple[Value, Value],
    block: Value, window: str, points: str, panel: str, begins: str,
) -> None:  # fmt: skip
    """The tiles of one block of point channels and one run, added to what earlier bands gave."""
    lanes = spec.vectors * v.lanes
    left = b.sub(a["channels"], b.mul(block, lanes))
    masks = [v.mask(b.sub(left, j * v.lanes)) for j in range(spec.vectors)] if spec.masked else []
    point = b.at(points, b.mul(block, a["point_block"]))
    with b.loop(*tiles) as tile:
        start, index = b.entry(a["tiles_ptr"], tile.index, 2)
        cells = b.at(panel, b.mul(start, lanes * v.bytes))
        at_window = b.at(window, b.mul(start, v.bytes))

        def one(width: int) -> None:
            for i, value in enumerate(_over_rows(b, v, spec, a, width, rows, at_window, point, masks)):
                at = b.at(cells, i * v.lanes * v.bytes)
                v.store(v.add(b.select(begins, v.type, v.zero, v.load(at)), value), at)

        b.switch(index, {i: functools.partial(one, width) for i, width in enumerate(spec.widths)})


def _over_rows(
    b: Builder, v: Vectors, spec: Spec, a: dict[str, str], width: int, rows: tuple[Value, Value], window: str,
    point: str, masks: list[str],
) -> list[str]:  # fmt: skip
    """The microkernel: for each pixel of each row, window elements broadcast times vectors of the point tensor."""
    with b.loop(*rows, carried=[(v.type, v.zero)] * (width * spec.vectors)) as row:
        from_window, from_point, count = b.entry(a["rows_ptr"], row.index, 3)
        carried = [("ptr", b.at(window, from_window)), ("ptr", b.at(point, from_point))]
        with b.loop(0, count, carried=[*carried, *((v.type, value) for value in row.values)]) as pixel:
            x, y, *sums = pixel.values
            vectors = []
            for j in range(spec.vectors):
                at = b.at(y, b.mul(a["point_vector"], j))
                vectors.append(v.load_masked(at, masks[j]) if masks else v.load(at))
            for m in range(width):
                value = v.load_splat(b.at(x, m * v.bytes))
                for j in range(spec.vectors):
                    k = m * spec.vectors + j
                    sums[k] = v.fma(value, vectors[j], sums[k])
            pixel.carry([b.at(x, a["window_w"]), b.at(y, a["point_w"]), *sums])
        row.carry(pixel.results[2:])
    return row.results
