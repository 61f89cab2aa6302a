"""Channels after a concatenation."""

import torch
import torch.nn.functional as F
from torch import nn


class ForgottenSkip(nn.Module):
    """
    input: 1,1,32,32
    error: channels
    fix: self.out = nn.Conv2d(16, 1, 3, padding=1)
    """

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(1, 8, 3, padding=1)
        self.mid = nn.Conv2d(8, 16, 3, padding=1)
        self.up = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.out = nn.Conv2d(8, 1, 3, padding=1)  # wrong

    def forward(self, x):
        skip = self.down(x).relu()
        x = self.up(self.mid(F.max_pool2d(skip, 2)).relu())
        return self.out(torch.cat([x, skip], 1))


class TwoBranches(nn.Module):
    """
    input: 1,3,32,32
    error: channels
    fix: self.merge = nn.Conv2d(24, 16, 1)
    """

    def __init__(self):
        super().__init__()
        self.left = nn.Conv2d(3, 16, 3, padding=1)
        self.right = nn.Conv2d(3, 8, 5, padding=2)
        self.merge = nn.Conv2d(32, 16, 1)  # wrong

    def forward(self, x):
        x = torch.cat((self.left(x), self.right(x)), dim=1)
        return self.merge(x)


class Dense(nn.Module):
    def __init__(self, channels, growth):
        super().__init__()
        self.one = nn.Conv2d(channels, growth, 3, padding=1)
        self.two = nn.Conv2d(channels, growth, 3, padding=1)  # wrong

    def forward(self, x):
        a = self.one(x).relu()
        b = self.two(torch.cat([x, a], 1)).relu()
        return torch.cat([x, a, b], 1)


class DenseNet(nn.Module):
    """
    input: 1,3,16,16
    error: channels
    fix: self.two = nn.Conv2d(growth + channels, growth, 3, padding=1)
    """

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3)
        self.block = Dense(8, 4)
        self.out = nn.Conv2d(16, 2, 1)

    def forward(self, x):
        return self.out(self.block(self.stem(x)))


class Conditional(nn.Module):
    """
    input: 2,1,16,16
    input: 2,10,16,16
    error: channels
    fix: nn.Conv2d(11, 16, 3, 2, 1),
    """

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(10, 16, 3, 2, 1),  # wrong
            nn.LeakyReLU(0.2),
            nn.Conv2d(16, 1, 8),
        )

    def forward(self, image, label):
        return self.net(torch.cat([image, label], dim=1))


class ListSkips(nn.Module):
    """
    input: 1,1,16,16
    error: channels
    fix: self.up = nn.ModuleList([nn.Conv2d(16, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)])
    """

    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList([nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 8, 3, padding=1)])
        self.up = nn.ModuleList([nn.Conv2d(8, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)])  # wrong

    def forward(self, x):
        skips = []
        for layer in self.down:
            x = layer(x).relu()
            skips.append(x)
        for layer in self.up:
            x = layer(torch.cat([x, skips.pop()], 1)).relu()
        return x


class JoinedFeatures(nn.Module):
    """
    input: 2,3,16,16
    input: 2,5
    error: linear
    fix: self.fc = nn.Linear(13, 2)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.fc = nn.Linear(8, 2)  # wrong

    def forward(self, image, table):
        x = self.conv(image).relu().mean((2, 3))
        return self.fc(torch.cat([x, table], dim=1))


class JoinedVolume(nn.Module):
    """
    input: 1,1,8,8,8
    input: 1,1,8,8,8
    error: channels
    fix: self.conv = nn.Conv3d(2, 4, 3)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 4, 3)  # wrong

    def forward(self, fixed, moving):
        return self.conv(torch.cat([fixed, moving], 1))


class JoinedSignals(nn.Module):
    """
    input: 2,1,50
    error: channels
    fix: self.mix = nn.Conv1d(width * 2, 4, 1)
    """

    def __init__(self, width=6):
        super().__init__()
        self.short = nn.Conv1d(1, width, 3, padding=1)
        self.long = nn.Conv1d(1, width, 9, padding=4)
        self.mix = nn.Conv1d(width, 4, 1)  # wrong

    def forward(self, x):
        return self.mix(torch.cat([self.short(x), self.long(x)], 1))
