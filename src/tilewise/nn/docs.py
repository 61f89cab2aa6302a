"""The documentation of the layers, written once for every number of axes."""

from __future__ import annotations

import textwrap

_AXES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
_SIZES = {1: (50,), 2: (32, 32), 3: (8, 16, 16)}
_FORMULAS = {
    False: "Out = floor((In + 2*padding - dilation*(kernel_size - 1) - 1) / stride) + 1",
    True: "Out = (In - 1)*stride - 2*padding + dilation*(kernel_size - 1) + output_padding + 1",
}
_IN = {"in_channels": "channels of the input, a multiple of `groups`"}
_COMMON = {
    "out_channels": "channels of the result, a multiple of `groups`",
    "kernel_size": "positions that a filter covers",
    "stride": "step from one window to the next (default 1)",
    "padding": "zeros added to both ends of an axis (default 0); 'same' keeps the input's size, 'valid' adds none",
}
_TRANSPOSED = {
    **{name: _COMMON[name] for name in ("out_channels", "kernel_size")},
    "stride": "step from one input's patch of the result to the next (default 1)",
    "padding": "positions cut from both ends of the result (default 0)",
    "output_padding": "positions added to the far end, less than the larger of stride and dilation (default 0)",
}
_REST = {
    "dilation": "distance between a filter's positions (default 1)",
    "groups": "blocks of channels that do not see each other (default 1)",
    "bias": "whether a learned number is added to each channel of the result (default True)",
    "padding_mode": "'zeros' (default), 'reflect', 'replicate' or 'circular'",
    "device": "where the parameters are made",
    "dtype": "their type, a floating point one",
}


def layer(name: str, axes: int, transposed: bool, lazy: bool) -> str:
    """The docstring of one of PyTorch's layers."""
    listed = {**({} if lazy else _IN), **(_TRANSPOSED if transposed else _COMMON), **_REST}
    if transposed:
        order = ("groups", "bias", "dilation", "padding_mode", "device", "dtype")
        listed = {k: v for k, v in listed.items() if k not in order} | {k: listed[k] for k in order}
        listed["padding_mode"] = "'zeros' is the only one"
    what = f"A {axes}-d {'transposed convolution' if transposed else 'convolution'}: torch.nn.{name} on Tilewise"
    lines = [
        f"{what}.",
        "",
        "The same layer as PyTorch's: arguments, initial weights for a seed, repr, state dict and pickles. Making one",
        "enables Tilewise for the process, unless `tilewise.disable()` was called.",
    ]
    if lazy:
        became = name.removeprefix("Lazy")
        lines += [f"`in_channels` is read off the first input; the layer then becomes a `tilewise.nn.{became}`."]
    return "\n".join([*lines, "", *_arguments(listed, axes), "", *_shapes(axes, transposed), "", *_errors(),
                      "", *_example(name, axes, transposed, lazy)]) + "\n"  # fmt: skip


def depthwise(name: str, axes: int) -> str:
    """The docstring of a depthwise layer."""
    listed = {
        "in_channels": "channels of the input; each has filters of its own",
        **{k: _COMMON[k] for k in ("kernel_size", "stride", "padding")},
        "dilation": _REST["dilation"],
        "multiplier": "filters a channel (default 1): the result has in_channels*multiplier channels",
        **{k: _REST[k] for k in ("bias", "padding_mode", "device", "dtype")},
    }
    lines = [
        f"A {axes}-d depthwise convolution: every channel is convolved with filters of its own.",
        "",
        f"It is a Conv{axes}d with groups=in_channels and out_channels=in_channels*multiplier, so its parameters load",
        "from and into one. Result channels c*multiplier to c*multiplier + multiplier - 1 come from input channel c.",
    ]
    sizes = _SIZES[axes]
    shape = (1, 16, *sizes)
    example = [
        "Example:",
        "    >>> import torch",
        "    >>> from tilewise import nn",
        f"    >>> layer = nn.{name}(16, 3, padding=1, multiplier=2)",
        f"    >>> layer(torch.randn{shape}).shape",
        f"    torch.Size([1, 32, {', '.join(map(str, sizes))}])",
        "    >>> layer.weight.shape",
        f"    torch.Size([32, 1, {', '.join(['3'] * axes)}])",
    ]
    return "\n".join([*lines, "", *_arguments(listed, axes), "", *_shapes(axes, False, "in_channels*multiplier"),
                      "", *_errors(), "", *example]) + "\n"  # fmt: skip


