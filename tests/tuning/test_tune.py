"""`tilewise.tune`: what it chooses is used at once and by the next process, and every choice computes the same."""

import dataclasses
import io
import json
import threading

import pytest
import torch
from rich.console import Console
from torch import nn

import tilewise
from tests.support.accuracy import assert_accurate
from tests.support.processes import output_of
from tilewise import algorithms, target, tuning
from tilewise.algorithms import measured
from tilewise.algorithms.measured import Measured
from tilewise.problem import Pass
from tilewise.torch_ops import direct, dispatch, settings
from tilewise.torch_ops.settings import conditions
from tilewise.tuning.measuring import decide
from tilewise.tuning.recording import record

BRIEF = 0.01


def layer_and_input(size=12):
    torch.manual_seed(1)
    return nn.Conv2d(6, 10, 3, padding=1), torch.randn(2, 6, size, size + 1)


def force(layer, x, algorithm):
    """Let every pass of a layer run on an algorithm, or on the first of those that apply to it."""
    names = (algorithm,) if isinstance(algorithm, str) else algorithm
    found = {}
    for one in record(layer, (x.requires_grad_(),), {}, backward=True):
        able = (*algorithms.candidates(one.problem, target.host()), algorithms.NATIVE)
        name = next((n for n in names if n in able), names[0])
        found[measured.key(one.problem, target.host(), conditions())] = Measured(name, ((name, 1e-6), ("native", 2e-6)))
    return measured.remember(found)


def ran(call):
    """How many results of generated kernels and of PyTorch's own a call made."""
    before = dispatch.counts()
    call()
    return {kind: number - before[kind] for kind, number in dispatch.counts().items()}


def check(layer, x, formats=True):
    """A layer's result and gradients against float64, and their memory formats against PyTorch's."""
    x = x.detach().clone().requires_grad_()
    exact, inputs = nn.Conv2d(6, 10, 3, padding=1).double(), x.detach().double().requires_grad_()
    exact.load_state_dict(layer.state_dict())
    y, expected = layer(x), exact(inputs)
    # The same each time: of hundreds of random ones PyTorch's own sums go past the limit for one.
    slope = torch.empty_like(y).normal_(generator=torch.Generator().manual_seed(1))
    made = [y, *torch.autograd.grad(y, [x, *layer.parameters()], slope)]
    wanted = [expected, *torch.autograd.grad(expected, [inputs, *exact.parameters()], slope.double())]
    with tilewise.disabled():
        theirs = layer(x)
        theirs = [theirs, *torch.autograd.grad(theirs, [x, *layer.parameters()], slope)]
    for mine, reference, other in zip(made, wanted, theirs, strict=True):
        assert_accurate(mine, reference.detach())
        assert mine.stride() == other.stride()


def test_a_report():
    layer, x = layer_and_input()
    told = tilewise.tune(layer, x.requires_grad_(), backward=True, seconds=BRIEF)
    assert isinstance(told, tuning.Tuning) and told.model == "Conv2d" and told.precision == "highest"
    assert {problem.name for problem in told} == {kind.value for kind in Pass}
    for problem in told.problems:
        times = dict(problem.seconds)
        assert problem.layers == ("Conv2d",) and problem.calls == 1 and problem.dtype == "float32"
        assert problem.text == "Conv2d(6, 10, 3, padding=1)" and problem.input_shape == (2, 6, 12, 13)
        assert {problem.algorithm, problem.before, "native"} <= set(times) and "reference" not in times
        assert problem.algorithm == decide(times, problem.before)
        assert problem.pytorch > 0 and problem.ratio == problem.pytorch / times[problem.algorithm]
        assert list(times.values()) == sorted(times.values())
    assert not told.not_kept and not told.switched_off and told.elapsed > 0
    assert told.seconds == pytest.approx(sum(problem.best for problem in told))
    data = json.loads(json.dumps(told.to_dict()))
    assert data["problems"][0]["seconds"] == dict(told.problems[0].seconds)
    for text in (str(told), told._repr_html_()):
        for words in ("weight gradient", "Conv2d(6, 10, 3, padding=1)", "PyTorch", "3 problems"):
            assert words in text
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(told)
    assert max(map(len, console.export_text().splitlines())) <= 80
    check(layer, x)


