"""What a run of a model is recorded as, and that it leaves nothing behind."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from tilewise.problem import Pass
from tilewise.tuning.copying import copied, noise
from tilewise.tuning.recording import record


class Block(nn.Module):
    """All that a run could leave a trace in."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.drop = nn.Dropout(0.5)
        self.same = nn.Conv2d(8, 8, 3, padding=1)
        self.twin = nn.Conv2d(8, 8, 3, padding=1)
        self.up = nn.ConvTranspose2d(8, 4, 2, stride=2)

    def forward(self, x):
        x = self.drop(torch.relu(self.norm(self.first(x))))
        random.random()
        np.random.rand()
        return self.up(self.twin(self.same(x)))

    def half(self, x):
        return self.norm(self.first(x))


def passes(recorded):
    return {(one.text, one.problem.kind): one.layers for one in recorded}


def test_all_passes_of_a_model():
    found = passes(record(Block(), (torch.randn(2, 3, 9, 8),), {}, backward=True))
    first, same, up = (
        "Conv2d(3, 8, 3, padding=1, bias=False)", "Conv2d(8, 8, 3, padding=1)", "ConvTranspose2d(8, 4, 2, stride=2)"
    )  # fmt: skip
    assert found == {
        (first, Pass.FORWARD): ["first"],
        (same, Pass.FORWARD): ["same", "twin"],
        (up, Pass.FORWARD): ["up"],
        (up, Pass.INPUT_GRADIENT): ["up"],
        (up, Pass.WEIGHT_GRADIENT): ["up"],
        (same, Pass.INPUT_GRADIENT): ["twin", "same"],
        (same, Pass.WEIGHT_GRADIENT): ["twin", "same"],
        # Nobody asks for the gradient of the images.
        (first, Pass.WEIGHT_GRADIENT): ["first"],
    }
    forward = passes(record(Block(), (torch.randn(2, 3, 9, 8),), {}, backward=False))
    assert set(forward) == {key for key in found if key[1] is Pass.FORWARD}


def test_inputs_and_frozen_parameters_decide_about_gradients():
    model = Block().requires_grad_(False)
    found = passes(record(model, (torch.randn(2, 3, 9, 8, requires_grad=True),), {}, backward=True))
    assert {kind for _, kind in found} == {Pass.FORWARD, Pass.INPUT_GRADIENT}
    with pytest.raises(ValueError, match=r"backward=True: .* asks for gradients"):
        record(model, (torch.randn(2, 3, 9, 8),), {}, backward=True)


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("given", [lambda model: model, lambda model: model.half], ids=["module", "method"])
def test_nothing_of_the_model_changes(given, backward):
    model, x = Block(), torch.randn(2, 3, 9, 8, requires_grad=True)
    model.first.weight.grad = kept = torch.ones_like(model.first.weight)
    called = []
    model.first.weight.register_hook(lambda slope: called.append(slope))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    versions = {name: tensor._version for name, tensor in model.state_dict().items()}
    state, python, numpy, image = torch.get_rng_state(), random.getstate(), np.random.get_state(), x.detach().clone()
    record(given(model), (x,), {}, backward)
    assert torch.equal(torch.get_rng_state(), state) and random.getstate() == python
    assert all(np.array_equal(a, b) for a, b in zip(np.random.get_state(), numpy, strict=True))
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name]) and tensor._version == versions[name], name
    assert model.training and torch.equal(x, image) and x.grad is None and not called
    assert model.first.weight.grad is kept and torch.equal(kept, torch.ones_like(kept))
    assert all(p.grad is None for name, p in model.named_parameters() if name != "first.weight")


def test_functions_and_named_arguments():
    weight = torch.randn(4, 3, 3, requires_grad=True)

    def program(x, *, scale, extra):
        assert extra == "words"
        x.mul_(2)  # of its copy
        return {"y": [torch.conv1d(x["x"] if isinstance(x, dict) else x, weight * scale)]}

    x = torch.randn(2, 3, 9)
    before = x.clone()
    found = record(program, (x,), {"scale": torch.tensor(2.0), "extra": "words"}, backward=True)
    assert [(one.text, one.problem.kind, one.layers) for one in found] == [
        ("Conv1d(3, 4, 3, bias=False)", Pass.FORWARD, [""]),
        ("Conv1d(3, 4, 3, bias=False)", Pass.WEIGHT_GRADIENT, [""]),
    ]
    assert torch.equal(x, before) and weight.grad is None


def test_layouts_are_those_of_the_call():
    layer = nn.Conv2d(8, 4, 3).to(memory_format=torch.channels_last)
    x = torch.randn(2, 8, 9, 7).to(memory_format=torch.channels_last)
    (one,) = record(layer, x.unsqueeze(0), {}, backward=False)
    assert one.layout == "channels last" and one.input.strides == x.stride() and one.layers == ["Conv2d"]
    sliced = torch.randn(2, 8, 20, 7)[:, :, 3:12]
    (one,) = record(nn.Conv2d(8, 4, 3), (sliced,), {}, backward=False)
    assert one.input.strides == sliced.stride()


def test_inference_mode_and_autocast():
    x = torch.randn(2, 3, 9, 8)
    with torch.inference_mode():
        assert record(Block(), (x,), {}, backward=False)
        assert record(Block(), (torch.randn(2, 3, 9, 8),), {}, backward=True)
    with torch.autocast("cpu", torch.bfloat16):
        assert {one.dtype for one in record(Block(), (x,), {}, backward=False)} == {torch.bfloat16}


def test_scripts_and_compiled_models():
    model, x = (
        nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3)),
        torch.randn(2, 3, 9, 8),
    )
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    wanted = passes(record(model, (x,), {}, backward=True))
    assert passes(record(torch.jit.script(model), (x,), {}, backward=True)) == wanted
    assert passes(record(torch.compile(model, backend="eager"), (x,), {}, backward=True)) == wanted
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())


TENSORS = {
    "dense": torch.randn(2, 3, 4),
    "transposed": torch.randn(3, 4, 5).transpose(0, 2),
    "sliced": torch.randn(6, 8)[1:5:2, 3:7],
    "expanded": torch.randn(3, 1).expand(3, 5),
    "single": torch.tensor(3.0),
    "empty": torch.empty(0, 3),
    "whole numbers": torch.arange(6).view(2, 3),
    "conjugated": torch.randn(3, dtype=torch.complex64).conj(),
    "sparse": torch.eye(3).to_sparse(),
}


@pytest.mark.parametrize("what", TENSORS)
def test_copies_lie_as_the_original(what):
    tensor = TENSORS[what]
    copy = copied(tensor)
    assert torch.equal(copy.to_dense(), tensor.to_dense()) and copy.dtype == tensor.dtype
    if tensor.layout is torch.strided:
        assert copy.stride() == tensor.stride()
        assert not copy.numel() or copy.data_ptr() != tensor.data_ptr()


def test_noise():
    generator = torch.Generator().manual_seed(1)
    tensor = noise((2, 3, 1), (0, 5, 7), torch.bfloat16, generator)
    assert tensor.stride() == (0, 5, 7) and tensor.dtype == torch.bfloat16 and tensor.abs().max() < 10
