"""Normalisation made for other channels than flow in."""

import torch
import torch.nn.functional as F
from torch import nn


class Subclass(nn.Module):
    """
    input: 2,3,16,16
    error: batchnorm
    fix: self.bn = nn.BatchNorm2d(16)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3)
        self.bn = nn.BatchNorm2d(32)  # wrong

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class InSequential(nn.Module):
    """
    input: 2,3,16,16
    error: batchnorm
    fix: nn.BatchNorm2d(16),
    """

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(3, 16, 3, bias=False),
            nn.BatchNorm2d(3),  # wrong
            nn.ReLU(),
        )

    def forward(self, x):
        return self.net(x)


def factory():
    """
    input: 2,1,16,16
    error: batchnorm
    fix: nn.BatchNorm2d(8),
    """
    return nn.Sequential(
        nn.Conv2d(1, 8, 3),
        nn.BatchNorm2d(1),  # wrong
        nn.ReLU(),
    )


def conv_bn(cin, cout):
    return nn.Sequential(
        nn.Conv2d(cin, cout, 3, padding=1, bias=False),
        nn.BatchNorm2d(cin),  # wrong
        nn.ReLU(),
    )


class HelperFunction(nn.Module):
    """
    input: 2,3,16,16
    error: batchnorm
    fix: nn.BatchNorm2d(cout),
    """

    def __init__(self):
        super().__init__()
        self.one = conv_bn(3, 16)
        self.two = conv_bn(16, 32)

    def forward(self, x):
        return self.two(self.one(x))


class InModuleList(nn.Module):
    """
    input: 2,3,16,16
    error: batchnorm
    fix: self.norms = nn.ModuleList([nn.BatchNorm2d(8), nn.BatchNorm2d(16)])
    """

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(3, 8, 3), nn.Conv2d(8, 16, 3)])
        self.norms = nn.ModuleList([nn.BatchNorm2d(8), nn.BatchNorm2d(8)])  # wrong

    def forward(self, x):
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = torch.relu(norm(conv(x)))
        return x


class ConfigDriven(nn.Module):
    """
    input: 2,3,16,16
    error: batchnorm
    fix: self.bn = nn.BatchNorm2d(width * 2)
    """

    def __init__(self, width=12):
        super().__init__()
        self.conv = nn.Conv2d(3, width * 2, 3)
        self.bn = nn.BatchNorm2d(width)  # wrong

    def forward(self, x):
        return self.bn(self.conv(x))


class Inner(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels * 2, 3)
        self.bn = nn.BatchNorm2d(channels)  # wrong

    def forward(self, x):
        return self.bn(self.conv(x)).relu()


class Nested(nn.Module):
    """
    input: 2,4,16,16
    error: batchnorm
    fix: self.bn = nn.BatchNorm2d(channels * 2)
    """

    def __init__(self):
        super().__init__()
        self.stage = nn.Sequential(Inner(4), nn.Conv2d(8, 8, 1))

    def forward(self, x):
        return self.stage(x)


class Signal(nn.Module):
    """
    input: 4,1,64
    error: batchnorm
    fix: self.bn = nn.BatchNorm1d(10)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 10, 5)
        self.bn = nn.BatchNorm1d(60)  # wrong

    def forward(self, x):
        return self.bn(self.conv(x))


class Volume(nn.Module):
    """
    input: 1,1,8,16,16
    error: batchnorm
    fix: self.bn = nn.BatchNorm3d(6)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 6, 3)
        self.bn = nn.BatchNorm3d(16)  # wrong

    def forward(self, x):
        return self.bn(self.conv(x))


class Generator(nn.Module):
    """
    input: 2,16,1,1
    error: batchnorm
    fix: nn.BatchNorm2d(ngf * 2),
    """

    def __init__(self, nz=16, ngf=8):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 4, 4, 1, 0, bias=False),
            nn.BatchNorm2d(ngf * 4),
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False),
            nn.BatchNorm2d(ngf * 4),  # wrong
            nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, 3, 4, 2, 1, bias=False),
            nn.Tanh(),
        )

    def forward(self, z):
        return self.main(z)


class GroupNormChannels(nn.Module):
    """
    input: 2,3,16,16
    error: batchnorm
    fix: self.norm = nn.GroupNorm(4, 16)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3)
        self.norm = nn.GroupNorm(4, 32)  # wrong

    def forward(self, x):
        return self.norm(self.conv(x))


class LayerNormShape(nn.Module):
    """
    input: 2,10,24
    error: batchnorm
    fix: self.norm = nn.LayerNorm(48)
    """

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(24, 48)
        self.norm = nn.LayerNorm(24)  # wrong

    def forward(self, x):
        return self.norm(self.fc(x))


class FeaturesAfterLinear(nn.Module):
    """
    input: 4,20
    error: batchnorm
    fix: self.bn1 = nn.BatchNorm1d(40)
    """

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 40)
        self.bn1 = nn.BatchNorm1d(20)  # wrong
        self.fc2 = nn.Linear(40, 2)

    def forward(self, x):
        return self.fc2(torch.relu(self.bn1(self.fc1(x))))
