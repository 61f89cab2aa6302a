"""Lay out a network on a sheet: the image, and a line for each layer with its maps and filters."""

from __future__ import annotations

import base64
from fractions import Fraction
from typing import Any

import numpy as np

from tilewise.geometry import ReceptiveField
from tilewise.pictures import palette
from tilewise.pictures.drawing import Drawing, Line, Picture, Rect, Text, wrapped
from tilewise.pictures.fields import seen_by
from tilewise.pictures.numbers import by, grouped
from tilewise.pictures.reading import Array, Reading
from tilewise.pictures.sheet_arithmetic import MARGIN, WIDTH, Ink, as_plane, legend

_LEFT, _MAP, _MOST = 250.0, 58.0, 10


def _bytes(block: dict[str, Any]) -> Array:
    """A quantised block as numbers."""
    coarse = np.frombuffer(base64.b64decode(block["data"]), np.int8).reshape(block["shape"])
    values: Array = coarse.astype(np.float64) / 127 * float(block["largest"])
    return values


def _box(rows: int, columns: int, side: float) -> tuple[float, float]:
    """Width and height of a plane within a square, long sequences at least as tall as can be seen."""
    scale = side / max(rows, columns)
    return columns * scale, max(rows * scale, 8.0)


def _image(sheet: Drawing, ink: Ink, scene: dict[str, Any], top: float) -> None:
    source, width = scene["input"], _LEFT - 50
    if "uri" in source:
        import io

        from tilewise.pictures.raster import pillow

        data = base64.b64decode(source["uri"].split(",", 1)[1])
        pixels = np.array(pillow().Image.open(io.BytesIO(data)).convert("RGB"))
    else:
        plane = _bytes(source["plane"])[0]
        pixels = palette.coloured(plane, scene["scale"]["all"], ink.theme)
    wide, tall = _box(pixels.shape[0], pixels.shape[1], width)
    sheet.add(Picture(MARGIN, top, wide, tall, pixels), Rect(MARGIN, top, wide, tall, None, ink.line))
    below = top + tall + 16
    for line, size, fill in ((source["name"], 13, ink.ink), (by(source["shape"]), 12, ink.quiet)):
        sheet.add(Text(MARGIN, below, line, size, fill))
        below += 18
    if _seen(sheet, ink, scene, (MARGIN, top, wide, tall)):
        for line in wrapped("Outlines: what the middle cell of each convolution sees.", 12, width):
            sheet.add(Text(MARGIN, below + 8, line, 12, ink.quiet))
            below += 17


