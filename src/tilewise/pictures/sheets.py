"""The static picture of any scene."""

from __future__ import annotations

from typing import Any

from tilewise.pictures.drawing import Drawing
from tilewise.pictures.reading import Reading
from tilewise.pictures.sheet_arithmetic import arithmetic_sheet


def sheet_of(scene: dict[str, Any], theme: str, cell: tuple[int, ...] | None = None) -> Drawing:
    """Lay out `scene` in `theme`; `cell` moves the window of an arithmetic scene."""
    if scene["kind"] == "network":
        from tilewise.pictures.sheet_network import network_sheet

        return network_sheet(scene, theme)
    if scene["kind"] == "playground":
        scene = scene["example"]
    return arithmetic_sheet(Reading(scene), cell=cell, theme=theme)
