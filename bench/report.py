"""`python -m bench.report FILE.json`: what `bench.layers --json` wrote, as Markdown tables for docs/benchmarks.md."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from pathlib import Path

import click

from bench.layers import Row
from bench.table import layers


def means(rows: list[Row]) -> list[str]:
    """Geometric mean and worst layer of each class, a column a pass."""
    kinds = {layer.name: layer.classes for layer in layers()}
    groups: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for kind in kinds[row.layer]:
            groups[kind][row.direction].append(row.ratio)
    lines = ["| class | layers | forward | worst | backward | worst |", "|---|---|---|---|---|---|"]
    for kind, passes in groups.items():
        cells = [kind, str(max(len(ratios) for ratios in passes.values()))]
        for direction in ("forward", "backward"):
            ratios = passes[direction]
            mean = math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else math.nan
            cells += [f"{mean:.2f}x", f"{min(ratios, default=math.nan):.2f}x"]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def table(rows: list[Row]) -> list[str]:
    """Every layer; milliseconds."""
    lines = [
        "| layer | PyTorch | NHWC | Tilewise | NHWC | ratio | NCHW | limit | algorithms (NHWC) |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        times = (row.torch_nchw, row.torch_nhwc, row.tilewise_nchw, row.tilewise_nhwc)
        share = row.limit / min(row.tilewise_nchw, row.tilewise_nhwc)
        cells = [
            row.layer, *(f"{time:.3f}" for time in times), f"{row.ratio:.2f}x", f"{row.ratio_nchw:.2f}x",
            f"{share:.0%}", row.algorithm,
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


@click.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--below", type=float, help="Of the layers, only those below this ratio.")
def main(file: Path, below: float | None) -> None:
    """Tables of one file of results."""
    rows = [Row(**row) for row in json.loads(file.read_text())]
    for level in dict.fromkeys(row.level for row in rows):
        mine = [row for row in rows if row.level == level]
        click.echo("\n".join(means(mine)) + "\n")
        for direction in ("forward", "backward"):
            part = [row for row in mine if row.direction == direction and (below is None or row.ratio < below)]
            if part:
                click.echo(f"**{direction}, {level}**\n")
                click.echo("\n".join(table(part)) + "\n")


if __name__ == "__main__":
    main()
