"""Paint a drawing with Pillow, at twice its size so that small figures stay sharp: for PNG and GIF."""

from __future__ import annotations

from functools import cache
from typing import Any

from tilewise.errors import TilewiseError
from tilewise.pictures.drawing import Drawing, Hatch, Line, Picture, Rect, Text

_FACES = {
    (False, False): ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf"),
    (True, False): ("DejaVuSans-Bold.ttf", "LiberationSans-Bold.ttf", "Arial Bold.ttf"),
    (False, True): ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf", "Courier New.ttf"),
    (True, True): ("DejaVuSansMono-Bold.ttf", "LiberationMono-Bold.ttf", "Courier New Bold.ttf"),
}


def pillow() -> Any:
    """The library, or how to get it."""
    try:
        import PIL.Image
        import PIL.ImageDraw
        import PIL.ImageFont
    except ImportError as error:
        raise TilewiseError("PNG and GIF need Pillow: pip install 'tilewise[images]'. SVG and HTML do not.") from error
    return PIL


@cache
def _font(size: int, bold: bool, mono: bool) -> Any:
    fonts = pillow().ImageFont
    for name in _FACES[bold, mono]:
        try:
            return fonts.truetype(name, size)
        except OSError:  # noqa: PERF203 (three tries at most, once a face)
            continue
    return fonts.load_default(size)


def _dashed(draw: Any, ends: tuple[float, float, float, float], fill: str, width: int, dash: Any) -> None:
    if dash is None:
        draw.line(ends, fill=fill, width=width)
        return
    x1, y1, x2, y2 = ends
    length = max(abs(x2 - x1), abs(y2 - y1), 1e-9)
    at, (on, off) = 0.0, dash
    while at < length:
        a, b = at / length, min(at + on, length) / length
        draw.line((x1 + (x2 - x1) * a, y1 + (y2 - y1) * a, x1 + (x2 - x1) * b, y1 + (y2 - y1) * b), fill, width)
        at += on + off


def to_image(drawing: Drawing, zoom: float = 2.0) -> Any:
    """The drawing as a Pillow RGB image, `zoom` pixels to each unit."""
    lib = pillow()
    size = (round(drawing.width * zoom), round(drawing.height * zoom))
    image = lib.Image.new("RGB", size, drawing.paper)
    draw = lib.ImageDraw.Draw(image)
    for shape in drawing.shapes:
        if isinstance(shape, Text):
            anchor = {"start": "lm", "middle": "mm", "end": "rm"}[shape.anchor]
            font = _font(max(1, round(shape.size * zoom)), shape.bold, shape.mono)
            draw.text((shape.x * zoom, shape.y * zoom), shape.text, fill=shape.fill, font=font, anchor=anchor)
            continue
        if isinstance(shape, Line):
            ends = tuple(v * zoom for v in (shape.x1, shape.y1, shape.x2, shape.y2))
            dash = shape.dash and tuple(v * zoom for v in shape.dash)
            _dashed(draw, ends, shape.stroke, max(1, round(shape.width * zoom)), dash)  # type: ignore[arg-type]
            continue
        x, y = shape.x * zoom, shape.y * zoom
        width, height = shape.width * zoom, shape.height * zoom
        if isinstance(shape, Picture):
            box = (max(1, round(width)), max(1, round(height)))
            tile = lib.Image.fromarray(shape.pixels).resize(box, lib.Image.Resampling.NEAREST)
            image.paste(tile, (round(x), round(y)))
        elif isinstance(shape, Hatch):
            tile = lib.Image.new("L", (max(1, round(width)), max(1, round(height))), 0)
            pen, step = lib.ImageDraw.Draw(tile), 7 * zoom
            for i in range(int((width + height) / step) + 1):
                # Phase from the place on the sheet, so that neighbouring boxes join.
                start = i * step - (x + y) % step
                pen.line((start, 0, start - height, height), fill=120, width=max(1, round(zoom)))
            image.paste(lib.Image.new("RGB", tile.size, shape.stroke), (round(x), round(y)), tile)
        elif isinstance(shape, Rect):
            pen_width = max(1, round(shape.stroke_width * zoom))
            corner, box4 = shape.radius * zoom, (x, y, x + width, y + height)
            outline = shape.stroke if shape.dash is None else None
            draw.rounded_rectangle(box4, corner, fill=shape.fill, outline=outline, width=pen_width)
            if shape.stroke and shape.dash:
                dash = tuple(v * zoom for v in shape.dash)
                left, top, right, low = box4
                for ends in (
                    (left, top, right, top),
                    (right, top, right, low),
                    (left, low, right, low),
                    (left, top, left, low),
                ):
                    _dashed(draw, ends, shape.stroke, pen_width, dash)
    return image
