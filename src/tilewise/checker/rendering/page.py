"""The report as HTML: a fragment for notebooks, a page of its own for a file. No script, no download."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources

from tilewise.checker.findings import Finding, Fix, LayerRow, Note
from tilewise.checker.outcome import Outcome
from tilewise.checker.rendering.words import amount, axes, file_name, fix_heading, fix_lines, shape, size, title


def _style() -> str:
    return resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8")


def report_page(report: Outcome) -> str:
    """A whole document."""
    name = escape(report.name)
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{name}: tilewise check</title></head><body class='tw-page'>{report_fragment(report)}</body></html>\n"
    )


def report_fragment(report: Outcome) -> str:
    """What a notebook shows: its style travels with it and touches nothing else."""
    parts = [f"<style>{_style()}</style><div class='tw-check'>", _verdict(report)]
    parts.extend(_finding(f, report.errors) for f in (*report.errors, *report.warnings))
    if report.layers and report.ok:
        parts.append("".join(_table(report)))
    parts.extend(f"<p class='tw-note'>{escape(n)}</p>" for n in report.notes)
    parts.append("</div>")
    return "".join(parts)


def _verdict(report: Outcome) -> str:
    own = [e for e in report.errors if e.follows_from is None]
    mood = "bad" if own else "fair" if report.warnings else "good"
    words = [f"{len(own)} error{'s' if len(own) != 1 else ''}"] if own else ["runs"]
    if report.warnings:
        words.append(f"{len(report.warnings)} warning{'s' if len(report.warnings) != 1 else ''}")
    given = " and ".join(shape(i.shape) for i in report.inputs)
    return (
        f"<header><h1>{escape(report.name)}</h1><span class='tw-badge tw-{mood}'>{', '.join(words)}</span>"
        f"<span class='tw-given'>input {escape(given)}</span></header>"
    )


def _finding(finding: Finding, errors: Sequence[Finding]) -> str:
    place = f"<div class='tw-place'>{escape(file_name(finding.file))}:{finding.line}</div>" if finding.file else ""
    rows = "".join(_note(n, finding) for n in finding.notes)
    also = f"<p>The same line is wrong for {escape(', '.join(finding.also))}.</p>" if finding.also else ""
    root = finding.follows_from
    follows = f"<p>This only follows from {escape(title(root))} at line {root.line}.</p>" if root is not None else ""
    advice = f"<p>{escape(finding.advice)}</p>" if finding.advice else ""
    return (
        f"<section class='tw-{finding.severity}'><h2><b>{escape(title(finding))}</b> {escape(finding.message)}</h2>"
        f"{place}<pre>{rows}</pre>{also}{follows}{advice}{_fixes(finding, errors)}</section>"
    )


def _note(note: Note, finding: Finding) -> str:
    text = escape(note.text)
    if note.column >= 0 and note.label:
        end = note.column + note.width
        text = (
            f"{escape(note.text[: note.column])}<mark>{escape(note.text[note.column : end])}</mark>"
            f"{escape(note.text[end:])}"
        )
    says = note.label or note.says
    kind = "tw-wrong" if note.label else "tw-says"
    other = f"<span class='tw-file'>{escape(file_name(note.file))}</span> " if note.file != finding.file else ""
    return (
        f"<span class='tw-line'><span class='tw-number'>{note.line}</span><code>{other}{text}</code>"
        f"<span class='{kind}'>{escape(says)}</span></span>"
    )


def _fixes(finding: Finding, errors: Sequence[Finding]) -> str:
    if not finding.fixes:
        return ""
    items = "".join(
        f"<li><span>{escape(_purpose(fix))}</span><pre>{escape(chr(10).join(fix_lines(fix, finding)))}</pre></li>"
        for fix in finding.fixes
    )
    heading = fix_heading(finding, errors)
    return f"<p class='tw-help'>{escape(heading[0].upper() + heading[1:])}:</p><ol>{items}</ol>"


def _purpose(fix: Fix) -> str:
    """What a fix is for; nothing where the line says it all."""
    return "" if fix.description.startswith("change line") else fix.description


def _table(report: Outcome) -> Iterator[str]:
    heads = ("layer", "type", "settings", "input", "output", "parameters", "multiply-adds", "bytes", "sees", "stride")
    yield "<div class='tw-scroll'><table><thead><tr>"
    yield "".join(f"<th>{h}</th>" for h in heads)
    yield "</tr></thead><tbody>"
    for row in report.layers:
        yield f"<tr>{''.join(_cells(row))}</tr>"
    bytes_ = sum(r.activation_bytes for r in report.layers)
    yield (
        f"</tbody><tfoot><tr><td colspan='5'>total</td><td>{amount(report.parameters)}</td>"
        f"<td>{amount(report.multiply_adds)}</td><td>{size(bytes_)}</td><td></td><td></td></tr></tfoot></table></div>"
    )
    yield "".join(f"<p class='tw-sizes'>{escape(s)}</p>" for s in report.sizes)


def _cells(row: LayerRow) -> Iterator[str]:
    path = row.path + (f" x{row.calls}" if row.calls > 1 else "")
    for text in (path, row.type, row.settings):
        yield f"<td class='tw-text'>{escape(text)}</td>"
    numbers = (
        shape(row.input_shape),
        shape(row.output_shape),
        amount(row.parameters) if row.parameters else "",
        amount(row.multiply_adds) if row.multiply_adds else "",
        size(row.activation_bytes),
        axes(row.receptive_field),
        axes(row.effective_stride),
    )
    for text in numbers:
        yield f"<td>{escape(text)}</td>"
