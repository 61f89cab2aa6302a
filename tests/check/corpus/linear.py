"""in_features of the first Linear after the image is flattened."""

import torch
import torch.nn.functional as F
from torch import nn


class Tutorial(nn.Module):
    """
    input: 4,3,28,28
    error: size
    fix: x = x.flatten(1)
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 16 * 5 * 7)  # wrong
        x = F.relu(self.fc1(x))
        return self.fc2(x)


class Flattened(nn.Module):
    """
    input: 1,1,28,28
    error: linear
    fix: self.fc = nn.Linear(32 * 26 * 26, 10)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3)
        self.fc = nn.Linear(32 * 28 * 28, 10)  # wrong

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = torch.flatten(x, 1)
        return self.fc(x)


class FlattenLayer(nn.Module):
    """
    input: 2,3,32,32
    error: linear
    fix: nn.Linear(1800, 10),
    """

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(2048, 10),  # wrong
        )

    def forward(self, x):
        return self.net(x)


def factory():
    """
    input: 1,1,28,28
    error: linear
    fix: nn.Linear(8 * 12 * 12, 10),
    """
    return nn.Sequential(
        nn.Conv2d(1, 8, 5),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(8 * 14 * 14, 10),  # wrong
    )


def head(features, classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(features, 64), nn.ReLU(), nn.Linear(64, classes))  # wrong


class HelperFunction(nn.Module):
    """
    input: 1,3,32,32
    error: linear
    fix: self.head = head(3600, 10)
    """

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.MaxPool2d(2))
        self.head = head(4096, 10)

    def forward(self, x):
        return self.head(self.features(x))


class InModuleList(nn.Module):
    """
    input: 1,1,32,32
    error: linear
    fix: self.out = nn.Linear(8 * 28 * 28, 5)
    """

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(1, 4, 3), nn.Conv2d(4, 8, 3)])
        self.out = nn.Linear(8 * 30 * 30, 5)  # wrong

    def forward(self, x):
        for conv in self.convs:
            x = conv(x).relu()
        return self.out(x.flatten(start_dim=1))


SIZES = {"image": 32, "hidden": 16}


class ConfigDriven(nn.Module):
    """
    input: 1,3,32,32
    error: linear
    fix: self.fc = nn.Linear(hidden * 16 * 16, 10)
    """

    def __init__(self):
        super().__init__()
        hidden, image = SIZES["hidden"], SIZES["image"]
        self.conv = nn.Conv2d(3, hidden, 3, padding=1, stride=2)
        self.fc = nn.Linear(hidden * image * image, 10)  # wrong

    def forward(self, x):
        x = self.conv(x).relu()
        return self.fc(x.reshape(x.size(0), -1))


class NotFlattened(nn.Module):
    """
    input: 2,1,12,12
    error: linear
    fix: return self.fc(x.flatten(1))
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(400, 10)  # wrong

    def forward(self, x):
        x = F.relu(self.conv(x))
        return self.fc(x)


class NotFlattenedSequential(nn.Module):
    """
    input: 2,1,12,12
    error: linear
    fix: nn.Flatten(), nn.Linear(400, 10),
    """

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(1, 4, 3),
            nn.ReLU(),
            nn.Linear(400, 10),  # wrong
        )

    def forward(self, x):
        return self.net(x)


class Signal(nn.Module):
    """
    input: 8,1,200
    error: linear
    fix: self.fc = nn.Linear(16 * 48, 6)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 16, 9)
        self.pool = nn.MaxPool1d(4)
        self.fc = nn.Linear(16 * 50, 6)  # wrong

    def forward(self, x):
        x = self.pool(torch.relu(self.conv(x)))
        return self.fc(x.view(x.size(0), -1))


class Volume(nn.Module):
    """
    input: 1,1,16,16,16
    error: linear
    fix: self.fc = nn.Linear(4 * 7 * 7 * 7, 2)
    """

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 4, 3)
        self.pool = nn.MaxPool3d(2)
        self.fc = nn.Linear(4 * 8 * 8 * 8, 2)  # wrong

    def forward(self, x):
        x = self.pool(self.conv(x).relu())
        return self.fc(torch.flatten(x, 1))


class Vae(nn.Module):
    """
    input: 1,1,28,28
    error: linear
    fix: self.mean = nn.Linear(32 * 7 * 7, latent)
    """

    def __init__(self, latent=8):
        super().__init__()
        self.encode = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU()
        )
        self.mean = nn.Linear(32 * 7 * 8, latent)  # wrong
        self.spread = nn.Linear(32 * 7 * 7, latent)

    def forward(self, x):
        x = self.encode(x).flatten(1)
        return self.mean(x), self.spread(x)


class PooledToVector(nn.Module):
    """
    input: 1,3,32,32
    error: linear
    fix: self.fc = nn.Linear(48, 10)
    """

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 48, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.fc = nn.Linear(64, 10)  # wrong

    def forward(self, x):
        return self.fc(self.body(x).flatten(1))


class TwoLinears(nn.Module):
    """
    input: 4,10
    error: linear
    fix: self.out = nn.Linear(32, 2)
    """

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(10, 32)
        self.out = nn.Linear(64, 2)  # wrong

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)))
