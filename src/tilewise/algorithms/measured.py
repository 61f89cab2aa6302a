"""Choices that were measured: which algorithm is the fastest for exactly one problem on this machine.

They are kept in one file of the cache's directory, which is read when the first plan of a process is prepared, and
only if it exists. A file that is damaged, or that somebody else could have written, holds no choices; nothing here
raises on its account. It names algorithms and holds no code: whether one exists and applies is the registry's to say.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import os
import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tilewise import __version__
from tilewise.jit import cache_directory, disk_cache
from tilewise.problem import ConvProblem, TensorSpec
from tilewise.target import Target, cpu_model

FILE = "choices.json"
SWITCH = "TILEWISE_TUNED"
# The oldest go first. A choice takes some 700 bytes.
KEPT = 4096
_FORMAT = "tilewise-choices-1"
_LONGEST = 1e6  # seconds of a call


@dataclass(frozen=True)
class Measured:
    """The fastest algorithm (or `native`) and the times of all that were tried, in seconds a call."""

    algorithm: str
    seconds: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class State:
    """What `tilewise cache info` tells: how many choices the directory holds, and why they are not used."""

    choices: int
    reason: str


_lock = threading.RLock()
_choices: dict[str, Measured] = {}
_directory: Path | None = None  # where they were read
_generation = 0
_watching: list[Callable[[], object]] = []


def _forked() -> None:
    global _lock
    _lock = threading.RLock()  # whoever held it is not in the child


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def find(problem: ConvProblem, target: Target, conditions: str) -> Measured | None:
    """What was measured for a problem, unless TILEWISE_TUNED=0."""
    _read_once()
    if not _choices or not in_use():
        return None
    return _choices.get(key(problem, target, conditions))


def in_use() -> bool:
    """Whether the environment lets measured choices decide."""
    return os.environ.get(SWITCH, "").strip() != "0"


def known() -> bool:
    """Whether there is any measured choice: only then do plans depend on the number of threads."""
    return bool(_choices)


def state() -> Hashable:
    """Changes with every change of what is known and used: part of any key under which a choice is kept."""
    if _directory is None:
        _read_once()
    # Asking the environment takes most of a microsecond.
    return _generation, os.environ.get(SWITCH) if _choices else None


def watch(told: Callable[[], object]) -> None:
    """Call a function whenever what is known has changed."""
    _watching.append(told)


def remember(found: Mapping[str, Measured]) -> str:
    """Use these choices, by `key`, from now on, and keep them on disk; the reason why they could not be kept, or ''."""
    _read_once()
    with _lock:
        cache = disk_cache()
        with cache.held():
            held, _ = _on_disk()
            # What is measured again counts as new.
            held = {name: entry for name, entry in held.items() if name not in found} | dict(found)
            held = dict(list(held.items())[-KEPT:])
            reason = cache.write_file(FILE, _written(held))
        _replace({**_choices, **held})
    _tell()
    return reason


def clear() -> int:
    """Forget all choices, in this process and on disk; returns how many there were."""
    with _lock:
        cache = disk_cache()
        number = len(_on_disk()[0].keys() | _choices.keys())
        cache.remove_file(FILE)
        _replace({})
    _tell()
    return number


def file_state() -> State:
    """What the directory holds now."""
    held, reason = _on_disk()
    return State(len(held), reason or ("" if in_use() else f"{SWITCH}={os.environ[SWITCH]}"))


def key(problem: ConvProblem, target: Target, conditions: str) -> str:
    """Everything that a time depends on, in words: this Tilewise, this CPU, the conditions, the whole problem."""
    parts = " ".join(f"{field.name} {_words(getattr(problem, field.name))}" for field in _fields())
    return f"tilewise {__version__}; {cpu_model()}, {target.level}; {conditions}; {parts}"


@functools.cache
def _fields() -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(ConvProblem)


def _words(value: Any) -> str:
    if isinstance(value, TensorSpec):
        return f"{_words(value.shape)} by {_words(value.strides)}"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value.value if isinstance(value, enum.Enum) else value)


def _read_once() -> None:
    """Read the file of the cache's directory, if that was not done before."""
    global _directory
    directory = cache_directory()
    if directory == _directory:
        return
    with _lock:
        held, _ = _on_disk()
        moved, _directory = directory != _directory, directory
        changes = moved and (held or _choices)
        if changes:
            _replace(held)
    if changes:
        _tell()


def _replace(choices: dict[str, Measured]) -> None:
    """Put others in place of what is known; the caller holds the lock, and says so when it has given it up."""
    global _choices, _generation
    _choices = choices
    _generation += 1


def _tell() -> None:
    for told in _watching:
        told()


def _on_disk() -> tuple[dict[str, Measured], str]:
    """What the directory in force holds, and why that is not used."""
    # Asking for the cache would make its directory.
    if not os.path.isfile(cache_directory() / FILE):
        return {}, ""
    cache = disk_cache()
    data = cache.read_file(FILE)
    if data is None:
        return {}, cache.reason or f"{FILE} cannot be read, or belongs to another user"
    held = _read(data)
    return (held, "") if held is not None else ({}, f"{FILE} is damaged; the next tuning writes it anew")


def _written(choices: Mapping[str, Measured]) -> bytes:
    entries = {name: {"algorithm": entry.algorithm, "seconds": dict(entry.seconds)} for name, entry in choices.items()}
    return json.dumps({"format": _FORMAT, "choices": entries}, indent=1).encode()


def _read(data: bytes) -> dict[str, Measured] | None:
    """The choices in a file; None where it is not one, without those that make no sense."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return None
    entries = told.get("choices") if isinstance(told, dict) and told.get("format") == _FORMAT else None
    if not isinstance(entries, dict):
        return None
    return {name: entry for name, made in entries.items() if (entry := _entry(made)) is not None}


def _entry(made: Any) -> Measured | None:
    if not isinstance(made, dict):
        return None
    algorithm, seconds = made.get("algorithm"), made.get("seconds")
    if not isinstance(algorithm, str) or not isinstance(seconds, dict):
        return None
    if not all(isinstance(time, float) and 0 < time < _LONGEST for time in seconds.values()):
        return None
    return Measured(algorithm, tuple(seconds.items()))
