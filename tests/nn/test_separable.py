"""Depthwise and separable layers, against PyTorch in float64."""

import pytest
import torch

from tilewise import nn


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("multiplier", [1, 3])
def test_depthwise_is_a_grouped_convolution(axes, multiplier):
    layer = getattr(nn, f"DepthwiseConv{axes}d")(4, 3, stride=2, padding=1, multiplier=multiplier)
    assert isinstance(layer, getattr(torch.nn, f"Conv{axes}d"))
    assert layer.multiplier == multiplier and layer.groups == 4 and layer.out_channels == 4 * multiplier
    plain = getattr(torch.nn, f"Conv{axes}d")(4, 4 * multiplier, 3, stride=2, padding=1, groups=4).double()
    plain.load_state_dict(layer.state_dict())
    x = torch.randn(2, 4, *[7] * axes)
    torch.testing.assert_close(layer(x).double(), plain(x.double()), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_separable_is_depthwise_then_pointwise(axes):
    layer = getattr(nn, f"SeparableConv{axes}d")(3, 5, 3, padding=1, multiplier=2, dilation=1, bias=True)
    x = torch.randn(2, 3, *[6] * axes, requires_grad=True)
    convolve = getattr(torch.nn.functional, f"conv{axes}d")
    wide = x.detach().double().requires_grad_()
    between = convolve(wide, layer.depthwise.weight.double(), None, 1, 1, 1, 3)
    expected = convolve(between, layer.pointwise.weight.double(), layer.pointwise.bias.double())
    result = layer(x)
    torch.testing.assert_close(result.double(), expected, rtol=1e-5, atol=1e-5)
    result.square().sum().backward()
    expected.square().sum().backward()
    torch.testing.assert_close(x.grad.double(), wide.grad, rtol=1e-4, atol=1e-4)
    assert layer.output_shape(x.shape) == tuple(result.shape)


def test_separable_parameters_and_repr():
    layer = nn.SeparableConv2d(16, 32, 3, bias=False)
    assert [name for name, _ in layer.named_parameters()] == ["depthwise.weight", "pointwise.weight"]
    assert repr(nn.DepthwiseConv2d(4, 3)) == "DepthwiseConv2d(4, 4, kernel_size=(3, 3), stride=(1, 1), groups=4)"
    again = torch.nn.utils.parameters_to_vector(layer.parameters())
    assert again.numel() == layer.explain((1, 16, 8, 8)).parameters
