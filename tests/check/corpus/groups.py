"""Groups that do not divide the channels."""

from torch import nn


class GroupsOutput(nn.Module):
    """
    input: 1,6,8,8
    error: groups
    fix: self.conv = nn.Conv2d(6, 10, 3, groups=2)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(6, 10, 3, groups=3)  # wrong

    def forward(self, x):
        return self.conv(x)


class GroupsInput(nn.Module):
    """
    input: 1,3,8,8
    error: groups
    fix: self.conv = nn.Conv2d(3, 16, 3, groups=1)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, groups=4)  # wrong

    def forward(self, x):
        return self.conv(x)


class DepthwiseStem(nn.Module):
    """
    input: 1,3,16,16
    error: groups
    fix: def __init__(self, channels=3, width=15):
    """

    def __init__(self, channels=3, width=16):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, width, 3, groups=channels)  # wrong
        self.pointwise = nn.Conv2d(width, width, 1)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))


class GroupNormGroups(nn.Module):
    """
    input: 1,3,8,8
    error: groups
    fix: self.norm = nn.GroupNorm(5, 20)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 20, 3)
        self.norm = nn.GroupNorm(8, 20)  # wrong

    def forward(self, x):
        return self.norm(self.conv(x))


class Resnext(nn.Module):
    """
    input: 1,16,8,8
    error: groups
    fix: def __init__(self, cardinality=24):
    """

    def __init__(self, cardinality=32):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(16, 48, 1), nn.ReLU(), nn.Conv2d(48, 48, 3, groups=cardinality))  # wrong

    def forward(self, x):
        return self.net(x)
