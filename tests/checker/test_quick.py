"""The command's fast start: what it leaves out comes when it is asked for, whole and once."""

import pytest

from tests.support.processes import output_of

START = """
import sys
import torch
from tilewise.checker.quick import StandIn, without_compiler
without_compiler()
assert isinstance(sys.modules["torch._dynamo"], StandIn)
"""


def test_sound_models_are_sound_under_the_stand_in():
    code = f"""{START}
from tests.check.cases import SOUND, cases
for case in cases(*SOUND):
    report = case.check(sizes=False, fixes=False)
    assert report.ok, report.text()
print("all")
"""
    assert output_of(code, timeout=300).split() == ["all"]


@pytest.mark.parametrize("part", ["source", "utils", "variables", "variables.base", "external_utils"])
def test_a_part_is_the_real_ones_part(part):
    """Imported first of all, and there only once."""
    code = f"""{START}
import importlib
name = "torch._dynamo.{part}"
found = importlib.import_module(name)
import torch._dynamo
assert not isinstance(torch._dynamo, StandIn)
assert sys.modules[name] is found
assert found.__spec__.name == name and found.__spec__.origin == found.__file__
value = torch._dynamo
for piece in "{part}".split("."):
    value = getattr(value, piece)
assert value is found
assert torch._dynamo.explain is not None
import torch._dynamo.variables.builder as user
assert user.LocalSource is sys.modules["torch._dynamo.source"].LocalSource
assert user.VariableTracker is sys.modules["torch._dynamo.variables.base"].VariableTracker
assert issubclass(torch._dynamo.variables.ConstantVariable, user.VariableTracker)
"""
    output_of(code)


def test_a_part_that_is_not_there():
    code = f"""{START}
try:
    import torch._dynamo.nothing_of_that_name
except ModuleNotFoundError as error:
    print(error.name)
"""
    assert output_of(code).split() == ["torch._dynamo.nothing_of_that_name"]


def test_settings_alone_leave_the_compiler_out():
    code = f"""{START}
import torch._dynamo.config
assert isinstance(sys.modules["torch._dynamo"], StandIn)
assert "torch._dynamo.eval_frame" not in sys.modules
"""
    output_of(code)
