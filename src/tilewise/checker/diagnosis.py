"""From a fault to a finding: three places in the source, a sentence, and what stands beside each line."""

from __future__ import annotations

import ast
import inspect
from typing import Any

from torch import nn

from tilewise.checker.faults import Fault
from tilewise.checker.findings import Finding, Note, Place
from tilewise.checker.frames import Frame, nearest
from tilewise.checker.leaves import called
from tilewise.checker.marks import Mark, Site
from tilewise.checker.refine import refine
from tilewise.checker.source import Sources, argument, characters
from tilewise.geometry.preconditions import Violation

# Arguments that are wrong where a layer is called, not where it was made.
_OF_THE_CALL = frozenset({"indices", "output_size"})


def parameter_names(module: Any) -> list[str]:
    """The positional parameters of a layer's constructor, in order."""
    try:
        signature = inspect.signature(type(module).__init__)
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in signature.parameters.values() if p.kind in kinds][1:]


def diagnose(fault: Fault, sources: Sources, paths: dict[int, str], model: nn.Module | None) -> Finding:
    """The finding for a fault."""
    violation = refine(fault)
    path = fault.path
    if fault.kind == "constructor":
        path = paths.get(id(fault.module), "")
    used = nearest(fault.stack)
    built = nearest(fault.built.stack) if fault.built else None
    if built is None and fault.module is not None and model is not None:
        built = static_frame(model, path, sources)
    if violation.argument in _OF_THE_CALL:
        built = None
    written = built or used
    subject = _subject(fault, path, used, sources)
    finding = Finding(
        violation.code,
        f"{subject} {violation.text}",
        path,
        file=written.file if written else "",
        line=written.line if written else 0,
        used_at=Place(used.file, used.line, path) if used and fault.kind != "constructor" else None,
        evidence=fault,
    )
    notes: dict[tuple[str, int], Note] = {}
    if written is not None:
        _add(notes, _written_note(written, built, fault, violation, sources))
    maker = _maker(fault, violation)
    if maker is not None:
        place = nearest(maker.built.stack) if maker.built else nearest(maker.stack)
        if place is not None:
            finding.made_by = Place(place.file, place.line, maker.path if maker.module is not None else maker.name)
            _add(notes, _plain_note(place, made_text(maker), sources))
    if used is not None and fault.kind not in ("constructor", "stopped"):
        _add(notes, _plain_note(used, _flows_text(fault, used, sources), sources))
    finding.notes = tuple(sorted(notes.values(), key=lambda n: (n.file != finding.file, n.file, n.line)))
    return finding


def _add(notes: dict[tuple[str, int], Note], note: Note | None) -> None:
    if note is None:
        return
    old = notes.get((note.file, note.line))
    if old is None:
        notes[(note.file, note.line)] = note
        return
    says = "; ".join(s for s in (old.says, note.says) if s)
    notes[(note.file, note.line)] = Note(old.file, old.line, old.text, says, old.column, old.width, old.label)


# -- the sentence ----------------------------------------------------------------------------------------------------


def _subject(fault: Fault, path: str, used: Frame | None, sources: Sources) -> str:
    if fault.kind == "stopped":
        return "the model"
    if fault.module is not None:
        if path:
            return called(path, fault.module)
        built = nearest(fault.built.stack) if fault.built else None
        call = sources.call(built)
        return sources.segment(built.file, call.func) if call is not None and built else called("", fault.module)
    node = sources.expression(used) if used is not None else None
    if isinstance(node, ast.Call) and used is not None and fault.call is not None:
        text = sources.segment(used.file, node.func)
        if text.split(".")[-1].strip("_") == fault.call.name.strip("_") and len(text) <= 40 and "\n" not in text:
            return text
    if isinstance(node, ast.BinOp) and used is not None:
        text = sources.segment(used.file, node)
        if len(text) <= 40 and "\n" not in text:
            return text
    return fault.call.name.strip("_") if fault.call is not None else fault.subject.strip("_")


