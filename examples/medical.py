"""A small network on CT slices: three 2x2 convolutions, from one channel of grey to 64 of features.

    python examples/medical.py        # a real slice (pip install "tilewise[demo]"), forward and one training step

To use it on your own: change `from torch import nn` to `from tilewise import nn`, and nothing else.
"""

import torch
from torch.nn import functional as F

from tilewise import nn


class MedicalImageModel(nn.Module):
    """(N, 1, H, W) to (N, 64, H - 3, W - 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 2)
        self.conv2 = nn.Conv2d(16, 32, 2)
        self.conv3 = nn.Conv2d(32, 64, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        return F.relu(self.conv3(x))


def main() -> None:
    from tilewise.demo.data import ct_slice

    torch.manual_seed(0)
    model, slices = MedicalImageModel(), ct_slice().image
    features = model(slices)
    print(f"CT slice {tuple(slices.shape)} -> features {tuple(features.shape)}")

    # One training step: make every feature predict the slice itself, a stand-in for a real target.
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for step in range(2):
        loss = F.mse_loss(model(slices).mean(1, keepdim=True), slices[..., 3:, 3:])
        print(f"step {step}: loss {loss.item():.4f}")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(model.conv3.explain((1, 32, 126, 126)))


if __name__ == "__main__":
    main()
