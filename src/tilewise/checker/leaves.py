"""Which modules are single layers to a reader: PyTorch's own, their subclasses, and anything without children."""

from __future__ import annotations

from typing import Any

from torch import nn

_CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict, nn.ParameterList, nn.ParameterDict)


def is_leaf(module: nn.Module) -> bool:
    """True for a layer of PyTorch's (or a subclass of one), whatever it runs inside."""
    if isinstance(module, _CONTAINERS):
        return False
    if isinstance(module, nn.MultiheadAttention):
        return True
    own = any(
        base.__module__.startswith("torch.nn.modules.") and base is not nn.Module for base in type(module).__mro__
    )
    return own and not module._modules


def called(path: str, module: nn.Module) -> str:
    """How a message names a layer: its path, with its type where the path says little ("net.2 (Conv2d)")."""
    kind = type(module).__name__
    if not path:
        return kind
    if not path.rpartition(".")[2].isdigit():
        return path
    return f"{path} ({kind})" if "." in path else f"layer {path} ({kind})"


def settings(module: Any) -> str:
    """A layer's parameters in short: "16 -> 32, 3x3, stride 2, padding 1"."""
    if isinstance(module, nn.modules.conv._ConvNd):
        return _convolution(module)
    if isinstance(module, (nn.Linear, nn.LazyLinear)):
        return f"{module.in_features} -> {module.out_features}"
    text = module.extra_repr() if isinstance(module, nn.Module) else ""
    kept = [
        part
        for part in text.split(", ")
        if not part.startswith(("eps=", "momentum=", "affine=", "track_running", "inplace", "elementwise", "bias"))
    ]
    return ", ".join(kept)


def _convolution(module: Any) -> str:
    def axes(values: Any) -> str:
        return str(values[0]) if len(set(values)) == 1 and len(values) != 2 else "x".join(map(str, values))

    def short(values: Any) -> str:
        return str(values[0]) if len(set(values)) == 1 else "x".join(map(str, values))

    parts = [f"{module.in_channels} -> {module.out_channels}", axes(module.kernel_size)]
    if set(module.stride) != {1}:
        parts.append(f"stride {short(module.stride)}")
    if isinstance(module.padding, str):
        parts.append(f"padding {module.padding}")
    elif set(module.padding) != {0}:
        parts.append(f"padding {short(module.padding)}")
    if set(module.dilation) != {1}:
        parts.append(f"dilation {short(module.dilation)}")
    if module.groups != 1:
        parts.append("depthwise" if module.groups == module.in_channels else f"groups {module.groups}")
    if module.transposed and set(module.output_padding) != {0}:
        parts.append(f"output_padding {short(module.output_padding)}")
    if module.bias is None:
        parts.append("no bias")
    return ", ".join(parts)
