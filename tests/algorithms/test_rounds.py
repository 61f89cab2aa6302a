"""Layers whose filters are many times their images run in rounds of channels: all of them, once, in little memory."""

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import tilewise
from tests.support.convolutions import Setting
from tests.support.isa import available_levels
from tests.support.processes import run_python
from tilewise import algorithms, target
from tilewise.algorithms.common.plan import WorkspaceLayout
from tilewise.algorithms.common.rounds import Rounds
from tilewise.problem import Pass
from tilewise.torch_ops import describe
from tilewise.torch_ops.call import Call

LANES = 16


def problem_of(kind, x, w, dtype=torch.float32, **how):
    x, w = torch.empty(x, device="meta", dtype=dtype), torch.empty(w, device="meta", dtype=dtype)
    y = torch.conv2d(x, w, **how)
    call = Call([1, 1], [how.get("padding", 0)] * 2, [1, 1], False, [0, 0], 1)
    inside, outside = (describe.spec(t.shape, t.stride()) for t in (x, y))
    if kind is Pass.INPUT_GRADIENT:
        inside, outside = outside, inside
    return describe.problem(kind, call, inside, outside, w.shape, w.stride(), dtype, "highest", False)


@given(
    pairs=st.integers(0, 40), single=st.booleans(), vector_bytes=st.integers(1, 5 << 20),
    near=st.integers(1, 8 << 20), places=st.sampled_from([1, 2]),
)  # fmt: skip
def test_rounds_take_every_block_once_and_none_grows(pairs, single, vector_bytes, near, places):
    blocks = [(2, 0, pairs)] if pairs else []
    blocks += [(1, pairs * 2 * LANES, 1)] if single or not pairs else []
    problem = problem_of(Pass.FORWARD, (1, 8, 9, 9), (8, 8, 3, 3))
    workspace = WorkspaceLayout()
    rounds = Rounds(problem, blocks, LANES, vector_bytes, near, workspace, places)
    seen, ends = [], []
    for one in rounds:
        size = sum(vectors * count for vectors, _, count in one.blocks) * vector_bytes
        place = one.workspace.take(size)
        ends.append((place.offset, place.offset + size))
        seen += [(first + i * v * LANES, v) for v, first, count in one.blocks for i in range(count)]
    assert sorted(seen) == sorted((first + i * v * LANES, v) for v, first, count in blocks for i in range(count))
    # Rounds that follow each other share no memory where two places take turns.
    if places == 2:
        assert all(a[1] <= b[0] or b[1] <= a[0] for a, b in itertools.pairwise(ends))
    assert max(end for _, end in ends) <= workspace.size


@pytest.mark.parametrize(
    ("name", "kind"),
    [("fma", Pass.FORWARD), ("fma", Pass.INPUT_GRADIENT), ("fma_weights", Pass.WEIGHT_GRADIENT),
     ("winograd_weights", Pass.WEIGHT_GRADIENT)],
)  # fmt: skip
def test_large_filters_take_little_memory(name, kind):
    problem = problem_of(kind, (1, 512, 7, 7), (512, 512, 3, 3), padding=1)
    with algorithms.only(name):
        plan = algorithms.choose(problem, target.host()).plan
    assert sum(step.waits for step in plan.steps) >= 3
    assert plan.workspace_bytes <= 5 << 20, "the filters take 9 MiB"


# Channels that leave a part of a block and a single vector, filters of a few MiB.
SETTINGS = [
    Setting((6, 7), (3, 3), 2, 300, 337, padding=(1, 1)),
    Setting((5, 4), (3, 3), 1, 270, 261, padding=(1, 1), dtype=torch.float64),
    Setting((5, 9), (3, 3), 1, 340, 300, padding=(1, 1), transposed=True, bias=False),
]


@pytest.mark.parametrize("level", [one for one in available_levels() if one in ("generic", "avx2", "avx512")])
@pytest.mark.parametrize("name", ["fma", "fma_weights", "winograd_weights"])
def test_in_guarded_memory(level, name):
    code = f"""
        import os, sys, itertools
        os.environ["TILEWISE_ISA"] = "{level}"
        import torch
        from tests.algorithms.guarded_run import check
        from tests.algorithms.test_rounds import SETTINGS
        from tests.support.guarded import SIDES
        from tilewise import algorithms
        torch.set_num_threads(1)
        ran = 0
        with algorithms.only("{name}"):
            for setting, side, last in itertools.product(SETTINGS, SIDES, (False, True)):
                ran += check(setting, ("channels_last" if last else "contiguous",) * 3, side, "{level}", "{name}")
        print(ran)
    """
    result = run_python(code)
    assert result.returncode == 0, f"status {result.returncode} after\n{result.stderr[-3000:]}"
    assert int(result.stdout) >= 12


@pytest.mark.parametrize("channels_last", [False, True])
def test_bits_are_the_same_for_any_number_of_threads(channels_last):
    x, w, g = torch.randn(1, 384, 7, 6), torch.randn(400, 384, 3, 3), torch.randn(1, 400, 7, 6)
    if channels_last:
        x, w, g = (t.contiguous(memory_format=torch.channels_last) for t in (x, w, g))

    def run(threads):
        torch.set_num_threads(threads)
        rest = ([1, 1], [1, 1], [1, 1], False, [0, 0], 1, [True, True, False])
        return torch.conv2d(x, w, padding=1), *torch.ops.aten.convolution_backward(g, x, w, None, *rest)[:2]

    before = torch.get_num_threads()
    try:
        for names in (("fma",), ("fma_weights",), ("winograd_weights",)):
            with tilewise.enabled(), algorithms.only(*names):
                alone = run(1)
                for _ in range(10):
                    together = run(2)
                    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True)), names
    finally:
        torch.set_num_threads(before)
