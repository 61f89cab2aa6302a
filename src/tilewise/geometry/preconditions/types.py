"""Number types and devices: which tensors of one call must agree."""

from __future__ import annotations

from dataclasses import dataclass

from tilewise.geometry.preconditions.rule import Rule, Violation

FLOATS = frozenset({"float64", "float32", "float16", "bfloat16", "complex64", "complex128"})


@dataclass(frozen=True)
class TypesCall:
    """The operands of one call: their types and devices by name, in order, the input first.

    `strict` calls (convolution, linear, products of matrices) do not convert; `scalars` marks tensors without axes,
    which may live anywhere. `work` is what the operation does, for the message: "convolves".
    """

    work: str
    dtypes: tuple[str, ...]
    devices: tuple[str, ...]
    scalars: tuple[bool, ...]
    strict: bool = True


def _device(call: TypesCall) -> Violation | None:
    places = [d for d, scalar in zip(call.devices, call.scalars, strict=True) if not scalar]
    for other in places[1:]:
        if other != places[0]:
            return Violation(
                "device",
                f"{call.work} on {other}, but a tensor on {places[0]} flows in: both must be on one device",
                given=places[0],
                needed=other,
                label=f"{other} needed",
            )
    return None


def _dtype(call: TypesCall) -> Violation | None:
    if not call.strict:
        return None
    flows = call.dtypes[0]
    for other in call.dtypes[1:]:
        if other != flows:
            return Violation(
                "dtype",
                f"{call.work} in {other}, but {flows} flows in: both must be the same",
                given=flows,
                needed=other,
                label=f"{other} needed",
            )
    return None


TYPE_RULES = (
    Rule("device", "device", TypesCall, "all tensors are on one device", _device),
    Rule("dtype", "dtype", TypesCall, "input, weight and bias have one type", _dtype),
)
