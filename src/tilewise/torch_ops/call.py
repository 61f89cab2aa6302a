"""The parameters of a call of aten::convolution."""

from __future__ import annotations

from collections.abc import Sequence

from tilewise import geometry


class Call:
    """The parameters of one call of aten::convolution, as given."""

    def __init__(
        self,
        stride: Sequence[int],
        padding: Sequence[int],
        dilation: Sequence[int],
        transposed: bool,
        output_padding: Sequence[int],
        groups: int,
    ):
        self.stride = tuple(stride)
        self.padding = tuple(padding)
        self.dilation = tuple(dilation)
        self.transposed = transposed
        self.output_padding = tuple(output_padding)
        self.groups = groups

    def expanded(self, axes: int) -> geometry.Convolution | None:
        """With one number an axis; None where a list has another length or a number is out of range."""
        lists = []
        for values, least in (
            (self.stride, 1),
            (self.padding, 0),
            (self.dilation, 1),
            (self.output_padding, 0),
        ):
            values = values * axes if len(values) == 1 else values
            if len(values) != axes or min(values) < least:
                return None
            lists.append(values)
        stride, padding, dilation, extra = lists
        if self.groups < 1:
            return None
        if self.transposed and any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
            return None
        return geometry.Convolution(0, 0, (), stride, padding, dilation, self.groups, False, self.transposed, extra)
