"""Static and animated files, made without a browser; colours that everybody can tell apart."""

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import tilewise
from tests.pictures.layers import random_layer
from tests.pictures.models import Broken, Residual
from tilewise.errors import ArgumentError
from tilewise.pictures import palette
from tilewise.pictures.numbers import written


@pytest.fixture(scope="module")
def figure():
    torch.manual_seed(0)
    return tilewise.see(nn.Conv2d(3, 4, 3, padding=1), torch.rand(1, 3, 8, 8))


def texts(svg):
    return [e.text for e in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("seed", range(0, 40, 2))
def test_an_svg_shows_the_window_and_its_sum(seed):
    layer, x = random_layer(seed)
    figure = tilewise.see(layer, x)
    shown, start = texts(figure.svg()), figure.scene["start"]
    with torch.no_grad():
        value = layer(x)[(0, start["filter"], *start["cell"])].item()
    assert f"= {written(value)}" in shown
    window = figure.reading().window(start["filter"], tuple(start["cell"]))
    total = sum(window.subtotal(c) for c in window.channels) + (window.bias or 0)
    assert total == pytest.approx(value, rel=1e-4, abs=1e-5)
    assert set(figure.scene["layer"]["formulas"]) <= set(shown)


def test_an_svg_is_small_names_itself_and_refers_to_nothing_outside(figure):
    svg = figure.svg()
    root = ET.fromstring(svg)
    assert root.get("role") == "img" and root.find("{http://www.w3.org/2000/svg}title").text == figure.scene["title"]
    assert len(svg) < 60_000
    assert re.findall(r'(?:href|src)="(?!data:|#)', svg) == [] and "<script" not in svg
    assert figure.svg(theme="dark") != svg


@pytest.mark.parametrize("suffix", [".html", ".svg", ".png", ".gif", ".json"])
def test_every_kind_of_figure_is_saved_in_every_format(figure, tmp_path, suffix):
    network = tilewise.see(Residual(), torch.rand(1, 1, 16, 16), measure=False)
    for name, each in (("layer", figure), ("network", network), ("playground", tilewise.see()), ("broken", None)):
        each = each or tilewise.see(Broken(), torch.rand(1, 1, 8, 8))
        path = tmp_path / (name + suffix)
        if suffix == ".gif" and each.scene["kind"] == "network":
            with pytest.raises(ArgumentError, match="window moving"):
                each.save(path)
            continue
        assert each.save(path, frames=5) == path and path.stat().st_size > 500
    if suffix == ".gif":
        with Image.open(tmp_path / "layer.gif") as animation:
            assert animation.n_frames == 5
    if suffix == ".json":
        assert json.loads((tmp_path / "layer.json").read_text())["kind"] == "arithmetic"


def test_other_endings_are_refused(figure, tmp_path):
    with pytest.raises(ArgumentError, match=r"saved as \.html, \.svg"):
        figure.save(tmp_path / "x.pdf")
    with pytest.raises(ArgumentError, match="themes are"):
        figure.save(tmp_path / "x.svg", theme="blue")


# How the three common kinds of colour blindness see linear RGB (Machado, Oliveira and Fernandes, 2009, severity 1).
_BLIND = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def seen_as(colour, kind):
    s = np.array(colour) / 255
    linear = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(_BLIND[kind]) @ linear, 0, 1)
    s = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return palette.oklab(tuple(s * 255))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", list(_BLIND))
def test_below_and_above_zero_stay_apart_for_colour_blind_eyes(theme, kind):
    colours = palette.scale(theme)
    middle = len(colours) // 2
    for step in range(8, middle + 1, 4):
        below, above = seen_as(colours[middle - step], kind), seen_as(colours[middle + step], kind)
        assert np.linalg.norm(below - above) > min(0.15, 0.05 * step / 8)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lightness_alone_tells_size(theme):
    light = [palette.oklab(c)[0] for c in palette.scale(theme)]
    middle, sign = len(light) // 2, -1 if theme == "light" else 1
    for side in (light[middle:], light[middle::-1]):
        steps = np.diff(side) * sign
        assert (steps > -1e-3).all() and side[-1] * sign > side[0] * sign + 0.3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_on_every_colour_and_paper_is_readable(theme):
    def luminance(colour):
        s = np.array(colour) / 255
        return float(np.dot([0.2126, 0.7152, 0.0722], np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)))

    def contrast(a, b):
        low, high = sorted((luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)

    for colour in palette.scale(theme):
        assert contrast(colour, palette.rgb(palette.readable_on(colour))) > 4.4
    ink = {name: palette.rgb(value) for name, value in palette.INK[theme].items()}
    for ground in ("paper", "raised"):
        assert contrast(ink["ink"], ink[ground]) > 7
        for name in ("quiet", "mark", "warn"):
            assert contrast(ink[name], ink[ground]) > 4.5, (theme, name, ground)
