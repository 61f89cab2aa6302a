"""A convolution layer as its settings: read from a line of text or from a run, written as the PyTorch line to copy."""

from __future__ import annotations

import ast
import re
from dataclasses import asdict, dataclass
from typing import Any

from tilewise.errors import ArgumentError
from tilewise.geometry import Axis, Convolution, same_padding
from tilewise.pictures.recording import Call

_ORDER = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
_FORWARD = (*_ORDER, "dilation", "groups", "bias", "padding_mode")
_TRANSPOSED = (*_ORDER, "output_padding", "groups", "bias", "dilation", "padding_mode")
_EXAMPLE = 'such as "Conv2d(3, 16, 3, padding=1)" or "ConvTranspose1d(8, 4, 4, stride=2)"'

Padding = tuple[int, ...] | str


@dataclass(frozen=True)
class Settings:
    """The arguments of one of torch.nn's six convolution layers, one number an axis.

    `padding` may also be 'same', 'valid' or (in one dimension) 'causal', which PyTorch writes as a padding layer
    before the convolution.
    """

    dims: int = 2
    transposed: bool = False
    in_channels: int = 1
    out_channels: int = 1
    kernel_size: tuple[int, ...] = (3, 3)
    stride: tuple[int, ...] = (1, 1)
    padding: Padding = (0, 0)
    padding_mode: str = "zeros"
    dilation: tuple[int, ...] = (1, 1)
    groups: int = 1
    output_padding: tuple[int, ...] = (0, 0)
    bias: bool = True

    @property
    def kind(self) -> str:
        return f"Conv{'Transpose' if self.transposed else ''}{self.dims}d"

    def line(self) -> str:
        """The layer as torch.nn writes it, with what is default left out."""
        parts = [str(self.in_channels), str(self.out_channels), f"kernel_size={_short(self.kernel_size)}"]
        one, zero = (1,) * self.dims, (0,) * self.dims
        causal = self.padding == "causal"
        if self.stride != one:
            parts.append(f"stride={_short(self.stride)}")
        if not causal and self.padding != zero and not (self.padding == "valid" and not self.transposed):
            parts.append(f"padding={_short(self.padding)}")
        if self.transposed and self.output_padding != zero:
            parts.append(f"output_padding={_short(self.output_padding)}")
        if self.dilation != one:
            parts.append(f"dilation={_short(self.dilation)}")
        if self.groups != 1:
            parts.append(f"groups={self.groups}")
        if not self.bias:
            parts.append("bias=False")
        if self.padding_mode != "zeros" and not causal:
            parts.append(f"padding_mode='{self.padding_mode}'")
        layer = f"nn.{self.kind}({', '.join(parts)})"
        if causal:
            before = self.dilation[0] * (self.kernel_size[0] - 1)
            return f"nn.Sequential(nn.ConstantPad1d(({before}, 0), 0.0), {layer})"
        return layer

    def axes(self, size: tuple[int, ...]) -> tuple[Axis, ...]:
        """The axes for an input of spatial `size`."""
        pairs: list[tuple[int, int]] = []
        for i, (k, d) in enumerate(zip(self.kernel_size, self.dilation, strict=True)):
            if self.padding == "same":
                pairs.append(same_padding(k, d))
            elif self.padding == "causal":
                pairs.append((d * (k - 1), 0))
            else:
                p = 0 if isinstance(self.padding, str) else self.padding[i]
                pairs.append((p, p))
        return tuple(
            Axis(n, k, s, b, a, d, self.transposed, extra if self.transposed else 0)
            for n, k, s, (b, a), d, extra in zip(
                size, self.kernel_size, self.stride, pairs, self.dilation, self.output_padding, strict=True
            )
        )

    def convolution(self) -> Convolution:
        """Its parameters for counting; padding of a forward layer is left out (the input comes padded)."""
        padding = self.padding if self.transposed and not isinstance(self.padding, str) else (0,) * self.dims
        extra = self.output_padding if self.transposed else ()
        numbers = (self.in_channels, self.out_channels, self.kernel_size, self.stride, padding, self.dilation)
        return Convolution(*numbers, self.groups, self.bias, self.transposed, extra)

    def data(self) -> dict[str, Any]:
        """The settings as JSON holds them."""
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}


