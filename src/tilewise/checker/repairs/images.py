"""Proposals for what flows in: axes in another order or missing, another number type, another device."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace as altered

from tilewise.checker.frames import nearest
from tilewise.checker.inputs import Input
from tilewise.checker.repairs.proposal import Context, Proposal, at_start, set_argument, wrap_operand
from tilewise.checker.source import replace
from tilewise.geometry.preconditions import ConvolutionCall

_LAST_TO_FIRST = {2: "permute(1, 0)", 3: "permute(0, 2, 1)", 4: "permute(0, 3, 1, 2)", 5: "permute(0, 4, 1, 2, 3)"}
_DTYPES = {"float32": "float()", "float16": "half()", "float64": "double()", "bfloat16": "bfloat16()"}


def _source(ctx: Context) -> int | None:
    marks = ctx.fault.marks
    return next((s for m in marks for s in (m.source, m.unbatched) if s is not None), None)


def other_input(ctx: Context, which: int, **changes: object) -> tuple[Input, ...]:
    """The model's inputs with one of them changed."""
    inputs = list(ctx.outcome.inputs)
    inputs[which] = altered(inputs[which], **changes)  # type: ignore[arg-type]
    return tuple(inputs)


def layout(ctx: Context) -> Iterator[Proposal]:
    """Move the channels to the front, in the model or before it."""
    which = _source(ctx)
    shape = ctx.fault.shapes[0] if ctx.fault.shapes else ()
    dims = ctx.fault.call.dims if ctx.fault.call else len(shape) - 2
    move = _LAST_TO_FIRST.get(len(shape))
    if len(shape) == dims + 1:
        move = "movedim(-1, 0)"
    if move is None:
        return
    if which is not None:
        if len(shape) == dims + 1:
            yield from at_start(ctx, "{x}." + move + ".unsqueeze(0)", "channels first, and a batch of one", which)
        yield from at_start(ctx, "{x}." + move, "channels first", which)
        given = ctx.outcome.inputs[which].shape
        if len(given) == len(shape):
            front = given[: len(shape) - dims - 1]
            moved = (*front, given[-1], *given[len(front) : -1])
            yield Proposal("give the channels first", inputs=other_input(ctx, which, shape=moved))
    yield from wrap_operand(ctx, f".{move}", description="channels first")


def dims(ctx: Context) -> Iterator[Proposal]:
    """Add the missing axis, take the surplus one away, or take the layer made for so many axes."""
    which = _source(ctx)
    shape = ctx.fault.shapes[0] if ctx.fault.shapes else ()
    if not ctx.fault.marks and ctx.fault.kind == "stopped":
        which = 0 if ctx.outcome.inputs else None
        shape = ctx.outcome.inputs[0].shape if ctx.outcome.inputs else ()
    if which is None:
        yield from _other_layer(ctx, len(shape))
        yield from _unflatten(ctx, shape)
    if which is not None:
        given = ctx.outcome.inputs[which].shape
        for tail, words, new in _more_axes(ctx, given):
            yield from at_start(ctx, "{x}" + tail, words, which)
            yield Proposal(words, inputs=other_input(ctx, which, shape=new))
    if len(shape) > 4:
        yield from wrap_operand(ctx, ".flatten(0, 1)", description="one batch axis")
    if which is not None:
        yield from _other_layer(ctx, len(shape))
    for tail in (".unsqueeze(1)", ".unsqueeze(0)", ".flatten(1)", ".squeeze(-1)", ".squeeze(1)"):
        yield from wrap_operand(ctx, tail)
    if ctx.fault.kind in ("axes", "flatten"):
        yield from _negative_axis(ctx)


def _wants(ctx: Context) -> int:
    call = ctx.fault.call
    described = call.operation.describes(call) if call is not None else None
    return described.in_channels if isinstance(described, ConvolutionCall) else 0


def _more_axes(ctx: Context, given: tuple[int, ...]) -> list[tuple[str, str, tuple[int, ...]]]:
    batch = (".unsqueeze(0)", "add the batch axis", (1, *given))
    channel = (".unsqueeze(1)", "add the channel axis", (*given[:1], 1, *given[1:]))
    both = (".unsqueeze(0).unsqueeze(0)", "add batch and channel", (1, 1, *given))
    dimensions = ctx.fault.call.dims if ctx.fault.call else 2
    if len(given) <= dimensions:
        return [both]
    wants = _wants(ctx)
    if (wants > 1 and given[0] == wants) or any(m.unbatched is not None for m in ctx.fault.marks):
        return [batch, channel]
    return [channel, batch] if wants == 1 and given[0] != 1 else [batch, channel]


