"""`tilewise cache`: show or clear the cache of compiled kernels."""

from __future__ import annotations

import dataclasses

import click

from tilewise import units
from tilewise.cli.common import console, print_json


@click.group("cache")
def command() -> None:
    """Show or clear the cache of compiled kernels.

    It is in $TILEWISE_CACHE_DIR, or else in tilewise under the user's cache directory. Clearing it is always
    safe: kernels are compiled again when they are needed.
    """


@command.command("info")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(as_json: bool) -> None:
    """Where it is, and how much it holds."""
    from tilewise.jit import disk_cache

    state = disk_cache().state()
    if as_json:
        print_json(dataclasses.asdict(state))
        return
    out = console()
    out.print(state.directory, style="bold", soft_wrap=True)
    out.print(f"{_kernels(state.kernels)}, {units.size(state.bytes)}")
    if not state.usable:
        out.print(f"not used: {state.reason}", style="yellow")


@command.command("clear")
def clear() -> None:
    """Remove every kernel in it."""
    from tilewise.jit import disk_cache

    cache = disk_cache()
    before = cache.state()
    removed = cache.clear()
    console().print(f"removed {_kernels(removed)}, {units.size(before.bytes)}, from {before.directory}", soft_wrap=True)


def _kernels(number: int) -> str:
    return f"{number} kernel{'s' if number != 1 else ''}"
