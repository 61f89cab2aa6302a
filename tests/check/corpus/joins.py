"""Tensors that meet in a concatenation or a sum and do not fit."""

import torch
import torch.nn.functional as F
from torch import nn

# -- odd sizes in a U-Net --------------------------------------------------------------------------------------------


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


# -- channels after a concatenation ----------------------------------------------------------------------------------


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


# -- residuals -------------------------------------------------------------------------------------------------------


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
