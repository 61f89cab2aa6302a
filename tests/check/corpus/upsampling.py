"""Transposed convolutions, resizing and reshaping."""

import torch
import torch.nn.functional as F
from torch import nn

# -- transposed convolutions -----------------------------------------------------------------------------------------


class OutputPadding(nn.Module):
    """
    input: 1,8,8,8
    error: output_padding
    fix: self.up = nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1)
    """

    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=2)  # wrong

    def forward(self, x):
        return self.up(x)


class OutputPaddingNoStride(nn.Module):
    """
    input: 1,8,8,8
    error: output_padding
    fix: nn.ConvTranspose2d(8, 4, 3, output_padding=0),
    """

    def __init__(self):
        super().__init__()
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(8, 4, 3, output_padding=1),  # wrong
            nn.ReLU(),
        )

    def forward(self, x):
        return self.decoder(x)


class TransposedChannels(nn.Module):
    """
    input: 2,16
    error: channels
    fix: nn.ConvTranspose2d(16, 3, 4, 2, 1),
    """

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 32 * 4 * 4)
        self.up = nn.Sequential(
            nn.ConvTranspose2d(32, 16, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 3, 4, 2, 1),  # wrong
        )

    def forward(self, z):
        return self.up(self.fc(z).view(-1, 32, 4, 4))


class TransposedSwapped(nn.Module):
    """
    input: 1,1,20,20
    error: channels
    fix: self.up = nn.ConvTranspose2d(8, 8, 4, 2, 1)
    """

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(1, 8, 4, 2, 1)
        self.up = nn.ConvTranspose2d(1, 8, 4, 2, 1)  # wrong

    def forward(self, x):
        return self.up(self.down(x).relu())


class TransposedVolume(nn.Module):
    """
    input: 1,4,4,4,4
    error: output_padding
    fix: self.up = nn.ConvTranspose3d(4, 2, 3, stride=2, output_padding=1)
    """

    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose3d(4, 2, 3, stride=2, output_padding=3)  # wrong

    def forward(self, x):
        return self.up(x)


# -- sizes -----------------------------------------------------------------------------------------------------------


class Unpool(nn.Module):
    """
    input: 1,1,16,16
    error: size
    fix: x = self.unpool(x, second)
    """

    def __init__(self):
        super().__init__()
        self.pool = nn.MaxPool2d(2, return_indices=True)
        self.unpool = nn.MaxUnpool2d(2)

    def forward(self, x):
        x, first = self.pool(x)
        x, second = self.pool(x)
        x = self.unpool(x, first)  # wrong
        return self.unpool(x, first)


class BilinearSignal(nn.Module):
    """
    input: 1,2,50
    error: dims
    fix: return F.interpolate(x, scale_factor=2, mode='linear')
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(2, 2, 3)

    def forward(self, x):
        x = self.conv(x)
        return F.interpolate(x, scale_factor=2, mode="bilinear")  # wrong


class BothSizes(nn.Module):
    """
    input: 1,2,8,8
    error: size
    fix: return F.interpolate(self.conv(x), size=None, scale_factor=2)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3)

    def forward(self, x):
        return F.interpolate(self.conv(x), size=(16, 16), scale_factor=2)  # wrong


class UpsampleVolume(nn.Module):
    """
    input: 1,2,4,8,8
    error: dims
    fix: self.up = nn.Upsample(scale_factor=2, mode='trilinear')
    """

    def __init__(self):
        super().__init__()
        self.up = nn.Upsample(scale_factor=2, mode="bilinear")  # wrong

    def forward(self, x):
        return self.up(x)


class SuperResolution(nn.Module):
    """
    input: 1,3,16,16
    error: channels
    fix: self.conv = nn.Conv2d(3, 12, 3, padding=1)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.shuffle = nn.PixelShuffle(2)  # wrong

    def forward(self, x):
        return self.shuffle(self.conv(x))


class WrongView(nn.Module):
    """
    input: 4,16
    error: size
    fix: x = x.view(-1, 8, 4, 4)
    """

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 8 * 4 * 4)
        self.up = nn.ConvTranspose2d(8, 1, 2, 2)

    def forward(self, z):
        x = self.fc(z)
        x = x.view(-1, 8, 5, 5)  # wrong
        return self.up(x)


class Similarity(nn.Module):
    """
    input: 2,8,16
    error: size
    fix: return torch.matmul(self.query(x), self.key(x).transpose(-2, -1))
    """

    def __init__(self):
        super().__init__()
        self.query = nn.Linear(16, 4)
        self.key = nn.Linear(16, 4)

    def forward(self, x):
        return torch.matmul(self.query(x), self.key(x))  # wrong


class FlattenAxis(nn.Module):
    """
    input: 2,1,12,12
    error: linear
    fix: return self.fc(torch.flatten(self.conv(x), start_dim=1))
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(400, 10)  # wrong

    def forward(self, x):
        return self.fc(torch.flatten(self.conv(x)))
