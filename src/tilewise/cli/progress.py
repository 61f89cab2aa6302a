"""Progress bars of the commands: shown in a terminal, on its error stream, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(steps: int, quiet: bool = False) -> Iterator[Callable[[str], Callable[[float], None]]]:
    """A bar of so many steps. Calling what it gives with a step's name begins the step, and gives a function that
    takes how much of it is done, from 0 to 1."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    out = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    begun = 0
    with Progress(*columns, console=out, transient=True, disable=quiet or not out.is_terminal) as progress:
        task = progress.add_task("", total=steps)

        def begin(name: str) -> Callable[[float], None]:
            nonlocal begun
            start = begun
            begun += 1
            progress.update(task, description=name, completed=start)
            return lambda part: progress.update(task, completed=start + part)

        yield begin
