"""The one place that knows the formulas: output sizes, padding, taps, receptive fields, costs.

Kernels, layers, the checker and the pictures all compute sizes here.
Nothing of torch, NumPy or LLVM may be imported in this room: numbers go in, numbers come out.
"""

from tilewise.geometry.axes import Axis
from tilewise.geometry.receptive import ReceptiveField
from tilewise.geometry.sizes import (
    Convolution,
    felt_stride,
    formula,
    output_size,
    output_size_range,
    same_padding,
    transposed_output_size,
    window_size,
)
from tilewise.geometry.taps import Phase, forward_phase, input_gradient_phases

__all__ = [
    "Axis",
    "Convolution",
    "Phase",
    "ReceptiveField",
    "felt_stride",
    "formula",
    "forward_phase",
    "input_gradient_phases",
    "output_size",
    "output_size_range",
    "same_padding",
    "transposed_output_size",
    "window_size",
]
