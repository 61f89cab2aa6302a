"""A picture as a list of shapes, so that SVG and PNG are two small writers of the same drawing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Rect:
    """A box; `fill` and `stroke` are #rrggbb or None."""

    x: float
    y: float
    width: float
    height: float
    fill: str | None = None
    stroke: str | None = None
    stroke_width: float = 1.0
    dash: tuple[float, float] | None = None
    radius: float = 0.0


@dataclass(frozen=True)
class Hatch:
    """Thin diagonals over a box: the mark of padding."""

    x: float
    y: float
    width: float
    height: float
    stroke: str


@dataclass(frozen=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    stroke: str
    width: float = 1.0
    dash: tuple[float, float] | None = None


@dataclass(frozen=True)
class Text:
    """One line of text, its middle height at `y`."""

    x: float
    y: float
    text: str
    size: float
    fill: str
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False
    mono: bool = False


@dataclass(frozen=True)
class Picture:
    """Pixels (rows x columns x 3 bytes) stretched over a box without smoothing."""

    x: float
    y: float
    width: float
    height: float
    pixels: npt.NDArray[np.uint8]


Shape = Rect | Hatch | Line | Text | Picture


@dataclass
class Drawing:
    """Shapes in painting order on a sheet of `width` x `height`, with a title and a description for screen readers."""

    width: float
    height: float
    paper: str
    title: str
    description: str
    shapes: list[Shape] = field(default_factory=list)

    def add(self, *shapes: Shape) -> None:
        """Paint `shapes` above what is there."""
        self.shapes.extend(shapes)


# Widths of text are estimates on the safe side: DejaVu Sans, the widest of the faces asked for.
def text_width(text: str, size: float, mono: bool = False) -> float:
    """About how wide a line of text is."""
    if mono:
        return 0.61 * size * len(text)
    wide = sum(0.36 if c in " .,:;il|'()[]" else 0.76 if c.isupper() or c in "×=+−→∗Σ" else 0.62 for c in text)
    return wide * size


def wrapped(text: str, size: float, width: float, mono: bool = False) -> list[str]:
    """`text` in lines no wider than `width`, broken at spaces."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and text_width(longer, size, mono) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines
