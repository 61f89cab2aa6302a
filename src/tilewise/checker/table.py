"""The rows of a sound model's table, from what the run recorded."""

from __future__ import annotations

from typing import Any

from torch import nn

from tilewise.checker.faults import Row
from tilewise.checker.findings import LayerRow
from tilewise.checker.leaves import settings
from tilewise.checker.run import Outcome
from tilewise.geometry import ReceptiveField


def layer_rows(outcome: Outcome) -> tuple[LayerRow, ...]:
    """One row a layer or functional call, in the order in which they ran."""
    counted: set[int] = set()
    return tuple(_row(row, counted) for row in outcome.trace.rows)


def _row(row: Row, counted: set[int]) -> LayerRow:
    fields: tuple[ReceptiveField, ...] = (row.mark.fields or ()) if row.mark is not None else ()
    return LayerRow(
        path=row.path,
        type=row.name,
        settings=settings(row.module) if row.module is not None else "",
        input_shape=row.input_shape,
        output_shape=row.output_shape,
        parameters=_parameters(row.module, counted),
        multiply_adds=row.multiply_adds,
        activation_bytes=row.activation_bytes,
        receptive_field=tuple(_number(f.size) for f in fields),
        effective_stride=tuple(_number(f.jump) for f in fields),
        calls=row.calls,
    )


def _parameters(module: Any, counted: set[int]) -> int:
    """Parameters of a layer that no earlier row has counted: weights shared by two layers count once."""
    if not isinstance(module, nn.Module):
        return 0
    total = 0
    for parameter in module.parameters():
        if id(parameter) not in counted:
            counted.add(id(parameter))
            total += parameter.numel()
    return total


def _number(value: Any) -> float:
    return int(value) if value == int(value) else float(value)
