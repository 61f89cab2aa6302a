"""`group_channels_weights`: weight gradients of depthwise and narrow groups in channels-last tensors.

Lanes are the point tensor's channels. A few rows of taps stay in registers as sums while pixels pass by: a tile
loads some point pixels once and each window pixel once for all taps along its row. Pixels are cut into fixed
pieces that are added in a fixed order, so that bits do not depend on threads; and a piece into bands, which are
summed apart so that long sums lose few bits.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from tilewise.algorithms.group_channels import TURNED, Part, blocks_of, cut_row, why_not_channels
from tilewise.algorithms.group_channels_kernel import KernelSpec, expand
from tilewise.algorithms.group_filters import add_group_filters, filter_places, sums_bytes
from tilewise.algorithms.group_rows import masks_loads
from tilewise.algorithms.padding import View
from tilewise.algorithms.plan import Base, Location, Plan, WorkspaceLayout, enough_items, stages, step, worth_sharing
from tilewise.algorithms.tiling import SUM_TERMS, fma_rate, piece_terms
from tilewise.algorithms.turning import channels_last_source, turned_bytes
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, advance, begin_vectors, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors
from tilewise.problem import ConvProblem, Pass
from tilewise.runtime import Step
from tilewise.target import Target

NAME = "group_channels_weights"
SUMMARY = "weight gradients of depthwise and narrow groups, channels-last: taps' sums in registers"
REACHED = 1.4
# What is left of that where sixteen registers hold the sums of several channels.
_NARROW = 0.4
_ARGUMENTS = Arguments(
    [
        "items", "blocks", "tap_depth", "tap_groups", "strips", "strips_per_piece", "strips_per_band", "depth",
        "height", "row_strips", "strip_tiles", "tile_count", "tap_height", "window_depth", "window_height", "width",
        "source_channels", "target_channels", "stride_d", "stride_h", "padding_d", "padding_h", "dilation_d",
        "dilation_h", "source_n", "source_d", "source_h", "source_w", "target_n", "target_d", "target_h",
        "target_w", "sums_block", "sums_piece", "sums_channel", "tiles_ptr", "source_ptr", "target_ptr", "sums_ptr",
    ]
)  # fmt: skip
# The bands of a piece are added in sequence too.
_BANDS_OF_PIECE, _MOST_PIECES = 16, 8
Sums = dict[tuple[int, int, int], str]  # by (row of taps, channel, tap of the row)


@dataclass(frozen=True)
class Shape:
    """What is unrolled: rows of taps and channels whose sums are in registers, and the point pixels of a tile."""

    rows: int
    channels: int
    widths: tuple[int, ...]


@dataclass(frozen=True)
class Strips:
    """How the points' rows are summed: strips of a row, how many of them are a band and a piece, and the pieces."""

    of_row: int
    per_band: int
    per_piece: int
    pieces: int


