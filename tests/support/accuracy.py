"""How right is right: exact where the numbers allow it, else a few units in the last place of the largest value."""

from __future__ import annotations

import torch

# In units of eps(dtype) * max|reference|. PyTorch's own error reaches 2.6 forward and 4.8 in gradients (float32).
UNITS = {torch.float32: 8.0, torch.float64: 8.0, torch.bfloat16: 1.0, torch.float16: 1.0}


def error_units(actual: torch.Tensor, reference: torch.Tensor) -> float:
    """The largest error, in units of eps(actual.dtype) * max|reference|; `reference` is float64."""
    if not actual.numel():
        return 0.0
    scale = reference.abs().max().item() * torch.finfo(actual.dtype).eps
    worst = (actual.detach().to(torch.float64) - reference.detach()).abs().max().item()
    if worst == 0:
        return 0.0
    return worst / scale if scale else float("inf")


def assert_accurate(actual: torch.Tensor, reference: torch.Tensor, what: str = "result") -> None:
    """`actual` has the reference's shape and lies within UNITS of it."""
    assert actual.shape == reference.shape, f"{what}: shape {tuple(actual.shape)}, expected {tuple(reference.shape)}"
    units = error_units(actual, reference)
    limit = UNITS[actual.dtype]
    assert units <= limit, f"{what}: error of {units:.3g} eps x max|reference|, at most {limit:g} is right"


def assert_right(actual: torch.Tensor, reference: torch.Tensor, algorithm: str | None, what: str = "result") -> None:
    """Sums of integers are exact; by F(4, 3), whose factors are not all binary fractions, near enough to tell which.

    A result of 16 bits may then be rounded to the other side where the sum lies between two.
    """
    if not (algorithm or "").startswith("winograd4"):
        assert_exact(actual, reference, what)
        return
    assert actual.shape == reference.shape, f"{what}: shape {tuple(actual.shape)}, expected {tuple(reference.shape)}"
    off = (actual.to(torch.float64) - reference).abs()
    wrong = (~(off <= 1 / 64 + torch.finfo(actual.dtype).eps / 2 * reference.abs())).nonzero()
    _none(wrong, actual, reference, what)


def assert_exact(actual: torch.Tensor, reference: torch.Tensor, what: str = "result") -> None:
    """`actual` is the float64 reference rounded to its dtype, bit for bit (up to the sign of zero)."""
    assert actual.shape == reference.shape, f"{what}: shape {tuple(actual.shape)}, expected {tuple(reference.shape)}"
    rounded = reference.to(actual.dtype)
    _none((actual != rounded).nonzero(), actual, rounded, what)


def _none(wrong: torch.Tensor, actual: torch.Tensor, rounded: torch.Tensor, what: str) -> None:
    if len(wrong):
        first = tuple(wrong[0].tolist())
        raise AssertionError(
            f"{what}: {len(wrong)} of {actual.numel()} elements are wrong; "
            f"at {first} {actual[first].item()} instead of {rounded[first].item()}"
        )
