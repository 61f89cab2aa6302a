"""Pooling, unpooling, resizing and padding: windows that must fit and sizes that must be told."""

from __future__ import annotations

from dataclasses import dataclass

from tilewise.geometry.pooling import pooled_size
from tilewise.geometry.preconditions.rule import Rule, Violation, per_axis, shape_text
from tilewise.geometry.sizes import window_size


@dataclass(frozen=True)
class PoolCall:
    """Max, average (dilation 1) or adaptive pooling (`kernel_size` is then the output size and `adaptive` true)."""

    dims: int
    input: tuple[int, ...]
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...] = ()
    padding: tuple[int, ...] = ()
    dilation: tuple[int, ...] = ()
    ceil_mode: bool = False
    adaptive: bool = False
    average: bool = False

    @property
    def spatial(self) -> tuple[int, ...]:
        """The image axes of the input."""
        return self.input[len(self.input) - self.dims :]

    def output_spatial(self) -> tuple[int, ...]:
        """Sizes of the output's image axes by the formulas."""
        if self.adaptive:
            return self.kernel_size
        rows = zip(self.spatial, self.kernel_size, self.stride, self.padding, self.dilation, strict=True)
        return tuple(pooled_size(w, k, s, p, d, ceil_mode=self.ceil_mode) for w, k, s, p, d in rows)


@dataclass(frozen=True)
class UnpoolCall:
    """Max unpooling: the indices have the input's shape; a wanted size lies within a stride of the default."""

    dims: int
    input: tuple[int, ...]
    indices: tuple[int, ...]
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    output_size: tuple[int, ...] | None = None


@dataclass(frozen=True)
class ResizeCall:
    """F.interpolate and nn.Upsample: `size` or `scale` (one number an axis), and a mode made for some rank."""

    input: tuple[int, ...]
    size: tuple[int, ...] | None
    scale: tuple[float, ...] | None
    mode: str = "nearest"


@dataclass(frozen=True)
class PadCall:
    """F.pad: `pads` counts from the last axis, (before, after) an axis."""

    input: tuple[int, ...]
    pads: tuple[int, ...]
    mode: str = "constant"


def _pool_rank(call: PoolCall) -> Violation | None:
    rank = len(call.input)
    if rank in (call.dims + 1, call.dims + 2):
        return None
    return Violation(
        "dims",
        f"takes {call.dims + 2} axes, but a tensor of {rank}, {shape_text(call.input)}, flows in",
        given=rank,
        needed=call.dims + 2,
        label=f"{call.dims + 2} axes needed",
    )


def _pool_numbers(call: PoolCall) -> Violation | None:
    least = 0 if call.adaptive else 1
    for argument in ("kernel_size",) if call.adaptive else ("kernel_size", "stride", "dilation"):
        values: tuple[int, ...] = getattr(call, argument)
        if min(values) < least:
            return Violation(
                "kernel",
                f"has {argument} {per_axis(values)}, but it must be at least {least}",
                argument,
                values,
                least,
                f"at least {least}",
            )
    return None


def _pool_padding(call: PoolCall) -> Violation | None:
    if call.adaptive:
        return None
    for kernel, padding, dilation in zip(call.kernel_size, call.padding, call.dilation, strict=True):
        if padding < 0 or padding > window_size(kernel, dilation) // 2:
            most = window_size(kernel, dilation) // 2
            return Violation(
                "padding",
                f"pads by {padding}, but a pooling window of {window_size(kernel, dilation)} may be padded by "
                f"0 to {most}",
                "padding",
                call.padding,
                most,
                f"at most {most}",
            )
    return None


def _pool_window(call: PoolCall) -> Violation | None:
    if call.adaptive:
        return None
    # Average pooling in 3-d does not take a window larger than the image, whatever the padding.
    strict = call.average and call.dims == 3
    if min(call.output_spatial()) >= 1 and not (strict and any(map(int.__gt__, call.kernel_size, call.spatial))):
        return None
    image = " x ".join(map(str, call.spatial))
    window = " x ".join(str(window_size(k, d)) for k, d in zip(call.kernel_size, call.dilation, strict=True))
    return Violation(
        "kernel",
        f"pools windows of {window}, but the image that flows in is only {image}: nothing is left",
        "kernel_size",
        call.kernel_size,
        None,
        "nothing left to pool",
    )


def _unpool_indices(call: UnpoolCall) -> Violation | None:
    if call.indices == call.input:
        return None
    return Violation(
        "size",
        f"unpools {shape_text(call.input)} with indices of {shape_text(call.indices)}, but the indices must have the "
        "shape of the input: take those of the pooling layer at the same depth",
        "indices",
    )


