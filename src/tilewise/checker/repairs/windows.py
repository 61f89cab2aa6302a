"""Proposals for windows and sizes: kernels that do not fit, paddings, reshapes, unpooling and resizing."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from typing import Any

from tilewise.checker.frames import nearest
from tilewise.checker.repairs.channels import matmul
from tilewise.checker.repairs.images import other_input
from tilewise.checker.repairs.proposal import Context, Proposal, add_argument, set_argument
from tilewise.checker.source import replace
from tilewise.geometry import window_size
from tilewise.geometry.preconditions import ConvolutionCall, PoolCall


def kernel(ctx: Context) -> Iterator[Proposal]:
    """A smaller window, a padding, a pooling less, or a larger image."""
    violation, fault = ctx.violation, ctx.fault
    if violation.needed is not None:
        yield from set_argument(ctx.sources, fault.built, violation.argument, _one(violation.given), violation.needed)
        yield from _in_call(ctx, violation.argument, violation.needed)
    asked = fault.call.operation.describes(fault.call) if fault.call is not None else None
    if fault.kind == "pooling":
        yield from _without(ctx)
    if isinstance(asked, ConvolutionCall) and not asked.transposed:
        room = min(w + p for w, p in zip(asked.spatial, asked.both_sides, strict=True))
        fits = max((k for k in range(1, room + 1) if window_size(k, max(asked.dilation)) <= room), default=0)
        if fits > 2 and fits % 2 == 0:
            fits -= 1
        if fits:
            yield from set_argument(ctx.sources, fault.built, "kernel_size", _one(asked.kernel_size), fits)
        need = max(
            -(-(window_size(k, d) - w) // 2)
            for k, d, w in zip(asked.kernel_size, asked.dilation, asked.spatial, strict=True)
        )
        half = max(window_size(k, d) // 2 for k, d in zip(asked.kernel_size, asked.dilation, strict=True))
        for padding in (half, need):
            yield from set_argument(ctx.sources, fault.built, "padding", _one(asked.padding), padding, add=True)
    if isinstance(asked, PoolCall):
        fits = min(asked.spatial)
        if fits >= 1:
            yield from set_argument(ctx.sources, fault.built, "kernel_size", _one(asked.kernel_size), fits)
            yield from _in_call(ctx, "kernel_size", fits)
    yield from larger_inputs(ctx)


def _one(value: Any) -> Any:
    if isinstance(value, tuple) and value and len(set(value)) == 1:
        return value[0]
    return value


def larger_inputs(ctx: Context) -> Iterator[Proposal]:
    """The smallest of some larger images on which the model runs."""
    for which, given in enumerate(ctx.outcome.inputs):
        image = given.shape[2:]
        if not image:
            continue
        for size in (8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128, 192, 224, 256, 299, 320, 512):
            if size > max(image):
                shape = (*given.shape[:2], *(size for _ in image))
                yield Proposal("give a larger image", inputs=other_input(ctx, which, shape=shape), slot="input")


def _without(ctx: Context) -> Iterator[Proposal]:
    """Leave the pooling out where it is used, or where it was written."""
    frame = nearest(ctx.fault.stack)
    call = ctx.sources.call(frame)
    if ctx.fault.direct and frame is not None and call is not None and not frame.library and call.args:
        text = ctx.sources.segment(frame.file, call.args[0])
        yield Proposal("leave this pooling out", (replace(frame.file, call, text),))
    built = nearest(ctx.fault.built.stack) if ctx.fault.built else None
    made = ctx.sources.call(built)
    if built is not None and made is not None and not built.library:
        room = ctx.sources.segment(built.file, made.func).rpartition(".")[0] or "torch.nn"
        yield Proposal("leave this pooling out", (replace(built.file, made, f"{room}.Identity()"),))


_POSITIONS = {
    "kernel_size": 1, "stride": 3, "padding": 4, "dilation": 5, "groups": 6, "size": 1, "scale_factor": 2, "mode": 3,
    "upscale_factor": 1, "downscale_factor": 1,
}  # fmt: skip


def _in_call(ctx: Context, argument: str, wanted: Any) -> Iterator[Proposal]:
    """A functional call's own argument."""
    frame = nearest(ctx.fault.stack)
    call = ctx.sources.call(frame)
    if ctx.fault.module is not None or frame is None or call is None or frame.library:
        return
    text = repr(wanted) if isinstance(wanted, str) else str(wanted)
    for keyword in call.keywords:
        if keyword.arg == argument:
            yield Proposal(changes=(replace(frame.file, keyword.value, text),))
            return
    name = ctx.fault.call.name if ctx.fault.call else ""
    index = _POSITIONS.get(argument, -1)
    if name.startswith("conv_transpose"):
        index = {"padding": 4, "output_padding": 5, "groups": 6, "stride": 3}.get(argument, -1)
    elif "pool" in name:
        index = {"kernel_size": 1, "stride": 2, "padding": 3}.get(argument, -1)
    if 0 <= index < len(call.args):
        yield Proposal(changes=(replace(frame.file, call.args[index], text),))


