"""Models for the tests of this folder: a residual one, a broken one, one with functional calls."""

import torch
import torch.nn.functional as F
from torch import nn


class Residual(nn.Module):
    """Two branches joined, pooling, a transposed layer and functional calls between modules."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 8, 3, padding=1)
        self.left = nn.Conv2d(8, 8, 3, padding=2, dilation=2)
        self.right = nn.Conv2d(8, 8, 1)
        self.down = nn.MaxPool2d(2)
        self.depthwise = nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=8)
        self.up = nn.ConvTranspose2d(8, 4, 4, stride=2, padding=1)
        self.head = nn.Linear(4, 10)

    def forward(self, x):
        x = F.relu(self.stem(x))
        x = self.down(self.left(x) + self.right(x))
        x = self.up(self.depthwise(x))
        return self.head(x.mean((2, 3)))


class Broken(nn.Module):
    """`body` takes 32 channels and gets 16."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 3, padding=1)
        self.body = nn.Conv2d(32, 64, 3)

    def forward(self, x):
        return self.body(torch.relu(self.stem(x)))