def separable(name: str, axes: int) -> str:
    """The docstring of a depthwise separable layer."""
    listed = {
        "in_channels": "channels of the input",
        "out_channels": "channels of the result",
        **{k: _COMMON[k] for k in ("kernel_size", "stride", "padding")},
        "dilation": _REST["dilation"],
        "multiplier": "filters a channel of the depthwise layer (default 1)",
        "bias": "whether the 1x1 layer has a bias (default True); the depthwise layer's would add nothing to it",
        **{k: _REST[k] for k in ("padding_mode", "device", "dtype")},
    }
    lines = [
        f"A {axes}-d depthwise separable convolution: a depthwise layer, then a 1x1 convolution that mixes channels.",
        "",
        "About kernel_size**axes times fewer multiply-adds than a full convolution with many channels. The two layers",
        f"are its attributes `depthwise` (DepthwiseConv{axes}d) and `pointwise` (Conv{axes}d).",
        "",
        "Source: Chollet, 'Xception: Deep Learning with Depthwise Separable Convolutions', 2017.",
    ]
    sizes = _SIZES[axes]
    example = [
        "Example:",
        "    >>> import torch",
        "    >>> from tilewise import nn",
        f"    >>> layer = nn.{name}(16, 32, 3, padding=1)",
        f"    >>> layer(torch.randn{(1, 16, *sizes)}).shape",
        f"    torch.Size([1, 32, {', '.join(map(str, sizes))}])",
        "    >>> layer.depthwise.weight.numel(), layer.pointwise.weight.numel()",
        f"    ({16 * 3**axes}, {16 * 32})",
    ]
    return "\n".join([*lines, "", *_arguments(listed, axes), "", *_shapes(axes, False), "", *_errors(),
                      "", *example]) + "\n"  # fmt: skip


def _arguments(listed: dict[str, str], axes: int) -> list[str]:
    lines = ["Args:"]
    for name, text in listed.items():
        lines += textwrap.wrap(f"{name}: {text}", 110, initial_indent="    ", subsequent_indent="        ")
    if axes > 1:
        lines += [f"    Sizes are one whole number for all {axes} axes or {axes} of them, one an axis."]
    return lines


def _shapes(axes: int, transposed: bool, channels: str = "out_channels") -> list[str]:
    names = _AXES[axes]
    inside, outside = ", ".join(names), ", ".join(f"{n}_out" for n in names)
    return [
        "Shape:",
        f"    input (N, in_channels, {inside}) or (in_channels, {inside}),",
        f"    result (N, {channels}, {outside}) or ({channels}, {outside}), along each axis",
        "",
        f"        {_FORMULAS[transposed]}",
    ]


def _errors() -> list[str]:
    return [
        "Raises:",
        "    What PyTorch's layer raises, its message first; ArgumentError (a ValueError) for arguments that PyTorch",
        "    accepts though such a layer can never run. Both name the argument, its value and what is accepted.",
    ]


def _example(name: str, axes: int, transposed: bool, lazy: bool) -> list[str]:
    sizes = _SIZES[axes]
    given = "16, 3" if lazy else "4, 16, 3"
    given += ", stride=2, padding=1" + (", output_padding=1" if transposed else "")
    out = [s * 2 if transposed else s // 2 for s in sizes]
    shape = f"(1, 4, {', '.join(map(str, sizes))})"
    result = f"1, 16, {', '.join(map(str, out))}"
    lines = [
        "Example:",
        "    >>> import torch",
        "    >>> from tilewise import nn",
        f"    >>> layer = nn.{name}({given})",
    ]
    if not lazy:
        lines += [f"    >>> layer.output_shape({shape})", f"    ({result})"]
    return [*lines, f"    >>> layer(torch.randn{shape}).shape", f"    torch.Size([{result}])"]
