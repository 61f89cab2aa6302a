"""What several commands share: shapes as options, a console, and errors as one clear line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from tilewise.errors import TilewiseError

if TYPE_CHECKING:
    from rich.console import Console

DTYPES = ("float32", "float64", "bfloat16", "float16")


def shape(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, ...]:
    """An option's callback: `1,3,32,32` or `1x3x32x32` as numbers."""
    try:
        sizes = tuple(int(part) for part in value.strip("() ").lower().replace("x", ",").split(",") if part)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no shape; write whole numbers with commas, 1,3,32,32") from None
    if not sizes or min(sizes) < 1:
        raise click.BadParameter(f"{value!r} is no shape; sizes are whole numbers of at least 1, such as 1,3,32,32")
    return sizes


def counted(number: int, what: str) -> str:
    """A number of things."""
    return f"{number} {what}{'s' if number != 1 else ''}"


def console() -> Console:
    """The terminal."""
    from rich.console import Console

    return Console(highlight=False)


def print_json(data: Any) -> None:
    """Indented, for programs and people."""
    click.echo(json.dumps(data, indent=2))


@contextmanager
def errors() -> Iterator[None]:
    """What the library or PyTorch refuses becomes one message and exit status 1, not a traceback."""
    try:
        yield
    except (TilewiseError, ValueError, TypeError, RuntimeError, OSError) as error:
        raise click.ClickException(str(error)) from error