def test_what_was_chosen_is_told_and_used():
    layer, x = layer_and_input()
    layer(x)
    assert not tilewise.explain(layer, x.shape).passes[0].measured
    told = tilewise.tune(layer, x, seconds=BRIEF)
    explained = tilewise.explain(layer, x.shape)
    forward = explained["forward"]
    assert forward.measured == told.problems[0].seconds and forward.algorithm == told.problems[0].algorithm
    assert "chosen by measurement" in str(explained) and "measured at" in str(explained)
    assert not explained["input gradient"].measured
    assert explained.to_dict()["passes"][0]["measured"] == dict(forward.measured)
    # Another size is not touched, nor another layout, type or precision.
    assert not tilewise.explain(layer, (2, 6, 12, 14)).passes[0].measured
    assert not tilewise.explain(layer, (1, 6, 12, 13)).passes[0].measured
    assert not tilewise.explain(layer, x.shape, channels_last=True).passes[0].measured
    assert not tilewise.explain(layer, x.shape, dtype="bfloat16").passes[0].measured
    assert not tilewise.explain(layer, x.shape, precision="high").passes[0].measured
    assert not tilewise.explain(nn.Conv2d(6, 10, 3, padding=1, bias=False), x.shape).passes[0].measured


def everything():
    return [*(a.name for a in algorithms.algorithms() if not a.on_request), algorithms.NATIVE]


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("algorithm", everything())
def test_whatever_is_chosen_computes_the_same(algorithm, channels_last):
    """Where an algorithm does not apply, another runs."""
    layer, x = layer_and_input()
    if channels_last:
        layer, x = layer.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    check(layer, x)
    force(layer, x, algorithm)
    check(layer, x)


def test_native_is_used_at_once_and_given_back():
    layer, x = layer_and_input()
    for _ in range(2):
        assert ran(lambda: layer(x)) == {"generated": 1, "native": 0}
    force(layer, x, algorithms.NATIVE)
    for _ in range(2):
        assert ran(lambda: layer(x)) == {"generated": 0, "native": 1}
    assert tilewise.explain(layer, x.shape).algorithm == "native"
    # One that is measured again is compared with what runs now.
    assert tilewise.tune(layer, x, seconds=BRIEF).problems[0].before == "native"
    measured.clear()
    assert ran(lambda: layer(x)) == {"generated": 1, "native": 0}


@pytest.mark.skipif(bool(direct.why_not()), reason=f"calls go through Python: {direct.why_not()}")
def test_known_calls_are_known_anew():
    layer, x = layer_and_input()

    def answered_in_python():
        before = dispatch._forward.generated + dispatch._forward.native
        layer(x)
        return dispatch._forward.generated + dispatch._forward.native - before

    layer(x), layer(x)
    assert answered_in_python() == 0
    tilewise.tune(layer, x, seconds=BRIEF)
    force(layer, x, "fma")
    assert answered_in_python() == 1 and answered_in_python() == 0


@pytest.mark.parametrize("name", ["winograd9", "reference", "dot_weights", ""])
def test_what_does_not_exist_or_apply_is_ignored(name):
    layer, x = layer_and_input()
    expected = tilewise.explain(layer, x.shape)
    force(layer, x, name)
    assert tilewise.explain(layer, x.shape) == expected
    check(layer, x)


def test_values_that_the_choice_cannot_carry():
    """The next best does the call over, by the measured times."""
    layer, x = layer_and_input()
    force(layer, x, "winograd")
    x = x.detach().clone()
    assert tilewise.explain(layer, x.shape).algorithm == "winograd"
    x[0, 0, 3, 3] = torch.inf
    y = layer(x)
    with tilewise.disabled():
        assert torch.equal(y.isnan(), layer(x).isnan()) and torch.equal(y.isinf(), layer(x).isinf())
    assert ran(lambda: layer(x))["native"] == 0


def test_another_number_of_threads_is_another_choice():
    layer, x = layer_and_input()
    force(layer, x, algorithms.NATIVE)
    try:
        for threads, kind in ((1, "native"), (2, "generated"), (2, "generated"), (1, "native"), (2, "generated")):
            torch.set_num_threads(threads)
            assert ran(lambda: layer(x))[kind] == 1
            assert bool(tilewise.explain(layer, x.shape).passes[0].measured) == (threads == 1)
        torch.set_num_threads(2)
        tilewise.tune(layer, x, seconds=BRIEF)
        assert "2 threads" in conditions() and tilewise.explain(layer, x.shape).passes[0].measured
    finally:
        torch.set_num_threads(1)
    assert ran(lambda: layer(x)) == {"generated": 0, "native": 1}


