"""`tilewise.see`: from whatever a person has to the scene that shows it."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from tilewise.errors import ArgumentError
from tilewise.pictures.arithmetic import arithmetic_scene
from tilewise.pictures.figure import Figure
from tilewise.pictures.images import as_input
from tilewise.pictures.recording import record
from tilewise.pictures.settings import parse, title_of

_PADS = (
    nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d, nn.ReflectionPad1d, nn.ReflectionPad2d, nn.ReflectionPad3d,
    nn.ReplicationPad1d, nn.ReplicationPad2d, nn.ReplicationPad3d, nn.CircularPad1d, nn.CircularPad2d, nn.CircularPad3d,
)  # fmt: skip


def is_layer(module: nn.Module) -> bool:
    """Whether `module` is shown as arithmetic: one convolution, alone or after padding layers."""
    if isinstance(module, nn.modules.conv._ConvNd):
        return True
    if isinstance(module, nn.Sequential) and len(module) > 1:
        return is_layer(module[-1]) and all(isinstance(m, _PADS) for m in list(module)[:-1])
    return False


def _convolution(module: nn.Module) -> nn.modules.conv._ConvNd | None:
    return next((m for m in module.modules() if isinstance(m, nn.modules.conv._ConvNd)), None)


def _takes(module: nn.Module) -> tuple[int | None, int, torch.dtype]:
    """Channels (None where unknown), spatial dimensions and type of a module's input, by its first convolution."""
    first = _convolution(module)
    dtype = next((p.dtype for p in module.parameters() if p.is_floating_point()), torch.float32)
    if first is None:
        return None, 2, dtype
    channels = None if isinstance(first, nn.modules.lazy.LazyModuleMixin) else first.in_channels
    return channels, len(first.kernel_size), dtype


def see(
    thing: nn.Module | str | None = None,
    input: Any = None,
    *,
    at: tuple[int, ...] | None = None,
    filter_index: int = 0,
    channel: int | None = None,
    size: tuple[int, ...] | None = None,
    measure: bool = True,
) -> Figure:
    """A picture of what a convolution does, with real numbers from a real run.

    - `see(layer, input)` shows the **arithmetic** of one convolution layer (also after padding layers, or with a
      forward that pads): every product and sum behind each output.
    - `see(model, image)` shows the **network**: layers, shapes, feature maps, filters, receptive fields, cost.
    - `see("Conv2d(3, 16, 3, padding=1)", (1, 3, 32, 32))` and `see()` show the **playground**.

    `input` is a tensor (N, C, *spatial) or (C, *spatial), a NumPy array, a Pillow image, a path to a PNG, JPEG or
    DICOM file, or a shape, which stands for noise. Images are scaled to 0 .. 1 and resized to `size` where given.
    `at` is the output cell where the window first stands, `filter_index` and `channel` what is first shown;
    `measure` times the layers of a network.

    Raises ArgumentError where an argument is unusable, and what the layer itself raises on this input. A model that
    fails is shown with its diagnosis instead.
    """
    if thing is None or isinstance(thing, str):
        from tilewise.pictures.playground import playground_scene

        return Figure(playground_scene(None if thing is None else parse(thing), input))
    if not isinstance(thing, nn.Module):
        raise ArgumentError(
            f"see() got a {type(thing).__name__}; it takes a torch.nn.Module, or a layer as text such as "
            '"Conv2d(3, 16, 3, padding=1)".'
        )
    if input is None:
        raise ArgumentError(
            "see(module) needs an input: a tensor, an image or its path, or a shape such as (1, 3, 32, 32)."
        )
    channels, dims, dtype = _takes(thing)
    tensor, name, original = as_input(input, channels, dims, dtype, size)
    if not is_layer(thing):
        from tilewise.pictures.network import network_scene

        return Figure(network_scene(thing, tensor, name, original, measure=measure))
    recording = record(thing, tensor)
    if recording.error is not None:
        raise recording.error
    if not recording.calls:
        raise ArgumentError(f"{type(thing).__name__} ran without a convolution that could be seen.")
    call = recording.calls[-1]
    title = title_of(call)
    return Figure(
        arithmetic_scene(call, title=title, input_name=name, at=at, filter_index=filter_index, channel=channel)
    )