def made_text(maker: Site) -> str:
    """What is said beside the line that made a tensor's channels or features."""
    shape = maker.output_shape
    size = shape[1] if len(shape) > 1 else (shape[0] if shape else 0)
    if maker.kind == "convolution":
        return f"makes the {size} channels" if size != 1 else "makes the 1 channel"
    if maker.kind == "linear":
        return f"makes the {shape[-1]} features"
    if maker.kind in ("flatten", "view") and len(shape) == 2:
        product = " x ".join(map(str, maker.input_shape[1:]))
        return f"makes the {size} features: {product}" if " x " in product else f"makes the {size} features"
    if maker.kind == "cat":
        return f"joins them to {size} channels"
    return f"makes {shape}"


def _maker(fault: Fault, violation: Violation) -> Site | None:
    if (
        not fault.marks
        or fault.kind in ("cat", "arithmetic", "stopped")
        or violation.code in ("kernel", "device", "dtype")
    ):
        return fault.marks[0].last if fault.marks and violation.code == "kernel" and fault.marks[0].last else None
    return fault.marks[0].maker


# -- the lines -------------------------------------------------------------------------------------------------------


def _plain_note(frame: Frame, says: str, sources: Sources) -> Note | None:
    text = sources.line(frame.file, frame.line)
    return None if text is None else Note(frame.file, frame.line, text.rstrip(), says)


def _written_note(
    written: Frame, built: Frame | None, fault: Fault, violation: Violation, sources: Sources
) -> Note | None:
    text = sources.line(written.file, written.line)
    if text is None:
        return None
    node = wrong_expression(written, fault, violation, sources) if built is not None else None
    call = sources.expression(written)
    span = node or call
    if span is None:
        return Note(written.file, written.line, text.rstrip(), "" if not violation.label else violation.label)
    line = sources.line(written.file, span.lineno) or text
    start = characters(line, span.col_offset)
    end = characters(line, span.end_col_offset or 0) if span.end_lineno == span.lineno else len(line.rstrip())
    label = violation.label or ("here" if fault.kind != "stopped" else "")
    if not label:
        return Note(written.file, span.lineno, line.rstrip())
    return Note(written.file, span.lineno, line.rstrip(), "", start, max(1, end - start), label)


def wrong_expression(built: Frame, fault: Fault, violation: Violation, sources: Sources) -> ast.expr | None:
    """The expression in a constructor call that gives the wrong argument, or None."""
    call = sources.call(built)
    if call is None or not violation.argument:
        return None
    return argument(call, parameter_names(fault.module), violation.argument)


def _flows_text(fault: Fault, used: Frame, sources: Sources) -> str:
    node = sources.expression(used)
    names: list[str] = []
    if fault.direct:
        if isinstance(node, ast.Call):
            first = node.args[0] if node.args else None
            given = first.elts if isinstance(first, (ast.List, ast.Tuple)) else node.args
            if isinstance(node.func, ast.Attribute) and fault.kind in ("view", "flatten", "axes", "arithmetic"):
                given = [node.func.value, *given]
            names = [sources.segment(used.file, a) for a in given]
        elif isinstance(node, ast.BinOp):
            names = [sources.segment(used.file, node.left), sources.segment(used.file, node.right)]
    count = 4 if fault.kind == "cat" else 2 if fault.kind in ("arithmetic", "matmul", "unpooling") else 1
    parts = []
    for index, shape in enumerate(fault.shapes[:count]):
        name = names[index] if index < len(names) else ""
        plain = name and len(name) <= 24 and "\n" not in name
        mark = fault.marks[index] if index < len(fault.marks) else Mark()
        what = name if plain else ("the input" if mark.source is not None else "")
        parts.append(f"{what} is {shape}" if what else f"{shape} flows in")
    return ", ".join(parts)


# -- models that were there before the check ---------------------------------------------------------------------------


def static_frame(model: nn.Module, path: str, sources: Sources) -> Frame | None:
    """Where a layer of a ready-made model was written, read off its owner's class: `self.name = ...`."""
    owner_path, _, name = path.rpartition(".")
    while owner_path and (
        name.isdigit() or isinstance(model.get_submodule(owner_path), (nn.Sequential, nn.ModuleList))
    ):
        owner_path, _, name = owner_path.rpartition(".")
    try:
        owner = model.get_submodule(owner_path)
        code = type(owner).__init__.__code__
    except (AttributeError, TypeError):
        return None
    tree = sources.tree(code.co_filename)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Attribute) and target.attr == name and node.lineno >= code.co_firstlineno:
                return Frame(code.co_filename, node.lineno, "__init__", code, -2, False)
    return None
