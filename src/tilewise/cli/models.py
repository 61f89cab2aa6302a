"""What `tilewise bench` and `tilewise tune` measure: a layer's line, or a module from a person's own file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import torch

_TARGET = re.compile(r"[^()]+:[\w.]+")


def is_file(name: str) -> bool:
    """Whether a name is that of a module in somebody's file or package, and not a layer's line."""
    return bool(_TARGET.fullmatch(name.strip()))


def load(name: str, dtype: torch.dtype) -> torch.nn.Module:
    """The module that `name` stands for, with its weights initialised, on the CPU.

    Raises ArgumentError where it is neither a layer's line nor `file.py:Model` or `package.module:Model`.
    """
    if is_file(name):
        from tilewise.pictures.targets import load as load_target

        return load_target(name.strip()).to(dtype)
    from tilewise.explaining import layer_from_text

    layer = layer_from_text(name).to_empty(device="cpu").to(dtype)
    for module in layer.modules():
        reset: Any = getattr(module, "reset_parameters", None)
        if reset is not None:
            reset()
    return layer


def load_with_input(
    name: str, sizes: tuple[int, ...], dtype: str, channels_last: bool
) -> tuple[torch.nn.Module, torch.Tensor]:
    """The module that `name` stands for and a random input, both in one type and memory format."""
    import torch

    kind: torch.dtype = getattr(torch, dtype)
    module, x = load(name, kind), torch.randn(sizes).to(kind)
    if channels_last:
        if x.dim() not in (4, 5):
            raise click.UsageError("--channels-last is for 2-d and 3-d images: inputs of 4 or 5 sizes")
        form = torch.channels_last if x.dim() == 4 else torch.channels_last_3d
        module, x = module.to(memory_format=form), x.to(memory_format=form)  # type: ignore[call-overload]
    return module, x
