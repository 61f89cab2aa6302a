"""More sound models: other dimensions, generators, recurrences, control flow, shared and functional layers."""

import torch
import torch.nn.functional as F
from torch import nn


class WaveNet(nn.Module):
    """
    input: 2,1,200
    """

    def __init__(self, channels=8):
        super().__init__()
        self.start = nn.Conv1d(1, channels, 1)
        self.layers = nn.ModuleList(nn.Conv1d(channels, 2 * channels, 2, dilation=2**i) for i in range(4))
        self.skips = nn.ModuleList(nn.Conv1d(channels, channels, 1) for _ in range(4))

    def forward(self, x):
        x = torch.tanh(self.start(x))
        total = 0
        for layer, skip in zip(self.layers, self.skips, strict=True):
            y = F.pad(x, (layer.dilation[0], 0))
            value, gate = layer(y).chunk(2, dim=1)
            y = torch.tanh(value) * torch.sigmoid(gate)
            total = total + skip(y)
            x = x + y
        return total


class TextCnn(nn.Module):
    """
    input: 3,20:int64
    """

    def __init__(self, words=50, width=16):
        super().__init__()
        self.embed = nn.Embedding(words, width)
        self.convs = nn.ModuleList(nn.Conv1d(width, 8, k) for k in (3, 4, 5))
        self.fc = nn.Linear(24, 2)

    def forward(self, tokens):
        x = self.embed(tokens).transpose(1, 2)
        x = [conv(x).relu().max(dim=2)[0] for conv in self.convs]
        return self.fc(torch.cat(x, dim=1))


class Ecg(nn.Module):
    """
    input: 4,12,500
    """

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(12, 16, 7, stride=2, padding=3), nn.GroupNorm(4, 16), nn.SiLU(),
            nn.Conv1d(16, 32, 5, stride=2, padding=2), nn.GroupNorm(8, 32), nn.SiLU(),
            nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(32, 5),
        )  # fmt: skip

    def forward(self, x):
        return self.net(x)


class Crnn(nn.Module):
    """
    input: 2,1,32,100
    """

    def __init__(self, classes=20):
        super().__init__()
        self.cnn = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(),
            nn.MaxPool2d((2, 1)), nn.AdaptiveAvgPool2d((1, None)),
        )  # fmt: skip
        self.rnn = nn.LSTM(16, 12, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(24, classes)

    def forward(self, x):
        x = self.cnn(x).squeeze(2).permute(0, 2, 1)
        x, _ = self.rnn(x)
        return F.log_softmax(self.fc(x), dim=2)


class GruSequence(nn.Module):
    """
    input: 3,7,5
    """

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(5, 8, num_layers=2, batch_first=True)
        self.fc = nn.Linear(8, 1)

    def forward(self, x):
        out, state = self.rnn(x)
        return self.fc(state[-1]) + self.fc(out[:, -1])


class Generator(nn.Module):
    """
    input: 2,16,1,1
    """

    def __init__(self, nz=16, ngf=8):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(nz, ngf * 4, 4, 1, 0, bias=False), nn.BatchNorm2d(ngf * 4), nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 4, ngf * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(ngf * 2), nn.ReLU(True),
            nn.ConvTranspose2d(ngf * 2, 3, 4, 2, 1, bias=False), nn.Tanh(),
        )  # fmt: skip

    def forward(self, z):
        return self.main(z)


class Discriminator(nn.Module):
    """
    input: 4,3,32,32
    """

    def __init__(self, ndf=8):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(3, ndf, 4, 2, 1), nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf, ndf * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(ndf * 2), nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(ndf * 2, 1, 8, 1, 0, bias=False), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x):
        return self.main(x).view(-1)


class Vae(nn.Module):
    """
    input: 2,1,28,28
    """

    def __init__(self, latent=4):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU(), nn.Flatten()
        )
        self.mean, self.spread = nn.Linear(784, latent), nn.Linear(784, latent)
        self.expand = nn.Linear(latent, 784)
        self.decoder = nn.Sequential(
            nn.Unflatten(1, (16, 7, 7)),
            nn.ConvTranspose2d(16, 8, 3, 2, 1, output_padding=1), nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 3, 2, 1, output_padding=1), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x):
        x = self.encoder(x)
        mean, spread = self.mean(x), self.spread(x)
        z = mean + torch.randn_like(spread) * torch.exp(0.5 * spread)
        return self.decoder(self.expand(z).relu()), mean, spread


