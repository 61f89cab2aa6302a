"""Trying proposals: a fix is offered only where the whole model then runs to its end without a fault."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise
from typing import Any

from tilewise.checker.faults import Fault
from tilewise.checker.findings import Edit, Finding, Fix
from tilewise.checker.inputs import Input
from tilewise.checker.repairs import channels, images, joins, windows
from tilewise.checker.repairs.proposal import Context, Proposal
from tilewise.checker.run import Outcome
from tilewise.checker.source import Change, Sources
from tilewise.geometry.preconditions import Violation

Examine = Callable[[Sources, "tuple[Input, ...]"], Outcome]

_RULES: dict[str, Callable[[Context], Iterator[Proposal]]] = {
    "channels": channels.channels,
    "groups": channels.groups,
    "batchnorm": channels.batch_norm,
    "linear": channels.linear,
    "layout": images.layout,
    "dims": images.dims,
    "dtype": images.dtype,
    "device": images.device,
    "cat": joins.cat,
    "residual": joins.residual,
    "kernel": windows.kernel,
    "output_padding": windows.output_padding,
    "padding": windows.padding,
    "size": windows.size,
}
_MOST_TRIED = 30
_MOST_OFFERED = 4
_DEEPEST = 3


def proposals(ctx: Context) -> Iterator[Proposal]:
    """What may put a fault right, likeliest first."""
    seen: set[tuple[tuple[Change, ...], tuple[Input, ...]]] = set()
    rules = [_RULES[ctx.violation.code]] if ctx.violation.code in _RULES else []
    if ctx.violation.argument == "mode":
        rules.insert(0, windows.mode)
    for proposal in chain.from_iterable(rule(ctx) for rule in rules):
        key = (proposal.changes, proposal.inputs)
        if (proposal.changes or proposal.inputs) and key not in seen:
            seen.add(key)
            yield proposal


@dataclass
class Repairs:
    """The search's book: time left, and what each finding was given."""

    examine: Examine
    sources: Sources
    outcome: Outcome
    refine: Callable[[Fault], Violation]
    budget: float = 20.0
    runs: int = 0
    _end: float = field(init=False)
    _known: dict[Any, Outcome | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.budget

    @property
    def spent(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self._end

    def run(self, sources: Sources, inputs: tuple[Input, ...]) -> Outcome | None:
        """One examination, or None where the changed source can't be run."""
        key = (frozenset(sources.overlay.items()), inputs)
        if key not in self._known:
            self.runs += 1
            try:
                self._known[key] = self.examine(sources, inputs)
            except Exception:  # a proposal may break the person's code in any way; then it is no fix
                self._known[key] = None
        return self._known[key]

    def context(self, fault: Fault, outcome: Outcome, sources: Sources) -> Context:
        """What a rule looks at."""
        return Context(fault, self.refine(fault), outcome, sources)


def repair(repairs: Repairs, findings: list[Finding]) -> tuple[Edit, ...]:
    """Give each finding its fixes, and mark those that vanish with an earlier one's fix.

    Returns the edits of all first fixes together, with which the whole model was run.
    """
    chosen: dict[int, _Tried] = {}
    base = _Tried(Proposal(), (), repairs.outcome.inputs)
    order = list(findings)
    for finding in order:
        if finding.follows_from is not None:
            continue
        later = {f.evidence.key for f in order[order.index(finding) + 1 :]}
        best = _first(repairs, finding, base, later)
        if best is None:
            return ()
        chosen[id(finding)] = best
        base = best
        left = {f.key for f in best.faults}
        for other in order[order.index(finding) + 1 :]:
            if other.follows_from is None and other.evidence.key not in left:
                other.follows_from = finding
    if base.faults:
        return ()
    for finding in findings:
        if id(finding) in chosen:
            finding.fixes = tuple(_offer(repairs, finding, chosen, base, findings))
    return tuple(edits_between(repairs.sources, repairs.sources.changed(base.changes)))


@dataclass(frozen=True)
class _Tried:
    """A proposal, all changes in force with it, and what was still wrong then."""

    proposal: Proposal
    changes: tuple[Change, ...]
    inputs: tuple[Input, ...]
    faults: tuple[Fault, ...] = ()
    own: tuple[Change, ...] = ()


def _try(repairs: Repairs, base: _Tried, proposal: Proposal) -> tuple[_Tried, Outcome, Sources] | None:
    changes = base.changes + tuple(c for c in proposal.changes if c not in base.changes)
    if _overlap(changes):
        return None
    inputs = proposal.inputs or base.inputs
    sources = repairs.sources.changed(changes)
    outcome = repairs.run(sources, inputs)
    if outcome is None:
        return None
    return _Tried(proposal, changes, inputs, tuple(outcome.faults), proposal.changes), outcome, sources


def _first(repairs: Repairs, finding: Finding, base: _Tried, later: set[object]) -> _Tried | None:
    """The first proposal after which the fault is gone and nothing new has come."""
    found = _all(repairs, finding, base, later, 1)
    return next(found, None)


def _all(repairs: Repairs, finding: Finding, base: _Tried, allowed: set[object], enough: int) -> Iterator[_Tried]:
    fault: Fault = finding.evidence
    ctx = repairs.context(fault, repairs.outcome, repairs.sources)
    halfway: list[tuple[_Tried, Outcome, Sources]] = []
    count = 0
    settled: set[tuple[Any, ...]] = set()
    for proposal in islice(proposals(ctx), _MOST_TRIED):
        if repairs.spent:
            return
        same = (proposal.slot, *sorted({(c.file, c.line) for c in proposal.changes}))
        if proposal.slot and same in settled:
            continue
        tried = _try(repairs, base, proposal)
        if tried is None:
            continue
        keys = {f.key for f in tried[0].faults}
        if fault.key not in keys and keys <= allowed:
            count += 1
            settled.add(same)
            yield tried[0]
            if count >= enough + _MOST_OFFERED:
                return
        elif fault.key not in keys and proposal.changes:
            halfway.append(tried)
    if count < enough + 1:
        for tried in halfway[:6]:
            if repairs.spent:
                return
            further = _further(repairs, tried, allowed, fault, 1)
            if further is not None:
                yield further


def _further(
    repairs: Repairs, tried: tuple[_Tried, Outcome, Sources], allowed: set[object], root: Fault, depth: int
) -> _Tried | None:
    """A change that moved the fault on: mend what it broke, at most a few times."""
    state, outcome, sources = tried
    new = [f for f in state.faults if f.key not in allowed]
    if not new or depth > _DEEPEST or repairs.spent:
        return None
    ctx = repairs.context(new[0], outcome, sources)
    for proposal in islice(proposals(ctx), 3):
        if proposal.inputs:
            continue
        changed = sources.changed(proposal.changes)
        result = repairs.run(changed, state.inputs)
        if result is None:
            continue
        keys = {f.key for f in result.faults}
        if new[0].key in keys or root.key in keys:
            continue
        merged = tuple(_as_changes(repairs.sources, changed))
        before = set(_as_changes(repairs.sources, repairs.sources.changed(_without(state))))
        own = tuple(c for c in merged if c not in before)
        step = _Tried(state.proposal, merged, state.inputs, tuple(result.faults), own)
        if keys <= allowed:
            return step
        further = _further(repairs, (step, result, changed), allowed, root, depth + 1)
        if further is not None:
            return further
    return None


def _without(state: _Tried) -> tuple[Change, ...]:
    return tuple(c for c in state.changes if c not in state.own)


def _offer(
    repairs: Repairs, finding: Finding, chosen: dict[int, _Tried], final: _Tried, findings: list[Finding]
) -> Iterator[Fix]:
    """The chosen fix first, then others that also lead to a sound model while the other findings keep theirs."""
    own = chosen[id(finding)]
    offered: set[tuple[Any, ...]] = set()
    # Everything in force at the end, less what this finding's own fix brought.
    rest = tuple(c for c in final.changes if c not in own.own)
    others = [t for key, t in chosen.items() if key != id(finding) and t.proposal.inputs]
    inputs = others[-1].inputs if others else repairs.outcome.inputs
    base = _Tried(Proposal(), rest, inputs)
    for tried in chain([_alone(own)], _all(repairs, finding, base, set(), 0)):
        if tried.faults:
            continue
        fix = _fix(repairs, tried, rest)
        key: tuple[Any, ...] = fix.edits or (fix.input,)
        if tried.proposal.slot:
            key = (tried.proposal.slot, *sorted({(e.file, e.line) for e in fix.edits}))
        if key not in offered:
            offered.add(key)
            yield fix
        if len(offered) >= _MOST_OFFERED:
            return


def _alone(tried: _Tried) -> _Tried:
    return _Tried(tried.proposal, tried.changes, tried.inputs, (), tried.own)


def _fix(repairs: Repairs, tried: _Tried, rest: tuple[Change, ...]) -> Fix:
    own = tuple(c for c in tried.own if c not in rest)
    edits = tuple(edits_between(repairs.sources, repairs.sources.changed(own))) if own else ()
    wanted = ""
    if tried.proposal.inputs:
        wanted = " ".join(f"--input {i}" for i in tried.inputs)
    return Fix(tried.proposal.description or _words(edits), edits, wanted)


def _words(edits: tuple[Edit, ...]) -> str:
    if not edits:
        return "change the input"
    lines = sorted({e.line for e in edits})
    return f"change line {lines[0]}" if len(lines) == 1 else f"change lines {', '.join(map(str, lines))}"


def _overlap(changes: tuple[Change, ...]) -> bool:
    spans = sorted((c.file, (c.line, c.column), (c.end_line, c.end_column)) for c in changes)
    return any(a[0] == b[0] and (b[1] < a[2] or (a[1] == b[1] and a[2] == b[2])) for a, b in pairwise(spans))


def edits_between(before: Sources, after: Sources) -> Iterator[Edit]:
    """The lines that differ, with their numbers in `before`."""
    for file, new in after.overlay.items():
        old = before.text(file) or ""
        one, two = old.splitlines(), new.splitlines()
        matcher = difflib.SequenceMatcher(None, one, two, autojunk=False)
        for tag, a, b, c, d in matcher.get_opcodes():
            if tag == "equal":
                continue
            if tag == "replace" and b - a == d - c:
                for offset in range(b - a):
                    yield Edit(file, a + offset + 1, one[a + offset], two[c + offset])
            else:
                yield Edit(file, a + 1, "\n".join(one[a:b]), "\n".join(two[c:d]))


def _as_changes(before: Sources, after: Sources) -> Iterator[Change]:
    for edit in edits_between(before, after):
        count = len(edit.old.splitlines()) if edit.old else 0
        new = edit.new + "\n" if edit.new or not count else ""
        yield Change(edit.file, edit.line, 0, edit.line + count, 0, new)
