"""What is wrong with a layer's arguments, in words: each with its value and with what is accepted.

Pure: numbers come in, sentences go out. Which of them PyTorch refuses too, and how, is asked of PyTorch itself.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Mapping
from typing import Any

import torch

_MODES = ("zeros", "reflect", "replicate", "circular")
# What PyTorch says, when such a layer runs, of an argument that its constructor lets pass.
_AT_RUN_TIME = {
    "stride": "non-positive stride is not supported",
    "padding": "negative padding is not supported",
    "dilation": "non-positive dilation is not supported",
    "output_padding": "negative output_padding is not supported",
}


def complaints(axes: int, transposed: bool, arguments: Mapping[str, Any], lazy: bool = False) -> list[str]:
    """One sentence for each unusable argument of a layer with so many spatial axes; none where all is well."""
    return [
        *_channel_counts(arguments, lazy),
        *_per_axis(axes, transposed, arguments),
        *_words(transposed, arguments),
        *_combinations(axes, transposed, arguments, lazy),
        *_type(arguments.get("dtype")),
    ]


def _channel_counts(arguments: Mapping[str, Any], lazy: bool) -> Iterator[str]:
    # Zero input channels are legal in PyTorch: the result is its bias, or empty.
    least = {"in_channels": 0, "out_channels": 1, "groups": 1}
    if lazy:
        del least["in_channels"]
    for name, low in least.items():
        value = arguments[name]
        if not _whole(value):
            yield f"{name}={value!r}: accepted is a whole number of at least {max(low, 1)}"
        elif value < low:
            yield f"{name}={value}: accepted are whole numbers of at least {max(low, 1)}"


def _per_axis(axes: int, transposed: bool, arguments: Mapping[str, Any]) -> Iterator[str]:
    least = {"kernel_size": 1.0, "stride": 1.0, "padding": 0.0, "dilation": 1.0, "output_padding": 0.0}
    for name, low in least.items():
        if name not in arguments or (name == "padding" and isinstance(arguments[name], str)):
            continue
        value = arguments[name]
        if name == "padding" and arguments["padding_mode"] != "zeros":
            low = -math.inf  # torch.nn.functional.pad crops at negative padding
        numbers = numbers_of(value, axes, exact=name == "kernel_size")
        if numbers is None:
            yield f"{name}={value!r}: accepted is {_accepted(axes, low)}"
        elif min(numbers) < low:
            said = f"; PyTorch refuses it when the layer runs: {_AT_RUN_TIME[name]!r}" if name in _AT_RUN_TIME else ""
            yield f"{name}={value!r}: accepted is {_accepted(axes, low)}{said}"


def _words(transposed: bool, arguments: Mapping[str, Any]) -> Iterator[str]:
    padding, mode = arguments["padding"], arguments["padding_mode"]
    if isinstance(padding, str) and transposed:
        yield f"padding={padding!r}: a transposed convolution accepts numbers only"
    elif isinstance(padding, str) and padding not in ("same", "valid"):
        yield f"padding={padding!r}: accepted are numbers, 'same' and 'valid'"
    if transposed and mode != "zeros":
        yield f"padding_mode={mode!r}: a transposed convolution accepts 'zeros' only"
    elif mode not in _MODES:
        yield f"padding_mode={mode!r}: accepted are {', '.join(map(repr, _MODES))}"


def _combinations(axes: int, transposed: bool, arguments: Mapping[str, Any], lazy: bool) -> Iterator[str]:
    groups, stride = arguments["groups"], numbers_of(arguments["stride"], axes)
    # A lazy transposed layer without a bias runs in PyTorch whatever its groups are, with fewer channels.
    if not (lazy and transposed) and _whole(groups) and groups > 0:
        names = ("out_channels",) if lazy else ("in_channels", "out_channels")
        channels = [arguments[name] for name in names]
        if all(_whole(c) and c >= 0 for c in channels):
            both = _divisors(math.gcd(*channels))
            for name, count in zip(names, channels, strict=True):
                if count % groups:
                    yield f"groups={groups} does not divide {name}={count}: accepted here are {both}"
    if arguments["padding"] == "same" and not transposed and stride is not None and max(stride) > 1:
        yield f"padding='same' with stride={arguments['stride']!r}: 'same' accepts stride 1 only; give numbers instead"
    extra = numbers_of(arguments.get("output_padding", 0), axes)
    dilation = numbers_of(arguments["dilation"], axes)
    if extra and stride and dilation and min(*stride, *dilation) > 0:
        limits = tuple(map(max, zip(stride, dilation, strict=True)))
        if any(e >= limit for e, limit in zip(extra, limits, strict=True)):
            yield (
                f"output_padding={arguments['output_padding']!r}: accepted is less than the larger of stride and "
                f"dilation, here less than {limits if len(set(limits)) > 1 else limits[0]}"
            )


def _type(dtype: Any) -> Iterator[str]:
    if isinstance(dtype, torch.dtype) and not (dtype.is_floating_point or dtype.is_complex):
        yield f"dtype={dtype}: accepted are floating point and complex types, for instance torch.float32"


def _accepted(axes: int, low: float) -> str:
    least = "" if low == -math.inf else f" of at least {low:.0f}"
    return f"a whole number{least}" + ("" if axes == 1 else f", or {axes} of them, one an axis")


def numbers_of(value: Any, axes: int, exact: bool = False) -> tuple[int, ...] | None:
    """One whole number an axis, as PyTorch's layers expand them; None where that cannot be."""
    if _whole(value):
        return (value,) * axes
    try:
        numbers = tuple(value)
    except TypeError:
        return None
    if not all(map(_whole, numbers)):
        return None
    # PyTorch's functions repeat a list of one number, too; a kernel of another length makes another weight.
    if len(numbers) == 1 and not exact:
        numbers *= axes
    return numbers if len(numbers) == axes else None


def _whole(value: Any) -> bool:
    if isinstance(value, (int, torch.SymInt)):
        return True
    try:
        operator.index(value)
    except TypeError:  # tensors and arrays have the method, and raise unless they hold one whole number
        return False
    return True


def _divisors(number: int) -> str:
    if number == 0:
        return "the divisors of both channel counts"
    found = [d for d in range(1, min(number, 4096) + 1) if number % d == 0]
    if len(found) > 8:
        found, rest = found[:7], f" ... {number}"
    else:
        rest = ""
    return ", ".join(map(str, found)) + rest