class SegNet(nn.Module):
    """
    input: 1,3,32,32
    """

    def __init__(self):
        super().__init__()
        self.pool, self.unpool = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)
        self.enc1, self.enc2 = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
        self.dec2, self.dec1 = nn.Conv2d(8, 8, 3, padding=1), nn.Conv2d(8, 2, 3, padding=1)

    def forward(self, x):
        x, one = self.pool(self.enc1(x).relu())
        x, two = self.pool(self.enc2(x).relu())
        x = self.dec2(self.unpool(x, two)).relu()
        return self.dec1(self.unpool(x, one))


class SuperResolution(nn.Module):
    """
    input: 1,3,24,24
    """

    def __init__(self, factor=3):
        super().__init__()
        self.head = nn.Conv2d(3, 16, 5, padding=2)
        self.tail = nn.Conv2d(16, 3 * factor**2, 3, padding=1)
        self.shuffle = nn.PixelShuffle(factor)

    def forward(self, x):
        return self.shuffle(self.tail(torch.tanh(self.head(x))))


class Video(nn.Module):
    """
    input: 2,5,3,16,16
    """

    def __init__(self):
        super().__init__()
        self.cnn = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.rnn = nn.LSTM(8, 6, batch_first=True)
        self.fc = nn.Linear(6, 4)

    def forward(self, clip):
        b, t = clip.shape[:2]
        x = self.cnn(clip.flatten(0, 1)).view(b, t, -1)
        return self.fc(self.rnn(x)[0][:, -1])


class C3d(nn.Module):
    """
    input: 1,3,8,24,24
    """

    def __init__(self):
        super().__init__()
        self.conv1, self.pool1 = nn.Conv3d(3, 4, 3, padding=1), nn.MaxPool3d((1, 2, 2))
        self.conv2, self.pool2 = nn.Conv3d(4, 8, 3, padding=1), nn.MaxPool3d(2)
        self.fc = nn.Linear(8 * 4 * 6 * 6, 5)

    def forward(self, x):
        x = self.pool1(self.conv1(x).relu())
        x = self.pool2(self.conv2(x).relu())
        return self.fc(x.reshape(x.shape[0], -1))


class SharedEncoder(nn.Module):
    """
    input: 2,1,20,20
    input: 2,1,20,20
    """

    def __init__(self):
        super().__init__()
        self.encode = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 18 * 18, 8))

    def forward(self, left, right):
        return F.pairwise_distance(self.encode(left), self.encode(right))


class Recursive(nn.Module):
    """
    input: 1,3,16,16
    """

    def __init__(self, rounds=4):
        super().__init__()
        self.rounds, self.stem, self.body = rounds, nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        x = self.stem(x).relu()
        for _ in range(self.rounds):
            x = x + self.body(x).relu()
        return x


class ControlFlow(nn.Module):
    """
    input: 1,3,40,40
    """

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)])

    def forward(self, x):
        for conv in self.convs:
            x = conv(x).relu()
            while x.shape[-1] > 16:
                x = F.avg_pool2d(x, 2)
        if x.mean() > 0:
            x = x * 2
        return x if x.size(1) == 8 else None


class Functional(nn.Module):
    """
    input: 1,4,12,12
    """

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(6, 2, 3, 3))
        self.up = nn.Parameter(torch.randn(6, 5, 2, 2))
        self.bias = nn.Parameter(torch.zeros(6))

    def forward(self, x):
        x = F.relu(F.conv2d(x, self.weight, self.bias, padding=1, groups=2))
        x = F.conv_transpose2d(x, self.up, stride=2)
        return F.linear(x.mean((2, 3)), torch.ones(3, 5))


class FeaturePyramid(nn.Module):
    """
    input: 1,3,64,64
    """

    def __init__(self):
        super().__init__()
        self.c = nn.ModuleList([nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 16, 3, 2, 1), nn.Conv2d(16, 32, 3, 2, 1)])
        self.lateral = nn.ModuleList(nn.Conv2d(w, 8, 1) for w in (8, 16, 32))
        self.smooth = nn.ModuleDict({name: nn.Conv2d(8, 8, 3, padding=1) for name in ("p1", "p2", "p3")})

    def forward(self, x):
        maps = []
        for conv in self.c:
            x = conv(x).relu()
            maps.append(x)
        top = self.lateral[2](maps[2])
        found = {"p3": self.smooth["p3"](top)}
        for level in (1, 0):
            lateral = self.lateral[level](maps[level])
            top = lateral + F.interpolate(top, size=lateral.shape[-2:], mode="nearest")
            found[f"p{level + 1}"] = self.smooth[f"p{level + 1}"](top)
        return found


