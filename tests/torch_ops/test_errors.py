"""Bad input gets PyTorch's exception and message, good input its shape and dtype: each case runs on both."""

import pytest
import torch

import tilewise
from tests.support.convolutions import Setting


def _outcome(call):
    """What a caller sees: the exception's type and words, or the shapes and types of the results."""
    try:
        result = call()
    except Exception as error:
        return type(error), str(error)
    results = result if isinstance(result, tuple) else (result,)
    return [None if r is None else (tuple(r.shape), r.dtype, r.device.type, r.layout) for r in results]


def _same_on_both(call):
    with tilewise.disabled():
        native = _outcome(call)
    with tilewise.enabled():
        first, again = _outcome(call), _outcome(call)  # the second time what the first left behind is found
    assert first == native
    assert again == native


def _t(*shape, dtype=torch.float32, device="cpu"):
    return torch.ones(shape, dtype=dtype, device=device)


def _arguments(axes, transposed):
    """Name -> (positional arguments, keyword arguments) of one functional form."""
    cube, k = (5,) * axes, (3,) * axes
    x, b = _t(2, 4, *cube), _t(6)
    w = _t(4, 6, *k) if transposed else _t(6, 4, *k)
    half = _t(4, 3, *k) if transposed else _t(6, 2, *k)

    def weight(first, second, *kernel, **options):
        pair = (second, first) if transposed else (first, second)
        return _t(*pair, *(kernel or k), **options)

    cases = {
        "right": ((x, w, b), {}),
        "right without a bias": ((x, w), {}),
        "right in two groups": ((x, half), dict(groups=2)),
        "one axis too few": ((x[0, 0], w), {}),
        "one axis too many": ((x[None], w), {}),
        "unbatched": ((x[0], w), {}),
        "weight with one axis too few": ((x, w[..., 0]), {}),
        "weight with one axis too many": ((x, w[..., None]), {}),
        "other channels": ((x[:, :3], w), {}),
        "channels of two groups for one": ((x, half), {}),
        "other channels in two groups": ((x, w), dict(groups=2)),
        "bias of another size": ((x, w, b[:5]), {}),
        "bias with two axes": ((x, w, b[:, None]), {}),
        "bias without axes": ((x, w, b[0]), {}),
        "bias of every second element": ((x, w, _t(12)[::2]), {}),
        "bias expanded": ((x, w, _t(1).expand(6)), {}),
        "bias of a group's size": ((x, half, b[:3]), dict(groups=2)),
        "filters that groups do not divide": ((x, weight(5, 4)), dict(groups=2)),
        "channels that groups do not divide": ((x[:, :3], weight(6, 3)), dict(groups=2)),
        "fewer filters than groups": ((_t(2, 2, *cube), _t(1, 1, *k)), dict(groups=2)),
        "no groups": ((x, w), dict(groups=0)),
        "negative groups": ((x, w), dict(groups=-1)),
        "many groups": ((x, w), dict(groups=2**40)),
        "stride 0": ((x, w), dict(stride=0)),
        "stride -1": ((x, w), dict(stride=-1)),
        "padding -1": ((x, w), dict(padding=-1)),
        "dilation 0": ((x, w), dict(dilation=0)),
        "dilation -1": ((x, w), dict(dilation=-1)),
        "one number in a list": ((x, w), dict(stride=[2])),
        "two numbers too many": ((x, w), dict(stride=[1] * (axes + 2))),
        "padding of another length": ((x, w), dict(padding=[1] * (axes + 1))),
        "dilation of another length": ((x, w), dict(dilation=[1] * (axes + 1))),
        "an empty list": ((x, w), dict(stride=[])),
        "stride of floats": ((x, w), dict(stride=1.5)),
        "groups of floats": ((x, w), dict(groups=1.0)),
        "double weight": ((x, w.double()), {}),
        "double bias": ((x, w, b.double()), {}),
        "integer input": ((x.long(), w), {}),
        "bfloat16 weight": ((x, w.bfloat16()), {}),
        "bfloat16 with a float bias": ((x.bfloat16(), w.bfloat16(), b), {}),
        "complex input": ((x.to(torch.complex64), w), {}),
        "batch of none": ((x[:0], w, b), {}),
        "channels of none": ((x[:, :0], weight(6, 0)), {}),
        "channels of none with a bias": ((x[:, :0], weight(6, 0), b), {}),
        "filters of none": ((x, weight(0, 4)), {}),
        "an axis of none": ((x[..., :0], w), {}),
        "an axis of none, padded": ((x[..., :0], w), dict(padding=2)),
        "a kernel of none": ((x, weight(6, 4, *(0,) * axes)), {}),
        "meta input": ((x.to("meta"), w), {}),
        "meta weight": ((x, w.to("meta")), {}),
        "meta bias": ((x, w, b.to("meta")), {}),
        "all meta": ((x.to("meta"), w.to("meta"), b.to("meta")), {}),
        "no input": ((None, w), {}),
        "no weight": ((x, None), {}),
        "an array": ((x.numpy(), w), {}),
        "a list": ((x.tolist(), w), {}),
        "sparse input": ((x.to_sparse(), w), {}),
        "sparse weight": ((x, w.to_sparse()), {}),
        "sparse bias": ((x, w, b.to_sparse()), {}),
        "mkldnn input": ((x.to_mkldnn(), w, b), {}),
        "conjugate view": ((x.to(torch.complex64).conj().imag, w), {}),
    }
    for dtype in (
        torch.int64, torch.int32, torch.uint8, torch.bool, torch.float16, torch.bfloat16, torch.float64,
        torch.complex64, torch.float8_e4m3fn,
    ):  # fmt: skip
        cases[f"all {dtype}"] = ((x.to(dtype), w.to(dtype), b.to(dtype)), {})
    if transposed:
        cases |= {
            "output_padding -1": ((x, w), dict(output_padding=-1)),
            "output_padding as large as the stride": ((x, w), dict(output_padding=2, stride=2)),
            "output_padding beyond both": ((x, w), dict(output_padding=3, stride=2, dilation=2)),
            "output_padding below the dilation": ((x, w), dict(output_padding=2, stride=2, dilation=3)),
            "output_padding 1 without a stride": ((x, w), dict(output_padding=1)),
            "double output_padding": ((x.double(), w.double()), dict(output_padding=2, stride=2)),
            "bfloat16 output_padding": ((x.bfloat16(), w.bfloat16()), dict(output_padding=2, stride=2)),
            "nothing left": ((x, w), dict(padding=9)),
            "nothing left in double": ((x.double(), w.double()), dict(padding=9)),
            "output_padding of another length": ((x, w), dict(output_padding=[1] * (axes + 1))),
            "padding by name": ((x, w), dict(padding="same")),
        }
    else:
        cases |= {
            "padding by no name": ((x, w), dict(padding="foo")),
            "padding by another type": ((x, w), dict(padding=None)),
            "same with a stride": ((x, w), dict(padding="same", stride=2)),
            "same": ((x, w), dict(padding="same")),
            "same with an even kernel": ((x, weight(6, 4, *(2,) * axes)), dict(padding="same")),
            "same with a dilation": ((x, w), dict(padding="same", dilation=2)),
            "valid": ((x, w), dict(padding="valid")),
            "kernel above input": ((x, weight(6, 4, *(9,) * axes)), {}),
            "dilated kernel above input": ((x, w), dict(dilation=4)),
            "kernel above input in bfloat16": ((x.bfloat16(), weight(6, 4, *(9,) * axes).bfloat16()), {}),
        }
    return cases


