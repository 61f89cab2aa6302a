"""Sound models: no error, and a table whose shapes, parameters and multiply-adds are those of a real run."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.check.cases import SOUND, Case, build, cases, real
from tilewise.checker.inputs import parse
from tilewise.checker.leaves import is_leaf

CASES = list(cases(*SOUND))


def test_there_are_enough():
    assert len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_no_false_alarm_and_the_numbers_of_a_real_run(case: Case):
    torch.set_num_threads(1)
    report = case.check(sizes=False, fixes=False)
    assert report.ok, report.text()
    model = build(case)
    shapes: dict[str, tuple[int, ...]] = {}
    for path, module in model.named_modules():
        if is_leaf(module):
            module.register_forward_hook(lambda m, i, o, path=path: shapes.__setitem__(path, first_shape(o)))
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(*(real(parse(text)) for text in case.inputs))
    rows = {row.path: row for row in report.layers if row.type not in FUNCTIONS}
    assert {path: rows[path].output_shape for path in shapes} == shapes
    assert report.parameters == sum(p.numel() for p in model.parameters())
    assert sum(row.parameters for row in report.layers) <= report.parameters
    if not any(isinstance(m, (nn.RNNBase, nn.MultiheadAttention)) for m in model.modules()):
        assert report.multiply_adds == counter.get_total_flops() // 2


FUNCTIONS = ("linear", "conv2d", "conv_transpose2d", "pad", "cat", "stack", "add", "mul", "view", "reshape", "flatten")


def first_shape(value) -> tuple[int, ...]:
    return tuple(value.shape) if isinstance(value, torch.Tensor) else first_shape(value[0])


def test_recurrent_layers_count_each_weight_once_a_step():
    case = next(c for c in CASES if c.name == "GruSequence")
    row = next(r for r in case.check(sizes=False).layers if r.path == "rnn")
    steps, gates, hidden = 3 * 7, 3, 8
    assert row.multiply_adds == steps * gates * hidden * ((5 + hidden) + (hidden + hidden))


def test_attention_counts_projections_and_both_products():
    case = next(c for c in CASES if c.name == "WindowedAttention")
    row = next(r for r in case.check(sizes=False).layers if r.type == "MultiheadAttention")
    windows, tokens, width = 16, 16, 8
    assert row.multiply_adds == windows * (4 * tokens * width * width + 2 * tokens * tokens * width)
