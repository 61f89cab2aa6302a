"""Which image sizes a sound model can take, found by running it on others: "H and W: at least 32, multiples of 16"."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from tilewise.checker.inputs import Input
from tilewise.checker.run import Outcome, runs_with

_STEPS = (1, 2, 4, 8, 16, 32, 64, 3, 5, 6, 7, 10, 12, 14, 28)
_NAMES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
_FAR = 7


class _OutOfTime(Exception):
    pass


def legal_sizes(outcome: Outcome, device: str = "", budget: float = 3.0) -> tuple[str, ...]:
    """Sentences about the image axes of the first input; inputs of the same image size change along with it.

    Sizes in between are taken to behave as those tried. Nothing is said of what the budget (seconds) left untried.
    """
    if not outcome.inputs or len(outcome.inputs[0].shape) not in (3, 4, 5):
        return ()
    if not outcome.inputs[0].dtype.is_floating_point or not _takes_images(outcome):
        return ()
    found: list[str] = []
    with contextlib.suppress(_OutOfTime):
        for sentence in _sentences(outcome, device, time.monotonic() + budget):
            found.append(sentence)  # noqa: PERF402 - what was found stays when time runs out
    return tuple(found)


def _takes_images(outcome: Outcome) -> bool:
    """Whether windows run over an input of this rank: the last axis of (batch, tokens, features) is no image axis."""
    rank = len(outcome.inputs[0].shape)
    kinds = ("convolution", "pooling", "adaptive pooling", "resize", "shuffle", "flatten")
    return any(s.kind in kinds and len(s.input_shape) == rank for s in outcome.trace.sites)


def _sentences(outcome: Outcome, device: str, end: float) -> Iterator[str]:
    image = outcome.inputs[0].shape[2:]
    names = _NAMES[len(image)]
    tried: dict[tuple[int, ...], bool] = {}

    def fits(sizes: tuple[int, ...]) -> bool:
        if sizes not in tried:
            if time.monotonic() > end:
                raise _OutOfTime
            tried[sizes] = runs_with(outcome, _resized(outcome.inputs, image, sizes), device)
        return tried[sizes]

    if len(set(image)) == 1:
        yield f"{_listed(names)}: {_axis(image[0], lambda s: fits((s,) * len(image)))}"
        if len(image) > 1:
            larger = next((s for s in _STEPS if fits((image[0] + s,) * len(image))), None)
            if larger is not None and not fits((image[0] + larger, *image[1:])):
                yield f"{_listed(names)} must be equal"
        return
    for axis, name in enumerate(names):
        before, after = image[:axis], image[axis + 1 :]

        def alone(size: int, before: tuple[int, ...] = before, after: tuple[int, ...] = after) -> bool:
            return fits((*before, size, *after))

        yield f"{name}: {_axis(image[axis], alone)}"


def _resized(inputs: tuple[Input, ...], image: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[Input, ...]:
    return tuple(
        Input((*i.shape[:2], *sizes), i.dtype, i.device, i.name) if i.shape[2:] == image else i for i in inputs
    )


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _axis(size: int, fits: Callable[[int], bool]) -> str:
    """What one axis (or all of them together) can be, for a model that takes `size`."""
    step = next((s for s in _STEPS if fits(size + s)), 0)
    if step == 0 or not (fits(size + 2 * step) and fits(size + _FAR * step)):
        return _range(size, fits)
    least = _least(size, step, fits)
    if step == 1:
        return f"at least {least}"
    rest = size % step
    return f"at least {least}, " + (f"multiples of {step}" if rest == 0 else f"multiples of {step} plus {rest}")


def _least(size: int, step: int, fits: Callable[[int], bool]) -> int:
    """The smallest size of the same residue, by bisection: larger ones are taken to fit."""
    low, high = size % step or step, size
    if fits(low):
        return low
    while high - low > step:
        middle = low + (high - low) // (2 * step) * step
        if fits(middle):
            high = middle
        else:
            low = middle
    return high


def _range(size: int, fits: Callable[[int], bool]) -> str:
    """A short run of sizes around the given one."""
    low = high = size
    while low > 1 and size - low < 64 and fits(low - 1):
        low -= 1
    while high - size < 64 and fits(high + 1):
        high += 1
    if low == high:
        return f"exactly {size}"
    return f"{low} or {high}" if high == low + 1 else f"{low} to {high}"
