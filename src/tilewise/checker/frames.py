"""Which lines of a person's own source are running: the call stack without PyTorch, Python and Tilewise.

Frames are kept as small facts (file, line, code position, numbers in scope), never as live frames.
"""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

import torch

_TORCH = os.path.dirname(os.path.abspath(torch.__file__)) + os.sep
_TILEWISE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_STDLIB = sysconfig.get_paths()["stdlib"] + os.sep
_SITES = tuple(
    {p + os.sep for p in (*site.getsitepackages(), site.getusersitepackages(), sysconfig.get_paths()["purelib"])}
)

STOP: set[CodeType] = set()
"""Code objects at which a walk up the stack ends: below them lies the checker itself."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One line that was running. `library` is true for installed packages: shown, but never edited."""

    file: str
    line: int
    function: str
    code: CodeType
    last: int
    library: bool
    values: Mapping[str, Any] = field(default_factory=dict)
    globals: Mapping[str, Any] = field(default_factory=dict)

    @property
    def span(self) -> tuple[int, int, int, int] | None:
        """(line, end line, column, end column) of the running expression, in UTF-8 bytes; Python 3.11 and later."""
        positions = getattr(self.code, "co_positions", None)
        if positions is None:
            return None
        for index, row in enumerate(positions()):
            if index == self.last // 2:
                return None if None in row else row
        return None


@lru_cache(maxsize=4096)
def kind_of(file: str) -> str:
    """'own', 'library' (an installed package) or 'tool' (PyTorch, Python, Tilewise)."""
    if file.startswith("<"):
        return "tool" if file.startswith(("<frozen", "<attrs", "<__array")) else "own"
    path = os.path.abspath(file)
    if path.startswith((_TORCH, _TILEWISE)):
        return "tool"
    if path.startswith(_SITES) or f"{os.sep}site-packages{os.sep}" in path or f"{os.sep}dist-packages{os.sep}" in path:
        return "library"
    return "tool" if path.startswith(_STDLIB) else "own"


def _small(value: object) -> bool:
    if isinstance(value, (int, str, float, type(None))):
        return True
    return (
        isinstance(value, (list, tuple))
        and len(value) <= 64
        and all(isinstance(v, (int, str, list, tuple)) for v in value)
    )


def capture(*, built: object = None) -> tuple[Frame, ...]:
    """The frames from here outwards, innermost first.

    `built` is a module under construction: its own `__init__` chain is left out, and the numbers in scope
    of the frames that build it are kept.
    """
    found: list[Frame] = []
    frame: FrameType | None = sys._getframe(1)
    inside = built is not None
    while frame is not None and frame.f_code not in STOP:
        code = frame.f_code
        if (
            inside
            and code.co_name == "__init__"
            and code.co_argcount
            and frame.f_locals.get(code.co_varnames[0]) is built
        ):
            found.clear()
        else:
            kind = kind_of(code.co_filename)
            if kind != "tool":
                values = {k: v for k, v in frame.f_locals.items() if _small(v)} if built is not None else {}
                found.append(
                    Frame(
                        code.co_filename,
                        frame.f_lineno,
                        code.co_name,
                        code,
                        frame.f_lasti,
                        kind == "library",
                        values,
                        frame.f_globals,
                    )
                )
        frame = frame.f_back
    return tuple(found)


def nearest(stack: tuple[Frame, ...]) -> Frame | None:
    """The innermost line of the person's own source, or of a library where there is none."""
    return next((f for f in stack if not f.library), stack[0] if stack else None)
