"""How marks move from the operands of an operation to its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from tilewise.checker.marks import Mark, Site, inherit, mark_of, put
from tilewise.checker.operations import Call

# Operations after which two convolutions are no longer one linear map in a row.
_LINEAR_STAYS = frozenset({"identity", "dropout"})
_NEW_CHANNELS = frozenset({"convolution", "linear", "shuffle"})


def mark_result(
    call: Call | None, tensors: list[torch.Tensor], result: Any, site: Site | None, fault: Any = None
) -> None:
    """Mark what came out of a call; `site` is None for an operation the checker does not know."""
    outputs = [t for t in (result if isinstance(result, (tuple, list)) else (result,)) if isinstance(t, torch.Tensor)]
    for output in outputs:
        if any(output is t for t in tensors) and site is None:
            continue
        mark = _mark(call, tensors, output, site)
        put(output, mark if fault is None else replace(mark, taint=fault))


def _mark(call: Call | None, tensors: list[torch.Tensor], output: torch.Tensor, site: Site | None) -> Mark:
    if call is None or site is None:
        mark = inherit(tensors[:1], linear=None, softmax=None)
        same = bool(tensors) and tensors[0].dim() == output.dim() and tensors[0].shape[1:2] == output.shape[1:2]
        return mark if same else replace(mark, fields=mark.fields if same else None, source=None)
    kind = call.operation.kind
    base = inherit(
        [call.input] if kind in _NEW_CHANNELS or kind in ("batch norm", "norm") else call.tensors,
        last=site,
        softmax=site if kind == "softmax" else None,
    )
    if kind not in _LINEAR_STAYS:
        base = replace(base, linear=None)
    fields = base.fields
    if fields is not None and tensors and mark_of(call.input).fields is not None and kind not in ("cat", "arithmetic"):
        try:
            fields = call.operation.sees(call, fields)
        except (TypeError, ValueError, IndexError, ZeroDivisionError):
            fields = None
    mark = replace(base, fields=fields)
    special = _SPECIAL.get(kind)
    return special(call, mark, output, site) if special else mark


def _new_channels(call: Call, mark: Mark, output: torch.Tensor, site: Site) -> Mark:
    convolution = call.operation.kind == "convolution"
    alone = convolution and mark.source is not None and len(call.shape) == call.dims + 1
    return replace(
        mark,
        maker=site,
        source=None,
        linear=site if convolution else None,
        pooled=None,
        unbatched=mark.source if alone else mark.unbatched,
    )


def _cat(call: Call, mark: Mark, output: torch.Tensor, site: Site) -> Mark:
    dim = int(call.given.get("dim") or 0)
    if dim in (1, 1 - output.dim()):
        return replace(mark, maker=site, source=None)
    return mark


def _view(call: Call, mark: Mark, output: torch.Tensor, site: Site) -> Mark:
    before, after = call.shape, tuple(output.shape)
    if before[1:2] == after[1:2] and len(before) == len(after):
        return mark
    behind = Site(
        site.kind, site.name, site.path, site.module, site.built, site.stack, before, after,
        {**site.facts, "behind": mark_of(call.input).maker},
    )  # fmt: skip
    return replace(mark, maker=behind, source=None, fields=None)


def _global(call: Call, mark: Mark, output: torch.Tensor, site: Site) -> Mark:
    if call.operation.kind == "adaptive pooling":
        if set(output.shape[2:]) == {1}:
            return replace(mark, pooled=mark_of(call.input).fields)
        return mark
    dims = call.given.get("dim")
    axes = {d % len(call.shape) for d in (dims if isinstance(dims, (tuple, list)) else (dims,)) if isinstance(d, int)}
    if len(call.shape) > 2 and axes == set(range(2, len(call.shape))):
        return replace(mark, pooled=mark_of(call.input).fields, fields=None)
    return replace(mark, fields=None, maker=mark.maker if 1 not in axes else site)


def _axes(call: Call, mark: Mark, output: torch.Tensor, site: Site) -> Mark:
    mark = replace(mark, moved=not mark.moved)
    if tuple(output.shape[1:2]) == call.shape[1:2]:
        return mark
    moved = Site(
        site.kind, site.name, site.path, site.module, site.built, site.stack, call.shape, tuple(output.shape),
        {**site.facts, "behind": mark_of(call.input).maker},
    )  # fmt: skip
    return replace(mark, maker=moved)


_SPECIAL: dict[str, Callable[[Call, Mark, torch.Tensor, Site], Mark]] = {
    "convolution": _new_channels,
    "linear": _new_channels,
    "shuffle": _new_channels,
    "cat": _cat,
    "view": _view,
    "flatten": _view,
    "adaptive pooling": _global,
    "mean": _global,
    "axes": _axes,
}
