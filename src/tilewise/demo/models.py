"""The demo's networks, written with torch.nn: `tilewise.enable()` is all that changes. examples/ has more."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F


class MedicalImageModel(nn.Module):
    """(N, 1, H, W) to (N, 64, H - 3, W - 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 2)
        self.conv2 = nn.Conv2d(16, 32, 2)
        self.conv3 = nn.Conv2d(32, 64, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Features of slices."""
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        return F.relu(self.conv3(x))


class DigitClassifier(nn.Module):
    """(N, 1, 28, 28) to (N, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 32, 3, padding=1)
        self.fc = nn.Linear(32 * 7 * 7, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """A number for each digit; the largest is the answer."""
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.conv3(x))
        result: torch.Tensor = self.fc(torch.flatten(x, 1))
        return result
