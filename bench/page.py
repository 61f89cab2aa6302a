"""`python -m bench.page`: how long a page takes to show its numbers in a real browser, for layers small and large.

From the start of the navigation to the first value on the page, by the page's own clock; the least of several.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from tests.pictures.browser import MISSING, executable, opened
from torch import nn

import tilewise

LAYERS = {
    "Conv2d(1, 16, 3) on 28x28": (nn.Conv2d(1, 16, 3), (1, 1, 28, 28)),
    "Conv2d(64, 64, 3, padding=1) on 224x224": (nn.Conv2d(64, 64, 3, padding=1), (1, 64, 224, 224)),
}
_ROUNDS = 5


def milliseconds(html: str, folder: Path) -> float:
    """The least time to the first value, in ms: loads of the page one after the other."""
    times = []
    with opened(html, folder) as page:
        for _ in range(_ROUNDS):
            page.reload()
            page.wait_for_selector("output.value")
            times.append(page.evaluate("performance.now()"))
    return min(times)


def main() -> None:
    """Print the size and the time of each page; the bar is a second and 3 MB."""
    if executable() is None:
        raise SystemExit(MISSING)
    table = Table(box=None, pad_edge=False)
    for heading in ("layer", "MB", "ms"):
        table.add_column(heading, justify="left" if heading == "layer" else "right")
    with tempfile.TemporaryDirectory() as folder:
        for name, (layer, shape) in LAYERS.items():
            html = tilewise.see(layer, torch.randn(shape)).html()
            table.add_row(name, f"{len(html.encode()) / 1e6:.2f}", f"{milliseconds(html, Path(folder)):.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