def test_another_instruction_set_is_another_choice(monkeypatch):
    layer, x = layer_and_input()
    force(layer, x, algorithms.NATIVE)
    monkeypatch.setenv("TILEWISE_ISA", "avx2" if target.host().level == "generic" else "generic")
    assert ran(lambda: layer(x))["generated"] == 1
    monkeypatch.delenv("TILEWISE_ISA")
    assert ran(lambda: layer(x))["native"] == 1


def test_switched_off(monkeypatch):
    layer, x = layer_and_input()
    force(layer, x, algorithms.NATIVE)
    monkeypatch.setenv("TILEWISE_TUNED", "0")
    assert ran(lambda: layer(x)) == {"generated": 1, "native": 0}
    told = tilewise.tune(layer, x, seconds=BRIEF)
    assert told.switched_off and "TILEWISE_TUNED=0" in str(told)
    force(layer, x, algorithms.NATIVE)
    assert not tilewise.explain(layer, x.shape).passes[0].measured
    monkeypatch.setenv("TILEWISE_TUNED", "1")
    assert ran(lambda: layer(x)) == {"generated": 0, "native": 1}


def test_a_layer_with_nothing_to_choose(monkeypatch):
    layer, x = nn.Conv2d(1, 1, 1, stride=(5000, 5000)), torch.randn(1, 1, 9, 9)
    monkeypatch.setattr("tilewise.algorithms.common.limits.MOST_TERMS", 0)
    layer(x)
    algorithms.registry._choose.cache_clear()
    told = tilewise.tune(layer, x, seconds=BRIEF)
    algorithms.registry._choose.cache_clear()
    (problem,) = told.problems
    assert problem.algorithm == problem.before == "native" and problem.seconds == () and problem.ratio is None
    assert "native is all there is" in str(told) and not measured.known()


def test_progress():
    seen = []
    model = nn.Sequential(nn.Conv1d(3, 4, 3), nn.Conv1d(4, 5, 3))
    tilewise.tune(model, torch.randn(1, 3, 20), seconds=BRIEF, progress=lambda *told: seen.append(told))
    done = [part for part, _, _ in seen]
    assert done == sorted(done) and done[0] == 0 and done[-1] == 2
    assert {(of, what) for _, of, what in seen} == {(2, "0, forward"), (2, "1, forward")}


