"""`python -m bench.accuracy`: errors against float64 on the layers of layers.csv, PyTorch beside Tilewise.

Errors are relative L2 norms. Image sizes are cut, channels and filters are not: the error of a sum depends on how
long it is. With TILEWISE_ISA=amx-emulated the AMX kernels' arithmetic is measured on any x86-64 CPU.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

import click
import torch
from rich.console import Console
from rich.table import Table

import tilewise
from bench.table import Layer, layers
from tilewise import algorithms

PASSES = ("forward", "input gradient", "weight gradient", "bias gradient")


@dataclass(frozen=True)
class Accuracy:
    """Relative errors of one layer and pass; `rounding` is that of the exact result as float32."""

    layer: str
    direction: str
    rounding: float
    pytorch: float
    tilewise: float

    @property
    def ratio(self) -> float:
        """Tilewise's error over PyTorch's, or over the best possible where PyTorch's few numbers came out better."""
        best = max(self.pytorch, self.rounding)
        return self.tilewise / best if best else 1.0 + self.tilewise


def cut(layer: Layer, most: int, images: int = 2) -> Layer:
    """The layer on a smaller image, of at most so many images."""
    least = [d * (k - 1) + 1 - 2 * p for k, p, d in zip(layer.kernel, layer.padding, layer.dilation, strict=True)]
    size = tuple(min(s, max(most, low)) for s, low in zip(layer.size, least, strict=True))
    return replace(layer, batch=min(layer.batch, images), size=size)


def errors(
    layer: Layer, level: str, forward: str | None = None, weights: str | None = None, channels_last: bool = False
) -> list[Accuracy]:
    """All four passes; `forward` and `weights` name the algorithms to be measured, where not those chosen."""
    torch.manual_seed(0)
    x, w, b = layer.tensors(torch.float32, channels_last)
    rest = layer.parameters
    backward = torch.ops.aten.convolution_backward

    def passes(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor, g: torch.Tensor) -> list[torch.Tensor]:
        with _only(forward):
            y = torch.convolution(x, w, b, *rest)
            gx = backward(g, x, w, None, *rest, [True, False, False])[0]
        with _only(weights):
            gw = backward(g, x, w, None, *rest, [False, True, False])[1]
        return [y, gx, gw, backward(g, x, w, [layer.out_channels], *rest, [False, False, True])[2]]

    with tilewise.disabled():
        g = torch.randn_like(torch.convolution(x, w, b, *rest))
        exact = passes(x.double(), w.double(), b.double(), g.double())
        theirs = passes(x, w, b, g)
    with tilewise.enabled(), tilewise.precision(level):
        ours = passes(x, w, b, g)
    found = []
    for name, right, their, our in zip(PASSES, exact, theirs, ours, strict=True):
        wrong = [((part.double() - right).norm() / right.norm()).item() for part in (right.float(), their, our)]
        found.append(Accuracy(layer.name, name, *wrong))
    return found


def _only(name: str | None) -> contextlib.AbstractContextManager[None]:
    return algorithms.only(name) if name and tilewise.is_enabled() else contextlib.nullcontext()


@click.command()
@click.option("--level", type=click.Choice(["highest", "high", "medium"]), default="highest", show_default=True)
@click.option("--size", default=16, show_default=True, help="Image sizes are cut to this.")
@click.option("--images", default=2, show_default=True, help="And batches to this.")
@click.option("--channels-last", is_flag=True, help="Measure both sides on channels-last tensors.")
@click.option("--only", help="Layers whose name contains this.")
@click.option("--forward", help="Measure this algorithm for the forward pass and the input gradient.")
@click.option("--weights", help="Measure this algorithm for the weight gradient.")
def main(
    level: str, size: int, images: int, channels_last: bool, only: str | None, forward: str | None, weights: str | None
) -> None:
    """Errors against float64, and their ratio to PyTorch's."""
    table = Table(box=None, pad_edge=False)
    for name in ("layer", "pass", "PyTorch", "Tilewise", "ratio"):
        table.add_column(name, justify="left" if name in ("layer", "pass") else "right")
    worst = 0.0
    for layer in layers():
        if only and only not in layer.name:
            continue
        for row in errors(cut(layer, size, images), level, forward, weights, channels_last):
            worst = max(worst, row.ratio)
            numbers = (f"{row.pytorch:.1e}", f"{row.tilewise:.1e}", f"{row.ratio:.2f}")
            table.add_row(row.layer, row.direction, *numbers)
    console = Console()
    console.print(table)
    console.print(f"worst ratio {worst:.2f}")


if __name__ == "__main__":
    main()
