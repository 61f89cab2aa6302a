"""Running kernels: PyTorch's thread pool, reused workspaces, and the one native call of a plan.

Addresses and sizes come in; what they mean is decided elsewhere.
Nothing here may import torch or know what a convolution is.
"""

from tilewise.runtime.job import Job, process_words, run_address
from tilewise.runtime.region import Program, Step
from tilewise.runtime.threads import pool_description
from tilewise.runtime.workspace import SMALL_BYTES, workspace_state

__all__ = [
    "SMALL_BYTES",
    "Job",
    "Program",
    "Step",
    "pool_description",
    "process_words",
    "run_address",
    "workspace_state",
]
