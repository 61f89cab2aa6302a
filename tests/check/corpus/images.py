"""Grey for colour, channels last, axes missing, other types and devices: the model's input is not what it takes."""

import torch
import torch.nn.functional as F
from torch import nn

# -- grey and colour -----------------------------------------------------------------------------------------------


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


# -- channels last ---------------------------------------------------------------------------------------------------


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


# -- missing axes ----------------------------------------------------------------------------------------------------


class NoBatch(nn.Module):
    """
    input: 3,32,32
    error: dims
    fix: x = x.unsqueeze(0)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.norm = nn.BatchNorm2d(8)  # wrong

    def forward(self, x):
        return self.norm(self.conv(x))


class NoChannel(nn.Module):
    """
    input: 16,28,28
    error: dims
    fix: x = x.unsqueeze(1)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)  # wrong

    def forward(self, x):
        return self.conv(x)


class NoAxes(nn.Module):
    """
    input: 28,28
    error: dims
    fix: x = x.unsqueeze(0).unsqueeze(0)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)  # wrong

    def forward(self, x):
        return self.conv(x)


class NoAxesSequential(nn.Module):
    """
    input: 28,28
    error: dims
    fix: image = image.unsqueeze(0).unsqueeze(0)
    """

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU())  # wrong

    def forward(self, image):
        return self.net(image)


class NoChannelSignal(nn.Module):
    """
    input: 8,100
    error: dims
    fix: x = x.unsqueeze(1)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 5)  # wrong

    def forward(self, x):
        return self.conv(x)


class NoChannelVolume(nn.Module):
    """
    input: 2,16,32,32
    error: dims
    fix: x = x.unsqueeze(1)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 4, 3)  # wrong

    def forward(self, x):
        return self.conv(x)


def no_channel_factory():
    """
    input: 4,28,28
    error: dims
    fix: --input 4,1,28,28
    """
    return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU())  # wrong


class NoBatchClassifier(nn.Module):
    """
    input: 1,28,28
    error: dims
    fix: x = x.unsqueeze(0)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(4 * 26 * 26, 10)  # wrong

    def forward(self, x):
        x = self.conv(x).relu()
        x = torch.flatten(x, 1)
        return self.fc(x)


class UnpackedShape(nn.Module):
    """
    input: 3,32,32
    error: dims
    fix: x = x.unsqueeze(0)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)

    def forward(self, x):
        n, c, h, w = x.shape  # wrong
        return self.conv(x).view(n, -1)


class FlatIntoConvolution(nn.Module):
    """
    input: 2,16
    error: dims
    fix: return self.up(self.fc(z).unflatten(1, (8, 4, 4)))
    """

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 8 * 4 * 4)
        self.up = nn.ConvTranspose2d(8, 4, 2, 2)  # wrong

    def forward(self, z):
        return self.up(self.fc(z))


class WrongNorm(nn.Module):
    """
    input: 2,16
    error: dims
    fix: self.norm = nn.BatchNorm1d(32)
    """

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 32)
        self.norm = nn.BatchNorm2d(32)  # wrong

    def forward(self, x):
        return self.norm(self.fc(x))


class WrongDimensions(nn.Module):
    """
    input: 2,3,16,16
    error: dims
    fix: self.two = nn.Conv2d(8, 8, 3)
    """

    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 8, 3)
        self.two = nn.Conv1d(8, 8, 3)  # wrong

    def forward(self, x):
        return self.two(self.one(x))


class Clip(nn.Module):
    """
    input: 1,4,3,16,16
    error: dims
    fix: return self.conv(frames.flatten(0, 1))
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)  # wrong

    def forward(self, frames):
        return self.conv(frames)


# -- types and devices -----------------------------------------------------------------------------------------------


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
