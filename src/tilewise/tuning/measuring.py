"""How long each algorithm takes for one recorded problem, and which of them is to run it from now on."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch

from tilewise import algorithms, target, torch_ops
from tilewise.algorithms import NATIVE
from tilewise.problem import Pass
from tilewise.timing import LEAST_ROUNDS, Side, alternate
from tilewise.torch_ops.settings import pytorch_shortens
from tilewise.tuning.recording import Recorded

# What is measured never repeats itself to the last per cent: a choice changes only for more than that.
MARGIN = 1.03
# What takes so many times as long as the fastest in a first part of the time is not timed further.
_HOPELESS = 1.6
_SCREENING, _SCREENING_ROUNDS = 0.25, 2
# A median so many times the minimum is other programs' doing.
_BUSY, _ATTEMPTS = 1.5, 4
_PYTORCH = "pytorch"


@dataclass(frozen=True)
class Times:
    """What was measured of one problem, in seconds a call, each the minimum of many.

    `algorithms` has every algorithm that applies and `native`, PyTorch's own kernel as Tilewise would call it, unless
    it may shorten what the level of precision says is float32; `pytorch` is a call without Tilewise. `unsteady` says
    that the machine was busy with something else.
    """

    algorithms: Mapping[str, float]
    pytorch: float
    unsteady: bool


def measure(recorded: Recorded, seconds: float, progress: Callable[[float], None] | None = None) -> Times | None:
    """All algorithms that apply by turns, for so many seconds; None where there is only PyTorch's own kernel.

    The tensors are random, the same for all, and lie in memory as those of the model did.
    """
    names = algorithms.candidates(recorded.problem, target.host())
    if not names:
        return None
    if recorded.problem.dtype != "float32" or not pytorch_shortens():
        names = (*names, NATIVE)
    run = _program(recorded)
    sides = [Side(name, run, functools.partial(algorithms.only, name)) for name in names]
    sides.append(Side(_PYTORCH, run, torch_ops.disabled))
    with torch.inference_mode(False), torch.no_grad(), torch_ops.enabled():
        least: dict[str, float] = {}
        _time(sides, _SCREENING * seconds, _SCREENING_ROUNDS, least)
        hopeful = _hopeful(sides, least)
        steady = _time(hopeful, (1 - _SCREENING) * seconds, LEAST_ROUNDS, least, progress)
        # What seemed slow may have been disturbed at the time.
        if slow := [side for side in sides if side not in hopeful]:
            _time(slow, _SCREENING * seconds, _SCREENING_ROUNDS, least)
            again = _hopeful(sides, least)
            if any(side in slow for side in again):
                steady = _time(again, (1 - _SCREENING) * seconds, LEAST_ROUNDS, least)
    return Times({name: least[name] for name in names}, least[_PYTORCH], not steady)


def _hopeful(sides: Sequence[Side], least: Mapping[str, float]) -> list[Side]:
    """What is near the fastest, and PyTorch by itself, whose time is told."""
    fastest = min(time for name, time in least.items() if name not in (NATIVE, _PYTORCH))
    return [side for side in sides if side.name == _PYTORCH or least[side.name] < _HOPELESS * fastest]


def _time(
    sides: Sequence[Side],
    seconds: float,
    rounds: int,
    least: dict[str, float],
    progress: Callable[[float], None] | None = None,
) -> bool:
    """Time some sides by turns, and note the least of each; whether times were steady in the end.

    While another program has a core, every call of a kernel with several threads waits for it, and none of a whole
    measurement may have been undisturbed: what varies much is measured again.
    """
    for attempt in range(_ATTEMPTS):
        timings = alternate(sides, seconds, None if attempt else progress, rounds)
        for timing in timings:
            least[timing.name] = min(timing.best, least.get(timing.name, timing.best))
        if not any(timing.median > _BUSY * least[timing.name] for timing in timings):
            return True
    return False


def decide(times: Mapping[str, float], before: str) -> str:
    """The fastest algorithm; what ran before stays unless it is beaten by a margin, and so do Tilewise's own kernels
    beside PyTorch's.

    >>> decide({"fma": 1.0, "winograd": 0.9, "native": 0.95}, "fma")
    'winograd'
    >>> decide({"fma": 1.0, "winograd": 0.98, "native": 0.99}, "fma")
    'fma'
    >>> decide({"fma": 1.0, "native": 0.9}, "fma"), decide({"fma": 0.98, "native": 1.0}, "native")
    ('native', 'native')
    """
    own = {name: time for name, time in times.items() if name != NATIVE}
    best = min(own, key=own.__getitem__)
    if before in own and own[before] <= MARGIN * own[best]:
        best = before
    if NATIVE not in times:
        return best
    if before == NATIVE:
        return best if MARGIN * own[best] < times[NATIVE] else NATIVE
    return NATIVE if MARGIN * times[NATIVE] < own[best] else best


def _program(recorded: Recorded) -> Callable[[], object]:
    """What is timed: the call of the model, for one result alone."""
    generator = torch.Generator().manual_seed(0)
    call, dtype = recorded.call, recorded.dtype
    x, w = recorded.input.noise(dtype, generator), recorded.weight.noise(dtype, generator)
    rest = (call.stride, call.padding, call.dilation, call.transposed, call.output_padding, call.groups)
    channels = w.shape[1] * call.groups if call.transposed else w.shape[0]
    if recorded.grad_output is None:
        b = torch.empty(channels, dtype=dtype).normal_(generator=generator) if recorded.bias else None
        return functools.partial(torch.ops.aten.convolution.default, x, w, b, *rest)
    slope = recorded.grad_output.noise(dtype, generator)
    mask = [recorded.problem.kind is kind for kind in (Pass.INPUT_GRADIENT, Pass.WEIGHT_GRADIENT)]
    biases = [channels] if recorded.bias else None
    return functools.partial(
        torch.ops.aten.convolution_backward.default, slope, x, w, biases, *rest, [*mask, False]
    )  # fmt: skip
