"""`python -m bench.memory`: the scratch memory of every layer of the table, beside its input and output."""

from __future__ import annotations

import dataclasses
import math
import os

import click
import torch
from rich.console import Console
from rich.table import Table

from bench.choices import choice
from bench.table import layers
from tilewise import target
from tilewise.problem import Pass


@click.command()
@click.option("--above", default=1.5, show_default=True, help="Only what takes more than so many times the tensors.")
@click.option("--only", help="Layers whose name contains this.")
@click.option("--tiles", is_flag=True, help="As planned for a CPU with AMX tiles, which this one may lack.")
def main(above: float, only: str | None, tiles: bool) -> None:
    """Scratch memory in float32: MiB, over input plus output, and over these and the filters."""
    if tiles:
        os.environ["TILEWISE_ISA"] = "amx-emulated"
    host = target.host()
    if tiles:  # a CPU that has them has wide vectors, and many
        host = dataclasses.replace(host, level="amx", vector_bytes=64, registers=32)
    table = Table(box=None, pad_edge=False)
    for name in ("layer", "layout", "pass", "algorithm", "MiB", "ratio", "filters"):
        right = name in ("MiB", "ratio", "filters")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    counted = over = 0
    for layer in layers():
        if only and only not in layer.name:
            continue
        for channels_last in layer.layouts:
            x, w, b = layer.tensors(torch.float32, channels_last)
            tensors = 4 * (x.numel() + torch.convolution(x, w, b, *layer.parameters).numel())
            for kind in Pass:
                found = choice(layer, kind, torch.float32, "highest", channels_last, host)
                scratch = found.plan.workspace_bytes if found.plan else 0
                counted += 1
                if scratch <= above * tensors:
                    continue
                over += 1
                table.add_row(
                    layer.name, "NHWC" if channels_last else "NCHW", kind.value.split()[0], found.algorithm,
                    f"{scratch / 2**20:.1f}", f"{scratch / tensors:.2f}",
                    f"{scratch / (tensors + 4 * math.prod(w.shape)):.2f}",
                )  # fmt: skip
    console = Console()
    console.print(table)
    console.print(f"{over} of {counted} above {above}; input, weight: the gradients of these")


if __name__ == "__main__":
    main()
