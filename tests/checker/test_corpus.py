"""Every broken model of the corpus: the code, the line, the first fix, and the fix carried out on the real model."""

import os
import re
from functools import cache
from pathlib import Path

import pytest
import torch

from tests.check.cases import BROKEN, Case, cases, run, shown
from tilewise.checker import Fix

CASES = list(cases(*BROKEN))
SNAPSHOTS = Path(__file__).parent.parent / "check" / "snapshots"


def named(case: Case) -> str:
    return f"{case.file}-{case.name}"


@cache
def report(case: Case):
    torch.set_num_threads(1)
    return case.check(sizes=False)


def test_the_corpus_is_large_enough():
    assert len(CASES) >= 120
    for code in ("channels", "linear", "layout", "dims", "cat", "residual", "dtype", "kernel", "batchnorm", "groups"):
        assert sum(c.error == code for c in CASES) >= 5, code


@pytest.mark.parametrize("case", CASES, ids=named)
def test_broken_model(case):
    """The code, the line and the first fix are the expected ones; the real model fails, and runs with each fix."""
    errors = report(case).errors
    found = errors[0]
    assert found.code == case.error
    assert found.file == case.module.__file__
    assert "# wrong" in case.line(found.line)
    assert found.fixes
    assert shown(found.fixes[0]) == case.fix
    if found.code == "device":
        pytest.skip("code, line and fix are right; needs a CUDA device to run for real")
    with pytest.raises((RuntimeError, ValueError, IndexError, NotImplementedError)):
        run(case)
    roots = [e for e in errors if e.follows_from is None]
    if report(case).edits:
        run(case, Fix("all first fixes together", report(case).edits))
    for root in roots:
        assert root.fixes
        others = [other.fixes[0] for other in roots if other is not root]
        taken = {(e.file, e.line) for other in others for e in other.edits}
        for fix in root.fixes:
            if not taken & {(e.file, e.line) for e in fix.edits}:
                run(case, fix, *others)


def portable(text: str) -> str:
    """Paths as they are on any machine."""
    return re.sub(r"(--> |::: )\S*?(corpus/)", r"\1\2", text)


@pytest.mark.parametrize("file", BROKEN)
def test_messages_are_those_of_the_snapshots(file):
    """Every message word for word; TILEWISE_UPDATE_SNAPSHOTS=1 writes them anew after a change of words."""
    parts = [f"== {c.name} ({', '.join(c.inputs)})\n{portable(report(c).text(100))}" for c in CASES if c.file == file]
    text = "\n".join(line.rstrip() for line in "\n".join(parts).splitlines()) + "\n"
    path = SNAPSHOTS / f"{file}.txt"
    if os.environ.get("TILEWISE_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
