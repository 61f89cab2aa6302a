"""Filters between PyTorch's order and the kernels': [group][block][term][lanes], lanes being channels.

A kernel with channels in its lanes wants, for each term of its sum (a channel and a tap), the filters of a block
of channels side by side; PyTorch stores each filter's taps side by side. Both directions (`pack_filters` before a
contraction, `unpack_gradient` after a weight gradient) walk the weight tensor in the order of its memory, a
square at a time, and transpose squares in registers; a table says which term each element is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.filter_terms import FilterTerms
from tilewise.algorithms.common.filters_kernel import ARGUMENTS, pack_rows, pack_squares, unpack_squares
from tilewise.algorithms.common.plan import Base, Location, pieces_of, step
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.runtime import Step
from tilewise.target import Target

# Rows that lie side by side are copied so many of so many blocks at a time: their neighbours are fetched with them.
_ROWS, _ROW_BLOCKS = 32, 8
# Lines at multiples of this distance share a few sets of the nearest cache.
_THRASHING = 1024


def packed_bytes(terms: int, channels: int, groups: int, lanes: int, accumulator: str) -> int:
    """The size of packed filters."""
    return groups * -(-channels // lanes) * lanes * terms * ELEMENT_BYTES[accumulator]


def pack_filters(
    terms: FilterTerms,
    channels: int,
    groups: int,
    lanes: int,
    dtype: str,
    accumulator: str,
    weight: Location,
    packed: Location,
    target: Target,
) -> Step:
    """The step that packs `channels` filters of each group. Lanes past the last channel become zero.

    Infinities and NaN are reported through the status word, because the zeros of the padding would turn them into
    NaN where PyTorch skips the padding.
    """
    dense_lanes = terms.dense
    kernel = pack_rows if dense_lanes else pack_squares
    text = kernel(lanes, dtype, accumulator, target)
    return _step(text, terms, channels, groups, lanes, weight, packed, dense_lanes, 1, 0, False)


def unpack_gradient(
    terms: FilterTerms,
    channels: int,
    groups: int,
    lanes: int,
    dtype: str,
    accumulator: str,
    pieces: int,
    weight: Location,
    partial: Location,
    target: Target,
    rows: NDArray[np.int64] | None = None,
    row_count: int = 0,
) -> Step:
    """The step that adds `pieces` partial gradients in order and writes them where the weight tensor has them.

    Partial gradients are [piece][group][block][row][lanes]; `rows` says in which of `row_count` rows each term is,
    where that is not its own number.
    """
    count = len(terms.offsets)
    rows, row_count = (np.arange(count), count) if rows is None else (rows, row_count)
    piece = packed_bytes(row_count, channels, groups, lanes, accumulator)
    # With distances that share few cache sets, a line half written would be gone before its other half comes.
    together = ELEMENT_BYTES[dtype] == 2 and terms.channel_stride % _THRASHING == 0
    text = unpack_squares(lanes, dtype, accumulator, 2 if together else 1, target)
    return _step(text, terms, channels, groups, lanes, weight, partial, False, pieces, piece, True, rows, row_count)


def _step(
    text: str, terms: FilterTerms, channels: int, groups: int, lanes: int, weight: Location, packed: Location,
    dense_lanes: bool, pieces: int, piece_stride: int, waits: bool, rows: NDArray[np.int64] | None = None,
    row_count: int = 0,
) -> Step:  # fmt: skip
    if dense_lanes:
        offsets, length, term = terms.offsets, 1, np.arange(len(terms.offsets), dtype=np.int64)
    else:
        offsets, length, term = terms.runs
    if rows is not None:
        term = rows[term]
    blocks = -(-channels // lanes)
    # A run longer than this is cut, so that a single long one can be shared between threads.
    while length > 256 and length % 2 == 0:
        length //= 2
        offsets = np.stack([offsets, offsets + length * terms.element], 1).ravel()
    per_chunk = _ROWS if dense_lanes else max(1, 1024 // length)
    blocks_per_chunk = min(blocks, _ROW_BLOCKS) if dense_lanes else 1
    block_chunks = -(-blocks // blocks_per_chunk)
    per_chunk = -(-per_chunk // pieces_of(groups * block_chunks * -(-len(offsets) // per_chunk)))
    chunks = -(-len(offsets) // per_chunk)
    values = {
        "items": groups * block_chunks * chunks, "block_chunks": block_chunks, "blocks_per_chunk": blocks_per_chunk,
        "blocks": blocks, "chunks": chunks, "runs_per_chunk": per_chunk, "runs": len(offsets), "run_length": length,
        "terms": row_count or len(terms.offsets), "channels": channels,
        "group_stride": terms.group_stride, "channel_stride": terms.channel_stride, "pieces": pieces,
        "piece_stride": piece_stride,
    }  # fmt: skip
    places = {"weight_ptr": weight, "packed_ptr": packed, "status_ptr": Location(Base.STATUS)}
    return step(text, ARGUMENTS, values, places, {"offset_ptr": offsets, "term_ptr": term}, waits=waits)
