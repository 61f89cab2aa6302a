"""Kernels that people know by name, as any textbook of image or signal processing lists them."""

from __future__ import annotations

KNOWN_2D: dict[str, tuple[tuple[float, ...], ...]] = {
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "blur": ((1 / 9,) * 3,) * 3,
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "Sobel x": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "Sobel y": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "Laplacian": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    "emboss": ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
}
KNOWN_1D: dict[str, tuple[tuple[float, ...], ...]] = {
    "identity": ((0, 1, 0),),
    "blur": ((1 / 3,) * 3,),
    "sharpen": ((-1, 3, -1),),
    "difference": ((-1, 0, 1),),
    "second difference": ((1, -2, 1),),
}
RANDOM = "random, as a fresh layer"


def for_page() -> dict[str, dict[str, list[list[float]]]]:
    """Both tables as JSON holds them, by number of dimensions."""
    return {
        str(dims): {name: [list(row) for row in rows] for name, rows in table.items()}
        for dims, table in ((1, KNOWN_1D), (2, KNOWN_2D))
    }
