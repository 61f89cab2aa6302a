"""Plans made for a machine of many cores: tickets for all of them, the same results, nothing outside the tensors."""

import textwrap

import pytest
import torch

from tests.support.isa import combinations
from tests.support.processes import output_of, run_python

CORES = 16
AS_IF = f"import sys; from tilewise.runtime import cores; cores.usable_cores = lambda: {CORES}\n"
# Rows are cut for many tickets where they are long; here, all are.
SHORT = """
from tilewise.algorithms.dot import dot_weights
from tilewise.algorithms.dot import pixel_pairs
from tilewise.algorithms.common import transposing
from tilewise.algorithms.common import turning
turning._LEAST_COLUMNS = transposing._LEAST_PIXELS = pixel_pairs._LEAST_PLACES = 16
dot_weights._LEAST_PLACES = 2
"""


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
            if most < cores.usable_cores() / 2:
                few.append(f"{layer.name} {kind.value}: {plan.algorithm}, {most}")
print(few)
"""
    )
    assert output_of(code).strip() == "[]"


@pytest.mark.parametrize("name", ["fma", "fma_weights", "winograd", "winograd_weights", "group_rows", "dot_weights"])
def test_plans_for_many_cores_stay_in_their_memory(name):
    """The guarded run of all algorithms."""
    level = {name: level for level, name in combinations()}.get(name)
    if level is None:
        pytest.skip(f"this CPU cannot run {name}")
    result = run_python(
        AS_IF + SHORT + "from tests.algorithms.guarded_run import main\nmain(*sys.argv[1:])", level, name, "25"
    )
    assert result.returncode == 0, f"status {result.returncode} after\n{result.stderr[-3000:]}"
    assert int(result.stdout) > 5, "too few passes ran to show anything"


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("shape", "weight", "groups"), [
    ((1, 20, 701), (33, 20, 3), 1), ((2, 12, 1300), (18, 4, 5), 3), ((1, 40, 23, 31), (17, 40, 1, 1), 1),
])  # fmt: skip
def test_long_rows_are_summed_exactly(shape, weight, groups, dtype):
    """Every algorithm that this machine has for them, cut as two cores and as many want it."""
    code = """
        import torch
        from tests.support.accuracy import assert_right
        from tests.support.isa import capped, combinations
        import tilewise
        from tilewise import algorithms
        from tilewise.torch_ops import dispatch
        shape, weight, groups, dtype = eval(sys.argv[1])
        axes = len(shape) - 2
        x, w = (torch.randint(-3, 4, size).to(dtype) for size in (shape, weight))
        rest = ([1] * axes, [k // 2 for k in weight[2:]], [1] * axes, False, [0] * axes, groups)
        gy = torch.randint(-3, 4, torch.convolution(x, w, None, *rest).shape).to(dtype)
        backward, mask = torch.ops.aten.convolution_backward, [False, True, False]
        right = backward(gy.double(), x.double(), w.double(), None, *rest, mask)[1]
        served, native = [], dispatch.counts()["native"]
        for name, level in {name: level for level, name in combinations() if name.endswith("weights")}.items():
            with capped(level), tilewise.enabled(), algorithms.only(name):
                found = backward(gy, x, w, None, *rest, mask)[1]
            # What an algorithm does not serve is PyTorch's own, whose sums of bfloat16 differ from machine to machine.
            if dispatch.counts()["native"] == native:
                assert_right(found, right, name, name)
                served.append(name)
            native = dispatch.counts()["native"]
        print("right" if len(served) > 1 else served)
    """
    case = repr((shape, weight, groups, dtype))
    for cores in ("", AS_IF):
        assert output_of("import sys\n" + cores + textwrap.dedent(code), case).strip() == "right"
