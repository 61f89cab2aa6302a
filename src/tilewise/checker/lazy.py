"""Lazy layers on fake tensors: their parameters are put in place fresh, where PyTorch would fill old ones with data."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import unset_fake_temporarily
from torch.nn.modules.batchnorm import _LazyNormBase
from torch.nn.modules.conv import _LazyConvXdMixin

_PLAIN_PARAMETER = nn.UninitializedParameter.__new__
_PLAIN_BUFFER = nn.UninitializedBuffer.__new__


def _parameter(cls: Any, *args: Any, **kwargs: Any) -> Any:
    with unset_fake_temporarily():
        return _PLAIN_PARAMETER(cls, *args, **kwargs)


def _buffer(cls: Any, *args: Any, **kwargs: Any) -> Any:
    with unset_fake_temporarily():
        return _PLAIN_BUFFER(cls, *args, **kwargs)


def _set(module: Any, name: str, *shape: int) -> None:
    old = module._parameters.get(name)
    if old is not None:
        module._parameters[name] = nn.Parameter(torch.empty(*shape, dtype=old.dtype, device=old.device))


def _linear(self: Any, input: torch.Tensor) -> None:
    if self.has_uninitialized_params():
        self.in_features = input.shape[-1]
        _set(self, "weight", self.out_features, self.in_features)
        _set(self, "bias", self.out_features)


def _convolution(self: Any, input: torch.Tensor, *args: Any, **kwargs: Any) -> None:
    if not self.has_uninitialized_params():
        return
    self.in_channels = self._get_in_channels(input)
    first, second = self.out_channels, self.in_channels
    if self.transposed:
        first, second = second, first
    _set(self, "weight", first, second // self.groups, *self.kernel_size)
    _set(self, "bias", self.out_channels)


def _norm(self: Any, input: torch.Tensor) -> None:
    if not self.has_uninitialized_params():
        return
    self.num_features = input.shape[1]
    _set(self, "weight", self.num_features)
    _set(self, "bias", self.num_features)
    for name in ("running_mean", "running_var"):
        old = self._buffers.get(name)
        if old is not None:
            self._buffers[name] = torch.empty(self.num_features, dtype=old.dtype, device=old.device)


LAZY: tuple[tuple[Any, str, Any], ...] = (
    (nn.UninitializedParameter, "__new__", _parameter),
    (nn.UninitializedBuffer, "__new__", _buffer),
    (nn.LazyLinear, "initialize_parameters", _linear),
    (_LazyConvXdMixin, "initialize_parameters", _convolution),
    (_LazyNormBase, "initialize_parameters", _norm),
)
"""(class, method, stand-in) for the time of a check."""
