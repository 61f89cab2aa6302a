"""What README and docs/ tell people to type can be typed."""

import re
import shlex
from pathlib import Path

import click
import pytest

from tilewise.cli import main

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINES = sorted(
    {
        line.strip()
        for page in PAGES
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
        for line in block.splitlines()
        if line.startswith("tilewise ")
    }
)


def parsed(command, name, arguments):
    context = command.make_context(name, arguments)
    if isinstance(command, click.Group):
        name, inner, rest = command.resolve_command(context, [*context._protected_args, *context.args])
        assert inner is not None
        parsed(inner, name, rest)


@pytest.mark.parametrize("line", LINES)
def test_commands_in_pages_parse(line, tmp_path, monkeypatch):
    for name in ("model.py", "photo.jpg", "scan.dcm", "net.pt"):  # what the pages call a person's own files
        (tmp_path / name).touch()
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    parsed(main, "tilewise", shlex.split(line, comments=True)[1:])


def test_there_are_commands():
    assert len(LINES) > 8


def test_the_error_in_the_layers_page_is_what_is_said():
    from tilewise import nn

    page = (ROOT / "docs" / "layers.md").read_text()
    call, said = re.search(r"`nn\.(Conv2d\([^`]*\))` says:\n\n```text\n(.*?)\n```", page, re.DOTALL).groups()
    with pytest.raises(ValueError) as caught:
        eval(f"nn.{call}", {"nn": nn})
    kind, _, message = said.partition(": ")
    assert type(caught.value).__name__ == kind and str(caught.value).splitlines()[:2] == message.splitlines()
