"""Functions that `torch.compile` leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

F = TypeVar("F", bound=Callable[..., object])


def uncompiled(function: F) -> F:
    """Keep the compiler out of a function and all that it calls, without importing the compiler.

    What answers calls runs below PyTorch's operators. Where the compiler has given up on the code above them, it
    would take the answering for the next piece of a model.
    """
    frames = getattr(getattr(torch._C, "_dynamo", None), "eval_frame", None)
    if frames is not None and hasattr(frames, "set_code_exec_strategy"):
        skip = frames._FrameAction.SKIP
        frames.set_code_exec_strategy(function.__code__, frames._FrameExecStrategy(skip, skip))
    return function
