"""Where PyTorch can't go on without numbers, without a device, or at all: what stands in, and what is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from tilewise.checker.operations import Call
from tilewise.geometry.preconditions import Violation

DATA_ERRORS = frozenset({"DataDependentOutputException", "DynamicOutputShapeException", "UnsupportedOperatorException"})
STAND_INS: dict[str, Any] = {
    "item": 0,
    "__bool__": True,
    "__int__": 0,
    "__float__": 0.0,
    "__index__": 0,
    "tolist": [],
    "numpy": None,
    "is_nonzero": True,
    "equal": True,
    "allclose": True,
}


def moving(func: Any, name: str) -> Any:
    """tensor.to and tensor.cuda for devices that need not be there: a fake tensor only says where it would be."""

    def move(*args: Any, **kwargs: Any) -> Any:
        tensor = args[0]
        if name == "cuda":
            device = torch.device(kwargs.get("device") or (args[1] if len(args) > 1 else None) or "cuda")
            dtype = tensor.dtype
        else:
            try:
                found = torch._C._nn._parse_to(*args[1:], **kwargs)
            except (TypeError, RuntimeError):
                return func(*args, **kwargs)
            device, dtype = found[0] or tensor.device, found[1] or tensor.dtype
        if device.type in (tensor.device.type, "cpu", "meta"):
            return func(*args, **kwargs) if name == "to" else tensor
        return torch.empty(tuple(tensor.shape), dtype=dtype, device=device)

    move.__name__ = name
    return move


def refusals() -> tuple[type[BaseException], ...]:
    """What PyTorch raises at a call that it does not take."""
    return (RuntimeError, ValueError, IndexError, TypeError, NotImplementedError, AssertionError)


def first_sentence(error: BaseException) -> str:
    """PyTorch's own words, the first line of them."""
    text = str(error).strip()
    line = text.splitlines()[0] if text else type(error).__name__
    return line.rstrip(".")


_CODES = {
    "convolution": "channels",
    "linear": "linear",
    "batch norm": "batchnorm",
    "norm": "batchnorm",
    "pooling": "kernel",
    "adaptive pooling": "dims",
    "cat": "cat",
    "arithmetic": "residual",
    "axes": "dims",
    "flatten": "dims",
    "padding": "padding",
}


def refusal(call: Call, error: BaseException) -> Violation:
    """What the checker says of a call that the table lets pass and PyTorch refuses."""
    code = _CODES.get(call.operation.kind, "size")
    return Violation(code, f"can't run on {call.shape}: {first_sentence(error)}")


# Small tables that a model computes sizes and positions from: with their numbers, .item() and torch.unique work.
_TABLES = frozenset(
    {"tensor", "as_tensor", "arange", "linspace", "logspace", "from_numpy", "tril_indices", "triu_indices"}
)
_SMALL = 1 << 20


def is_settled(name: str, args: Any, kwargs: Any) -> bool:
    """Whether a call can be computed for real: it makes a small table, or works on nothing but such tables."""
    tensors = [v for v in flat(args, kwargs) if isinstance(v, torch.Tensor)]
    if not tensors:
        return name in _TABLES and str(kwargs.get("device") or "cpu") == "cpu"
    return all(type(t) is torch.Tensor and t.device.type == "cpu" and t.numel() <= _SMALL for t in tensors)


def flat(args: Any, kwargs: Any) -> Iterator[Any]:
    """All values of a call, lists and dictionaries opened."""
    for value in (*args, *kwargs.values()):
        if isinstance(value, (list, tuple)):
            yield from flat(value, {})
        elif isinstance(value, dict):
            yield from flat(value.values(), {})
        else:
            yield value
