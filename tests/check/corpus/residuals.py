"""Sums of tensors that do not fit."""

import torch
import torch.nn.functional as F
from torch import nn


class ResidualChannels(nn.Module):
    """
    input: 1,16,16,16
    error: residual
    fix: self.project = nn.Conv2d(16, 32, 1)
    fix: out = out + self.project(identity)
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 32, 3, padding=1)

    def forward(self, x):
        identity = x
        out = F.relu(self.conv1(x))
        out = self.conv2(out)
        out = out + identity  # wrong
        return F.relu(out)


class BasicBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        out += x  # wrong
        return F.relu(out)


class ResNet(nn.Module):
    """
    input: 1,3,32,32
    error: residual
    fix: self.project = nn.Conv2d(in_channels, out_channels, 1, stride=stride)
    fix: out += self.project(x)
    """

    def __init__(self, classes=10):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 1, 1, bias=False)
        self.layer1 = BasicBlock(8, 8)
        self.layer2 = BasicBlock(8, 16, stride=2)
        self.fc = nn.Linear(16, classes)

    def forward(self, x):
        x = self.layer2(self.layer1(self.stem(x)))
        return self.fc(x.mean((2, 3)))


class Unpadded(nn.Module):
    """
    input: 1,8,16,16
    error: residual
    fix: self.conv1 = nn.Conv2d(8, 8, 3, padding=1)
    fix: self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(8, 8, 3)
        self.conv2 = nn.Conv2d(8, 8, 3)

    def forward(self, x):
        return x + self.conv2(F.relu(self.conv1(x)))  # wrong


class ResidualSignal(nn.Module):
    """
    input: 2,4,64
    error: residual
    fix: self.project = nn.Conv1d(4, 8, 1)
    fix: return torch.add(y, self.project(x))
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(4, 8, 3, padding=1)

    def forward(self, x):
        y = self.conv(x).relu()
        return torch.add(y, x)  # wrong


class ResidualVolume(nn.Module):
    """
    input: 1,2,8,8,8
    error: residual
    fix: self.project = nn.Conv3d(2, 4, 1)
    fix: return y + self.project(x)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(2, 4, 3, padding=1)

    def forward(self, x):
        y = self.conv(x)
        return y + x  # wrong


class ResidualStride(nn.Module):
    """
    input: 1,8,16,16
    error: residual
    fix: self.project = nn.Conv2d(channels, channels, 1, stride=2)
    fix: return torch.relu(out + self.project(x))
    """

    def __init__(self, channels=8):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=1)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x):
        out = self.bn(self.conv(x))
        return torch.relu(out + x)  # wrong


class Bottleneck(nn.Module):
    def __init__(self, channels, width):
        super().__init__()
        self.reduce = nn.Conv2d(channels, width, 1)
        self.conv = nn.Conv2d(width, width, 3, padding=1)
        self.expand = nn.Conv2d(width, width * 4, 1)

    def forward(self, x):
        out = self.reduce(x).relu()
        out = self.conv(out).relu()
        out = self.expand(out)
        return (out + x).relu()  # wrong


class BottleneckNet(nn.Module):
    """
    input: 1,3,16,16
    error: residual
    fix: self.project = nn.Conv2d(channels, 32, 1)
    fix: return (out + self.project(x)).relu()
    """

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3)
        self.blocks = nn.ModuleList([Bottleneck(16, 8), Bottleneck(32, 8)])

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return x


class SkipSequential(nn.Module):
    """
    input: 1,4,12,12
    error: residual
    fix: self.project = nn.Conv2d(4, 6, 1)
    fix: return self.body(x) + self.project(x)
    """

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 6, 3, padding=1))

    def forward(self, x):
        return self.body(x) + x  # wrong


class LinearResidual(nn.Module):
    """
    input: 4,16
    error: residual
    fix: self.fc = nn.Linear(16, 16)
    """

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 32)

    def forward(self, x):
        return x + torch.relu(self.fc(x))  # wrong


class Attention(nn.Module):
    """
    input: 1,8,16,16
    error: residual
    fix: self.gate = nn.Conv2d(8, 8, 1)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(8, 8, 3, padding=1)
        self.gate = nn.Conv2d(8, 4, 1)

    def forward(self, x):
        x = self.conv(x)
        weight = torch.sigmoid(self.gate(x))
        return x * weight  # wrong
