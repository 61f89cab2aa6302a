"""`python -m bench.sizes`: what a call costs at an image size that has not been seen before.

PyTorch and Tilewise by turns in one process, each size once on either side; what a layer costs is the median over many
sizes, in milliseconds. Kernels are compiled before, at other sizes. "again" is the second call at the same size: the
difference is what planning a new size takes.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import click
import torch
from rich.console import Console
from rich.table import Table
from torch.nn import functional as F

import tilewise

# Filters and what a convolution takes beside them.
LAYERS: dict[str, tuple[tuple[int, ...], dict[str, int]]] = {
    "3x3, 8 channels": ((8, 8, 3, 3), dict(padding=1)),
    "3x3, 64 channels": ((64, 64, 3, 3), dict(padding=1)),
    "3x3 stride 2, 3 to 16": ((16, 3, 3, 3), dict(padding=1, stride=2)),
    "3x3, 256 in 32 groups": ((256, 8, 3, 3), dict(padding=1, groups=32)),
    "1x1, 32 to 64": ((64, 32, 1, 1), {}),
    "depthwise 3x3, 32": ((32, 1, 3, 3), dict(padding=1, groups=32)),
}
_BEFORE, _FIRST, _LARGEST = range(11, 17), 24, 96


def call(name: str, size: int, backward: bool) -> Callable[[], object]:
    """A layer on one image of its own size."""
    shape, settings = LAYERS[name]
    channels = shape[1] * settings.get("groups", 1)
    w = torch.randn(shape, requires_grad=backward)
    x = torch.randn(1, channels, size, size + 3, requires_grad=backward)
    if not backward:
        return lambda: F.conv2d(x, w, **settings)  # type: ignore[arg-type]
    gy = torch.randn_like(F.conv2d(x, w, **settings))  # type: ignore[arg-type]
    return lambda: torch.autograd.grad(F.conv2d(x, w, **settings), (x, w), gy)  # type: ignore[arg-type]


def measure(name: str, backward: bool, sizes: range) -> tuple[list[float], list[float]]:
    """Milliseconds of (first, second) calls: PyTorch's, Tilewise's."""
    taken: tuple[list[tuple[float, float]], ...] = ([], [])
    for size in sizes:
        with tilewise.disabled():
            run = call(name, size, backward)
        for side, switch in enumerate((tilewise.disabled, tilewise.enabled)):
            with switch():
                # The size is new to this side; what it does at another is not new to the caches of the CPU.
                times = []
                for _ in range(2):
                    start = time.perf_counter()
                    run()
                    times.append(1e3 * (time.perf_counter() - start))
                taken[side].append((times[0], times[1]))
    native, generated = ([statistics.median(column) for column in zip(*side, strict=True)] for side in taken)
    return native, generated


@click.command()
@click.option("--threads", default=1, show_default=True)
@click.option("--sizes", default=24, show_default=True, help="How many sizes each layer meets.")
def main(threads: int, sizes: int) -> None:
    """Print the table."""
    torch.set_num_threads(threads)
    table = Table(box=None, pad_edge=False)
    for heading in ("layer", "passes", "PyTorch ms", "again", "Tilewise ms", "again"):
        table.add_column(heading, justify="left" if heading in ("layer", "passes") else "right")
    step = max(1, (_LARGEST - _FIRST) // (2 * sizes))
    for name in LAYERS:
        for backward in (False, True):
            measure(name, backward, _BEFORE)  # compiles the kernels
            first = _FIRST + backward * sizes * step
            native, generated = measure(name, backward, range(first, first + sizes * step, step))
            figures = (f"{value:.2f}" for value in (*native, *generated))
            table.add_row("" if backward else name, "forward, backward" if backward else "forward", *figures)
    Console().print(table)


if __name__ == "__main__":
    main()
