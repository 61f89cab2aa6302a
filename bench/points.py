"""`python -m bench.points`: what F(4, 3) loses by the points at which it interpolates, beside direct sums.

Computed in NumPy as a kernel would: all in float32, products summed in pieces of 32 channels; direct sums one term
after the other. Errors are relative L2 norms against float64.
"""

from __future__ import annotations

from fractions import Fraction

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from tilewise.algorithms.winograd.transforms import TAPS, both_signs, matrices_at

POINTS = {
    "1, 2": (Fraction(1), Fraction(2)),
    "1/2, 1": (Fraction(1, 2), Fraction(1)),
    "1/2, 3/2": (Fraction(1, 2), Fraction(3, 2)),
    "sqrt 1/2, sqrt 2": (Fraction(0.5**0.5), Fraction(2**0.5)),
    "5/8, 3/2": (Fraction(5, 8), Fraction(3, 2)),
    "F(2, 3)": (Fraction(1),),
}
_PIECE = 32


def _errors(points: tuple[Fraction, ...], channels: int, tiles: int) -> tuple[float, float]:
    """(squared error of the tiles' outputs, that of direct sums), over the squares of the outputs."""
    rng = np.random.default_rng(0)
    m = matrices_at(both_signs(*points))
    b, g, a = (np.array(rows, np.float32) for rows in (m.source, m.filter, m.result))
    inputs, outputs = len(b), len(b) + 1 - TAPS
    shape = (channels, tiles)
    d = rng.standard_normal((*shape, inputs, inputs), np.float32)
    f = rng.standard_normal((channels, 1, TAPS, TAPS), np.float32)
    products = (b @ d @ b.T) * (g @ f @ g.T)
    pieces = [np.add.accumulate(products[c : c + _PIECE])[-1] for c in range(0, channels, _PIECE)]
    sums = np.add.accumulate(pieces)[-1]
    windows = np.stack([d[:, :, i : i + outputs, k : k + outputs] for i in range(TAPS) for k in range(TAPS)])
    taps = f.reshape(channels, 1, -1).transpose(2, 0, 1)[..., None, None]
    terms = (windows * taps).reshape(-1, tiles, outputs, outputs)
    exact = (windows.astype(float) * taps).sum((0, 1))
    direct = np.add.accumulate(terms)[-1]
    return tuple(float(((x - exact) ** 2).sum() / (exact**2).sum()) for x in (a.T @ sums @ a, direct))


@click.command()
@click.option("--channels", default=128, show_default=True)
@click.option("--tiles", default=400, show_default=True)
def main(channels: int, tiles: int) -> None:
    """Errors by points."""
    table = Table("points", "error", "direct", "ratio", box=None, pad_edge=False)
    for name, points in POINTS.items():
        own, direct = (x**0.5 for x in _errors(points, channels, tiles))
        table.add_row(name, f"{own:.1e}", f"{direct:.1e}", f"{own / direct:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
