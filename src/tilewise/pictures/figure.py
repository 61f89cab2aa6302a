"""What `see` gives back: one scene, shown as a page, a notebook widget, SVG, PNG or GIF."""

from __future__ import annotations

import json
import tempfile
import webbrowser
from pathlib import Path
from typing import Any

from tilewise.errors import ArgumentError
from tilewise.pictures.drawing import Drawing
from tilewise.pictures.page import page
from tilewise.pictures.reading import Reading
from tilewise.pictures.svg import to_svg

SUFFIXES = (".html", ".svg", ".png", ".gif", ".json")


class Figure:
    """A picture of a convolution.

    In a notebook it shows itself: a widget where anywidget is installed, with an SVG beside it in the same output
    that shows everywhere else. `save` writes a file, `open` shows a page in the browser.
    """

    def __init__(self, scene: dict[str, Any]) -> None:
        self.scene = scene
        self._widget: Any = None  # what a notebook shows lives as long as the figure

    def __repr__(self) -> str:
        return f"<{self.scene['kind']} figure: {self.scene['title']}>"

    def html(self) -> str:
        """One self-contained page: works without a network, and says so to the browser."""
        return page(self.scene)

    def drawing(self, *, theme: str = "light", cell: tuple[int, ...] | None = None) -> Drawing:
        """The static picture as shapes; `cell` moves the window of an arithmetic figure."""
        from tilewise.pictures.sheets import sheet_of

        return sheet_of(self.scene, theme, cell)

    def svg(self, *, theme: str = "light") -> str:
        """The static picture as SVG, made without a browser; `theme` is "light" or "dark"."""
        return to_svg(self.drawing(theme=theme))

    def image(self, *, theme: str = "light") -> Any:
        """The static picture as a Pillow image at twice its nominal size."""
        from tilewise.pictures.raster import to_image

        return to_image(self.drawing(theme=theme))

    def save(self, path: str | Path, *, theme: str = "light", frames: int = 48, seconds: float = 0.4) -> Path:
        """Write .html, .svg, .png, .gif (the window moving, at most `frames` steps) or .json (the scene).

        Raises ArgumentError for another suffix.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            raise ArgumentError(f"{path.name!r}: a figure is saved as {', '.join(SUFFIXES)}, by the name's ending.")
        if theme not in ("light", "dark"):
            raise ArgumentError(f"theme={theme!r}, but the themes are 'light' and 'dark'.")
        if suffix == ".html":
            path.write_text(self.html(), "utf-8")
        elif suffix == ".svg":
            path.write_text(self.svg(theme=theme), "utf-8")
        elif suffix == ".json":
            path.write_text(json.dumps(self.scene), "utf-8")
        elif suffix == ".png":
            self.image(theme=theme).save(path, optimize=True)
        else:
            from tilewise.pictures.animation import save_gif

            moving = self.scene["example"] if self.scene["kind"] == "playground" else self.scene
            save_gif(moving, path, theme, frames, seconds)
        return path

    def open(self) -> Path:
        """Write the page to a temporary file and show it in the browser."""
        with tempfile.NamedTemporaryFile(
            "w", suffix=".html", prefix="tilewise-", delete=False, encoding="utf-8"
        ) as file:
            file.write(self.html())
        webbrowser.open(Path(file.name).as_uri())
        return Path(file.name)

    def reading(self) -> Reading:
        """The numbers of an arithmetic figure, for Python: windows, products and sums."""
        if self.scene["kind"] != "arithmetic":
            raise ArgumentError("Only the arithmetic of a layer can be read cell by cell; see(layer, input) gives one.")
        return Reading(self.scene)

    def widget(self) -> Any:
        """The picture as an anywidget; needs `pip install 'tilewise[notebook]'`."""
        from tilewise.pictures.notebook import widget_of

        return widget_of(self.scene)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        from tilewise.pictures.notebook import bundle_of

        bundle, self._widget = bundle_of(self.scene, repr(self), self.svg())
        return bundle
