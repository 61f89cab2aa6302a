"""Lay out the arithmetic of one output cell on a sheet: planes above, products and sum below, formula and legend."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tilewise.pictures import palette
from tilewise.pictures.drawing import Drawing, Hatch, Line, Picture, Rect, Text, text_width, wrapped
from tilewise.pictures.numbers import brief, by, grouped, written
from tilewise.pictures.reading import Array, Reading, Tap, Window

WIDTH, MARGIN = 960.0, 40.0
_MOST_GRIDS, _MOST_TAPS = 4, 150


class Ink:
    """The colours of one theme by name."""

    def __init__(self, theme: str) -> None:
        self.theme = theme
        self.ink, self.quiet, self.line, self.paper, self.raised, self.mark, self.warn = (
            palette.INK[theme][n] for n in ("ink", "quiet", "line", "paper", "raised", "mark", "warn")
        )


def _flat(tap: tuple[int, ...]) -> tuple[int, int]:
    """Row and column of an index in a plane: sequences are one row."""
    return (tap[-2] if len(tap) > 1 else 0), tap[-1]


def as_plane(array: Array, depth: int) -> Array:
    """The 2-d plane of an array of 1, 2 or 3 spatial dimensions."""
    if array.ndim == 1:
        return array[None]
    return array if array.ndim == 2 else array[depth]


def _plane(
    sheet: Drawing,
    ink: Ink,
    at: tuple[float, float],
    cell: float,
    plane: Array,
    largest: float,
    hatches: Sequence[Hatch] = (),
) -> None:
    """Colours, then what is hatched, then the numbers where there is room for them."""
    rows, columns = plane.shape
    x, y = at
    pixels = palette.coloured(plane, largest, ink.theme)
    sheet.add(Picture(x, y, columns * cell, rows * cell, pixels), *hatches)
    if cell >= 30:
        for r in range(rows):
            for c in range(columns):
                r8, g8, b8 = (int(v) for v in pixels[r, c])
                text = brief(float(plane[r, c]))
                size = min(cell * 0.34, cell * 0.88 / text_width(text, 1))
                place = (x + (c + 0.5) * cell, y + (r + 0.5) * cell)
                sheet.add(Text(*place, text, size, palette.readable_on((r8, g8, b8)), "middle"))
    sheet.add(Rect(x, y, columns * cell, rows * cell, None, ink.line, 1))


def _outline(
    sheet: Drawing, ink: Ink, at: tuple[float, float], cell: float, cells: set[tuple[int, int]], width: float = 2
) -> None:
    for r, c in sorted(cells):
        sheet.add(Rect(at[0] + c * cell, at[1] + r * cell, cell, cell, None, ink.mark, width))


def _padding(
    ink: Ink, at: tuple[float, float], cell: float, reading: Reading, shape: tuple[int, int], depth: int
) -> list[Hatch]:
    """Hatches over what lies outside the input proper."""
    origin, sizes = reading.scene["input"]["origin"], reading.scene["layer"]["size"]
    (rows, columns), (x, y) = shape, at
    if len(sizes) == 3 and not 0 <= origin[0] + depth < sizes[0]:
        return [Hatch(x, y, columns * cell, rows * cell, ink.quiet)]
    top, height = (origin[-2], sizes[-2]) if len(sizes) > 1 else (0, 1)
    left, width = origin[-1], sizes[-1]
    above, below = max(0, -top), max(0, top + rows - height)
    before, after = max(0, -left), max(0, left + columns - width)
    middle = rows - above - below
    boxes = (
        (0, 0, columns, above),
        (0, rows - below, columns, below),
        (0, above, before, middle),
        (columns - after, above, after, middle),
    )
    return [
        Hatch(x + c * cell, y + r * cell, wide * cell, tall * cell, ink.quiet)
        for c, r, wide, tall in boxes
        if wide > 0 and tall > 0
    ]


def _planes(sheet: Drawing, ink: Ink, reading: Reading, window: Window, channel: int, top: float) -> float:
    scene, layer = reading.scene, reading.scene["layer"]
    largest, dims = scene["scale"]["all"], layer["dims"]
    taps = [t for t in window.channels[channel] if t.place is not None]
    # In three dimensions: the slice that the first tap with an input reads.
    slice_at = taps[0].place[0] if dims == 3 and taps and taps[0].place else scene["input"]["origin"][0]
    depth = slice_at - scene["input"]["origin"][0]
    tap_depth = taps[0].tap[0] if dims == 3 and taps else 0
    k = window.filter - scene["weight"]["filters"][0]
    c = channel - scene["input"]["channels"][0]
    left = as_plane(reading.input[c], depth)
    kernel = as_plane(reading.weight[k, channel - reading.channels_of(window.filter)[0]], tap_depth)
    out_depth = window.cell[0] - scene["output"]["origin"][0] if dims == 3 else 0
    right = as_plane(reading.output[k], out_depth)

    stacked = left.shape[1] > 14 and left.shape[0] == 1  # sequences stand one under the other
    room = WIDTH - 2 * MARGIN
    widest = (
        max(left.shape[1], right.shape[1], kernel.shape[1])
        if stacked
        else left.shape[1] + min(kernel.shape[1], 7) + right.shape[1]
    )
    cell = min(40.0, (room - (0 if stacked else 150)) / widest, 330 / max(left.shape[0], right.shape[0]))
    kernel_cell = min(40.0, max(cell, 26.0), 330 / kernel.shape[0], 160 / kernel.shape[1] if not stacked else room)
    titles = (
        (f"Input, channel {channel} of {layer['in_channels']}", left, cell),
        (f"Filter {window.filter} of {layer['out_channels']}", kernel, kernel_cell),
        ("Output", right, cell),
    )
    if dims == 3:
        titles = (
            (f"Input channel {channel}, slice {slice_at}", left, cell),
            (f"Filter {window.filter}, slice {tap_depth}", kernel, kernel_cell),
            (f"Output slice {window.cell[0]}", right, cell),
        )
    heights = [plane.shape[0] * size for _, plane, size in titles]
    origin_in, origin_out = scene["input"]["origin"], scene["output"]["origin"]
    seen = {
        (r - (origin_in[-2] if dims > 1 else 0), col - origin_in[-1])
        for t in taps
        if t.place and (dims < 3 or t.place[0] == slice_at)
        for r, col in [_flat(t.place)]
    }
    here = _flat(tuple(o - f for o, f in zip(window.cell, origin_out, strict=True)))
    used = {_flat(t.tap) for t in taps if dims < 3 or t.tap[0] == tap_depth}
    x, y = MARGIN, top
    for index, (title, plane, size) in enumerate(titles):
        place = (x, y + 24 + (0 if stacked else (max(heights) - heights[index]) / 2))
        sheet.add(Text(x, y + 8, title, 13, ink.quiet))
        padded = index == 0 and not layer["transposed"]
        shape = (plane.shape[0], plane.shape[1])
        _plane(
            sheet, ink, place, size, plane, largest, _padding(ink, place, size, reading, shape, depth) if padded else ()
        )
        if index == 0:
            _outline(sheet, ink, place, size, seen, 1.5 if len(seen) > 30 else 2)
        elif index == 1:
            if layer["transposed"]:  # a forward window uses every tap
                _outline(sheet, ink, place, size, used, 1.5)
        else:
            _outline(sheet, ink, place, size, {here}, 2.5)
        if stacked:
            y += 24 + heights[index] + 22
        else:
            width = max(plane.shape[1] * size, text_width(title, 13))
            sign = ("∗", "=", "")[index]
            sheet.add(Text(x + width + 24, y + 24 + max(heights) / 2, sign, 26, ink.quiet, "middle"))
            x += width + 48
    return y if stacked else y + 24 + max(heights) + 26


def _product(sheet: Drawing, ink: Ink, box: tuple[float, float, float, float], tap: Tap, largest: float) -> None:
    x, y, width, height = box
    value = tap.product
    if value is None or tap.value is None:
        sheet.add(Rect(x, y, width, height, ink.raised, ink.line, 1))
        sheet.add(Text(x + width / 2, y + height / 2, "no input", 10, ink.quiet, "middle"))
        return
    r, g, b = (int(v) for v in palette.coloured(np.array([value]), largest, ink.theme)[0])
    text = palette.readable_on((r, g, b))
    sheet.add(Rect(x, y, width, height, f"#{r:02x}{g:02x}{b:02x}", ink.paper, 1))
    terms = f"{written(tap.value)} × {written(tap.weight)}"
    size = min(10.5, 0.94 * width / text_width(terms, 1))
    sheet.add(Text(x + width / 2, y + height * 0.3, terms, size, text, "middle"))
    sheet.add(Text(x + width / 2, y + height * 0.68, written(value), 14, text, "middle", bold=True))
    if tap.padding:
        sheet.add(Hatch(x, y, 10, height, ink.quiet))


def _products(sheet: Drawing, ink: Ink, reading: Reading, window: Window, top: float, first: int) -> float:
    layer, largest = reading.scene["layer"], reading.scene["scale"]["all"]
    kernel = layer["kernel_size"]
    columns, rows = kernel[-1], (kernel[-2] if len(kernel) > 1 else 1)
    depth = kernel[0] if len(kernel) == 3 else 1
    channels = list(window.channels)
    order = [first, *(c for c in channels if c != first)]
    box_h, gap, room = 44.0, 26.0, WIDTH - 2 * MARGIN
    # As many grids side by side as leave a product room to be read.
    abreast = max(1, int((room + gap) // (columns * 88 + gap)))
    box_w = min(104.0, ((room + gap) / abreast - gap) / columns)
    shown = order if columns * rows * depth <= _MOST_TAPS and box_w >= 84 else []
    x, y, row_height, drawn = MARGIN, top, rows * box_h + 30, 0
    for channel in shown:
        for d in range(depth):
            if drawn == _MOST_GRIDS:
                break
            width = columns * box_w
            if x + width > WIDTH - MARGIN + 1:
                x, y = MARGIN, y + row_height + 8
            taps = [t for t in window.channels[channel] if depth == 1 or t.tap[0] == d]
            name = f"channel {channel}" + (f", slice {d}" if depth > 1 else "")
            part = sum(t.product for t in taps if t.product is not None)
            sheet.add(Text(x, y + 8, f"{name}:  sum {written(part)}", 12.5, ink.quiet))
            for tap in taps:
                r, c = _flat(tap.tap)
                _product(sheet, ink, (x + c * box_w, y + 22 + r * box_h, box_w, box_h), tap, largest)
            x, drawn = x + width + gap, drawn + 1
    if drawn:
        y += row_height + 14
    parts = " + ".join(written(window.subtotal(c)) for c in channels[:8])
    if len(channels) > 8:
        parts += f" + … ({len(channels)} channels)"
    bias = "" if window.bias is None else f" + bias {written(window.bias)}"
    cell = ", ".join(map(str, window.cell))
    sheet.add(Text(MARGIN, y + 12, f"output[{window.filter}, {cell}]", 15, ink.quiet, mono=True))
    y += 30
    if len(channels) > 1 or bias:
        for line in wrapped(f"= {parts}{bias}", 15, room):
            sheet.add(Text(MARGIN, y + 10, line, 15, ink.ink))
            y += 22
    sheet.add(Text(MARGIN, y + 14, f"= {written(window.output)}", 22, ink.ink, bold=True))
    return y + 46


def legend(sheet: Drawing, theme: str, largest: float, x: float, y: float, width: float = 300) -> None:
    """The colour scale with its numbers: the same for everything on the sheet."""
    ink = Ink(theme)
    bar = np.array([palette.scale(theme)], np.uint8)
    sheet.add(Picture(x, y, width, 12, bar), Rect(x, y, width, 12, None, ink.line))
    for share in (-1.0, -0.25, 0.0, 0.25, 1.0):
        place = x + (np.sign(share) * abs(share) ** 0.5 + 1) / 2 * width
        sheet.add(Line(place, y + 12, place, y + 16, ink.quiet))
        sheet.add(Text(place, y + 25, written(share * largest), 11, ink.quiet, "middle"))


def arithmetic_sheet(
    reading: Reading,
    filter_index: int | None = None,
    channel: int | None = None,
    cell: tuple[int, ...] | None = None,
    theme: str = "light",
) -> Drawing:
    """The drawing of one output cell; what is not given is where the scene starts."""
    scene, ink = reading.scene, Ink(theme)
    layer, start = scene["layer"], scene["start"]
    k = start["filter"] if filter_index is None else filter_index
    window = reading.window(k, tuple(start["cell"]) if cell is None else cell)
    c = (start["channel"] if filter_index is None else next(iter(window.channels))) if channel is None else channel
    about = (
        f"Output {window.filter}, {window.cell} is {written(window.output)}: the sum of {window.products} products"
        + ("" if window.bias is None else f" and the bias {written(window.bias)}")
        + f". Input {by(scene['input']['shape'])}, output {by(scene['output']['shape'])}."
    )
    sheet = Drawing(WIDTH, 0, ink.paper, scene["title"], about)
    y = MARGIN
    for line in wrapped(scene["title"], 21, WIDTH - 2 * MARGIN):
        sheet.add(Text(MARGIN, y + 6, line, 21, ink.ink, bold=True))
        y += 28
    shapes = f"{by(scene['input']['shape'])} → {by(scene['output']['shape'])}"
    facts = (
        f"{shapes}  ·  {grouped(layer['parameters'])} parameters  ·  {grouped(layer['multiply_adds'])} multiply-adds"
    )
    sheet.add(Text(MARGIN, y + 6, facts, 13.5, ink.quiet))
    y = _planes(sheet, ink, reading, window, c, y + 38)
    y = _products(sheet, ink, reading, window, y, c)
    sheet.add(Line(MARGIN, y, WIDTH - MARGIN, y, ink.line))
    y += 18
    names = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}[layer["dims"]]
    for name, text in zip(names, layer["formulas"], strict=True):
        sheet.add(Text(MARGIN, y + 6, f"Output {name}", 12.5, ink.quiet))
        sheet.add(Text(MARGIN + 110, y + 6, text, 12.5, ink.ink, mono=True))
        y += 22
    for note in scene["notes"]:
        for line in wrapped(note, 12.5, WIDTH - 2 * MARGIN):
            sheet.add(Text(MARGIN, y + 6, line, 12.5, ink.quiet))
            y += 20
    y += 14
    legend(sheet, theme, scene["scale"]["all"], MARGIN + 4, y)
    sheet.add(Text(MARGIN + 330, y + 6, "One scale for everything shown; hatched cells are padding.", 12, ink.quiet))
    sheet.height = y + 58
    return sheet
