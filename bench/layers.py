"""`make bench`: the layers of layers.csv, PyTorch in both layouts beside Tilewise in both, by turns in one run.

A ratio is PyTorch's faster layout over Tilewise's faster layout; "NCHW" compares both in the default layout. Per
cent of the limit is what the larger of arithmetic and bytes would allow on this machine, measured at the start.
Backward is all gradients: input, weight and bias. Both sides are capped alike: with TILEWISE_ISA set, run with
ONEDNN_MAX_CPU_ISA and ATEN_CPU_CAPABILITY set to match (the command prints them).
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import torch
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import tilewise
from bench.choices import choice
from bench.limits import least_seconds, limits
from bench.table import LEVELS, QUICK, Layer, layers
from tilewise import target
from tilewise.problem import Pass
from tilewise.timing import Side, alternate

_CAPS = {
    "avx2": ("AVX2", "avx2"),
    "avx512": ("AVX512_CORE", "avx512"),
    "avx512-bf16": ("AVX512_CORE_BF16", "avx512"),
}


@dataclass(frozen=True)
class Row:
    """What was measured of one layer, pass and level; times in milliseconds."""

    layer: str
    level: str
    direction: str
    torch_nchw: float
    torch_nhwc: float
    tilewise_nchw: float
    tilewise_nhwc: float
    limit: float
    algorithm: str

    @property
    def ratio(self) -> float:
        """PyTorch's faster layout over Tilewise's."""
        return min(self.torch_nchw, self.torch_nhwc) / min(self.tilewise_nchw, self.tilewise_nhwc)

    @property
    def ratio_nchw(self) -> float:
        """Both in the default layout."""
        return self.torch_nchw / self.tilewise_nchw


def _calls(layer: Layer, direction: str, dtype: torch.dtype, channels_last: bool) -> Callable[[], object]:
    x, w, b = layer.tensors(dtype, channels_last)
    parameters = layer.parameters
    if direction == "forward":
        return lambda: torch.convolution(x, w, b, *parameters)
    gradient = torch.randn_like(torch.convolution(x, w, b, *parameters))
    backward = torch.ops.aten.convolution_backward
    return lambda: backward(gradient, x, w, [layer.out_channels], *parameters, [True, True, True])


def _algorithm(layer: Layer, direction: str, dtype: torch.dtype, level: str) -> str:
    """The algorithms chosen, in the channels-last layout where there is one."""
    kinds = (Pass.FORWARD,) if direction == "forward" else (Pass.INPUT_GRADIENT, Pass.WEIGHT_GRADIENT)
    return ", ".join(dict.fromkeys(choice(layer, kind, dtype, level, True).algorithm for kind in kinds))


def _measure(layer: Layer, level: str, direction: str, seconds: float) -> Row:
    dtype = torch.bfloat16 if level == "bf16" else torch.float32
    # In one dimension PyTorch has one layout only; the second pair of sides then repeats the first.
    sides = [
        Side(f"{name} {channels_last}", _calls(layer, direction, dtype, channels_last), within)
        for name, within in (("torch", tilewise.disabled), ("tilewise", tilewise.enabled))
        for channels_last in (False, True)
    ]
    precision = tilewise.precision(level) if level != "bf16" else contextlib.nullcontext()
    with precision:
        times = [timing.best * 1e3 for timing in alternate(sides, seconds)]
    limit = least_seconds(layer, level, 1 if direction == "forward" else 2) * 1e3
    return Row(layer.name, level, direction, *times, limit, _algorithm(layer, direction, dtype, level))


def _print(console: Console, rows: list[Row]) -> None:
    for level, direction in dict.fromkeys((row.level, row.direction) for row in rows):
        table = Table(title=f"{direction}, {level}", title_justify="left", pad_edge=False)
        for name in ("layer", "PyTorch", "NHWC", "Tilewise", "NHWC", "ratio", "NCHW", "limit", "algorithm"):
            table.add_column(name, justify="left" if name in ("layer", "algorithm") else "right")
        for row in rows:
            if (row.level, row.direction) != (level, direction):
                continue
            share = row.limit / min(row.tilewise_nchw, row.tilewise_nhwc)
            colour = "green" if row.ratio >= 1 else "red"
            cells = [f"{v:.3f}" for v in (row.torch_nchw, row.torch_nhwc, row.tilewise_nchw, row.tilewise_nhwc)]
            ratio = f"[{colour}]{row.ratio:.2f}x[/]"
            table.add_row(row.layer, *cells, ratio, f"{row.ratio_nchw:.2f}x", f"{share:.0%}", row.algorithm)
        console.print(table)


def _means(console: Console, rows: list[Row]) -> None:
    kinds = {layer.name: layer.classes for layer in layers()}
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        for kind in kinds[row.layer]:
            groups[kind, row.level, row.direction].append(row)
    table = Table(title="geometric means, and the worst layer", title_justify="left", pad_edge=False)
    for name in ("class", "level", "pass", "layers", "mean", "worst", "NCHW"):
        table.add_column(name, justify="left" if name in ("class", "level", "pass") else "right")
    for (kind, level, direction), mine in groups.items():
        ratios, planes = [row.ratio for row in mine], [row.ratio_nchw for row in mine]
        means = (math.exp(sum(map(math.log, some)) / len(some)) for some in (ratios, planes))
        mean, mean_nchw = (f"{one:.2f}x" for one in means)
        table.add_row(kind, level, direction, str(len(mine)), mean, f"{min(ratios):.2f}x", mean_nchw)
    console.print(table)


def _heading(console: Console) -> None:
    host, found = target.host(), limits()
    console.print(f"{target.cpu_model()}, {torch.get_num_threads()} threads, kernels for {host.level}")
    tiles = f", tiles {found.tiles / 1e9:.0f} GFLOP/s" if found.tiles else ""
    tiles = (f", bfloat16 pairs {found.pairs / 1e9:.0f} GFLOP/s" if found.pairs else "") + tiles
    console.print(f"limits: FMA {found.fma / 1e9:.0f} GFLOP/s{tiles}, copy {found.copy / 1e9:.1f} GB/s")
    console.print(f"tilewise {tilewise.__version__}, PyTorch {torch.__version__}")
    cap = target.cap()
    if cap in _CAPS:
        wanted = dict(zip(("ONEDNN_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY"), _CAPS[cap], strict=True))
        for name, value in wanted.items():
            if os.environ.get(name, "").upper() != value.upper():
                raise click.UsageError(f"TILEWISE_ISA={cap} caps one side only: set {name}={value} as well")


@click.command()
@click.option("--quick", is_flag=True, help="A chosen few layers, in about three minutes.")
@click.option("--only", help="Layers whose name contains this.")
@click.option("--levels", default=",".join(LEVELS), show_default=True, help="Some of highest, high, bf16.")
@click.option("--passes", default="forward,backward", show_default=True, help="Some of forward, backward.")
@click.option("--seconds", type=float, default=1.0, show_default=True, help="For each layer, pass and level.")
@click.option("--json", "to", type=click.Path(path_type=Path), help="Write all figures to this file.")
def main(quick: bool, only: str | None, levels: str, passes: str, seconds: float, to: Path | None) -> None:
    """Time the layers of bench/layers.csv, PyTorch beside Tilewise."""
    console = Console()
    _heading(console)
    chosen = [layer for layer in layers() if (not quick or layer.name in QUICK) and (not only or only in layer.name)]
    wanted = [level for level in levels.split(",") if level in LEVELS]
    jobs = [(layer, level, way) for level in wanted for way in passes.split(",") for layer in chosen]
    rows: list[Row] = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("layers", total=len(jobs))
        for layer, level, way in jobs:
            progress.update(task, description=f"{layer.name} {way} {level}")
            rows.append(_measure(layer, level, way, 0.4 if quick else seconds))
            progress.advance(task)
    _print(console, rows)
    _means(console, rows)
    if to is not None:
        to.write_text(json.dumps([asdict(row) for row in rows], indent=1))


if __name__ == "__main__":
    main()