class Aspp(nn.Module):
    """
    input: 2,8,33,33
    """

    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleList(nn.Conv2d(8, 4, 3, padding=d, dilation=d) for d in (1, 6, 12))
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 4, 1), nn.ReLU())
        self.project = nn.Conv2d(16, 8, 1)

    def forward(self, x):
        found = [branch(x).relu() for branch in self.branches]
        found.append(F.interpolate(self.pool(x), size=x.shape[-2:], mode="bilinear", align_corners=False))
        return self.project(torch.cat(found, 1))


class Lazy(nn.Module):
    """
    input: 2,3,20,20
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.LazyConv2d(8, 3)
        self.norm = nn.LazyBatchNorm2d()
        self.fc = nn.LazyLinear(4)

    def forward(self, x):
        return self.fc(self.norm(self.conv(x)).relu().flatten(1))


class Circular(nn.Module):
    """
    input: 1,1,16,16
    """

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1, padding_mode="circular"), nn.PReLU(4),
            nn.ReflectionPad2d(2), nn.Conv2d(4, 4, 5), nn.GELU(), nn.ZeroPad2d(1), nn.Conv2d(4, 1, 3),
        )  # fmt: skip

    def forward(self, x):
        return self.net(x)


class SamePadding(nn.Module):
    """
    input: 1,2,15,17
    """

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(2, 4, 3, padding="same")
        self.b = nn.Conv2d(4, 4, (1, 7), padding="same", dilation=2)

    def forward(self, x):
        return self.b(self.a(x).relu())


class Mlp(nn.Module):
    """
    input: 8,1,28,28
    """

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.BatchNorm1d(64), nn.Linear(64, 10))

    def forward(self, x):
        return self.net(x)


class Mixer(nn.Module):
    """
    input: 2,3,16,16
    """

    def __init__(self, dim=12, patches=16):
        super().__init__()
        self.patch = nn.Conv2d(3, dim, 4, 4)
        self.tokens = nn.Sequential(nn.Linear(patches, 32), nn.GELU(), nn.Linear(32, patches))
        self.channels = nn.Sequential(nn.Linear(dim, 32), nn.GELU(), nn.Linear(32, dim))

    def forward(self, x):
        x = self.patch(x).flatten(2)
        x = x + self.tokens(x)
        x = x.transpose(1, 2)
        return (x + self.channels(x)).mean(1)


class WindowedAttention(nn.Module):
    """
    input: 1,8,16,16
    """

    def __init__(self, window=4):
        super().__init__()
        self.window = window
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        b, c, h, w = x.shape
        s = self.window
        x = x.view(b, c, h // s, s, w // s, s).permute(0, 2, 4, 3, 5, 1).reshape(-1, s * s, c)
        x, _ = self.attention(x, x, x)
        x = x.view(b, h // s, w // s, s, s, c).permute(0, 5, 1, 3, 2, 4)
        return x.reshape(b, c, h, w)


class CoordConv(nn.Module):
    """
    input: 2,3,12,16
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(5, 8, 3, padding=1)

    def forward(self, x):
        n, _, h, w = x.shape
        ys, xs = torch.meshgrid(torch.linspace(-1, 1, h), torch.linspace(-1, 1, w), indexing="ij")
        grid = torch.stack([ys, xs]).expand(n, -1, -1, -1).to(x.device)
        return self.conv(torch.cat([x, grid], dim=1))


class TiedWeights(nn.Module):
    """
    input: 2,1,20,20
    """

    def __init__(self):
        super().__init__()
        self.encoder = nn.Conv2d(1, 6, 5, bias=False)

    def forward(self, x):
        return F.conv_transpose2d(torch.relu(self.encoder(x)), self.encoder.weight)


class MultiHead(nn.Module):
    """
    input: 2,3,32,32
    """

    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU())
        self.heads = nn.ModuleDict({"boxes": nn.Conv2d(16, 4, 1), "scores": nn.Conv2d(16, 2, 1)})

    def forward(self, x):
        x = self.trunk(x)
        return {name: head(x).flatten(2).transpose(1, 2) for name, head in self.heads.items()}


def autoencoder_factory():
    """
    input: 1,1,32,32
    """
    encoder = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1), nn.ReLU(), nn.Conv2d(8, 16, 3, 2, 1), nn.ReLU())
    decoder = nn.Sequential(
        nn.Upsample(scale_factor=2), nn.Conv2d(16, 8, 3, 1, 1), nn.ReLU(), nn.Upsample(scale_factor=2),
        nn.Conv2d(8, 1, 3, 1, 1), nn.Sigmoid(),
    )  # fmt: skip
    return nn.Sequential(encoder, decoder)
