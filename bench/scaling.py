"""`python -m bench.scaling --cores 16`: how evenly the table's plans could be shared out among more cores than these.

Plans are made as on a machine of so many cores. Each step then runs on one thread, and counts its tickets: if all take
the same time, the last core is done after ceil(tickets / cores) of them. Memory that cores share, and waiting, are not
in it: this finds plans that leave cores without work, on any machine.
"""

from __future__ import annotations

import math
import time

import click
import torch
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.choices import choice, problem
from bench.table import LEVELS, Layer, layers
from tilewise import target
from tilewise.problem import Pass, TensorSpec
from tilewise.runtime import Program, Step
from tilewise.runtime import cores as usable

_TIMES = 3
# Enough for the filters and biases of the table's layers.
_WEIGHTS = 18_000_000


def _room(spec: TensorSpec, dtype: torch.dtype) -> torch.Tensor:
    elements = sum((size - 1) * stride for size, stride in zip(spec.shape, spec.strides, strict=True)) + 1
    return torch.randn(elements).to(dtype)


def _times(steps: tuple[Step, ...], tensors: list[torch.Tensor]) -> list[float]:
    """Milliseconds of each step on one thread."""
    addresses = [tensor.data_ptr() for tensor in tensors]
    addresses[-1] += -addresses[-1] % 64
    found = []
    for step in steps:
        program, best = Program([step], target.host(), True), math.inf
        for _ in range(_TIMES):
            start = time.perf_counter()
            program(1, *addresses)
            best = min(best, time.perf_counter() - start)
        found.append(best * 1e3)
    return found


def _measure(
    layer: Layer, level: str, last: bool, kind: Pass, cores: int, weights: torch.Tensor
) -> tuple[float, str, float, list[tuple[float, int]]] | None:
    """(part of the cores that has work, algorithm, milliseconds on one, those and the tickets of each step)."""
    dtype = torch.bfloat16 if level == "bf16" else torch.float32
    asked = problem(layer, kind, dtype, level, last)
    found = choice(layer, kind, dtype, level, last)
    if found.plan is None or not found.plan.steps:
        return None
    steps = found.plan.steps
    scratch = torch.zeros(found.plan.workspace_bytes + 64, dtype=torch.uint8)
    rooms = [_room(spec, dtype) for spec in (asked.source, asked.destination)]
    times = _times(steps, [*rooms, weights.to(dtype), weights[:10_000].to(dtype), scratch])
    # Every kernel's first argument is the number of its tickets.
    tickets = [step.arguments[0] for step in steps]
    shared = sum(t * math.ceil(n / cores) / n for t, n in zip(times, tickets, strict=True) if n)
    return sum(times) / shared / cores, found.algorithm, sum(times), list(zip(times, tickets, strict=True))


@click.command()
@click.option("--cores", default=16, show_default=True, help="As many as plans are made for.")
@click.option("--level", type=click.Choice(LEVELS), default="highest", show_default=True)
@click.option("--only", default="", help="Layers whose name contains this.")
@click.option("--least", default=0.1, show_default=True, help="Only passes of so many milliseconds on one core.")
@click.option("--most", default=30, show_default=True, help="Rows, the worst first.")
def main(cores: int, level: str, only: str, least: float, most: int) -> None:
    """Part of the cores that the plans of each layer would keep busy; tickets are those of the longest step."""
    usable.usable_cores = lambda: cores  # type: ignore[assignment]
    torch.manual_seed(0)
    weights, rows = torch.randn(_WEIGHTS), []
    jobs = [
        (layer, last, kind) for layer in layers() if only in layer.name
        for last in layer.layouts for kind in Pass
    ]  # fmt: skip
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for layer, last, kind in progress.track(jobs, description="scaling"):
            row = _measure(layer, level, last, kind, cores, weights)
            if row and row[2] >= least:
                rows.append((row, layer.name, "NHWC" if last else "NCHW", kind.value.split()[0]))
    table = Table(box=None, pad_edge=False)
    for heading in ("busy", "layer", "layout", "pass", "algorithm", "ms", "tickets"):
        table.add_column(heading, no_wrap=True, justify="right" if heading in ("busy", "ms") else "left")
    for (busy, algorithm, time_of_one, steps), name, layout, kind_name in sorted(rows)[:most]:
        longest = max(steps)[1]
        table.add_row(f"{busy:.2f}", name, layout, kind_name, algorithm, f"{time_of_one:.2f}", str(longest))
    Console().print(table)
    parts = [row[0][0] for row in rows]
    print(f"{len(parts)} passes, {sum(parts) / max(1, len(parts)):.2f} of {cores} cores busy on the average")


if __name__ == "__main__":
    main()
