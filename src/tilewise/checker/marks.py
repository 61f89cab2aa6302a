"""What the checker remembers of each tensor: who made its channels, how far it sees, what it passed through.

Marks ride on the fake tensors themselves, so they live exactly as long.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import torch

from tilewise.checker.frames import Frame
from tilewise.geometry import ReceptiveField

_NAME = "_tilewise_mark"


@dataclass(frozen=True, eq=False)
class Built:
    """A module and the lines that constructed it, innermost first."""

    module: Any
    stack: tuple[Frame, ...]


@dataclass(frozen=True, eq=False)
class Site:
    """One operation of the run: which layer (or function) did it, where it was written and where it was used."""

    kind: str
    name: str
    path: str
    module: Any
    built: Built | None
    stack: tuple[Frame, ...]
    input_shape: tuple[int, ...] = ()
    output_shape: tuple[int, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    marks: tuple[Any, ...] = ()
    """What was known of the operands."""
    shapes: tuple[tuple[int, ...], ...] = ()
    direct: bool = True
    described: Any = None
    """The geometry module's description of the call."""


@dataclass(frozen=True, eq=False)
class Mark:
    """What is known of a tensor."""

    maker: Site | None = None
    """The operation that decided how many channels (axis 1) or, once flat, features it has; None for an input."""
    last: Site | None = None
    """The operation that made it."""
    source: int | None = None
    """Which input of the model it is, still with that input's channels; None for anything else."""
    fields: tuple[ReceptiveField, ...] | None = None
    """How far it sees along each image axis; None once the image axes are gone."""
    linear: Site | None = None
    """A convolution with nothing after it that would keep it from being one with the next."""
    softmax: Site | None = None
    """A softmax that nothing has followed."""
    pooled: tuple[ReceptiveField, ...] | None = None
    """Set by global pooling: the fields that were averaged."""
    moved: bool = False
    """Whether axes have been exchanged and not put back, as in a channels-last block."""
    unbatched: int | None = None
    """Which input of the model a convolution upstream took as a single image without a batch."""
    taint: Any = None
    """The finding after which this tensor's shape is an assumption."""


BLANK = Mark()


def mark_of(tensor: object) -> Mark:
    """The mark of a tensor; a blank one for a tensor the checker has not seen made."""
    found = getattr(tensor, _NAME, None)
    return found if isinstance(found, Mark) else BLANK


def put(tensor: torch.Tensor, mark: Mark) -> None:
    """Attach a mark."""
    setattr(tensor, _NAME, mark)


def inherit(tensors: list[torch.Tensor], **changes: Any) -> Mark:
    """The mark of a result that keeps the channels of its first operand, seeing what all operands see."""
    marks = [mark_of(t) for t in tensors] or [BLANK]
    known = next((m for m in marks if m.maker is not None), marks[0])
    fields = known.fields
    for mark in marks:
        if fields is not None and mark.fields is not None and len(mark.fields) == len(fields):
            fields = tuple(a.joined(b) for a, b in zip(fields, mark.fields, strict=True))
        elif fields is None:
            fields = mark.fields
    taint = next((m.taint for m in marks if m.taint is not None), None)
    return replace(known, **{"fields": fields, "taint": taint, **changes})
