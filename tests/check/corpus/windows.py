"""Images too small, groups, paddings, transposed convolutions, resizing and reshaping."""

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


# -- groups ----------------------------------------------------------------------------------------------------------


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
