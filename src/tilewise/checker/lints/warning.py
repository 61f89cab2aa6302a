"""A warning before it is a finding."""

from __future__ import annotations

from dataclasses import dataclass, field

from tilewise.checker.frames import Frame
from tilewise.checker.marks import Built, Site
from tilewise.checker.repairs.proposal import Proposal


@dataclass
class Lint:
    """What is said, about which operation or layer, and what would help."""

    code: str
    message: str
    layer: str
    built: Built | Frame | None
    site: Site | None = None
    made_by: Site | None = None
    label: str = ""
    used_says: str = ""
    made_says: str = ""
    advice: str = ""
    proposals: list[Proposal] = field(default_factory=list)
