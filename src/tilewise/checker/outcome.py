"""What a check found, as data: findings, layers, sizes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tilewise.checker.findings import Edit, Finding, LayerRow
from tilewise.checker.inputs import Input


@dataclass(repr=False)
class Outcome:
    """What a check of one model found.

    `errors` and `warnings` are findings; `layers` are the rows of the table; `sizes` are sentences about the sizes
    that the model can take. `notes` say where the check had to guess, for instance at a data-dependent branch.
    """

    name: str
    inputs: tuple[Input, ...]
    errors: list[Finding]
    warnings: list[Finding]
    layers: tuple[LayerRow, ...]
    sizes: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    edits: tuple[Edit, ...] = ()
    """The first fix of every error, together: with them the whole model was run. What `--fix` prints and writes."""
    total_parameters: int = 0

    @property
    def ok(self) -> bool:
        """Whether the model runs: warnings do not count."""
        return not self.errors

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of one forward pass."""
        return sum(row.multiply_adds for row in self.layers)

    @property
    def parameters(self) -> int:
        """Trainable and other parameters, each counted once."""
        return self.total_parameters

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "ok": self.ok,
            "errors": [f.as_dict(self.errors) for f in self.errors],
            "warnings": [f.as_dict(self.warnings) for f in self.warnings],
            "layers": [row.as_dict() for row in self.layers],
            "sizes": list(self.sizes),
            "notes": list(self.notes),
        }
