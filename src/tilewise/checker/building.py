"""Watching modules being constructed: where each was written, and constructors that would raise.

The watch patches nn.Module while it is on and takes the patches back when it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd

from tilewise.checker.frames import capture
from tilewise.checker.lazy import LAZY
from tilewise.checker.marks import Built
from tilewise.checker.quick import uncompiled
from tilewise.geometry.preconditions import ConvolutionLayer, Violation, first_violation

_RAISE = frozenset({"groups", "padding"})


@dataclass
class Overwritten:
    """A layer whose name was given to another one."""

    name: str
    owner: Any
    old: Any
    new: Any


@dataclass
class Construction:
    """What the watch saw. `faulty` is called for each constructor that would have raised."""

    faulty: Callable[[Violation, Built], None]
    built: dict[int, Built] = field(default_factory=dict)
    overwritten: list[Overwritten] = field(default_factory=list)

    def of(self, module: Any) -> Built | None:
        """Where a module was constructed, or None for one that existed before."""
        found = self.built.get(id(module))
        return found if found is not None and found.module is module else None


def _layer(dims: int, given: dict[str, Any]) -> ConvolutionLayer:
    words = {k: v for k, v in given.items() if k in ConvolutionLayer.__dataclass_fields__}
    return ConvolutionLayer(dims=dims, **words)


_CONV_NAMES = (
    *("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation"),
    *("transposed", "output_padding", "groups", "bias", "padding_mode"),
)


def _corrected(found: Violation, given: dict[str, Any]) -> dict[str, Any]:
    if found.code == "groups":
        return {**given, "groups": 1}
    if found.argument == "padding_mode":
        return {**given, "padding_mode": "zeros"}
    return {**given, "padding": tuple(k // 2 for k in given["kernel_size"])}


_INITIALISERS = (
    *("uniform_", "normal_", "trunc_normal_", "_no_grad_trunc_normal_", "constant_", "ones_", "zeros_", "eye_"),
    *("dirac_", "xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_", "orthogonal_", "sparse_"),
)


def _uncomputed(fill: Callable[..., Any]) -> Callable[..., Any]:
    """An initialiser that leaves a tensor as it is: there are no numbers to fill in. Short tensors may be refused."""

    def leave(tensor: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        return fill(tensor, *args, **kwargs) if tensor.dim() < 2 else tensor

    return leave


@contextmanager
def watching(construction: Construction) -> Iterator[None]:
    """Record every module constructed inside the block."""
    plain_init, plain_setattr = nn.Module.__init__, nn.Module.__setattr__
    conv_init, group_init = _ConvNd.__init__, nn.GroupNorm.__init__

    def module_init(self: Any, *args: Any, **kwargs: Any) -> None:
        plain_init(self, *args, **kwargs)
        construction.built[id(self)] = Built(self, capture(built=self))

    def module_setattr(self: Any, name: str, value: Any) -> None:
        if isinstance(value, nn.Module):
            old = self.__dict__.get("_modules", {}).get(name)
            if old is not None and old is not value:
                construction.overwritten.append(Overwritten(name, self, old, value))
        plain_setattr(self, name, value)

    def conv(self: Any, *args: Any, **kwargs: Any) -> None:
        given = dict(zip(_CONV_NAMES, args, strict=False))
        rest = {**kwargs, **given}
        tail = args[len(_CONV_NAMES) :]
        dims = len(rest["kernel_size"])
        for _ in range(4):
            try:
                found = first_violation(_layer(dims, rest))
            except (TypeError, ValueError):
                found = None
            if (
                found is None
                or found.code not in _RAISE
                or (found.argument == "padding" and found.given != rest["padding"])
            ):
                break
            if found.argument == "padding" and not isinstance(rest["padding"], str):
                break
            if not construction.of(self):
                # The constructor has not reached nn.Module yet: find the place now.
                place = Built(self, capture(built=self))
            else:
                place = construction.built[id(self)]
            construction.faulty(found, place)
            rest = _corrected(found, rest)
        ordered = [rest.pop(n) for n in _CONV_NAMES if n in rest]
        conv_init(self, *ordered, *tail, **{k: v for k, v in rest.items() if k not in _CONV_NAMES})

    def group_norm(self: Any, num_groups: int, num_channels: int, *args: Any, **kwargs: Any) -> None:
        if num_groups < 1 or num_channels % num_groups:
            found = Violation(
                "groups",
                f"splits {num_channels} channels into {num_groups} groups, but {num_channels} is not a multiple of "
                f"{num_groups}",
                "num_groups",
                num_groups,
                None,
                f"must divide {num_channels}",
            )
            construction.faulty(found, Built(self, capture(built=self)))
            num_groups = 1
        group_init(self, num_groups, num_channels, *args, **kwargs)

    def apply(self: Any, fn: Callable[[torch.Tensor], torch.Tensor], recurse: bool = True) -> Any:
        # PyTorch swaps tensors in place, which fake tensors with marks do not take: put new ones in instead.
        for child in self.children() if recurse else ():
            child._apply(fn)
        for table in (self._parameters, self._buffers):
            for key, value in table.items():
                if value is not None and not isinstance(value, (nn.UninitializedParameter, nn.UninitializedBuffer)):
                    new = fn(value)
                    is_parameter = isinstance(value, nn.Parameter)
                    table[key] = nn.Parameter(new, value.requires_grad) if is_parameter else new
        return self

    patches: list[tuple[Any, str, Any, Any]] = [
        (torch, "compile", uncompiled, torch.compile),
        (nn.Module, "__init__", module_init, plain_init),
        (nn.Module, "__setattr__", module_setattr, plain_setattr),
        (nn.Module, "_apply", apply, nn.Module._apply),
        (_ConvNd, "__init__", conv, conv_init),
        (nn.GroupNorm, "__init__", group_norm, group_init),
    ]
    patches += [(nn.init, name, _uncomputed(getattr(nn.init, name)), getattr(nn.init, name)) for name in _INITIALISERS]
    patches += [(owner, name, new, getattr(owner, name)) for owner, name, new in LAZY]
    for owner, name, new, _ in patches:
        setattr(owner, name, new)
    try:
        yield
    finally:
        for owner, name, _, old in patches:
            setattr(owner, name, old)


def fake_copy(model: nn.Module, mode: Any) -> nn.Module:
    """A copy of a model whose tensors hold no data: modules are copied, weights and buffers replaced by fake ones."""
    import copy

    memo: dict[int, Any] = {}
    for module in model.modules():
        for table in (module._parameters, module._buffers, module.__dict__):
            for value in table.values():
                if isinstance(value, torch.Tensor) and id(value) not in memo:
                    memo[id(value)] = _fake(value, mode)
    return copy.deepcopy(model, memo)


def _fake(tensor: torch.Tensor, mode: Any) -> torch.Tensor:
    if isinstance(tensor, (nn.UninitializedParameter, nn.UninitializedBuffer)):
        return tensor
    with mode:
        blank = torch.empty_strided(tuple(tensor.shape), tensor.stride(), dtype=tensor.dtype, device=tensor.device)
        return nn.Parameter(blank, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else blank
