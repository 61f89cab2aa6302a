"""Running the lints, and trying what they propose."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from tilewise.checker.diagnosis import static_frame
from tilewise.checker.findings import Finding, Fix, Note, Place
from tilewise.checker.frames import Frame, nearest
from tilewise.checker.inputs import Input
from tilewise.checker.lints import joints, layers, shapes
from tilewise.checker.lints.warning import Lint
from tilewise.checker.marks import Built
from tilewise.checker.repairs.search import edits_between
from tilewise.checker.run import Outcome
from tilewise.checker.source import Sources, characters

_MOST_REPAIRED = 8


def lint(outcome: Outcome, sources: Sources) -> list[tuple[Finding, Lint]]:
    """Every warning of a run, one a line of source and code."""
    found: list[tuple[Finding, Lint]] = []
    seen: dict[tuple[str, str, int], Finding] = {}
    for rule in (*shapes.LINTS, *joints.LINTS, *layers.LINTS):
        for one in rule(outcome, sources):
            finding = _finding(one, outcome, sources)
            key = (finding.code, finding.file or finding.layer, finding.line)
            if key in seen:
                first = seen[key]
                if finding.layer != first.layer and finding.layer not in first.also:
                    first.also = (*first.also, finding.layer)
                continue
            seen[key] = finding
            found.append((finding, one))
    return found


def _finding(one: Lint, outcome: Outcome, sources: Sources) -> Finding:
    used = nearest(one.site.stack) if one.site is not None else None
    built: Frame | None = one.built if isinstance(one.built, Frame) else None
    if isinstance(one.built, Built):
        built = nearest(one.built.stack)
    elif built is None and one.site is not None and one.site.module is not None and outcome.model is not None:
        built = static_frame(outcome.model, one.layer, sources)
    written = built or used
    notes: dict[tuple[str, int], Note] = {}
    if written is not None:
        _put(notes, _marked(written, one.label, sources))
    made_place: Place | None = None
    if one.made_by is not None:
        place = nearest(one.made_by.built.stack) if one.made_by.built else nearest(one.made_by.stack)
        if place is not None:
            made_place = Place(place.file, place.line, one.made_by.path)
            _put(notes, _plain(place, one.made_says, sources))
    if used is not None:
        _put(notes, _plain(used, one.used_says, sources))
    return Finding(
        one.code,
        one.message,
        one.layer,
        "warning",
        written.file if written else "",
        written.line if written else 0,
        Place(used.file, used.line, one.layer) if used else None,
        made_place,
        notes=tuple(
            sorted(notes.values(), key=lambda n: (n.file != (written.file if written else ""), n.file, n.line))
        ),
        advice=one.advice,
    )


def _put(notes: dict[tuple[str, int], Note], note: Note | None) -> None:
    if note is None:
        return
    old = notes.get((note.file, note.line))
    if old is None:
        notes[(note.file, note.line)] = note
    elif note.says and not old.says:
        notes[(note.file, note.line)] = Note(old.file, old.line, old.text, note.says, old.column, old.width, old.label)


def _plain(frame: Frame, says: str, sources: Sources) -> Note | None:
    text = sources.line(frame.file, frame.line)
    return None if text is None else Note(frame.file, frame.line, text.rstrip(), says)


def _marked(frame: Frame, label: str, sources: Sources) -> Note | None:
    text = sources.line(frame.file, frame.line)
    if text is None:
        return None
    node = sources.expression(frame)
    if node is None or node.lineno != frame.line or not label:
        return Note(frame.file, frame.line, text.rstrip(), label)
    start = characters(text, node.col_offset)
    end = characters(text, node.end_col_offset or 0) if node.end_lineno == node.lineno else len(text.rstrip())
    return Note(frame.file, frame.line, text.rstrip(), "", start, max(1, end - start), label)


def repair_warnings(
    found: list[tuple[Finding, Lint]],
    sources: Sources,
    inputs: tuple[Input, ...],
    examine: Callable[[Sources, tuple[Input, ...]], Outcome],
    budget: float = 3.0,
) -> None:
    """Give warnings the proposals that work: the model runs, and this warning is gone."""
    end = time.monotonic() + budget
    for finding, one in found[:_MOST_REPAIRED]:
        finding.fixes = tuple(_working(finding, one, sources, inputs, examine, end))


def _working(
    finding: Finding,
    one: Lint,
    sources: Sources,
    inputs: tuple[Input, ...],
    examine: Callable[[Sources, tuple[Input, ...]], Outcome],
    end: float,
) -> Iterator[Fix]:
    for proposal in one.proposals:
        if time.monotonic() > end:
            return
        changed = sources.changed(proposal.changes)
        try:
            outcome = examine(changed, inputs)
        except Exception:  # a proposal may break the person's code in any way; then it is no fix
            continue
        if not outcome.ok:
            continue
        left = {(f.code, f.layer) for f, _ in lint(outcome, changed)}
        if (finding.code, finding.layer) not in left:
            edits = tuple(edits_between(sources, changed))
            yield Fix(proposal.description or "change the line", edits)
