"""Proposals for tensors that meet: concatenations and sums whose shapes differ."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import islice

from tilewise.checker.frames import Frame, nearest
from tilewise.checker.marks import Built, Site
from tilewise.checker.repairs.channels import maker_makes
from tilewise.checker.repairs.images import other_input
from tilewise.checker.repairs.proposal import (
    Context,
    Proposal,
    add_argument,
    alias,
    operand,
    set_argument,
    wrap_operand,
    wrapped,
)
from tilewise.checker.source import Change, insert_line, replace

_STEPS = (2, 4, 8, 16, 32, 64)


def cat(ctx: Context) -> Iterator[Proposal]:
    """Pad, crop or resize one to the other; another axis; or an input whose size divides."""
    shapes = ctx.fault.shapes
    odd = next((i for i, s in enumerate(shapes[1:], start=1) if not _fit(ctx, shapes[0], s)), 1)
    if len(shapes) > odd and len(shapes[0]) == len(shapes[odd]) >= 3 and shapes[0][2:] != shapes[odd][2:]:
        small, large = (0, odd) if sum(shapes[0][2:]) <= sum(shapes[odd][2:]) else (odd, 0)
        yield from _unpadded(ctx)
        yield from _same_size(ctx, small, large, len(shapes[0]) - 2)
        yield from legal_inputs(ctx)
    yield from _axis(ctx)
    if len(shapes) > odd and len(shapes[0]) != len(shapes[odd]):
        small = 0 if len(shapes[0]) < len(shapes[odd]) else odd
        for tail in (".unsqueeze(1)", ".unsqueeze(0)", ".flatten(1)"):
            yield from wrap_operand(ctx, tail, small if "un" in tail else odd - small)


def _fit(ctx: Context, first: tuple[int, ...], other: tuple[int, ...]) -> bool:
    dim = int(ctx.fault.call.given.get("dim") or 0) if ctx.fault.call else 1
    return len(first) == len(other) and all(
        a == b for axis, (a, b) in enumerate(zip(first, other, strict=True)) if axis != dim % len(first)
    )


def _enlarged(ctx: Context, index: int) -> bool:
    """Whether a tensor comes from a transposed convolution or a resize: the decoder's side of a join."""
    mark = ctx.fault.marks[index]
    grown = mark.maker is not None and getattr(mark.maker.module, "transposed", False)
    return bool(grown) or (mark.last is not None and mark.last.kind == "resize")


def _same_size(ctx: Context, small: int, large: int, dims: int) -> Iterator[Proposal]:
    """Change the decoder's side where that can be told; padding and cropping first where names make them short."""
    ways = [_pad(ctx, small, large, dims), _crop(ctx, large, small, dims)]
    if _enlarged(ctx, large) and not _enlarged(ctx, small):
        ways.reverse()
    resize = (large, small) if _enlarged(ctx, large) and not _enlarged(ctx, small) else (small, large)
    texts = _texts(ctx, small, large)
    if texts is not None and not (texts[2].isidentifier() and texts[3].isidentifier()):
        yield from _resize(ctx, *resize, dims)
    for way in ways:
        yield from way
    yield from _resize(ctx, *resize, dims)


