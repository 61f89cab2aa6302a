"""Channels last: the axes of the image are not where the model takes them."""

import torch
import torch.nn.functional as F
from torch import nn


class LastSubclass(nn.Module):
    """
    input: 1,64,64,3
    error: layout
    fix: x = x.permute(0, 3, 1, 2)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3)  # wrong

    def forward(self, x):
        return F.relu(self.conv(x))


class LastSequential(nn.Module):
    """
    input: 8,28,28,1
    error: layout
    fix: x = x.permute(0, 3, 1, 2)
    """

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(1, 16, 3), nn.ReLU())  # wrong

    def forward(self, x):
        return self.net(x)


def last_factory():
    """
    input: 2,32,32,3
    error: layout
    fix: --input 2,3,32,32
    """
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())  # wrong


class LastNested(nn.Module):
    """
    input: 1,32,32,3
    error: layout
    fix: picture = picture.permute(0, 3, 1, 2)
    """

    def __init__(self):
        super().__init__()
        self.one = ColourBlock2(3, 8)

    def forward(self, picture):
        return self.one(picture)


class ColourBlock2(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, 3, padding=1)  # wrong

    def forward(self, x):
        return F.relu(self.conv(x))


class LastSignal(nn.Module):
    """
    input: 4,100,6
    error: layout
    fix: x = x.permute(0, 2, 1)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(6, 12, 5)  # wrong

    def forward(self, x):
        return torch.relu(self.conv(x))


class LastVolume(nn.Module):
    """
    input: 1,16,32,32,1
    error: layout
    fix: x = x.permute(0, 4, 1, 2, 3)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 4, 3)  # wrong

    def forward(self, x):
        return self.conv(x)


class LastClassifier(nn.Module):
    """
    input: 1,28,28,3
    error: layout
    fix: x = x.permute(0, 3, 1, 2)
    """

    def __init__(self, channels=3, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(channels, 8, 3)  # wrong
        self.fc = nn.Linear(8 * 26 * 26, classes)

    def forward(self, x):
        return self.fc(self.conv(x).relu().flatten(1))


class LastEncoder(nn.Module):
    """
    input: 1,32,32,3
    error: layout
    fix: x = x.permute(0, 3, 1, 2)
    """

    def __init__(self):
        super().__init__()
        self.encode = nn.ModuleList([nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 2, 1)])  # wrong

    def forward(self, x):
        for layer in self.encode:
            x = layer(x).relu()
        return x


class TextEmbedding(nn.Module):
    """
    input: 2,20:int64
    error: layout
    fix: return self.conv(self.embed(tokens).permute(0, 2, 1))
    """

    def __init__(self, words=100, width=32):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.conv = nn.Conv1d(width, 8, 3)  # wrong

    def forward(self, tokens):
        return self.conv(self.embed(tokens))
