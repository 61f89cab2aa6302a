"""One run of a model that keeps which convolutions reached PyTorch's dispatcher, and leaves everything as it was.

The model runs on copies of its inputs, parameters and buffers, so that neither running statistics nor gradients of
its own change; the states of PyTorch's, NumPy's and Python's random numbers are put back.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from tilewise import torch_ops
from tilewise.errors import ArgumentError
from tilewise.problem import ConvProblem, Layout, Pass
from tilewise.torch_ops import describe
from tilewise.torch_ops.call import Call
from tilewise.tuning.copying import copied, noise

_SEED = 0


@dataclass(frozen=True)
class TensorLike:
    """A tensor without its memory: sizes and strides."""

    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @classmethod
    def of(cls, tensor: Tensor) -> TensorLike:
        """What a tensor is like."""
        return cls(tuple(tensor.shape), tuple(tensor.stride()))

    def noise(self, dtype: torch.dtype, generator: torch.Generator) -> Tensor:
        """Random numbers that lie so."""
        return noise(self.shape, self.strides, dtype, generator)


@dataclass
class Recorded:
    """One distinct problem: the call that asked for it first, and the names of the layers that did, each time.

    A layer's name is empty where its weight is not a parameter's memory (weights that are computed, autocast).
    """

    problem: ConvProblem
    call: Call
    dtype: torch.dtype
    input: TensorLike
    weight: TensorLike
    bias: bool
    grad_output: TensorLike | None = None
    layers: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The layer as a line of a program."""
        call, (first, second, *kernel) = self.call, self.weight.shape
        convolution = self.call.expanded(len(kernel))
        assert convolution is not None
        inputs, outputs = (first, second * call.groups) if call.transposed else (second * call.groups, first)
        given = {
            "stride": (convolution.stride, 1),
            "padding": (convolution.padding, 0),
            "output_padding": (convolution.output_padding if call.transposed else (), 0),
            "dilation": (convolution.dilation, 1),
            "groups": ((call.groups,), 1),
            "bias": ((self.bias,), True),
        }
        words = [str(inputs), str(outputs), _one_or_all(kernel)]
        words += [f"{name}={_one_or_all(v)}" for name, (v, usual) in given.items() if any(n != usual for n in v)]
        return f"Conv{'Transpose' if call.transposed else ''}{len(kernel)}d({', '.join(words)})"

    @property
    def layout(self) -> str:
        """How the input lies in memory, in PyTorch's words."""
        layout = describe.spec(self.input.shape, self.input.strides).layout
        return {Layout.PLANAR: "contiguous", Layout.CHANNELS_LAST: "channels last"}.get(layout, "strided")


def _one_or_all(values: Sequence[object]) -> str:
    return str(values[0]) if len(set(values)) == 1 else f"({', '.join(map(str, values))})"


class _Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Sees what PyTorch's dispatcher sees below autograd, autocast and vmap; on this thread."""

    def __init__(self, names: dict[int, str]):
        super().__init__()  # type: ignore[no-untyped-call]
        self.names = names
        self.found: dict[ConvProblem, Recorded] = {}
        self.seen = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is torch.ops.aten.convolution.default:
            self._forward(*args, **(kwargs or {}))
        elif func is torch.ops.aten.convolution_backward.default:
            self._backward(*args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))

    def _forward(self, input: Tensor, weight: Tensor, bias: Tensor | None, *rest: Any) -> None:
        call = Call(*rest)
        self._keep(describe.forward(call, input, weight, bias), call, input, weight, bias is not None)

    def _backward(
        self, grad_output: Tensor, input: Tensor, weight: Tensor, bias_sizes: Sequence[int] | None, *rest: Any
    ) -> None:
        *parameters, mask = rest
        call = Call(*parameters)
        for kind, wanted in zip((Pass.INPUT_GRADIENT, Pass.WEIGHT_GRADIENT), mask[:2], strict=True):
            if wanted:
                asked = describe.gradient(kind, call, grad_output, input, weight)
                # Autograd says [0] where there is no bias.
                self._keep(asked, call, input, weight, bool(bias_sizes) and bias_sizes != [0], grad_output)

    def _keep(
        self, asked: describe.Asked | None, call: Call, input: Tensor, weight: Tensor, bias: bool,
        grad_output: Tensor | None = None,
    ) -> None:  # fmt: skip
        self.seen += 1
        if asked is None:
            return
        made = self.found.get(asked.problem)
        if made is None:
            made = self.found[asked.problem] = Recorded(
                asked.problem, call, input.dtype, TensorLike.of(input), TensorLike.of(weight), bias,
                None if grad_output is None else TensorLike.of(grad_output),
            )  # fmt: skip
        made.layers.append(self.names.get(weight.data_ptr(), ""))


class _Method(nn.Module):
    """A method of a module as a module, so that its parameters can be replaced."""

    def __init__(self, method: Any):
        super().__init__()
        self.module, self.function = method.__self__, method.__func__

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(self.module, *args, **kwargs)


