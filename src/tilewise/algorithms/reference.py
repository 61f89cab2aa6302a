"""`reference`: the definition, element by element, summed in double precision. Slow, and obviously right."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

from tilewise.algorithms.common.plan import Base, Location, Plan, step
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_kernel, share, split, tickets
from tilewise.ir.vectors import ELEMENT_BYTES, scalar_narrow, scalar_widen
from tilewise.problem import ConvProblem, Pass
from tilewise.target import Target

NAME = "reference"
SUMMARY = "the definition, element by element"
_AXES = "dhw"
Positions = Sequence[tuple[Value, Value]]  # (where an axis is read, its size)
_ARGUMENTS = Arguments(
    [
        "items", "per_item", "total", "batch", "groups", "outer_channels", "inner_channels",
        *(f"{name}_{axis}" for name in ("outer", "inner", "kernel", "stride", "padding", "dilation") for axis in _AXES),
        *(f"{name}_stride_{axis}" for name in ("source", "target") for axis in "ncdhw"),
        *(f"weight_stride_{axis}" for axis in "kcdhw"),
        "source_ptr", "target_ptr", "weight_ptr", "bias_ptr",
    ]
)  # fmt: skip


def why_not(problem: ConvProblem, target: Target) -> str | None:
    """The reason why this algorithm cannot run a problem, or None."""
    if problem.dtype == "float16" and not target.converts_half:
        return "this host converts float16 in software"
    return None


def seconds(problem: ConvProblem, target: Target) -> float:
    """Expected time: a few cycles a product."""
    return problem.multiply_adds * 4e-9 + 1e-5


def plan(problem: ConvProblem, target: Target) -> Plan:
    """One step, an item for every few elements of the result."""
    size = ELEMENT_BYTES[problem.dtype]
    if problem.kind is Pass.WEIGHT_GRADIENT:
        total = problem.groups * problem.destination_channels * problem.source_channels * problem.taps
    else:
        total = math.prod(problem.destination.shape)
    per_item = max(1, min(total, 4096 // max(1, problem.multiply_adds // max(1, total))))
    values = {
        "items": -(-total // per_item), "per_item": per_item, "total": total, "batch": problem.batch,
        "groups": problem.groups, "outer_channels": problem.destination_channels,
        "inner_channels": problem.source_channels,
    }  # fmt: skip
    for i, axis in enumerate(_AXES):
        values[f"outer_{axis}"] = problem.destination.spatial[i]
        values[f"inner_{axis}"] = problem.source.spatial[i]
        values[f"kernel_{axis}"] = problem.kernel[i]
        values[f"stride_{axis}"] = problem.stride[i]
        values[f"padding_{axis}"] = problem.padding[i]
        values[f"dilation_{axis}"] = problem.dilation[i]
    for i, axis in enumerate("ncdhw"):
        values[f"source_stride_{axis}"] = problem.source.strides[i] * size
        values[f"target_stride_{axis}"] = problem.destination.strides[i] * size
    for i, axis in enumerate("kcdhw"):
        values[f"weight_stride_{axis}"] = problem.weight_strides[i] * size
    addresses = {
        "source_ptr": Location(Base.SOURCE),
        "target_ptr": Location(Base.DESTINATION),
        "weight_ptr": Location(Base.WEIGHT),
    }
    if problem.bias:
        addresses["bias_ptr"] = Location(Base.BIAS)
    build = _weight_gradient if problem.kind is Pass.WEIGHT_GRADIENT else _correlate
    text = build(problem.dtype, problem.scatter, problem.bias)
    return Plan(NAME, (step(text, _ARGUMENTS, values, addresses, waits=False),), 0, total > 64)


def _fma(b: Builder, x: str, y: str, total: Value) -> str:
    wide = [b.let(f"fpext float {value} to double") for value in (x, y)]
    return b.let(f"fadd double {total}, {b.let(f'fmul double {wide[0]}, {wide[1]}')}")


def _product(b: Builder, dtype: str, x_at: str, y_at: str, total: Value) -> str:
    element = "double" if dtype == "float64" else "float"
    x, y = (scalar_widen(b, at, dtype, element) for at in (x_at, y_at))
    if dtype == "float64":
        return b.let(f"fadd double {total}, {b.let(f'fmul double {x}, {y}')}")
    return _fma(b, x, y, total)


def _finish(b: Builder, dtype: str, total: Value, at: str) -> None:
    if dtype == "float64":
        b.store("double", total, at, 1)
    else:
        scalar_narrow(b, b.let(f"fptrunc double {total} to float"), at, dtype)


def _product_of(b: Builder, *factors: Value) -> Value:
    product: Value = 1
    for factor in factors:
        product = b.mul(product, factor)
    return product


def _add_when_inside(b: Builder, positions: Positions, exact: list[str], total: str, product_of: object) -> str:
    """total + product where every (position, size) is inside and every extra condition holds; total elsewhere."""
    inside = [b.compare("ult", position, size) for position, size in positions] + exact
    condition = functools.reduce(b.both, inside)
    then, end = b.label("then"), b.label("end")
    before = b.block
    b.emit(f"br i1 {condition}, label %{then}, label %{end}")
    b.enter(then)
    added = product_of()  # type: ignore[operator]
    after = b.block
    b.jump(end)
    b.enter(end)
    return b.let(f"phi double [ {total}, %{before} ], [ {added}, %{after} ]")


def _source_position(
    b: Builder, a: dict[str, str], axis: str, at: Value, tap: Value, scatter: bool
) -> tuple[Value, list[str]]:
    """Where an axis is read for a destination position and a tap, and the conditions besides being inside."""
    if not scatter:
        return b.sub(b.add(b.mul(at, a[f"stride_{axis}"]), b.mul(tap, a[f"dilation_{axis}"])), a[f"padding_{axis}"]), []
    reached = b.sub(b.add(at, a[f"padding_{axis}"]), b.mul(tap, a[f"dilation_{axis}"]))
    quotient = b.let(f"sdiv i64 {reached}, {a[f'stride_{axis}']}")
    exact = b.compare("eq", b.mul(quotient, a[f"stride_{axis}"]), reached)
    return quotient, [exact, b.compare("sge", reached, 0)]


def _address(b: Builder, base: str, a: dict[str, str], name: str, axes: str, index: list[Value]) -> str:
    terms = [b.mul(i, a[f"{name}_stride_{axis}"]) for i, axis in zip(index, axes, strict=True)]
    return b.at(base, *terms)


@functools.cache
def _correlate(dtype: str, scatter: bool, bias: bool) -> str:
    b, a = begin_kernel(_ARGUMENTS)
    with tickets(b, a["items"]) as item:
        start, stop = share(b, item, a["per_item"], a["total"])
        with b.loop(start, stop) as element:
            n, g, k, *at = split(
                b, element.index, a["groups"], a["outer_channels"], *(a[f"outer_{axis}"] for axis in _AXES)
            )
            channel = b.add(b.mul(g, a["outer_channels"]), k)
            initial: Value = "0.0"
            if bias:
                value = b.at(a["bias_ptr"], b.mul(channel, ELEMENT_BYTES[dtype]))
                initial = scalar_widen(b, value, dtype, "double" if dtype == "float64" else "float")
                if dtype != "float64":
                    initial = b.let(f"fpext float {initial} to double")
            count = _product_of(b, a["inner_channels"], *(a[f"kernel_{axis}"] for axis in _AXES))
            with b.loop(0, count, carried=[("double", initial)]) as term:
                c, *taps = split(b, term.index, *(a[f"kernel_{axis}"] for axis in _AXES))
                positions: list[tuple[Value, Value]] = []
                exact: list[str] = []
                for axis, o, t in zip(_AXES, at, taps, strict=True):
                    position, conditions = _source_position(b, a, axis, o, t, scatter)
                    positions.append((position, a[f"inner_{axis}"]))
                    exact += conditions
                source_channel = b.add(b.mul(g, a["inner_channels"]), c)
                # Filters are (first, second, *kernel): first is the destination, or the source where it scatters.
                first, second = (source_channel, k) if scatter else (channel, c)

                def product(
                    n: Value = n, c: Value = source_channel, positions: Positions = positions,
                    w: list[Value] = [first, second, *taps], total: str = term.values[0],  # noqa: B006
                ) -> str:  # fmt: skip
                    x = _address(b, a["source_ptr"], a, "source", "ncdhw", [n, c, *(p for p, _ in positions)])
                    return _product(b, dtype, x, _address(b, a["weight_ptr"], a, "weight", "kcdhw", w), total)

                term.carry([_add_when_inside(b, positions, exact, term.values[0], product)])
            _finish(b, dtype, term.results[0], _address(b, a["target_ptr"], a, "target", "ncdhw", [n, channel, *at]))
    return b.text()


@functools.cache
def _weight_gradient(dtype: str, scatter: bool, bias: bool) -> str:
    b, a = begin_kernel(_ARGUMENTS)
    with tickets(b, a["items"]) as item:
        start, stop = share(b, item, a["per_item"], a["total"])
        with b.loop(start, stop) as element:
            g, k, c, *taps = split(
                b, element.index, a["outer_channels"], a["inner_channels"], *(a[f"kernel_{axis}"] for axis in _AXES)
            )
            point, window = b.add(b.mul(g, a["outer_channels"]), k), b.add(b.mul(g, a["inner_channels"]), c)
            count = _product_of(b, a["batch"], *(a[f"outer_{axis}"] for axis in _AXES))
            with b.loop(0, count, carried=[("double", "0.0")]) as term:
                n, *at = split(b, term.index, *(a[f"outer_{axis}"] for axis in _AXES))
                positions = [
                    (_source_position(b, a, axis, o, t, False)[0], a[f"inner_{axis}"])
                    for axis, o, t in zip(_AXES, at, taps, strict=True)
                ]

                def product(
                    n: Value = n, at: list[Value] = at, positions: Positions = positions,
                    point: Value = point, window: Value = window, total: str = term.values[0],
                ) -> str:  # fmt: skip
                    x = _address(b, a["source_ptr"], a, "source", "ncdhw", [n, window, *(p for p, _ in positions)])
                    return _product(
                        b, dtype, x, _address(b, a["target_ptr"], a, "target", "ncdhw", [n, point, *at]), total
                    )

                term.carry([_add_when_inside(b, positions, [], term.values[0], product)])
            _finish(b, dtype, term.results[0], _address(b, a["weight_ptr"], a, "weight", "kcdhw", [point, c, *taps]))
    return b.text()
