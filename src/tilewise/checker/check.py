"""The whole check: examine, diagnose, repair, warn, measure."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from tilewise.checker.diagnosis import diagnose
from tilewise.checker.faults import Fault
from tilewise.checker.findings import Edit, Finding
from tilewise.checker.inputs import Input, of_value
from tilewise.checker.legal_sizes import legal_sizes
from tilewise.checker.lints import lint, repair_warnings
from tilewise.checker.refine import refine
from tilewise.checker.repairs import Repairs, repair
from tilewise.checker.report import Report
from tilewise.checker.run import Outcome, examine
from tilewise.checker.source import Sources
from tilewise.checker.table import layer_rows
from tilewise.checker.targets import Target, of_object
from tilewise.errors import ArgumentError


def check(
    model: Any,
    *inputs: Any,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    dtype: torch.dtype | None = None,
    device: str = "",
    training: bool = False,
    fixes: bool = True,
    sizes: bool = True,
) -> Report:
    """Check a model without running it: what is wrong, where it was written, and changes that were tried and work.

    `model` is an nn.Module, its class, or a function that makes it (`args` and `kwargs` go to its constructor).
    Each of `inputs` is a shape such as (1, 3, 64, 64), a tensor (its shape and type count), a text such as
    "1,3,64,64:uint8", or (shape, dtype). Nothing is computed and no weights are made: tensors are fake. The
    forward runs in evaluation mode unless `training`. `device` puts weights and inputs on a device that need not
    be there. `fixes=False` and `sizes=False` leave out the search for fixes and for the sizes the model can take.

    Returns a Report: `.ok`, `.errors`, `.warnings`, `.layers`. Raises ArgumentError for unusable arguments;
    what is wrong with the model is never raised, it is in the report.

    >>> report = check(torch.nn.Conv2d(3, 8, 3), (1, 3, 32, 32), sizes=False)
    >>> report.ok, report.layers[0].output_shape
    (True, (1, 8, 30, 30))
    """
    scope = sys._getframe(1).f_locals
    target = of_object(model, tuple(args), dict(kwargs or {}), dict(scope) if scope else {})
    return check_target(target, inputs, dtype=dtype, device=device, training=training, fixes=fixes, sizes=sizes)


def check_target(
    target: Target,
    inputs: Sequence[Any],
    *,
    dtype: torch.dtype | None = None,
    device: str = "",
    training: bool = False,
    fixes: bool = True,
    sizes: bool = True,
) -> Report:
    """Check a target that has been found by name; see `check`."""
    if not inputs:
        raise ArgumentError("an input is needed: its shape, for instance (1, 3, 64, 64)")
    wanted = tuple(of_value(i) for i in inputs)
    if dtype is not None:
        wanted = tuple(Input(i.shape, dtype, i.device, i.name) for i in wanted)
    sources = Sources()

    def again(texts: Sources, given: tuple[Input, ...]) -> Outcome:
        return examine(target, given, texts, training, device)

    outcome = again(sources, wanted)
    findings = _findings(outcome, sources)
    together: tuple[Edit, ...] = ()
    if fixes and findings:
        together = repair(Repairs(again, sources, outcome, refine), findings)
    for finding in findings:
        _follow(finding, findings)
        if fixes and not finding.fixes and finding.follows_from is None and finding.code != "stopped":
            finding.advice = (
                f"no change that was tried makes the whole model run; see tilewise explain-error {finding.code}"
            )
    warned = lint(outcome, sources)
    if fixes and not findings:
        repair_warnings(warned, sources, wanted, again)
    return Report(
        name=target.name,
        inputs=wanted,
        errors=findings,
        warnings=[finding for finding, _ in warned],
        layers=layer_rows(outcome),
        sizes=legal_sizes(outcome, device) if sizes and not findings else (),
        notes=list(outcome.trace.notes),
        edits=together,
        total_parameters=sum(p.numel() for p in outcome.model.parameters()) if outcome.model is not None else 0,
    )


def _findings(outcome: Outcome, sources: Sources) -> list[Finding]:
    """One finding a fault; the same wrong line met again (a shared layer, a block built twice) counts once."""
    findings: list[Finding] = []
    seen: dict[Any, Finding] = {}
    for fault in outcome.faults:
        finding = diagnose(fault, sources, outcome.trace.paths, outcome.model)
        used = finding.used_at
        key: tuple[Any, ...] = (
            finding.code,
            finding.file,
            finding.line,
            next((n.column for n in finding.notes if n.line == finding.line), -1),
            used.file if used else "",
            used.line if used else 0,
        )
        if not finding.file:
            key = (finding.code, finding.layer, finding.message, "", 0)
        if key in seen:
            first = seen[key]
            if finding.layer != first.layer and finding.layer not in first.also:
                first.also = (*first.also, finding.layer)
            continue
        seen[key] = finding
        findings.append(finding)
    return findings


def _follow(finding: Finding, findings: list[Finding]) -> None:
    """Without a fix to try, a fault on a tensor whose shape was assumed after another follows from that one."""
    fault: Fault = finding.evidence
    if finding.follows_from is None and not finding.fixes and fault.after is not None and fault.kind == "stopped":
        earlier = [f for f in findings if f.evidence is fault.after]
        finding.follows_from = earlier[0] if earlier else None
