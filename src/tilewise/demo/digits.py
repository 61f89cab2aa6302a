"""Two classifiers of digits with the same first weights and the same batches, trained by turns."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import torch
from torch.nn import functional as F

import tilewise
from tilewise.demo.data import Digits
from tilewise.demo.models import DigitClassifier

BATCH = 64


@dataclass
class Trained:
    """One side: seconds of each epoch's training, and the part of the test images it gets right."""

    name: str
    model: torch.nn.Module
    within: Callable[[], AbstractContextManager[object]]
    optimizer: torch.optim.Optimizer
    epochs: list[float] = field(default_factory=list)
    accuracy: float = 0.0

    @property
    def seconds(self) -> float:
        """All epochs."""
        return sum(self.epochs)


Sides = tuple[Trained, Trained]


def train(
    data: Digits,
    epochs: int,
    progress: Callable[[float], None] = lambda part: None,
    finished: Callable[[int, Sides], None] = lambda epoch, sides: None,
) -> Sides:
    """PyTorch's side and Tilewise's.

    `progress` gets the part done, from 0 to 1, after every step; `finished` the number of each epoch that both
    sides have done.
    """
    torch.manual_seed(0)
    first = DigitClassifier()
    sides = (_side("PyTorch", first, tilewise.disabled), _side("Tilewise", copy.deepcopy(first), tilewise.enabled))
    images, _ = data.train
    done, total = 0, 2 * epochs * -(-len(images) // BATCH)
    for side in sides:  # compilation and first touch are not training
        _warm_up(side, data)
    for epoch in range(epochs):
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(epoch))
        for side in sides if epoch % 2 == 0 else sides[::-1]:
            with side.within():
                start = time.perf_counter()
                for _ in _steps(side, data, order):
                    done += 1
                    progress(done / total)
                side.epochs.append(time.perf_counter() - start)
                side.accuracy = _accuracy(side.model, *data.test)
        finished(epoch + 1, sides)
    return sides


def _side(name: str, model: torch.nn.Module, within: Callable[[], AbstractContextManager[object]]) -> Trained:
    return Trained(name, model, within, torch.optim.Adam(model.parameters(), lr=2e-3))


def _steps(side: Trained, data: Digits, order: torch.Tensor) -> Iterator[None]:
    images, labels = data.train
    side.model.train()
    for chosen in torch.split(order, BATCH):
        loss = F.cross_entropy(side.model(images[chosen]), labels[chosen])
        side.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        side.optimizer.step()
        yield


def _warm_up(side: Trained, data: Digits) -> None:
    """Forward and backward of a full batch, the last batch and a test batch, without a step."""
    images, labels = data.train
    sizes = {BATCH, len(images) % BATCH or BATCH}
    with side.within():
        for size in sizes:
            F.cross_entropy(side.model(images[:size]), labels[:size]).backward()  # type: ignore[no-untyped-call]
        side.optimizer.zero_grad()
        _accuracy(side.model, *data.test)


def _accuracy(model: torch.nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    model.eval()
    with torch.no_grad():
        answers = torch.cat([model(part).argmax(1) for part in torch.split(images, 500)])
    return float((answers == labels).double().mean())
