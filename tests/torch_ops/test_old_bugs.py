"""Faults that convolutions on CPUs have had, PyTorch's and oneDNN's: none of them may be had again."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import tilewise
from tests.support.accuracy import assert_accurate, assert_exact
from tests.support.convolutions import Setting
from tests.support.layouts import FORMATS, lay_out
from tilewise import algorithms
from tilewise.torch_ops import dispatch

FLOATS = (torch.float32, torch.float64, torch.bfloat16, torch.float16)


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda d: str(d)[6:])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_ones_dilated_by_two(axes, dtype, tilewise_on):
    """Sums of ones came out as fractions (pytorch#142124)."""
    x, w = torch.ones(1, 4, *(16,) * axes, dtype=dtype), torch.ones(4, 4, *(3,) * axes, dtype=dtype)
    y = (F.conv1d, F.conv2d, F.conv3d)[axes - 1](x, w, dilation=2)
    assert torch.equal(y, torch.full_like(y, 4 * 3**axes))
    assert tilewise_on() == 1


@pytest.mark.parametrize("layout", ["contiguous", "channels_last"])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("groups", [1, 4, 8])
def test_nan_stays_in_its_image(groups, transposed, layout, tilewise_on):
    """NaN in one image reached the others (pytorch#157237)."""
    setting = Setting((9, 9), (3, 3), 4, 8, 8, groups, padding=(1, 1), transposed=transposed)
    x, w, b, gy = (lay_out(t, layout) if t.dim() == 4 else t for t in setting.normals())
    clean = setting.passes(x, w, b, gy)
    x, gy = x.clone(), gy.clone()
    x[1], gy[1] = float("nan"), float("nan")
    y, gx = setting.forward(x, w, b), setting.backward(gy, x, w)[0]
    for mine, right in ((y, clean["output"]), (gx, clean["input gradient"])):
        assert mine[1].isnan().all()
        for image in (0, 2, 3):
            assert torch.equal(mine[image], right[image])


@pytest.mark.parametrize("axes", [2, 3])
def test_channels_last_of_no_images(axes, tilewise_on):
    """Batches of none in channels-last raised or came out in another shape (pytorch#63299)."""
    x = torch.randn(0, 4, *(6,) * axes).to(memory_format=FORMATS[axes + 2]).requires_grad_()
    layer = (torch.nn.Conv2d, torch.nn.Conv3d)[axes - 2](4, 6, 3).to(memory_format=FORMATS[axes + 2])
    y = layer(x)
    assert y.shape == (0, 6, *(4,) * axes)
    y.sum().backward()
    assert x.grad.shape == x.shape
    assert not layer.weight.grad.any()
    assert not layer.bias.grad.any()


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("multiplier", [1, 2, 3])
def test_depthwise_is_the_same_without_grad(multiplier, kernel, tilewise_on):
    """Under no_grad another kernel ran, with other results (pytorch#19912)."""
    layer = torch.nn.Conv2d(12, 12 * multiplier, kernel, padding=kernel // 2, groups=12)
    x = torch.randn(2, 12, 17, 13)
    with torch.no_grad():
        frozen = layer(x)
    with torch.inference_mode():
        inferred = layer(x)
    assert torch.equal(layer(x), frozen)
    assert torch.equal(inferred, frozen)


@pytest.mark.parametrize("kernel", [(2,), (4,), (2, 4), (4, 1), (3, 2), (2, 3, 4)])
@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_same_padding_of_even_kernels(kernel, dilation, tilewise_on):
    """The odd zero goes behind: as much as is padded in front, or one more."""
    axes = len(kernel)
    setting = Setting((11,) * axes, kernel, dilation=(dilation,) * axes)
    x, w, b, _ = setting.integers()
    y = (F.conv1d, F.conv2d, F.conv3d)[axes - 1](x, w, b, padding="same", dilation=dilation)
    zeros = []
    for k in reversed(kernel):
        total = dilation * (k - 1)
        zeros += [total // 2, total - total // 2]
    by_hand = setting.forward(F.pad(x, zeros), w, b)
    assert y.shape == (2, 6, *(11,) * axes)
    assert torch.equal(y, by_hand)
    with tilewise.disabled():
        native = (F.conv1d, F.conv2d, F.conv3d)[axes - 1](
            x.double(), w.double(), b.double(), padding="same", dilation=dilation
        )
    assert_exact(y, native)


def test_circular_padding_of_each_axis(tilewise_on):
    """Height's padding was applied to width (pytorch#37844)."""
    layer = torch.nn.Conv2d(2, 3, (3, 5), padding=(1, 2), padding_mode="circular", bias=False)
    x = torch.randn(1, 2, 6, 9)
    wrapped = torch.cat([x[:, :, -1:], x, x[:, :, :1]], 2)
    wrapped = torch.cat([wrapped[..., -2:], wrapped, wrapped[..., :2]], 3)
    assert torch.equal(layer(x), F.conv2d(wrapped, layer.weight))
    assert layer(x).shape == (1, 3, 6, 9)


@pytest.mark.parametrize("mode", ["circular", "reflect", "replicate"])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_padding_modes(axes, mode, tilewise_on):
    torch.manual_seed(0)
    layer = (torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Conv3d)[axes - 1](
        3, 4, 3, padding=tuple(range(1, axes + 1)), padding_mode=mode
    )
    x = torch.randn(2, 3, *range(6, 6 + axes))
    with tilewise.disabled():
        native = layer.double()(x.double())
    assert_accurate(layer.float()(x), native)
    assert tilewise_on() == 1


@pytest.mark.parametrize("dilation", list(itertools.permutations((1, 2, 3))))
def test_dilation_of_each_axis(dilation, tilewise_on):
    setting = Setting((9, 10, 11), (2, 3, 2), dilation=dilation, padding=(1, 0, 2))
    tensors = setting.integers()
    right = setting.expected(*tensors)
    for name, mine in setting.passes(*tensors).items():
        assert_exact(mine, right[name], name)
    assert tilewise_on() == 3


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_channels_last_with_axes_of_one(axes, tilewise_on):
    """Strides of axes of one element mean nothing, and were taken to mean something (pytorch#82060)."""
    for sizes in itertools.product((1, 4), repeat=axes + 2):
        batch, channels, *spatial = sizes
        setting = Setting(tuple(spatial), (1,) * axes, batch, channels, 5)
        x, w, b, gy = setting.integers()
        right = setting.expected(x, w, b, gy)
        for x_layout, gy_layout in itertools.product(("strided_channels_last", "sliced_channels_last"), repeat=2):
            results = setting.passes(lay_out(x, x_layout), w, b, lay_out(gy, gy_layout))
            for name, mine in results.items():
                assert_exact(mine, right[name], f"{name} of {setting}")


def test_transposed_weights_in_channels_last(tilewise_on):
    """A weight that is a transposed view (pytorch#99519)."""
    setting = Setting((8, 8), (3, 3), in_channels=6, out_channels=6)
    x, w, b, gy = setting.integers()
    right = setting.expected(x, w.transpose(0, 1), b, gy)
    x = x.to(memory_format=torch.channels_last)
    for name, mine in setting.passes(x, w.transpose(0, 1), b, gy).items():
        assert_exact(mine, right[name], name)
    turned = w.to(memory_format=torch.channels_last).transpose(0, 1)
    for name, mine in setting.passes(x, turned, b, gy).items():
        assert_exact(mine, right[name], name)


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda d: str(d)[6:])
def test_gradient_of_the_bias(dtype, tilewise_on):
    """Summed in 16 bits, it stopped growing (pytorch#68048)."""
    layer = torch.nn.Conv2d(2, 3, 1).to(dtype)
    layer(torch.randn(8, 2, 32, 32, dtype=torch.float32).to(dtype)).sum().backward()
    assert torch.equal(layer.bias.grad, torch.full((3,), 8 * 32 * 32, dtype=dtype))


@pytest.mark.parametrize("stride", [2, 3])
def test_weight_gradient_of_strided_pointwise(stride, tilewise_on):
    """Wrong in channels-last (oneDNN#6035)."""
    setting = Setting((13, 13), (1, 1), 4, 16, 24, stride=(stride, stride))
    x, w, b, gy = setting.integers()
    right = setting.expected(x, w, b, gy)["weight gradient"]
    for layouts in itertools.product(("contiguous", "channels_last"), repeat=2):
        mine = setting.backward(lay_out(gy, layouts[0]), lay_out(x, layouts[1]), w)[1]
        assert_exact(mine, right)


@pytest.mark.parametrize("layout", ["contiguous", "channels_last"])
@pytest.mark.parametrize("groups", [1, 16])
def test_an_image_alone_is_the_image_in_a_batch(groups, layout, tilewise_on):
    """Bits depended on the batch's size (pytorch#134908); here they may only where another algorithm is cheaper."""
    setting = Setting((14, 14), (3, 3), 5, 16, 32, groups, padding=(1, 1))
    x, w, b, gy = setting.normals()
    x, gy = lay_out(x, layout), lay_out(gy, layout)
    mask = (True, False, False)
    held = set()
    for algorithm in algorithms.algorithms():
        before = dispatch.counts()["native"]
        with algorithms.only(algorithm.name):
            y, gx = setting.forward(x, w, b), setting.backward(gy, x, w, mask)[0]
            for i in range(5):
                part = slice(i, i + 1)
                one = setting.forward(x[part], w, b), setting.backward(gy[part], x[part], w, mask)[0]
                if dispatch.counts()["native"] == before:
                    assert torch.equal(one[0], y[part]), algorithm.name
                    assert torch.equal(one[1], gx[part]), algorithm.name
                    held.add(algorithm.name)
    assert len(held) >= 3


def test_no_input_channels(tilewise_on):
    """PyTorch 2.13 gives (N, 0, H, W), whatever the weight says; so must this."""
    assert F.conv2d(torch.ones(2, 0, 5, 5), torch.ones(6, 0, 3, 3)).shape == (2, 0, 3, 3)


def _free_gigabytes():
    with open("/proc/meminfo") as file:
        fields = dict(line.split(":") for line in file)
    return int(fields["MemAvailable"].split()[0]) / 2**20


def _needs(gigabytes):
    if _free_gigabytes() < gigabytes + 2:
        pytest.skip(f"needs {gigabytes} GB of free memory, there are {_free_gigabytes():.1f}")


def test_an_input_past_two_to_the_31_elements(tilewise_on):
    """Indices of 32 bits overflow, and PyTorch 2.13 crashes on some such inputs (pytorch#84488, #194016)."""
    _needs(2)
    size = 2**31 + 2**20
    row = torch.arange(2**20, dtype=torch.float32).remainder_(7)
    # NumPy leaves pages that nobody writes unmade.
    x = torch.from_numpy(np.zeros((1, 1, size), np.float32))
    x[0, 0, -(2**20) :] = row
    w = torch.tensor([[[1.0, -2.0, 3.0]]])
    y = F.conv1d(x, w, stride=2**16)
    assert y.shape == (1, 1, (size - 3) // 2**16 + 1)
    assert tilewise_on() == 1
    right = torch.nn.functional.conv1d(row.double()[None, None], w.double(), stride=2**16)
    assert torch.equal(y[..., -right.shape[-1] :].double(), right)


def test_expanded_inputs_of_more_than_two_to_the_31_elements(tilewise_on):
    """A channel or an image repeated by a stride of 0 costs no memory and is many elements."""
    image = torch.randint(-3, 4, (1, 1, 1024, 1024)).float()
    x = image.expand(1, 2200, 1024, 1024)
    assert x.numel() > 2**31
    w = torch.ones(1, 2200, 1, 1)
    y = F.conv2d(x, w, stride=64)
    assert torch.equal(y, image[..., ::64, ::64] * 2200)
    assert tilewise_on() == 1
