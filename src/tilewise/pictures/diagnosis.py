"""Why a model failed, in the check's words where it can say, else in PyTorch's own."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from tilewise.checker import Fix, check
from tilewise.pictures.recording import Recording


def _said(fix: Fix) -> str:
    """A fix in words, with the lines that it writes."""
    return "\n".join([fix.description, *(f"    {edit.new.strip()}" for edit in fix.edits if edit.new.strip())])


def diagnosis(model: nn.Module, tensor: Tensor, recording: Recording) -> list[dict[str, Any]]:
    """Faults as plain data: the layer, what is wrong, and fixes that the check has tried."""
    report = check(model, tensor, sizes=False)
    faults: list[dict[str, Any]] = [
        {"layer": finding.layer, "message": finding.message, "fixes": [_said(fix) for fix in finding.fixes]}
        for finding in report.errors
        if finding.follows_from is None
    ]
    if not faults:
        error = recording.error
        message = f"{type(error).__name__}: {error}"
        faults = [{"layer": recording.error_at, "message": message, "fixes": []}]
    return faults