def _unpadded(ctx: Context) -> Iterator[Proposal]:
    """Branches side by side, one of them without the padding that keeps its size."""
    if any(_enlarged(ctx, i) for i in range(len(ctx.fault.marks))):
        return
    largest = max((s[2:] for s in ctx.fault.shapes), key=sum)
    changes: list[Change] = []
    for mark, shape in zip(ctx.fault.marks, ctx.fault.shapes, strict=True):
        site = mark.maker
        if shape[2:] == largest or site is None or site.kind != "convolution" or site.built is None:
            continue
        module = site.module
        half = {(k - 1) * d // 2 for k, d in zip(module.kernel_size, module.dilation, strict=True)}
        if len(half) == 1 and not isinstance(module.padding, str):
            found = set_argument(ctx.sources, site.built, "padding", module.padding[0], half.pop(), add=True)
            changes.extend(c for p in islice(found, 1) for c in p.changes)
    if changes:
        yield Proposal("pad so that the size stays", tuple(changes))


def _texts(ctx: Context, one: int, other: int) -> tuple[Frame, ast.expr, str, str] | None:
    first, second = operand(ctx, one), operand(ctx, other)
    if first is None or second is None:
        return None
    texts = [ctx.sources.segment(f.file, n) for f, n in (first, second)]
    if any(not t or len(t) > 30 or "\n" in t for t in texts):
        return None
    return first[0], first[1], texts[0], texts[1]


def _pad(ctx: Context, small: int, large: int, dims: int) -> Iterator[Proposal]:
    found = _texts(ctx, small, large)
    if found is None:
        return
    frame, node, x, skip = found
    functional = alias(ctx, "functional", frame)
    axes = range(dims + 1, 1, -1)
    pads = ", ".join(f"0, {skip}.shape[{a}] - {x}.shape[{a}]" for a in axes)
    yield Proposal("pad the smaller one", (replace(frame.file, node, f"{functional}.pad({x}, ({pads}))"),))


def _crop(ctx: Context, large: int, small: int, dims: int) -> Iterator[Proposal]:
    found = _texts(ctx, large, small)
    if found is None:
        return
    frame, node, x, other = found
    cut = ", ".join(f":{other}.shape[{a}]" for a in range(2, dims + 2))
    yield Proposal("crop the larger one", (replace(frame.file, node, wrapped(x, f"[:, :, {cut}]")),))


def _resize(ctx: Context, one: int, other: int, dims: int) -> Iterator[Proposal]:
    found = _texts(ctx, one, other)
    if found is None:
        return
    frame, node, x, skip = found
    functional = alias(ctx, "functional", frame)
    text = f"{functional}.interpolate({x}, size={skip}.shape[2:])"
    yield Proposal("resize one to the other", (replace(frame.file, node, text),))


def legal_inputs(ctx: Context) -> Iterator[Proposal]:
    """The same model on the next larger image whose sizes are multiples of 2, 4, 8 ..."""
    for which, given in enumerate(ctx.outcome.inputs):
        if len(given.shape) < 3:
            continue
        image = given.shape[2:]
        seen = set()
        for step in _STEPS:
            sizes = tuple(-(-s // step) * step for s in image)
            if sizes != image and sizes not in seen:
                seen.add(sizes)
                words = f"give sizes that are multiples of {step}"
                yield Proposal(words, inputs=other_input(ctx, which, shape=(*given.shape[:2], *sizes)), slot="input")


def _axis(ctx: Context) -> Iterator[Proposal]:
    frame = nearest(ctx.fault.stack)
    call = ctx.sources.call(frame)
    if frame is None or call is None or frame.library:
        return
    dims = [k.value for k in call.keywords if k.arg in ("dim", "axis")] or list(call.args[1:2])
    for axis in ("1", "0", "-1"):
        change = replace(frame.file, dims[0], axis) if dims else add_argument(ctx.sources, frame, call, f"dim={axis}")
        yield Proposal("join along another axis", (change,))


# -- sums ------------------------------------------------------------------------------------------------------------


def residual(ctx: Context) -> Iterator[Proposal]:
    """A projection on the shortcut; paddings that keep the size; or as many channels as the other side."""
    shapes, marks = ctx.fault.shapes, ctx.fault.marks
    if len(shapes) < 2:
        return
    left, right = shapes[0], shapes[1]
    if len(left) == len(right) and len(left) >= 3:
        if left[1] == right[1]:
            yield from _paddings(ctx)
        gate = ctx.fault.call is not None and "mul" in ctx.fault.call.name
        makers = [
            p
            for one, other in ((1, 0), (0, 1))
            if left[1] != right[1]
            for p in maker_makes(ctx, marks[one].maker, shapes[one][1], shapes[other][1])
        ]
        yield from makers if gate else ()
        yield from _projection(ctx)
        yield from makers
        if left[2:] != right[2:]:
            yield from _strides(ctx)
            small = 0 if sum(left[2:]) <= sum(right[2:]) else 1
            yield from _crop(ctx, 1 - small, small, len(left) - 2)
            yield from _resize(ctx, 1 - small, small, len(left) - 2)
    elif left and right and left[-1] != right[-1]:
        for one, other in ((0, 1), (1, 0)):
            yield from maker_makes(ctx, marks[one].maker, shapes[one][-1], shapes[other][-1])
    if len(left) != len(right):
        small = 0 if len(left) < len(right) else 1
        missing = abs(len(left) - len(right))
        yield from wrap_operand(ctx, "".join(".unsqueeze(-1)" for _ in range(missing)), small)
        yield from wrap_operand(ctx, ".flatten(1)", 1 - small)


def _branch(ctx: Context) -> list[Site]:
    """The convolutions of the module in which the sum stands."""
    prefix = f"{ctx.fault.path}." if ctx.fault.path else ""
    return [
        s
        for s in ctx.outcome.trace.sites
        if s.kind == "convolution" and s.built is not None and (s.path.startswith(prefix) or not prefix)
    ]


def _paddings(ctx: Context) -> Iterator[Proposal]:
    changes: list[Change] = []
    for site in _branch(ctx):
        module = site.module
        half = tuple((k - 1) * d // 2 for k, d in zip(module.kernel_size, module.dilation, strict=True))
        if isinstance(module.padding, str) or tuple(module.padding) == half or module.transposed:
            continue
        if len(set(half)) == 1:
            found = next(set_argument(ctx.sources, site.built, "padding", module.padding[0], half[0], add=True), None)
            if found is not None:
                changes.extend(c for c in found.changes if c not in changes)
    if changes:
        yield Proposal("pad so that the size stays", tuple(changes))
        for change in changes if len(changes) > 1 else ():
            yield Proposal("pad so that the size stays", (change,))


def _strides(ctx: Context) -> Iterator[Proposal]:
    for site in _branch(ctx):
        if set(site.module.stride) != {1}:
            yield from set_argument(ctx.sources, site.built, "stride", site.module.stride[0], 1)


def _projection(ctx: Context) -> Iterator[Proposal]:
    """A 1x1 convolution on the shortcut, written at the end of the owner's constructor."""
    frame = nearest(ctx.fault.stack)
    sites = _branch(ctx)
    if frame is None or frame.library or not sites:
        return
    owner = ctx.sources.class_around(frame.file, frame.line)
    init = next(
        (n for n in (owner.body if owner else ()) if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None
    )
    if init is None or init.body[-1].lineno == init.lineno:
        return
    built = next(
        (s.built for s in sites if s.built and s.built.stack and s.built.stack[0].function == "__init__"), None
    )
    taken = {n.attr for n in ast.walk(owner) if isinstance(n, ast.Attribute)} if owner else set()
    name = "project" if "project" not in taken else "shortcut_project"
    shapes = ctx.fault.shapes
    dims = len(shapes[0]) - 2
    room = alias(ctx, "nn", frame)
    for shortcut, main in ((1, 0), (0, 1)):
        found = operand(ctx, shortcut)
        if found is None:
            continue
        before, after = shapes[shortcut], shapes[main]
        strides = {-(-a // b) if b else 1 for a, b in zip(before[2:], after[2:], strict=True)}
        if len(strides) != 1 or min(strides) < 1:
            continue
        stride = strides.pop()
        for numbers in _written(built, before[1], after[1], stride):
            tail = f", stride={numbers[2]}" if stride > 1 else ""
            line = (
                f"{' ' * init.body[-1].col_offset}self.{name} = {room}.Conv{dims}d({numbers[0]}, {numbers[1]}, 1{tail})"
            )
            text = ctx.sources.segment(found[0].file, found[1])
            if not text or "\n" in text:
                continue
            use = replace(found[0].file, found[1], f"self.{name}({text})")
            where = insert_line(frame.file, (init.end_lineno or init.lineno) + 1, line)
            yield Proposal("project the shortcut", (where, use))


def _written(built: Built | None, inputs: int, outputs: int, stride: int) -> list[tuple[str, str, str]]:
    """How the numbers are written: with the constructor's own names where they have them, else as they are."""
    plain = (str(inputs), str(outputs), str(stride))
    values = dict(built.stack[0].values) if built is not None else {}
    names = {n: v for n, v in values.items() if type(v) is int}

    def called(value: int, prefer: str) -> str | None:
        fitting = [n for n, v in names.items() if v == value]
        fitting.sort(key=lambda n: prefer not in n.lower())
        return fitting[0] if fitting else None

    named = (called(inputs, "in") or plain[0], called(outputs, "out") or plain[1], called(stride, "stride") or plain[2])
    return [named, plain] if named != plain else [plain]
