"""The colours of every picture: one diverging scale, blue below zero and orange above, in light and dark.

Blue and orange stay apart in the three common colour deficiencies; lightness alone tells size, so that a grey
print still reads. Blended in OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

# Below zero, half-way, zero, half-way, above: chosen by eye on the page, checked for order of lightness in tests.
_STOPS = {
    "light": ("#0b4a8f", "#6ba3d6", "#f5f3ee", "#eda25c", "#a4470a"),
    "dark": ("#9ccbff", "#3f74b0", "#20242b", "#b3672a", "#ffc58a"),
}
# Ink, quiet ink, lines, paper, a raised surface, the window's outline, and a warning.
INK = {
    "light": {
        "ink": "#1d2127",
        "quiet": "#5a626d",
        "line": "#d9d6ce",
        "paper": "#fdfcf9",
        "raised": "#f4f2ec",
        "mark": "#0f7b5f",
        "warn": "#8a1c4a",
    },
    "dark": {
        "ink": "#e9e7e2",
        "quiet": "#a3abb6",
        "line": "#3a4048",
        "paper": "#14171b",
        "raised": "#1d2127",
        "mark": "#53d6ae",
        "warn": "#ff9fc4",
    },
}
STEPS = 65


def rgb(colour: str) -> tuple[int, int, int]:
    """#rrggbb as three bytes."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def oklab(colour: tuple[int, int, int]) -> npt.NDArray[np.float64]:
    """sRGB bytes to OKLab (lightness, green-red, blue-yellow)."""
    s = np.array(colour) / 255
    linear = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    lab: npt.NDArray[np.float64] = _TO_LAB @ np.cbrt(_TO_LMS @ linear)
    return lab


def _srgb(lab: npt.NDArray[np.float64]) -> tuple[int, int, int]:
    linear = np.clip(np.linalg.solve(_TO_LMS, np.linalg.solve(_TO_LAB, lab) ** 3), 0, 1)
    s = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    r, g, b = np.rint(np.clip(s, 0, 1) * 255).astype(int).tolist()
    return r, g, b


@cache
def scale(theme: str) -> tuple[tuple[int, int, int], ...]:
    """The diverging scale in STEPS colours, the middle one standing for zero."""
    stops = np.array([oklab(rgb(c)) for c in _STOPS[theme]])
    places = np.linspace(0, len(stops) - 1, STEPS)
    lab = np.stack([np.interp(places, np.arange(len(stops)), stops[:, i]) for i in range(3)], axis=1)
    return tuple(_srgb(row) for row in lab)


def position(values: npt.NDArray[np.float64], largest: float) -> npt.NDArray[np.float64]:
    """Where values fall on the scale, -1 .. 1: the signed square root of value / largest.

    The root keeps weights of 0.05 visible beside pixels of 1, so that one scale can serve everything shown.
    """
    bound = largest if largest > 0 else 1.0
    share = np.clip(np.nan_to_num(values, nan=0.0, posinf=bound, neginf=-bound) / bound, -1, 1)
    return np.sign(share) * np.sqrt(np.abs(share))


def coloured(values: npt.NDArray[np.float64], largest: float, theme: str) -> npt.NDArray[np.uint8]:
    """Numbers to sRGB bytes (a last axis of 3 is added)."""
    table = np.array(scale(theme), np.uint8)
    steps = np.rint((position(values, largest) + 1) / 2 * (STEPS - 1)).astype(int)
    pixels: npt.NDArray[np.uint8] = table[steps]
    return pixels


def readable_on(colour: tuple[int, int, int]) -> str:
    """Black or white, whichever contrasts more with `colour` (relative luminance as in WCAG 2.2)."""
    s = np.array(colour) / 255
    linear = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    return "#000000" if float(linear @ np.array([0.2126, 0.7152, 0.0722])) > 0.179 else "#ffffff"


def for_page() -> dict[str, Any]:
    """What see.js needs to paint: both scales as hex."""
    return {theme: ["#{:02x}{:02x}{:02x}".format(*c) for c in scale(theme)] for theme in _STOPS}
