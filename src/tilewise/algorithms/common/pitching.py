"""Channels-last copies whose pixels lie an odd number of cache lines apart.

Pixels of 256 channels and other powers of two, read one after the other at the same channels, fall on a few sets of the
first-level cache, which then keeps a fraction of what it has room for. An odd distance passes through all sets.
"""

from __future__ import annotations

from tilewise.algorithms.common.padding import View, padded_copy
from tilewise.algorithms.common.plan import Base, WorkspaceLayout
from tilewise.algorithms.common.transposing import transposed_copy
from tilewise.ir.vectors import ELEMENT_BYTES
from tilewise.problem import Layout, TensorSpec
from tilewise.runtime import Step
from tilewise.target import Target

_LINE = 64
# Distances from pixel to pixel that are multiples of it leave a 32 KiB cache room for a quarter of a band's lines.
_CROWDED_BYTES = 1024


def is_crowded(spec: TensorSpec, accumulator: str) -> bool:
    """Whether the pixels of a tensor, with its channels side by side, crowd on a few sets of a cache."""
    return spec.shape[1] * ELEMENT_BYTES[accumulator] % _CROWDED_BYTES == 0


def pitched_copy(
    spec: TensorSpec,
    base: Base,
    dtype: str,
    accumulator: str,
    span: tuple[tuple[int, int], ...],
    workspace: WorkspaceLayout,
    target: Target,
) -> tuple[View, Step | None]:
    """A copy that covers `span` of each axis, within the tensor along depth, and the step that makes it."""
    size = ELEMENT_BYTES[accumulator]
    n, c, d, h, w = spec.shape
    pitch = (-(-c * size // _LINE) | 1) * _LINE
    if spec.layout is not Layout.CHANNELS_LAST:
        return transposed_copy(spec, base, dtype, accumulator, span, workspace, target, pitch)
    # A pixel is a row to copy, and what makes its distance odd the padding at the row's end.
    sn, sc, sd, sh, sw = spec.strides
    pixels = TensorSpec((n, d, h, w, c), (sn, sd, sh, sw, sc))
    around = (*span[1:], (0, pitch // size - 1))
    view, step = padded_copy(pixels, base, dtype, accumulator, around, workspace, target, Layout.PLANAR)
    vn, vd, vh, vw, vc = view.strides
    return View(view.at, (vn, vc, vd, vh, vw), accumulator, Layout.CHANNELS_LAST), step