def _seen(sheet: Drawing, ink: Ink, scene: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    """Outline on the image the receptive field of each convolution's middle cell; whether there was any to draw."""
    x, y, wide, tall = box
    sizes, drawn = scene["input"]["size"], False
    for convolution in scene["convolutions"]:
        fields, cells = convolution["fields"], convolution["output"][2:]
        if not fields or len(fields) != len(sizes):
            continue
        spans = []
        for (size, jump, start), cell, n in zip(fields, cells, sizes, strict=True):
            field = ReceptiveField(Fraction(size), Fraction(jump), Fraction(start))
            low, high = seen_by(field, cell // 2, n)
            spans.append((low / n, (high - low) / n))
        (left, width), (top, height) = spans[-1], (spans[-2] if len(spans) > 1 else (0.0, 1.0))
        sheet.add(Rect(x + left * wide, y + top * tall, width * wide, height * tall, None, ink.paper, 2.6))
        sheet.add(Rect(x + left * wide, y + top * tall, width * wide, height * tall, None, ink.mark, 1.4))
        drawn = True
    return drawn


def _maps(sheet: Drawing, ink: Ink, convolution: dict[str, Any], largest: float, y: float) -> float:
    values = _bytes(convolution["maps"])
    x, gap = MARGIN + _LEFT, 6.0
    wide, tall = _box(values.shape[1], values.shape[2], _MAP)
    per_row = int((WIDTH - MARGIN - x + gap) // (wide + gap))
    shown = min(len(values), per_row, _MOST)
    filters = _filters(convolution)
    for k in range(shown):
        place = x + k * (wide + gap)
        pixels = palette.coloured(values[k], largest, ink.theme)
        sheet.add(Picture(place, y, wide, tall, pixels), Rect(place, y, wide, tall, None, ink.line, 0.75))
        if filters is not None and k < len(filters):
            plane = filters[k]
            fw, fh = _box(plane.shape[0], plane.shape[1], min(26.0, wide))
            bound = float(np.abs(filters).max())
            tint = palette.coloured(plane, bound, ink.theme)
            sheet.add(
                Picture(place, y + tall + 4, fw, fh, tint), Rect(place, y + tall + 4, fw, fh, None, ink.line, 0.75)
            )
    total = convolution["output"][1]
    below = y + tall + (34 if filters is not None else 6)
    if total > shown:
        sheet.add(Text(x + shown * (wide + gap) - gap, below + 4, f"{shown} of {total} maps", 11, ink.quiet, "end"))
        below += 14
    return below


def _filters(convolution: dict[str, Any]) -> Array | None:
    """The first channel of each held filter, as planes; None where filter 0 is not held or there is nothing to see."""
    scene = convolution["arithmetic"]
    if scene is None or scene["weight"]["filters"][0] != 0:
        return None
    weight = Reading(scene).weight[:, 0]
    planes = np.stack([as_plane(w, len(w) // 2) for w in weight])
    return planes if planes.shape[1] * planes.shape[2] > 1 else None


def network_sheet(scene: dict[str, Any], theme: str = "light") -> Drawing:
    """The drawing of a network: what the page shows, without what can be clicked."""
    ink, totals = Ink(theme), scene["totals"]
    about = f"{scene['title']}: {len(scene['rows'])} layers on {scene['input']['name']}, {by(scene['input']['shape'])}."
    sheet = Drawing(WIDTH, 0, ink.paper, scene["title"], about)
    sheet.add(Text(MARGIN, MARGIN + 6, scene["title"], 21, ink.ink, bold=True))
    facts = f"{grouped(totals['parameters'])} parameters  ·  {grouped(totals['multiply_adds'])} multiply-adds"
    if totals["seconds"]:
        facts += f"  ·  {totals['seconds'] * 1000:.2f} ms measured"
    sheet.add(Text(MARGIN, MARGIN + 34, facts, 13.5, ink.quiet))
    top = y = MARGIN + 66
    _image(sheet, ink, scene, top)
    x, room = MARGIN + _LEFT, WIDTH - 2 * MARGIN - _LEFT
    for row in scene["rows"]:
        shape = by(row["output"]) if row["output"] else "—"
        sheet.add(Text(x, y + 8, row["kind"], 13.5, ink.ink, bold=row["convolution"] is not None))
        sheet.add(Text(x + 150, y + 8, row["name"], 12, ink.quiet, mono=True))
        cost = f"{grouped(row['multiply_adds'])} multiply-adds" if row["multiply_adds"] else ""
        time = f"{row['seconds'] * 1000:.2f} ms" if row["seconds"] else ""
        sheet.add(Text(WIDTH - MARGIN - 190, y + 8, "  ".join(filter(None, (cost, time))), 11.5, ink.quiet, "end"))
        sheet.add(Text(WIDTH - MARGIN, y + 8, shape, 13, ink.ink, "end"))
        y += 24
        if row["convolution"] is not None:
            convolution = scene["convolutions"][row["convolution"]]
            y = _maps(sheet, ink, convolution, scene["scale"]["all"], y + 2) + 8
        for fault in row["faults"]:
            lines = [(w, False) for w in wrapped(fault["message"], 13, room - 28)]
            for fix in fault["fixes"]:
                said, *code = fix.split("\n")
                lines += [(w, False) for w in wrapped(f"Fix: {said}", 13, room - 28)]
                lines += [(line.strip(), True) for line in code]
            sheet.add(Rect(x, y, room, 20 * len(lines) + 16, ink.raised, None, radius=6))
            sheet.add(Rect(x, y, 4, 20 * len(lines) + 16, ink.warn))
            for i, (line, mono) in enumerate(lines):
                sheet.add(Text(x + (32 if mono else 16), y + 18 + 20 * i, line, 13, ink.ink, mono=mono))
            y += 20 * len(lines) + 26
        sheet.add(Line(x, y, WIDTH - MARGIN, y, ink.line, 0.75))
        y += 8
    y = max(y + 16, top + _LEFT + 40)
    for note in scene["notes"]:
        sheet.add(Text(x, y + 6, note, 12, ink.quiet))
        y += 20
    legend(sheet, theme, scene["scale"]["all"], x + 4, y + 10)
    sheet.add(Text(x + 330, y + 16, "One scale for all maps.", 12, ink.quiet))
    sheet.height = y + 66
    return sheet