def output_padding(ctx: Context) -> Iterator[Proposal]:
    """The largest that is allowed, or none."""
    given = _one(ctx.violation.given)
    for wanted in dict.fromkeys((ctx.violation.needed, 0)):
        yield from set_argument(ctx.sources, ctx.fault.built, "output_padding", given, wanted)
        yield from _in_call(ctx, "output_padding", wanted)
    stride = int(given) + 1 if type(given) is int and given >= 0 else 0
    if stride > 1:
        yield from set_argument(ctx.sources, ctx.fault.built, "stride", stride - 1, stride, add=True)


def padding(ctx: Context) -> Iterator[Proposal]:
    """A number where 'same' can't be; what is allowed where too much was asked."""
    violation, fault = ctx.violation, ctx.fault
    module = fault.module
    if violation.given == "same" and hasattr(module, "kernel_size"):
        half = tuple(window_size(k, d) // 2 for k, d in zip(module.kernel_size, module.dilation, strict=True))
        number = _one(half)
        yield from set_argument(ctx.sources, fault.built, "padding", "same", number)
        yield from set_argument(ctx.sources, fault.built, "stride", _one(tuple(module.stride)), 1)
    if violation.given == "same" and module is None and fault.call is not None:
        asked = fault.call.operation.describes(fault.call)
        yield from _in_call(ctx, "padding", asked.kernel_size[0] // 2)
    if violation.needed is not None:
        name = violation.argument if module is not None else "padding"
        name = "padding" if name == "pad" else name
        yield from set_argument(ctx.sources, fault.built, name, _one(violation.given), violation.needed)
        yield from _in_call(ctx, violation.argument, violation.needed)
    if fault.kind == "padding":
        yield from set_argument(ctx.sources, fault.built, "padding_mode", None, "zeros")
        yield from larger_inputs(ctx)
        yield from _functional_pad(ctx)


def _functional_pad(ctx: Context) -> Iterator[Proposal]:
    frame = nearest(ctx.fault.stack)
    call = ctx.sources.call(frame)
    if ctx.fault.module is not None or frame is None or call is None or frame.library or ctx.fault.call is None:
        return
    most = ctx.violation.needed
    pads = call.args[1] if len(call.args) > 1 else None
    if type(most) is int and isinstance(pads, (ast.Tuple, ast.List)):
        numbers = [min(int(p), most) for p in ctx.fault.call.given["pad"]]
        yield Proposal(changes=(replace(frame.file, pads, f"({', '.join(map(str, numbers))})"),))
    for keyword in call.keywords:
        if keyword.arg == "mode":
            yield Proposal(changes=(replace(frame.file, keyword.value, '"constant"'),))


def size(ctx: Context) -> Iterator[Proposal]:
    """Reshapes that keep the batch; indices and sizes of the right layer; images that divide."""
    fault = ctx.fault
    if fault.kind == "view":
        yield from _view(ctx)
    if fault.kind == "matmul":
        yield from matmul(ctx)
    if fault.kind == "unpooling":
        yield from _indices(ctx)
    if fault.kind == "resize":
        yield from _resize(ctx)
    if fault.kind == "shuffle":
        yield from _in_call(ctx, "downscale_factor", 1)
        from tilewise.checker.repairs.joins import legal_inputs

        yield from legal_inputs(ctx)
    if fault.kind == "loss":
        return


def _view(ctx: Context) -> Iterator[Proposal]:
    frame = nearest(ctx.fault.stack)
    call = ctx.sources.call(frame)
    if frame is None or call is None or frame.library or not isinstance(call.func, ast.Attribute):
        return
    shape = ctx.fault.shapes[0]
    target: tuple[int, ...] = tuple(ctx.fault.call.given["shape"]) if ctx.fault.call else ()
    text = ctx.sources.segment(frame.file, call.func.value)
    if text in ("torch", "F") and call.args:
        text = ctx.sources.segment(frame.file, call.args[0])
    if len(target) == 2:
        yield Proposal("flatten all but the batch", (replace(frame.file, call, f"{text}.flatten(1)"),))
        flat = math.prod(shape[1:])
        args = call.args[-1:] if call.args and not isinstance(call.args[-1], (ast.Tuple, ast.List)) else []
        for node in args:
            yield Proposal(changes=(replace(frame.file, node, str(flat)),))
    elif len(target) > 2:
        # The batch and the channels as they are, and an image as large as there is.
        rest = math.prod(shape[1:])
        wants = target[1]
        dims = len(target) - 2
        if wants > 0 and rest % wants == 0:
            area = rest // wants
            side = round(area ** (1 / dims))
            if side**dims == area:
                sizes = ", ".join([str(wants), *[str(side)] * dims])
                yield Proposal(changes=(replace(frame.file, call, f"{text}.view(-1, {sizes})"),))
        made = math.prod(target[1:])
        mark = ctx.fault.marks[0] if ctx.fault.marks else None
        if mark is not None and mark.maker is not None and mark.maker.kind == "linear" and made > 0:
            yield from set_argument(ctx.sources, mark.maker.built, "out_features", shape[-1], made)


def _indices(ctx: Context) -> Iterator[Proposal]:
    """Other indices that the function has at hand, or the size that the indices came from."""
    frame = nearest(ctx.fault.stack)
    call = ctx.sources.call(frame)
    function = ctx.sources.function(frame) if frame is not None else None
    if frame is None or call is None or function is None or frame.library:
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and len(node.targets[0].elts) == 2:
            name = node.targets[0].elts[1]
            if isinstance(name, ast.Name) and len(call.args) > 1:
                yield Proposal("the indices of that depth", (replace(frame.file, call.args[1], name.id),))
    for keyword in call.keywords:
        if keyword.arg == "output_size":
            for site in reversed(ctx.outcome.trace.sites):
                if site.kind == "pooling":
                    yield Proposal(changes=(replace(frame.file, keyword.value, str(site.input_shape)),))
            yield Proposal(changes=(replace(frame.file, keyword.value, "None"),))


def _resize(ctx: Context) -> Iterator[Proposal]:
    fault = ctx.fault
    asked = fault.call.operation.describes(fault.call) if fault.call is not None else None
    image = fault.shapes[0][2:]
    frame = nearest(fault.stack)
    call = ctx.sources.call(frame)
    if asked is None or frame is None:
        return
    if fault.module is None and call is not None and not frame.library:
        if asked.size is not None and asked.scale is not None:
            for keyword in call.keywords:
                if keyword.arg in ("scale_factor", "size"):
                    yield Proposal(changes=(replace(frame.file, keyword.value, "None"),))
        if asked.size is None and asked.scale is None:
            yield Proposal(changes=(add_argument(ctx.sources, frame, call, "scale_factor=2"),))
        if asked.size is not None and len(asked.size) != len(image):
            told = list(asked.size)
            fewer = told[-len(image) :] if len(told) > len(image) else [told[0]] * len(image)
            yield from _in_call(ctx, "size", tuple(fewer))
        if asked.scale is not None:
            fewer_scale = tuple(asked.scale[: len(image)])
            yield from _in_call(ctx, "scale_factor", fewer_scale if len(fewer_scale) == len(image) else 2)
            yield from _in_call(ctx, "scale_factor", 1)
    else:
        for name in ("size", "scale_factor"):
            given = asked.size if name == "size" else asked.scale
            if given is not None and len(given) != len(image):
                yield from set_argument(ctx.sources, fault.built, name, given, given[0])
        yield from set_argument(ctx.sources, fault.built, "mode", asked.mode, "nearest")


def mode(ctx: Context) -> Iterator[Proposal]:
    """The interpolation that is made for so many axes."""
    wanted = ctx.violation.needed
    if isinstance(wanted, str):
        yield from set_argument(ctx.sources, ctx.fault.built, "mode", ctx.violation.given, wanted)
        yield from _in_call(ctx, "mode", wanted)
