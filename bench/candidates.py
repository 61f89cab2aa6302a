"""`python -m bench.candidates`: all algorithms that may be chosen for each layer of layers.csv, or for random ones.

Prints where the one that is chosen by expectation is slower than another: what is wrong in a cost model shows here. And
how much longer than the fastest one the chosen ones take in the mean.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import click
import torch
from rich.console import Console
from rich.progress import Progress

import tilewise
from bench.choices import problem
from bench.random_layers import FAMILIES, random_layers
from bench.table import Layer, layers
from tilewise import algorithms, target
from tilewise.problem import Pass
from tilewise.timing import Side, alternate


def run(layer: Layer, kind: Pass, dtype: torch.dtype, channels_last: bool) -> Callable[[], object]:
    """A call of one pass of a layer."""
    x, w, b = layer.tensors(dtype, channels_last)
    if kind is Pass.FORWARD:
        return lambda: torch.convolution(x, w, b, *layer.parameters)
    gradient = torch.randn_like(torch.convolution(x, w, b, *layer.parameters))
    mask = [kind is Pass.INPUT_GRADIENT, kind is Pass.WEIGHT_GRADIENT, False]
    backward = torch.ops.aten.convolution_backward
    return lambda: backward(gradient, x, w, None, *layer.parameters, mask)


def _times(layer: Layer, kind: Pass, level: str, channels_last: bool, seconds: float) -> dict[str, float]:
    """Seconds a call of each candidate, the one expected to win first."""
    dtype = torch.bfloat16 if level == "bf16" else torch.float32
    names = algorithms.candidates(problem(layer, kind, dtype, level, channels_last), target.host())
    call = run(layer, kind, dtype, channels_last)
    sides = [Side(name, call, functools.partial(algorithms.only, name)) for name in names]
    with tilewise.enabled(), tilewise.precision("highest" if level == "bf16" else level):
        found = alternate(sides, seconds * len(sides)) if len(sides) > 1 else []
    return {timing.name: timing.best for timing in found}


@click.command()
@click.option("--only", default="", help="Layers whose name contains this.")
@click.option("--level", type=click.Choice(["highest", "high", "medium", "bf16"]), default="highest", show_default=True)
@click.option("--above", default=1.12, show_default=True, help="Print what is at least so much slower than the best.")
@click.option("--seconds", default=0.15, show_default=True, help="For each candidate.")
@click.option("--random", "family", type=click.Choice(sorted(FAMILIES)), help="Random layers of a family instead.")
@click.option("--count", default=50, show_default=True, help="How many random layers.")
@click.option("--seed", default=0, show_default=True, help="Which random layers.")
def main(only: str, level: str, above: float, seconds: float, family: str | None, count: int, seed: int) -> None:
    """Time the candidates of each layer, pass and layout."""
    console = Console()
    chosen = [layer for layer in (random_layers(family, count, seed) if family else layers()) if only in layer.name]
    jobs = [(layer, kind, last) for layer in chosen for last in layer.layouts for kind in Pass]
    losses: list[float] = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for layer, kind, last in progress.track(jobs, description="candidates"):
            times = _times(layer, kind, level, last, seconds)
            if times:
                losses.append(next(iter(times.values())) / min(times.values()))
            if times and losses[-1] >= above:
                told = ", ".join(f"{name} {time * 1e3:.3f} ms" for name, time in times.items())
                console.print(f"{layer.name} {'NHWC' if last else 'NCHW'} {kind.value}: {told}", soft_wrap=True)
    if losses:
        mean = math.exp(sum(map(math.log, losses)) / len(losses))
        console.print(f"the chosen take {mean:.3f} times as long as the fastest, mean of {len(losses)} passes")


if __name__ == "__main__":
    main()
