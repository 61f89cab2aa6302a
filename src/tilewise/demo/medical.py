"""A CT slice through MedicalImageModel: times of both sides, and the error of both against float64."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch.nn import functional as F

import tilewise
from tilewise.demo.models import MedicalImageModel
from tilewise.timing import Side, Timing, alternate


@dataclass(frozen=True)
class Compared:
    """One measurement, PyTorch's and Tilewise's.

    Errors are the largest difference from the same computation in float64, relative to its largest value.
    """

    name: str
    pytorch: Timing
    tilewise: Timing
    pytorch_error: float
    tilewise_error: float


def compare(image: torch.Tensor, seconds: float, progress: Callable[[float], None] | None = None) -> list[Compared]:
    """The forward pass, and the gradients of all weights, on `image` (N, 1, H, W)."""
    torch.manual_seed(0)
    model = MedicalImageModel()
    exact = copy.deepcopy(model).double()
    programs: list[tuple[str, Callable[[torch.nn.Module, torch.Tensor], torch.Tensor]]] = [
        ("forward", _forward),
        ("forward and backward", _gradients),
    ]
    rows = []
    for i, (name, program) in enumerate(programs):

        def run(program: Callable[..., torch.Tensor] = program) -> torch.Tensor:
            return program(model, image)

        def part(done: float, i: int = i) -> None:
            if progress is not None:
                progress((i + done) / len(programs))

        with tilewise.disabled():
            truth = program(exact, image.double())
            theirs = run()
        with tilewise.enabled():
            ours = run()
        theirs_timed, ours_timed = alternate(
            [Side("PyTorch", run, tilewise.disabled), Side("Tilewise", run, tilewise.enabled)],
            seconds / len(programs),
            part,
        )
        rows.append(Compared(name, theirs_timed, ours_timed, _error(theirs, truth), _error(ours, truth)))
    return rows


def _forward(model: torch.nn.Module, image: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        result: torch.Tensor = model(image)
    return result


def _gradients(model: torch.nn.Module, image: torch.Tensor) -> torch.Tensor:
    """Of the error of predicting the slice from its features; all in one vector."""
    loss = F.mse_loss(model(image).mean(1, keepdim=True), image[..., 3:, 3:])
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(model.parameters()))])


def _error(result: torch.Tensor, truth: torch.Tensor) -> float:
    return float((result.double() - truth).abs().max() / truth.abs().max())
