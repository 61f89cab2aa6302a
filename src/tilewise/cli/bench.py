"""`tilewise bench`: a layer or a model, PyTorch beside Tilewise in one run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from tilewise.cli.common import DTYPES, console, errors, print_json, shape

if TYPE_CHECKING:
    import torch

    from tilewise.timing import Timing

PASSES = ("forward", "backward", "input-gradient", "weight-gradient")
# A median so many times the minimum is other programs' doing.
BUSY = 1.5
BUSY_NOTE = "Note: times vary much: this machine is busy, and the ratio is less sure."


def _passes(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in value.split(",") if part.strip())
    for name in names:
        if name not in PASSES:
            raise click.BadParameter(f"{name!r} is no pass; there are {', '.join(PASSES)}")
    return names


@click.command("bench")
@click.argument("model")
@click.option(
    "--input", "sizes", callback=shape, metavar="SIZES", required=True, help="Input shape, such as 1,3,224,224."
)
@click.option(
    "--passes", callback=_passes, metavar="PASSES", default="forward,backward", show_default=True,
    help="Some of forward, backward (both gradients), input-gradient, weight-gradient.",
)  # fmt: skip
@click.option("--dtype", type=click.Choice(DTYPES), default="float32", show_default=True)
@click.option("--channels-last", is_flag=True, help="Both sides get model and input channels-last.")
@click.option("--precision", type=click.Choice(["highest", "high", "medium"]), help="Tilewise's level for float32.")
@click.option("--threads", type=click.IntRange(1), help="Threads for both sides; PyTorch's choice by default.")
@click.option("--seconds", type=click.FloatRange(0.1), default=3.0, show_default=True, help="Time for each pass.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(model: str, as_json: bool, seconds: float, threads: int | None, **options: Any) -> None:
    """Time a layer or a model: PyTorch beside Tilewise, by turns in one run, with ratios.

    MODEL is a layer's line, of which nothing is executed, or file.py:Model, which is imported:

    \b
        tilewise bench "Conv2d(64, 64, 3, padding=1)" --input 1,64,56,56
        tilewise bench examples/cnn.py:CNN --input 32,3,32,32 --passes forward

    Times are the minimum of many calls; a ratio above 1 says that Tilewise is faster.
    """
    with errors():
        import torch

        if threads is not None:
            torch.set_num_threads(threads)
        rows = _measure(model, seconds, as_json, **options)
        facts = _facts(model, options)
    if as_json:
        print_json({**facts, "passes": rows})
    else:
        _show(facts, rows)


def _measure(
    name: str,
    seconds: float,
    quiet: bool,
    sizes: tuple[int, ...],
    passes: tuple[str, ...],
    dtype: str,
    channels_last: bool,
    precision: str | None,
) -> list[dict[str, Any]]:
    import torch

    from tilewise import precision as set_precision
    from tilewise.cli.models import load_with_input
    from tilewise.cli.progress import bar
    from tilewise.torch_ops import precision_level

    torch.manual_seed(0)
    module, x = load_with_input(name, sizes, dtype, channels_last)
    module.eval()
    with set_precision(precision or precision_level()), bar(console(), len(passes), quiet) as begin:
        return [_row(each, _program(each, module, x), seconds, begin(each)) for each in passes]


def _program(name: str, module: torch.nn.Module, x: torch.Tensor) -> Callable[[], object]:
    """What is timed: the forward pass, or gradients through a graph that is built once."""
    import torch

    if name == "forward":

        def forward() -> None:
            with torch.no_grad():
                module(x)

        return forward
    x = x.detach().requires_grad_(name != "weight-gradient")
    inputs: list[torch.Tensor] = [x] if x.requires_grad else []
    weights = [] if name == "input-gradient" else [p for p in module.parameters() if p.requires_grad]
    if not inputs and not weights:
        raise click.UsageError(f"{name}: this model has no parameters that take gradients")
    result = module(x)
    tensors = [result] if isinstance(result, torch.Tensor) else [t for t in _leaves(result) if t.requires_grad]
    slopes = [torch.randn_like(t) for t in tensors]

    def backward() -> None:
        torch.autograd.grad(tensors, [*inputs, *weights], slopes, retain_graph=True, allow_unused=True)

    return backward


def _leaves(value: Any) -> list[torch.Tensor]:
    import torch
    from torch.utils._pytree import tree_leaves

    return [leaf for leaf in tree_leaves(value) if isinstance(leaf, torch.Tensor)]


def _row(name: str, run: Callable[[], object], seconds: float, progress: Callable[[float], None]) -> dict[str, Any]:
    import tilewise
    from tilewise.timing import Side, alternate, ratio
    from tilewise.torch_ops.dispatch import counts

    sides = [Side("pytorch", run, tilewise.disabled), Side("tilewise", run, tilewise.enabled)]
    theirs: Timing
    ours: Timing
    before = counts()
    theirs, ours = alternate(sides, seconds, progress)
    after = counts()
    return {
        "pass": name,
        "pytorch": dataclasses.asdict(theirs),
        "tilewise": dataclasses.asdict(ours),
        "ratio": ratio(theirs, ours),
        "calls": {kind: after[kind] - before[kind] for kind in ("generated", "native")},
    }


def _facts(model: str, options: dict[str, Any]) -> dict[str, Any]:
    import torch

    from tilewise.explanation.build import machine
    from tilewise.torch_ops import precision_level

    return {
        "model": model,
        "input": list(options["sizes"]),
        "dtype": options["dtype"],
        "layout": "channels last" if options["channels_last"] else "contiguous",
        "precision": options["precision"] or precision_level(),
        "machine": dataclasses.asdict(machine()),
        "torch": torch.__version__,
    }


def _show(facts: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from tilewise import units
    from tilewise.explanation import Machine
    from tilewise.explanation.printing import machine_line

    out = console()
    out.print(Text(facts["model"], "bold cyan"))
    what = f"{units.shape(tuple(facts['input']))}, {facts['dtype']}, {facts['layout']}"
    if facts["dtype"] == "float32":
        what += f", precision {facts['precision']}"
    out.print(what, style="dim")
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("pass")
    for column in ("PyTorch", "Tilewise", "ratio", "kernels"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row["pass"], *(units.duration(row[side]["best"]) for side in ("pytorch", "tilewise")),
            ratio_text(row["ratio"]), _kernels(row["calls"]),
        )  # fmt: skip
    out.print()
    out.print(table)
    out.print()
    calls = min(row[side]["calls"] for row in rows for side in ("pytorch", "tilewise"))
    out.print(f"Minimum of {calls} or more calls a side, by turns. torch {facts['torch']}.", style="dim")
    out.print(machine_line(Machine(**facts["machine"])))
    if any(row[side]["median"] > BUSY * row[side]["best"] for row in rows for side in ("pytorch", "tilewise")):
        out.print(BUSY_NOTE, style="yellow")


def ratio_text(value: float) -> Any:
    """How many times faster Tilewise is: green where it is, red where it is not."""
    from rich.text import Text

    return Text(f"{value:.2f}x", "bold green" if value >= 1.0 else "bold red")


def _kernels(calls: dict[str, int]) -> str:
    if not calls["generated"]:
        return "PyTorch's own" if calls["native"] else "no convolution"
    return "generated" if not calls["native"] else "generated, some PyTorch's own"
