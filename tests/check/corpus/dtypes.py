"""Other types and devices than those of the weights."""

import torch
from torch import nn


class Bytes(nn.Module):
    """
    input: 1,3,32,32:uint8
    error: dtype
    fix: x = x.float() / 255
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)  # wrong

    def forward(self, x):
        return self.conv(x)


class BytesSequential(nn.Module):
    """
    input: 1,3,32,32:uint8
    error: dtype
    fix: x = x.float() / 255
    """

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())  # wrong

    def forward(self, x):
        return self.net(x)


class DoubleInput(nn.Module):
    """
    input: 1,3,32,32:float64
    error: dtype
    fix: x = x.float()
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)  # wrong

    def forward(self, x):
        return self.conv(x)


class HalfWeights(nn.Module):
    """
    input: 1,3,32,32
    error: dtype
    fix: x = x.half()
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3).half()  # wrong

    def forward(self, x):
        return self.conv(x)


class DoubleFeatures(nn.Module):
    """
    input: 2,10:float64
    error: dtype
    fix: rows = rows.float()
    """

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(10, 4)  # wrong

    def forward(self, rows):
        return self.hidden(rows)


class ShortSound(nn.Module):
    """
    input: 1,1,400:int16
    error: dtype
    fix: sound = sound.float()
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 9)  # wrong

    def forward(self, sound):
        return self.conv(sound)


class BytesVolume(nn.Module):
    """
    input: 1,1,8,16,16:uint8
    error: dtype
    fix: x = x.float() / 255
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 4, 3)  # wrong

    def forward(self, x):
        return self.conv(x)


class HalfInTheMiddle(nn.Module):
    """
    input: 1,3,16,16
    error: dtype
    fix: return self.two(x.float())
    """

    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 8, 3)
        self.two = nn.Conv2d(8, 8, 3)  # wrong

    def forward(self, x):
        x = self.one(x).half()
        return self.two(x)


class OtherDevice(nn.Module):
    """
    input: 1,3,16,16@cuda
    error: device
    fix: x = x.to(next(self.parameters()).device)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)  # wrong

    def forward(self, x):
        return self.conv(x)


class MaskElsewhere(nn.Module):
    """
    input: 1,3,16,16
    error: device
    fix: return x * mask.to(x.device)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        x = self.conv(x)
        mask = torch.ones(1, 1, 14, 14, device="cuda")
        return x * mask  # wrong
