"""The gallery is there, is shown, is small, and is what its script makes."""

import importlib.util
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
GALLERY = DOCS / "gallery"


@pytest.fixture(scope="module")
def make():
    spec = importlib.util.spec_from_file_location("make_gallery", GALLERY / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_figure_is_shown_and_every_shown_figure_is_there():
    shown = set(re.findall(r"gallery/([\w.-]+\.(?:svg|gif|png))", (DOCS / "see.md").read_text()))
    there = {p.name for p in GALLERY.iterdir() if p.suffix in (".svg", ".gif", ".png")}
    assert shown == there and len([n for n in there if "-dark" not in n]) >= 10
    assert sum((GALLERY / n).stat().st_size for n in there) < 4_000_000


def numbers(svg):
    return [e.text for e in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("name", ["dense", "depthwise", "checkerboard", "causal", "volume", "receptive-field"])
def test_figures_are_what_the_script_makes(make, name):
    assert numbers(make.STILL[name]().svg()) == numbers((GALLERY / f"{name}.svg").read_text())
