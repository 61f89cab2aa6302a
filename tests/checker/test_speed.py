"""The command starts fast. Measured in processor time, so that a busy machine does not decide."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def seconds(*arguments: str) -> float:
    """User and system time of a command: the least of two runs."""

    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        paths = os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return min(once(), once())


@pytest.mark.slow
def test_resnet50_takes_at_most_two_seconds_more_than_torch():
    plain = seconds("-c", "import torch")
    checked = seconds("-m", "tilewise", "check", "tests.check.corpus.sound:ResNet50", "--input", "1,3,224,224")
    assert checked - plain <= 2.0, (checked, plain)


@pytest.mark.slow
def test_importing_tilewise_adds_nothing_heavy():
    plain = seconds("-c", "import torch")
    both = seconds("-c", "import torch, tilewise")
    assert both - plain <= 0.2, (both, plain)
    program = "import sys, tilewise; assert not {'torch', 'rich', 'click', 'llvmlite'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "PYTHONPATH": str(ROOT / "src")})
