"""`python -m bench.cores`: how near the cores are to each other, again and again.

Where two cores share a cache, two threads copy 256 KiB faster than one; where they do not, what one has written comes
late to the other. On shared machines that changes while a process runs, and with it whatever threads hand over.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import click
import torch

_BYTES = 256 << 10


def _best(run: Callable[[], object], seconds: float) -> float:
    best, end = float("inf"), time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        run()
        best = min(best, time.perf_counter() - start)
    return best


@click.command()
@click.option("--times", default=20, show_default=True, help="How often to look.")
@click.option("--pause", default=0.5, show_default=True, help="Seconds between looks.")
def main(times: int, pause: float) -> None:
    """Time a small copy on one thread and on all."""
    source = torch.randn(_BYTES // 4)
    copy = torch.empty_like(source)
    threads = torch.get_num_threads()
    for _ in range(times):
        found = []
        for number in (1, threads):
            torch.set_num_threads(number)
            found.append(_best(lambda: copy.copy_(source), 0.02))
        click.echo(f"1 thread {found[0] * 1e6:.1f} us, {threads} threads {found[1] * 1e6:.1f} us")
        time.sleep(pause)


if __name__ == "__main__":
    main()
