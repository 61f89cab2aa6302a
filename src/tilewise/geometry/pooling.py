"""Output sizes of pooling windows, with and without ceil_mode.

Source of the formulas: the shape section of PyTorch's documentation of MaxPool2d, and its note on ceil_mode:
a window that would begin in the padding after the input is dropped.
"""

from __future__ import annotations

from tilewise.geometry.sizes import output_size, window_size


def pooled_size(
    size: int, kernel: int, stride: int, padding: int = 0, dilation: int = 1, *, ceil_mode: bool = False
) -> int:
    """Out for one axis of a pooling layer; below 1 where no window fits."""
    if not ceil_mode:
        return output_size(size, kernel, stride, padding, dilation)
    out = -(-(size + 2 * padding - window_size(kernel, dilation)) // stride) + 1
    return out - 1 if (out - 1) * stride >= size + padding else out


def dropped(size: int, kernel: int, stride: int, padding: int = 0, dilation: int = 1) -> int:
    """How many positions at the end of an axis no window reaches because the stride does not divide evenly.

    Zero where the window is shorter than the stride: such a layer skips positions everywhere, by design.
    """
    if window_size(kernel, dilation) < stride:
        return 0
    rest = (size + 2 * padding - window_size(kernel, dilation)) % stride
    return max(0, rest - padding)
