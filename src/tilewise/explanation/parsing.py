"""A layer from a line of text such as "Conv2d(3, 16, 3, padding=1)": parsed, never evaluated."""

from __future__ import annotations

import ast
from typing import Any

import torch

from tilewise.errors import ArgumentError

_ACCEPTED = 'a layer with its arguments as numbers, tuples, strings and booleans, such as "Conv2d(3, 16, 3, padding=1)"'


def layer_from_text(text: str) -> torch.nn.Module:
    """The layer that a line of text names, without weights (on the meta device).

    Names may be written with their module, `nn.Conv2d(...)`. Raises ArgumentError for anything but one call of a
    convolution layer with literal arguments, and what the layer itself raises for arguments that it refuses.
    """
    # Making these layers computes nothing, so it must not enable Tilewise either.
    from tilewise.nn.modules.conv import sketching

    name, positional, named = _call(text)
    classes = layer_classes()
    if name not in classes:
        raise ArgumentError(f"{name!r} is not a convolution layer; there are {', '.join(sorted(classes))}")
    if "device" in named or "dtype" in named:
        raise ArgumentError("device and dtype are not part of a layer's text; dtype is an option of its own")
    with sketching():
        layer: torch.nn.Module = classes[name](*positional, **named, device="meta")
    return layer


def layer_classes() -> dict[str, Any]:
    """The layers that text may name."""
    from tilewise.nn import LAYERS

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
