"""`python -m bench.tiles`: what AMX kernels do beside their tile products, timed on any x86-64 CPU.

Kernels are generated without tile products, with tile stores writing zeros, and without tile loads but of tensors that
are not packed: what remains (packing, turning, storing, threads) runs on this CPU and is timed for real. The products
are counted and told as the time that two cores of Emerald Rapids would take at their measured peak of 2900 GFLOP/s
each: what a whole layer takes there is no less than that, and not much more than the sum. So it shows where AMX kernels
lose time, on machines that have none.
"""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import click
import torch
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import tilewise
from bench.candidates import run
from bench.choices import problem
from bench.table import LEVELS, Layer, layers
from tilewise import algorithms, target
from tilewise.algorithms.amx import amx, amx_weights, amx_winograd
from tilewise.ir.amx import ROW_BYTES, ROWS, Tiles
from tilewise.ir.builder import Value
from tilewise.problem import Pass
from tilewise.timing import Side, alternate

# Multiply-adds a second.
_PEAK = 2 * 1.45e12


def _written(tiles: Tiles, tile: int, *_: object) -> None:
    """In place of an instruction that fills a tile: nothing but that it is known as filled."""
    tiles._written.add(tile)


def _read(tiles: Tiles, tile: int, address: str, stride: Value = ROW_BYTES) -> None:
    """In place of TILELOADD: the same lines of memory, read into registers."""
    _written(tiles, tile)
    b = tiles.b
    for row in range(ROWS):
        b.let(f"load volatile <16 x i32>, ptr {b.at(address, b.mul(stride, row))}, align 4")


def _touched(tiles: Tiles, tile: int, address: str, stride: Value = ROW_BYTES) -> None:
    """In place of TILELOADD: packed lines are near and not read; those of a tensor itself come from memory, and are."""
    if stride == ROW_BYTES:
        _written(tiles, tile)
    else:
        _read(tiles, tile, address, stride)


def _zeros(tiles: Tiles, tile: int, address: str, stride: Value = 64) -> None:
    """In place of TILESTORED: the same lines of memory, written with zeros."""
    b = tiles.b
    for row in range(ROWS):
        b.store("<16 x i32>", "zeroinitializer", b.at(address, b.mul(stride, row)), 4)


def _leave_out_tiles(loads: bool) -> None:
    """For this process: kernels without tile products, and without loads of what is packed unless `loads` says so."""
    Tiles.zero, Tiles.load = _written, _read if loads else _touched  # type: ignore[method-assign,assignment]
    Tiles.dot = lambda *_: None  # type: ignore[method-assign,assignment]
    Tiles.store = _zeros  # type: ignore[method-assign]


def _measure(layer: Layer, level: str, last: bool, kind: Pass, seconds: float) -> dict[str, object] | None:
    """One pass: milliseconds beside the products, and of the products at the peak; None where tiles do not apply."""
    dtype = torch.bfloat16 if level == "bf16" else torch.float32
    asked = problem(layer, kind, dtype, level, last)
    found = [module for module in (amx, amx_winograd, amx_weights) if not module.why_not(asked, target.host())]
    if not found:
        return None
    # What is expected to be fastest where tiles are real.
    tiles = dataclasses.replace(target.host(), level="amx")
    module = min(found, key=lambda module: module.seconds(asked, tiles))
    with algorithms.only(module.NAME), tilewise.precision("highest" if level == "bf16" else level):
        (timing,) = alternate([Side(module.NAME, run(layer, kind, dtype, last))], seconds)
    return {
        "layer": layer.name, "level": level, "layout": "NHWC" if last else "NCHW", "pass": kind.value,
        "algorithm": module.NAME, "beside_ms": timing.best * 1e3, "products_ms": module.products(asked) / _PEAK * 1e3,
    }  # fmt: skip


@click.command()
@click.option("--only", default="", help="Layers whose name contains this.")
@click.option("--level", type=click.Choice(LEVELS), default="highest", show_default=True)
@click.option(
    "--loads", is_flag=True, help="Read all that tiles load, too: lines that another thread packed come from far."
)
@click.option("--seconds", default=0.12, show_default=True, help="For each pass and layout.")
@click.option("--json", "path", type=click.Path(dir_okay=False, path_type=Path), help="Write the rows to this file.")
def main(only: str, level: str, loads: bool, seconds: float, path: Path | None) -> None:
    """Time what AMX kernels do beside their products, layer by layer."""
    os.environ["TILEWISE_ISA"] = "amx-emulated"
    _leave_out_tiles(loads)
    chosen = [
        layer for layer in layers() if only in layer.name and (layer.groups == 1 or layer.groups != layer.in_channels)
    ]
    jobs = [(layer, last, kind) for layer in chosen for last in (False, True) for kind in Pass]
    rows = []
    with tilewise.enabled(), Progress(console=Console(stderr=True), transient=True) as progress:
        for layer, last, kind in progress.track(jobs, description="tiles"):
            if row := _measure(layer, level, last, kind, seconds):
                rows.append(row)
    table = Table(box=None, pad_edge=False, caption="milliseconds; products at the peak")
    for heading in ("layer", "layout", "pass", "algorithm", "beside", "products"):
        table.add_column(heading, no_wrap=True, justify="right" if heading in ("beside", "products") else "left")
    for row in rows:
        table.add_row(
            str(row["layer"]), str(row["layout"]), str(row["pass"]), str(row["algorithm"]),
            f"{row['beside_ms']:.3f}", f"{row['products_ms']:.3f}",
        )  # fmt: skip
    Console().print(table)
    if path:
        path.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
