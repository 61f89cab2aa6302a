"""Joining, adding and reshaping tensors."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tilewise.geometry.preconditions.rule import Rule, Violation, shape_text


@dataclass(frozen=True)
class ConcatenateCall:
    """torch.cat along `dim`, or torch.stack (`stacked`), of tensors of these shapes."""

    shapes: tuple[tuple[int, ...], ...]
    dim: int = 0
    stacked: bool = False


@dataclass(frozen=True)
class BroadcastCall:
    """An elementwise operation of two tensors."""

    left: tuple[int, ...]
    right: tuple[int, ...]


@dataclass(frozen=True)
class ViewCall:
    """view and reshape: `target` may hold one -1."""

    input: tuple[int, ...]
    target: tuple[int, ...]


def broadcast_shape(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that two legal operands make together; where they clash, the larger size."""
    rank = max(len(left), len(right))
    one = (1,) * (rank - len(left)) + left
    two = (1,) * (rank - len(right)) + right
    return tuple(b if a == 1 else a if b == 1 else max(a, b) for a, b in zip(one, two, strict=True))


def _skipped(shape: tuple[int, ...]) -> bool:
    # torch.cat has always passed over empty tensors of one axis
    return shape == (0,)


def _cat_count(call: ConcatenateCall) -> Violation | None:
    if call.shapes:
        return None
    return Violation("cat", "joins no tensors at all, but needs at least one", "tensors")


def _cat_dim(call: ConcatenateCall) -> Violation | None:
    kept = [s for s in call.shapes if not _skipped(s)] or list(call.shapes)
    rank = len(kept[0]) + (1 if call.stacked else 0)
    if rank == 0:
        return Violation("cat", "joins tensors without axes; use torch.stack for numbers", "dim", call.dim)
    if -rank <= call.dim < rank:
        return None
    return Violation(
        "cat",
        f"joins along axis {call.dim}, but {shape_text(kept[0])} has axes 0 to {rank - 1}",
        "dim",
        call.dim,
        1 if rank > 1 else 0,
        f"0 to {rank - 1}",
    )


def _cat_sizes(call: ConcatenateCall) -> Violation | None:
    shapes = list(call.shapes) if call.stacked else [s for s in call.shapes if not _skipped(s)]
    if not shapes:
        return None
    first = shapes[0]
    for shape in shapes[1:]:
        if len(shape) != len(first):
            return Violation(
                "cat",
                f"joins {shape_text(first)} and {shape_text(shape)}, but all must have the same number of axes",
                "tensors",
            )
        dim = None if call.stacked else call.dim % len(first)
        wrong = [a for a in range(len(first)) if a != dim and first[a] != shape[a]]
        if wrong:
            sizes = " and ".join(f"{first[a]} and {shape[a]} (axis {a})" for a in wrong)
            along = "stacks" if call.stacked else "joins"
            rest = "" if call.stacked else f" along axis {dim}"
            return Violation(
                "cat",
                f"{along} {shape_text(first)} and {shape_text(shape)}{rest}, but the other axes must be equal: {sizes}",
                "tensors",
                label=f"{' x '.join(str(first[a]) for a in wrong)} against {' x '.join(str(shape[a]) for a in wrong)}",
            )
    return None


def _broadcast(call: BroadcastCall) -> Violation | None:
    for back, (a, b) in enumerate(zip(reversed(call.left), reversed(call.right), strict=False), start=1):
        if a != b and 1 not in (a, b):
            axis = max(len(call.left), len(call.right)) - back
            what = "channels" if axis == 1 else f"sizes on axis {axis}"
            return Violation(
                "residual",
                f"adds {shape_text(call.left)} and {shape_text(call.right)}, but {a} and {b} {what} don't match",
                label=f"{a} against {b}",
            )
    return None


def _view(call: ViewCall) -> Violation | None:
    have = math.prod(call.input)
    known = math.prod(size for size in call.target if size != -1)
    holes = call.target.count(-1)
    asked = shape_text(call.target)
    if holes > 1:
        return Violation("size", f"asks for {asked}, but only one size can be -1", "shape", call.target)
    if min(call.target, default=0) < -1:
        return Violation("size", f"asks for {asked}, but a size can't be negative", "shape", call.target)
    if holes == 1:
        if known != 0 and have % known == 0:
            return None
        if known == 0:
            return Violation("size", f"asks for {asked}, where -1 could be anything", "shape", call.target)
        return Violation(
            "size",
            f"asks for {asked}, but {shape_text(call.input)} has {have} numbers, not a multiple of {known}",
            "shape",
            call.target,
            label=f"{have} is not a multiple of {known}",
        )
    if have == known:
        return None
    return Violation(
        "size",
        f"asks for {asked}, which is {known} numbers, but {shape_text(call.input)} has {have}",
        "shape",
        call.target,
        label=f"{have} numbers, not {known}",
    )


SHAPE_RULES = (
    Rule("cat count", "cat", ConcatenateCall, "there is something to join", _cat_count),
    Rule("cat axis", "cat", ConcatenateCall, "the axis exists", _cat_dim),
    Rule("cat sizes", "cat", ConcatenateCall, "all axes but the joined one are equal", _cat_sizes),
    Rule("broadcast", "residual", BroadcastCall, "sizes are equal, or one of them is 1", _broadcast),
    Rule("view", "size", ViewCall, "the numbers are neither more nor fewer", _view),
)
