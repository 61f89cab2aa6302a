"""`tilewise see`: pictures of what a convolution does, as a page, a file or a live page."""

from __future__ import annotations

from typing import Any

import click

from tilewise.cli.common import errors

_EXAMPLES = """\b
Examples:
  tilewise see                                              the playground
  tilewise see "Conv2d(3, 16, 3, padding=1)" 1,3,32,32      the playground, from this layer
  tilewise see model.py:Net scan.dcm --size 64,64 -o net.html
  tilewise see model.py:Net photo.jpg --serve               live: drop images in
"""


def _numbers(context: click.Context, parameter: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        return tuple(int(n) for n in text.replace("x", ",").strip("(), ").split(","))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a list of whole numbers such as 64,64.") from None


def _input(text: str | None) -> Any:
    """A shape such as 1,3,32,32, or a path."""
    if text is None:
        return None
    parts = text.strip("() ").replace("x", ",").split(",")
    if all(p.strip().isdigit() for p in parts if p.strip()) and any(p.strip() for p in parts):
        return tuple(int(p) for p in parts if p.strip())
    return text


@click.command("see", epilog=_EXAMPLES)
@click.argument("thing", required=False)
@click.argument("input", required=False)
@click.option("--input", "named", help="The same as INPUT.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write .html, .svg, .png, .gif or .json.")
@click.option("--open", "show", is_flag=True, help="Show the page in the browser (the default without -o).")
@click.option("--serve", is_flag=True, help="A live page on 127.0.0.1: drop images in, see any cell.")
@click.option("--port", default=0, show_default="a free one", help="The port of --serve.")
@click.option("--max-mb", default=32.0, show_default=True, help="The largest image that --serve takes.")
@click.option("--size", callback=_numbers, help="Resize the image: height,width.")
@click.option("--at", callback=_numbers, help="The output cell where the window first stands.")
@click.option("--filter", "filter_index", default=0, show_default=True, help="The filter that is first shown.")
@click.option("--channel", type=int, help="The input channel that is first shown.")
@click.option("--weights", type=click.Path(exists=True, dir_okay=False), help="A state dict to load into the model.")
@click.option(
    "--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True, help="Of image files."
)
@click.option("--no-time", is_flag=True, help="Do not measure the layers of a network.")
def command(
    thing: str | None,
    input: str | None,
    named: str | None,
    output: str | None,
    show: bool,
    serve: bool,
    port: int,
    max_mb: float,
    size: tuple[int, ...] | None,
    at: tuple[int, ...] | None,
    filter_index: int,
    channel: int | None,
    weights: str | None,
    theme: str,
    no_time: bool,
) -> None:
    """Pictures of what a convolution does, with real numbers.

    THING is a layer such as "Conv2d(3, 16, 3)" or a model, file.py:Name or package.module:Name; without it the
    playground opens. INPUT is a PNG, JPEG or DICOM file, or a shape such as 1,3,32,32 (noise).
    """
    if input is not None and named is not None:
        raise click.UsageError("INPUT and --input are the same thing: give one of them.")
    with errors():
        given = _input(input if named is None else named)
        _see(thing, given, output, show, serve, port, max_mb, size, at, filter_index, channel, weights, theme, no_time)


def _see(
    thing: str | None,
    given: Any,
    output: str | None,
    show: bool,
    serve: bool,
    port: int,
    max_mb: float,
    size: tuple[int, ...] | None,
    at: tuple[int, ...] | None,
    filter_index: int,
    channel: int | None,
    weights: str | None,
    theme: str,
    no_time: bool,
) -> None:
    from tilewise.pictures.figure import Figure
    from tilewise.pictures.playground import playground_scene
    from tilewise.pictures.seeing import session_of
    from tilewise.pictures.settings import parse
    from tilewise.pictures.targets import load

    live = None
    if thing is None or "(" in thing:
        settings = None if thing is None else parse(thing)
        if serve:
            from tilewise.pictures.server import serve_playground

            live = serve_playground(settings, given, port=port, most_bytes=int(max_mb * 1e6))
        else:
            figure = Figure(playground_scene(settings, given))
    else:
        session = session_of(load(thing, weights), given, size, measure=not no_time)
        if serve:
            from tilewise.pictures.server import serve_session

            live = serve_session(session, port=port, most_bytes=int(max_mb * 1e6))
        else:
            figure = Figure(session.scene(at, filter_index, channel))
    if live is not None:
        click.echo(f"Live at {live.address}  (this machine only; Ctrl+C ends it)")
        if show:
            click.launch(live.address)
        try:
            live.forever()
        except KeyboardInterrupt:
            click.echo("Ended.")
        return
    if output is not None:
        path = figure.save(output, theme=theme)
        click.echo(f"Wrote {path}: {figure.scene['title']}, {path.stat().st_size / 1000:,.0f} kB")
    if show or output is None:
        click.echo(f"The page is {figure.open()}")