def _other_layer(ctx: Context, rank: int) -> Iterator[Proposal]:
    """Conv2d -> Conv1d and the like, by the axes that flow in."""
    built = nearest(ctx.fault.built.stack) if ctx.fault.built else None
    call = ctx.sources.call(built)
    right = {2: 1, 3: 1, 4: 2, 5: 3}.get(rank)
    if built is None or call is None or built.library or right is None:
        return
    name = ctx.sources.segment(built.file, call.func)
    new = re.sub(r"[123]d$", f"{right}d", name)
    if new != name:
        yield Proposal(f"the layer for {rank} axes", (replace(built.file, call.func, new),))


def _unflatten(ctx: Context, shape: tuple[int, ...]) -> Iterator[Proposal]:
    """A flat tensor before a convolution: give it the image back."""
    wants = _wants(ctx)
    if len(shape) != 2 or not wants or shape[1] % wants or ctx.fault.call is None:
        return
    count = ctx.fault.call.dims
    area = shape[1] // wants
    side = round(area ** (1 / count))
    if side**count != area:
        return
    image = ", ".join([str(wants)] + [str(side)] * count)
    tail = f".unflatten(1, ({image}))"
    words = "give it its image axes back"
    if ctx.fault.direct:
        yield from wrap_operand(ctx, tail, description=words)
        return
    built = nearest(ctx.fault.built.stack) if ctx.fault.built else None
    call = ctx.sources.call(built)
    if built is not None and call is not None and not built.library:
        text = ctx.sources.segment(built.file, call)
        room = ctx.sources.segment(built.file, call.func).rpartition(".")[0] or "torch.nn"
        yield Proposal(words, (replace(built.file, call, f"{room}.Unflatten(1, ({image})), {text}"),))


def _negative_axis(ctx: Context) -> Iterator[Proposal]:
    frame = nearest(ctx.fault.stack)
    node = ctx.sources.expression(frame) if frame is not None else None
    if frame is None or frame.library or not isinstance(node, ast.Call):
        return
    for found in node.args:
        if isinstance(found, ast.Constant) and type(found.value) is int:
            for new in ("1", "-1"):
                yield Proposal(changes=(replace(frame.file, found, new),))


def dtype(ctx: Context) -> Iterator[Proposal]:
    """Convert what flows in to the weights' type."""
    wanted = str(ctx.violation.needed)
    convert = _DTYPES.get(wanted, f"to(torch.{wanted})")
    which = _source(ctx)
    if which is not None:
        if ctx.violation.given == "uint8" and wanted == "float32":
            yield from at_start(ctx, "{x}.float() / 255", "convert and bring to 0 ... 1", which)
        yield from at_start(ctx, "{x}." + convert, f"convert to {wanted}", which)
        import torch

        new = getattr(torch, wanted, None)
        if isinstance(new, torch.dtype):
            yield Proposal(f"give {wanted}", inputs=other_input(ctx, which, dtype=new))
    for index in range(min(2, len(ctx.fault.marks))):
        yield from wrap_operand(ctx, f".{convert}", index, f"convert to {wanted}")
    if ctx.violation.given in _DTYPES and len(ctx.fault.marks) > 1:
        yield from wrap_operand(ctx, f".{_DTYPES[str(ctx.violation.given)]}", 1)
    yield from _drop_conversion(ctx)


def _drop_conversion(ctx: Context) -> Iterator[Proposal]:
    """`nn.Conv2d(...).double()` -> `nn.Conv2d(...)`, and dtype=... left out."""
    built = nearest(ctx.fault.built.stack) if ctx.fault.built else None
    call = ctx.sources.call(built)
    if built is None or call is None or built.library:
        return
    tree = ctx.sources.tree(built.file)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.value is call:
            yield Proposal("keep float32", (replace(built.file, node, ctx.sources.segment(built.file, call)),))
    for keyword in call.keywords:
        if keyword.arg == "dtype":
            given = str(ctx.violation.given)
            yield Proposal(changes=(replace(built.file, keyword.value, f"torch.{given}"),))


def device(ctx: Context) -> Iterator[Proposal]:
    """Move to where the other operand is."""
    which = _source(ctx)
    if which is not None and ctx.fault.module is not None:
        yield from at_start(ctx, "{x}.to(next(self.parameters()).device)", "move to the weights' device", which)
    for index, other in ((1, 0), (0, 1)):
        from tilewise.checker.repairs.proposal import operand

        found = operand(ctx, other)
        if found is None:
            continue
        text = ctx.sources.segment(found[0].file, found[1])
        if text.isidentifier():
            yield from wrap_operand(ctx, f".to({text}.device)", index, "move to the other's device")
    yield from wrap_operand(ctx, ".to(next(self.parameters()).device)", 0, "move to the weights' device")
    if which is not None:
        yield Proposal(
            f"give it on {ctx.violation.needed}", inputs=other_input(ctx, which, device=str(ctx.violation.needed))
        )
    yield from set_argument(ctx.sources, ctx.fault.built, "device", None, None)
