"""`tilewise info`: this CPU, its instruction sets, threads, cache and versions."""

from __future__ import annotations

import os
import platform
from typing import Any

import click

from tilewise.cli.common import console, counted, errors, print_json

VARIABLES = ("TILEWISE_ISA", "TILEWISE_CACHE_DIR", "TILEWISE_TUNED", "TILEWISE_VERBOSE")


@click.command("info")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """This CPU, its instruction sets, threads, cache and versions."""
    with errors():
        facts = gather()
    if as_json:
        print_json(facts)
    else:
        _show(facts)


def gather() -> dict[str, Any]:
    """Everything that `tilewise info` tells, as plain data."""
    import dataclasses

    import llvmlite
    import llvmlite.binding as llvm
    import numpy as np
    import torch

    import tilewise
    from tilewise import jit, runtime, target
    from tilewise.algorithms import measured
    from tilewise.runtime.cores import usable_cores
    from tilewise.torch_ops import direct

    host = target.host()
    return {
        "cpu": {
            "model": target.cpu_model(),
            "llvm_name": target.host_cpu(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "usable_cores": usable_cores(),
            "l1_bytes": host.l1_bytes,
            "l2_bytes": host.l2_bytes,
        },
        "instruction_set": {
            "level": host.level,
            "levels": list(target.LEVELS),
            "why_not_higher": host.why_not_higher,
            "vector_bytes": host.vector_bytes,
            "registers": host.registers,
            "tiles": host.tiles,
        },
        "threads": {"count": torch.get_num_threads(), "pool": runtime.pool_description()},
        "calls": {"direct": not direct.why_not(), "why_not": direct.why_not()},
        "cache": {
            **dataclasses.asdict(jit.disk_cache().state()),
            "measured": dataclasses.asdict(measured.file_state()),
        },
        "versions": {
            "tilewise": tilewise.__version__,
            "torch": torch.__version__,
            "llvmlite": llvmlite.__version__,
            "llvm": ".".join(map(str, llvm.llvm_version_info)),
            "numpy": np.__version__,
            "python": platform.python_version(),
            "system": platform.system(),
        },
        "environment": {name: os.environ.get(name) for name in VARIABLES},
    }


def _show(facts: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    from tilewise import units

    cpu, isa, cache, versions = (facts[name] for name in ("cpu", "instruction_set", "cache", "versions"))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    cores = f"{cpu['cores']} cores" + (f", {cpu['usable_cores']} usable" if cpu["usable_cores"] < cpu["cores"] else "")
    table.add_row("CPU", Text.assemble((cpu["model"], "bold"), f" ({cpu['llvm_name']}, {cores})"))
    table.add_row("caches", f"L1 {units.size(cpu['l1_bytes'])}, L2 {units.size(cpu['l2_bytes'])} a core")
    level = Text.assemble(
        (isa["level"], "bold green"), f", {isa['registers']} registers of {isa['vector_bytes'] * 8} bits"
    )
    table.add_row("instruction set", level)
    if isa["why_not_higher"]:
        table.add_row("", Text(f"no higher: {isa['why_not_higher']}", "dim"))
    table.add_row("threads", f"{facts['threads']['count']}, {facts['threads']['pool']}")
    calls = facts["calls"]
    through = (
        Text("without Python once known") if calls["direct"] else Text(f"through Python: {calls['why_not']}", "yellow")
    )
    table.add_row("calls", through)
    table.add_row("kernel cache", Text(cache["directory"], "bold", overflow="fold"))
    holds = f"{counted(cache['kernels'], 'kernel')}, {units.size(cache['bytes'])}"
    state = Text(holds) if cache["usable"] else Text(f"not used: {cache['reason']}", "yellow")
    table.add_row("", state)
    tuned = cache["measured"]
    choices = Text(counted(tuned["choices"], "measured choice"))
    if tuned["reason"] and cache["usable"]:
        choices.append(f", not used: {tuned['reason']}", "yellow")
    table.add_row("", choices)
    table.add_row("versions", f"tilewise {versions['tilewise']}, torch {versions['torch']}")
    table.add_row("", f"llvmlite {versions['llvmlite']} (LLVM {versions['llvm']}), numpy {versions['numpy']}")
    table.add_row("", f"Python {versions['python']} on {versions['system']} {cpu['machine']}")
    for name, value in facts["environment"].items():
        table.add_row(name, Text(value if value is not None else "not set", "default" if value else "dim"))
    console().print(table)