def record(
    model: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], backward: bool
) -> tuple[Recorded, ...]:
    """The distinct problems of one run, in order; with `backward`, those of the gradients of all that asks for them.

    Raises what the model raises, and ArgumentError where no convolution was reached that Tilewise has kernels for,
    or a gradient is wanted of a result that has none.
    """
    with torch.inference_mode(False), _same_random_numbers(), torch_ops.enabled(), _on_copies(model) as (run, names):
        args, kwargs = tree_map(_copied, (tuple(args), dict(kwargs)))
        with torch.set_grad_enabled(backward), _Recorder(names) as recorder:
            result = run(args, kwargs)
            if backward:
                _differentiate(result)
    if not recorder.found:
        seen = f"all {recorder.seen} that ran are PyTorch's own" if recorder.seen else "none ran"
        raise ArgumentError(
            f"{name_of(model)} reached no convolution that Tilewise has kernels for: {seen}; accepted are convolutions "
            f"of dense CPU tensors in {', '.join(describe.DTYPES.values())}"
        )
    return tuple(recorder.found.values())


def name_of(model: Callable[..., Any]) -> str:
    """A model's name for people."""
    return type(model).__name__ if isinstance(model, nn.Module) else getattr(model, "__name__", repr(model))


def _copied(value: Any) -> Any:
    return copied(value) if isinstance(value, Tensor) else value


@contextmanager
def _on_copies(model: Callable[..., Any]) -> Iterator[tuple[Callable[[Any, Any], Any], dict[int, str]]]:
    """How to run a model without touching what is its own, and the layers of its weights by their address."""
    module, prefix = model, ""
    if inspect.ismethod(model) and isinstance(model.__self__, nn.Module):
        module, prefix = _Method(model), "module."
    if not isinstance(module, nn.Module):
        yield (lambda args, kwargs: model(*args, **kwargs)), {}
        return
    own = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    lazy = [name for name, tensor in own.items() if nn.parameter.is_lazy(tensor)]
    if lazy:
        raise ArgumentError(
            f"{lazy[0].removeprefix(prefix)} has no sizes yet: a lazy layer learns them from its first input; run the "
            "model once before it is tuned"
        )
    if isinstance(module, torch.jit.ScriptModule):  # its tensors cannot be replaced
        with _restored(module):
            yield (lambda args, kwargs: module(*args, **kwargs)), _names(own, prefix, name_of(model))
        return
    copies = {name: copied(tensor) for name, tensor in own.items()}

    def run(args: Any, kwargs: Any) -> Any:
        return torch.func.functional_call(module, copies, args, kwargs)

    yield run, _names(copies, prefix, name_of(model))


def _names(tensors: Mapping[str, Tensor], prefix: str, whole: str) -> dict[int, str]:
    return {
        tensor.data_ptr(): name.removeprefix(prefix).removeprefix("_orig_mod.").removesuffix("weight").removesuffix(".")
        or whole
        for name, tensor in tensors.items()
        if tensor.layout is torch.strided and tensor.numel()
    }


@contextmanager
def _restored(module: nn.Module) -> Iterator[None]:
    """Puts a module's buffers back as they were."""
    kept = [(tensor, tensor.detach().clone()) for tensor in module.buffers()]
    try:
        yield
    finally:
        with torch.no_grad():
            for tensor, before in kept:
                tensor.copy_(before)


def _differentiate(result: Any) -> None:
    """Gradients of all leaves that a result depends on; nobody's `.grad` is written."""
    tensors = [t for t in tree_leaves(result) if isinstance(t, Tensor) and t.grad_fn is not None]
    if not tensors:
        raise ArgumentError(
            "backward=True: the result depends on nothing that asks for gradients; accepted are models with "
            "parameters, or inputs, whose requires_grad is set, and results that are tensors in lists, tuples or "
            "dictionaries"
        )
    generator = torch.Generator().manual_seed(_SEED)
    slopes = [noise(t.shape, t.stride(), t.dtype, generator) for t in tensors]
    torch.autograd.grad(tensors, _leaves(tensors), slopes, allow_unused=True)


def _leaves(tensors: Sequence[Tensor]) -> list[Tensor]:
    """What the graph behind some tensors accumulates gradients in."""
    found: dict[int, Tensor] = {}
    seen: set[Any] = set()
    nodes: list[Any] = [tensor.grad_fn for tensor in tensors]
    while nodes:
        node = nodes.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found[id(node.variable)] = node.variable
        nodes += [following for following, _ in node.next_functions]
    return list(found.values())


@contextmanager
def _same_random_numbers() -> Iterator[None]:
    """Within the block random numbers may be drawn; afterwards it is as if none had been."""
    of_python, of_numpy = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(of_python)
        np.random.set_state(of_numpy)