FORMS = {
    "conv1d": (torch.conv1d, 1, False),
    "conv2d": (torch.conv2d, 2, False),
    "conv3d": (torch.conv3d, 3, False),
    "conv_transpose1d": (torch.conv_transpose1d, 1, True),
    "conv_transpose2d": (torch.conv_transpose2d, 2, True),
    "conv_transpose3d": (torch.conv_transpose3d, 3, True),
}
CASES = [
    pytest.param(form, case, id=f"{form}: {case}")
    for form, (_, axes, transposed) in FORMS.items()
    for case in _arguments(axes, transposed)
]


@pytest.mark.parametrize(("form", "case"), CASES)
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_functional_forms(form, case):
    function, axes, transposed = FORMS[form]
    positional, named = _arguments(axes, transposed)[case]
    _same_on_both(lambda: function(*positional, **named))


MODULES = {
    "circular padding wraps twice": lambda n: (torch.nn.Conv2d(4, 6, 3, padding=6, padding_mode="circular"), n(2, 4)),
    "reflected padding as large as the input": lambda n: (
        torch.nn.Conv2d(4, 6, 3, padding=5, padding_mode="reflect"),
        n(2, 4),
    ),
    "replicated padding": lambda n: (torch.nn.Conv2d(4, 6, 3, padding=9, padding_mode="replicate"), n(2, 4)),
    "circular padding, unbatched": lambda n: (
        torch.nn.Conv2d(4, 6, 3, padding=1, padding_mode="circular"),
        n(2, 4)[0],
    ),
    "stride 0": lambda n: (torch.nn.Conv2d(4, 6, 3, stride=0), n(2, 4)),
    "a lazy layer": lambda n: (torch.nn.LazyConv2d(6, 3), n(2, 4)),
    "a lazy layer and too few axes": lambda n: (torch.nn.LazyConv2d(6, 3), n(2, 4)[0, 0]),
    "a lazy layer in groups that do not fit": lambda n: (torch.nn.LazyConv2d(6, 3, groups=3), n(2, 4)),
    "a kernel for three axes": lambda n: (torch.nn.Conv2d(4, 6, (3, 3, 3)), n(2, 4)),
    "one channel too many": lambda n: (torch.nn.Conv2d(4, 6, 3), n(2, 5)),
    "output_size": lambda n: (lambda x: torch.nn.ConvTranspose2d(4, 6, 3, stride=2)(x, output_size=(12, 12)), n(2, 4)),
    "output_size too small": lambda n: (
        lambda x: torch.nn.ConvTranspose2d(4, 6, 3, stride=2)(x, output_size=(5, 5)),
        n(2, 4),
    ),
    "output_size of another length": lambda n: (
        lambda x: torch.nn.ConvTranspose2d(4, 6, 3, stride=2)(x, output_size=(4, 5, 5)),
        n(2, 4),
    ),
}


