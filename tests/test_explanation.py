"""`tilewise.explain`: its numbers are what really happens."""

import dataclasses
import json

import pytest
import torch
from rich.console import Console

import tilewise
from tilewise import algorithms, nn, target
from tilewise.explaining import layer_from_text
from tilewise.explanation import Explanation, ExplanationGroup
from tilewise.problem import Pass
from tilewise.torch_ops import dispatch, prepared

LAYERS = [
    ("Conv1d(3, 8, 5, stride=2, padding=2)", (2, 3, 33)),
    ("Conv2d(3, 16, 3, padding=1)", (1, 3, 32, 32)),
    ("Conv2d(4, 6, (3, 2), groups=2, dilation=(1, 2), bias=False)", (2, 4, 9, 10)),
    ("Conv2d(2, 2, 4, padding='same')", (1, 2, 9, 9)),
    ("Conv2d(2, 2, 3, padding=1, padding_mode='circular')", (1, 2, 9, 9)),
    ("Conv3d(2, 4, 3)", (1, 2, 5, 6, 7)),
    ("ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=1)", (1, 4, 7, 7)),
    ("nn.DepthwiseConv2d(8, 3, padding=1, multiplier=2)", (1, 8, 12, 12)),
]


@pytest.fixture(autouse=True)
def enabled():
    with tilewise.enabled():
        yield


def real(text):
    layer = layer_from_text(text).to_empty(device="cpu")
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    return layer


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize(("text", "shape"), LAYERS)
def test_numbers_are_those_of_the_layer(text, shape):
    layer, told = real(text), tilewise.explain(text, shape)
    assert told.output_shape == tuple(layer(torch.randn(shape)).shape)
    assert told.parameters == sum(p.numel() for p in layer.parameters())
    assert [f.endswith(f"= {size}") for f, size in zip(told.formulas, told.output_shape[2:], strict=True)]
    assert [report.name for report in told.passes] == [kind.value for kind in Pass]
    moved = sum(t.numel() * 4 for t in (torch.empty(shape), torch.empty(told.output_shape), *layer.parameters()))
    if "circular" not in text and "same" not in text:
        assert told.bytes_moved == moved


@pytest.mark.filterwarnings("ignore:Using padding='same'")
# PyTorch has no channels-last format for 1-d.
@pytest.mark.parametrize(
    ("text", "shape", "channels_last"),
    [(*case, last) for case in LAYERS for last in (False, True) if not last or len(case[1]) > 3],
)
def test_choices_are_those_that_run(text, shape, channels_last, monkeypatch):
    told, layer, x = tilewise.explain(text, shape, channels_last=channels_last), real(text), torch.randn(shape)
    if channels_last:
        form = torch.channels_last if len(shape) == 4 else torch.channels_last_3d
        layer, x = layer.to(memory_format=form), x.to(memory_format=form)
    ran = {}
    choose = algorithms.choose

    def spy(problem, host, *rest):
        ran[problem.kind.value] = choose(problem, host, *rest)
        return ran[problem.kind.value]

    monkeypatch.setattr(prepared.algorithms, "choose", spy)
    dispatch.forget()
    x.requires_grad_()
    layer(x).square().sum().backward()
    assert set(ran) == {report.name for report in told.passes}
    for report in told.passes:
        assert report.algorithm == ran[report.name].algorithm
        assert report.passed_over == ran[report.name].passed_over
        plan = ran[report.name].plan
        assert report.workspace_bytes == (plan.workspace_bytes if plan else 0)


def test_every_algorithm_is_accounted_for():
    told = tilewise.explain("Conv2d(3, 16, 3)", (1, 3, 32, 32))
    names = {a.name for a in algorithms.algorithms()} | {algorithms.NATIVE}
    for report in told.passes:
        assert {report.algorithm, *(name for name, _ in report.passed_over)} == names
        assert all(reason for _, reason in report.passed_over)
        assert (report.seconds is None) == (report.algorithm == algorithms.NATIVE)


def test_multiply_adds_match_pytorchs_flop_counter():
    from torch.utils.flop_counter import FlopCounterMode

    for text, shape in LAYERS:
        if "same" in text or "circular" in text:
            continue
        counter = FlopCounterMode(display=False)
        with counter:
            real(text)(torch.randn(shape))
        assert counter.get_total_flops() == 2 * tilewise.explain(text, shape).multiply_adds, text


def test_layers_of_pytorch_and_unbatched_inputs():
    told = tilewise.explain(torch.nn.Conv2d(3, 4, 3).double(), (3, 8, 8))
    assert told.output_shape == (4, 6, 6) and told.dtype == "float64" and told.bytes_moved % 8 == 0


def test_separable_is_two_convolutions():
    told = nn.SeparableConv2d(3, 4, 3).explain((1, 3, 8, 8))
    assert isinstance(told, ExplanationGroup) and [type(part) for part in told] == [Explanation] * 2
    assert told.output_shape == (1, 4, 6, 6) and told.parameters == 27 + 12 + 4
    assert told.multiply_adds == 36 * 3 * 9 + 36 * 12
    assert json.loads(json.dumps(told.to_dict()))["parts"][1]["output_shape"] == [1, 4, 6, 6]


