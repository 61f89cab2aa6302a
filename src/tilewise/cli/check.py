"""`tilewise check`: arguments in, a report out, exit status 0, 1 or 2."""

from __future__ import annotations

import ast
import json
import os
import sys
from typing import Any

import click

from tilewise.errors import ArgumentError


@click.command("check")
@click.argument("model", metavar="MODEL")
@click.option(
    "-i",
    "--input",
    "inputs",
    multiple=True,
    required=True,
    metavar="SHAPE",
    help="A shape: 1,3,64,64. With a type: 1,3,64,64:uint8. For a keyword: mask=1,1,64,64. Once an input.",
)
@click.option(
    "--args",
    "arguments",
    default="",
    metavar="ARGS",
    help="The constructor's arguments as written in Python: '3, 10, width=64'.",
)
@click.option("--dtype", default="", help="The type of every input, for instance float64.")
@click.option("--device", default="", help="Weights and inputs on this device; it need not be there: cuda.")
@click.option("--train", is_flag=True, help="Run forward in training mode; evaluation mode otherwise.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--github", is_flag=True, help="Print findings as GitHub annotations.")
@click.option("--html", type=click.Path(dir_okay=False, writable=True), help="Write the report to a page.")
@click.option("--fix", is_flag=True, help="Print the first fix of every error as one diff.")
@click.option("--write", is_flag=True, help="With --fix: change the files.")
def command(
    model: str, inputs: tuple[str, ...], arguments: str, dtype: str, device: str, train: bool, as_json: bool,
    github: bool, html: str | None, fix: bool, write: bool,
) -> None:  # fmt: skip
    """Find what is wrong with a model, and the line that fixes it.

    MODEL is model.py:Net or package.module:factory. The file is imported and never changed without --write;
    nothing is computed. Exit status: 0 sound (warnings count as sound), 1 errors, 2 unusable arguments.

    \b
    tilewise check model.py:Net --input 1,3,224,224
    tilewise check nets.unet:UNet --args '3, classes=2' --input 1,3,256,256 --fix
    tilewise explain-error channels
    """
    if write and not fix:
        raise click.UsageError("--write goes with --fix: --fix --write")
    try:
        report = _check(model, inputs, arguments, dtype, device, train)
    except ArgumentError as error:
        raise click.UsageError(str(error)) from error
    _print(report, as_json, github)
    if html:
        _write_page(report, html)
    if fix:
        _fix(list(report.edits), write, quiet=as_json or github)
    sys.exit(0 if report.ok else 1)


def _check(model: str, inputs: tuple[str, ...], arguments: str, dtype: str, device: str, train: bool) -> Any:
    from tilewise.checker.check import check_target
    from tilewise.checker.inputs import parse
    from tilewise.checker.quick import without_compiler
    from tilewise.checker.targets import of_text

    shapes = [parse(text) for text in inputs]
    positional, named = _arguments(arguments)
    kind = parse(f"1:{dtype}").dtype if dtype else None
    without_compiler()
    target = of_text(model, positional, named)
    return check_target(target, shapes, dtype=kind, device=device, training=train)


def _arguments(text: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """'3, width=64' as positional and keyword arguments: literals only."""
    if not text.strip():
        return (), {}
    try:
        call = ast.parse(f"f({text})", mode="eval").body
        assert isinstance(call, ast.Call)
        named = {k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg}
        return tuple(ast.literal_eval(a) for a in call.args), named
    except (SyntaxError, ValueError, AssertionError) as error:
        raise ArgumentError(f"--args {text!r}: write plain values as in a call, for instance '3, width=64'") from error


def _print(report: Any, as_json: bool, github: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_dict(), indent=2))
    elif github:
        from tilewise.checker.rendering.github import commands

        for line in commands(report):
            click.echo(line)
    else:
        from rich.console import Console

        # Where no terminal sets a width (a pipe, a log) there is room for notes beside the lines.
        wide = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 120
        Console(width=wide).print(report, soft_wrap=True)


def _write_page(report: Any, path: str) -> None:
    from tilewise.checker.rendering.page import report_page

    with open(path, "w", encoding="utf-8") as handle:
        handle.write(report_page(report))


def _fix(edits: list[Any], write: bool, quiet: bool) -> None:
    from tilewise.checker.applying import diff
    from tilewise.checker.applying import write as write_files

    if not edits:
        click.echo("There is no change of source to make.", err=True)
        return
    if not quiet:
        click.echo(diff(edits))
    if write:
        for name in write_files(edits):
            click.echo(f"changed {name}", err=True)
