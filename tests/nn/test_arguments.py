"""Constructor errors: PyTorch's type and message first, then the argument, its value and what is accepted."""

import warnings

import numpy as np
import pytest
import torch

from tilewise import nn
from tilewise.errors import ArgumentError

BASE = {"in_channels": 4, "out_channels": 4, "kernel_size": 3}
REFUSED_BY_BOTH = [
    ({"groups": 0}, "groups=0"),
    ({"groups": -1}, "groups=-1"),
    ({"in_channels": 5, "groups": 2}, "groups=2 does not divide in_channels=5"),
    ({"out_channels": 5, "groups": 2}, "groups=2 does not divide out_channels=5"),
    ({"padding_mode": "foo"}, "padding_mode='foo'"),
    ({"kernel_size": -1}, "kernel_size=-1"),
    ({"in_channels": -1}, "in_channels=-1"),
    ({"kernel_size": 2.5}, "kernel_size=2.5"),
    ({"kernel_size": "3"}, "kernel_size='3'"),
    ({"groups": 1.5}, "groups=1.5"),
    ({"dtype": torch.int64}, "dtype=torch.int64"),
]
REFUSED_BY_BOTH_STANDARD = [
    ({"padding": "foo"}, "padding='foo'"),
    ({"padding": "same", "stride": 2}, "padding='same' with stride=2"),
]
REFUSED_BY_BOTH_TRANSPOSED = [({"padding_mode": "reflect"}, "padding_mode='reflect'")]
REFUSED_BY_US = [
    ({"kernel_size": 0}, "kernel_size=0"),
    ({"out_channels": 0}, "out_channels=0"),
    ({"stride": 0}, "non-positive stride is not supported"),
    ({"stride": -1}, "stride=-1"),
    ({"padding": -1}, "negative padding is not supported"),
    ({"dilation": 0}, "dilation=0"),
    ({"kernel_size": (3,) * 4}, "kernel_size=(3, 3, 3, 3)"),
    ({"stride": (1,) * 4}, "stride=(1, 1, 1, 1)"),
    ({"stride": 1.5}, "stride=1.5"),
]
REFUSED_BY_US_TRANSPOSED = [
    ({"output_padding": 1}, "output_padding=1: accepted is less than"),
    ({"padding": "same"}, "a transposed convolution accepts numbers only"),
]
SOLID = [f"{kind}{n}d" for kind in ("Conv", "ConvTranspose") for n in (1, 2, 3)]


def refusal(home, name, arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            getattr(home, name)(**{**BASE, **arguments})
        except Exception as error:
            return error
    return None


def cases(transposed, both):
    special = REFUSED_BY_BOTH_TRANSPOSED if transposed else REFUSED_BY_BOTH_STANDARD
    return REFUSED_BY_BOTH + special if both else REFUSED_BY_US + (REFUSED_BY_US_TRANSPOSED if transposed else [])


@pytest.mark.parametrize("name", SOLID)
def test_pytorchs_refusals_come_first(name):
    for arguments, words in cases("Transpose" in name, both=True):
        theirs, ours = refusal(torch.nn, name, arguments), refusal(nn, name, arguments)
        assert theirs is not None and type(ours) is type(theirs), arguments
        assert str(ours).startswith(f"{theirs}\n{name}: ") and words in str(ours), arguments


@pytest.mark.parametrize("name", SOLID)
def test_what_can_never_run_is_refused_early(name):
    for arguments, words in cases("Transpose" in name, both=False):
        assert refusal(torch.nn, name, arguments) is None, arguments
        ours = refusal(nn, name, arguments)
        assert type(ours) is ArgumentError and isinstance(ours, ValueError), arguments
        assert words in str(ours) and "accept" in str(ours) and str(ours).startswith(name), arguments


@pytest.mark.parametrize("name", SOLID)
@pytest.mark.parametrize("given", [{"bogus": 1}, {"dtype": "float"}])
def test_other_refusals_are_pytorchs_alone(name, given):
    theirs, ours = refusal(torch.nn, name, given), refusal(nn, name, given)
    assert type(ours) is type(theirs) is TypeError and str(ours) == str(theirs)


def test_a_missing_argument():
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'kernel_size'"):
        nn.Conv2d(3, 4)


LEGAL = [
    {"stride": (2,)},
    {"padding": (1,), "dilation": [2]},
    {"padding": -1, "padding_mode": "circular"},
    {"padding": "valid", "stride": 2},
    {"kernel_size": np.array([3, 2]), "stride": torch.tensor([1, 2]), "padding": np.int64(1)},
    {"groups": 4},
    {"bias": False, "dtype": torch.complex64},
    {"dtype": torch.bfloat16, "device": "meta"},
]


@pytest.mark.parametrize("arguments", LEGAL, ids=str)
def test_what_pytorch_runs_is_accepted(arguments):
    theirs, ours = (home.Conv2d(**{**BASE, **arguments}) for home in (torch.nn, nn))
    assert repr(theirs) == repr(ours)
    if arguments.get("device") != "meta":
        x = torch.randn(1, 4, 9, 9).to(ours.weight.dtype)
        assert ours(x).shape == theirs(x).shape


def test_zero_input_channels_are_legal():
    with pytest.warns(UserWarning, match="zero-element"):
        assert nn.Conv2d(0, 2, 3).weight.shape == (2, 0, 3, 3)


def test_lazy_layers_check_what_they_know():
    with pytest.raises(ArgumentError, match="LazyConv2d: stride=0"):
        nn.LazyConv2d(4, 3, stride=0)
    with pytest.raises(ValueError, match="groups must be a positive integer\nLazyConv2d: groups=0"):
        nn.LazyConv2d(4, 3, groups=0)
    for name in ("LazyConv1d", "LazyConvTranspose3d"):
        layer = getattr(nn, name)
        for channels in (0, -3, "a", 2.0):
            with pytest.raises(ArgumentError, match=f"{name}: out_channels={channels!r}: accepted"):
                layer(channels, 3)
        assert layer(6, 3, groups=2).groups == 2
    with pytest.raises(ArgumentError, match="groups=2 does not divide out_channels=5: accepted here are 1, 5"):
        nn.LazyConv2d(5, 3, groups=2)


def test_every_complaint_is_made_at_once():
    with pytest.raises(ArgumentError) as caught:
        nn.Conv2d(3, 4, 0, stride=0, dilation=-2)
    assert len(str(caught.value).splitlines()) == 3


def test_depthwise_and_separable_arguments():
    with pytest.raises(ArgumentError, match="multiplier=0"):
        nn.DepthwiseConv2d(3, 3, multiplier=0)
    with pytest.raises(ArgumentError, match="in_channels=0"):
        nn.DepthwiseConv1d(0, 3)
    with pytest.raises(ArgumentError, match="DepthwiseConv3d: stride=0"):
        nn.SeparableConv3d(3, 4, 3, stride=0)


CALLS = [
    ((2, 5, 9, 9), "to have 4 channels, but got 5"),
    ((4, 9), "Expected 3D"),
    ((1, 4, 2, 2), "Kernel size can't be greater than actual input size"),
]


@pytest.mark.parametrize(("shape", "words"), CALLS)
def test_calls_raise_what_pytorch_raises(shape, words):
    errors = []
    for home in (torch.nn, nn):
        with pytest.raises(RuntimeError) as caught:
            home.Conv2d(**BASE)(torch.randn(shape))
        errors.append(str(caught.value))
    assert words in errors[0] and errors[0] == errors[1]
