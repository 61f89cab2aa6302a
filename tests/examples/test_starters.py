"""The starter models: forward and a training step, against the same network of torch.nn in float64."""

import copy
import runpy
from pathlib import Path

import pytest
import torch

import tilewise
from examples import blocks, cnn, medical
from tilewise import nn
from tilewise.demo import models

CASES = {
    "medical": (medical.MedicalImageModel, (2, 1, 33, 30), (2, 64, 30, 27)),
    "cnn": (cnn.CNN, (4, 3, 32, 32), (4, 10)),
    "conv_relu_pool": (blocks.conv_relu_pool, (2, 16, 12, 14), (2, 32, 6, 7)),
    "conv_norm_relu": (blocks.conv_norm_relu, (2, 16, 12, 14), (2, 32, 12, 14)),
    "depthwise_separable": (blocks.depthwise_separable, (2, 16, 12, 14), (2, 32, 12, 14)),
    "dilated": (blocks.dilated, (2, 16, 12, 14), (2, 32, 12, 14)),
    "upsampling": (blocks.upsampling, (2, 16, 12, 14), (2, 32, 24, 28)),
}
ROOT = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def enabled():
    with tilewise.enabled():
        yield


def step(model, x):
    """The result, the loss's gradients, and the weights after a step."""
    model.train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    result = model(x)
    result.square().mean().backward()
    gradients = [p.grad.clone() for p in model.parameters()]
    optimizer.step()
    return [result.detach(), *gradients, *(p.detach() for p in model.parameters())]


@pytest.mark.parametrize("name", CASES)
def test_forward_and_a_training_step(name):
    make, shape, expected = CASES[name]
    torch.manual_seed(4)
    model, x = make(), torch.randn(shape)
    assert model(x).shape == expected
    exact = copy.deepcopy(model).double()
    ours = step(model, x)
    with tilewise.disabled():
        truth = step(exact, x.double())
    assert any(isinstance(m, (nn.Conv2d, nn.ConvTranspose2d)) for m in model.modules())
    for mine, right in zip(ours, truth, strict=True):
        scale = max(1e-3, float(right.abs().max()))
        assert float((mine.double() - right).abs().max()) <= 1e-5 * scale


def test_all_blocks_are_tested():
    assert {make.__name__ for make in blocks.BLOCKS} | {"medical", "cnn"} == set(CASES)


def test_the_demos_model_is_the_example():
    results = []
    for home in (medical, models):
        torch.manual_seed(9)
        results.append(home.MedicalImageModel()(torch.ones(1, 1, 8, 8)))
    assert torch.equal(*results)


@pytest.mark.parametrize("name", ["medical", "cnn", "blocks"])
def test_examples_run(name, capsys):
    runpy.run_path(str(ROOT / f"{name}.py"), run_name="__main__")
    shown = capsys.readouterr().out
    if name == "blocks":
        assert "(1, 32, 128, 128)" in shown
    else:
        losses = [float(line.rpartition(" ")[2]) for line in shown.splitlines() if line.startswith("step")]
        assert losses == sorted(losses, reverse=True) and len(losses) > 1
