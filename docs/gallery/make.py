"""Make every figure of this folder from real runs: `make gallery`.

No browser is needed. Seeds are fixed and nothing is timed, so that a figure changes only when a picture does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

import tilewise
from tilewise.pictures import Figure
from tilewise.pictures.images import Image, resized
from tilewise.pictures.kernels import KNOWN_2D
from tilewise.pictures.samples import ct_slice, digits, photograph

HERE = Path(__file__).parent


class Starter(nn.Sequential):
    """The small model that many courses on medical images begin with: three 2 x 2 convolutions."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(1, 16, 2), nn.ReLU(), nn.Conv2d(16, 32, 2), nn.ReLU(), nn.Conv2d(32, 64, 2), nn.ReLU()
        )


class Digits(nn.Sequential):
    """A network that reads handwritten digits."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(1, 8, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(16 * 7 * 7, 10),
        )


class Dilated(nn.Sequential):
    """Dilations 1, 2, 4, 8: the receptive field doubles where the cost stays."""

    def __init__(self) -> None:
        super().__init__(*[nn.Conv2d(1 if d == 1 else 6, 6, 3, padding=d, dilation=d) for d in (1, 2, 4, 8)])


class Broken(nn.Module):
    """A stem of 16 channels before a body that expects 32."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.body = nn.Conv2d(32, 64, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.body(torch.relu(self.stem(x)))


def trained(epochs: int = 4) -> tuple[Digits, Tensor]:
    """The digit network after a few seconds of training, and a digit that it did not train on."""
    torch.manual_seed(0)
    images, labels = digits()
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(1))
    train, held = order[:4500], order[4500:]
    model = Digits()
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(epochs):
        for batch in train[torch.randperm(len(train))].split(100):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimiser.step()
    with torch.no_grad():
        right = (model(images[held]).argmax(1) == labels[held]).float().mean().item()
    print(f"the digit network reads {right:.1%} of {len(held)} held-out digits")
    return model, images[held[labels[held] == 3][0]]


def with_weights(layer: nn.Module, values: Tensor) -> nn.Module:
    """A layer with given weights and no bias."""
    with torch.no_grad():
        layer.weight.copy_(values.expand_as(layer.weight))
    return layer


def crop(image: Image, side: int) -> Image:
    """An image at `side` x `side`."""
    return Image(resized(image.pixels, (side, side)).clamp(0, 1), image.name)


def starter() -> Figure:
    torch.manual_seed(0)
    return tilewise.see(Starter(), ct_slice(), size=(64, 64), measure=False)


def sobel() -> Figure:
    kernel = torch.tensor(KNOWN_2D["Sobel x"])
    return tilewise.see(
        with_weights(nn.Conv2d(1, 1, 3, padding=1, bias=False), kernel), crop(ct_slice(), 32), at=(13, 8)
    )


def dense() -> Figure:
    torch.manual_seed(0)
    return tilewise.see(nn.Conv2d(3, 3, 3, padding=1), crop(photograph(), 16), at=(8, 8))


def depthwise() -> Figure:
    torch.manual_seed(0)
    return tilewise.see(nn.Conv2d(3, 3, 3, padding=1, groups=3), crop(photograph(), 16), at=(8, 8), filter_index=1)


def dilation() -> Figure:
    torch.manual_seed(0)
    return tilewise.see(nn.Conv2d(1, 1, 3, padding=2, dilation=2), crop(ct_slice(), 12), at=(5, 5))


def receptive_field() -> Figure:
    torch.manual_seed(0)
    return tilewise.see(Dilated(), ct_slice(), size=(64, 64), measure=False)


def checkerboard() -> Figure:
    layer = with_weights(nn.ConvTranspose2d(1, 1, 3, stride=2, bias=False), torch.ones(1))
    return tilewise.see(layer, torch.ones(1, 1, 5, 5), at=(4, 4))


def no_checkerboard() -> Figure:
    layer = with_weights(nn.ConvTranspose2d(1, 1, 4, stride=2, padding=1, bias=False), torch.ones(1))
    return tilewise.see(layer, torch.ones(1, 1, 5, 5), at=(4, 4))


def causal() -> Figure:
    torch.manual_seed(0)
    wave = torch.sin(torch.arange(20) / 2.2)[None, None]
    return tilewise.see(nn.Sequential(nn.ConstantPad1d((4, 0), 0.0), nn.Conv1d(1, 1, 3, dilation=2)), wave, at=(1,))


def volume() -> Figure:
    torch.manual_seed(0)
    slices = torch.stack([crop(ct_slice(), 8).pixels * (1 - 0.15 * abs(i - 2)) for i in range(5)], dim=1)
    return tilewise.see(nn.Conv3d(1, 1, 3, padding=1), slices[None])


def broken() -> Figure:
    torch.manual_seed(0)
    return tilewise.see(Broken(), photograph(), size=(64, 64), measure=False)


def walk() -> Figure:
    torch.manual_seed(0)
    return tilewise.see(nn.Conv2d(1, 1, 3, stride=2, padding=1), torch.rand(1, 1, 7, 7))


STILL: dict[str, Callable[[], Figure]] = {
    "starter-on-ct": starter,
    "sobel-on-ct": sobel,
    "dense": dense,
    "depthwise": depthwise,
    "dilation": dilation,
    "receptive-field": receptive_field,
    "checkerboard": checkerboard,
    "no-checkerboard": no_checkerboard,
    "causal": causal,
    "volume": volume,
    "broken-model": broken,
}
# Shown in the README, which follows the reader's theme.
BOTH_THEMES = ("dense", "starter-on-ct")


def main() -> None:
    """Write all figures and say how large they are."""
    torch.set_num_threads(1)  # sums in one order, so that the trained network is always the same
    for name, make in STILL.items():
        figure = make()
        figure.save(HERE / f"{name}.svg")
        if name in BOTH_THEMES:
            figure.save(HERE / f"{name}-dark.svg", theme="dark")
    model, digit = trained()
    tilewise.see(model, Image(digit, "a digit it has not seen"), measure=False).save(HERE / "digits-network.svg")
    tilewise.see(model[0], Image(digit, "digit"), at=(12, 14)).save(HERE / "digits-filter.svg")
    walk().save(HERE / "walk.gif", frames=16, seconds=0.6)
    for file in sorted(HERE.glob("*.svg")) + sorted(HERE.glob("*.gif")):
        print(f"{file.stat().st_size / 1000:8.1f} kB  {file.name}")


if __name__ == "__main__":
    main()
