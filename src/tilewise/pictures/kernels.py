"""Kernels that people know by name, 3 x 3, as any textbook of image processing lists them."""

from __future__ import annotations

KNOWN: dict[str, tuple[tuple[float, ...], ...]] = {
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "blur": ((1 / 9,) * 3,) * 3,
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "Sobel, left to right": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "Sobel, top to bottom": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "Laplacian": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    "emboss": ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
}
