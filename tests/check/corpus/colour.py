"""Grey images for colour models and the other way round."""

import torch.nn.functional as F
from torch import nn


class GreyIntoColour(nn.Module):
    """
    input: 1,1,28,28
    error: channels
    fix: self.conv = nn.Conv2d(1, 16, 3)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3)  # wrong
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = F.relu(self.conv(x))
        return self.fc(x.mean((2, 3)))


class ColourIntoGrey(nn.Module):
    """
    input: 1,3,28,28
    error: channels
    fix: self.conv = nn.Conv2d(3, 16, 3)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3)  # wrong

    def forward(self, image):
        return self.conv(image)


class AlphaChannel(nn.Module):
    """
    input: 1,4,28,28
    error: channels
    fix: self.features = nn.Sequential(nn.Conv2d(4, 16, 3), nn.ReLU())
    """

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU())  # wrong

    def forward(self, x):
        return self.features(x)


def grey_factory():
    """
    input: 1,1,28,28
    error: channels
    fix: return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))
    """
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))  # wrong


class ColourConfig(nn.Module):
    """
    input: 1,1,32,32
    error: channels
    fix: def __init__(self, in_channels=1, width=8):
    """

    def __init__(self, in_channels=3, width=8):
        super().__init__()
        self.stem = nn.Conv2d(in_channels, width, 3)  # wrong
        self.body = nn.Conv2d(width, width, 3)

    def forward(self, x):
        return self.body(self.stem(x).relu())


class ColourBlock(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, 3, padding=1)  # wrong

    def forward(self, x):
        return F.relu(self.conv(x))


class ColourNested(nn.Module):
    """
    input: 1,1,32,32
    error: channels
    fix: self.one = ColourBlock(1, 8)
    """

    def __init__(self):
        super().__init__()
        self.one = ColourBlock(3, 8)
        self.two = ColourBlock(8, 8)

    def forward(self, x):
        return self.two(self.one(x))


class StereoSignal(nn.Module):
    """
    input: 1,2,400
    error: channels
    fix: self.conv = nn.Conv1d(2, 8, 9)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 8, 9)  # wrong

    def forward(self, sound):
        return self.conv(sound)


class ColourVolume(nn.Module):
    """
    input: 1,3,8,16,16
    error: channels
    fix: self.conv = nn.Conv3d(3, 8, 3)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 8, 3)  # wrong

    def forward(self, clip):
        return self.conv(clip)


class ColourCritic(nn.Module):
    """
    input: 2,3,16,16
    error: channels
    fix: self.layers = nn.ModuleList([nn.Conv2d(3, 8, 4, 2, 1), nn.Conv2d(8, 1, 8)])
    """

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv2d(1, 8, 4, 2, 1), nn.Conv2d(8, 1, 8)])  # wrong

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x.flatten(1)