def _short(value: Padding) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    return str(value[0]) if len(set(value)) == 1 else str(tuple(value))


def _per_axis(name: str, value: Any, dims: int) -> tuple[int, ...]:
    values = (value,) * dims if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(values, (list, tuple)) and all(type(v) is int for v in values) and len(values) in (1, dims):
        return tuple(values) * (dims if len(values) == 1 else 1)
    raise ArgumentError(f"{name}={value!r} is neither a whole number nor {dims} of them.")


def parse(text: str) -> Settings:
    """Settings from a line such as "nn.Conv2d(3, 16, 3, padding=1)". Nothing is run: only literals are read."""
    try:
        call = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        call = None
    if not isinstance(call, ast.Call):
        raise ArgumentError(f"{text!r} is not a layer {_EXAMPLE}.")
    name = ast.unparse(call.func).rsplit(".", 1)[-1]
    match = re.fullmatch(r"Conv(Transpose)?([123])d", name)
    if match is None:
        raise ArgumentError(f"{name} is not one of torch.nn's convolution layers, {_EXAMPLE}.")
    transposed, dims = bool(match[1]), int(match[2])
    names = _TRANSPOSED if transposed else _FORWARD
    try:
        values = dict(zip(names, [ast.literal_eval(a) for a in call.args], strict=False))
        values |= {k.arg: ast.literal_eval(k.value) for k in call.keywords if k.arg}
    except ValueError as error:
        raise ArgumentError(f"{text!r} has an argument that is not a plain number, word or tuple.") from error
    unknown = set(values) - set(names) - {"output_padding"}
    missing = [n for n in names[:3] if n not in values]
    if unknown or missing or len(call.args) > len(names):
        fault = (
            f"needs {', '.join(missing)}" if missing else f"takes no {', '.join(sorted(unknown)) or 'more arguments'}"
        )
        raise ArgumentError(f"{name} {fault}: {text!r}; a layer looks {_EXAMPLE}.")
    for key in ("in_channels", "out_channels", "groups"):
        if type(values.get(key, 1)) is not int:
            raise ArgumentError(f"{key}={values[key]!r} is not a whole number.")
    padding = values.get("padding", 0)
    if isinstance(padding, str) and padding not in (
        "same",
        "valid",
        *(["causal"] if dims == 1 and not transposed else []),
    ):
        raise ArgumentError(
            f"padding={padding!r}, but the words it takes are 'same', 'valid' and, for Conv1d, 'causal'."
        )
    return Settings(
        dims,
        transposed,
        values["in_channels"],
        values["out_channels"],
        _per_axis("kernel_size", values["kernel_size"], dims),
        _per_axis("stride", values.get("stride", 1), dims),
        padding if isinstance(padding, str) else _per_axis("padding", padding, dims),
        str(values.get("padding_mode", "zeros")),
        _per_axis("dilation", values.get("dilation", 1), dims),
        values.get("groups", 1),
        _per_axis("output_padding", values.get("output_padding", 0), dims),
        bool(values.get("bias", True)),
    )


def settings_of(call: Call) -> Settings:
    """The settings of a layer that ran; padding on one side only is left to the caller to say."""
    geometry = call.convolution
    even = all(a.before == a.after for a in call.axes)
    mode = call.padding_mode if call.padding_mode in ("reflect", "replicate", "circular") else "zeros"
    return Settings(
        call.dims,
        call.transposed,
        geometry.in_channels,
        geometry.out_channels,
        geometry.kernel_size,
        geometry.stride,
        tuple(a.before for a in call.axes) if even else (0,) * call.dims,
        mode,
        geometry.dilation,
        call.groups,
        tuple(a.output_padding for a in call.axes),
        call.bias is not None,
    )


def title_of(call: Call, name: str = "") -> str:
    """A layer's title: its line without `nn.`, its name where it is part of a model, uneven padding in words."""
    title = settings_of(call).line().removeprefix("nn.")
    if any(a.before != a.after for a in call.axes):
        pads = " and ".join(f"{a.before} before, {a.after} after" for a in call.axes if a.before or a.after)
        title += f", padded {pads}"
    return f"{name}: {title}" if name else title
