"""The command `tilewise`: one file a subcommand, imported when it is asked for.

Commands parse arguments, call the library and print; what they print is made elsewhere.
Nothing that another room needs may live here.
"""

from __future__ import annotations

from importlib import import_module

import click

from tilewise import __version__

# Each subcommand with the module that defines it (as `command`) and its line in `tilewise --help`.
_COMMANDS = {
    "bench": ("tilewise.cli.bench", "Time a layer or a model: PyTorch beside Tilewise, with ratios."),
    "cache": ("tilewise.cli.cache", "Show or clear the cache of kernels and measured choices."),
    "check": ("tilewise.cli.check", "Find what is wrong with a model, and the line that fixes it."),
    "demo": ("tilewise.cli.demo", "A real CT slice and real digits, PyTorch beside Tilewise."),
    "explain": ("tilewise.cli.explain", "What one layer computes, costs and runs on."),
    "explain-error": ("tilewise.cli.explain_error", "What an error code of `tilewise check` means."),
    "info": ("tilewise.cli.info", "This CPU, its instruction sets, threads, cache and versions."),
    "see": ("tilewise.cli.see", "Pictures of what a convolution does."),
    "tune": ("tilewise.cli.tune", "Choose the fastest kernels for a model by measurement."),
}


class _LazyGroup(click.Group):
    """A group that imports a subcommand only when it runs, so that `--help` stays fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tilewise")
def main() -> None:
    """Convolution for PyTorch on CPUs, compiled from Python: run, compile, check, see."""
