"""`tilewise tune`: the fastest kernels for a layer or a model, by measurement, remembered in the cache's directory."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from tilewise.cli.common import DTYPES, console, errors, print_json, shape

if TYPE_CHECKING:
    from tilewise.tuning import Tuning


@click.command("tune")
@click.argument("model")
@click.option(
    "--input", "sizes", callback=shape, metavar="SIZES", required=True, help="Input shape, such as 1,3,224,224."
)
@click.option("--backward", is_flag=True, help="Measure both gradients too, with the model in training mode.")
@click.option("--dtype", type=click.Choice(DTYPES), default="float32", show_default=True)
@click.option("--channels-last", is_flag=True, help="Model and input are channels-last.")
@click.option("--precision", type=click.Choice(["highest", "high", "medium"]), help="Level for float32.")
@click.option("--threads", type=click.IntRange(1), help="Threads that the choices are for; PyTorch's by default.")
@click.option(
    "--seconds", type=click.FloatRange(0.01), default=0.3, show_default=True, help="Time for each distinct problem."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(model: str, as_json: bool, threads: int | None, **options: Any) -> None:
    """Choose the fastest kernels for a layer or a model by measurement.

    MODEL is a layer's line, of which nothing is executed, or file.py:Model, which is imported:

    \b
        tilewise tune "Conv2d(64, 64, 3, padding=1)" --input 1,64,56,56
        tilewise tune examples/cnn.py:CNN --input 32,3,32,32 --backward

    Every algorithm that applies is timed by turns beside PyTorch's own kernel. The fastest is remembered in the
    cache's directory, for exactly these sizes, types, threads and this CPU; later programs use it without measuring.
    `tilewise cache clear` forgets it.
    """
    with errors():
        import torch

        if threads is not None:
            torch.set_num_threads(threads)
        told = _tune(model, as_json, **options)
    if as_json:
        print_json(told.to_dict())
    else:
        console().print(told)


def _tune(
    name: str, quiet: bool, sizes: tuple[int, ...], backward: bool, dtype: str, channels_last: bool,
    precision: str | None, seconds: float,
) -> Tuning:  # fmt: skip
    import torch

    import tilewise
    from tilewise.cli.models import is_file, load_with_input

    torch.manual_seed(0)
    module, x = load_with_input(name, sizes, dtype, channels_last)
    module.train(backward)
    # Nobody asks for the gradient of a network's images; of a single layer's input somebody may.
    x.requires_grad_(backward and not is_file(name))
    with ExitStack() as stack:
        return tilewise.tune(
            module, x, backward=backward, precision=precision, seconds=seconds, progress=_bar(stack, quiet)
        )


def _bar(stack: ExitStack, quiet: bool) -> Callable[[float, int, str], None]:
    """A bar of as many steps as there are problems, which is known when the first begins."""
    from tilewise.cli.progress import bar

    begin: list[Callable[[str], Callable[[float], None]]] = []
    steps: list[Callable[[float], None]] = []

    def progress(done: float, of: int, what: str) -> None:
        if not begin:
            begin.append(stack.enter_context(bar(console(), of, quiet)))
        if done == len(steps):
            steps.append(begin[0](what))
        steps[-1](done - len(steps) + 1)

    return progress
