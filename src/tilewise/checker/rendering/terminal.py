"""The report for a terminal: diagnoses like a good compiler's, then the table."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tilewise.checker.findings import Finding, Note
from tilewise.checker.outcome import Outcome
from tilewise.checker.rendering.words import amount, axes, file_name, fix_heading, fix_lines, shape, size, title

_COLOURS = {"error": "bold red", "warning": "bold yellow"}
_GUTTER = "blue"


def report_lines(report: Outcome, width: int) -> Iterator[RenderableType]:
    """Everything there is to print, in order."""
    for finding in (*report.errors, *report.warnings):
        yield diagnosis(finding, report.errors, width)
        yield Text("")
    if report.ok and report.layers:
        yield table(report, width)
        yield totals(report)
    for note in report.notes:
        yield Text.assemble(("note: ", "bold cyan"), note)
    yield verdict(report)


def diagnosis(finding: Finding, errors: Sequence[Finding], width: int) -> Text:
    """One finding: the sentence, the places, the fixes. Only sentences and fixes wrap; source keeps its columns."""
    text = Text(overflow="fold")
    head = title(finding)
    text.append(head, _COLOURS[finding.severity])
    text.append(_wrapped(f"{head}: {finding.message}", width)[len(head) :], "bold")
    if finding.file:
        text.append("\n  --> ", _GUTTER)
        text.append(f"{file_name(finding.file)}:{finding.line}")
    _snippet(text, finding.notes, finding.file, width)
    if finding.also:
        shown = ", ".join(finding.also[:4])
        more = f" and {len(finding.also) - 4} more" if len(finding.also) > 4 else ""
        text.append(f"\n   = the same line is wrong for {shown}{more}")
    if finding.follows_from is not None:
        text.append(f"\n   = this only follows from error[{finding.follows_from.code}] ")
        root = finding.follows_from
        same = root.file == finding.file
        text.append(f"at line {root.line}" if same else f"at {file_name(root.file)}:{root.line}")
    if finding.advice:
        text.append("\nhelp: ", "bold green")
        text.append(_wrapped(f"help: {finding.advice}", width).removeprefix("help: "))
    if finding.fixes:
        text.append("\nhelp: ", "bold green")
        text.append(fix_heading(finding, errors))
        for number, fix in enumerate(finding.fixes, start=1):
            for index, line in enumerate(fix_lines(fix, finding)):
                lead = f"{number:>4}. " if index == 0 else " " * 6
                text.append(f"\n{lead}{line}")
    return text


def _wrapped(sentence: str, width: int) -> str:
    """A sentence in lines that end between words; names in it are never broken."""
    return "\n".join(textwrap.wrap(sentence, max(width, 40), break_long_words=False, break_on_hyphens=False))


def _snippet(text: Text, notes: Sequence[Note], file: str, width: int) -> None:
    gutter = max([4, *(len(str(n.line)) + 2 for n in notes)])
    room = max(40, width - gutter - 3)
    widest = max((len(n.text) for n in notes), default=0)
    longest = max((len(n.says) for n in notes), default=0)
    # Beside the line where there is room, else on a line of its own below.
    gap = next((g for g in (4, 2) if widest + g + longest <= room), 0)
    current = file
    for note in notes:
        if note.file != current:
            current = note.file
            text.append("\n  ::: ", _GUTTER)
            text.append(f"{file_name(note.file)}:{note.line}")
        text.append(f"\n{note.line:>{gutter}} | ", _GUTTER)
        text.append(note.text if len(note.text) <= room else note.text[: room - 3] + "...")
        if note.says and gap:
            text.append(" " * (widest + gap - len(note.text)))
            text.append(note.says, "cyan")
        if note.label and 0 <= note.column < room:
            span = min(note.width, room - note.column)
            text.append(f"\n{'':>{gutter}} | ", _GUTTER)
            before = note.column + span + 1 + len(note.label) > room
            lead = max(0, note.column - len(note.label) - 1)
            if before and lead + len(note.label) + 1 <= note.column:
                text.append(" " * lead + note.label + " ", "red")
                text.append("^" * span, "bold red")
            else:
                text.append(" " * note.column + "^" * span + " ", "bold red")
                if before:
                    text.append(f"\n{'':>{gutter}} | ", _GUTTER)
                    text.append(" " * max(0, min(note.column, room - len(note.label))))
                text.append(note.label, "red")
        if note.says and not gap:
            indent = len(note.text) - len(note.text.lstrip())
            text.append(f"\n{'':>{gutter}} | ", _GUTTER)
            text.append(" " * min(indent, room // 2) + note.says, "cyan")


# -- the table -------------------------------------------------------------------------------------------------------


def table(report: Outcome, width: int) -> RenderableType:
    """The layers, one a line; narrow terminals lose the columns that matter least."""
    drawn = Table(box=None, pad_edge=False, header_style="bold", title_justify="left", padding=(0, 1))
    columns = _columns(report, width)
    for name, justify, _ in columns:
        left = justify == "left"
        drawn.add_column(
            name, justify="left" if left else "right", no_wrap=True, overflow="ellipsis" if left else "fold"
        )
    for index in range(len(report.layers)):
        drawn.add_row(*(cells[index] for _, _, cells in columns))
    return drawn


def _columns(report: Outcome, width: int) -> list[tuple[str, str, list[str]]]:
    rows = report.layers
    listed: list[tuple[int, tuple[str, str, list[str]]]] = [
        (0, ("layer", "left", [_name(r.path, r.type, r.calls) for r in rows])),
        (1, ("settings", "left", [r.settings for r in rows])),
        (4, ("input", "right", [shape(r.input_shape) for r in rows])),
        (0, ("output", "right", [shape(r.output_shape) for r in rows])),
        (0, ("params", "right", [amount(r.parameters) if r.parameters else "" for r in rows])),
        (0, ("mult-adds", "right", [amount(r.multiply_adds) if r.multiply_adds else "" for r in rows])),
        (3, ("bytes", "right", [size(r.activation_bytes) for r in rows])),
        (2, ("sees", "right", [axes(r.receptive_field) for r in rows])),
        (2, ("stride", "right", [axes(r.effective_stride) for r in rows])),
    ]
    for dropped in ((), (4,), (4, 3), (4, 3, 2), (4, 3, 1), (4, 3, 2, 1)):
        kept = [column for rank, column in listed if rank not in dropped]
        if sum(max([len(name), *map(len, cells)]) + 2 for name, _, cells in kept) <= width:
            return kept
    return [column for rank, column in listed if rank == 0 or column[0] == "mult-adds"]


def _name(path: str, kind: str, calls: int) -> str:
    name = f"{path}  {kind}" if path else kind
    return f"{name} x{calls}" if calls > 1 else name


def totals(report: Outcome) -> RenderableType:
    """Sums, and the sizes that the model can take."""
    activations = sum(r.activation_bytes for r in report.layers)
    line = Text.assemble(
        ("total: ", "bold"),
        f"{amount(report.parameters)} parameters, {amount(report.multiply_adds)} multiply-adds, "
        f"{size(activations)} of activations for input {' and '.join(shape(i.shape) for i in report.inputs)}",
    )
    return Group(Text(""), line, *(Text.assemble(("sizes: ", "bold"), s) for s in report.sizes))


def verdict(report: Outcome) -> Text:
    """The last line."""
    own = [e for e in report.errors if e.follows_from is None]
    parts = []
    if own:
        parts.append(f"{len(own)} error{'s' if len(own) != 1 else ''}")
        following = len(report.errors) - len(own)
        if following:
            parts.append(
                f"{following} that follow{'s' if following == 1 else ''} from {'it' if len(own) == 1 else 'them'}"
            )
    if report.warnings:
        parts.append(f"{len(report.warnings)} warning{'s' if len(report.warnings) != 1 else ''}")
    if own:
        return Text(f"{report.name}: {', '.join(parts)}", "bold red")
    if parts:
        return Text(f"{report.name} runs; {', '.join(parts)}", "bold yellow")
    return Text(f"{report.name} runs", "bold green")
