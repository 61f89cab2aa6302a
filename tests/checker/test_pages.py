"""Every code has a page, and the page's two examples are what it says they are."""

import re
from importlib import resources

import pytest
import torch
from click.testing import CliRunner

from tilewise.checker.check import check_target
from tilewise.checker.loading import load_file
from tilewise.checker.repairs.search import _RULES
from tilewise.checker.targets import Target
from tilewise.cli import main
from tilewise.cli.explain_error import codes

PAGES = resources.files("tilewise.checker").joinpath("pages")
HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"


def page(code: str) -> str:
    return PAGES.joinpath(f"{code}.md").read_text(encoding="utf-8")


def checked(code: str, text: str, given: str, folder):
    path = folder / f"page_{code.replace('-', '_')}.py"
    path.write_text(HEAD + text)
    module = load_file(str(path)).module
    return check_target(Target("Net", module.Net, module, "Net"), [given], sizes=False)


@pytest.mark.parametrize("code", codes())
def test_examples_are_wrong_and_right(code, tmp_path):
    torch.set_num_threads(1)
    blocks = re.findall(r"```python\n(.*?)```", page(code), re.DOTALL)
    assert len(blocks) == 2
    given = re.search(r"# input: (\S+)", blocks[0]).group(1)
    wrong, right = (checked(code, text, given, tmp_path) for text in blocks)
    assert code in [f.code for f in (*wrong.errors, *wrong.warnings)]
    assert code not in [f.code for f in (*right.errors, *right.warnings)], right.text()
    assert right.ok


def test_every_error_code_has_a_page():
    warnings = {"view-batch", "broadcast", "linear-axis", "border", "even-same", "bias-norm", "no-activation"}
    warnings |= {"softmax", "receptive-field", "unused", "overwritten"}
    assert set(codes()) == set(_RULES) | {"stopped"} | warnings


@pytest.mark.parametrize("code", ["channels", "view-batch"])
def test_the_command_prints_the_page(code):
    result = CliRunner().invoke(main, ["explain-error", code])
    assert result.exit_code == 0
    assert result.output.strip() == page(code).strip()


def test_an_unknown_code_is_an_unusable_argument():
    result = CliRunner().invoke(main, ["explain-error", "chanels"])
    assert result.exit_code == 2
    assert "did you mean channels?" in result.output


def test_without_a_code_it_lists_them():
    assert CliRunner().invoke(main, ["explain-error"]).output.split() == codes()
