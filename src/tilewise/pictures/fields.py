"""How receptive fields pass through the functions between convolutions: pooling, padding, resizing, joining."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import Any

from torch import Tensor

from tilewise.geometry import ReceptiveField

# One field for each spatial axis of the model's input; None is "the whole input, or more than can be told".
Fields = tuple[ReceptiveField, ...] | None

_POOLS = {f"{p}{kind}_pool{d}d" for kind in ("max", "avg") for d in (1, 2, 3) for p in ("", "_")}
_POOLS |= {f"max_pool{d}d_with_indices" for d in (1, 2, 3)}


def _each(value: Any, dims: int) -> tuple[int, ...]:
    values = (value,) if isinstance(value, int) else tuple(value)
    return values * dims if len(values) == 1 else values


def _pooled(fields: tuple[ReceptiveField, ...], args: tuple[Any, ...], kwargs: dict[str, Any], name: str) -> Fields:
    dims = len(fields)
    given = dict(zip(("input", "kernel_size", "stride", "padding", "dilation"), args, strict=False)) | kwargs
    kernel = _each(given["kernel_size"], dims)
    stride = _each(given.get("stride") or kernel, dims)
    padding = _each(given.get("padding", 0), dims)
    # The fifth argument of an average pool is ceil_mode.
    dilation = _each(given.get("dilation", 1), dims) if "max" in name else (1,) * dims
    return tuple(f.after(*numbers) for f, *numbers in zip(fields, kernel, stride, padding, dilation, strict=True))


def _joined(fields: list[tuple[ReceptiveField, ...]]) -> Fields:
    result = fields[0]
    for other in fields[1:]:
        if any(a.jump != b.jump for a, b in zip(result, other, strict=True)):
            return None
        result = tuple(a.joined(b) for a, b in zip(result, other, strict=True))
    return result


def field_after(
    name: str,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    known: list[tuple[Tensor, Fields]],
    output: Tensor,
    dims: int,
) -> Fields:
    """The fields of a function's output; `known` are the inputs whose fields are known, first the data itself."""
    if any(f is None for _, f in known):
        return None
    source, first = known[0]
    fields = [f for _, f in known if f is not None]
    if first is None or source.dim() < dims + 1:
        return None
    if name in _POOLS:
        return _pooled(first, args, kwargs, name)
    if name == "pad":
        flat = tuple(args[1] if len(args) > 1 else kwargs["pad"])
        before = [flat[i] if i < len(flat) else 0 for i in range(2 * (dims - 1), -1, -2)]
        return tuple(f.after(1, 1, p, 1) for f, p in zip(first, before, strict=True))
    if output.dim() < dims + 1:
        return None
    if name in ("interpolate", "upsample"):
        # One source pixel to either side covers every mode but bicubic, which takes two.
        reach = 2 if "bicubic" in (*args, *kwargs.values()) else 1
        ratios = [Fraction(n, m) for n, m in zip(source.shape[-dims:], output.shape[-dims:], strict=True)]
        return tuple(
            ReceptiveField(f.size + 2 * reach * f.jump, f.jump * r, f.start - reach * f.jump)
            for f, r in zip(first, ratios, strict=True)
        )
    if name in ("matmul", "__matmul__", "bmm", "einsum", "linear", "softmax", "layer_norm"):
        return None
    if all(t.shape[-dims:] == output.shape[-dims:] for t, _ in known):
        return _joined(fields)
    return None


def seen_by(field: ReceptiveField, position: int, size: int) -> tuple[int, int]:
    """The inputs (start, stop) that the output at `position` sees, within an input of `size`."""
    start = field.start + position * field.jump
    return max(0, floor(start)), min(size, ceil(start + field.size))
