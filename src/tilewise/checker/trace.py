"""The run itself: a forward on fake tensors, where a fault is noted, its declared output assumed, and on it goes.

A TorchFunctionMode sees every call of PyTorch (layers and functional calls alike); nn.Module.__call__ is patched
while it runs so that each call knows which layer made it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch._subclasses.fake_tensor import unset_fake_temporarily
from torch.overrides import TorchFunctionMode

from tilewise.checker.building import Construction
from tilewise.checker.faults import Fault, Row
from tilewise.checker.frames import capture, kind_of
from tilewise.checker.judging import described, judge, judge_layer
from tilewise.checker.leaves import called, is_leaf
from tilewise.checker.marking import mark_result
from tilewise.checker.marks import Built, Site, mark_of
from tilewise.checker.operations import Call, describe
from tilewise.checker.refusals import (
    DATA_ERRORS,
    STAND_INS,
    first_sentence,
    flat,
    is_settled,
    moving,
    refusal,
    refusals,
)
from tilewise.geometry.preconditions import Violation

QUIET = frozenset(
    (
        *("__get__", "__set__", "size", "dim", "ndimension", "numel", "is_floating_point", "is_complex", "stride"),
        *("is_contiguous", "element_size", "requires_grad_", "data_ptr", "_set_grad_enabled", "set_grad_enabled"),
        *("__repr__", "__format__", "storage_offset", "get_device", "__len__", "__hash__"),
        *("_has_compatible_shallow_copy_type",),
    )
)


_ROUNDS = 64


@dataclass(eq=False)
class _Active:
    module: Any
    path: str
    leaf: bool
    row: Row | None = None


@dataclass(eq=False)
class Trace(TorchFunctionMode):
    """One traced run. `paths` names the modules; `running` is set while the model's forward runs."""

    paths: dict[int, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    running: bool = False
    construction: Construction = field(init=False)

    def __post_init__(self) -> None:
        super().__init__()
        self.construction = Construction(self._constructor_fault)
        self._active: list[_Active] = []
        self._rows_by_key: dict[Any, Row] = {}
        self._asked: dict[Any, int] = {}

    # -- construction ------------------------------------------------------------------------------------------

    def _constructor_fault(self, violation: Violation, built: Built) -> None:
        name = type(built.module).__name__
        self.faults.append(Fault(violation, "constructor", name, "", built.module, built, ()))

    # -- calls -------------------------------------------------------------------------------------------------

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name in QUIET:
            return func(*args, **kwargs)
        if name in ("to", "cuda"):
            func = moving(func, name)
        if is_settled(name, args, kwargs):
            with contextlib.suppress(Exception), unset_fake_temporarily():
                return func(*args, **kwargs)
        if not self.running:
            return self._guarded(func, name, args, kwargs)
        self._touch(args, kwargs)
        leaf = self._leaf()
        call = describe(func, args, kwargs, leaf.module if leaf else None)
        if call is None:
            return self._unknown(func, name, args, kwargs)
        try:
            violation = judge(call)
        except (TypeError, ValueError, IndexError, AttributeError):
            violation = None
        if violation is not None:
            result = self._fault(violation, call)
        else:
            try:
                result = func(*args, **kwargs)
            except refusals() as error:
                result = self._fault(refusal(call, error), call, str(error))
        self._record(call, result)
        return result

    def _guarded(self, func: Any, name: str, args: Any, kwargs: Any) -> Any:
        try:
            return func(*args, **kwargs)
        except Exception as error:
            if type(error).__name__ in DATA_ERRORS and name in STAND_INS:
                return self._stand_in(name)
            raise

    def _stand_in(self, name: str) -> Any:
        """A value for a number that is not there; a loop that waits for False gets it after some rounds."""
        if STAND_INS[name] is not True:
            return STAND_INS[name]
        frame = sys._getframe(2)
        while frame.f_back is not None and kind_of(frame.f_code.co_filename) == "tool":
            frame = frame.f_back
        place = (frame.f_code, frame.f_lineno)
        self._asked[place] = self._asked.get(place, 0) + 1
        return self._asked[place] <= _ROUNDS

    def _unknown(self, func: Any, name: str, args: Any, kwargs: Any) -> Any:
        tensors = [a for a in flat(args, kwargs) if isinstance(a, torch.Tensor)]
        try:
            result = func(*args, **kwargs)
        except refusals() as error:
            if type(error).__name__ in DATA_ERRORS:
                return self._data_dependent(name, tensors)
            if not tensors:
                raise
            shapes = ", ".join(str(tuple(t.shape)) for t in tensors[:3])
            violation = Violation("size", f"can't run on {shapes}: {first_sentence(error)}")
            self._add(violation, "other", name, tensors, None, str(error))
            return tensors[0]
        mark_result(None, tensors, result, None)
        return result

    def _data_dependent(self, name: str, tensors: list[torch.Tensor]) -> Any:
        note = f"{name} needs the numbers of a tensor, which a check does not compute: one way was taken"
        if note not in self.notes:
            self.notes.append(note)
        if name in STAND_INS:
            return self._stand_in(name)
        return tensors[0]

    def _fault(self, violation: Violation, call: Call, raised: str = "") -> Any:
        self._add(violation, call.operation.kind, call.name, call.tensors, call, raised)
        weight = call.given.get("weight")
        like = weight if isinstance(weight, torch.Tensor) else call.input
        try:
            shapes = list(call.operation.assumed(call))
        except (TypeError, ValueError, IndexError, ZeroDivisionError):
            shapes = [call.shape]
        blanks = [torch.empty(s, dtype=like.dtype, device=like.device) for s in shapes]
        if len(blanks) > 1:
            wants = call.name.endswith("_with_indices") or call.given.get("return_indices")
            return (blanks[0], blanks[1].long()) if wants else blanks[0]
        return blanks[0]

    def _add(
        self,
        violation: Violation,
        kind: str,
        name: str,
        tensors: list[torch.Tensor],
        call: Call | None,
        raised: str = "",
    ) -> None:
        leaf = self._leaf()
        marks = tuple(mark_of(t) for t in tensors)
        self.faults.append(
            Fault(
                violation,
                kind,
                leaf.path if leaf else name,
                leaf.path if leaf else self._path(),
                leaf.module if leaf else None,
                self.construction.of(leaf.module) if leaf else None,
                capture(),
                tuple(tuple(t.shape) for t in tensors),
                marks,
                call,
                next((m.taint for m in marks if m.taint is not None), None),
                raised,
                self._direct(),
            )
        )

    # -- bookkeeping -------------------------------------------------------------------------------------------

    def _touch(self, args: Any, kwargs: Any) -> None:
        for value in flat(args, kwargs):
            if isinstance(value, nn.Parameter):
                self.used.add(id(value))

    def _leaf(self) -> _Active | None:
        return next((a for a in self._active if a.leaf), None)

    def _direct(self) -> bool:
        above = [a for a in self._active if not a.leaf]
        return not (above and isinstance(above[-1].module, nn.Sequential))

    def _path(self) -> str:
        return self._active[-1].path if self._active else ""

    def _record(self, call: Call, result: Any) -> None:
        leaf = self._leaf()
        outputs = [
            t for t in (result if isinstance(result, (tuple, list)) else (result,)) if isinstance(t, torch.Tensor)
        ]
        shape = tuple(outputs[0].shape) if outputs else ()
        site = Site(
            call.operation.kind,
            called(leaf.path, leaf.module) if leaf else call.name,
            leaf.path if leaf else self._path(),
            leaf.module if leaf else None,
            self.construction.of(leaf.module) if leaf else None,
            capture(),
            call.shape,
            shape,
            {"name": call.name, "given": {k: v for k, v in call.given.items() if not isinstance(v, torch.Tensor)}},
            tuple(mark_of(t) for t in call.tensors),
            tuple(tuple(t.shape) for t in call.tensors),
            self._direct(),
            described(call),
        )
        self.sites.append(site)
        faulty = bool(self.faults) and self.faults[-1].call is call
        mark_result(call, call.tensors, result, site, self.faults[-1] if faulty else None)
        row = leaf.row if leaf else None
        if row is None and call.operation.row:
            line = site.stack[0].line if site.stack else 0
            row = self._row((self._path(), call.name, line, call.shape), self._path(), call.name, None)
            row.calls += 1
            row.input_shape = row.input_shape or call.shape
            row.output_shape = shape
            row.activation_bytes += sum(t.numel() * t.element_size() for t in outputs[:1])
            row.mark = mark_of(outputs[0]) if outputs else None
        if row is not None:
            row.site = row.site or site
            try:
                row.multiply_adds += call.operation.cost(call, shape)
            except (IndexError, TypeError, ValueError):
                self.notes.append(f"the cost of {call.name} is not counted")

    def _row(self, key: Any, path: str, name: str, module: Any) -> Row:
        if key not in self._rows_by_key:
            row = Row(path, name, module)
            self._rows_by_key[key] = row
            self.rows.append(row)
        return self._rows_by_key[key]

    # -- layers ------------------------------------------------------------------------------------------------

    def layer(self, module: nn.Module, original: Any, args: Any, kwargs: Any) -> Any:
        """Stand in for nn.Module.__call__: know who is running, and go on where a plain layer raises."""
        self.used.add(id(module))
        path = self.paths.get(id(module), "")
        inputs = [a for a in flat(args, kwargs) if isinstance(a, torch.Tensor)]
        inside = self._leaf() is not None
        active = _Active(module, path, not inside and is_leaf(module))
        if active.leaf:
            shape = tuple(inputs[0].shape) if inputs else ()
            active.row = self._row((id(module), shape), path, type(module).__name__, module)
            active.row.calls += 1
        self._active.append(active)
        try:
            violation = judge_layer(module, inputs) if active.leaf else None
            if violation is not None:
                self._add(violation, "layer", type(module).__name__, inputs, None)
                result: Any = inputs[0].clone()
                mark_result(None, inputs, result, None, self.faults[-1])
            else:
                result = original(module, *args, **kwargs)
        except refusals() as error:
            if not active.leaf or not inputs:
                raise
            text = f"can't run on {tuple(inputs[0].shape)}: {first_sentence(error)}"
            self._add(Violation("size", text), "layer", type(module).__name__, inputs, None, str(error))
            result = inputs[0]
        finally:
            self._active.pop()
        if active.row is not None:
            self._finish(active.row, inputs, result)
        return result

    def _finish(self, row: Row, inputs: list[torch.Tensor], result: Any) -> None:
        outputs = [t for t in flat((result,), {}) if isinstance(t, torch.Tensor)]
        if inputs:
            row.input_shape = row.input_shape or tuple(inputs[0].shape)
        if outputs:
            row.output_shape = tuple(outputs[0].shape)
            row.activation_bytes += outputs[0].numel() * outputs[0].element_size()
            row.mark = mark_of(outputs[0])

    @contextmanager
    def calls(self) -> Iterator[None]:
        """Patch nn.Module.__call__ for the length of the block."""
        original = nn.Module.__call__
        trace = self

        def call(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
            return trace.layer(module, original, args, kwargs)

        nn.Module.__call__ = call  # type: ignore[method-assign]
        self.running = True
        try:
            yield
        finally:
            nn.Module.__call__ = original  # type: ignore[method-assign]
            self.running = False
