"""`python -m bench.constants fma.fma:_COPY_SHARE 0 0.3 1 --algorithm fma`: constants that plans are made by, by turns.

Each pass that an algorithm serves is planned anew with each of the values in one process. The first one's time is told,
what it reaches of the limit (`bench.limits`), and what the other values are worth beside it. Without an algorithm, what
is chosen is run: so constants of expected times are tried. A constant is named as its module below
`tilewise.algorithms`, a colon and its name, in brackets the key in a table.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

import click
import torch
from rich.console import Console
from rich.progress import Progress

import tilewise
from bench.candidates import run
from bench.choices import problem
from bench.limits import least_seconds
from bench.table import layers
from tilewise import algorithms, target
from tilewise.algorithms import registry
from tilewise.problem import Pass
from tilewise.timing import Side, alternate

_NAME = re.compile(r"(?P<module>[\w.]+):(?P<name>\w+)(\[(?P<key>.+)\])?")


def forget_plans() -> None:
    """Plans are made anew from here on."""
    registry._choose.cache_clear()
    tilewise.torch_ops.dispatch.forget()


@dataclass(frozen=True)
class Constant:
    """A number of a module, or one in a table of it."""

    module: ModuleType
    name: str
    key: object = None

    @classmethod
    def named(cls, text: str) -> Constant:
        """The constant that the command line names; click.BadParameter where there is none."""
        found = _NAME.fullmatch(text)
        if not found:
            raise click.BadParameter(f"{text!r} is not like fma.contraction:_FAR_BYTES[16]")
        try:
            module = importlib.import_module(f"tilewise.algorithms.{found['module']}")
            constant = cls(module, found["name"], ast.literal_eval(found["key"]) if found["key"] else None)
            constant.value()
        except (ImportError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise click.BadParameter(f"{text!r}: {error}") from error
        return constant

    def value(self) -> object:
        """What it is now."""
        whole = getattr(self.module, self.name)
        return whole if self.key is None else whole[self.key]

    def _put(self, value: object) -> None:
        if self.key is None:
            setattr(self.module, self.name, value)
        else:
            getattr(self.module, self.name)[self.key] = value
        forget_plans()

    @contextlib.contextmanager
    def replaced(self, value: object, algorithm: str | None = None) -> Iterator[None]:
        """Within the block plans are made by another value, of one algorithm if it is named."""
        usual = self.value()
        self._put(value)
        try:
            with algorithms.only(algorithm) if algorithm else contextlib.nullcontext():
                yield
        finally:
            self._put(usual)


@click.command()
@click.argument("constant")
@click.argument("values", nargs=-1, required=True)
@click.option("--algorithm", help="Run this one wherever it serves.")
@click.option("--only", default="", help="Layers whose name matches this pattern.")
@click.option("--seconds", default=0.3, show_default=True, help="For each value, pass and layout.")
def main(constant: str, values: tuple[str, ...], algorithm: str | None, only: str, seconds: float) -> None:
    """Time the passes of the table, in float32, under two or more VALUES of a CONSTANT."""
    if len(values) < 2:
        raise click.UsageError("two values at least: the first is what the others are compared with")
    known = [one.name for one in registry.algorithms()]
    if algorithm and algorithm not in known:
        raise click.BadParameter(f"{algorithm!r} is none of {', '.join(known)}")
    named, console = Constant.named(constant), Console()
    jobs = [(layer, kind, last) for layer in layers() if re.search(only, layer.name) for last in layer.layouts
            for kind in Pass]  # fmt: skip
    ratios: list[list[float]] = []
    with tilewise.enabled(), Progress(console=Console(stderr=True), transient=True) as progress:
        for layer, kind, last in progress.track(jobs, description="constants"):
            task = problem(layer, kind, torch.float32, "highest", last)
            if algorithm and algorithm not in algorithms.candidates(task, target.host()):
                continue
            call = run(layer, kind, torch.float32, last)
            sides = [
                Side(text, call, functools.partial(named.replaced, ast.literal_eval(text), algorithm))
                for text in values
            ]  # fmt: skip
            times = [timing.best for timing in alternate(sides, seconds * len(sides))]
            ratios.append([time / times[0] for time in times])
            told = " ".join(f"{text} {ratio:.2f}x" for text, ratio in zip(values[1:], ratios[-1][1:], strict=True))
            where = f"{layer.name} {'NHWC' if last else 'NCHW'} {kind.value}"
            share = least_seconds(layer, "highest", 1) / times[0]
            first = f"{times[0] * 1e3:.3f} ms, {share:.0%} of the limit"
            console.print(f"{where}: {first}, {told}", soft_wrap=True, highlight=False)
    for number, text in enumerate(values[1:], 1) if ratios else ():
        mean = math.exp(sum(math.log(one[number]) for one in ratios) / len(ratios))
        console.print(f"{text}: {mean:.3f}x the time of {values[0]}, mean of {len(ratios)} passes", highlight=False)


if __name__ == "__main__":
    main()
