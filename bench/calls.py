"""`python -m bench.calls`: what a call costs where the convolution itself costs next to nothing.

PyTorch and Tilewise by turns in one process, the least of many rounds, in microseconds; a ratio below 1 says that a
call with Tilewise enabled takes less. The last row calls PyTorch's kernel through Tilewise: what a call costs that
Tilewise leaves to PyTorch.
"""

from __future__ import annotations

import contextlib
import timeit
from collections.abc import Callable

import click
import torch
from rich.console import Console
from rich.table import Table
from torch.nn import functional as F

import tilewise
from tilewise import algorithms
from tilewise.torch_ops import direct

_CALLS = 500


def cases() -> dict[str, Callable[[], object]]:
    """Calls by name."""
    x, w, b = torch.randn(1, 4, 8, 8), torch.randn(4, 4, 3, 3), torch.randn(4)
    learned = [t.clone().requires_grad_() for t in (x, w, b)]
    line, filters, volume = torch.randn(1, 4, 64), torch.randn(4, 4, 3), torch.randn(1, 2, 4, 4, 4)
    image, many = torch.randn(1, 16, 16, 16), torch.randn(16, 16, 3, 3)
    gy = torch.randn(1, 4, 6, 6)

    def without_gradients() -> None:
        with torch.no_grad():
            F.conv2d(*learned)

    def given_up() -> None:
        with algorithms.only(algorithms.NATIVE) if tilewise.is_enabled() else contextlib.nullcontext():
            for _ in range(10):
                F.conv2d(x, w, b)

    backward = (gy, x, w, [4], [1, 1], [0, 0], [1, 1], False, [0, 0], 1, [True, True, True])
    return {
        "conv2d 1,4,8,8 3x3": lambda: F.conv2d(x, w),
        "  with bias": lambda: F.conv2d(x, w, b),
        "  recorded for autograd": lambda: F.conv2d(*learned),
        "  under no_grad": without_gradients,
        "  channels-last": (lambda y: lambda: F.conv2d(y, w, b))(x.to(memory_format=torch.channels_last)),
        "  float64": (lambda y, v, c: lambda: F.conv2d(y, v, c))(x.double(), w.double(), b.double()),
        "  depthwise": lambda: F.conv2d(x, w[:, :1], b, groups=4),
        "  its three gradients": lambda: torch.ops.aten.convolution_backward(*backward),
        "  forward, backward": lambda: torch.autograd.grad(F.conv2d(*learned), learned, gy),
        "conv1d 1,4,64 3": lambda: F.conv1d(line, filters),
        "conv_transpose2d 1,4,8,8 3x3": lambda: F.conv_transpose2d(x, w, b),
        "conv3d 1,2,4,4,4 2x2x2": lambda: F.conv3d(volume, torch.ones(2, 2, 2, 2, 2)),
        "conv2d 1,16,16,16 3x3": lambda: F.conv2d(image, many, padding=1),
        "10 conv2d, left to PyTorch": given_up,
    }


def measure(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, float]]:
    """Microseconds of each call: PyTorch's, Tilewise's."""
    least = {name: [float("inf")] * 2 for name in calls}
    for _ in range(rounds):
        for side, switch in enumerate((tilewise.disabled, tilewise.enabled)):
            with switch():
                for name, call in calls.items():
                    call()
                    seconds = timeit.timeit(call, number=_CALLS) / _CALLS
                    least[name][side] = min(least[name][side], seconds * 1e6)
    return {name: (native, generated) for name, (native, generated) in least.items()}


@click.command()
@click.option("--threads", default=1, show_default=True)
@click.option("--rounds", default=30, show_default=True)
def main(threads: int, rounds: int) -> None:
    """Print the table."""
    torch.set_num_threads(threads)
    table = Table(box=None, pad_edge=False)
    for heading in ("call", "PyTorch us", "Tilewise us", "ratio"):
        table.add_column(heading, justify="left" if heading == "call" else "right")
    for name, (native, generated) in measure(cases(), rounds).items():
        table.add_row(name, f"{native:.2f}", f"{generated:.2f}", f"{generated / native:.2f}")
    Console().print(table)
    how = f"through Python: {direct.why_not()}" if direct.why_not() else "without Python"
    Console().print(f"{threads} thread{'s' if threads > 1 else ''}; known calls run {how}")


if __name__ == "__main__":
    main()
