"""What is wrong with a model, and the line that fixes it.

A model runs on fake tensors, faults are noted and passed over, and each fix offered was run on the whole model.
No kernels and no weights may come in: this room needs PyTorch's shapes and tilewise.geometry, nothing else.
"""

from tilewise.checker.check import check
from tilewise.checker.findings import Edit, Finding, Fix, LayerRow, Place
from tilewise.checker.report import CheckError, Report

__all__ = ["CheckError", "Edit", "Finding", "Fix", "LayerRow", "Place", "Report", "check"]
