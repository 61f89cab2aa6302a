"""Five blocks that most convolutional networks are made of, each in the fewest lines.

python examples/blocks.py         # what each does to the shape of an image, and its parameters
tilewise bench examples/blocks.py:dilated --input 1,16,64,64
"""

import torch

from tilewise import nn


def conv_relu_pool(in_channels: int = 16, out_channels: int = 32) -> nn.Module:
    """Convolution, ReLU, 2x2 pooling: half the size."""
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))


def conv_norm_relu(in_channels: int = 16, out_channels: int = 32) -> nn.Module:
    """Convolution, batch norm, ReLU: the norm has a bias, so the convolution needs none."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False), nn.BatchNorm2d(out_channels), nn.ReLU()
    )


def depthwise_separable(in_channels: int = 16, out_channels: int = 32) -> nn.Module:
    """A filter a channel, then a 1x1 convolution: about a ninth of the multiply-adds of a full 3x3."""
    return nn.Sequential(nn.SeparableConv2d(in_channels, out_channels, 3, padding=1), nn.ReLU())


def dilated(in_channels: int = 16, out_channels: int = 32) -> nn.Module:
    """Nine taps spread over 5x5: a wider view for the price of a 3x3."""
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 3, padding=2, dilation=2), nn.ReLU())


def upsampling(in_channels: int = 16, out_channels: int = 32) -> nn.Module:
    """A transposed convolution: twice the size."""
    return nn.Sequential(nn.ConvTranspose2d(in_channels, out_channels, 2, stride=2), nn.ReLU())


BLOCKS = (conv_relu_pool, conv_norm_relu, depthwise_separable, dilated, upsampling)


def main() -> None:
    torch.manual_seed(0)
    image = torch.randn(1, 16, 64, 64)
    for make in BLOCKS:
        block = make()
        weights = sum(p.numel() for p in block.parameters())
        print(f"{make.__name__:20} {tuple(image.shape)} -> {tuple(block(image).shape)}, {weights} parameters")


if __name__ == "__main__":
    main()
