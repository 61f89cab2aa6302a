"""A layer as text: read, written, and never run."""

import pytest
from torch import nn

from tilewise.errors import ArgumentError
from tilewise.pictures.settings import parse


@pytest.mark.parametrize(
    "text, line",
    [
        ("Conv2d(3, 16, 3, padding=1)", "nn.Conv2d(3, 16, kernel_size=3, padding=1)"),
        ("torch.nn.Conv1d(1,2,(5,),2,'valid')", "nn.Conv1d(1, 2, kernel_size=5, stride=2)"),
        ("nn.Conv2d(4, 4, (3, 5), groups=2, bias=False)", "nn.Conv2d(4, 4, kernel_size=(3, 5), groups=2, bias=False)"),
        (
            "ConvTranspose2d(4, 2, 4, 2, 1, 1, 2, False, 3)",
            "nn.ConvTranspose2d(4, 2, kernel_size=4, stride=2, padding=1, output_padding=1, dilation=3, groups=2, "
            "bias=False)",
        ),
        ("Conv3d(1, 1, 3, padding_mode='circular')", "nn.Conv3d(1, 1, kernel_size=3, padding_mode='circular')"),
        (
            "Conv1d(2, 3, 3, dilation=2, padding='causal')",
            "nn.Sequential(nn.ConstantPad1d((4, 0), 0.0), nn.Conv1d(2, 3, kernel_size=3, dilation=2))",
        ),
    ],
)
def test_a_line_is_read_and_written_as_pytorch_does(text, line):
    settings = parse(text)
    assert settings.line() == line
    module = eval(line, {"nn": nn})
    if not ("causal" in text or "valid" in text):
        assert repr(eval(text.rsplit("nn.", 1)[-1], vars(nn))) == repr(module)


@pytest.mark.parametrize(
    "text, words",
    [
        ("Linear(3, 4)", "not one of torch.nn's convolution layers"),
        ("Conv2d(3, 4", "is not a layer"),
        ("Conv2d(3, 4)", "needs kernel_size"),
        ("Conv2d(3, 4, 3, colour=1)", "takes no colour"),
        ("Conv2d(3, 4, kernel_size=n)", "not a plain number"),
        ("Conv2d(3, 4, 2.5)", "kernel_size=2.5"),
        ("Conv2d(3.0, 4, 3)", "in_channels=3.0"),
        ("Conv2d(3, 4, 3, padding='causal')", "padding='causal'"),
        ("__import__('os').system('true')", "not one of torch.nn"),
    ],
)
def test_what_is_not_a_layer_is_explained(text, words):
    with pytest.raises(ArgumentError, match=words):
        parse(text)
