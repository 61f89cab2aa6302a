"""`tilewise see` on the command line."""

import sys

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from torch import nn

from tilewise.cli.see import command


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "mynet.py").write_text(
        "from torch import nn\n"
        "class Net(nn.Sequential):\n"
        "    def __init__(self):\n"
        "        super().__init__(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))\n"
        "layer = nn.Conv2d(1, 2, 3)\n"
        "number = 3\n"
    )
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (12, 14, 3), np.uint8)).save(tmp_path / "photo.png")
    yield tmp_path
    sys.modules.pop("mynet", None)


def run(*arguments):
    return CliRunner().invoke(command, list(arguments))


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["-o", "out.html"], "Convolution playground"),
        (["Conv2d(3, 16, 3, padding=1)", "1,3,32,32", "-o", "out.html"], "Convolution playground"),
        (["Conv2d(3, 16, 3, padding=1)", "photo.png", "-o", "out.svg"], "Convolution playground"),
        (["mynet.py:Net", "photo.png", "--no-time", "-o", "out.html"], "Net"),
        (["mynet:Net", "--input", "1,3,16,16", "-o", "out.png"], "Net"),
        (["mynet.py:layer", "photo.png", "--size", "10,10", "-o", "out.gif"], "Conv2d(1, 2, kernel_size=3)"),
        (["mynet.py:layer", "1x1x9x9", "--at", "0,0", "--filter", "1", "--theme", "dark", "-o", "out.svg"], "Conv2d("),
    ],
)
def test_it_writes_what_it_is_asked_for(place, arguments, says):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    assert f"Wrote {arguments[-1]}: {says}" in result.output
    assert (place / arguments[-1]).stat().st_size > 1000


@pytest.mark.parametrize(
    "arguments, says",
    [
        (["mynet.py:Nothing", "photo.png", "-o", "x.svg"], "has no Nothing"),
        (["mynet.py:number", "photo.png", "-o", "x.svg"], "gives a int"),
        (["nowhere.py:Net", "photo.png", "-o", "x.svg"], "no file"),
        (["nonsense", "-o", "x.svg"], "neither a layer"),
        (["mynet.py:Net", "-o", "x.svg"], "needs an input"),
        (["mynet.py:Net", "nowhere.png", "-o", "x.svg"], "no image file"),
        (["mynet.py:Net", "mynet.py", "-o", "x.svg"], "not an image"),
        (["mynet.py:Net", "mynet.py", "--input", "1,3,9,9", "-o", "x.svg"], "give one of them"),
        (["mynet.py:layer", "1,3,9,9", "-o", "x.svg"], "flow"),
        (["Conv2d(3, 4)", "-o", "x.svg"], "needs kernel_size"),
        (["Conv2d(3, 4, 3)", "-o", "x.pdf"], "saved as"),
        (["mynet.py:layer", "1,1,9,9", "--size", "a,b", "-o", "x.svg"], "whole numbers"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(place, arguments, says):
    result = run(*arguments)
    assert result.exit_code != 0 and says in result.output and "Traceback" not in result.output


def test_weights_are_loaded(place):
    layer = nn.Conv2d(1, 2, 3)
    torch.save(layer.state_dict(), place / "w.pt")
    result = run("mynet.py:layer", "1,1,9,9", "--weights", "w.pt", "-o", "out.json")
    assert result.exit_code == 0, result.output
    import json

    from tilewise.pictures.packing import unpacked

    scene = json.loads((place / "out.json").read_text())
    assert np.array_equal(unpacked(scene["bias"]), layer.bias.detach().double().numpy())
