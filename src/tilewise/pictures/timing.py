"""How long each leaf module of a model takes, measured with clocks at its hooks."""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

import torch
from torch import nn


def layer_seconds(model: nn.Module, *inputs: Any, runs: int = 3) -> dict[str, list[float]]:
    """For each leaf module by name, the seconds of each of its calls in one forward pass: the least of `runs` passes.

    The model runs in evaluation mode without gradients, after the run that the picture was made from.
    """
    least: dict[tuple[str, int], float] = {}
    names = {m: n for n, m in model.named_modules() if not any(True for _ in m.children())}
    started: list[float] = []
    count: dict[str, int] = defaultdict(int)

    def enter(module: nn.Module, given: Any) -> None:
        started.append(time.perf_counter())

    def leave(module: nn.Module, given: Any, result: Any) -> None:
        seconds, key = time.perf_counter() - started.pop(), (names[module], count[names[module]])
        count[names[module]] += 1
        least[key] = min(seconds, least.get(key, seconds))

    hooks = [h for m in names for h in (m.register_forward_pre_hook(enter), m.register_forward_hook(leave))]
    was_training = [m for m in model.modules() if m.training]
    model.eval()
    try:
        for _ in range(runs):
            count.clear()
            with torch.no_grad():
                model(*inputs)
    finally:
        for hook in hooks:
            hook.remove()
        for module in was_training:
            module.training = True
    found: dict[str, list[float]] = defaultdict(list)
    for (name, _), seconds in sorted(least.items(), key=lambda item: item[0][1]):
        found[name].append(seconds)
    return dict(found)
