"""The machine code of AMX kernels where there is no AMX: tile instructions done by a signal handler."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tilewise import target

SUPPORT = Path(__file__).parents[1] / "support"


def test_amx_machine_code_computes_convolutions(tmp_path):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if platform.machine() != "x86_64" or platform.system() != "Linux":
        pytest.skip("tile instructions are x86-64's, and the trap is Linux's")
    if compiler is None:
        pytest.skip("the trap needs a C compiler")
    if "avx512f" not in target.host_features():
        pytest.skip("CPUs with AMX have AVX-512, which the kernels around the tiles use and this CPU lacks")
    library = tmp_path / "tile_trap.so"
    flags = ["-O2", "-mfma", "-shared", "-fPIC", "-Wall", "-Werror"]
    subprocess.run([compiler, *flags, "-o", library, SUPPORT / "tile_trap.c", "-lm"], check=True)
    environment = {name: value for name, value in os.environ.items() if name != "TILEWISE_ISA"}
    source = Path(__file__).parents[2] / "src"
    environment["PYTHONPATH"] = os.pathsep.join([str(source), str(source.parent)])
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.run_trapped", str(library)],
        capture_output=True, text=True, env=environment, timeout=240,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    calls, instructions = map(int, run.stdout.split())
    assert calls >= 60
    assert "amx-tile" in target.host_features() or instructions > 10_000
