"""One examination: build the model on fake tensors, run it on fake inputs to its end, and hand back what was seen."""

from __future__ import annotations

import contextlib
import inspect
import io
import sys
import warnings
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from tilewise.checker.building import watching
from tilewise.checker.faults import Fault
from tilewise.checker.frames import STOP, Frame, kind_of
from tilewise.checker.inputs import Input
from tilewise.checker.lean import Lean
from tilewise.checker.marks import Mark, put
from tilewise.checker.quick import StandIn
from tilewise.checker.source import Sources
from tilewise.checker.targets import CannotRebuild, Target
from tilewise.checker.trace import Trace
from tilewise.errors import ArgumentError
from tilewise.geometry import ReceptiveField
from tilewise.geometry.preconditions import Violation


@dataclass(eq=False)
class Outcome:
    """What one examination saw. `model` is None where the constructor raised."""

    trace: Trace
    model: nn.Module | None
    inputs: tuple[Input, ...]
    mode: Any = None
    output: Any = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the whole model ran without a fault."""
        return not self.faults


def examine(target: Target, inputs: tuple[Input, ...], sources: Sources, training: bool, device: str = "") -> Outcome:
    """Build and run. CannotRebuild passes through; everything the model itself raises becomes a fault."""
    trace = Trace()
    mode = FakeTensorMode(allow_non_fake_inputs=True)
    model: nn.Module | None = None
    output: Any = None
    quiet = contextlib.redirect_stdout(io.StringIO())
    with warnings.catch_warnings(), quiet, eagerly(), mode, torch.no_grad():
        warnings.simplefilter("ignore")
        model = _build(target, sources, mode, trace)
        if model is not None:
            if device:
                _move(model, device, mode)
            model.train(training)
            output = _forward(model, inputs, trace, mode, device)
    return Outcome(trace, model, inputs, mode, output, trace.faults)


def eagerly() -> contextlib.AbstractContextManager[Any]:
    """Models that were compiled before the check run as they were written."""
    compiler = sys.modules.get("torch._dynamo")
    if compiler is None or isinstance(compiler, StandIn):
        return contextlib.nullcontext()
    stance: contextlib.AbstractContextManager[Any] = torch.compiler.set_stance("force_eager")
    return stance


def _build(target: Target, sources: Sources, mode: FakeTensorMode, trace: Trace) -> nn.Module | None:
    try:
        with watching(trace.construction), trace:
            return target.build(sources, mode)
    except (CannotRebuild, ArgumentError):
        raise
    except Exception as error:
        trace.faults.append(_stopped(error, "the constructor", trace))
        return None


STOP.add(_build.__code__)


def _forward(model: nn.Module, inputs: tuple[Input, ...], trace: Trace, mode: FakeTensorMode, device: str) -> Any:
    modules = reversed(list(model.named_modules(remove_duplicate=False)))
    trace.paths = {id(m): name.replace("_orig_mod.", "").removesuffix("_orig_mod") for name, m in modules}
    tensors = []
    for index, wanted in enumerate(inputs):
        tensor = wanted.fake(device)
        fields = tuple(ReceptiveField() for _ in tensor.shape[2:]) or None
        put(tensor, Mark(source=index, fields=fields))
        tensors.append(tensor)
    names = [i.name for i in inputs]
    positional = [t for t, n in zip(tensors, names, strict=True) if not n]
    named = {n: t for t, n in zip(tensors, names, strict=True) if n}
    _fits(model, positional, named)
    try:
        with watching(trace.construction), trace, trace.calls():
            return model(*positional, **named)
    except Exception as error:
        trace.faults.append(_stopped(error, "forward", trace))
        return None


STOP.add(_forward.__code__)


def _fits(model: nn.Module, positional: list[torch.Tensor], named: dict[str, torch.Tensor]) -> None:
    """Refuse inputs that are too many or too few for forward: an unusable argument, not a fault of the model."""
    try:
        signature = inspect.signature(model.forward)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*positional, **named)
    except TypeError as error:
        count = len(positional) + len(named)
        given = f"{count} input was" if count == 1 else f"{count} inputs were"
        raise ArgumentError(f"forward{signature} does not take what was given: {given} given, {error}") from error


def runs_with(outcome: Outcome, inputs: tuple[Input, ...], device: str = "") -> bool:
    """Whether the model of an outcome also runs on other inputs; stops at the first fault and records nothing."""
    if outcome.model is None:
        return False
    trace = Lean()
    quiet = contextlib.redirect_stdout(io.StringIO())
    with warnings.catch_warnings(), quiet, eagerly(), outcome.mode, torch.no_grad():
        warnings.simplefilter("ignore")
        positional = [i.fake(device) for i in inputs if not i.name]
        named = {i.name: i.fake(device) for i in inputs if i.name}
        try:
            with trace, trace.calls():
                outcome.model(*positional, **named)
        except Exception:
            return False
    return not trace.faults


def _move(model: nn.Module, device: str, mode: FakeTensorMode) -> None:
    """Put every weight on a device, there or not: a fake tensor only says where it would be."""
    for module in model.modules():
        tables: tuple[dict[str, Any], ...] = (module._parameters, module._buffers)
        for table in tables:
            for name, value in list(table.items()):
                if isinstance(value, torch.Tensor):
                    blank = torch.empty(tuple(value.shape), dtype=value.dtype, device=device)
                    table[name] = nn.Parameter(blank, value.requires_grad) if isinstance(value, nn.Parameter) else blank


def _stopped(error: Exception, where: str, trace: Trace) -> Fault:
    """The fault for an exception that ended the run, at the innermost line that is not PyTorch's."""
    stack: list[Frame] = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        kind = kind_of(code.co_filename)
        if kind != "tool":
            stack.insert(
                0,
                Frame(code.co_filename, step.tb_lineno, code.co_name, code, step.tb_lasti, kind == "library",
                      globals=step.tb_frame.f_globals),
            )  # fmt: skip
        step = step.tb_next
    text = str(error).strip().splitlines()
    first = text[0].rstrip(".") if text else ""
    unpacked = isinstance(error, ValueError) and "unpack" in first
    says = f"stopped in {where} with {type(error).__name__}" + (f": {first}" if first else "")
    after = trace.faults[-1] if trace.faults else None
    return Fault(
        Violation("dims" if unpacked else "stopped", says),
        "stopped",
        "the model",
        "",
        None,
        None,
        tuple(stack),
        after=after,
        raised=first,
    )


def is_fake(value: object) -> bool:
    """Whether a value is a tensor without data."""
    return isinstance(value, FakeTensor)
