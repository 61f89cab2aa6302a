"""Proposals for channels, groups, features and norms: the taker or the maker of a number is changed."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator

from tilewise.checker.diagnosis import parameter_names
from tilewise.checker.frames import nearest
from tilewise.checker.marks import Site
from tilewise.checker.repairs.proposal import (
    Context,
    Proposal,
    add_argument,
    alias,
    at_start,
    set_argument,
    wrap_operand,
)
from tilewise.checker.source import argument, insert_line, replace

_MADE_BY = {"convolution": "out_channels", "linear": "out_features"}


def channels(ctx: Context) -> Iterator[Proposal]:
    """Take what flows in; or make what is taken; or join and reorder differently."""
    violation, fault = ctx.violation, ctx.fault
    yield from carried(ctx)
    yield from _as_written(ctx)
    yield from set_argument(ctx.sources, fault.built, violation.argument, violation.given, violation.needed)
    mark = fault.marks[0] if fault.marks else None
    if mark is not None and mark.source is not None:
        yield from _colours(ctx, int(violation.needed or 0), int(violation.given or 0), mark.source)
    if fault.kind == "shuffle":
        yield from _shuffled(ctx)
    if mark is not None:
        yield from maker_makes(ctx, mark.maker, violation.needed, violation.given)
    yield from _joined_along_channels(ctx)
    if type(violation.given) is int and type(violation.needed) is int:
        yield from wrap_operand(ctx, ".transpose(1, 2)", description="exchange the axes")


def _as_written(ctx: Context) -> Iterator[Proposal]:
    """The words in which the maker's number is written, where both layers are made in one function: `ngf * 2`."""
    fault, maker = ctx.fault, ctx.fault.marks[0].maker if ctx.fault.marks else None
    built = nearest(fault.built.stack) if fault.built else None
    made = nearest(maker.built.stack) if maker is not None and maker.built else None
    if maker is None or maker.kind not in _MADE_BY or built is None or made is None or built.library:
        return
    if built.code is not made.code or not ctx.violation.argument:
        return
    call, other = ctx.sources.call(built), ctx.sources.call(made)
    if call is None or other is None or call is other:
        return
    wrong = argument(call, parameter_names(fault.module), ctx.violation.argument)
    right = argument(other, parameter_names(maker.module), _MADE_BY[maker.kind])
    if wrong is not None and right is not None and not isinstance(right, ast.Constant):
        text = ctx.sources.segment(made.file, right)
        yield Proposal(changes=(replace(built.file, wrong, text),), slot=ctx.violation.argument)


def _all_axes(ctx: Context) -> Iterator[Proposal]:
    """`torch.flatten(x)` flattens the batch as well: begin at axis 1."""
    maker = ctx.fault.marks[0].maker if ctx.fault.marks else None
    if maker is None or maker.kind != "flatten" or maker.facts["given"].get("start_dim") != 0:
        return
    frame = nearest(maker.stack)
    call = ctx.sources.call(frame)
    if frame is not None and call is not None and not frame.library and maker.module is None:
        yield Proposal("keep the batch", (add_argument(ctx.sources, frame, call, "start_dim=1"),))


def maker_makes(ctx: Context, maker: Site | None, given: object, wanted: object) -> Iterator[Proposal]:
    """Make the layer that made `given` channels make `wanted`."""
    if maker is None or type(wanted) is not int:
        return
    if maker.kind in _MADE_BY and maker.built is not None:
        yield from set_argument(ctx.sources, maker.built, _MADE_BY[maker.kind], given, wanted)


