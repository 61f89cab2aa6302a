"""The precision of float32 convolutions, for the whole process; and the conditions under which times hold."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any

import torch

from tilewise.errors import ArgumentError

LEVELS = ("highest", "high", "medium")
_level = "highest"
_watching: list[Callable[[], object]] = []
_fp32_precision: Any = getattr(torch._C, "_get_fp32_precision_getter", None)


def precision_level() -> str:
    """The level in force."""
    return _level


def watch_precision(told: Callable[[], object]) -> None:
    """Call a function whenever the level has changed."""
    _watching.append(told)


def _set(level: str) -> None:
    global _level
    _level = level
    for told in _watching:
        told()


def conditions() -> str:
    """What the times of a problem depend on besides itself and the target: part of a measured choice's key."""
    onednn = "with" if torch._C._get_mkldnn_enabled() else "without"
    if shortened := pytorch_shortens():
        onednn += f" {shortened}"
    threads = torch.get_num_threads()
    return f"torch {torch.__version__} {onednn} oneDNN, {threads} thread{'s' if threads != 1 else ''}"


def pytorch_shortens() -> str:
    """What PyTorch's own kernels may shorten float32 to where a program allows it ("bf16", "tf32"), or ''."""
    told = _fp32_precision("mkldnn", "conv") if _fp32_precision else ""
    return told if told in ("bf16", "tf32") else ""


class precision:
    """Set how exactly float32 convolutions are computed.

    `tilewise.precision("high")` sets the level; `with tilewise.precision("high"):` sets it for a block. It holds
    for the whole process, because PyTorch computes gradients on threads of its own.

    - "highest" (the default): as exact as PyTorch's float32; on AMX tiles three bfloat16 parts, six products.
    - "high": relative error about 3e-6; on AMX tiles two parts, three products; elsewhere float32 with larger Winograd
      tiles, about 6e-7.
    - "medium": on AMX tiles one part, bfloat16 products summed in float32; elsewhere as "high".

    Raises ValueError for any other level. The names are those of torch.set_float32_matmul_precision.
    """

    def __init__(self, level: str):
        if level not in LEVELS:
            raise ArgumentError(f"precision {level!r} does not exist; accepted are {', '.join(map(repr, LEVELS))}")
        self._level = level
        self._replaced: str | None = _level
        self._before: list[str] = []
        _set(level)

    def __enter__(self) -> precision:
        # The first block puts back what making the object replaced, later ones what is in force when they begin.
        replaced, self._replaced = self._replaced, None
        self._before.append(replaced if replaced and _level == self._level else _level)
        _set(self._level)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _set(self._before.pop())
