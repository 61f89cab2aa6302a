"""`tilewise explain`: what one layer computes, costs and runs on."""

from __future__ import annotations

import click

from tilewise.cli.common import console, errors, print_json, shape


@click.command("explain")
@click.argument("layer")
@click.option(
    "--input", "sizes", callback=shape, metavar="SIZES", required=True, help="Input shape, such as 1,3,32,32."
)
@click.option("--dtype", default="float32", show_default=True, help="float32, float64, bfloat16 or float16.")
@click.option("--channels-last", is_flag=True, help="Input and weights lie channels-last.")
@click.option("--precision", type=click.Choice(["highest", "high", "medium"]), help="Level for float32.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    layer: str, sizes: tuple[int, ...], dtype: str, channels_last: bool, precision: str | None, as_json: bool
) -> None:
    """What one layer computes, costs and runs on, and why not something else.

    LAYER is a line as in a program; nothing of it is executed:

        tilewise explain "Conv2d(3, 16, 3, padding=1)" --input 1,3,32,32
    """
    import tilewise

    with errors(), tilewise.enabled():
        told = tilewise.explain(layer, sizes, dtype=dtype, channels_last=channels_last, precision=precision)
    if as_json:
        print_json(told.to_dict())
    else:
        console().print(told)
