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
    if isinstance(module, _POOLS):
        return _pooling(module)
    text = module.extra_repr() if isinstance(module, nn.Module) else ""
    kept = [
        part
        for part in text.split(", ")
        if not part.startswith(("eps=", "momentum=", "affine=", "track_running", "inplace", "elementwise", "bias"))
    ]
    return ", ".join(kept)


_POOLS = (nn.modules.pooling._MaxPoolNd, nn.modules.pooling._AvgPoolNd)


def _short(values: Any) -> str:
    if not isinstance(values, (tuple, list)):
        return str(values)
    return str(values[0]) if len(set(values)) == 1 else "x".join(map(str, values))


def _pooling(module: Any) -> str:
    kernel = module.kernel_size
    dims = int(type(module).__name__[-2]) if type(module).__name__[-2].isdigit() else 2
    parts = ["x".join(map(str, kernel if isinstance(kernel, (tuple, list)) else (kernel,) * dims))]
    if module.stride not in (None, kernel):
        parts.append(f"stride {_short(module.stride)}")
    if module.padding not in (0, (0, 0)):
        parts.append(f"padding {_short(module.padding)}")
    if module.ceil_mode:
        parts.append("ceil_mode")
    return ", ".join(parts)


def _convolution(module: Any) -> str:
    parts = [f"{module.in_channels} -> {module.out_channels}", "x".join(map(str, module.kernel_size))]
    if set(module.stride) != {1}:
        parts.append(f"stride {_short(module.stride)}")
    if isinstance(module.padding, str):
        parts.append(f"padding {module.padding}")
    elif set(module.padding) != {0}:
        parts.append(f"padding {_short(module.padding)}")
    if set(module.dilation) != {1}:
        parts.append(f"dilation {_short(module.dilation)}")
    if module.groups != 1:
        parts.append("depthwise" if module.groups == module.in_channels else f"groups {module.groups}")
    if module.transposed and set(module.output_padding) != {0}:
        parts.append(f"output_padding {_short(module.output_padding)}")
    if module.bias is None:
        parts.append("no bias")
    return ", ".join(parts)
