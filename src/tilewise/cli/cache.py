"""`tilewise cache`: show or clear the cache of compiled kernels and measured choices."""

from __future__ import annotations

import dataclasses

import click

from tilewise import units
from tilewise.cli.common import console, counted, print_json


@click.group("cache")
def command() -> None:
    """Show or clear the cache of compiled kernels and measured choices.

    It is in $TILEWISE_CACHE_DIR, or else in tilewise under the user's cache directory. Clearing it is always
    safe: kernels are compiled again when they are needed, and what `tilewise tune` measured can be measured again.
    """


@command.command("info")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def info(as_json: bool) -> None:
    """Where it is, and how much it holds."""
    from tilewise.algorithms import measured
    from tilewise.jit import disk_cache

    state, choices = disk_cache().state(), measured.file_state()
    if as_json:
        print_json({**dataclasses.asdict(state), "measured": dataclasses.asdict(choices)})
        return
    out = console()
    out.print(state.directory, style="bold", soft_wrap=True)
    out.print(f"{counted(state.kernels, 'kernel')}, {units.size(state.bytes)}")
    if not state.usable:
        out.print(f"not used: {state.reason}", style="yellow")
    out.print(counted(choices.choices, "measured choice"))
    if choices.reason and state.usable:
        out.print(f"not used: {choices.reason}", style="yellow")


@command.command("clear")
@click.option("--choices", "only_choices", is_flag=True, help="Only the measured choices.")
def clear(only_choices: bool) -> None:
    """Remove every kernel and measured choice in it."""
    from tilewise.algorithms import measured
    from tilewise.jit import disk_cache

    cache = disk_cache()
    before = cache.state()
    choices = counted(measured.clear(), "measured choice")
    if only_choices:
        console().print(f"removed {choices} from {before.directory}", soft_wrap=True)
        return
    kernels = f"{counted(cache.clear(), 'kernel')}, {units.size(before.bytes)}"
    console().print(f"removed {kernels}, and {choices} from {before.directory}", soft_wrap=True)