def _shuffled(ctx: Context) -> Iterator[Proposal]:
    """pixel_shuffle: the maker's channels become a multiple of the factor squared."""
    mark = ctx.fault.marks[0] if ctx.fault.marks else None
    if mark is None or not ctx.fault.shapes:
        return
    factor = int(ctx.violation.given or 1)
    step = factor**2 if ctx.violation.argument == "upscale_factor" else factor
    have = ctx.fault.shapes[0][1]
    for wanted in (have * step, -(-have // step) * step, max(step, have // step * step)):
        yield from maker_makes(ctx, mark.maker, have, wanted)


def _colours(ctx: Context, flows: int, wants: int, source: int) -> Iterator[Proposal]:
    """The model's own input has other colours than its first layer takes."""
    if flows == 1 and wants > 1:
        tail = f"{{x}}.repeat(1, {wants}, 1, 1)" if ctx.fault.call and ctx.fault.call.dims == 2 else ""
        if tail:
            yield from at_start(ctx, tail, f"repeat the grey channel {wants} times", source)
    elif flows > wants and wants == 1:
        yield from at_start(ctx, "{x}.mean(1, keepdim=True)", "average the colours to grey", source)
    elif flows > wants:
        yield from at_start(ctx, f"{{x}}[:, :{wants}]", f"keep the first {wants} channels", source)


def _joined_along_channels(ctx: Context) -> Iterator[Proposal]:
    """A torch.cat before this layer that joined batches where it should have joined channels."""
    for site in ctx.outcome.trace.sites:
        if site.kind != "cat" or site.facts["given"].get("dim") not in (0, None):
            continue
        frame = nearest(site.stack)
        call = ctx.sources.call(frame)
        if frame is None or call is None or frame.library:
            continue
        dims = [k.value for k in call.keywords if k.arg in ("dim", "axis")] or list(call.args[1:2])
        change = replace(frame.file, dims[0], "1") if dims else add_argument(ctx.sources, frame, call, "dim=1")
        yield Proposal("join along the channels", (change,))


def groups(ctx: Context) -> Iterator[Proposal]:
    """Groups that divide; or channels that are a multiple of them."""
    fault, module = ctx.fault, ctx.fault.module
    given = int(ctx.violation.given or 1)
    numbers = _channel_numbers(ctx)
    divisor = math.gcd(*numbers) if numbers else 1
    fits = [n for n in range(min(given, divisor), 0, -1) if divisor % n == 0]
    name = ctx.violation.argument or "groups"
    depthwise = module is not None and getattr(module, "in_channels", 0) == given > 1
    if depthwise:
        multiple = max(1, round(module.out_channels / given)) * given
        yield from set_argument(ctx.sources, fault.built, "out_channels", module.out_channels, multiple)
    if fits and not depthwise:
        yield from set_argument(ctx.sources, fault.built, name, given, fits[0])
    if module is not None and hasattr(module, "in_channels"):
        for side in ("in_channels", "out_channels"):
            have = getattr(module, side)
            if given > 0 and have % given:
                yield from set_argument(ctx.sources, fault.built, side, have, -(-have // given) * given)
    if fits and (depthwise or fits[-1] != fits[0]):
        yield from set_argument(ctx.sources, fault.built, name, given, 1)


def _channel_numbers(ctx: Context) -> list[int]:
    module = ctx.fault.module
    if hasattr(module, "in_channels"):
        return [module.in_channels, module.out_channels]
    if hasattr(module, "num_channels"):
        return [module.num_channels]
    return [ctx.fault.shapes[0][1]] if ctx.fault.shapes and len(ctx.fault.shapes[0]) > 1 else []


def batch_norm(ctx: Context) -> Iterator[Proposal]:
    """Normalise what flows in; or make what is normalised."""
    violation, fault = ctx.violation, ctx.fault
    yield from _as_written(ctx)
    yield from set_argument(ctx.sources, fault.built, violation.argument, violation.given, violation.needed)
    if fault.marks:
        yield from maker_makes(ctx, fault.marks[0].maker, violation.needed, violation.given)


def linear(ctx: Context) -> Iterator[Proposal]:
    """The value, a flatten that is missing, an adaptive pooling, or a lazy layer."""
    violation, fault = ctx.violation, ctx.fault
    shape = fault.shapes[0] if fault.shapes else ()
    given = violation.given
    if type(given) is int and len(shape) > 2:
        tail = shape[1:]
        if math.prod(tail) == given:
            yield from _flatten(ctx)
            return
        yield from _pooled_flat(ctx, shape, given)
        needed = violation.needed if violation.needed else shape[-1]
        yield from _flatten(ctx, in_features=math.prod(tail))
        yield from set_argument(ctx.sources, fault.built, "in_features", given, needed)
        return
    yield from _all_axes(ctx)
    yield from _product(ctx)
    yield from _as_written(ctx)
    yield from set_argument(ctx.sources, fault.built, "in_features", given, violation.needed)
    yield from _adaptive(ctx)
    yield from _lazy(ctx)
    if fault.marks:
        maker = fault.marks[0].maker
        yield from maker_makes(ctx, maker, violation.needed, given)
        behind = maker.facts.get("behind") if maker is not None else None
        if maker is not None and behind is not None and type(given) is int:
            area = math.prod(maker.input_shape[2:]) or 1
            if given % area == 0:
                yield from maker_makes(ctx, behind, maker.input_shape[1], given // area)


def _product(ctx: Context) -> Iterator[Proposal]:
    """`32 * 8 * 8` becomes `32 * 7 * 7`: the image that was flattened, in the words that were there."""
    fault = ctx.fault
    maker = fault.marks[0].maker if fault.marks else None
    built = nearest(fault.built.stack) if fault.built else None
    call = ctx.sources.call(built)
    if maker is None or maker.kind not in ("flatten", "view") or built is None or call is None or built.library:
        return
    expression = argument(call, parameter_names(fault.module), "in_features")
    if not isinstance(expression, ast.BinOp):
        return
    factors: list[ast.expr] = []
    rest: ast.expr = expression
    while isinstance(rest, ast.BinOp) and isinstance(rest.op, ast.Mult):
        factors.insert(0, rest.right)
        rest = rest.left
    factors.insert(0, rest)
    sizes = maker.input_shape[1:]
    if any(isinstance(f, ast.BinOp) for f in factors) or len(factors) != len(sizes):
        return
    words = []
    for factor, number in zip(factors, sizes, strict=True):
        value = factor.value if isinstance(factor, ast.Constant) else None
        if isinstance(factor, ast.Name):
            value = built.values.get(factor.id, built.globals.get(factor.id))
        words.append(ctx.sources.segment(built.file, factor) if value == number else str(number))
    yield Proposal(changes=(replace(built.file, expression, " * ".join(words)),), slot="in_features")


def carried(ctx: Context) -> Iterator[Proposal]:
    """A loop that builds layers and forgets to hand the channels on: let a name carry them."""
    built = nearest(ctx.fault.built.stack) if ctx.fault.built else None
    call = ctx.sources.call(built)
    if built is None or call is None or built.library:
        return
    names = parameter_names(ctx.fault.module)
    inputs, outputs = argument(call, names, "in_channels"), argument(call, names, "out_channels")
    function = ctx.sources.function(built)
    loops = [
        n for n in (ast.walk(function) if function else ())
        if isinstance(n, ast.For) and n.lineno <= built.line <= (n.end_lineno or 0)
    ]  # fmt: skip
    if not loops or inputs is None or outputs is None or not isinstance(inputs, (ast.Constant, ast.Name)):
        return
    loop = loops[-1]
    last = loop.body[-1]
    first = ctx.sources.segment(built.file, inputs)
    made = ctx.sources.segment(built.file, outputs)
    name = first if isinstance(inputs, ast.Name) else "channels"
    changes = [insert_line(built.file, (last.end_lineno or last.lineno) + 1, f"{' ' * last.col_offset}{name} = {made}")]
    if not isinstance(inputs, ast.Name):
        changes.append(replace(built.file, inputs, name))
        changes.append(insert_line(built.file, loop.lineno, f"{' ' * loop.col_offset}{name} = {first}"))
    yield Proposal("hand the channels on from one round to the next", tuple(changes))


def _pooled_flat(ctx: Context, shape: tuple[int, ...], given: int) -> Iterator[Proposal]:
    """An image arrives where a vector of its channels is taken: average it."""
    if len(shape) == 4 and shape[1] == given:
        yield from wrap_operand(ctx, ".mean((2, 3))", description="average over the image")


def _flatten(ctx: Context, in_features: int = 0) -> Iterator[Proposal]:
    """A Flatten before the layer: in the Sequential that holds it, or where it is called."""
    fault = ctx.fault
    more: list[Proposal] = [Proposal()]
    if in_features:
        more = list(set_argument(ctx.sources, fault.built, "in_features", ctx.violation.given, in_features))[:3]
    for extra in more:
        if fault.direct:
            for one in wrap_operand(ctx, ".flatten(1)"):
                yield Proposal("flatten first", one.changes + extra.changes)
            continue
        built = nearest(fault.built.stack) if fault.built else None
        call = ctx.sources.call(built)
        if built is None or call is None or built.library:
            continue
        nn = ctx.sources.segment(built.file, call.func).rpartition(".")[0]
        flat = f"{nn}.Flatten()" if nn else "torch.nn.Flatten()"
        if extra.changes:
            old = ctx.sources.segment(built.file, call)
            node = call.args[0] if call.args else None
            if node is None:
                continue
            value = ctx.sources.segment(built.file, node)
            new = old.replace(f"({value}", f"({in_features}", 1)
            yield Proposal("flatten first", (replace(built.file, call, f"{flat}, {new}"),))
        else:
            text = ctx.sources.segment(built.file, call)
            yield Proposal("flatten first", (replace(built.file, call, f"{flat}, {text}"),))


def _adaptive(ctx: Context) -> Iterator[Proposal]:
    """Pool to the size the layer was made for, before what flattened the image."""
    fault = ctx.fault
    maker = fault.marks[0].maker if fault.marks else None
    given = ctx.violation.given
    if maker is None or maker.kind not in ("flatten", "view") or type(given) is not int:
        return
    image = maker.input_shape
    if len(image) not in (3, 4, 5) or image[1] == 0 or given % image[1]:
        return
    area, dims = given // image[1], len(image) - 2
    side = round(area ** (1 / dims))
    if side < 1 or side**dims != area or any(size < side for size in image[2:]):
        return
    frame = nearest(maker.stack)
    node = ctx.sources.expression(frame) if frame is not None else None
    if frame is None or frame.library or not isinstance(node, ast.Call):
        return
    functional = alias(ctx, "functional", frame)
    target = node.func.value if isinstance(node.func, ast.Attribute) and maker.module is None else None
    if target is None or (isinstance(target, ast.Name) and target.id in ("torch", "F")):
        target = node.args[0] if node.args else None
    if target is None or (maker.module is not None and not _direct(ctx, maker, node)):
        return
    text = ctx.sources.segment(frame.file, target)
    pooled = f"{functional}.adaptive_avg_pool{dims}d({text}, {side})"
    yield Proposal("pool to the size that it takes", (replace(frame.file, target, pooled),))


def _direct(ctx: Context, maker: Site, node: ast.Call) -> bool:
    func = node.func
    return isinstance(func, ast.Attribute) and maker.path.split(".")[-1] == func.attr


def _lazy(ctx: Context) -> Iterator[Proposal]:
    """nn.LazyLinear finds in_features by itself."""
    fault = ctx.fault
    built = nearest(fault.built.stack) if fault.built else None
    call = ctx.sources.call(built)
    if built is None or call is None or built.library or len(call.args) < 2:
        return
    name = ctx.sources.segment(built.file, call.func)
    if not name.endswith("Linear") or name.endswith("LazyLinear"):
        return
    rest = [ctx.sources.segment(built.file, a) for a in call.args[1:]]
    rest += [
        ctx.sources.segment(built.file, k.value)
        if k.arg is None
        else f"{k.arg}={ctx.sources.segment(built.file, k.value)}"
        for k in call.keywords
    ]
    new = f"{name.removesuffix('Linear')}LazyLinear({', '.join(rest)})"
    yield Proposal("let PyTorch find in_features", (replace(built.file, call, new),))


def matmul(ctx: Context) -> Iterator[Proposal]:
    """Turn one of the two round."""
    for index in (1, 0):
        yield from wrap_operand(ctx, ".transpose(-2, -1)", index)
