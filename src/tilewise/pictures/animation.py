"""An animated GIF: the window walking over the output, one frame a cell."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from tilewise.errors import ArgumentError
from tilewise.pictures.raster import pillow, to_image

if TYPE_CHECKING:
    from tilewise.pictures.figure import Figure


def cells(figure: Figure, most: int) -> list[tuple[int, ...]]:
    """At most `most` output cells in reading order, evenly spread where there are more."""
    output = figure.scene["output"]
    every = list(product(*(range(f, f + n) for f, n in zip(output["origin"], output["size"], strict=True))))
    step = max(1, -(-len(every) // most))
    return every[::step]


def save_gif(figure: Figure, path: Path, theme: str, frames: int, seconds: float) -> None:
    """Write the walk of an arithmetic figure's window."""
    if figure.scene["kind"] != "arithmetic":
        raise ArgumentError(
            "A GIF shows a window moving: it needs see(layer, input). Save this figure as .png or .svg."
        )
    if frames < 1:
        raise ArgumentError(f"frames={frames}, but an animation has at least 1.")
    lib = pillow()
    drawings = [figure.drawing(theme=theme, cell=cell) for cell in cells(figure, frames)]
    height = max(d.height for d in drawings)  # the text of a sum may wrap differently from frame to frame
    images = []
    for drawing in drawings:
        drawing.height = height
        images.append(to_image(drawing, 1.0))
    # One palette for all frames, so that colours stand still; taken from the first, middle and last.
    sample = lib.Image.new("RGB", (images[0].width, images[0].height * 3))
    for i, image in enumerate((images[0], images[len(images) // 2], images[-1])):
        sample.paste(image, (0, i * images[0].height))
    colours = sample.quantize(128, dither=lib.Image.Dither.NONE)
    paletted = [i.quantize(palette=colours, dither=lib.Image.Dither.NONE) for i in images]
    paletted[0].save(
        path, save_all=True, append_images=paletted[1:], duration=round(seconds * 1000), loop=0, optimize=True
    )
