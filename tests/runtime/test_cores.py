"""Cores that a process may use: those of its affinity, and no more than its control group allows."""

import json
import os

import pytest

from tests.support.processes import output_of
from tilewise.runtime.cores import _allowed

ASK = "from tilewise.runtime.cores import usable_cores; print(usable_cores())"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_affinity_counts_unless_openmp_pins_threads():
    one = f"import os; os.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}}); "
    assert output_of(one + ASK).strip() == "1"
    whole = int(output_of(ASK))
    assert 1 <= whole <= os.cpu_count()
    assert int(output_of(one + ASK, OMP_PROC_BIND="true")) >= whole


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_info_tells_them():
    one = f"import os; os.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}}); "
    run = "import sys; from tilewise.cli import main; sys.argv = ['tilewise', 'info', *sys.argv[1:]]; main()"
    assert json.loads(output_of(one + run, "--json"))["cpu"]["usable_cores"] == 1
    if os.cpu_count() > 1:
        assert f"{os.cpu_count()} cores, 1 usable" in " ".join(output_of(one + run).split())


@pytest.mark.parametrize(
    ("text", "cores"),
    [("200000 100000\n", 2), ("150000 100000\n", 2), ("max 100000\n", None), ("", None), ("100000 0\n", None)],
)
def test_a_quota_counts(tmp_path, text, cores):
    (tmp_path / "cpu.max").write_text(text)
    assert _allowed(tmp_path / "cpu.max") == cores


def test_without_control_groups_there_is_no_quota(tmp_path):
    assert _allowed(tmp_path / "cpu.max") is None
