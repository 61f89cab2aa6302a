"""Why a model failed, in the check's words where it can say, else in PyTorch's own."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from torch import Tensor, nn

from tilewise.pictures.recording import Recording


def diagnosis(model: nn.Module, tensor: Tensor, recording: Recording) -> list[dict[str, Any]]:
    """Faults as plain data: the layer, what is wrong, and fixes that the check has tried."""
    try:
        check = getattr(import_module("tilewise.checker"), "check", None)
    except ImportError:
        check = None
    faults: list[dict[str, Any]] = []
    if check is not None:
        report = check(model, tensor, sizes=False)
        faults = [
            {"layer": finding.layer, "message": finding.message, "fixes": [fix.description for fix in finding.fixes]}
            for finding in report.errors
            if finding.follows_from is None
        ]
    if not faults:
        error = recording.error
        message = f"{type(error).__name__}: {error}"
        faults = [{"layer": recording.error_at, "message": message, "fixes": []}]
    return faults
