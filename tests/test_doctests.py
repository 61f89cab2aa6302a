"""The examples in docstrings run."""

import doctest
import importlib

import pytest

import tilewise

MODULES = {
    "tilewise.units": 4,
    "tilewise.geometry.sizes": 1,
    "tilewise.explaining": 1,
    "tilewise.nn.modules.conv": 12,
    "tilewise.nn.modules.separable": 6,
    "tilewise.tuning.measuring": 1,
}


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    found = [test for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(found) >= MODULES[name]
    with tilewise.enabled():
        for test in found:
            report = []
            result = runner.run(test, out=report.append)
            assert not result.failed, "".join(report)
