"""What an explanation knows, as frozen data: a layer's sizes and costs, and what runs each of its passes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Machine:
    """What code is generated for.

    `level` is the instruction set used; `why_not_higher` is empty where there is no higher one.
    """

    cpu: str
    level: str
    why_not_higher: str
    threads: int


@dataclass(frozen=True)
class PassReport:
    """One pass: what runs it, and what it costs.

    `seconds` is what the algorithm's cost model expects, on two cores; None for PyTorch's own kernel ("native"),
    which has no model. `bytes_moved` counts each tensor once. `passed_over` are pairs (algorithm, reason).
    `measured` are pairs (algorithm, seconds a call) where `tilewise.tune` made the choice, with the threads of now;
    empty where the choice is by expectation.
    """

    name: str
    algorithm: str
    summary: str
    seconds: float | None
    multiply_adds: int
    bytes_moved: int
    workspace_bytes: int
    notes: tuple[str, ...]
    passed_over: tuple[tuple[str, str], ...]
    measured: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, repr=False)
class LayerFacts:
    """One convolution: what it computes, what it costs, what runs it and why.

    `formulas` has the output size of each spatial axis with its numbers. `multiply_adds`, `bytes_moved` and
    `workspace_bytes` are those of the first pass (forward, for a layer).
    """

    layer: str
    dtype: str
    layout: str
    precision: str
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    formulas: tuple[str, ...]
    parameters: int
    multiply_adds: int
    bytes_moved: int
    workspace_bytes: int
    passes: tuple[PassReport, ...]
    machine: Machine
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> PassReport:
        """The pass of a name: "forward", "input gradient" or "weight gradient"."""
        for report in self.passes:
            if report.name == name:
                return report
        raise KeyError(name)

    @property
    def algorithm(self) -> str:
        """What runs the first pass."""
        return self.passes[0].algorithm

    @property
    def seconds(self) -> float | None:
        """The expected time of the first pass, on two cores."""
        return self.passes[0].seconds

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dictionaries, strings and numbers, for JSON."""
        made: dict[str, Any] = plain(dataclasses.asdict(self))
        for entry in made["passes"]:
            entry["passed_over"] = [{"algorithm": name, "reason": why} for name, why in entry["passed_over"]]
            entry["measured"] = dict(entry["measured"])
        return made


@dataclass(frozen=True, repr=False)
class GroupFacts:
    """Several convolutions that are one layer, in the order in which they run."""

    layer: str
    parts: tuple[LayerFacts, ...]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """What goes in."""
        return self.parts[0].input_shape

    @property
    def output_shape(self) -> tuple[int, ...]:
        """What comes out."""
        return self.parts[-1].output_shape

    @property
    def parameters(self) -> int:
        """Weights and biases of all."""
        return sum(part.parameters for part in self.parts)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of all, of one forward pass."""
        return sum(part.multiply_adds for part in self.parts)

    @property
    def bytes_moved(self) -> int:
        """Bytes read and written by all, in one forward pass."""
        return sum(part.bytes_moved for part in self.parts)

    @property
    def workspace_bytes(self) -> int:
        """The largest workspace among them: it is reused."""
        return max(part.workspace_bytes for part in self.parts)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dictionaries, strings and numbers, for JSON."""
        return {
            "layer": self.layer,
            "input_shape": list(self.input_shape),
            "output_shape": list(self.output_shape),
            "parameters": self.parameters,
            "multiply_adds": self.multiply_adds,
            "bytes_moved": self.bytes_moved,
            "workspace_bytes": self.workspace_bytes,
            "parts": [part.to_dict() for part in self.parts],
        }


def plain(value: Any) -> Any:
    """Tuples as lists, all the way down."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return value
