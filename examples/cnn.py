"""A small classifier of 32x32 colour images: two convolutions with pooling, then a linear layer.

python examples/cnn.py            # random images: shapes, and a few training steps
tilewise bench examples/cnn.py:CNN --input 32,3,32,32
"""

import torch
from torch.nn import functional as F

from tilewise import nn


class CNN(nn.Module):
    """(N, 3, 32, 32) to (N, 10), one number a class."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc = nn.Linear(32 * 8 * 8, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(torch.flatten(x, 1))


def main() -> None:
    torch.manual_seed(0)
    model = CNN()
    images, labels = torch.randn(32, 3, 32, 32), torch.randint(10, (32,))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for step in range(5):
        loss = F.cross_entropy(model(images), labels)
        print(f"step {step}: loss {loss.item():.4f}")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


if __name__ == "__main__":
    main()
