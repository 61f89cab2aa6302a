"""`python -m bench.strength`: kernels compiled with LLVM's loop strength reduction and without, by turns.

Prints what compiling takes either way, the geometric means of what running takes, by pass and by algorithm, and the
passes furthest from even: whether a target is better off without it (`tilewise.jit.compiler`) is to be read here.
"""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator

import click
import torch
from rich.console import Console
from rich.progress import Progress

import tilewise
from bench.candidates import run
from bench.choices import problem
from bench.table import Layer, layers
from tilewise import algorithms, target
from tilewise.jit import compiler, loader
from tilewise.problem import Pass
from tilewise.timing import Side, alternate


class _Compiled:
    """One way to compile, with the kernels loaded that way and what compiling them took."""

    def __init__(self, reduces: bool):
        self.reduces = reduces
        self.options = f"{compiler.OPTIONS};reduces={reduces}"
        self.addresses: dict[object, int] = {}
        self.seconds: dict[str, float] = defaultdict(float)  # by algorithm
        self.algorithm = ""  # which runs

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Within the block, calls run on the kernels of this way; plans are made anew at both ends."""
        before = compiler._reduces_strength, compiler.OPTIONS, loader._addresses
        spent = loader.counts.compile_seconds
        compiler._reduces_strength = lambda _: self.reduces
        compiler.OPTIONS, loader._addresses = self.options, self.addresses
        tilewise.torch_ops.dispatch.forget()
        try:
            yield
        finally:
            compiler._reduces_strength, compiler.OPTIONS, loader._addresses = before
            self.seconds[self.algorithm] += loader.counts.compile_seconds - spent
            tilewise.torch_ops.dispatch.forget()


def _ratio(layer: Layer, kind: Pass, last: bool, ways: dict[str, _Compiled], seconds: float) -> float:
    """Seconds a call with strength reduction over those without."""
    call = run(layer, kind, torch.float32, last)
    sides = [Side(name, call, way) for name, way in ways.items()]
    times = {timing.name: timing.best for timing in alternate(sides, seconds)}
    return times["with"] / times["without"]


@click.command()
@click.option("--only", default="", help="Layers whose name contains this.")
@click.option("--seconds", default=0.3, show_default=True, help="For each pass and layout.")
@click.option("--furthest", default=10, show_default=True, help="How many passes to print at either end.")
def main(only: str, seconds: float, furthest: int) -> None:
    """Compile and run the table's layers with loop strength reduction and without."""
    console = Console()
    jobs = [(layer, kind, last) for layer in layers() if only in layer.name for last in layer.layouts for kind in Pass]
    ways = {name: _Compiled(reduces) for name, reduces in (("with", True), ("without", False))}
    ratios: dict[tuple[str, str, str], float] = {}
    chosen: dict[tuple[str, str, str], str] = {}
    with contextlib.ExitStack() as stack:
        os.environ["TILEWISE_CACHE_DIR"] = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(tilewise.enabled())
        progress = stack.enter_context(Progress(console=Console(stderr=True), transient=True))
        for layer, kind, last in progress.track(jobs, description="strength reduction"):
            where = layer.name, "NHWC" if last else "NCHW", kind.value
            asked = problem(layer, kind, torch.float32, "highest", last)
            chosen[where] = algorithms.choose(asked, target.host()).algorithm
            for way in ways.values():
                way.algorithm = chosen[where]
            ratios[where] = _ratio(layer, kind, last, ways, seconds)
    told = ", ".join(
        f"{name} it {sum(way.seconds.values()):.1f} s ({len(way.addresses)} kernels)" for name, way in ways.items()
    )
    console.print(f"compiling: {told}")
    logarithms = defaultdict(list)
    for where, ratio in ratios.items():
        logarithms[where[-1]].append(math.log(ratio))
        logarithms[chosen[where]].append(math.log(ratio))
    for name, values in logarithms.items():
        mean = math.exp(sum(values) / len(values))
        told = f"{name}: running with it {mean:.3f}x the time without, geometric mean of {len(values)}"
        if name in chosen.values():
            told += "; compiling " + ", ".join(f"{key} {way.seconds[name]:.1f} s" for key, way in ways.items())
        console.print(told, soft_wrap=True)
    order = sorted(ratios, key=ratios.__getitem__)
    for where in [*order[:furthest], *order[max(furthest, len(order) - furthest) :]]:
        console.print(f"  {ratios[where]:.2f}x {' '.join(where)}", soft_wrap=True)


if __name__ == "__main__":
    main()
