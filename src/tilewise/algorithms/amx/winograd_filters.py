"""Transformed filters as tiles load them: [block][direct tap][32 channels][product][part][half][16 pairs][16][2]."""

from __future__ import annotations

import functools

import numpy as np

from tilewise.algorithms.amx.filter_packing import FILTER_ARGUMENTS, FilterPacker, FilterReading
from tilewise.algorithms.amx.grid import BLOCK
from tilewise.algorithms.amx.winograd_kernel import HALVES, LANES
from tilewise.algorithms.common.plan import Base, Location, step
from tilewise.algorithms.winograd.filters import product_bytes
from tilewise.algorithms.winograd.tiles import Tiling
from tilewise.ir.amx import TILE_BYTES
from tilewise.ir.kernel import Arguments, split, tickets
from tilewise.ir.parts import begin_parts
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    ["items", "direct", "block_bytes", "direct_bytes", "panel_bytes", "transformed_ptr", "packed_ptr"]
    + [name for name in FILTER_ARGUMENTS if name != "weight_ptr"]
)


def panel_bytes(tiling: Tiling, parts: int) -> int:
    """What one block of filters is multiplied with at one direct tap."""
    chunks = -(-tiling.problem.source_channels // BLOCK)
    return chunks * tiling.tile.products * parts * HALVES * TILE_BYTES


def pack_products(
    tiling: Tiling, blocks: int, parts: int, transformed: Location, packed: Location, target: Target
) -> Step:
    """The step from `[block][product][term][lanes]` of floats, as `transform_filters` writes them."""
    inputs, direct, products = tiling.problem.source_channels, len(tiling.direct), tiling.tile.products
    each, chunks = product_bytes(tiling.terms, LANES, "float32"), -(-inputs // BLOCK)
    values = {
        "items": blocks * direct * chunks * HALVES, "direct": direct, "block_bytes": products * each,
        "direct_bytes": inputs * LANES * 4, "panel_bytes": panel_bytes(tiling, parts), "blocks": blocks,
        "channel_blocks": chunks, "taps": products, "channels": inputs, "outputs": LANES, "group_stride": 0,
        "lane_stride": 4, "channel_stride": LANES * 4,
    }  # fmt: skip
    addresses = {"transformed_ptr": transformed, "packed_ptr": packed, "status_ptr": Location(Base.STATUS)}
    tables = {"tap_ptr": np.arange(products, dtype=np.int64) * each}
    return step(_kernel(parts, target), _ARGUMENTS, values, addresses, tables)


@functools.cache
def _kernel(parts: int, target: Target) -> str:
    """A ticket is 16 filters by 32 channels of a direct tap."""
    b, v, a = begin_parts(_ARGUMENTS, target)
    with tickets(b, a["items"]) as item:
        block, tap, chunk, half = split(b, item, a["direct"], a["channel_blocks"], HALVES)
        source = b.at(a["transformed_ptr"], b.mul(block, a["block_bytes"]), b.mul(tap, a["direct_bytes"]))
        panel = b.mul(b.add(b.mul(block, a["direct"]), tap), a["panel_bytes"])
        reading = FilterReading("lanes", 0, HALVES, parts, "float32")
        packer = FilterPacker(b, v, {**a, "weight_ptr": source}, reading)
        packer.begin()
        packer.tiles(0, 0, half, chunk, b.at(a["packed_ptr"], panel))
        packer.report()
    return b.text()
