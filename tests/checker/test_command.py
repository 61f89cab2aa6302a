"""The command line: its forms, its outputs, its exit status, and that it writes only when told to."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tilewise.cli import main

MODEL = """
import torch
from torch import nn


class MedicalImageModel(nn.Module):
    def __init__(self, classes=2):
        super().__init__()
        self.convo_layer_one = nn.Conv2d(1, 16, 2)
        self.convo_layer_two = nn.Conv2d(16, 32, 2)
        self.convo_layer_three = nn.Conv2d(64, 32, 2)

    def forward(self, x):
        x = torch.relu(self.convo_layer_one(x))
        x = torch.relu(self.convo_layer_two(x))
        x = torch.relu(self.convo_layer_three(x))
        return x


def sound(width=4, *, kernel=3):
    return nn.Sequential(nn.Conv2d(1, width, kernel), nn.ReLU())
"""

DIAGNOSIS = """\
error[channels]: convo_layer_three takes 64 channels, but 32 flow in
  --> model.py:10
   9 |         self.convo_layer_two = nn.Conv2d(16, 32, 2)      makes the 32 channels
  10 |         self.convo_layer_three = nn.Conv2d(64, 32, 2)
     |                                            ^^ 32 needed
  15 |         x = torch.relu(self.convo_layer_three(x))        x is (1, 32, 62, 62)
help: each was tried and the whole model then runs
   1. line 10:  self.convo_layer_three = nn.Conv2d(32, 32, 2)
   2. line 9:  self.convo_layer_two = nn.Conv2d(16, 64, 2)
