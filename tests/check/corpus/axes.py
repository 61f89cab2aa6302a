"""Axes missing, or one too many."""

import torch
from torch import nn


class NoBatch(nn.Module):
    """
    input: 3,32,32
    error: dims
    fix: x = x.unsqueeze(0)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.norm = nn.BatchNorm2d(8)  # wrong

    def forward(self, x):
        return self.norm(self.conv(x))


class NoChannel(nn.Module):
    """
    input: 16,28,28
    error: dims
    fix: x = x.unsqueeze(1)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)  # wrong

    def forward(self, x):
        return self.conv(x)


class NoAxes(nn.Module):
    """
    input: 28,28
    error: dims
    fix: x = x.unsqueeze(0).unsqueeze(0)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)  # wrong

    def forward(self, x):
        return self.conv(x)


class NoAxesSequential(nn.Module):
    """
    input: 28,28
    error: dims
    fix: image = image.unsqueeze(0).unsqueeze(0)
    """

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU())  # wrong

    def forward(self, image):
        return self.net(image)


class NoChannelSignal(nn.Module):
    """
    input: 8,100
    error: dims
    fix: x = x.unsqueeze(1)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 5)  # wrong

    def forward(self, x):
        return self.conv(x)


class NoChannelVolume(nn.Module):
    """
    input: 2,16,32,32
    error: dims
    fix: x = x.unsqueeze(1)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 4, 3)  # wrong

    def forward(self, x):
        return self.conv(x)


def no_channel_factory():
    """
    input: 4,28,28
    error: dims
    fix: --input 4,1,28,28
    """
    return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU())  # wrong


class NoBatchClassifier(nn.Module):
    """
    input: 1,28,28
    error: dims
    fix: x = x.unsqueeze(0)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(4 * 26 * 26, 10)  # wrong

    def forward(self, x):
        x = self.conv(x).relu()
        x = torch.flatten(x, 1)
        return self.fc(x)


class UnpackedShape(nn.Module):
    """
    input: 3,32,32
    error: dims
    fix: x = x.unsqueeze(0)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        n, c, h, w = x.shape  # wrong
        return self.conv(x).view(n, -1)


class FlatIntoConvolution(nn.Module):
    """
    input: 2,16
    error: dims
    fix: return self.up(self.fc(z).unflatten(1, (8, 4, 4)))
    """

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 8 * 4 * 4)
        self.up = nn.ConvTranspose2d(8, 4, 2, 2)  # wrong

    def forward(self, z):
        return self.up(self.fc(z))


class WrongNorm(nn.Module):
    """
    input: 2,16
    error: dims
    fix: self.norm = nn.BatchNorm1d(32)
    """

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 32)
        self.norm = nn.BatchNorm2d(32)  # wrong

    def forward(self, x):
        return self.norm(self.fc(x))


class WrongDimensions(nn.Module):
    """
    input: 2,3,16,16
    error: dims
    fix: self.two = nn.Conv2d(8, 8, 3)
    """

    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 8, 3)
        self.two = nn.Conv1d(8, 8, 3)  # wrong

    def forward(self, x):
        return self.two(self.one(x))


class Clip(nn.Module):
    """
    input: 1,4,3,16,16
    error: dims
    fix: return self.conv(frames.flatten(0, 1))
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)  # wrong

    def forward(self, frames):
        return self.conv(frames)