MISTAKES = {
    "not callable": (lambda: tilewise.tune(3, torch.randn(1)), TypeError, "a int cannot be called"),
    "a shape": (lambda: tilewise.tune(nn.Conv2d(3, 4, 3), (1, 3, 9, 9)), TypeError, r"torch\.randn\(shape\)"),
    "no tensor": (lambda: tilewise.tune(nn.Conv2d(3, 4, 3), "x"), TypeError, "neither a tensor nor a tuple"),
    "kwargs": (lambda: tilewise.tune(nn.Conv2d(3, 4, 3), torch.randn(1), [1]), TypeError, "dictionary of named"),
    "no convolution": (lambda: tilewise.tune(nn.Linear(3, 4), torch.randn(1, 3)), tilewise.errors.ArgumentError,
                       "Linear reached no convolution .*: none ran"),
    "PyTorch's": (lambda: tilewise.tune(torch.conv1d, (torch.ones(1, 3, 9).int(), torch.ones(4, 3, 3).int())),
                  ValueError, "conv1d reached no convolution .*: all 1 that ran are PyTorch's own"),
    "illegal": (lambda: tilewise.tune(nn.Conv2d(3, 4, 3), torch.randn(1, 4, 9, 9)), RuntimeError, "to have 3 channels"),
    "precision": (lambda: tilewise.tune(nn.Conv2d(3, 4, 3), torch.randn(1, 3, 9, 9), precision="low"), ValueError,
                  "precision 'low' does not exist"),
    "seconds": (lambda: tilewise.tune(nn.Conv2d(3, 4, 3), torch.randn(1, 3, 9, 9), seconds=0), ValueError,
                "seconds=0: accepted"),
    "lazy": (lambda: tilewise.tune(nn.LazyConv2d(4, 3), torch.randn(1, 3, 9, 9)), ValueError, "a lazy layer"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_mistakes(what):
    call, error, words = MISTAKES[what]
    with pytest.raises(error, match=words):
        call()
    assert tilewise.is_enabled() and algorithms.selection() is None and not measured.known()


def test_a_level_of_precision():
    layer, x = layer_and_input()
    told = tilewise.tune(layer, x, precision="high", seconds=BRIEF)
    assert told.precision == "high" and tilewise.explain(layer, x.shape, precision="high").passes[0].measured
    assert not tilewise.explain(layer, x.shape).passes[0].measured


def test_everything_is_as_it_was():
    layer, x = layer_and_input()
    with tilewise.disabled():
        state = torch.get_rng_state()
        tilewise.tune(layer, x, seconds=BRIEF)
        assert not tilewise.is_enabled() and algorithms.selection() is None
        assert torch.equal(torch.get_rng_state(), state) and torch.is_grad_enabled()


def test_two_threads_tune_at_once():
    told, raised = {}, []

    def program(size):
        try:
            told[size] = tilewise.tune(*layer_and_input(size), seconds=BRIEF)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=program, args=(size,)) for size in (8, 9, 10)]
    for thread in threads:
        thread.start()
    layer, x = layer_and_input(11)
    while any(thread.is_alive() for thread in threads):
        check(layer, x)
    assert not raised, raised
    assert set(told) == {8, 9, 10}
    assert measured.file_state() == measured.State(3, "") and algorithms.selection() is None
    for size in told:
        layer, x = layer_and_input(size)
        assert tilewise.explain(layer, x.shape).passes[0].measured
        check(layer, x)


TUNE = """
    import json, sys, torch, tilewise
    torch.set_num_threads(1)
    layer = torch.nn.Conv2d(6, 10, 3, padding=1)
    print(json.dumps(tilewise.tune(layer, torch.randn(2, 6, 12, 13), seconds=0.01).to_dict()))
"""
USE = """
    import json, torch, tilewise
    from tilewise.torch_ops import dispatch
    torch.set_num_threads(1)
    tilewise.enable()
    layer, x = torch.nn.Conv2d(6, 10, 3, padding=1), torch.randn(2, 6, 12, 13)
    layer(x), layer(x)
    told = tilewise.explain(layer, x.shape).to_dict()["passes"][0]
    print(json.dumps({**told, "counts": dispatch.counts()}))
"""


def test_the_next_process_knows():
    told = json.loads(output_of(TUNE))["problems"][0]
    used = json.loads(output_of(USE))
    assert used["measured"] == told["seconds"] and used["algorithm"] == told["algorithm"]
    layer, x = layer_and_input()
    force(layer, x, algorithms.NATIVE)
    used = json.loads(output_of(USE))
    assert used["algorithm"] == "native" and used["counts"] == {"generated": 0, "native": 2}
    assert json.loads(output_of(USE, TILEWISE_TUNED="0"))["counts"] == {"generated": 2, "native": 0}


def test_frozen():
    layer, x = layer_and_input()
    problem = tilewise.tune(layer, x, seconds=BRIEF).problems[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        problem.algorithm = "fma"


@pytest.mark.skipif(settings._fp32_precision is None, reason="this PyTorch has one precision for float32")
def test_a_pytorch_that_shortens_float32_is_no_candidate():
    layer, x = layer_and_input()
    force(layer, x, algorithms.NATIVE)
    assert ran(lambda: layer(x)) == {"generated": 0, "native": 1}
    torch.backends.mkldnn.conv.fp32_precision = "bf16"
    try:
        # What was chosen without it does not hold with it.
        assert ran(lambda: layer(x)) == {"generated": 1, "native": 0}
        assert "native" not in dict(tilewise.tune(layer, x, seconds=BRIEF).problems[0].seconds)
        other = nn.Conv2d(6, 10, 3).to(torch.bfloat16)
        assert "native" in dict(tilewise.tune(other, x.bfloat16(), seconds=BRIEF).problems[0].seconds)
    finally:
        torch.backends.mkldnn.conv.fp32_precision = "none"
    assert ran(lambda: layer(x)) == {"generated": 0, "native": 1}