"""


def run(*arguments: str):
    return CliRunner().invoke(main, ["check", *arguments], env={"COLUMNS": None})


@pytest.fixture
def model(written):
    return Path(written("model.py", MODEL))


def test_the_diagnosis_names_three_places_and_two_fixes(model):
    result = run("model.py:MedicalImageModel", "--input", "1,1,64,64")
    assert result.exit_code == 1
    assert result.output.startswith(DIAGNOSIS)


def test_a_sound_model_is_a_table_and_status_0(model):
    result = run("model.py:sound", "--input", "2,1,64,64", "--args", "8, kernel=5")
    assert result.exit_code == 0
    assert "1 -> 8, 5x5" in result.output
    assert "H and W: at least 5" in result.output


def test_a_module_by_its_dotted_name(written):
    written("nets/__init__.py", "")
    written("nets/small.py", MODEL)
    assert run("nets.small:sound", "--input", "1,1,8,8").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("model.py:Missing", "--input", "1,1,8,8"), "it has MedicalImageModel"),
        (("missing.py:Net", "--input", "1,1,8,8"), "there is no such file"),
        (("model.py", "--input", "1,1,8,8"), "does not name a model"),
        (("model.py:sound", "--input", "one,two"), "is not a shape"),
        (("model.py:sound", "--input", "1,1,8,8:floaty"), "there is no type"),
        (("model.py:sound", "--input", "1,1,8,8", "--args", "open('x')"), "plain values"),
        (("model.py:sound",), "Missing option"),
        (("model.py:sound", "--input", "1,1,8,8", "--write"), "--fix --write"),
        (("model.py:nn", "--input", "1,1,8,8"), "neither a model"),
    ],
)
def test_unusable_arguments_are_status_2(model, arguments, says):
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in " ".join(result.output.split())


def test_a_file_that_is_not_python_is_status_2(written):
    written("broken.py", "def f(:\n")
    assert run("broken.py:f", "--input", "1").exit_code == 2


def test_json_has_the_same_names(model):
    result = run("model.py:MedicalImageModel", "--input", "1,1,64,64", "--json")
    found = json.loads(result.output)
    assert set(found) >= {"ok", "errors", "warnings", "layers"}
    assert found["ok"] is False
    error = found["errors"][0]
    assert error["code"] == "channels"
    assert (error["layer"], error["line"], error["used_at"]["line"]) == ("convo_layer_three", 10, 15)
    assert error["made_by"]["layer"] == "convo_layer_two"
    assert error["follows_from"] is None
    edit = error["fixes"][0]["edits"][0]
    assert edit["line"] == 10
    assert edit["old"].replace("64", "32") == edit["new"]


def test_github_annotations(model):
    result = run("model.py:MedicalImageModel", "--input", "1,1,64,64", "--github")
    first = result.output.splitlines()[0]
    assert first.startswith("::error file=model.py,line=10,col=44,endColumn=46,title=channels::convo_layer_three takes")
    assert "%0Afix: line 10:" in first


def test_fix_prints_a_diff_and_writes_nothing(model):
    before = model.read_text()
    result = run("model.py:MedicalImageModel", "--input", "1,1,64,64", "--fix")
    assert "-        self.convo_layer_three = nn.Conv2d(64, 32, 2)" in result.output
    assert "+        self.convo_layer_three = nn.Conv2d(32, 32, 2)" in result.output
    assert model.read_text() == before


def test_fix_write_changes_the_file_so_that_it_passes(model):
    run("model.py:MedicalImageModel", "--input", "1,1,64,64", "--fix", "--write")
    assert "nn.Conv2d(32, 32, 2)" in model.read_text()
    assert run("model.py:MedicalImageModel", "--input", "1,1,64,64").exit_code == 0


def test_several_faults_are_mended_together_even_on_one_line(written):
    text = """
    from torch import nn


    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Conv2d(4, 8, 3), nn.Conv2d(16, 8, 3)
            self.fc = nn.Linear(10, 2)

        def forward(self, x):
            return self.fc(self.b(self.a(x).relu()).flatten(1))
    """
    path = Path(written("several.py", text))
    result = run("several.py:Net", "--input", "1,3,8,8", "--fix", "--write")
    assert result.output.count("error[") == 3
    assert "nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)" in path.read_text()
    assert run("several.py:Net", "--input", "1,3,8,8").exit_code == 0


def test_html_is_a_whole_page_without_script(model, tmp_path):
    run("model.py:MedicalImageModel", "--input", "1,1,64,64", "--html", "report.html")
    page = (tmp_path / "report.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "convo_layer_three takes 64 channels" in page
    assert "<script" not in page
    assert "http" not in page


def test_a_script_that_runs_its_broken_model_can_be_checked(written):
    written("script.py", MODEL + "\nmodel = MedicalImageModel()\nmodel(torch.randn(1, 1, 64, 64))\n")
    result = run("script.py:MedicalImageModel", "--input", "1,1,64,64")
    assert result.exit_code == 1
    assert "2. line 9" in result.output


def test_a_model_that_stands_in_the_file(written):
    written("made.py", MODEL + "\nnet = MedicalImageModel()\n")
    result = run("made.py:net", "--input", "1,1,64,64")
    assert "1. line 10:  self.convo_layer_three = nn.Conv2d(32, 32, 2)" in result.output


def test_a_fault_in_an_imported_file_is_fixed_there(written):
    written(
        "blocks.py",
        "from torch import nn\n\n\ndef block(a, b):\n    return nn.Sequential(nn.Conv2d(a, b, 3), nn.BatchNorm2d(a))\n",
    )
    written(
        "whole.py",
        """
        from torch import nn

        from blocks import block


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.block = block(3, 8)

            def forward(self, x):
                return self.block(x)
        """,
    )
    result = run("whole.py:Net", "--input", "1,3,8,8", "--fix")
    assert "--> blocks.py:5" in result.output
    assert "::: whole.py:12" in result.output
    assert "+    return nn.Sequential(nn.Conv2d(a, b, 3), nn.BatchNorm2d(b))" in result.output
    assert "--- a/blocks.py" in result.output


def test_several_inputs_types_and_keywords(written):
    written(
        "pair.py",
        """
        import torch
        from torch import nn


        class Pair(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed = nn.Embedding(10, 4)
                self.conv = nn.Conv1d(4, 2, 3)

            def forward(self, tokens, mask=None):
                x = self.conv(self.embed(tokens).transpose(1, 2))
                return x * mask
        """,
    )
    assert run("pair.py:Pair", "-i", "2,9:int64", "-i", "mask=2,1,7").exit_code == 0
    assert run("pair.py:Pair", "-i", "2,9:int64", "-i", "mask=2,1,9").exit_code == 1


def test_a_device_that_is_not_there(written):
    written(
        "device.py",
        """
        import torch
        from torch import nn


        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                return self.fc(x) + torch.zeros(4)
        """,
    )
    assert run("device.py:Net", "-i", "2,4").exit_code == 0
    result = run("device.py:Net", "-i", "2,4", "--device", "cuda")
    assert "error[device]" in result.output


def test_help_is_fast_and_says_how():
    result = CliRunner().invoke(main, ["check", "--help"])
    assert "model.py:Net" in result.output
