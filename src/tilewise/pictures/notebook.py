"""A figure in a notebook: an anywidget, with a static SVG in the same output for viewers that run no script."""

from __future__ import annotations

import json
from typing import Any

from tilewise.errors import TilewiseError
from tilewise.pictures.page import colours, module, stylesheet


def widget_of(scene: dict[str, Any]) -> Any:
    """The scene as a widget, drawn by the same module as the page."""
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise TilewiseError("The widget needs anywidget: pip install 'tilewise[notebook]'.") from error
    traits = {
        "_esm": module(),
        "_css": stylesheet(),
        "scene": traitlets.Unicode(json.dumps(scene)).tag(sync=True),
        "palette": traitlets.Unicode(json.dumps(colours())).tag(sync=True),
    }
    return type("TilewiseFigure", (anywidget.AnyWidget,), traits)()


def bundle_of(scene: dict[str, Any], line: str, svg: str) -> tuple[Any, Any]:
    """What IPython shows, and the widget: its view where there is anywidget, and always the SVG and a line of text."""
    data: dict[str, Any] = {"text/plain": line, "image/svg+xml": svg}
    try:
        widget = widget_of(scene)
    except TilewiseError:
        return data, None
    shown = widget._repr_mimebundle_()
    views, metadata = shown if isinstance(shown, tuple) else (shown, {})
    view = "application/vnd.jupyter.widget-view+json"
    if view in (views or {}):
        data[view] = views[view]
    return (data, metadata), widget
