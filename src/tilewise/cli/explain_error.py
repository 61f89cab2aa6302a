"""`tilewise explain-error`: the page of one code, the same that docs/check.md links to."""

from __future__ import annotations

import difflib
import sys
from importlib import resources

import click


def codes() -> list[str]:
    """Every code that has a page."""
    pages = resources.files("tilewise.checker").joinpath("pages")
    return sorted(p.name.removesuffix(".md") for p in pages.iterdir() if p.name.endswith(".md"))


@click.command("explain-error")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """What a code of `tilewise check` means: the mistake, what it looks like, and how to mend it.

    Without CODE, lists the codes.
    """
    known = codes()
    if code is None:
        for name in known:
            click.echo(name)
        return
    if code not in known:
        near = difflib.get_close_matches(code, known, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; the codes are {', '.join(known)}"
        raise click.UsageError(f"there is no code {code!r}{hint}")
    text = resources.files("tilewise.checker").joinpath(f"pages/{code}.md").read_text(encoding="utf-8")
    if not sys.stdout.isatty():
        click.echo(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
