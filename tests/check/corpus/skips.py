"""Odd sizes in a U-Net: what was halved does not double back."""

import torch
import torch.nn.functional as F
from torch import nn


class SmallUNet(nn.Module):
    """
    input: 1,1,33,33
    error: cat
    fix: x = torch.cat([F.pad(x, (0, skip.shape[3] - x.shape[3], 0, skip.shape[2] - x.shape[2])), skip], dim=1)
    """

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(1, 8, 3, padding=1)
        self.bottom = nn.Conv2d(8, 16, 3, padding=1)
        self.up = nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.out = nn.Conv2d(16, 1, 3, padding=1)

    def forward(self, x):
        skip = F.relu(self.down(x))
        x = F.relu(self.bottom(F.max_pool2d(skip, 2)))
        x = self.up(x)
        x = torch.cat([x, skip], dim=1)  # wrong
        return self.out(x)


class UpsampleUNet(nn.Module):
    """
    input: 1,3,30,50
    error: cat
    fix: d2 = self.dec2(torch.cat([F.interpolate(self.up(m), size=e2.shape[2:]), e2], 1)).relu()
    """

    def __init__(self):
        super().__init__()
        self.enc1 = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU())
        self.enc2 = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU())
        self.mid = nn.Conv2d(16, 16, 3, padding=1)
        self.dec2 = nn.Conv2d(32, 8, 3, padding=1)
        self.dec1 = nn.Conv2d(16, 8, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.up = nn.Upsample(scale_factor=2)

    def forward(self, x):
        e1 = self.enc1(x)
        e2 = self.enc2(self.pool(e1))
        m = self.mid(self.pool(e2)).relu()
        d2 = self.dec2(torch.cat([self.up(m), e2], 1)).relu()  # wrong
        return self.dec1(torch.cat([self.up(d2), e1], 1))


class UpBlock(nn.Module):
    def __init__(self, cin, cskip, cout):
        super().__init__()
        self.up = nn.ConvTranspose2d(cin, cout, 2, stride=2)
        self.conv = nn.Conv2d(cout + cskip, cout, 3, padding=1)

    def forward(self, x, skip):
        x = self.up(x)
        x = torch.cat((skip, x), dim=1)  # wrong
        return F.relu(self.conv(x))


class BlockUNet(nn.Module):
    """
    input: 1,1,45,45
    error: cat
    fix: x = torch.cat((skip, x[:, :, :skip.shape[2], :skip.shape[3]]), dim=1)
    """

    def __init__(self):
        super().__init__()
        self.e1 = nn.Conv2d(1, 4, 3, padding=1)
        self.e2 = nn.Conv2d(4, 8, 3, stride=2, padding=1)
        self.e3 = nn.Conv2d(8, 16, 3, stride=2, padding=1)
        self.u2 = UpBlock(16, 8, 8)
        self.u1 = UpBlock(8, 4, 4)

    def forward(self, x):
        a = self.e1(x).relu()
        b = self.e2(a).relu()
        c = self.e3(b).relu()
        return self.u1(self.u2(c, b), a)


class ListUNet(nn.Module):
    """
    input: 1,1,28,28
    error: cat
    fix: x = up(torch.cat([F.pad(x, (0, skip.shape[3] - x.shape[3], 0, skip.shape[2] - x.shape[2])), skip], dim=1)).relu()
    """

    def __init__(self, widths=(4, 8, 16, 32)):
        super().__init__()
        self.downs = nn.ModuleList()
        channels = 1
        for width in widths:
            self.downs.append(nn.Conv2d(channels, width, 3, padding=1))
            channels = width
        self.ups = nn.ModuleList()
        for width in reversed(widths[:-1]):
            self.ups.append(nn.Conv2d(channels + width, width, 3, padding=1))
            channels = width

    def forward(self, x):
        skips = []
        for down in self.downs:
            x = down(x).relu()
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = skips.pop()
        for up in self.ups:
            x = F.interpolate(x, scale_factor=2)
            skip = skips.pop()
            x = up(torch.cat([x, skip], dim=1)).relu()  # wrong
        return x


class VolumeUNet(nn.Module):
    """
    input: 1,1,9,16,16
    error: cat
    fix: return self.out(torch.cat([F.pad(x, (0, skip.shape[4] - x.shape[4], 0, skip.shape[3] - x.shape[3], 0, skip.shape[2] - x.shape[2])), skip], 1))
    """

    def __init__(self):
        super().__init__()
        self.down = nn.Conv3d(1, 4, 3, padding=1)
        self.mid = nn.Conv3d(4, 8, 3, padding=1)
        self.up = nn.ConvTranspose3d(8, 4, 2, 2)
        self.out = nn.Conv3d(8, 2, 1)

    def forward(self, x):
        skip = self.down(x).relu()
        x = self.up(self.mid(F.max_pool3d(skip, 2)).relu())
        return self.out(torch.cat([x, skip], 1))  # wrong


class SignalUNet(nn.Module):
    """
    input: 2,1,101
    error: cat
    fix: return self.out(torch.cat([skip, F.pad(x, (0, skip.shape[2] - x.shape[2]))], 1))
    """

    def __init__(self):
        super().__init__()
        self.down = nn.Conv1d(1, 4, 5, padding=2)
        self.mid = nn.Conv1d(4, 8, 5, padding=2)
        self.up = nn.ConvTranspose1d(8, 4, 2, 2)
        self.out = nn.Conv1d(8, 1, 1)

    def forward(self, x):
        skip = self.down(x).relu()
        x = self.mid(F.max_pool1d(skip, 2)).relu()
        x = self.up(x)
        return self.out(torch.cat([skip, x], 1))  # wrong


class UnpaddedUNet(nn.Module):
    """
    input: 1,1,32,32
    error: cat
    fix: x = torch.cat([F.pad(x, (0, skip.shape[3] - x.shape[3], 0, skip.shape[2] - x.shape[2])), skip], dim=1)
    """

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(1, 8, 3)
        self.mid = nn.Conv2d(8, 16, 3)
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.out = nn.Conv2d(16, 1, 3)

    def forward(self, x):
        skip = self.down(x).relu()
        x = self.mid(F.max_pool2d(skip, 2)).relu()
        x = self.up(x)
        x = torch.cat([x, skip], dim=1)  # wrong
        return self.out(x)


class Inception(nn.Module):
    """
    input: 1,3,28,28
    error: cat
    fix: self.five = nn.Conv2d(3, 8, 5, padding=2)
    """

    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 8, 1)
        self.three = nn.Conv2d(3, 8, 3, padding=1)
        self.five = nn.Conv2d(3, 8, 5)

    def forward(self, x):
        a = self.one(x)
        b = self.three(x)
        c = self.five(x)
        return torch.cat([a, b, c], 1)  # wrong


class WrongAxis(nn.Module):
    """
    input: 2,3,16,16
    error: cat
    fix: return torch.cat([self.a(x), self.b(x)], dim=1)
    """

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3)
        self.b = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        return torch.cat([self.a(x), self.b(x)])  # wrong
