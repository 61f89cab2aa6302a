"""The Python interface: check, Report, Finding; several faults at once; what follows from what; no source at hand."""

import linecache
import sys
import textwrap
import types
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import tilewise
from tilewise.checker import CheckError
from tilewise.errors import ArgumentError


class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 8, 3)
        self.two = nn.Conv2d(16, 8, 3)
        self.bn = nn.BatchNorm2d(4)
        self.fc = nn.Linear(10, 2)

    def forward(self, x):
        x = self.bn(self.two(self.one(x).relu()))
        return self.fc(x.relu().flatten(1))


def test_all_faults_are_found_in_one_run_and_their_fixes_go_together():
    report = tilewise.check(Broken, (1, 3, 16, 16))
    assert [e.code for e in report.errors] == ["channels", "batchnorm", "linear"]
    assert all(e.fixes for e in report.errors)
    assert "with the first fix of the other errors" in report.text()
    assert not report.ok


def test_what_follows_from_an_earlier_fault_is_marked():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3)
            self.fc = nn.Linear(8 * 14 * 14, 2)

        def forward(self, x):
            return self.fc(self.conv(x).flatten(1))

    report = tilewise.check(Net, (1, 16, 16, 3))
    assert [e.code for e in report.errors] == ["layout", "linear"]
    assert report.errors[1].follows_from is report.errors[0]
    assert report.as_dict()["errors"][1]["follows_from"] == 0


def test_a_finding_names_its_places():
    found = tilewise.check(Broken, (1, 3, 16, 16)).errors[0]
    lines = Path(__file__).read_text().splitlines()
    assert "self.two = nn.Conv2d" in lines[found.line - 1]
    assert "self.two(self.one(x)" in lines[found.used_at.line - 1]
    assert "self.one = nn.Conv2d" in lines[found.made_by.line - 1]
    assert (found.file, found.layer, found.made_by.layer) == (__file__, "two", "one")
    assert found.fixes[0].edits[0].file == __file__


def test_an_instance_is_not_changed_and_need_not_be_rebuilt():
    model = Broken()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    report = tilewise.check(model, torch.zeros(1, 3, 16, 16))
    assert [e.code for e in report.errors] == ["channels", "batchnorm", "linear"]
    assert report.errors[0].fixes
    after = model.state_dict()
    assert all(torch.equal(before[k], after[k]) for k in before)
    assert model.training


def test_an_instance_with_arguments_it_does_not_keep():
    class Net(nn.Module):
        def __init__(self, secret):
            super().__init__()
            self.conv = nn.Conv2d(secret, 8, 3)

        def forward(self, x):
            return self.conv(x)

    report = tilewise.check(Net(4), (1, 3, 8, 8))
    assert report.errors[0].code == "channels"
    assert report.errors[0].line
    assert report.errors[0].fixes == ()


def test_raise_for_errors():
    tilewise.check(nn.Conv2d(3, 8, 3), (1, 3, 8, 8)).raise_for_errors()
    with pytest.raises(CheckError, match="takes 16 channels, but 8 flow in"):
        tilewise.check(Broken, (1, 3, 16, 16)).raise_for_errors()


def test_it_prints_in_a_notebook():
    html = tilewise.check(Broken, (1, 3, 16, 16))._repr_html_()
    assert "two takes 16 channels" in html
    assert "<mark>16</mark>" in html


@pytest.mark.parametrize("given", [(), ("a",), ({"shape": 3},)])
def test_unusable_inputs(given):
    with pytest.raises(ArgumentError):
        tilewise.check(nn.ReLU(), *given)


def test_too_few_or_too_many_inputs():
    with pytest.raises(ArgumentError, match="1 input was given, missing a required argument: 'input2'"):
        tilewise.check(nn.Bilinear(2, 2, 2), (1, 2))
    with pytest.raises(ArgumentError, match="2 inputs were given"):
        tilewise.check(nn.ReLU(), (1, 2), (1, 2))


def test_what_nothing_mends_has_no_fix_and_says_so():
    class Net(nn.Module):
        def forward(self, x):
            return x.view(7, 11, 13)

    report = tilewise.check(Net, (1, 3))
    assert report.errors[0].fixes == ()
    assert "tilewise explain-error size" in report.text()


