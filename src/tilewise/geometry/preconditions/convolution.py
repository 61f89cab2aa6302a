"""Convolutions: what a layer demands of its parameters, and a call of its input.

Source: PyTorch's documentation of Conv2d and ConvTranspose2d and the checks in aten/src/ATen/native/Convolution.cpp,
told apart by running both.
"""

from __future__ import annotations

from dataclasses import dataclass

from tilewise.geometry.preconditions.rule import Rule, Violation, count, per_axis, shape_text
from tilewise.geometry.sizes import output_size, transposed_output_size, window_size

_IMAGE_AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}
PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


@dataclass(frozen=True)
class ConvolutionLayer:
    """The arguments of a convolution layer's constructor, one number an axis."""

    dims: int
    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...] | str
    dilation: tuple[int, ...]
    groups: int = 1
    transposed: bool = False
    output_padding: tuple[int, ...] = ()
    padding_mode: str = "zeros"


@dataclass(frozen=True)
class ConvolutionCall:
    """One call: shapes of input, weight and bias (None where there is no bias) and the parameters."""

    dims: int
    input: tuple[int, ...]
    weight: tuple[int, ...]
    bias: tuple[int, ...] | None
    stride: tuple[int, ...]
    padding: tuple[int, ...] | str
    dilation: tuple[int, ...]
    groups: int = 1
    transposed: bool = False
    output_padding: tuple[int, ...] = ()

    @property
    def in_channels(self) -> int:
        """How many channels the weight is made for."""
        return self.weight[0] if self.transposed else self.weight[1] * self.groups

    @property
    def out_channels(self) -> int:
        """How many channels come out."""
        return self.weight[1] * self.groups if self.transposed else self.weight[0]

    @property
    def spatial(self) -> tuple[int, ...]:
        """The image axes of the input."""
        return self.input[len(self.input) - self.dims :]

    @property
    def kernel_size(self) -> tuple[int, ...]:
        """The window, one number an axis."""
        return self.weight[2:]

    @property
    def both_sides(self) -> tuple[int, ...]:
        """Padding before and after together, one number an axis ('same' resolved)."""
        if self.padding == "same":
            return tuple(window_size(k, d) - 1 for k, d in zip(self.kernel_size, self.dilation, strict=True))
        if isinstance(self.padding, str):
            return (0,) * self.dims
        return tuple(2 * p for p in self.padding)

    def output_spatial(self) -> tuple[int, ...]:
        """Sizes of the output's image axes by the formulas."""
        rows = zip(self.spatial, self.kernel_size, self.stride, self.both_sides, self.dilation, strict=True)
        if self.transposed:
            extra = self.output_padding or (0,) * self.dims
            return tuple(
                transposed_output_size(w, k, s, p // 2, d, e) for (w, k, s, p, d), e in zip(rows, extra, strict=True)
            )
        return tuple(output_size(w + p, k, s, 0, d) for w, k, s, p, d in rows)


def _positive(layer: ConvolutionLayer) -> Violation | None:
    for argument, least in (("kernel_size", 1), ("stride", 1), ("dilation", 1)):
        values: tuple[int, ...] = getattr(layer, argument)
        if min(values, default=least) < least:
            return Violation(
                "kernel",
                f"has {argument} {per_axis(values)}, but it must be at least {least}",
                argument,
                values,
                least,
                f"at least {least}",
            )
    return None


def _padding(layer: ConvolutionLayer | ConvolutionCall) -> Violation | None:
    padding = layer.padding
    if isinstance(padding, tuple):
        if min(padding, default=0) < 0:
            return Violation(
                "padding",
                f"has padding {per_axis(padding)}, but padding can't be negative: crop the image instead",
                "padding",
                padding,
                0,
                "0 or more",
            )
        return None
    if layer.transposed:
        return Violation(
            "padding",
            f"has padding={padding!r}, but a transposed convolution takes numbers only",
            "padding",
            padding,
            0,
            "a number needed",
        )
    if padding not in ("same", "valid"):
        return Violation(
            "padding",
            f"has padding={padding!r}, but the words it takes are 'same' and 'valid'",
            "padding",
            padding,
            "same",
            "'same', 'valid' or a number",
        )
    if padding == "same" and max(layer.stride, default=1) > 1:
        return Violation(
            "padding",
            f"has padding='same' and stride {per_axis(layer.stride)}, but 'same' needs stride 1: "
            "with a stride the output can't be as large as the input",
            "padding",
            padding,
            None,
            "a number needed with a stride",
        )
    return None


def _padding_mode(layer: ConvolutionLayer) -> Violation | None:
    allowed = ("zeros",) if layer.transposed else PADDING_MODES
    if layer.padding_mode in allowed:
        return None
    words = ", ".join(map(repr, allowed))
    return Violation(
        "padding",
        f"has padding_mode={layer.padding_mode!r}, but the modes it takes are {words}",
        "padding_mode",
        layer.padding_mode,
        "zeros",
        f"one of {words}",
    )


def _groups(layer: ConvolutionLayer) -> Violation | None:
    if layer.groups < 1:
        return Violation(
            "groups", f"has groups={layer.groups}, but at least 1 is needed", "groups", layer.groups, 1, "at least 1"
        )
    for argument, what in (("in_channels", "input"), ("out_channels", "output")):
        channels: int = getattr(layer, argument)
        if channels % layer.groups:
            return Violation(
                "groups",
                f"splits {channels} {what} channels into {layer.groups} groups, but {channels} is not a multiple of "
                f"{layer.groups}",
                "groups",
                layer.groups,
                None,
                f"must divide {channels}",
            )
    return None


def _output_padding(layer: ConvolutionLayer | ConvolutionCall) -> Violation | None:
    if not layer.transposed:
        return None
    rows = zip(layer.output_padding, layer.stride, layer.dilation, strict=False)
    for extra, stride, dilation in rows:
        if extra < 0 or extra >= max(stride, dilation):
            most = max(stride, dilation) - 1
            return Violation(
                "output_padding",
                f"has output_padding {per_axis(layer.output_padding)} with stride {per_axis(layer.stride)}, "
                + ("but it must be smaller than the stride" if extra >= 0 else "but it can't be negative")
                + (" or the dilation" if dilation > stride else ""),
                "output_padding",
                layer.output_padding,
                most if extra > 0 else 0,
                f"at most {most}" if extra > 0 else "0 or more",
            )
    return None


def _rank(call: ConvolutionCall) -> Violation | None:
    rank = len(call.input)
    if rank in (call.dims + 1, call.dims + 2):
        return None
    axes = ("batch", "channels", *_IMAGE_AXES[call.dims])
    return Violation(
        "dims",
        f"takes {call.dims + 2} axes ({', '.join(axes)}), but a tensor of {rank}, {shape_text(call.input)}, flows in",
        given=rank,
        needed=call.dims + 2,
        label=f"{call.dims + 2} axes needed",
    )


def _weight_rank(call: ConvolutionCall) -> Violation | None:
    if len(call.weight) == call.dims + 2:
        return None
    return Violation(
        "dims",
        f"takes a weight of {call.dims + 2} axes, but its shape is {shape_text(call.weight)}",
        "weight",
        call.weight,
    )


def _weight_groups(call: ConvolutionCall) -> Violation | None:
    if call.groups < 1:
        return Violation("groups", f"has groups={call.groups}, but at least 1 is needed", "groups", call.groups, 1)
    if call.weight[0] % call.groups == 0:
        return None
    what = "input" if call.transposed else "output"
    return Violation(
        "groups",
        f"splits {call.weight[0]} {what} channels into {call.groups} groups, but {call.weight[0]} is not a multiple "
        f"of {call.groups}",
        "groups",
        call.groups,
        None,
        f"must divide {call.weight[0]}",
    )


def _channels(call: ConvolutionCall) -> Violation | None:
    flows = call.input[len(call.input) - call.dims - 1]
    if flows == call.in_channels:
        return None
    verb = "flows" if flows == 1 else "flow"
    return Violation(
        "channels",
        f"takes {count(call.in_channels, 'channel')}, but {flows} {verb} in",
        "in_channels",
        call.in_channels,
        flows,
        f"{flows} needed",
    )


def _bias(call: ConvolutionCall) -> Violation | None:
    if call.bias is None or call.bias == (call.out_channels,):
        return None
    return Violation(
        "channels",
        f"makes {count(call.out_channels, 'channel')}, but its bias has shape {shape_text(call.bias)}",
        "bias",
        call.bias,
        (call.out_channels,),
        f"({call.out_channels},) needed",
    )


def _call_numbers(call: ConvolutionCall) -> Violation | None:
    for argument in ("stride", "dilation"):
        values: tuple[int, ...] = getattr(call, argument)
        if min(values) < 1:
            return Violation(
                "kernel",
                f"has {argument} {per_axis(values)}, but it must be at least 1",
                argument,
                values,
                1,
                "at least 1",
            )
    return None


def _window(call: ConvolutionCall) -> Violation | None:
    out = call.output_spatial()
    if min(out) >= 1:
        return None
    image = " x ".join(map(str, call.spatial))
    if call.transposed:
        return Violation(
            "kernel",
            f"makes an image of {' x '.join(map(str, out))} from {image}: its padding takes away more than there is",
            "padding",
            call.padding,
            0,
            "too much padding",
        )
    window = tuple(window_size(k, d) for k, d in zip(call.kernel_size, call.dilation, strict=True))
    pads = any(call.both_sides)
    padded = " x ".join(str(w + p) for w, p in zip(call.spatial, call.both_sides, strict=True))
    spans = f" (with dilation {per_axis(call.dilation)})" if max(call.dilation) > 1 else ""
    return Violation(
        "kernel",
        f"has a window of {' x '.join(map(str, window))}{spans}, but the image that flows in is only {image}"
        + (f" ({padded} with padding)" if pads else ""),
        "kernel_size",
        call.kernel_size,
        None,
        f"at most {' x '.join(str(w + p) for w, p in zip(call.spatial, call.both_sides, strict=True))}",
    )


LAYER_RULES = (
    Rule("layer numbers", "kernel", ConvolutionLayer, "kernel_size, stride and dilation are at least 1", _positive),
    Rule(
        "layer padding", "padding", ConvolutionLayer, "padding is 0 or more, or 'same' (stride 1), or 'valid'", _padding
    ),
    Rule("layer padding mode", "padding", ConvolutionLayer, "padding_mode is one that the layer knows", _padding_mode),
    Rule("layer groups", "groups", ConvolutionLayer, "groups divides in_channels and out_channels", _groups),
    Rule(
        "layer output_padding",
        "output_padding",
        ConvolutionLayer,
        "output_padding is smaller than stride or dilation",
        _output_padding,
    ),
)

CONVOLUTION_RULES = (
    Rule("convolution weight axes", "dims", ConvolutionCall, "the weight has N + 2 axes", _weight_rank),
    Rule("convolution axes", "dims", ConvolutionCall, "the input has N + 2 axes, or N + 1 without a batch", _rank),
    Rule("convolution numbers", "kernel", ConvolutionCall, "stride and dilation are at least 1", _call_numbers),
    Rule("convolution padding", "padding", ConvolutionCall, "padding is 0 or more, or 'same' with stride 1", _padding),
    Rule("convolution groups", "groups", ConvolutionCall, "groups divides the weight's first axis", _weight_groups),
    Rule("convolution channels", "channels", ConvolutionCall, "the input has the channels of the weight", _channels),
    Rule("convolution bias", "channels", ConvolutionCall, "the bias has one number an output channel", _bias),
    Rule(
        "convolution output_padding",
        "output_padding",
        ConvolutionCall,
        "output_padding is smaller than stride or dilation",
        _output_padding,
    ),
    Rule("convolution window", "kernel", ConvolutionCall, "the window fits into the padded image", _window),
)
