"""`python -m bench.rounds`: what smaller rounds of channels would save in scratch memory, and cost in time, by turns.

Passes whose scratch memory does not change are left out; see `tilewise.algorithms.common.rounds`.
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Iterator

import click
import torch
from rich.console import Console
from rich.progress import Progress

import tilewise
from bench.candidates import run
from bench.choices import choice
from bench.constants import forget_plans
from bench.table import layers
from tilewise.algorithms.common import rounds
from tilewise.problem import Pass
from tilewise.timing import Side, alternate

# What the bounds of a workspace are multiplied with; nothing leaves the tensors' share alone, or a round of one block.
_SHARES = (1.0, 0.5, 0.25, 0.0)
_BOUNDS = rounds._SMALL_BYTES, rounds._LEAST_BYTES


def _bound(share: float) -> None:
    rounds._SMALL_BYTES, rounds._LEAST_BYTES = (int(share * size) for size in _BOUNDS)
    forget_plans()


@contextlib.contextmanager
def _bounded(share: float) -> Iterator[None]:
    """Within the block, plans are made anew under so much of the usual bounds."""
    _bound(share)
    try:
        yield
    finally:
        _bound(1.0)


@click.command()
@click.option("--only", default="", help="Layers whose name contains this.")
@click.option("--seconds", default=0.6, show_default=True, help="For each pass and layout.")
def main(only: str, seconds: float) -> None:
    """Scratch memory and time under smaller bounds, in float32."""
    console = Console()
    jobs = [(layer, kind, last) for layer in layers() if only in layer.name for last in layer.layouts for kind in Pass]
    found: list[dict[float, tuple[int, float]]] = []
    with tilewise.enabled(), Progress(console=Console(stderr=True), transient=True) as progress:
        for layer, kind, last in progress.track(jobs, description="rounds"):
            sizes = {}
            for share in _SHARES:
                with _bounded(share):
                    plan = choice(layer, kind, torch.float32, "highest", last).plan
                    sizes[share] = plan.workspace_bytes if plan else 0
            if min(sizes.values()) > 0 and len(set(sizes.values())) > 1:
                call = run(layer, kind, torch.float32, last)
                sides = [Side(str(share), call, functools.partial(_bounded, share)) for share in _SHARES]
                times = {float(timing.name): timing.best for timing in alternate(sides, seconds)}
                found.append({share: (sizes[share], times[share]) for share in _SHARES})
    for share in _SHARES[1:] if found else ():
        memory, time = (
            math.exp(sum(math.log(one[share][i] / one[1.0][i]) for one in found) / len(found)) for i in (0, 1)
        )
        console.print(f"bounds x {share}: {memory:.2f}x the memory, {time:.3f}x the time, means of {len(found)} passes")


if __name__ == "__main__":
    main()
