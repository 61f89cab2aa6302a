"""Python in a process of its own: what must not take the test run down with it, or must begin fresh."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run_python(code: str, *arguments: str, timeout: float = 120, **environment: str) -> subprocess.CompletedProcess:
    """Run code with the tests importable; an environment variable that is '' is removed."""
    env = dict(os.environ, PYTHONPATH=os.pathsep.join([str(ROOT / "src"), str(ROOT)]))
    for name, value in environment.items():
        env.pop(name, None)
        if value:
            env[name] = value
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(code), *arguments],
        capture_output=True, text=True, timeout=timeout, env=env, cwd=ROOT, check=False,
    )  # fmt: skip


def output_of(code: str, *arguments: str, timeout: float = 120, **environment: str) -> str:
    """The output of code that must succeed; an AssertionError with all it printed where it does not."""
    result = run_python(code, *arguments, timeout=timeout, **environment)
    assert result.returncode == 0, f"exit status {result.returncode}\n{result.stdout}\n{result.stderr}"
    return result.stdout
