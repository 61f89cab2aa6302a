"""`python -m bench.startup`: what starting costs beside `import torch`, in processor seconds of whole processes.

Processor time, so that a busy machine does not decide; the commands take turns and the least of each counts.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
COMMANDS = {
    "import torch": ("-c", "import torch"),
    "import torch, tilewise": ("-c", "import torch, tilewise"),
    "tilewise check of ResNet-50": (
        "-m", "tilewise", "check", "tests.check.corpus.sound:ResNet50", "--input", "1,3,224,224",
    ),
}  # fmt: skip
_ROUNDS = 5


def seconds(arguments: tuple[str, ...]) -> float:
    """User and system time of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print each command's time and how much more it is than importing PyTorch."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(_ROUNDS):
        for name, arguments in COMMANDS.items():
            times[name].append(seconds(arguments))
    least = {name: min(found) for name, found in times.items()}
    table = Table(box=None, pad_edge=False)
    for heading in ("process", "seconds", "more than import torch"):
        table.add_column(heading, justify="left" if heading == "process" else "right")
    for name, time in least.items():
        table.add_row(name, f"{time:.2f}", f"{time - least['import torch']:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
