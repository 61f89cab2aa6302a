"""An animated GIF: the window walking over the output, one frame a cell."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

from tilewise.errors import ArgumentError
from tilewise.pictures import palette
from tilewise.pictures.raster import pillow, to_image
from tilewise.pictures.sheets import sheet_of


def cells(scene: dict[str, Any], most: int) -> list[tuple[int, ...]]:
    """At most `most` output cells in reading order, evenly spread where there are more."""
    output = scene["output"]
    every = list(product(*(range(f, f + n) for f, n in zip(output["origin"], output["size"], strict=True))))
    step = max(1, -(-len(every) // most))
    return every[::step]


def _colours(lib: Any, images: list[Any], theme: str) -> Any:
    """One palette for all frames, so that colours stand still: the whole scale, then what text and lines blend to."""
    sample = lib.Image.new("RGB", (images[0].width, images[0].height * 3))
    for i, image in enumerate((images[0], images[len(images) // 2], images[-1])):
        sample.paste(image, (0, i * images[0].height))
    fixed = [*palette.scale(theme), *(palette.rgb(c) for c in palette.INK[theme].values())]
    blends = 255 - len(fixed)
    rest = sample.quantize(blends, dither=lib.Image.Dither.NONE).getpalette()[: 3 * blends]
    table = lib.Image.new("P", (1, 1))
    table.putpalette([v for colour in fixed for v in colour] + rest)
    return table


def save_gif(scene: dict[str, Any], path: Path, theme: str, frames: int, seconds: float) -> None:
    """Write the walk of an arithmetic scene's window."""
    if scene["kind"] != "arithmetic":
        raise ArgumentError(
            "A GIF shows a window moving: it needs see(layer, input). Save this figure as .png or .svg."
        )
    if frames < 1:
        raise ArgumentError(f"frames={frames}, but an animation has at least 1.")
    lib = pillow()
    drawings = [sheet_of(scene, theme, cell) for cell in cells(scene, frames)]
    height = max(d.height for d in drawings)  # the text of a sum may wrap differently from frame to frame
    images = []
    for drawing in drawings:
        drawing.height = height
        images.append(to_image(drawing, 1.0))
    colours = _colours(lib, images, theme)
    paletted = [i.quantize(palette=colours, dither=lib.Image.Dither.NONE) for i in images]
    paletted[0].save(
        path, save_all=True, append_images=paletted[1:], duration=round(seconds * 1000), loop=0, optimize=True
    )