def _unpool_size(call: UnpoolCall) -> Violation | None:
    if call.output_size is None:
        return None
    wanted = call.output_size[-call.dims :]
    spatial = call.input[len(call.input) - call.dims :]
    for size, out, kernel, stride, padding in zip(
        spatial, wanted, call.kernel_size, call.stride, call.padding, strict=True
    ):
        default = (size - 1) * stride + kernel - 2 * padding
        if not default - stride < out < default + stride:
            return Violation(
                "size",
                f"is asked for a size of {out}, but from {size} it can make {default - stride + 1} to "
                f"{default + stride - 1}",
                "output_size",
            )
    return None


_MODE_RANK = {"linear": (3,), "bilinear": (4,), "bicubic": (4,), "trilinear": (5,)}


def _resize_mode(call: ResizeCall) -> Violation | None:
    rank = len(call.input)
    allowed = _MODE_RANK.get(call.mode, (3, 4, 5))
    if rank in allowed:
        return None
    right = {3: "linear", 4: "bilinear", 5: "trilinear"}.get(rank)
    return Violation(
        "dims",
        f"has mode {call.mode!r}, made for {' or '.join(map(str, allowed))} axes, but a tensor of {rank}, "
        f"{shape_text(call.input)}, flows in",
        "mode",
        call.mode,
        right,
        f"{right!r} for {rank} axes" if right else f"{' or '.join(map(str, allowed))} axes needed",
    )


def _resize_size(call: ResizeCall) -> Violation | None:
    if (call.size is None) == (call.scale is None):
        words = "neither" if call.size is None else "both"
        return Violation("size", f"has {words} of size and scale_factor, but takes exactly one of them", "size")
    told = call.size if call.size is not None else call.scale
    if told is not None and len(told) != len(call.input) - 2:
        return Violation(
            "size",
            f"is told {len(told)} sizes, but {shape_text(call.input)} has {len(call.input) - 2} image axes",
            "size" if call.size is not None else "scale_factor",
        )
    out = call.size or tuple(int(w * s) for w, s in zip(call.input[2:], call.scale or (), strict=True))
    if min(out) >= 1 and min(call.input[2:]) >= 1:
        return None
    return Violation(
        "size",
        f"makes an image of {' x '.join(map(str, out))}, but each size must be at least 1",
        "size" if call.size is not None else "scale_factor",
    )


def _pad_length(call: PadCall) -> Violation | None:
    if len(call.pads) % 2 or len(call.pads) > 2 * len(call.input):
        return Violation(
            "padding",
            f"is given {len(call.pads)} numbers, but takes a pair for each padded axis, at most "
            f"{2 * len(call.input)} for {shape_text(call.input)}",
            "pad",
        )
    if call.mode == "constant":
        return None
    rank, pairs = len(call.input), len(call.pads) // 2
    if rank - pairs in (1, 2) and pairs <= 3:
        return None
    return Violation(
        "padding",
        f"pads {pairs} axes in mode {call.mode!r}, but of {shape_text(call.input)} it takes {max(rank - 2, 1)}",
        "pad",
    )


def _pad_reach(call: PadCall) -> Violation | None:
    for axis, (before, after) in enumerate(zip(call.pads[::2], call.pads[1::2], strict=False)):
        size = call.input[-1 - axis]
        most = {"reflect": size - 1, "circular": size}.get(call.mode)
        if most is not None and max(before, after) > most:
            return Violation(
                "padding",
                f"pads an axis of {size} by {max(before, after)}, but mode {call.mode!r} can take at most {most} "
                "from the image",
                "padding",
                max(before, after),
                most,
                f"at most {most}",
            )
        if size + before + after < (0 if call.mode == "constant" else 1):
            return Violation(
                "padding", f"takes {-before - after} away from an axis of {size}", "pad", max(before, after), 0
            )
    return None


POOLING_RULES = (
    Rule("pooling axes", "dims", PoolCall, "the input has N + 2 axes, or N + 1 without a batch", _pool_rank),
    Rule("pooling numbers", "kernel", PoolCall, "kernel_size, stride and dilation are at least 1", _pool_numbers),
    Rule("pooling padding", "padding", PoolCall, "padding is at most half the window", _pool_padding),
    Rule("pooling window", "kernel", PoolCall, "at least one window fits", _pool_window),
    Rule("unpooling indices", "size", UnpoolCall, "the indices have the input's shape", _unpool_indices),
    Rule("unpooling size", "size", UnpoolCall, "the wanted size lies within a stride of the default", _unpool_size),
    Rule("resize mode", "dims", ResizeCall, "the mode is made for the number of axes", _resize_mode),
    Rule("resize size", "size", ResizeCall, "one of size and scale_factor, and an image of at least 1", _resize_size),
    Rule("padding length", "padding", PadCall, "pairs of numbers, for axes that there are", _pad_length),
    Rule("padding reach", "padding", PadCall, "reflected and wrapped padding is no larger than the image", _pad_reach),
)
