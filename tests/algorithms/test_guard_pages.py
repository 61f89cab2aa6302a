"""No kernel reads or writes a byte outside its tensors and its scratch memory: the pages around them fault."""

import pytest

from tests.support.isa import combinations
from tests.support.processes import output_of, run_python

# An algorithm for one kind of problem takes few of those drawn: it gets more of them.
EXAMPLES = {
    "reference": 20, "fma_columns": 200, "group_rows_weights": 120, "group_channels_weights": 120,
    "pointwise_weights": 120,
}  # fmt: skip


@pytest.mark.parametrize(("level", "name"), combinations())
def test_nothing_outside_is_touched(level, name):
    code = "import sys; from tests.algorithms.guarded_run import main; main(*sys.argv[1:])"
    result = run_python(code, level, name, str(EXAMPLES.get(name, 40)))
    assert result.returncode == 0, f"status {result.returncode} after\n{result.stderr[-3000:]}"
    assert int(result.stdout) > 10, "too few passes ran to show anything"


@pytest.mark.parametrize("side", ["before", "behind"])
def test_the_guard_would_see_it(side):
    """One byte too far does end a process."""
    reach = -1 if side == "before" else 8
    code = f"""
        import ctypes
        from tests.support.guarded import Guarded
        memory = Guarded(8, "{side}")
        ctypes.string_at(memory.address, 8)
        print("inside", flush=True)
        ctypes.string_at(memory.address + {reach}, 1)
        print("outside")
    """
    result = run_python(code)
    assert result.stdout.split() == ["inside"]
    assert result.returncode < 0
    assert output_of("print('and this one is fine')")
