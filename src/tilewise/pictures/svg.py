"""Write a drawing as SVG: text stays text, planes become small embedded PNGs, no script, no outside reference."""

from __future__ import annotations

import zlib
from xml.sax.saxutils import escape, quoteattr

from tilewise.pictures.drawing import Drawing, Hatch, Line, Picture, Rect, Shape, Text
from tilewise.pictures.packing import data_uri, png

_SANS = "ui-sans-serif, system-ui, 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
_MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _dash(dash: tuple[float, float] | None) -> str:
    return "" if dash is None else f' stroke-dasharray="{_n(dash[0])} {_n(dash[1])}"'


def _shape(shape: Shape) -> str:
    if isinstance(shape, Text):
        extra = ' class="m"' if shape.mono else ""
        extra += ' font-weight="600"' if shape.bold else ""
        extra += "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
        # 0.35 em below the middle is where the baseline of figures sits; dominant-baseline is drawn unevenly.
        place = f'x="{_n(shape.x)}" y="{_n(shape.y + 0.35 * shape.size)}"'
        return f'<text {place} font-size="{_n(shape.size)}" fill="{shape.fill}"{extra}>{escape(shape.text)}</text>'
    if isinstance(shape, Line):
        ends = f'x1="{_n(shape.x1)}" y1="{_n(shape.y1)}" x2="{_n(shape.x2)}" y2="{_n(shape.y2)}"'
        return f'<line {ends} stroke="{shape.stroke}" stroke-width="{_n(shape.width)}"{_dash(shape.dash)}/>'
    box = f'x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.width)}" height="{_n(shape.height)}"'
    if isinstance(shape, Picture):
        # Enlarged here as well, for viewers that smooth whatever they are told.
        columns = shape.pixels.shape[1]
        times = max(1, min(8, int(shape.width // columns)))
        pixels = shape.pixels.repeat(times, axis=0).repeat(times, axis=1)
        style = 'preserveAspectRatio="none" style="image-rendering:pixelated"'
        return f"<image {box} {style} href={quoteattr(data_uri(png(pixels)))}/>"
    if isinstance(shape, Hatch):
        return f'<rect {box} fill="url(#h{shape.stroke[1:]})"/>'
    assert isinstance(shape, Rect)
    radius = f' rx="{_n(shape.radius)}"' if shape.radius else ""
    stroke = ""
    if shape.stroke:
        stroke = f' stroke="{shape.stroke}" stroke-width="{_n(shape.stroke_width)}"{_dash(shape.dash)}'
    return f'<rect {box} fill="{shape.fill or "none"}"{stroke}{radius}/>'


def to_svg(drawing: Drawing) -> str:
    """The drawing as one SVG document."""
    hatches = sorted({s.stroke for s in drawing.shapes if isinstance(s, Hatch)})
    patterns = "".join(
        f'<pattern id="h{c[1:]}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<line x1="0" y1="0" x2="0" y2="6" stroke="{c}" stroke-width="1.2"/></pattern>'
        for c in hatches
    )
    # Names of its own, since several pictures may stand in one page.
    own = f"tw{zlib.crc32(repr((drawing.title, drawing.description, drawing.paper)).encode()):08x}"
    size = f'width="{_n(drawing.width)}" height="{_n(drawing.height)}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}" '
        f'role="img" aria-labelledby="{own}-t {own}-d" class="{own}" font-family="{_SANS}">',
        f'<title id="{own}-t">{escape(drawing.title)}</title>',
        f'<desc id="{own}-d">{escape(drawing.description)}</desc>',
        f"<style>.{own}{{max-width:100%;height:auto;font-variant-numeric:tabular-nums}}"
        f".{own} .m{{font-family:{_MONO}}}</style>",
        f"<defs>{patterns}</defs>" if patterns else "",
        f'<rect width="{_n(drawing.width)}" height="{_n(drawing.height)}" fill="{drawing.paper}" rx="12"/>',
        *map(_shape, drawing.shapes),
        "</svg>",
    ]
    return "\n".join(line for line in lines if line) + "\n"