def test_a_problem_can_be_explained():
    captured = []
    choose = algorithms.choose
    layer, x = torch.nn.ConvTranspose2d(4, 3, 3, stride=2, output_padding=1), torch.randn(1, 4, 7, 7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prepared.algorithms, "choose", lambda p, *rest: captured.append(p) or choose(p, *rest))
        dispatch.forget()
        layer(x.requires_grad_()).sum().backward()
    assert len(captured) == 3
    whole = tilewise.explain(layer, (1, 4, 7, 7))
    for problem in captured:
        told = tilewise.explain(problem)
        assert len(told.passes) == 1 and told.passes[0].algorithm == whole[problem.kind.value].algorithm
        assert told.input_shape == (1, 4, 1, 7, 7) and told.output_shape == (1, 3, 1, 16, 16)
        assert told.multiply_adds == whole.multiply_adds
        assert "16" in told.formulas[-1]


def test_types_without_kernels_are_pytorchs():
    told = tilewise.explain(torch.nn.Conv2d(3, 4, 3, dtype=torch.complex64), (1, 3, 8, 8))
    assert told.algorithm == "native" and told.seconds is None
    assert "complex64" in told.passes[0].passed_over[0][1]


def test_options_and_machine(monkeypatch):
    monkeypatch.setenv("TILEWISE_ISA", "avx2")
    told = tilewise.explain("Conv2d(3, 4, 3)", (1, 3, 8, 8), dtype="bfloat16", precision="high")
    assert told.dtype == "bfloat16" and told.precision == "highest"  # levels are of float32 only
    assert told.machine.level == target.host().level in ("generic", "avx2")
    assert told.machine.why_not_higher
    with tilewise.precision("medium"):
        assert tilewise.explain("Conv2d(3, 4, 3)", (1, 3, 8, 8)).precision == "medium"


def test_it_says_when_tilewise_is_off():
    with tilewise.disabled():
        assert "not enabled" in str(tilewise.explain("Conv2d(3, 4, 3)", (1, 3, 8, 8)))
        assert not tilewise.is_enabled()
    assert "not enabled" not in str(tilewise.explain("Conv2d(3, 4, 3)", (1, 3, 8, 8)))


@pytest.mark.parametrize("text", ["Conv2d(3, 16, 3, padding=1)", "SeparableConv2d(3, 16, 3)"])
def test_it_prints_in_eighty_columns(text):
    told = tilewise.explain(text, (1, 3, 32, 32))
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(told)
    shown = console.export_text()
    assert max(map(len, shown.splitlines())) <= 80
    for words in ("1 x 16 x 3", "multiply-adds", "weight gradient", "native", target.cpu_model()):
        assert words in shown and words in str(told)
    assert "\x1b" not in str(told)
    assert told._repr_html_().startswith("<pre") and "weight gradient" in told._repr_html_()
    assert json.loads(json.dumps(told.to_dict()))["output_shape"][:2] == [1, 16]


def test_it_is_frozen():
    told = tilewise.explain("Conv2d(3, 4, 3)", (1, 3, 8, 8))
    with pytest.raises(dataclasses.FrozenInstanceError):
        told.layer = "another"
    with pytest.raises(KeyError):
        told["sideways"]
    assert told["forward"] is told.passes[0] and "Conv2d(3, 4" in repr(told)


REFUSED = [
    ("Conv2d(3, 16", "not a Python expression"),
    ("Conv2d", "not a call"),
    ("3 + 4", "not a call"),
    ("Linear(3, 4)", "'Linear' is not a convolution layer; there are Conv1d"),
    ("Conv2d(3, 16, n)", "no literal"),
    ("Conv2d(*[3, 16, 3])", "no literal"),
    ("Conv2d(**{'a': 1})", "not a call"),
    ("Conv2d(3, 16, __import__('os').getpid())", "no literal"),
    ("open('/etc/passwd').Conv2d(3, 16, 3)", "does not begin with a layer's name"),
    ("(lambda: 1)()", "does not begin with a layer's name"),
    ("Conv2d(3, 16, 3, device='cpu')", "not part of a layer's text"),
    ("Conv2d(3, 16, 0)", "kernel_size=0"),
    ("Conv2d(3, 16, 3, groups=2)", "in_channels must be divisible by groups"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_text_that_is_no_layer(text, words):
    with pytest.raises(ValueError) as caught:
        tilewise.explain(text, (1, 3, 8, 8))
    assert words in str(caught.value)


OTHER_MISTAKES = [
    ((nn.Linear(3, 4), (1, 3)), {}, "not a convolution layer"),
    ((nn.Conv2d(3, 4, 3),), {}, "input_shape is missing"),
    ((nn.Conv2d(3, 4, 3), (1, 4, 8, 8)), {}, "accepted are 3"),
    ((nn.Conv2d(3, 4, 3), (1, 3, 2**40, 2**40)), {}, "accepted are at most"),
    ((nn.ConvTranspose1d(3, 4, 3, stride=2**61), (1, 3, 8)), {}, "accepted are at most"),
    ((nn.Conv2d(3, 4, 3), (1, 3, 8, 8)), {"precision": "low"}, "'highest', 'high', 'medium'"),
    ((nn.Conv2d(3, 4, 3), (1, 3, 8, 8)), {"precision": ""}, "'highest', 'high', 'medium'"),
    ((nn.Conv2d(3, 4, 3), (1, 3, 8, 8)), {"dtype": "float31"}, "float31"),
    ((nn.Conv1d(3, 4, 3), (1, 3, 8)), {"channels_last": True}, "2-d and 3-d"),
    ((7, (1, 3, 8)), {}, "7 cannot be explained"),
]


@pytest.mark.parametrize(("given", "options", "words"), OTHER_MISTAKES, ids=lambda v: v if isinstance(v, str) else "")
def test_other_mistakes(given, options, words):
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        tilewise.explain(*given, **options)
