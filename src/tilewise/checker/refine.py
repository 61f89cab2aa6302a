"""The same fault in better words: a channel mismatch on a channels-last image is a matter of layout, not of channels.

Looks at where the tensor came from and at its whole shape; changes codes and sentences, never finds anything new.
"""

from __future__ import annotations

import math
from dataclasses import replace

from tilewise.checker.faults import Fault
from tilewise.geometry.preconditions import ConvolutionCall, Violation

_AXES = {1: "length", 2: "height, width", 3: "depth, height, width"}
_VERBS = {"add": "adds", "sub": "subtracts", "mul": "multiplies", "div": "divides", "true": "divides"}


def refine(fault: Fault) -> Violation:
    """The violation to report for a fault."""
    violation = fault.violation
    lone = fault.marks[0].unbatched if fault.marks else None
    if lone is not None and violation.code in ("linear", "dims", "size", "batchnorm"):
        return replace(
            violation,
            code="dims",
            text=f"{violation.text}; the model's input has no batch axis, so every axis stands one place too far left",
            argument="",
            label="the batch axis is missing",
            needed=None,
        )
    if fault.call is not None and fault.kind == "convolution" and violation.code in ("channels", "dims"):
        return _convolution(fault, violation)
    if fault.kind == "linear" and violation.argument == "in_features":
        return _linear(fault, violation)
    if fault.kind == "arithmetic" and fault.call is not None:
        verb = next((v for k, v in _VERBS.items() if k in fault.call.name), "combines")
        return replace(violation, text=violation.text.replace("adds ", f"{verb} ", 1))
    return violation


def _convolution(fault: Fault, violation: Violation) -> Violation:
    assert fault.call is not None
    asked = fault.call.operation.describes(fault.call)
    if not isinstance(asked, ConvolutionCall) or len(asked.weight) != asked.dims + 2:
        return violation
    shape, wants, dims = asked.input, asked.in_channels, asked.dims
    given = fault.marks[0].source is not None if fault.marks else False
    who = "the input" if given else "the tensor that flows in"
    axes = f"(batch, channels, {_AXES[dims]})"
    if violation.code == "dims":
        return _missing_axes(violation, shape, wants, dims, who, axes)
    if shape[-1] == wants and len(shape) >= dims + 1 and wants <= 16 and given:
        axis = len(shape) - dims - 1
        return Violation(
            "layout",
            f"takes {wants} channels on axis {axis}, but {who}, {shape}, has them last: PyTorch's order is {axes}",
            given="last",
            needed="first",
            label="channels come first",
        )
    if dims == 1 and len(shape) == 3 and shape[-1] == wants:
        return Violation(
            "layout",
            f"takes {wants} channels on axis 1, but {who}, {shape}, has them last: PyTorch's order is {axes}",
            given="last",
            needed="first",
            label="channels come first",
        )
    if len(shape) == dims + 1 and given:
        return Violation(
            "dims",
            f"takes {axes} with {_channels(wants)}, but {who} is {shape}: the "
            f"{'channel' if wants == 1 else 'batch or channel'} axis is missing",
            given=len(shape),
            needed=dims + 2,
            label=f"{dims + 2} axes needed",
        )
    flows = shape[len(shape) - dims - 1]
    if given and dims == 2 and {flows, wants} == {1, 3}:
        kinds = {1: "a grey image (1 channel)", 3: "a colour image (3 channels)"}
        return replace(violation, text=f"takes {_channels(wants)}, but {kinds[flows]} flows in")
    return violation


def _channels(number: int) -> str:
    return "1 channel" if number == 1 else f"{number} channels"


def _missing_axes(
    violation: Violation, shape: tuple[int, ...], wants: int, dims: int, who: str, axes: str
) -> Violation:
    if len(shape) == dims:
        text = f"takes {axes}, but {who} is {shape}: the batch and channel axes are missing"
    elif len(shape) == 2 and dims > 1:
        text = f"takes {axes}, but {who} is {shape}: it is flat, without image axes"
    else:
        more = "few" if len(shape) < dims + 2 else "many"
        text = f"takes {axes}, but {who} is {shape}: {len(shape)} axes are too {more} for a {dims}-d convolution"
    return replace(violation, text=text)


def _linear(fault: Fault, violation: Violation) -> Violation:
    shape = fault.shapes[0] if fault.shapes else ()
    needs = int(violation.given or 0)
    if len(shape) > 2 and math.prod(shape[1:]) == needs:
        product = " x ".join(map(str, shape[1:]))
        return replace(
            violation,
            text=f"takes {needs} features, but {shape} flows in unflattened ({product} = {needs})",
            label="flatten first",
            needed=None,
        )
    return violation
