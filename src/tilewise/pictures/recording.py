"""Run a person's layer or model once and keep what its convolutions really saw: every number shown comes from here.

Calls are caught where Python asks PyTorch for them (F.pad, F.conv2d, torch.cat ...), so padding that a layer
adds itself (causal, reflecting, 'same') is known as padding and functional calls are seen as well as modules.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from tilewise.geometry import Axis, Convolution, ReceptiveField, same_padding
from tilewise.pictures.fields import Fields, field_after

_ORDER = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_ORDER_TRANSPOSED = ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation")
_CONVOLUTIONS = {f"conv{d}d": (d, False) for d in (1, 2, 3)} | {f"conv_transpose{d}d": (d, True) for d in (1, 2, 3)}
# Calls outside leaf modules that a reader would miss in a list of layers.
_WORTH_A_ROW = frozenset(
    ("relu", "relu_", "gelu", "silu", "sigmoid", "softmax", "cat", "flatten", "linear", "interpolate")
)
_WORTH_A_ROW |= {"add", "__add__", "__iadd__", "mul", "__mul__", "mean"}
_WORTH_A_ROW |= {f"{pool}_pool{d}d" for pool in ("max", "avg", "adaptive_avg", "adaptive_max") for d in (1, 2, 3)}


@dataclass(frozen=True, eq=False)
class Call:
    """One convolution that ran: what went in (before and after padding), its numbers, what came out.

    `source` is (N, C, *spatial) without padding, `padded` with it (the same tensor for a transposed layer);
    `axes` has one `Axis` for each spatial dimension; `fields` the receptive field of an *output* cell on the
    model's input along each axis, None where it is the whole input or cannot be told.
    """

    name: str
    source: Tensor
    padded: Tensor
    weight: Tensor
    bias: Tensor | None
    output: Tensor
    axes: tuple[Axis, ...]
    groups: int
    transposed: bool
    padding_mode: str
    fields: Fields

    @property
    def dims(self) -> int:
        return len(self.axes)

    @property
    def kind(self) -> str:
        return f"Conv{'Transpose' if self.transposed else ''}{self.dims}d"

    @property
    def convolution(self) -> Convolution:
        """The geometry of the layer; padding is left out of a forward one, whose input is padded already."""
        c, k = self.source.shape[1], self.output.shape[1]
        kernel, stride, dilation = (tuple(getattr(a, n) for a in self.axes) for n in ("kernel", "stride", "dilation"))
        padding = tuple(a.before if self.transposed else 0 for a in self.axes)
        extra = tuple(a.output_padding for a in self.axes) if self.transposed else ()
        has_bias = self.bias is not None
        return Convolution(c, k, kernel, stride, padding, dilation, self.groups, has_bias, self.transposed, extra)

    @property
    def multiply_adds(self) -> int:
        """Of the whole call, batch included."""
        return self.convolution.multiply_adds(self.source.shape[0], tuple(self.padded.shape[2:]))


@dataclass(eq=False)
class Row:
    """One line of a network's list: a leaf module's call, or a function called between modules."""

    name: str
    kind: str
    text: str
    input_shapes: tuple[tuple[int, ...], ...]
    output_shape: tuple[int, ...] | None = None
    parameters: int = 0
    multiply_adds: int = 0
    call: Call | None = None
    seconds: float | None = None
    error: str | None = None


@dataclass(eq=False)
class Recording:
    """What a run left behind: its lines in order, its convolutions, its result or the exception that ended it."""

    rows: list[Row] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    output: Any = None
    error: Exception | None = None
    error_at: str = ""


def _tensors(things: Iterable[Any]) -> list[Tensor]:
    found: list[Tensor] = []
    for thing in things:
        if isinstance(thing, Tensor):
            found.append(thing)
        elif isinstance(thing, (list, tuple)):
            found.extend(_tensors(thing))
        elif isinstance(thing, dict):
            found.extend(_tensors(thing.values()))
    return found


def _each(value: Any, dims: int) -> tuple[int, ...]:
    values = (value,) if isinstance(value, int) else tuple(int(v) for v in value)
    return values * dims if len(values) == 1 else values


class _Recorder(TorchFunctionMode):
    def __init__(self, recording: Recording, stack: list[str], leaves: set[str], image: Tensor) -> None:
        super().__init__()
        self.recording, self.stack, self.leaves = recording, stack, leaves
        self.dims = max(image.dim() - 2, 1)
        self.fields: dict[int, Fields] = {id(image): (ReceptiveField(),) * self.dims}
        self.pads: dict[int, tuple[Tensor, tuple[tuple[int, int], ...], str]] = {}
        self.kept: list[Any] = [image]  # ids stay unique only while the tensors live

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        row = None
        inside_leaf = bool(self.stack) and self.stack[-1] in self.leaves
        if not inside_leaf and (name in _CONVOLUTIONS or name in _WORTH_A_ROW):
            shapes = tuple(tuple(t.shape) for t in _tensors((args, kwargs)))[:2]
            row = Row(".".join(filter(None, (self.stack[-1] if self.stack else "", name))), name, "", shapes)
            self.recording.rows.append(row)
        result = func(*args, **kwargs)
        if isinstance(result, (Tensor, tuple, list)):
            self._learn(name, args, kwargs, result, row)
        return result

    def _learn(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], result: Any, row: Row | None) -> None:
        outputs, inputs = _tensors([result]), _tensors((args, kwargs))
        if not outputs:
            return
        known = [t for t in inputs if id(t) in self.fields]
        if name in _CONVOLUTIONS:
            call = self._convolution(name, args, kwargs, outputs[0])
            self.fields[id(outputs[0])] = call.fields
            self.recording.calls.append(call)
            if row is not None:
                row.kind, row.call, row.multiply_adds = call.kind, call, call.multiply_adds
            elif self.recording.rows and self.recording.rows[-1].name == call.name:
                self.recording.rows[-1].call = call
                self.recording.rows[-1].multiply_adds += call.multiply_adds
        elif known:
            fields = field_after(name, args, kwargs, [(t, self.fields[id(t)]) for t in known], outputs[0], self.dims)
            for output in outputs:
                self.fields[id(output)] = fields
        if name == "pad":
            self._padding(args, kwargs, outputs[0])
        if name == "linear" and self.recording.rows:
            self.recording.rows[-1].multiply_adds += prod(outputs[0].shape) * inputs[0].shape[-1]
        if row is not None:
            row.output_shape = tuple(outputs[0].shape)
        self.kept.extend((*inputs, *outputs))

    def _padding(self, args: tuple[Any, ...], kwargs: dict[str, Any], result: Tensor) -> None:
        source = args[0] if args else kwargs["input"]
        flat = tuple(args[1] if len(args) > 1 else kwargs["pad"])
        mode = str(args[2] if len(args) > 2 else kwargs.get("mode", "constant"))
        value = args[3] if len(args) > 3 else kwargs.get("value")
        pairs = tuple((flat[i], flat[i + 1]) for i in range(len(flat) - 2, -1, -2))
        dims = source.dim() - 2
        if len(pairs) > dims or min(flat, default=0) < 0:
            return  # cuts, or pads the channels: what follows is then shown as it is
        pairs = ((0, 0),) * (dims - len(pairs)) + pairs
        self.pads[id(result)] = (source, pairs, ("zeros" if not value else "constant") if mode == "constant" else mode)

    def _convolution(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], output: Tensor) -> Call:
        dims, transposed = _CONVOLUTIONS[name]
        given = dict(zip(_ORDER_TRANSPOSED if transposed else _ORDER, args, strict=False)) | kwargs
        source, weight, bias = given["input"], given["weight"], given.get("bias")
        stride, dilation = _each(given.get("stride", 1), dims), _each(given.get("dilation", 1), dims)
        kernel = tuple(weight.shape[2:])
        own: tuple[tuple[int, int], ...]
        padding = given.get("padding", 0)
        if padding == "same":
            own = tuple(same_padding(k, d) for k, d in zip(kernel, dilation, strict=True))
        else:
            own = tuple((p, p) for p in _each(0 if padding == "valid" else padding, dims))
        fields = self.fields.get(id(source))
        unbatched = source.dim() == dims + 1
        padded = source.unsqueeze(0) if unbatched else source
        pairs, mode = own, "zeros"
        if not transposed:
            if id(source) in self.pads:
                source, outer, mode = self.pads[id(source)]
                pairs = tuple((a + c, b + d) for (a, b), (c, d) in zip(own, outer, strict=True))
            padded = F.pad(padded, [p for pair in reversed(own) for p in pair])
        source = source.unsqueeze(0) if source.dim() == dims + 1 else source
        # A later layer may write over these in place.
        padded = padded.detach().clone()
        extra = _each(given.get("output_padding", 0), dims)
        sizes = zip(source.shape[2:], kernel, stride, pairs, dilation, extra, strict=True)
        axes = tuple(Axis(n, k, s, b, a, d, transposed, op) for n, k, s, (b, a), d, op in sizes)
        inner = zip(fields or (), axes, own, strict=True) if fields and len(fields) == dims else None
        seen = None if inner is None else tuple(
            (f.covering_transposed if transposed else f.after)(a.kernel, a.stride, before, a.dilation)
            for f, a, (before, _) in inner
        )  # fmt: skip
        keep = (output.unsqueeze(0) if unbatched else output).detach().clone()
        where = self.stack[-1] if self.stack else ""
        groups = int(given.get("groups", 1))
        return Call(where, source, padded, weight, bias, keep, axes, groups, transposed, mode, seen)


def record(model: nn.Module, *inputs: Any) -> Recording:
    """Run `model` on `inputs` in evaluation mode, without gradients, and keep what happened.

    Never raises what the model raises: the exception is in the recording, with the module where it rose.
    """
    recording, stack = Recording(), [""]
    names = {module: name for name, module in model.named_modules()}
    leaves = {name for module, name in names.items() if not any(True for _ in module.children())}
    model_is_leaf = "" in leaves
    stack.clear()

    def enter(module: nn.Module, given: tuple[Any, ...]) -> None:
        name = names.get(module, "")
        stack.append(name)
        if name in leaves:
            shapes = tuple(tuple(t.shape) for t in _tensors(given))
            count = sum(p.numel() for p in module.parameters() if not isinstance(p, nn.UninitializedParameter))
            text = module.extra_repr()
            recording.rows.append(Row(name, type(module).__name__, text, shapes, parameters=count))

    def leave(module: nn.Module, given: tuple[Any, ...], result: Any) -> None:
        name = stack.pop()
        if name in leaves:
            row = next(r for r in reversed(recording.rows) if r.name == name)
            out = _tensors([result])
            row.output_shape = tuple(out[0].shape) if out else None
            row.parameters = sum(p.numel() for p in module.parameters())

    hooks = [h for m in names for h in (m.register_forward_pre_hook(enter), m.register_forward_hook(leave))]
    was_training = [m for m in names if m.training]
    first = next(iter(_tensors(inputs)), torch.empty(0))
    model.eval()
    try:
        # A remark on speed (say, on an even kernel with padding="same") is not about the picture.
        with (
            warnings.catch_warnings(),
            torch.no_grad(),
            _Recorder(recording, stack, leaves if not model_is_leaf else {""}, first),
        ):
            warnings.simplefilter("ignore", UserWarning)
            recording.output = model(*inputs)
    except Exception as error:  # whatever a person's model raises belongs in its picture
        recording.error, recording.error_at = error, (stack[-1] if stack else "")
        if recording.rows:
            recording.rows[-1].error = str(error)
    finally:
        for hook in hooks:
            hook.remove()
        for module in was_training:
            module.training = True
    return recording
