"""Tilewise under PyTorch: its kernels for aten::convolution and aten::convolution_backward, and the switch.

Tensors stop here: below this room there are only problems, plans and addresses.
No formula, no choice of algorithm and no code generation may come in.
"""

from tilewise.torch_ops.settings import precision, precision_level
from tilewise.torch_ops.switch import disable, disabled, enable, enable_by_default, enabled, is_enabled

__all__ = [
    "disable",
    "disabled",
    "enable",
    "enable_by_default",
    "enabled",
    "is_enabled",
    "precision",
    "precision_level",
]
