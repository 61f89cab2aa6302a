"""A handful of kernels as text: what changes generated code shows in review, as a difference of tests/golden.

After a change that means to: `python -m pytest tests/ir/test_golden.py --update-golden`, and read the difference.
"""

import dataclasses
from pathlib import Path

import pytest

from tests.support.isa import capped
from tilewise.algorithms import channel_sums, reference
from tilewise.algorithms.fma import fma
from tilewise.jit.compiler import compile_object
from tilewise.problem import ConvProblem, Pass, TensorSpec
from tilewise.target import Target

FOLDER = Path(__file__).parents[1] / "golden"
# The same on every machine: nothing here asks which CPU runs the test.
WIDE = Target("avx512", "x86-64-v4", "", 64, 32, 32 << 10, 1 << 20, "")
NARROW = Target("generic", "x86-64", "", 16, 16, 32 << 10, 1 << 20, "")

PLANES = TensorSpec((1, 8, 1, 14, 14), (8 * 196, 196, 196, 14, 1))


def _problem(image, kind=Pass.FORWARD, dtype="float32"):
    return ConvProblem(
        kind, dtype, "highest", image, image, (1, 3, 3), (1, 1, 1), (0, 1, 1), (1, 1, 1), 1, False, False,
        (72, 9, 9, 3, 1),
    )  # fmt: skip


KERNELS = {
    "reference_forward_float32": lambda: reference.plan(_problem(PLANES), NARROW).steps,
    "reference_weight_gradient_bfloat16": lambda: (
        reference.plan(_problem(PLANES, Pass.WEIGHT_GRADIENT, "bfloat16"), NARROW).steps
    ),
    # Without the last step, the contraction: thousands of unrolled lines say little to a reader.
    "fma_copy_and_packing_planes_avx512": lambda: fma.plan(_problem(PLANES), WIDE).steps[:-1],
    "channel_sums_planes_avx512": lambda: channel_sums.plan(PLANES, "float32", WIDE).steps,
}


@pytest.mark.parametrize("name", KERNELS)
def test_generated_text_is_what_it_was(name, request):
    steps = KERNELS[name]()
    text = "\n; ---- next step ----\n".join(step.text for step in steps)
    path = FOLDER / f"{name}.ll"
    if request.config.getoption("--update-golden"):
        path.write_text(text)
    assert path.exists(), f"{path.name} is missing; --update-golden writes it"
    same = path.read_text() == text
    assert same, f"{path.name} differs from what is generated now; --update-golden writes it anew for review"


@pytest.mark.parametrize("name", KERNELS)
def test_text_does_not_depend_on_order_or_chance(name):
    """Names are counted, not drawn, so that the same problem finds its kernel on disk."""
    first = [step.text for step in KERNELS[name]()]
    for module in (fma, reference, channel_sums):
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
    assert [step.text for step in KERNELS[name]()] == first


def test_golden_text_compiles_for_the_generic_target():
    with capped("generic") as host:
        for step in KERNELS["reference_forward_float32"]():
            assert compile_object(step.text, dataclasses.replace(host))


def test_no_golden_file_is_left_over():
    assert {path.stem for path in FOLDER.glob("*.ll")} == set(KERNELS)
