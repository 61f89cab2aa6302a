"""Strides, paddings and dilations far beyond the image: PyTorch computes these, and so do all passes here."""

import pytest
import torch
import torch.nn.functional as F

import tilewise
from tests.support.accuracy import assert_accurate
from tests.support.convolutions import Setting
from tilewise.torch_ops import dispatch

FAR = [2**31 - 1, 2**31, 2**60, 2**63 - 1]
# One position is left by the stride; a stride of a hundred leaves the same.
SINGLE = {
    "window as large as the image": dict(spatial=(3, 3), kernel=(3, 3)),
    "window smaller than the image": dict(spatial=(7, 6), kernel=(3, 5), padding=(1, 0)),
    "one axis of two": dict(spatial=(7, 6), kernel=(3, 3), padding=(1, 1), stride=(0, 2)),
    "three axes": dict(spatial=(3, 2, 4), kernel=(2, 2, 3), padding=(0, 1, 0)),
    "transposed": dict(spatial=(1, 1), kernel=(3, 5), padding=(1, 1), transposed=True),
    "transposed, with padding of the output": dict(
        spatial=(1, 1), kernel=(3, 4), transposed=True, output_padding=(2, 1)
    ),
    "groups": dict(spatial=(5, 5), kernel=(3, 3), groups=16, out_channels=16),
}


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=lambda dtype: str(dtype)[6:])
@pytest.mark.parametrize("name", SINGLE)
def test_strides_that_leave_one_position(name, dtype, far):
    given = {"in_channels": 16, "stride": (0,) * len(SINGLE[name]["spatial"]), **SINGLE[name], "dtype": dtype}
    near, distant = (
        Setting(**{**given, "stride": tuple(s or stride for s in given["stride"])}) for stride in (100, far)
    )
    assert near.output_shape == distant.output_shape
    tensors = near.normals()
    expected = near.expected(*tensors)  # PyTorch's own process may end at the far stride
    before = dispatch.counts()
    with tilewise.enabled():
        for what, result in distant.each_pass(*tensors):
            assert_accurate(result, expected[what], what)
    after = dispatch.counts()
    assert after["native"] == before["native"]
    assert after["generated"] > before["generated"]


@pytest.mark.parametrize("distance", [2**20, 2**40, 2**59, 2**60, 2**61])
@pytest.mark.parametrize("channels", [4, 16])
def test_padding_and_dilation_as_far(channels, distance):
    x, w = torch.randn(2, channels, 9, 9), torch.randn(6, channels, 3, 3)
    with tilewise.enabled():
        y = F.conv2d(x, w, padding=distance, dilation=distance)
    right = torch.einsum("nchw,kc->nkhw", x.double(), w[:, :, 1, 1].double())
    assert_accurate(y, right)
