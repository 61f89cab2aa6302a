"""`python -m bench.first`: what the first forward pass of ResNet-50 costs, cold and from the kernel cache.

Each figure is of a process of its own: the first pass with Tilewise less the fastest of some later ones, PyTorch's own
first pass being over. Cold means an empty kernel cache.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
_CODE = """
import json, sys, time
import torch
import tilewise
from tests.check.corpus.sound import ResNet50

def timed():
    start = time.perf_counter()
    model(x)
    return time.perf_counter() - start

model, x = ResNet50().eval(), torch.randn(1, 3, 224, 224)
if sys.argv[1] == "NHWC":
    model, x = model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
with torch.no_grad():
    timed()
    theirs = min(timed() for _ in range(8))
    tilewise.enable()
    first = timed()
    print(json.dumps([first, min(timed() for _ in range(8)), theirs]))
"""


def _measure(layout: str, cache: str) -> tuple[float, float, float]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TILEWISE_CACHE_DIR": cache}
    run = subprocess.run(
        [sys.executable, "-c", _CODE, layout], check=True, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    )
    first, later, theirs = json.loads(run.stdout)
    return first - later, later, theirs


@click.command()
def main() -> None:
    """Milliseconds: what the first pass costs beyond a later one, and what a later one costs beside PyTorch's."""
    table = Table(box=None, pad_edge=False)
    for name in ("layout", "cold", "from the cache", "a later pass", "PyTorch"):
        table.add_column(name, justify="left" if name == "layout" else "right")
    for layout in ("NCHW", "NHWC"):
        with tempfile.TemporaryDirectory() as cache:
            cold, *_ = _measure(layout, cache)
            warm, later, theirs = min(_measure(layout, cache) for _ in range(3))
        table.add_row(layout, *(f"{1e3 * seconds:.1f}" for seconds in (cold, warm, later, theirs)))
    Console().print(table)


if __name__ == "__main__":
    main()
