"""Progress bars of the commands: shown in a terminal, gone when they are done, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@contextmanager
def bar(out: Console, steps: int = 1, quiet: bool = False) -> Iterator[Callable[[str], Callable[[float], None]]]:
    """A bar of so many steps. Calling what it gives with a step's name begins the step, and gives a function that
    takes how much of it is done, from 0 to 1."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(compact=True))
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
