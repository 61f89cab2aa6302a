"""A model with the input it is shown on, and the convolutions of the last run: what a live picture asks again."""

from __future__ import annotations

import threading
from typing import Any

import torch
from torch import Tensor, nn

from tilewise.errors import ArgumentError
from tilewise.pictures.arithmetic import arithmetic_scene
from tilewise.pictures.diagnosis import diagnosis
from tilewise.pictures.images import Image, as_input, resized
from tilewise.pictures.network import network_scene
from tilewise.pictures.recording import Call, record
from tilewise.pictures.settings import title_of

Scene = dict[str, Any]

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


def takes(module: nn.Module) -> tuple[int | None, int, torch.dtype]:
    """Channels (None where unknown), spatial dimensions and type of a module's input, by its first convolution."""
    first = next((m for m in module.modules() if isinstance(m, nn.modules.conv._ConvNd)), None)
    dtype = next((p.dtype for p in module.parameters() if p.is_floating_point()), torch.float32)
    if first is None:
        return None, 2, dtype
    channels = None if isinstance(first, nn.modules.lazy.LazyModuleMixin) else first.in_channels
    return channels, len(first.kernel_size), dtype


class Session:
    """One module, shown again and again: on another image, at another cell. Safe to share between threads."""

    def __init__(
        self, module: nn.Module, input: Any, size: tuple[int, ...] | None = None, *, measure: bool = True
    ) -> None:
        self.module, self.measure = module, measure
        self.channels, self.dims, self.dtype = takes(module)
        self.tensor, self.name, self.original = as_input(input, self.channels, self.dims, self.dtype, size)
        self.calls: list[Call] = []
        self._lock = threading.Lock()

    def scene(self, at: tuple[int, ...] | None = None, filter_index: int = 0, channel: int | None = None) -> Scene:
        """Run the module, make its picture. ArgumentError where a layer cannot run; a model's fault is in its scene."""
        with self._lock:
            recording = record(self.module, self.tensor)
            self.calls = recording.calls
            if not is_layer(self.module):
                given = (self.module, self.tensor, self.name, self.original)
                return network_scene(*given, recording=recording, measure=self.measure)
            if recording.error is not None:
                reason = diagnosis(self.module, self.tensor, recording)[0]["message"]
                raise ArgumentError(
                    f"{type(self.module).__name__} cannot run on this input: {reason}."
                ) from recording.error
            if not self.calls:
                raise ArgumentError(f"{type(self.module).__name__} ran without a convolution that could be seen.")
            return self._arithmetic(len(self.calls) - 1, at, filter_index, channel)

    def _arithmetic(self, index: int, at: tuple[int, ...] | None, filter_index: int, channel: int | None) -> Scene:
        call = self.calls[index]
        name = self.name if is_layer(self.module) else "input of this layer"
        return arithmetic_scene(
            call, title=title_of(call), input_name=name, at=at, filter_index=filter_index, channel=channel
        )

    def cell(self, index: int, filter_index: int, at: tuple[int, ...]) -> Scene:
        """The arithmetic of any cell of the convolution that ran as number `index`, from the last run."""
        with self._lock:
            if not self.calls:
                self.calls = record(self.module, self.tensor).calls
            if not 0 <= index < len(self.calls):
                raise ArgumentError(f"convolution {index} is not one of the {len(self.calls)} that ran.")
            return self._arithmetic(index, at, filter_index, None)

    def look_at(self, image: Image) -> Scene:
        """The same module on another image, resized to what the present input measures."""
        if self.dims != 2:
            raise ArgumentError(f"An image has 2 dimensions, this model takes {self.dims}.")
        size: tuple[int, int] = (self.tensor.shape[-2], self.tensor.shape[-1])
        tensor, name, original = as_input(Image(_clean(image.pixels, size), image.name), self.channels, 2, self.dtype)
        with self._lock:
            self.tensor, self.name, self.original = tensor, name, original
        return self.scene()


def _clean(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    return pixels if tuple(pixels.shape[1:]) == size else resized(pixels, size).clamp(0, 1)