def shape_of(problem: ConvProblem, target: Target) -> Shape | None:
    """Fit sums and pixels into the registers; None where not even one row of taps fits."""
    room = 24 if target.roomy else 9
    taps = problem.kernel[2]
    fitting = [
        c for c in range(1, problem.source_channels + 1) if problem.source_channels % c == 0 and c * taps <= room
    ]
    if not fitting:
        return None
    channels = max(fitting)
    rows = max(1, min(problem.kernel[1], room // (channels * taps)))
    # Even shares of the rows of taps: 7 are 3 + 2 + 2 rather than 3 + 3 + 1.
    rows = -(-problem.kernel[1] // -(-problem.kernel[1] // rows))
    left = max(2, target.registers - 3 - rows * channels * taps)
    widest = max(w for w in (8, 7, 4, 2) if w <= left)
    return Shape(rows, channels, tuple(w for w in (8, 7, 4, 2, 1) if w <= widest))


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.kind is not Pass.WEIGHT_GRADIENT:
        return "it computes weight gradients"
    if reason := why_not_channels(problem, target):
        return reason
    if shape_of(problem, target) is None:
        return "a row of taps does not fit the registers"
    return None


def strips_of(problem: ConvProblem, wanted: int) -> Strips:
    """Bands of about `piece_terms` pixels; about so many pieces as are wanted, or more of very many bands."""
    n, _, d, h, w = problem.destination.shape
    pixels = n * d * h * w
    band = piece_terms(pixels, 3, SUM_TERMS // 2)
    of_row = max(1, w // band)
    count = n * d * h * of_row
    bands = max(1, round(pixels / band))
    per_piece = -(-count // max(wanted, min(bands // _BANDS_OF_PIECE, _MOST_PIECES)))
    return Strips(of_row, -(-count // bands), per_piece, -(-count // per_piece))


def plan(problem: ConvProblem, target: Target) -> Plan:
    """Sums of pieces for the whole blocks and for a last one that is not whole; then the pieces are added."""
    workspace = WorkspaceLayout()
    lanes = target.lanes(problem.accumulator)
    blocks = blocks_of(problem, target)
    shape = shape_of(problem, target)
    assert shape is not None
    places, terms = filter_places(problem, blocks.destination, lanes)
    passes = problem.kernel[0] * -(-problem.kernel[1] // shape.rows) * (problem.source_channels // shape.channels)
    wanted = min(enough_items(32), problem.multiply_adds // 60_000) // (blocks.count * passes)
    strips = strips_of(problem, max(1, wanted))
    window, turning = channels_last_source(problem, problem.source, Base.SOURCE, workspace, target)
    points, turning_points = channels_last_source(problem, problem.destination, Base.DESTINATION, workspace, target)
    copies = [turn for turn in (turning, turning_points) if turn]
    sums = workspace.take(sums_bytes(blocks.count, len(terms), strips.pieces, problem, target))
    steps = [_sums(problem, shape, part, strips, window, points, sums, target) for part in blocks.parts(problem)]
    adding = add_group_filters(places, terms, blocks.destination, strips.pieces, problem, sums, target)
    notes = ("turned to channels-last" if copies else "both tensors read in place", f"{strips.pieces} pieces")
    # Window pixels outside the tensor are skipped, as PyTorch skips them: no result needs watching.
    ordered = stages(copies, steps, [adding])
    return Plan(NAME, ordered, workspace.size, worth_sharing(problem), notes)


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time on two cores."""
    lanes = target.lanes(problem.accumulator)
    wasted = lanes / min(lanes, blocks_of(problem, target).destination)
    rate = fma_rate(lanes) * REACHED / (1 + problem.source_channels / 80)
    if not target.roomy and problem.source_channels > 1:
        rate *= _NARROW
    turning = turned_bytes(problem, problem.source, problem.destination) / TURNED
    return 2 * problem.multiply_adds * wasted / rate + turning + 8e-6


def _sums(
    problem: ConvProblem, shape: Shape, part: Part, strips: Strips, window: View, points: View, sums: Location,
    target: Target,
) -> Step:  # fmt: skip
    lanes = target.lanes(problem.accumulator)
    tap = lanes * ELEMENT_BYTES[problem.accumulator]
    blocks = blocks_of(problem, target)
    sn, sc, sd, sh, sw = window.strides
    tn, tc, td, th, tw = points.strides
    depth, height, width = problem.destination.spatial
    count = problem.batch * depth * height * strips.of_row
    stride, dilation, padding = problem.stride, problem.dilation, problem.padding
    stream = tuple((t, t * dilation[2]) for t in range(problem.kernel[2]))
    # As in `group_channels`: short code where a mask is a branch a lane.
    widths = shape.widths if masks_loads(window.dtype, problem.accumulator, target) or not part.tail else (1,)
    spec = KernelSpec(
        problem.dtype, window.dtype, points.dtype, problem.accumulator,
        part.tail or blocks.masked(lanes), part.tail, problem.source_channels,
        problem.destination_channels, blocks.groups, (stream,), stride[2], widths, -1, False, target,
    )  # fmt: skip
    tiles = []
    for start, size in cut_row(width, widths, 1, False):
        column = start * stride[2] - padding[2]
        inner = size == widths[0] and column >= 0
        inner = inner and column + max(spec.positions(size)) < problem.source.spatial[2]
        tiles.append((column * sw, column, start * tw, 0 if inner else 1 + widths.index(size)))
    tap_groups = -(-problem.kernel[1] // shape.rows)
    source_done, target_done = part.first * blocks.source, part.first * blocks.destination
    passes = tap_groups * (problem.source_channels // shape.channels)
    block_bytes = problem.source_channels * problem.taps * tap
    values = {
        "items": strips.pieces * part.count * problem.kernel[0] * passes, "blocks": part.count,
        "tap_depth": problem.kernel[0], "tap_groups": tap_groups, "strips": count,
        "strips_per_piece": strips.per_piece, "strips_per_band": strips.per_band, "depth": depth, "height": height,
        "row_strips": strips.of_row, "strip_tiles": -(-len(tiles) // strips.of_row), "tile_count": len(tiles),
        "tap_height": problem.kernel[1], "window_depth": problem.source.spatial[0],
        "window_height": problem.source.spatial[1], "width": problem.source.spatial[2],
        "source_channels": problem.source.shape[1] - source_done,
        "target_channels": problem.destination.shape[1] - target_done,
        "stride_d": stride[0], "stride_h": stride[1], "padding_d": padding[0], "padding_h": padding[1],
        "dilation_d": dilation[0], "dilation_h": dilation[1], "source_n": sn, "source_d": sd, "source_h": sh,
        "source_w": sw, "target_n": tn, "target_d": td, "target_h": th, "target_w": tw, "sums_block": block_bytes,
        "sums_piece": blocks.count * block_bytes, "sums_channel": problem.taps * tap,
    }  # fmt: skip
    addresses = {
        "source_ptr": window.at.past(source_done * sc),
        "target_ptr": points.at.past(target_done * tc),
        "sums_ptr": sums.past(part.first * block_bytes),
    }
    tables = {"tiles_ptr": np.array(tiles, np.int64)}
    return step(_kernel(spec, shape), _ARGUMENTS, values, addresses, tables)


@functools.cache
def _kernel(spec: KernelSpec, shape: Shape) -> str:
    b, v, a = begin_vectors(_ARGUMENTS, spec.accumulator, spec.target)
    chunks = spec.source_channels // shape.channels
    with tickets(b, a["items"]) as item:
        piece, block, tap_depth, tap_group, chunk = split(b, item, a["blocks"], a["tap_depth"], a["tap_groups"], chunks)
        b.switch(
            chunk,
            {
                i: functools.partial(_Pass(b, v, spec, shape, a, i).run, piece, block, tap_depth, tap_group)
                for i in range(chunks)
            },
        )
    return b.text()


class _Pass:
    """One piece of the pixels, one block of channels, a few rows of taps."""

    def __init__(self, b: Builder, v: Vectors, spec: KernelSpec, shape: Shape, a: dict[str, str], chunk: int):
        self.b, self.v, self.spec, self.shape, self.a = b, v, spec, shape, a
        self.first_channel = chunk * shape.channels
        taps = len(spec.streams[0])
        self.keys = [
            (g, c, t) for g in range(shape.rows) for c in range(shape.channels) for t in range(taps)
        ]  # fmt: skip
        self.source_mask = self.target_mask = ""

    def run(self, piece: Value, block: Value, tap_depth: Value, tap_group: Value) -> None:
        """The bands of the piece, one after the other."""
        b, v, spec, a = self.b, self.v, self.spec, self.a
        source_block, target_block = spec.block_bytes
        source_lanes, target_lanes = spec.groups * spec.source_channels, spec.groups * spec.target_channels
        if spec.masked:
            left: list[Value] = [source_lanes, target_lanes]
            if spec.tail:
                left = [
                    b.min(b.sub(a[name], b.mul(block, lanes)), lanes)
                    for name, lanes in (("source_channels", source_lanes), ("target_channels", target_lanes))
                ]
            self.source_mask, self.target_mask = v.mask(left[0]), v.mask(left[1])
        source = b.at(a["source_ptr"], b.mul(block, source_block))
        target = b.at(a["target_ptr"], b.mul(block, target_block))
        first_tap = b.mul(tap_group, self.shape.rows)
        low_d = b.sub(b.mul(tap_depth, a["dilation_d"]), a["padding_d"])
        low_h = b.sub(b.mul(first_tap, a["dilation_h"]), a["padding_h"])
        start, stop = share(b, piece, a["strips_per_piece"], a["strips"])
        to = b.at(a["sums_ptr"], b.mul(piece, a["sums_piece"]), b.mul(block, a["sums_block"]))
        sizes = [a["depth"], a["height"], a["row_strips"]]
        digits = [("i64", digit) for digit in split(b, start, *sizes)]
        with b.loop(start, stop, a["strips_per_band"], carried=digits) as band:
            band_stop = b.min(b.add(band.index, a["strips_per_band"]), stop)
            carried = [*(("i64", digit) for digit in band.values), *[(v.type, v.zero)] * len(self.keys)]
            with b.loop(band.index, band_stop, carried=carried) as strip:
                n, d, h, part = strip.values[:4]
                from_d = b.add(b.mul(d, a["stride_d"]), low_d)
                from_h = b.add(b.mul(h, a["stride_h"]), low_h)
                points = b.at(target, b.mul(n, a["target_n"]), b.mul(d, a["target_d"]), b.mul(h, a["target_h"]))
                window = b.at(
                    source, b.mul(n, a["source_n"]), b.mul(from_d, a["source_d"]), b.mul(from_h, a["source_h"])
                )  # fmt: skip
                inside = b.compare("ult", from_d, a["window_depth"])
                body = functools.partial(self._strip, points, window, from_h, first_tap, part)
                sums = b.update(inside, v.type, strip.values[4:], body)
                strip.carry([*advance(b, strip.values[:4], *sizes), *sums])
            sums, write = strip.results[4:], functools.partial(self._write, to, tap_depth, first_tap)
            begins = b.compare("eq", band.index, start)
            b.either(begins, functools.partial(write, sums, False), functools.partial(write, sums, True))
            band.carry(strip.results[:4])

    def _write(self, to: str, tap_depth: Value, first_tap: Value, sums: list[str], more: bool) -> None:
        """The sums to memory, added to what other bands left there if there is more than this one."""
        b, v, a = self.b, self.v, self.a
        taps = len(self.spec.streams[0])
        for g in range(self.shape.rows):
            tap = b.add(first_tap, g)
            number = b.mul(b.add(b.mul(tap_depth, a["tap_height"]), tap), taps)
            row = b.at(to, b.mul(number, v.lanes * v.bytes))
            with b.when(b.compare("slt", tap, a["tap_height"])):
                for (_, c, t), value in ((key, x) for key, x in zip(self.keys, sums, strict=True) if key[0] == g):
                    at = b.at(row, b.mul(a["sums_channel"], self.first_channel + c), t * v.lanes * v.bytes)
                    v.store(v.add(v.load(at), value) if more else value, at)

    def _strip(
        self, points: str, window: str, from_h: Value, first_tap: Value, part: Value, sums: list[str]
    ) -> list[str]:
        """The tiles of one strip of a row of points."""
        b, v, spec, a = self.b, self.v, self.spec, self.a
        # A row of taps counts where it is one of the kernel's and its window row is inside.
        counts = []
        for g in range(self.shape.rows):
            inside = b.compare("ult", b.add(from_h, b.mul(a["dilation_h"], g)), a["window_height"])
            counts.append(b.both(inside, b.compare("slt", b.add(first_tap, g), a["tap_height"])))
        shapes = [(spec.widths[0], False), *((w, True) for w in spec.widths)]
        first, last = share(b, part, a["strip_tiles"], a["tile_count"])
        with b.loop(first, last, carried=[(v.type, x) for x in sums]) as tile:
            window_at, column, points_at, variant = b.entry(a["tiles_ptr"], tile.index, 4)
            where = (b.at(points, points_at), b.at(window, window_at), column, counts)
            bodies = [functools.partial(self._tile, width, edge, *where) for width, edge in shapes]
            tile.carry(_one_of(b, v.type, variant, tile.values, bodies))
        return tile.results

    def _tile(
        self, width: int, edge: bool, points: str, window: str, column: str, counts: list[str], sums: list[str]
    ) -> list[str]:
        """Some point pixels and every row of taps."""
        b, v, spec, a = self.b, self.v, self.spec, self.a
        pixels = [
            self._load(b.at(points, b.mul(a["target_w"], p)), self.target_mask, spec.target_dtype) for p in range(width)
        ]
        if not edge:
            self._fetch_ahead(points, window, width)
        table = dict(zip(self.keys, sums, strict=True))
        for g, counted in enumerate(counts):
            mine = [key for key in self.keys if key[0] == g]
            body = functools.partial(self._tap_row, width, edge, pixels, window, g, column, mine)
            changed = b.update(counted, v.type, [table[key] for key in mine], body)
            table.update(zip(mine, changed, strict=True))
        return [table[key] for key in self.keys]

    def _fetch_ahead(self, points: str, window: str, width: int) -> None:
        """Ask for what the next row of points is the first to need."""
        b, a = self.b, self.a
        below = b.add(b.mul(a["dilation_h"], self.shape.rows - 1), a["stride_h"])
        for at, pixel, count in (
            (b.at(points, a["target_h"]), a["target_w"], width),
            (b.at(window, b.mul(below, a["source_h"])), a["source_w"], width * self.spec.read),
        ):
            for _ in range(count):
                b.prefetch(at)
                at = b.at(at, pixel)

    def _tap_row(
        self, width: int, edge: bool, pixels: list[str], window: str, g: int, column: str,
        mine: list[tuple[int, int, int]], sums: list[str],
    ) -> list[str]:  # fmt: skip
        """One row of taps: window pixels from left to right, each for all its taps."""
        b, v, spec, a = self.b, self.v, self.spec, self.a
        table = dict(zip(mine, sums, strict=True))
        at, before = b.at(window, b.mul(b.mul(a["dilation_h"], a["source_h"]), g)), 0
        for position, pairs in spec.uses(width).items():
            at, before = b.at(at, b.mul(a["source_w"], position - before)), position
            touched = sorted({key for key in mine for _, tap in pairs if key[2] == tap})

            def body(
                values: list[str], at: str = at, pairs: list[tuple[int, int]] = pairs,
                touched: list[tuple[int, int, int]] = touched,
            ) -> list[str]:  # fmt: skip
                sums = dict(zip(touched, values, strict=True))
                pixel = self._load(at, self.source_mask, spec.source_dtype)
                for c in range(self.shape.channels):
                    value = expand(v, spec, pixel, self.first_channel + c)
                    for p, tap in pairs:
                        sums[g, c, tap] = v.fma(value, pixels[p], sums[g, c, tap])
                return [sums[key] for key in touched]

            old = [table[key] for key in touched]
            if edge:
                inside = b.compare("ult", b.add(column, position), a["width"])
                table.update(zip(touched, b.update(inside, v.type, old, body), strict=True))
            else:
                table.update(zip(touched, body(old), strict=True))
        return [table[key] for key in mine]

    def _load(self, at: str, mask: str, dtype: str) -> str:
        return self.v.load_masked(at, mask, dtype) if mask else self.v.load_as(at, dtype)


def _one_of(
    b: Builder, kind: str, number: Value, values: list[str], bodies: list[functools.partial[list[str]]]
) -> list[str]:
    """The values as the numbered body changes them."""
    end = b.label("end")
    labels = [b.label("case") for _ in bodies]
    table = " ".join(f"i64 {i}, label %{label}" for i, label in enumerate(labels[1:], 1))
    b.emit(f"switch i64 {number}, label %{labels[0]} [ {table} ]")
    leaves = []
    for label, body in zip(labels, bodies, strict=True):
        b.enter(label)
        changed = body(list(values))
        leaves.append((changed, b.block))
        b.jump(end)
    b.enter(end)
    return [
        b.let(f"phi {kind} " + ", ".join(f"[ {changed[i]}, %{block} ]" for changed, block in leaves))
        for i in range(len(values))
    ]
