"""`tune`: record, measure, decide, remember, report."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from tilewise import algorithms, target, torch_ops
from tilewise.algorithms import measured
from tilewise.algorithms.measured import Measured
from tilewise.errors import ArgumentError
from tilewise.explanation.build import machine
from tilewise.torch_ops import dispatch, precision_level
from tilewise.torch_ops.settings import conditions
from tilewise.tuning.measuring import decide, measure
from tilewise.tuning.recording import Recorded, name_of, record
from tilewise.tuning.report import Tuning
from tilewise.tuning.times import TunedProblem

Progress = Callable[[float, int, str], object]

_one_at_a_time = threading.RLock()  # two measurements would measure each other


def _forked() -> None:
    global _one_at_a_time
    _one_at_a_time = threading.RLock()  # whoever held it is not in the child


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def tune(
    model: Callable[..., Any],
    inputs: torch.Tensor | Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    *,
    backward: bool = False,
    precision: str | None = None,
    seconds: float = 0.3,
    progress: Progress | None = None,
) -> Tuning:
    """Measure which algorithm is the fastest for each convolution of a model, and use it from now on.

    Runs the model once on copies of everything it has, and keeps the convolutions that it runs. For each distinct
    one (pass, sizes, strides, dtype, precision level, bias) every algorithm that applies is then timed beside
    PyTorch's own kernel, by turns, on random tensors. The fastest is remembered in the cache's directory, for this
    CPU, number of threads and version of PyTorch: this process and later ones use it without measuring again. A
    choice changes only where something else is more than 3 % faster. Other sizes are not touched.

    Args:
        model: a torch.nn.Module, or anything that is called with the inputs. A module's parameters, buffers and
            gradients stay as they are; what a plain function changes is its own.
        inputs: a tensor, or a tuple of the positional arguments, of the sizes (and in the memory format) that are to
            be fast.
        kwargs: named arguments.
        backward: measure the gradients too, of all parameters and inputs that require them.
        precision: "highest", "high" or "medium"; the level in force by default.
        seconds: time for each distinct problem; slow ones take longer.
        progress: called with how many problems are done (1.5 is one and a half), how many there are, and which is
            being measured.

    Returns a Tuning, which prints itself (also in notebooks) and has everything as fields.

        tilewise.enable()
        print(tilewise.tune(model, torch.randn(1, 3, 224, 224)))

    Raises what the model raises; TypeError where the model cannot be called or the inputs are not tensors;
    ArgumentError (a ValueError) where no convolution was reached that Tilewise has kernels for, `backward` finds
    nothing to differentiate, or a layer is lazy still.

    Other threads of the process may go on; while this runs, their convolutions run on whatever is being timed.
    """
    args = _checked(model, inputs, kwargs, seconds)
    with _one_at_a_time, _level(precision):
        begin = time.perf_counter()
        recorded = record(model, args, kwargs or {}, backward)
        made: list[TunedProblem] = []
        found: dict[str, Measured] = {}
        for number, one in enumerate(recorded):
            tuned = _tuned(one, seconds, _part(progress, number, len(recorded), one))
            made.append(tuned)
            if tuned.seconds:
                key = measured.key(one.problem, target.host(), conditions())
                found[key] = Measured(tuned.algorithm, tuned.seconds)
        reason = measured.remember(found) if found else ""
        dispatch.forget()  # what was prepared to be measured
        return Tuning(
            model=name_of(model),
            precision=precision_level(),
            problems=tuple(made),
            machine=machine(),
            conditions=conditions(),
            elapsed=time.perf_counter() - begin,
            not_kept=reason,
            switched_off=not measured.in_use(),
        )


def _checked(model: Any, inputs: Any, kwargs: Any, seconds: float) -> tuple[Any, ...]:
    """The positional arguments; TypeError or ArgumentError where something cannot be used."""
    if not callable(model):
        raise TypeError(f"model: a {type(model).__name__} cannot be called; accepted are modules and functions")
    args = (inputs,) if isinstance(inputs, torch.Tensor) else inputs
    if not isinstance(args, (tuple, list)) or (args and all(isinstance(size, int) for size in args)):
        raise TypeError(
            f"inputs: {inputs!r} is neither a tensor nor a tuple of arguments; for a shape, give torch.randn(shape)"
        )
    if kwargs is not None and not isinstance(kwargs, Mapping):
        raise TypeError(f"kwargs: {kwargs!r} is not a dictionary of named arguments")
    if not isinstance(seconds, (int, float)) or not 0 < seconds < math.inf:
        raise ArgumentError(f"seconds={seconds!r}: accepted are positive numbers")
    return tuple(args)


def _level(precision: str | None) -> AbstractContextManager[object]:
    return nullcontext() if precision is None else torch_ops.precision(precision)


def _tuned(recorded: Recorded, seconds: float, progress: Callable[[float], None]) -> TunedProblem:
    """One problem measured and decided; nothing is remembered yet."""
    before = algorithms.choose(recorded.problem, target.host(), frozenset(), conditions()).algorithm
    progress(0.0)
    times = measure(recorded, seconds, progress)
    names = tuple(dict.fromkeys(name for name in recorded.layers if name))
    return TunedProblem(
        layers=names,
        calls=len(recorded.layers),
        name=recorded.problem.kind.value,
        text=recorded.text,
        input_shape=recorded.input.shape,
        layout=recorded.layout,
        dtype=recorded.problem.dtype,
        before=before,
        algorithm=before if times is None else decide(times.algorithms, before),
        seconds=() if times is None else tuple(sorted(times.algorithms.items(), key=lambda pair: pair[1])),
        pytorch=None if times is None else times.pytorch,
        unsteady=times is not None and times.unsteady,
    )


def _part(progress: Progress | None, number: int, total: int, recorded: Recorded) -> Callable[[float], None]:
    """What one problem's measuring tells of its own part, told of the whole."""
    what = f"{recorded.layers[0] or recorded.text}, {recorded.problem.kind.value}"

    def tell(part: float) -> None:
        if progress is not None:
            progress(number + part, total, what)

    return tell
