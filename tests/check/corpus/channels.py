"""in_channels that is not what the layer before makes."""

import torch
import torch.nn.functional as F
from torch import nn


class Subclass(nn.Module):
    """
    input: 1,1,28,28
    error: channels
    fix: self.conv2 = nn.Conv2d(8, 32, 3)
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3)
        self.conv2 = nn.Conv2d(16, 32, 3)  # wrong

    def forward(self, x):
        x = F.relu(self.conv1(x))
        return F.relu(self.conv2(x))


class InSequential(nn.Module):
    """
    input: 2,3,32,32
    error: channels
    fix: nn.Conv2d(16, 64, 3, padding=1),
    """

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding=1),  # wrong
            nn.ReLU(),
        )

    def forward(self, x):
        return self.features(x)


def factory():
    """
    input: 1,3,16,16
    error: channels
    fix: nn.Conv2d(12, 12, 3),
    """
    return nn.Sequential(
        nn.Conv2d(3, 12, 3),
        nn.ReLU(),
        nn.Conv2d(24, 12, 3),  # wrong
    )


def conv_block(in_channels, out_channels):
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 3, padding=1), nn.ReLU())  # wrong


class HelperFunction(nn.Module):
    """
    input: 1,3,32,32
    error: channels
    fix: self.block2 = conv_block(16, 64)
    """

    def __init__(self):
        super().__init__()
        self.block1 = conv_block(3, 16)
        self.block2 = conv_block(32, 64)
        self.block3 = conv_block(64, 64)

    def forward(self, x):
        return self.block3(self.block2(self.block1(x)))


class InModuleList(nn.Module):
    """
    input: 1,3,32,32
    error: channels
    fix: nn.Conv2d(16, 64, 3),
    """

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(
            [
                nn.Conv2d(3, 8, 3),
                nn.Conv2d(8, 16, 3),
                nn.Conv2d(32, 64, 3),  # wrong
            ]
        )

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x


class Config:
    stem = 24
    body = 48


class ConfigDriven(nn.Module):
    """
    input: 1,3,24,24
    error: channels
    fix: self.body = nn.Conv2d(config.stem, config.body, 3)
    """

    def __init__(self, config=Config):
        super().__init__()
        self.stem = nn.Conv2d(3, config.stem, 3, stride=2)
        self.body = nn.Conv2d(config.body, config.body, 3)  # wrong

    def forward(self, x):
        return self.body(self.stem(x).relu())


class Block(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.down = nn.Conv2d(channels, hidden, 1)
        self.up = nn.Conv2d(channels, channels, 1)  # wrong

    def forward(self, x):
        return self.up(F.relu(self.down(x)))


class NestedBlocks(nn.Module):
    """
    input: 1,3,20,20
    error: channels
    fix: self.up = nn.Conv2d(hidden, channels, 1)
    """

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3)
        self.blocks = nn.Sequential(Block(32, 8), Block(32, 8))

    def forward(self, x):
        return self.blocks(self.stem(x))


class Signal(nn.Module):
    """
    input: 4,2,100
    error: channels
    fix: self.conv2 = nn.Conv1d(20, 40, kernel_size=5)
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(2, 20, kernel_size=5)
        self.conv2 = nn.Conv1d(10, 40, kernel_size=5)  # wrong

    def forward(self, x):
        return self.conv2(torch.relu(self.conv1(x)))


class Volume(nn.Module):
    """
    input: 1,1,8,16,16
    error: channels
    fix: self.decode = nn.Conv3d(in_channels=4, out_channels=2, kernel_size=1)
    """

    def __init__(self):
        super().__init__()
        self.encode = nn.Sequential(nn.Conv3d(1, 4, 3), nn.ReLU())
        self.decode = nn.Conv3d(in_channels=8, out_channels=2, kernel_size=1)  # wrong

    def forward(self, volume):
        return self.decode(self.encode(volume))


class Autoencoder(nn.Module):
    """
    input: 1,1,28,28
    error: channels
    fix: nn.ConvTranspose2d(32, 16, 2, stride=2),
    """

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(),
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(64, 16, 2, stride=2),  # wrong
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 2, stride=2),
            nn.Sigmoid(),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


class Discriminator(nn.Module):
    """
    input: 4,3,32,32
    error: channels
    fix: nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False),
    """

    def __init__(self, ndf=16):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(3, ndf, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, ndf * 2, 4, 2, 1, bias=False),  # wrong
            nn.BatchNorm2d(ndf * 2),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, 1, 8),
        )

    def forward(self, x):
        return self.main(x).view(-1)


class FunctionalWeights(nn.Module):
    """
    input: 1,3,16,16
    error: channels
    fix: self.first = nn.Conv2d(3, 12, 3)
    """

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3)
        self.weight = nn.Parameter(torch.randn(8, 12, 3, 3))

    def forward(self, x):
        x = torch.relu(self.first(x))
        return F.conv2d(x, self.weight, padding=1)  # wrong


class LoopThatForgets(nn.Module):
    """
    input: 1,3,32,32
    error: channels
    fix: channels = 3
    fix: layers += [nn.Conv2d(channels, width, 3), nn.ReLU()]
    fix: channels = width
    """

    def __init__(self, widths=(8, 16, 32)):
        super().__init__()
        layers = []
        for width in widths:
            layers += [nn.Conv2d(3, width, 3), nn.ReLU()]  # wrong
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)