def test_not_a_model():
    with pytest.raises(ArgumentError):
        tilewise.check(3, (1,))
    with pytest.raises(ArgumentError):
        tilewise.check(lambda: 3, (1,))


class PoolsToFit(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3)
        self.fc = nn.Linear(16 * 4 * 4, 10)

    def forward(self, x):
        x = self.conv(x)
        return self.fc(torch.flatten(x, 1))


def test_three_ways_to_mend_a_flattened_image():
    found = tilewise.check(PoolsToFit, (1, 3, 9, 9)).errors[0]
    lines = [edit.new.strip() for fix in found.fixes for edit in fix.edits]
    assert lines == [
        "self.fc = nn.Linear(16 * 7 * 7, 10)",
        "return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 4), 1))",
        "self.fc = nn.LazyLinear(10)",
    ]


class Questionable(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 4, padding="same")
        self.bn = nn.BatchNorm2d(8)
        self.pool = nn.MaxPool2d(2)
        self.spare = nn.Linear(3, 3)

    def forward(self, x):
        return self.pool(self.bn(self.conv(x)).relu())


def test_warnings_come_with_fixes_that_were_tried():
    report = tilewise.check(Questionable, (2, 3, 9, 9))
    assert report.ok
    lines = {w.code: [e.new.strip() for f in w.fixes for e in f.edits] for w in report.warnings}
    assert lines == {
        "even-same": ['self.conv = nn.Conv2d(3, 8, 5, padding="same")'],
        "bias-norm": ['self.conv = nn.Conv2d(3, 8, 4, padding="same", bias=False)'],
        "border": ["self.pool = nn.MaxPool2d(2, ceil_mode=True)"],
        "unused": [],
    }


def test_the_report_is_what_a_prompt_shows():
    assert repr(tilewise.check(Questionable, (2, 3, 9, 9))).endswith("Questionable runs; 4 warnings")


# -- no source at hand ---------------------------------------------------------------------------------------------

SOURCE = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 8, 3)
        self.two = nn.Conv2d(16, 8, 3)

    def forward(self, x):
        return self.two(self.one(x))
