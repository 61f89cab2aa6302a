"""Plans made for a machine of many cores: tickets for all of them, the same results, nothing outside the tensors."""

import pytest

from tests.support.isa import available_levels
from tests.support.processes import output_of, run_python

CORES = 16
AS_IF = f"import os, sys; os.cpu_count = lambda: {CORES}\n"


def test_every_core_finds_work_in_what_takes_time():
    code = (
        AS_IF
        + """
from bench.choices import problem
from bench.table import layers
from tilewise import algorithms, target
from tilewise.problem import Pass
import torch
host, few = target.host(), []
for layer in layers():
    for kind in Pass:
        asked = problem(layer, kind, torch.float32, "highest", True)
        plan = algorithms.choose(asked, host, frozenset(), ()).plan
        # With pixels side by side the products are the step with the most tickets, or as many as rounds leave it.
        if plan is not None and plan.steps and asked.multiply_adds > 50_000_000:
            most = max(step.arguments[0] for step in plan.steps)
            if most < os.cpu_count() / 2:
                few.append(f"{layer.name} {kind.value}: {plan.algorithm}, {most}")
print(few)
"""
    )
    assert output_of(code).strip() == "[]"


@pytest.mark.parametrize("name", ["fma", "fma_weights", "winograd", "winograd_weights", "group_rows", "group_channels"])
def test_plans_for_many_cores_stay_in_their_memory(name):
    """The guarded run of all algorithms."""
    code = AS_IF + "from tests.algorithms.guarded_run import main\nmain(*sys.argv[1:])"
    result = run_python(code, available_levels()[-1], name, "15")
    assert result.returncode == 0, f"status {result.returncode} after\n{result.stderr[-3000:]}"
    assert int(result.stdout) > 5, "too few passes ran to show anything"
