"""How much of a layer a picture carries: everything where it is small, a crop of the output where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from tilewise.pictures.recording import Call

# Numbers in one figure: 4 bytes each, a third more as text, and thumbnails beside them stay under 3 MB.
BUDGET = 420_000
# More cells than this along one axis are too small to be pointed at.
MOST_CELLS = 64


@dataclass(frozen=True)
class Crop:
    """The outputs held (`first`, `count` along each axis; filters alike) and the inputs they read.

    `read_first` / `read_count` are positions of the unpadded input and may reach into its padding.
    """

    first: tuple[int, ...]
    count: tuple[int, ...]
    read_first: tuple[int, ...]
    read_count: tuple[int, ...]
    filters: tuple[int, int]
    channels: tuple[int, int]
    whole: bool


def _span(centre: int, count: int, size: int) -> int:
    return max(0, min(centre - count // 2, size - count))


def choose(call: Call, at: tuple[int, ...], filter_index: int, budget: int = BUDGET) -> Crop:
    """The largest crop round the output cell `at` that fits `budget` numbers."""
    sizes = tuple(call.output.shape[2:])
    total_filters, total_channels = call.output.shape[1], call.source.shape[1]
    per_group_filters, per_group = total_filters // call.groups, total_channels // call.groups
    counts, filters = [min(n, MOST_CELLS) for n in sizes], total_filters
    while True:
        first = tuple(_span(c, n, size) for c, n, size in zip(at, counts, sizes, strict=True))
        reads = [axis.reads(f, n) for axis, f, n in zip(call.axes, first, counts, strict=True)]
        lows = tuple(low for low, _ in reads)
        read = tuple(max(high - low, 1) for low, high in reads)
        first_filter = _span(filter_index, filters, total_filters)
        groups = range(first_filter // per_group_filters, (first_filter + filters - 1) // per_group_filters + 1)
        channels = (groups[0] * per_group, len(groups) * per_group)
        weights = filters * per_group * prod(a.kernel for a in call.axes)
        if channels[1] * prod(read) + filters * prod(counts) + weights <= budget:
            break
        if weights > budget // 2 and filters > 1:
            filters = max(1, filters * budget // (2 * weights))
        elif max(counts) > 8:
            widest = counts.index(max(counts))
            counts[widest] = max(8, counts[widest] * 7 // 8)
        elif filters > 1:
            filters = (filters + 1) // 2
        elif max(counts) > 1:
            widest = counts.index(max(counts))
            counts[widest] -= 1
        else:
            break  # one cell of one filter: the least that can be shown
    whole = tuple(counts) == sizes and filters == total_filters
    return Crop(first, tuple(counts), lows, read, (first_filter, filters), channels, whole)


def said(call: Call, crop: Crop) -> list[str]:
    """What the picture leaves out, in words."""
    notes, sizes = [], tuple(call.output.shape[2:])
    names = {1: ("positions",), 2: ("rows", "columns"), 3: ("slices", "rows", "columns")}[call.dims]
    if crop.count != sizes:
        parts = [
            f"{name} {f}–{f + n - 1} of {size}"
            for name, f, n, size in zip(names, crop.first, crop.count, sizes, strict=True)
            if n != size
        ]
        notes.append(f"Cropped: this picture holds output {', '.join(parts)}.")
    if crop.filters[1] != call.output.shape[1]:
        f, n = crop.filters
        notes.append(f"Cropped: it holds filters {f}–{f + n - 1} of {call.output.shape[1]}.")
    return notes
