"""Direct calls: a convolution seen before runs from PyTorch's dispatcher to the kernel and back without Python.

PyTorch offers a C interface for kernels that keeps its meaning between releases; the kernels written here, LLVM text
like all of Tilewise's, use it. They know how to describe a call, find it in a table and run its jobs. Everything else
is Python's: a call that the table does not hold is answered by the kernels in `dispatch`, which fill the table.
Nothing here may decide what a call means or how it is computed.
"""

from tilewise.torch_ops.direct.kernels import Answer, Kernels
from tilewise.torch_ops.direct.shim import why_not
from tilewise.torch_ops.direct.table import Part
from tilewise.torch_ops.direct.words import FIRST_RESULT, FIRST_TENSOR, NO_POINTER

__all__ = ["FIRST_RESULT", "FIRST_TENSOR", "NO_POINTER", "Answer", "Kernels", "Part", "why_not"]
