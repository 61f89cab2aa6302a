"""How an explanation looks: one rich layout, from which the plain text and the HTML are made."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tilewise import units
from tilewise.explanation.facts import GroupFacts, LayerFacts, Machine, PassReport

WIDTH = 96
_AXES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
_HTML = '<pre style="white-space:pre;overflow-x:auto;line-height:1.3;font-family:monospace">{code}</pre>'


def renderable(told: Any) -> RenderableType:
    """What rich prints."""
    if isinstance(told, GroupFacts):
        return _group(told)
    return Group(*_sizes(told), *_passes(told), Text(), machine_line(told.machine), *_notes(told))


def text(told: Any) -> str:
    """Plain text."""
    console = Console(file=io.StringIO(), width=WIDTH, color_system=None, legacy_windows=False)
    console.print(told)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())  # type: ignore[attr-defined]


def html(told: Any) -> str:
    """A <pre> that keeps the page's own background, so that it reads in light and dark notebooks."""
    console = Console(file=io.StringIO(), width=WIDTH, record=True, color_system="standard", force_jupyter=False)
    console.print(told)
    return console.export_html(inline_styles=True, code_format=_HTML)


def machine_line(machine: Machine) -> Text:
    """The CPU, what is used of it, and why not more."""
    threads = f"{machine.threads} thread{'s' if machine.threads != 1 else ''}"
    line = Text.assemble((machine.cpu, ""), ", ", (machine.level, "bold"), f", {threads}")
    if machine.why_not_higher:
        line.append(f" (no higher instruction set: {machine.why_not_higher})", "dim")
    return line


def _group(told: GroupFacts) -> RenderableType:
    total = _facts()
    total.add_row("input", units.shape(told.input_shape))
    total.add_row("output", units.shape(told.output_shape))
    _costs(total, told)
    pieces: list[RenderableType] = [Text(f"{told.layer}: {len(told.parts)} convolutions", "bold cyan"), total]
    for i, part in enumerate(told.parts, 1):
        pieces += [Text(), Text(f"{i}.", "bold"), Padding(Group(*_sizes(part), *_passes(part)), (0, 0, 0, 2))]
    return Group(*pieces, Text(), machine_line(told.parts[0].machine), *_notes(told.parts[0]))


def _facts() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True, min_width=13)
    table.add_column(overflow="fold")
    return table


def _sizes(told: LayerFacts) -> list[RenderableType]:
    facts = _facts()
    facts.add_row("input", units.shape(told.input_shape))
    facts.add_row("output", Text(units.shape(told.output_shape), "bold"))
    for axis, formula in zip(_AXES[len(told.formulas)], told.formulas, strict=True):
        facts.add_row(f"  {axis}", formula)
    _costs(facts, told)
    kind = f"{told.dtype}, {told.layout}"
    if told.dtype == "float32":
        kind += f", precision {told.precision}"
    return [Text(told.layer, "bold cyan"), Text(kind, "dim"), Text(), facts, Text()]


def _costs(facts: Table, told: LayerFacts | GroupFacts) -> None:
    facts.add_row("parameters", units.count(told.parameters))
    facts.add_row("multiply-adds", units.count(told.multiply_adds))
    ratio = told.multiply_adds / max(1, told.bytes_moved)
    facts.add_row("bytes moved", f"{units.size(told.bytes_moved)}, {ratio:.3g} multiply-adds a byte")
    facts.add_row("workspace", units.size(told.workspace_bytes) if told.workspace_bytes else "none")


def _passes(told: LayerFacts) -> list[RenderableType]:
    table = Table(box=None, padding=(0, 3, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("pass", no_wrap=True)
    table.add_column("runs on", no_wrap=True, style="bold green")
    table.add_column("expected", justify="right", no_wrap=True)
    tuned = any(report.measured for report in told.passes)
    if tuned:
        table.add_column("measured", justify="right", no_wrap=True)
    table.add_column("workspace", justify="right", no_wrap=True)
    for report in told.passes:
        expected = "" if report.seconds is None else units.duration(report.seconds)
        workspace = units.size(report.workspace_bytes) if report.workspace_bytes else "none"
        times = dict(report.measured)
        took = [units.duration(times[report.algorithm]) if report.algorithm in times else ""] if tuned else []
        table.add_row(report.name, report.algorithm, expected, *took, workspace)
    return [table, *(piece for report in told.passes for piece in (Text(), *_why(report)))]


def _why(report: PassReport) -> list[RenderableType]:
    """How the chosen algorithm does it, and why the others were passed over; one line for a shared reason."""
    how = Text.assemble(
        (f"{report.name}: {report.algorithm}", "bold"), f", {'; '.join((report.summary, *report.notes))}"
    )
    if report.measured:
        times = ", ".join(f"{name} {units.duration(seconds)}" for name, seconds in report.measured)
        how.append(f"; chosen by measurement: {times}")
    shared: dict[str, list[str]] = {}
    for name, reason in report.passed_over:
        shared.setdefault(reason, []).append(name)
    reasons = Table.grid(padding=(0, 1))
    for reason, names in shared.items():
        reasons.add_row(Text("  not", "dim"), Text.assemble((", ".join(names), "bold"), f": {reason}", style="dim"))
    return [how, reasons]


def _notes(told: LayerFacts) -> list[RenderableType]:
    return [Text(f"Note: {note}.", "yellow") for note in told.notes]
