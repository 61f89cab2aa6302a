"""How a tuning looks: each convolution with its passes, and what all of them together take."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tilewise import units
from tilewise.algorithms import NATIVE
from tilewise.explanation.printing import machine_line
from tilewise.tuning.times import TunedProblem, TuningTimes

_NAMES = 3  # of layers that share a problem; the others are counted


def renderable(told: TuningTimes) -> RenderableType:
    """What rich prints."""
    groups: dict[tuple[object, ...], list[TunedProblem]] = {}
    for problem in told.problems:
        key = (problem.text, problem.input_shape, problem.layout, problem.dtype)
        groups.setdefault(key, []).append(problem)
    pieces: list[RenderableType] = [Text(told.model, "bold cyan"), _columns("", "runs on", "time", "PyTorch", "ratio")]
    for problems in groups.values():
        pieces += [Text(), *_head(problems)]
        pieces += [_row(problem) for problem in sorted(problems, key=_place)]
    return Group(*pieces, Text(), *_sums(told), Text(), machine_line(told.machine), *_notes(told))


def _place(problem: TunedProblem) -> int:
    return ("forward", "input gradient", "weight gradient").index(problem.name)


def _head(problems: list[TunedProblem]) -> list[RenderableType]:
    """The layers' names and what they are."""
    names = list(dict.fromkeys(name for problem in problems for name in problem.layers))
    shown = ", ".join(names[:_NAMES]) + (f" and {len(names) - _NAMES} more" if len(names) > _NAMES else "")
    first = problems[0]
    what = f"{first.text} on {units.shape(first.input_shape)}, {first.dtype}"
    if first.layout != "contiguous":
        what += f", {first.layout}"
    return [Text(line, style) for line, style in ((shown, "bold"), (what, "dim")) if line]


def _row(problem: TunedProblem) -> RenderableType:
    choice = Text(problem.algorithm)
    if problem.changed:
        choice = Text.assemble((f"{problem.before} -> ", "dim"), (problem.algorithm, "bold green"))
    if problem.best is None or problem.pytorch is None or problem.ratio is None:
        return _columns(problem.name, choice, "", "", "")
    ratio = Text(f"{problem.ratio:.{2 if problem.ratio < 100 else 0}f}x", "green" if problem.ratio >= 1.0 else "red")
    return _columns(problem.name, choice, units.duration(problem.best), units.duration(problem.pytorch), ratio)


def _columns(*cells: str | Text) -> Table:
    """One line of the table; all lines have the same widths, whatever stands between them."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=17, no_wrap=True)
    table.add_column(ratio=1, overflow="fold")
    for width in (7, 7, 7):
        table.add_column(width=width, justify="right", no_wrap=True)
    head = not cells[0]
    table.add_row("" if head else f"  {cells[0]}", *cells[1:], style="dim" if head else None)
    return table


def _sums(told: TuningTimes) -> list[RenderableType]:
    changes = len(told.changed)
    problems = f"{len(told.problems)} problem{'s' if len(told.problems) != 1 else ''}"
    line = Text.assemble(
        f"{problems} in {units.duration(told.elapsed)}, ",
        (f"{changes} choice{'s' if changes != 1 else ''} changed", "bold"),
        ".",
    )
    if told.seconds:
        line.append(
            f" Convolutions of one run: {units.duration(told.seconds_before)} before, "
            f"{units.duration(told.seconds)} now, {units.duration(told.pytorch)} in PyTorch."
        )
    return [line, Text("Times are the minimum of many calls, by turns. native: PyTorch's own kernel.", "dim")]


def _notes(told: TuningTimes) -> list[RenderableType]:
    notes = []
    if told.not_kept:
        notes.append(f"the choices hold for this process only: the cache's directory is not used: {told.not_kept}")
    if told.switched_off:
        notes.append("TILEWISE_TUNED=0: measured choices are not used")
    if any(problem.unsteady for problem in told.problems):
        notes.append("times vary much: this machine is busy, and the choices are less sure")
    if any(not problem.seconds for problem in told.problems):
        notes.append(f"where no times are shown, {NATIVE} is all there is: `tilewise explain` says why")
    return [Text(f"Note: {note}.", "yellow") for note in notes]
