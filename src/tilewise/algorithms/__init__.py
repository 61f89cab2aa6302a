"""How a problem can be computed: a folder for each family, a registry that chooses and says why.

A problem and a target come in, a plan goes out: steps of generated kernels, with their tables and workspace.
Nothing here may import torch or touch a tensor.
"""

from tilewise.algorithms.common.plan import Base, Plan
from tilewise.algorithms.registry import (
    NATIVE,
    Algorithm,
    Choice,
    algorithms,
    candidates,
    choose,
    only,
    selection,
    watch_selection,
)

__all__ = [
    "NATIVE",
    "Algorithm",
    "Base",
    "Choice",
    "Plan",
    "algorithms",
    "candidates",
    "choose",
    "only",
    "selection",
    "watch_selection",
]
