"""How a row of pixels is cut into register tiles, and what a contraction sums in which order."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tilewise.geometry import Phase

# Sums of so many products are added up apart and then together: long sums in sequence lose bits.
SUM_TERMS = 128
# A tile narrower than this waits for its own sums: two FMA units, four cycles each, two vectors a pixel.
_LATENCY_PIXELS = 4
_TILE_OVERHEAD = 1.0


@functools.cache
def _covers(widths: tuple[int, ...]) -> tuple[list[float], list[int]]:
    """For each stretch that `_cut_short` is asked about: the least cost of tiles that cover it once each, and the last
    of them, as an index into `widths`."""
    longest = 9 * widths[0]
    best, last = [0.0] + [math.inf] * longest, [0] * (longest + 1)
    for end in range(1, longest + 1):
        for index, size in enumerate(widths):
            if size <= end and (cost := best[end - size] + _tile_cost(size)) < best[end]:
                best[end], last[end] = cost, index
    return best, last


def _tile_cost(size: int) -> float:
    return max(size, _LATENCY_PIXELS) + _TILE_OVERHEAD


@functools.lru_cache(maxsize=4096)
def _cut_short(width: int, widths: tuple[int, ...], overlap: bool) -> tuple[tuple[int, int], ...]:
    """(start, index into `widths`) of tiles that cover 0 .. width-1 at the least cost; nothing where none can.

    Tiles have only the given widths. `overlap`: whether the last may overlap its left neighbour, computing some pixels
    twice. The second time gives the same values, but what adds to values in memory would add twice.
    """
    best, last = _covers(widths)
    # Only the last tile may reach back over pixels that others cover.
    ends = [
        (best[before] + _tile_cost(size), index, before)
        for index, size in enumerate(widths)
        if size <= width
        for before in range(width - size, width if overlap else width - size + 1)
    ]
    cost, index, end = min(ends, default=(math.inf, 0, 0))
    if math.isinf(cost):
        return ()
    tiles = [(width - widths[index], index)]
    while end > 0:
        index = last[end]
        end -= widths[index]
        tiles.append((end, index))
    return tuple(sorted(tiles))


def cut_row(width: int, widths: tuple[int, ...], overlap: bool = True) -> tuple[tuple[int, int], ...]:
    """(start, index into `widths`) of tiles that cover 0 .. width-1 at little cost; see `_cut_short`."""
    whole = _whole_tiles(width, widths) * widths[0]
    last = _cut_short(width - whole, widths, overlap)
    if width and not last:
        raise ValueError(f"tiles of {widths} cannot cover {width} pixels once each")
    return (*((start, 0) for start in range(0, whole, widths[0])), *((whole + start, index) for start, index in last))


def _whole_tiles(width: int, widths: tuple[int, ...]) -> int:
    """How many tiles of the widest a row begins with: all but the last stretch, which alone is searched for."""
    return max(0, width - 8 * widths[0]) // widths[0]


def cut_cost(width: int, widths: tuple[int, ...], overlap: bool = True) -> float:
    """What a row costs as it is cut, against what its pixels would cost in tiles that waste nothing."""
    whole = _whole_tiles(width, widths)
    last = [widths[index] for _, index in _cut_short(width - whole * widths[0], widths, overlap)]
    if not last:
        return math.inf
    tiles = ((widths[0], whole), *((size, 1) for size in last))
    return sum(count * _tile_cost(size) for size, count in tiles) / width


def fma_rate(lanes: int) -> float:
    """Floating-point operations a second of two cores at 2 GHz: a scale on which algorithms compare themselves."""
    return 2e9 * lanes * 2 * 2 * 2


# Bytes a second that copies, packing and stores are taken to move, on the same scale.
BYTE_RATE = 1.5e10


def tile_widths(registers: int, vectors: int) -> tuple[int, ...]:
    """Pixels a tile may have, most first: what fits the registers, then what the ends of rows need."""
    widest = min((registers - vectors - 2) // vectors, 14)
    wanted = (widest, 8, 7, 6, 4, 3, 2, 1) if widest > 8 else range(1, widest + 1)
    return tuple(sorted({w for w in wanted if w <= widest}, reverse=True))


def channel_blocks(channels: int, lanes: int) -> list[tuple[int, int, int]]:
    """(vectors a block, first channel, blocks): pairs of vectors, and one single vector where half would idle."""
    pairs, rest = divmod(channels, 2 * lanes)
    if rest > lanes:
        pairs, rest = pairs + 1, 0
    blocks = [(2, 0, pairs)] if pairs else []
    if rest:
        blocks.append((1, pairs * 2 * lanes, 1))
    return blocks


@dataclass(frozen=True)
class Reduction:
    """The order of a sum: for each outer offset, each inner offset, each of `unroll` neighbouring elements.

    `outer` and `inner` are byte offsets into the source view; `order` lists, for each term of the sum, its
    (channel, tap) pair.
    """

    outer: NDArray[np.int64]
    inner: NDArray[np.int64]
    unroll: int
    channel: NDArray[np.int64]
    tap: NDArray[np.int64]

    @property
    def outer_per_sum(self) -> int:
        """How many outer offsets make up a sum."""
        return outer_per_sum(len(self.outer), len(self.inner) * self.unroll)

    @property
    def sums(self) -> int:
        """How many such sums there are."""
        return -(-len(self.outer) // self.outer_per_sum)


def outer_per_sum(outer: int, terms: int) -> int:
    """How many rounds of so many terms to add up apart: about SUM_TERMS; of just below that, two halves are better."""
    if _is_two(outer * terms):
        return -(-outer // 2)
    return max(1, SUM_TERMS // terms) if terms else 1


def _is_two(terms: int) -> bool:
    """Whether a sum, though not too long for one, is better off as two."""
    return SUM_TERMS * 3 // 4 < terms <= SUM_TERMS


def piece_terms(terms: int, times: float, most: int) -> int:
    """How many terms of a sum to add up apart: `times` the square root of them all, but at most `most`.

    In sequence, n random terms lose about sqrt(n / 2) roundings; in pieces of m, whose totals are then added in
    sequence, sqrt(m / 2 + n / m / 2). That is least at m = sqrt(n), and no more than 1.3 times as much at three times
    that, 1.4 at three and a half. The longer a piece is, the less time goes into adding totals.
    """
    root = math.isqrt(max(1, terms))
    return max(min(int(times * root), most), root)


def sum_apart(counts: Sequence[int]) -> int:
    """In which of some nested loops to begin sums anew at each round, so that the fewest bits are lost (`piece_terms`).

    `counts` has the rounds of each loop, outermost first, and last the terms inside them all. The answer is a loop's
    number; or -1 where one sum is as good, being short, or where sums of their own would be too short to be worth
    adding up.
    """
    whole = math.prod(counts)
    least = SUM_TERMS // (8 if whole <= SUM_TERMS else 16)
    terms = [math.prod(counts[i + 1 :]) for i in range(len(counts) - 1)]
    useful = [(n + whole / n, i) for i, n in enumerate(terms) if least <= n < whole]
    return min(useful)[1] if useful and whole >= SUM_TERMS // 2 else -1


def divisor(number: int, most: int) -> int:
    """The largest divisor that is at most `most`."""
    return next(d for d in range(min(number, most), 0, -1) if number % d == 0)


def run_length(number: int, most: int = 8) -> int:
    """How many neighbouring elements to unroll out of a dense run."""
    best = divisor(number, most)
    return number if best < 4 and number <= 2 * most else best


def reduction(
    phases: Sequence[Phase],
    kernel: tuple[int, int, int],
    channels: int,
    strides: tuple[int, int, int, int, int],
    channels_dense: bool,
    joined: bool,
    roomy: bool = True,
) -> Reduction:
    """The sum over taps and channels for one phase an axis, in an order that suits the source's layout.

    `channels_dense`: channels lie side by side (channels-last). `joined`: all channels of a pixel and the taps
    along W form one dense run, which is the case for channels-last sources without groups and dilation. `roomy`:
    whether elements that neighbouring pixels share may be unrolled together; LLVM keeps each in a register.
    """
    _, sc, sd, sh, sw = strides
    (tap_d, at_d), (tap_h, at_h), (tap_w, at_w) = (np.array(p.taps, np.int64).reshape(-1, 2).T for p in phases)
    rising = np.argsort(at_w)
    tap_w, at_w = tap_w[rising], at_w[rising]
    row = (tap_d[:, None] * kernel[1] + tap_h).ravel() * kernel[2]
    at_row = (at_d[:, None] * sd + at_h * sh).ravel()
    channel = np.arange(channels)
    if channels_dense and joined and len(at_w) and at_w[-1] - at_w[0] == len(at_w) - 1:
        run = channels * len(tap_w)
        # Where the channels allow it, the same for any number of taps: an axis cut into parts shares its kernel.
        unroll = run_length(channels)
        if unroll < 4:
            unroll = run_length(run) if roomy else divisor(run, min(8, channels * phases[2].read_step))
        terms = np.tile(channel, len(row) * len(tap_w)), (row[:, None] + np.repeat(tap_w, channels)).ravel()
        return _make(at_row + at_w[0] * sw, np.arange(0, run, unroll) * sc, unroll, *terms)
    tap, at = (row[:, None] + tap_w).ravel(), (at_row[:, None] + at_w * sw).ravel()
    if not len(tap):
        return Reduction(tap, tap, 1, tap, tap)
    if channels_dense:
        unroll = run_length(channels)
        terms = np.tile(channel, len(tap)), np.repeat(tap, channels)
        return _make(at, np.arange(0, channels, unroll) * sc, unroll, *terms)
    # Neighbouring taps read the same elements for neighbouring pixels; unrolled together, LLVM would keep them all
    # in registers and spill the sums. So planes take one tap at a time.
    # The taps of several channels make one inner loop: over the taps of one it would be short.
    together = divisor(channels, max(1, SUM_TERMS // len(tap)))
    inner = (channel[:together, None] * sc + at).ravel()
    return _make(channel[::together] * sc, inner, 1, np.repeat(channel, len(tap)), np.tile(tap, channels))


def _make(
    outer: NDArray[np.int64], inner: NDArray[np.int64], unroll: int, channel: NDArray[np.int64], tap: NDArray[np.int64]
) -> Reduction:
    outer, inner = _shorten(outer, inner, unroll)
    return Reduction(outer, inner, unroll, channel, tap)


def _shorten(
    outer: NDArray[np.int64], inner: NDArray[np.int64], unroll: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same offsets in the same order with inner loops of at most a sum's terms, where they are regular."""
    most = SUM_TERMS // 2 if _is_two(len(outer) * len(inner) * unroll) else SUM_TERMS
    if len(inner) * unroll <= most:
        return outer, inner
    length = divisor(len(inner), max(1, most // unroll))
    rows = inner.reshape(-1, length)
    relative = rows[0] - rows[0, 0]
    if length * unroll < SUM_TERMS // 8 or np.any(rows - rows[:, :1] != relative):
        return outer, inner
    return (outer[:, None] + rows[:, 0]).ravel(), relative