@pytest.mark.parametrize("case", MODULES)
@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
def test_layers(case):
    def call():
        layer, x = MODULES[case](lambda n, c: _t(n, c, 5, 5))
        return layer(x)

    _same_on_both(call)


def _gradients(axes, transposed):
    """Name -> arguments of aten::convolution_backward."""
    setting = Setting((5,) * axes, (3,) * axes, transposed=transposed)
    _, _, _, gy = setting.integers()
    x, w = _t(*setting.input_shape), _t(*setting.weight_shape)
    rest = setting.arguments
    every = [True, True, True]
    cases = {
        "right": (gy, x, w, [6], *rest, every),
        "without bias sizes": (gy, x, w, None, *rest, [True, True, False]),
        "other bias sizes": (gy, x, w, [5], *rest, every),
        "nothing asked": (gy, x, w, [6], *rest, [False, False, False]),
        "one pixel too few": (gy[..., :-1].contiguous(), x, w, [6], *rest, every),
        "one pixel too many": (torch.cat([gy, gy], -1), x, w, [6], *rest, every),
        "one channel too few": (gy[:, :5].contiguous(), x, w, [5], *rest, every),
        "one image too few": (gy[:1], x, w, [6], *rest, every),
        "one axis too few": (gy[0], x, w, [6], *rest, every),
        "another dtype": (gy.double(), x, w, [6], *rest, every),
        "other weight channels": (gy, x, _t(9, 9, *w.shape[2:]), [6], *rest, every),
        "meta gradient": (gy.to("meta"), x, w, [6], *rest, every),
        "batch of none": (gy[:0], x[:0], w, [6], *rest, every),
        "no groups": (gy, x, w, [6], *rest[:-1], 0, every),
        "negative stride": (gy, x, w, [6], (-1,) * axes, *rest[1:], every),
        "integers": (gy.long(), x.long(), w.long(), [6], *rest, every),
    }
    for position, name in enumerate(("input", "weight", "bias")):
        mask = [i == position for i in range(3)]
        cases[f"only the {name}'s"] = (gy, x, w, [6], *rest, mask)
    cases["only the bias's, one axis too few"] = (gy[0], x, w, [6], *rest, [False, False, True])
    return cases


GRADIENTS = [
    pytest.param(axes, transposed, case, id=f"{'transposed ' if transposed else ''}{axes}d: {case}")
    for axes in (1, 2, 3)
    for transposed in (False, True)
    for case in _gradients(axes, transposed)
]


@pytest.mark.parametrize(("axes", "transposed", "case"), GRADIENTS)
def test_gradients(axes, transposed, case):
    arguments = _gradients(axes, transposed)[case]

    def call():
        results = torch.ops.aten.convolution_backward(*arguments)
        # PyTorch may return a gradient that was not asked for; nothing reads it.
        return tuple(r if asked else None for r, asked in zip(results, arguments[-1], strict=True))

    _same_on_both(call)


def test_aten_itself_with_wrong_ranks():
    """The operator can be called without the checks of the functional forms."""
    for x, w in ((_t(5), _t(5)), (_t(2, 5), _t(2, 5)), (_t(), _t()), (_t(1, 1, 1, 1, 1, 1), _t(1, 1, 1, 1, 1, 1))):
        _same_on_both(lambda x=x, w=w: torch.ops.aten.convolution(x, w, None, [1], [0], [1], False, [0], 1))