"""


def test_without_source_it_says_less_and_does_not_fail():
    namespace = {"__name__": "typed_in"}
    exec(compile(SOURCE, "<stdin>", "exec"), namespace)
    report = tilewise.check(namespace["Net"], (1, 3, 8, 8))
    assert report.errors[0].message == "two takes 16 channels, but 8 flow in"
    assert report.errors[0].fixes == ()
    assert "two takes 16 channels" in report.text()


def test_a_notebook_cell_has_its_source_in_linecache(monkeypatch):
    name = "<ipython-input-1-abc>"
    linecache.cache[name] = (len(SOURCE), None, SOURCE.splitlines(keepends=True), name)
    notebook = types.ModuleType("notebook_main")
    monkeypatch.setitem(sys.modules, "notebook_main", notebook)
    exec(compile(SOURCE, name, "exec"), notebook.__dict__)
    report = tilewise.check(notebook.Net, (1, 3, 8, 8))
    assert report.errors[0].line == 10
    assert report.errors[0].fixes
    assert "self.two = nn.Conv2d(8, 8, 3)" in report.text()


def test_a_compiled_file(tmp_path, monkeypatch):
    import importlib
    import py_compile

    source = tmp_path / "compiled_net.py"
    source.write_text(SOURCE)
    py_compile.compile(str(source), cfile=str(tmp_path / "compiled_net.pyc"), dfile="elsewhere/compiled_net.py")
    source.unlink()
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("compiled_net")
    report = tilewise.check(module.Net, (1, 3, 8, 8))
    assert report.errors[0].code == "channels"


def test_without_columns_in_the_call_stack(monkeypatch):
    """As on Python 3.10, where a frame knows its line only."""
    from tilewise.checker.frames import Frame

    monkeypatch.setattr(Frame, "span", property(lambda frame: None))
    found = tilewise.check(Broken, (1, 3, 16, 16)).errors[0]
    assert found.fixes[0].edits[0].new.strip() == "self.two = nn.Conv2d(8, 8, 3)"


# -- other ways of writing models ----------------------------------------------------------------------------------


class Louder(nn.Conv2d):
    """A subclass of a layer with the same constructor."""

    def forward(self, x):
        return super().forward(x) * 2


def test_subclasses_of_layers_are_layers():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = Louder(3, 8, 3)
            self.two = Louder(16, 8, 3)

        def forward(self, x):
            return self.two(self.one(x).relu())

    found = tilewise.check(Net, (1, 3, 8, 8)).errors[0]
    assert found.layer == "two"
    assert found.fixes[0].edits[0].new.strip() == "self.two = Louder(8, 8, 3)"


def test_torch_compile_inside_a_model_is_left_out():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = torch.compile(nn.Conv2d(3, 4, 3))

        def forward(self, x):
            return self.conv(x)

    errors = tilewise.check(Net, (1, 4, 8, 8)).errors
    assert [(e.code, e.layer) for e in errors] == [("channels", "conv")]
    assert errors[0].fixes


def test_a_constructor_that_raises_is_a_finding():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(6, 9, 3, groups=2)
            self.other = nn.Conv2d(8, 4, 3)

        def forward(self, x):
            return self.other(self.conv(x))

    errors = tilewise.check(Net, (1, 6, 8, 8)).errors
    assert [e.code for e in errors] == ["groups", "channels"]
    assert errors[0].message == "conv splits 9 output channels into 2 groups, but 9 is not a multiple of 2"


def test_python_errors_are_findings():
    class Net(nn.Module):
        def forward(self, x):
            return x.nothing

    found = tilewise.check(Net, (1, 3)).errors[0]
    assert found.code == "stopped"
    assert "nothing" in found.message


def test_data_dependent_branches_are_noted():
    class Net(nn.Module):
        def forward(self, x):
            return x * 2 if x.sum() > 0 else x.item()

    report = tilewise.check(Net, (1, 3))
    assert report.ok
    assert any("numbers of a tensor" in note for note in report.notes)


def test_no_weights_are_made():
    """Forty gigabytes of weights: the process would not survive making them."""

    def huge():
        return nn.Sequential(*(nn.Linear(100_000, 100_000, bias=False) for _ in range(10)))

    report = tilewise.check(huge, (1, 100_000), sizes=False)
    assert report.parameters == 10 * 100_000**2
    assert report.ok


def test_functional_calls_are_checked_and_counted():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(8, 3, 3, 3))

        def forward(self, x):
            return F.max_pool2d(F.conv2d(x, self.weight, padding=1), 2)

    report = tilewise.check(Net, (2, 3, 8, 8))
    assert [(r.type, r.output_shape, r.multiply_adds) for r in report.layers] == [
        ("conv2d", (2, 8, 8, 8), 2 * 8 * 64 * 27),
        ("max_pool2d", (2, 8, 4, 4), 0),
    ]
    assert report.layers[0].receptive_field == (3, 3)
    assert report.layers[1].effective_stride == (2, 2)


def test_receptive_fields_through_branches():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Conv2d(1, 2, 3, padding=1)
            self.b = nn.Conv2d(1, 2, 7, padding=3)

        def forward(self, x):
            return torch.cat([self.a(x), self.b(x)], 1)

    rows = {r.path or r.type: r for r in tilewise.check(Net, (1, 1, 16, 16)).layers}
    assert rows["a"].receptive_field == (3, 3)
    assert rows["cat"].receptive_field == (7, 7)


@pytest.mark.parametrize(
    ("model", "shape", "says"),
    [
        (lambda: nn.Conv2d(1, 1, 5), (1, 1, 16, 16), "H and W: at least 5"),
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(64, 2)), (1, 1, 8, 8), "H and W: exactly 8"),
        (lambda: nn.PixelUnshuffle(4), (1, 1, 16, 16), "H and W: at least 4, multiples of 4"),
        (lambda: nn.Conv1d(1, 1, 9, stride=3), (1, 1, 30), "L: at least 9"),
        (lambda: nn.Sequential(nn.MaxPool2d(4), nn.Flatten(), nn.Linear(4, 2)), (1, 1, 8, 8), "H and W: 8 to 11"),
    ],
)
def test_the_sizes_a_model_can_take(model, shape, says):
    assert tilewise.check(model, shape).sizes[0] == says


def test_messages_of_the_model_are_not_printed(capsys):
    class Net(nn.Module):
        def forward(self, x):
            print(textwrap.shorten("a long story", 5))
            return x

    tilewise.check(Net, (1,))
    assert capsys.readouterr().out == ""
