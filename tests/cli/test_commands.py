"""The commands, as a person runs them."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

import tilewise
from tilewise import target
from tilewise.algorithms import measured
from tilewise.cli import _COMMANDS, main
from tilewise.torch_ops import dispatch

LAYER = "Conv2d(3, 16, 3, padding=1)"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TILEWISE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("TILEWISE_TUNED", raising=False)
    with tilewise.disabled():
        yield


def run(*arguments, status=0):
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == status, (result.output, result.exception)
    # JSON is for programs and paths are not broken; everything else fits the terminal.
    fits = max(map(len, result.output.splitlines()), default=0) <= 80
    assert fits or "--json" in arguments or "/" in result.output or status
    return result.output


def test_help_lists_every_command():
    shown = run("--help")
    assert all(name in shown for name in _COMMANDS)
    for name in ("info", "explain", "bench", "cache", "demo", "tune"):
        assert "Usage" in run(name, "--help")


def test_help_is_fast():
    """No command's --help may import torch or LLVM."""
    program = (
        "import sys\nfrom click.testing import CliRunner\nfrom tilewise.cli import main\n"
        "for name in ('info', 'explain', 'bench', 'cache', 'demo', 'tune'):\n"
        "    assert CliRunner().invoke(main, [name, '--help']).exit_code == 0\n"
        "assert not {'torch', 'llvmlite', 'numpy'} & set(sys.modules), sorted(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_module_and_command_are_one():
    said = subprocess.run([sys.executable, "-m", "tilewise", "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == f"tilewise, version {tilewise.__version__}"


def test_info():
    shown = run("info")
    host = target.host()
    for words in (target.cpu_model(), host.level, "threads", "kernel cache", "versions", "TILEWISE_ISA"):
        assert words in shown
    facts = json.loads(run("info", "--json"))
    assert facts["instruction_set"]["level"] == host.level
    assert facts["instruction_set"]["why_not_higher"] == host.why_not_higher
    assert set(facts) == {"cpu", "instruction_set", "threads", "calls", "cache", "versions", "environment"}


def test_info_says_what_is_wrong(monkeypatch, tmp_path):
    from tilewise.torch_ops import direct

    assert "without Python once known" in run("info") or direct.why_not()
    monkeypatch.setattr(direct, "why_not", lambda: "a test")
    assert "through Python: a test" in run("info")
    monkeypatch.setenv("TILEWISE_ISA", "avx9")
    assert "'avx9' names no instruction set" in run("info", status=1)
    monkeypatch.setenv("TILEWISE_ISA", "generic")
    assert "capped by TILEWISE_ISA=generic" in run("info")
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setenv("TILEWISE_CACHE_DIR", str(shared))
    assert "not used: others may write to it" in run("info")
    assert "not used: others may write to it" in run("cache", "info")


def test_explain():
    shown = run("explain", LAYER, "--input", "1,3,32,32")
    for words in ("1 x 16 x 32 x 32", "floor((32 + 2*1", "448", "442,368", "forward", "weight gradient", "native"):
        assert words in shown
    told = json.loads(run("explain", LAYER, "--input", "1x3x32x32", "--json", "--dtype", "bfloat16"))
    assert told["output_shape"] == [1, 16, 32, 32] and told["dtype"] == "bfloat16"
    assert {entry["name"] for entry in told["passes"]} == {"forward", "input gradient", "weight gradient"}
    assert not tilewise.is_enabled()


MISTAKES = [
    (("explain", "Conv2d(3, 16, 0)", "--input", "1,3,8,8"), 1, "kernel_size=0"),
    (("explain", "Conv2d(3, 16, 3)", "--input", "1,4,8,8"), 1, "accepted are 3"),
    (("explain", "os.system('true')", "--input", "1,4,8,8"), 1, "'system' is not a convolution layer"),
    (("explain", LAYER, "--input", "1,x3,b"), 2, "is no shape"),
    (("explain", LAYER, "--input", "1,3,0,8"), 2, "at least 1"),
    (("explain", LAYER), 2, "--input"),
    (("bench", LAYER, "--input", "1,3,8,8", "--passes", "sideways"), 2, "'sideways' is no pass"),
    (("bench", LAYER, "--input", "1,4,8,8"), 1, "to have 3 channels, but got 4"),
    (("bench", "nowhere.py:Net", "--input", "1,4,8,8"), 1, "There is no file 'nowhere.py'"),
    (("bench", "Linear(3, 4)", "--input", "1,3"), 1, "'Linear' is not a convolution layer"),
    (("bench", "Conv1d(3, 4, 3)", "--input", "1,3,9", "--channels-last"), 2, "2-d and 3-d"),
    (("tune", LAYER, "--input", "1,4,8,8"), 1, "to have 3 channels, but got 4"),
    (("tune", LAYER), 2, "--input"),
    (("tune", LAYER, "--input", "1,3,8,8", "--precision", "low"), 2, "'low' is not one of"),
    (("tune", "Conv1d(3, 4, 3)", "--input", "1,3,9", "--channels-last"), 2, "2-d and 3-d"),
    (("tune", "nowhere.py:Net", "--input", "1,4,8,8"), 1, "There is no file 'nowhere.py'"),
    (("nonsense",), 2, "No such command"),
]


@pytest.mark.parametrize(("arguments", "status", "words"), MISTAKES, ids=lambda v: v[:40] if isinstance(v, str) else "")
def test_mistakes(arguments, status, words):
    assert words in " ".join(run(*arguments, status=status).split())


def test_cache_info_and_clear():
    with tilewise.enabled():
        run("bench", LAYER, "--input", "1,3,12,11", "--passes", "forward", "--seconds", "0.1")
    program = f"import torch, tilewise\ntilewise.enable()\ntorch.nn.{LAYER}(torch.randn(1, 3, 12, 11))"
    subprocess.run([sys.executable, "-c", program], check=True, env=dict(os.environ))
    held = json.loads(run("cache", "info", "--json"))
    assert held["kernels"] > 0 and held["usable"] and held["bytes"] > 1000
    assert f"{held['kernels']} kernel" in run("cache", "info")
    assert f"removed {held['kernels']} kernel" in run("cache", "clear")
    assert json.loads(run("cache", "info", "--json"))["kernels"] == 0
    assert "removed 0 kernels" in run("cache", "clear")


def test_bench_of_a_layer():
    passes = ("forward", "backward", "input-gradient", "weight-gradient")
    options = ("--input", "1,3,32,32", "--passes", ",".join(passes), "--seconds", "0.1")
    told = json.loads(run("bench", LAYER, *options, "--json"))
    assert [row["pass"] for row in told["passes"]] == list(passes)
    for row in told["passes"]:
        assert row["ratio"] == row["pytorch"]["best"] / row["tilewise"]["best"] > 0
        # Every call of Tilewise's side came to Tilewise, none of PyTorch's did.
        assert row["calls"]["generated"] + row["calls"]["native"] >= row["tilewise"]["calls"]
    shown = run("bench", LAYER, *options)
    assert all(name in shown for name in passes) and "ratio" in shown
    assert not tilewise.is_enabled()


MODEL = """
import torch
from neighbour import WIDTH

class Net(torch.nn.Module):
    def __init__(self, width=WIDTH):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, width, 3)
    def forward(self, x):
        return {"features": self.conv(x), "mean": x.mean()}

def small():
    return Net(2)

ready = Net(1)
broken = 7
def needs(x):
    return x
"""


def test_bench_of_a_model(tmp_path):
    (tmp_path / "net_file.py").write_text(MODEL)
    (tmp_path / "neighbour.py").write_text("WIDTH = 4\n")
    for name in ("Net", "small", "ready"):
        shown = run("bench", f"{tmp_path / 'net_file.py'}:{name}", "--input", "1,3,9,9", "--seconds", "0.1",
                    "--dtype", "float64", "--channels-last", "--json")  # fmt: skip
        told = json.loads(shown)
        assert told["dtype"] == "float64" and told["layout"] == "channels last" and len(told["passes"]) == 2
    for name, words in {"broken": "int", "absent": "has no absent", "needs": "1 required positional argument"}.items():
        assert words in run("bench", f"{tmp_path / 'net_file.py'}:{name}", "--input", "1,3,9,9", status=1)


@pytest.fixture
def forgotten():
    yield
    measured.clear()
    dispatch.forget()


def test_tune_of_a_layer(forgotten):
    options = ("--input", "1,3,16,17", "--seconds", "0.01")
    told = json.loads(run("tune", LAYER, *options, "--backward", "--json"))
    assert [problem["name"] for problem in told["problems"]] == ["forward", "input gradient", "weight gradient"]
    for problem in told["problems"]:
        assert problem["ratio"] == problem["pytorch"] / problem["seconds"][problem["algorithm"]] > 0
    explained = json.loads(run("explain", LAYER, "--input", "1,3,16,17", "--json"))
    for problem, entry in zip(told["problems"], explained["passes"], strict=True):
        assert entry["measured"] == problem["seconds"] and entry["algorithm"] == problem["algorithm"]
    shown = run("explain", LAYER, "--input", "1,3,16,17")
    assert "chosen by measurement" in shown and "measured" in shown
    assert "3 measured choices" in run("cache", "info") and "3 measured choices" in run("info")
    assert json.loads(run("cache", "info", "--json"))["measured"] == {"choices": 3, "reason": ""}
    shown = run("tune", LAYER, *options)
    assert all(words in shown for words in ("runs on", "forward", "1 problem in", "PyTorch", LAYER))
    assert "removed 3 measured choices" in run("cache", "clear", "--choices")
    held = json.loads(run("cache", "info", "--json"))
    assert held["measured"]["choices"] == 0 and held["kernels"] > 0
    run("tune", LAYER, *options)
    assert "and 1 measured choice from" in run("cache", "clear")
    assert not tilewise.is_enabled()


def test_tune_of_a_model(tmp_path, monkeypatch, forgotten):
    (tmp_path / "net_file.py").write_text(MODEL)
    (tmp_path / "neighbour.py").write_text("WIDTH = 4\n")
    name, options = f"{tmp_path / 'net_file.py'}:Net", ("--input", "1,3,9,9", "--seconds", "0.01")
    told = json.loads(run("tune", name, *options, "--backward", "--channels-last", "--dtype", "bfloat16", "--json"))
    # The gradient of a network's input is nobody's.
    assert [(p["layers"], p["name"]) for p in told["problems"]] == [
        (["conv"], "forward"), (["conv"], "weight gradient")
    ]  # fmt: skip
    assert {p["dtype"] for p in told["problems"]} == {"bfloat16"}
    monkeypatch.setenv("TILEWISE_TUNED", "0")
    assert "TILEWISE_TUNED=0: measured choices are not used" in run("tune", name, *options)
    assert "not used: TILEWISE_TUNED=0" in run("cache", "info")
    (tmp_path / "cache" / measured.FILE).write_text("{")
    assert "not used: choices.json is damaged" in " ".join(run("cache", "info").split())
    assert "choices.json is damaged" in " ".join(run("info").split())
