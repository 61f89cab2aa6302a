"""The corpus as cases: what is to be found in each model, and its first fix carried out for real."""

from __future__ import annotations

import importlib
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tilewise.checker import Fix, Report
from tilewise.checker.applying import edited
from tilewise.checker.check import check_target
from tilewise.checker.inputs import Input, parse
from tilewise.checker.targets import Target

BROKEN = (
    "channels", "linear", "norms", "colour", "layouts", "axes", "dtypes", "skips", "concatenations", "residuals",
    "windows", "groups", "upsampling",
)  # fmt: skip
SOUND = ("sound", "sound_more")


@dataclass(frozen=True)
class Case:
    """One model of the corpus."""

    file: str
    name: str
    inputs: tuple[str, ...]
    error: str
    fix: tuple[str, ...]
    args: str = ""

    @property
    def module(self) -> types.ModuleType:
        return importlib.import_module(f"tests.check.corpus.{self.file}")

    @property
    def text(self) -> str:
        return Path(self.module.__file__ or "").read_text(encoding="utf-8")

    def line(self, number: int) -> str:
        return self.text.splitlines()[number - 1]

    def check(self, **options: Any) -> Report:
        target = Target(self.name, getattr(self.module, self.name), self.module, self.name)
        return check_target(target, self.inputs, **options)


def cases(*files: str) -> Iterator[Case]:
    for file in files:
        module = importlib.import_module(f"tests.check.corpus.{file}")
        for name, found in vars(module).items():
            doc = getattr(found, "__doc__", None) or ""
            if getattr(found, "__module__", None) == module.__name__ and "input:" in doc:
                told = {k: re.findall(rf"^\s*{k}: (.*)$", doc, re.MULTILINE) for k in ("input", "error", "fix")}
                yield Case(file, name, tuple(told["input"]), (told["error"] or [""])[0], tuple(told["fix"]))


def shown(fix: Fix) -> tuple[str, ...]:
    """A fix as the corpus writes it: its new lines without indentation and marker comments, or the other input."""
    if fix.input:
        return (fix.input,)
    lines = [line for edit in fix.edits for line in edit.new.splitlines()]
    return tuple(re.sub(r"\s*# wrong$", "", line.strip()) for line in lines)


def build(case: Case, *fixes: Fix) -> torch.nn.Module:
    """The real model, with its weights, after fixes have been carried out."""
    text, module = case.text, case.module
    edits = [e for f in fixes for e in f.edits]
    if edits:
        text = edited(edits)[module.__file__ or ""][1]
    namespace: dict[str, Any] = {"__name__": "corpus_case", "__file__": module.__file__}
    exec(compile(text, module.__file__ or case.file, "exec"), namespace)
    torch.manual_seed(0)
    model: torch.nn.Module = namespace[case.name]()
    return model.eval()


def real(wanted: Input) -> torch.Tensor:
    """An input with numbers in it."""
    if wanted.dtype.is_floating_point:
        return torch.randn(wanted.shape, dtype=wanted.dtype, device=wanted.device)
    return torch.randint(0, 10, wanted.shape, device=wanted.device).to(wanted.dtype)


def run(case: Case, *fixes: Fix) -> Any:
    """Run the real model on real numbers."""
    told = next((f.input for f in fixes if f.input), "")
    texts = re.findall(r"--input (\S+)", told) if told else case.inputs
    with torch.no_grad():
        return build(case, *fixes)(*(real(parse(t)) for t in texts))
