"""The twelve layers are PyTorch's own: signature, weights, repr, state dict, pickles; and they enable Tilewise."""

import abc
import copy
import inspect
import io
import pickle

import pytest
import torch

import tilewise
from tilewise import nn, torch_ops
from tilewise.torch_ops import dispatch

NAMES = [f"{kind}{n}d" for kind in ("Conv", "ConvTranspose", "LazyConv", "LazyConvTranspose") for n in (1, 2, 3)]
SOLID = [name for name in NAMES if not name.startswith("Lazy")]


@pytest.fixture(autouse=True)
def switch_as_before():
    with tilewise.disabled():
        torch_ops.enable()
        yield


def arguments(name):
    extra = {"output_padding": 1} if "Transpose" in name else {"padding_mode": "zeros"}
    channels = (4,) if name.startswith("Lazy") else (6, 4)
    return (*channels, 3), {"stride": 2, "padding": 1, "groups": 2, **extra}


def image(name, channels=6):
    return torch.randn(2, channels, *[7] * int(name[-2]))


def both(name):
    made = []
    for home in (torch.nn, nn):
        torch.manual_seed(5)
        args, kwargs = arguments(name)
        made.append(getattr(home, name)(*args, **kwargs))
    return made


@pytest.mark.parametrize("name", NAMES)
def test_signature_repr_and_kind(name):
    theirs, ours = both(name)
    assert inspect.signature(type(ours)) == inspect.signature(type(theirs))
    assert repr(ours) == repr(theirs)
    assert isinstance(ours, type(theirs)) and issubclass(type(ours), type(theirs))
    assert not isinstance(theirs, type(ours))


@pytest.mark.parametrize("name", SOLID)
def test_initial_weights_and_state_dict(name):
    theirs, ours = both(name)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for key, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[key], value)
    theirs.load_state_dict(ours.state_dict())
    ours.load_state_dict(theirs.state_dict())
    x = image(name)
    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith("Lazy")])
def test_lazy_layers_become_ours(name):
    theirs, ours = both(name)
    assert isinstance(ours, getattr(nn, name.removeprefix("Lazy")))
    with pytest.raises(ValueError, match="first input"):
        ours.output_shape((1, 6, 7))
    x = image(name)
    torch.manual_seed(6)
    expected = theirs(x)
    torch.manual_seed(6)
    torch.testing.assert_close(ours(x), expected, rtol=1e-4, atol=1e-5)
    assert type(ours) is getattr(nn, name.removeprefix("Lazy"))
    assert ours.in_channels == 6 and repr(ours) == repr(theirs)
    assert ours.output_shape(x.shape) == expected.shape


@pytest.mark.parametrize("name", NAMES)
def test_pickles_and_copies(name):
    _, ours = both(name)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert type(pickle.loads(pickle.dumps(ours, protocol))) is type(ours)
    assert pickle.loads(pickle.dumps(type(ours))) is type(ours)
    assert type(copy.deepcopy(ours)) is type(ours)
    if name in SOLID:
        file = io.BytesIO()
        torch.save(ours, file)
        file.seek(0)
        again = torch.load(file, weights_only=False)
        x = image(name)
        assert torch.equal(again(x), ours(x))


def test_making_a_layer_enables():
    torch_ops.disable()
    torch_ops.enable()  # as in a fresh process: nobody has said no
    with tilewise.enabled():
        pass
    torch_ops.switch._set(False)
    assert not tilewise.is_enabled()
    layer = nn.Conv2d(1, 1, 3)
    assert tilewise.is_enabled()
    before = dispatch.counts()["generated"]
    layer(torch.randn(1, 1, 5, 5))
    assert dispatch.counts()["generated"] == before + 1


def test_unpickling_a_layer_enables():
    data = pickle.dumps(nn.Conv2d(1, 1, 3))
    torch_ops.switch._set(False)
    pickle.loads(data)
    assert tilewise.is_enabled()
    tilewise.disable()
    pickle.loads(data)
    assert not tilewise.is_enabled()


def test_making_a_layer_respects_disable():
    tilewise.disable()
    nn.Conv2d(1, 1, 3)
    nn.SeparableConv1d(2, 2, 3)
    assert not tilewise.is_enabled()


def test_own_subclasses():
    class Mine(nn.Conv2d):
        def __init__(self, width):
            super().__init__(3, width, 3, padding=1)

        def forward(self, x):
            return super().forward(x) * 2

    class Abstract(abc.ABC):
        @abc.abstractmethod
        def name(self): ...

    class Named(nn.Conv2d, Abstract):
        def name(self):
            return "named"

    assert Mine(4).output_shape((1, 3, 5, 5)) == (1, 4, 5, 5)
    assert Mine(4)(torch.randn(1, 3, 5, 5)).shape == (1, 4, 5, 5)
    assert Mine != torch.nn.Conv2d and Mine != nn.Conv2d and hash(Mine) == hash(Mine)
    assert Named(1, 1, 1).name() == "named" and isinstance(Named(1, 1, 1), Abstract)


CASES = {
    "Conv1d": [(3, 5, 4), {"stride": 2, "padding": 3, "dilation": 2}, (2, 3, 19)],
    "Conv2d": [(4, 6, (2, 3)), {"stride": (2, 1), "padding": (1, 0), "groups": 2}, (1, 4, 9, 8)],
    "Conv3d": [(2, 2, 2), {"padding": "same", "dilation": (2, 2, 4)}, (2, 5, 6, 7)],
    "ConvTranspose1d": [(3, 5, 4), {"stride": 3, "padding": 1, "output_padding": 2}, (3, 11)],
    "ConvTranspose2d": [(3, 4, 3), {"stride": 2, "padding": 1, "output_padding": (1, 0)}, (2, 3, 5, 6)],
    "ConvTranspose3d": [(2, 2, 2), {"stride": 2, "dilation": 3}, (1, 2, 3, 4, 5)],
    "DepthwiseConv2d": [(3, 3), {"multiplier": 2, "padding": "valid"}, (2, 3, 8, 9)],
    "SeparableConv3d": [(2, 5, 3), {"stride": 2, "padding": 1}, (1, 2, 5, 6, 7)],
}


@pytest.mark.parametrize("name", CASES)
def test_output_shape_is_what_comes_out(name):
    args, kwargs, shape = CASES[name]
    layer = getattr(nn, name)(*args, **kwargs)
    assert layer.output_shape(shape) == tuple(layer(torch.randn(shape)).shape)


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", [2, (1, 0), "same", "valid"])
def test_output_shape_with_padding_modes(mode, padding):
    layer = nn.Conv2d(1, 1, (4, 3), padding=padding, padding_mode=mode)
    assert layer.output_shape((1, 1, 8, 9)) == tuple(layer(torch.randn(1, 1, 8, 9)).shape)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((1, 8), "2 axes; accepted are 4, (N, C, H, W), or 3"),
        ((1, 4, 8, 8), "4 channels at axis 1; accepted are 3"),
        ((4, 8, 8), "4 channels at axis 0"),
        ((1, 3, 2, 8), "floor((2 + 2*0 - 1*(3 - 1) - 1) / 1) + 1 = 0"),
        ((1, 3, "a", 8), "whole numbers"),
    ],
)
def test_output_shape_says_what_is_wrong(shape, words):
    with pytest.raises(ValueError) as caught:
        nn.Conv2d(3, 1, 3).output_shape(shape)
    assert words in str(caught.value)
