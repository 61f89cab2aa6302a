"""`tilewise.explain`: of a layer, a problem, or a layer's line of text, which is parsed and never evaluated."""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence
from typing import Any

import torch

from tilewise.errors import ArgumentError
from tilewise.explanation import Explanation, ExplanationGroup, explain_layer, explain_problem
from tilewise.nn import LAYERS
from tilewise.nn.modules.conv import sketching
from tilewise.nn.modules.separable import SeparableNd
from tilewise.problem import ConvProblem

_ACCEPTED = 'a layer with its arguments as numbers, tuples, strings and booleans, such as "Conv2d(3, 16, 3, padding=1)"'


def explain(
    layer_or_problem: torch.nn.Module | ConvProblem | str,
    input_shape: Sequence[int] | None = None,
    *,
    dtype: torch.dtype | str | None = None,
    channels_last: bool = False,
    precision: str | None = None,
) -> Explanation | ExplanationGroup:
    """What a convolution computes and costs, what runs it, and why not something else.

    Args:
        layer_or_problem: a convolution layer of torch.nn or tilewise.nn; a line of text such as
            "Conv2d(3, 16, 3, padding=1)"; or a ConvProblem, which has its sizes already.
        input_shape: (N, C, ...) or (C, ...).
        dtype: of the input and the weights; the layer's own by default.
        channels_last: whether input and weights lie channels-last, as `.to(memory_format=...)` leaves them.
        precision: "highest", "high" or "medium"; the level in force by default.

    Returns an Explanation, which prints itself (also in notebooks) and has everything as fields; for a separable
    layer, an ExplanationGroup of its two parts. Nothing is computed or compiled, and Tilewise isn't enabled by it.

    Raises ArgumentError (a ValueError) where the layer cannot take such an input.

    >>> import tilewise
    >>> told = tilewise.explain("Conv2d(3, 16, 3, padding=1)", (1, 3, 32, 32))
    >>> told.output_shape, told.parameters, told.multiply_adds
    ((1, 16, 32, 32), 448, 442368)
    >>> told.formulas[0]
    'floor((32 + 2*1 - 1*(3 - 1) - 1) / 1) + 1 = 32'
    """
    if isinstance(layer_or_problem, ConvProblem):
        return explain_problem(layer_or_problem)
    layer = layer_from_text(layer_or_problem) if isinstance(layer_or_problem, str) else layer_or_problem
    if not isinstance(layer, torch.nn.Module):
        raise ArgumentError(f"{layer!r} cannot be explained; accepted are a layer, its text or a ConvProblem")
    if input_shape is None:
        raise ArgumentError("input_shape is missing: a layer's costs depend on it; for instance (1, 3, 224, 224)")
    told = layer.explain if isinstance(layer, SeparableNd) else functools.partial(explain_layer, layer)
    return told(input_shape, dtype=dtype, channels_last=channels_last, precision=precision)


def layer_from_text(text: str) -> torch.nn.Module:
    """The layer that a line of text names, without weights (on the meta device).

    Names may be written with their module, `nn.Conv2d(...)`. Raises ArgumentError for anything but one call of a
    convolution layer with literal arguments, and what the layer itself raises for arguments that it refuses.
    """
    name, positional, named = _call(text)
    classes = _layer_classes()
    if name not in classes:
        raise ArgumentError(f"{name!r} is not a convolution layer; there are {', '.join(sorted(classes))}")
    if "device" in named or "dtype" in named:
        raise ArgumentError("device and dtype are not part of a layer's text; dtype is an option of its own")
    with sketching():  # it computes nothing, so it must not enable Tilewise either
        layer: torch.nn.Module = classes[name](*positional, **named, device="meta")
    return layer


def _layer_classes() -> dict[str, Any]:
    """The layers that text may name."""
    return {cls.__name__: cls for cls in LAYERS if not cls.__name__.startswith("Lazy")}


def _call(text: str) -> tuple[str, list[Any], dict[str, Any]]:
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ArgumentError(f"{text!r} is not a Python expression; accepted is {_ACCEPTED}") from None
    if not isinstance(node, ast.Call) or any(keyword.arg is None for keyword in node.keywords):
        raise ArgumentError(f"{text!r} is not a call of a layer; accepted is {_ACCEPTED}")
    function: ast.expr = node.func
    name = ""
    if isinstance(function, ast.Attribute):
        name, function = function.attr, function.value
        while isinstance(function, ast.Attribute):
            function = function.value
    elif isinstance(function, ast.Name):
        name = function.id
    if not name or not isinstance(function, ast.Name):
        raise ArgumentError(f"{text!r} does not begin with a layer's name; accepted is {_ACCEPTED}")
    try:
        positional = [ast.literal_eval(argument) for argument in node.args]
        named = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in node.keywords}
    except (ValueError, TypeError, MemoryError, RecursionError):
        raise ArgumentError(f"{text!r} has an argument that is no literal; accepted is {_ACCEPTED}") from None
    return name, positional, named
