"""What a check found, as plain data: findings, their places, their fixes. No torch, no terminal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Place:
    """A line of somebody's source: `file` as Python knows it, `line` counted from 1, `layer` where one is meant."""

    file: str
    line: int
    layer: str = ""


@dataclass(frozen=True)
class Note:
    """One line of source in a diagnosis, what is said beside it, and what is underlined (columns from 0)."""

    file: str
    line: int
    text: str
    says: str = ""
    column: int = -1
    width: int = 0
    label: str = ""


@dataclass(frozen=True)
class Edit:
    """Replace line `line` of `file`, now `old`, with `new`: either may be several lines, or none ('')."""

    file: str
    line: int
    old: str
    new: str


@dataclass(frozen=True)
class Fix:
    """A change that was tried: with it (and the first fix of every other error) the whole model runs.

    `edits` is empty where the source needs no change and the input does; `input` then says what to give.
    """

    description: str
    edits: tuple[Edit, ...] = ()
    input: str = ""


@dataclass(eq=False)
class Finding:
    """One fault. `file` and `line` are where the wrong thing was written; both empty where source is not at hand."""

    code: str
    message: str
    layer: str = ""
    severity: str = "error"
    file: str = ""
    line: int = 0
    used_at: Place | None = None
    made_by: Place | None = None
    fixes: tuple[Fix, ...] = ()
    follows_from: Finding | None = None
    also: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    advice: str = ""
    evidence: Any = field(default=None, repr=False)

    def as_dict(self, earlier: list[Finding] | None = None) -> dict[str, Any]:
        """The finding as JSON can hold it; `follows_from` is the earlier finding's position among the errors."""
        root = self.follows_from
        return {
            "code": self.code,
            "message": self.message,
            "layer": self.layer,
            "file": self.file,
            "line": self.line,
            "used_at": vars(self.used_at) if self.used_at else None,
            "made_by": vars(self.made_by) if self.made_by else None,
            "fixes": [
                {"description": f.description, "input": f.input, "edits": [vars(e) for e in f.edits]}
                for f in self.fixes
            ],
            "follows_from": earlier.index(root) if root is not None and earlier and root in earlier else None,
            "also": list(self.also),
            "advice": self.advice,
        }


@dataclass(frozen=True)
class LayerRow:
    """One line of the table. `receptive_field` and `effective_stride` have one number an image axis."""

    path: str
    type: str
    settings: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    activation_bytes: int
    receptive_field: tuple[float, ...] = ()
    effective_stride: tuple[float, ...] = ()
    calls: int = 1

    def as_dict(self) -> dict[str, Any]:
        """The row as JSON can hold it."""
        return {**vars(self)}
