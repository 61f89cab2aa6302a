"""Images too small for the window, and paddings that cannot be."""

import torch
import torch.nn.functional as F
from torch import nn

# -- too small -------------------------------------------------------------------------------------------------------


class KernelTooLarge(nn.Module):
    """
    input: 1,1,4,4
    error: kernel
    fix: self.conv = nn.Conv2d(1, 8, 3)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 7)  # wrong

    def forward(self, x):
        return self.conv(x)


class PooledToNothing(nn.Module):
    """
    input: 1,3,28,28
    error: kernel
    fix: layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.Identity()]
    """

    def __init__(self):
        super().__init__()
        layers = []
        channels = 3
        for width in (8, 8, 8, 8, 8):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]  # wrong
            channels = width
        self.net = nn.Sequential(*layers)

    def forward(self, x):
        return self.net(x)


class SharedPool(nn.Module):
    """
    input: 1,1,16,16
    error: kernel
    fix: self.conv3 = nn.Conv2d(8, 8, 2)
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3)
        self.conv2 = nn.Conv2d(4, 8, 3)
        self.conv3 = nn.Conv2d(8, 8, 3)  # wrong
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        return self.conv3(x)


class FunctionalPool(nn.Module):
    """
    input: 1,1,8,8
    error: kernel
    fix: return x
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 5)

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = F.max_pool2d(x, 4)
        return F.max_pool2d(x, 2)  # wrong


def factory():
    """
    input: 1,1,12,12
    error: kernel
    fix: nn.Conv2d(4, 8, 2),
    """
    return nn.Sequential(
        nn.Conv2d(1, 4, 5),
        nn.AvgPool2d(4),
        nn.Conv2d(4, 8, 5),  # wrong
    )


class TooSmallSignal(nn.Module):
    """
    input: 1,1,20
    error: kernel
    fix: self.conv2 = nn.Conv1d(4, 8, 3)
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(1, 4, 9, stride=3)
        self.conv2 = nn.Conv1d(4, 8, 9)  # wrong

    def forward(self, x):
        return self.conv2(self.conv1(x).relu())


class TooSmallVolume(nn.Module):
    """
    input: 1,1,4,16,16
    error: kernel
    fix: self.conv2 = nn.Conv3d(4, 4, 2)
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv3d(1, 4, 3)
        self.conv2 = nn.Conv3d(4, 4, 3)  # wrong

    def forward(self, x):
        return self.conv2(self.conv1(x).relu())


class Dilated(nn.Module):
    """
    input: 1,3,16,16
    error: kernel
    fix: self.layers = nn.ModuleList([nn.Conv2d(3, 4, 2, dilation=d) for d in (9,)])
    """

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv2d(3, 4, 3, dilation=d) for d in (9,)])  # wrong

    def forward(self, x):
        return self.layers[0](x)


class SmallCritic(nn.Module):
    """
    input: 2,3,32,32
    error: kernel
    fix: nn.Conv2d(ndf * 4, 1, 3, 1, 0),
    """

    def __init__(self, ndf=8):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(3, ndf, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(ndf * 2, ndf * 4, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(ndf * 4, 1, 8, 1, 0),  # wrong
        )

    def forward(self, x):
        return self.main(x).view(-1)


# -- paddings --------------------------------------------------------------------------------------------------------


class SameWithStride(nn.Module):
    """
    input: 1,3,16,16
    error: padding
    fix: self.conv = nn.Conv2d(3, 8, 3, stride=2, padding=1)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, stride=2, padding="same")  # wrong

    def forward(self, x):
        return self.conv(x)


class UnknownPadding(nn.Module):
    """
    input: 1,3,16,16
    error: padding
    fix: self.conv = nn.Conv2d(3, 8, 3, padding='same')
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding="full")  # wrong

    def forward(self, x):
        return self.conv(x)


class ReflectTooFar(nn.Module):
    """
    input: 1,3,6,6
    error: padding
    fix: self.conv = nn.Conv2d(3, 8, 15, padding=5, padding_mode="reflect")
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 15, padding=7, padding_mode="reflect")  # wrong

    def forward(self, x):
        return self.conv(x)


class PoolPadding(nn.Module):
    """
    input: 1,3,16,16
    error: padding
    fix: self.pool = nn.MaxPool2d(2, padding=1)
    """

    def __init__(self):
        super().__init__()
        self.pool = nn.MaxPool2d(2, padding=2)  # wrong

    def forward(self, x):
        return self.pool(x)


class FunctionalSame(nn.Module):
    """
    input: 1,3,16,16
    error: padding
    fix: return F.conv2d(x, self.weight, stride=2, padding=2)
    """

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 3, 5, 5))

    def forward(self, x):
        return F.conv2d(x, self.weight, stride=2, padding="same")  # wrong


class ReflectPad(nn.Module):
    """
    input: 1,1,5
    error: padding
    fix: --input 1,1,12
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 2, 3)

    def forward(self, x):
        return self.conv(F.pad(x, (8, 8), mode="reflect"))  # wrong
