"""`tilewise.nn` is torch.nn: names, submodules, and code written for torch.nn."""

import importlib
import pkgutil
import subprocess
import sys

import pytest
import torch

from tilewise import nn


def test_every_public_name_of_torch_nn_is_there():
    ours = {layer.__name__ for layer in nn.LAYERS}
    for name in dir(torch.nn):
        if name.startswith("__"):
            continue
        if name in ours:
            assert issubclass(getattr(nn, name), getattr(torch.nn, name))
        elif name != "modules":
            assert getattr(nn, name) is getattr(torch.nn, name), name
    assert set(dir(torch.nn)) - {n for n in dir(torch.nn) if n.startswith("_")} <= set(dir(nn))


def test_star_import_brings_layers_and_nothing_else():
    names = {}
    exec("from tilewise.nn import *", names)
    names.pop("__builtins__")
    assert set(names) == set(nn.__all__) and names["Conv2d"] is nn.Conv2d and names["Linear"] is torch.nn.Linear
    assert set(names) - set(dir(torch.nn)) == {cls.__name__ for cls in nn.LAYERS} - set(dir(torch.nn))


def test_names_of_torch_nn_modules_are_there():
    for name in torch.nn.modules.__all__:
        assert getattr(nn.modules, name) is getattr(nn, name)
    assert nn.modules.batchnorm is torch.nn.modules.batchnorm
    assert nn.modules.conv.Conv2d is nn.Conv2d


@pytest.mark.parametrize(
    "name",
    ["functional", "init", "utils", "utils.rnn", "utils.parametrize", "parameter", "parallel", "modules.batchnorm",
     "modules.utils", "attention.flex_attention", "grad", "common_types"],
)  # fmt: skip
def test_submodules_import_as_the_same_objects(name):
    theirs = importlib.import_module(f"torch.nn.{name}")
    assert importlib.import_module(f"tilewise.nn.{name}") is theirs
    assert theirs.__spec__.name == theirs.__name__ == f"torch.nn.{name}"


def test_no_submodule_of_torch_nn_is_loaded_twice():
    for module in pkgutil.iter_modules(torch.nn.__path__):
        if module.name not in ("modules", "qat", "quantized", "quantizable", "intrinsic", "cpp"):
            theirs = importlib.import_module(f"torch.nn.{module.name}")
            assert importlib.import_module(f"tilewise.nn.{module.name}") is theirs


def test_a_name_that_neither_has():
    with pytest.raises(AttributeError, match="neither has torch"):
        _ = nn.Conv7d
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("tilewise.nn.nothing")


_PROGRAM = """
import {home} as nn
import {home}.functional as F
from {home}.utils import clip_grad_norm_
from {home}.modules.conv import _ConvNd
import torch
torch.manual_seed(3)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.LazyConv2d(6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 4, 3, groups=2))
        self.up = nn.ConvTranspose2d(4, 2, 2, stride=2)
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return F.relu(self.up(self.body(x))) * self.scale

net = Net()
net(torch.randn(1, 3, 9, 9))
for m in net.modules():
    if isinstance(m, nn.modules.conv._ConvNd):
        nn.init.kaiming_normal_(m.weight)
loss = nn.MSELoss()(net(torch.randn(2, 3, 9, 9)), torch.zeros(2, 2, 10, 10))
loss.backward()
print(f"{{float(clip_grad_norm_(net.parameters(), 1.0)):.4f}} {{loss.item():.4f}}")
print(net)
"""


def test_a_program_for_torch_nn_runs_after_changing_its_import():
    outputs = [
        subprocess.run(
            [sys.executable, "-W", "error::FutureWarning", "-c", _PROGRAM.format(home=home)],
            capture_output=True, text=True, check=True,
        ).stdout
        for home in ("torch.nn", "tilewise.nn")
    ]  # fmt: skip
    assert outputs[0] == outputs[1]
