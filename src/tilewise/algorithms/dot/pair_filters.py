"""Filters as pairs of bfloat16 patterns: [group][block][pair of terms][lanes][2], lanes being destination channels.

What VDPBF16PS multiplies with two neighbouring source elements, for all lanes at once. The weight tensor is walked in
runs: pairs whose two elements lie side by side come as 32 bits, others as two rows of 16; squares of either are
transposed in registers, a pair being moved as one element of 32 bits.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.algorithms.common.plan import Base, Location, step
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, share, split, tickets
from tilewise.ir.pairs import PAIR_BYTES, Pairs, begin_pairs
from tilewise.ir.watch import MagnitudeWatch
from tilewise.runtime import Step
from tilewise.target import Target

_ARGUMENTS = Arguments(
    [
        "items", "blocks", "chunks", "runs_per_chunk", "runs", "terms", "channels", "group_stride", "channel_stride",
        "run_ptr", "term_ptr", "weight_ptr", "packed_ptr", "status_ptr",
    ]
)  # fmt: skip
# Pairs of one run, and of one ticket's runs of one block.
_MOST, _PER_ITEM = 128, 1024
# Rows that are asked for before they are read: they may lie so far apart that no prefetcher follows.
_AHEAD = 8
# In place of the distance to a second element that does not exist: distances are even.
_ALONE = 1


@dataclass(frozen=True)
class PairTerms:
    """Where the pairs of a sum lie in a weight tensor, for one lane, in bytes.

    `first` and `second` are the offsets of both elements of each pair; `second` is -1 where a pair has only one.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    channel_stride: int
    group_stride: int

    @property
    def mode(self) -> str:
        """How the weights are read: rows of lanes, runs of whole pairs, or runs of first and of second elements."""
        if self.channel_stride == 2:
            return "rows"
        alone = self.second < 0
        return "whole" if np.all(alone | (self.second == self.first + 2)) and not np.all(alone) else "apart"

    def runs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Runs in the order of memory, and the pair that each of their elements is.

        A run is (offset of its first element; from there to the second, _ALONE where there is none; pairs;
        elements; its place in the list of pairs).
        """
        order = np.argsort(self.first, kind="stable")
        first, second = self.first[order], self.second[order]
        gap = np.where(second < 0, _ALONE, second - first)
        if self.mode == "whole":  # a pair without a second element ends its run
            ends = (np.diff(first) != 4) | (gap[:-1] == _ALONE)
        else:
            ends = (np.diff(first) != 2) | (np.diff(gap) != 0)
        if self.mode == "rows":
            ends = np.ones_like(ends)
        starts = np.concatenate([[0], np.flatnonzero(ends) + 1])
        stops = np.concatenate([starts[1:], [len(first)]])
        pieces = [(s, min(s + _MOST, e)) for a, e in zip(starts, stops, strict=True) for s in range(a, e, _MOST)]
        table = [(first[s], gap[s], e - s, 2 * (e - s) - (gap[e - 1] == _ALONE), s) for s, e in pieces]
        return np.array(table, np.int64), order.astype(np.int64)


def pair_bytes(terms: int, channels: int, groups: int, lanes: int) -> int:
    """The size of packed pairs."""
    return groups * -(-channels // lanes) * lanes * terms * PAIR_BYTES


def pack_pairs(
    terms: PairTerms, channels: int, groups: int, lanes: int, weight: Location, packed: Location, target: Target
) -> Step:
    """The step that packs `channels` filters of each group. Lanes past the last channel hold anything finite.

    Infinities and NaN are reported through the status word, because the zeros of the padding would turn them into
    NaN where PyTorch skips the padding.
    """
    runs, numbers = terms.runs()
    blocks = -(-channels // lanes)
    per_chunk = max(1, _PER_ITEM * len(runs) // max(1, len(numbers)))
    chunks = -(-len(runs) // per_chunk)
    values = {
        "items": groups * blocks * chunks, "blocks": blocks, "chunks": chunks, "runs_per_chunk": per_chunk,
        "runs": len(runs), "terms": len(numbers), "channels": channels, "group_stride": terms.group_stride,
        "channel_stride": terms.channel_stride,
    }  # fmt: skip
    addresses = {"weight_ptr": weight, "packed_ptr": packed, "status_ptr": Location(Base.STATUS)}
    tables = {"run_ptr": runs, "term_ptr": numbers}
    return step(_kernel(lanes, terms.mode, target), _ARGUMENTS, values, addresses, tables, waits=False)


@functools.cache
def _kernel(lanes: int, mode: str, target: Target) -> str:
    b, v, a = begin_pairs(_ARGUMENTS, target)
    watch = MagnitudeWatch(v, 16)
    row_bytes = lanes * PAIR_BYTES

    def both(at: str, gap: Value, mask: str) -> str:
        """Pairs of what lies at an address and what lies `gap` bytes on, if anything."""
        second = b.select(b.compare("ne", gap, _ALONE), v.flags, mask, "zeroinitializer")
        return v.pair(v.load_patterns(at, mask), v.load_patterns(b.at(at, gap), second))

    with tickets(b, a["items"]) as item:
        group, block, chunk = split(b, item, a["blocks"], a["chunks"])
        start, stop = share(b, chunk, a["runs_per_chunk"], a["runs"])
        panel = b.mul(b.mul(b.add(b.mul(group, a["blocks"]), block), a["terms"]), row_bytes)
        watch.begin()
        # Rows hold all lanes of a block side by side; squares are as many of them as a vector has.
        with b.loop(0, lanes, lanes if mode == "rows" else v.lanes) as j:
            done = b.add(b.mul(block, lanes), j.index)
            left = b.sub(a["channels"], done)
            source = b.at(a["weight_ptr"], b.mul(group, a["group_stride"]), b.mul(done, a["channel_stride"]))
            column = b.at(a["packed_ptr"], panel, b.mul(j.index, PAIR_BYTES))
            masks = [v.mask(b.sub(left, k)) for k in range(0, lanes, v.lanes)] if mode == "rows" else []
            with b.loop(start, stop) as run:
                offset, gap, length, elements, place = b.entry(a["run_ptr"], run.index, 5)
                at = b.at(source, offset)

                def put(value: str, number: Value, beside: int = 0, column: str = column, place: Value = place) -> None:
                    term = b.word(a["term_ptr"], b.add(place, number))
                    b.store(v.pairs, value, b.at(column, b.mul(term, row_bytes), beside * PAIR_BYTES), 4)

                if mode == "rows":
                    ahead = b.entry(a["run_ptr"], b.min(b.add(run.index, _AHEAD), b.sub(stop, 1)), 5)[0]
                    for line in range(0, 2 * lanes, 64):
                        b.prefetch(b.at(source, ahead, line))
                        b.prefetch(b.at(source, ahead, gap, line))
                    values = [both(b.at(at, 2 * k * v.lanes), gap, mask) for k, mask in enumerate(masks)]
                    for k, value in enumerate(values):
                        put(value, 0, k * v.lanes)
                    watch.see(*values)
                else:
                    _squares(b, v, a, mode, at, gap, length, elements, left, both, put, watch)
        watch.report(a["status_ptr"])
    return b.text()


def _squares(
    b: Builder, v: Pairs, a: dict[str, str], mode: str, at: str, gap: Value, length: Value, elements: Value,
    left: Value, both: Callable[[str, Value, str], str], put: Callable[[str, Value], None], watch: MagnitudeWatch,
) -> None:  # fmt: skip
    """A run of the filters of `v.lanes` channels, a square at a time."""
    # A lane without a channel repeats the last one.
    places = [b.mul(a["channel_stride"], b.min(b.sub(left, 1), k)) for k in range(v.lanes)]
    with b.loop(0, length, v.lanes) as i:
        count = b.sub(length, i.index)
        if mode == "whole":
            corner = b.at(at, b.mul(i.index, PAIR_BYTES))
            mask = v.pattern_mask(b.sub(elements, b.mul(i.index, 2)))
            rows = [v.load_pairs_masked(b.at(corner, place), mask) for place in places]
        else:
            corner, mask = b.at(at, b.mul(i.index, 2)), v.mask(count)
            rows = [both(b.at(corner, place), gap, mask) for place in places]
        watch.see(*rows)
        for k, value in enumerate(v.transpose_pairs(rows)):
            with b.when(b.compare("sgt", count, k)):
                put(value, b.add(i.index, k))
