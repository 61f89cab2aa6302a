"""The network figure: rows, maps, receptive fields and arithmetic against PyTorch; clicking through it in a browser."""

import base64
import json
import random

import numpy as np
import pytest
import torch
from torch import nn

import tilewise
from tests.pictures.browser import needs_browser, opened
from tests.pictures.models import Broken, Residual
from tests.pictures.test_page_numbers import READ
from tilewise.errors import ArgumentError
from tilewise.geometry import ReceptiveField
from tilewise.pictures.fields import seen_by
from tilewise.pictures.numbers import written
from tilewise.pictures.packing import unpacked
from tilewise.pictures.recording import record


@pytest.fixture(scope="module")
def image():
    return torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return Residual().eval()


@pytest.fixture(scope="module")
def figure(model, image):
    return tilewise.see(model, image)


def outputs(model, image):
    """What each convolution gives, by PyTorch's own hooks."""
    found = {}
    hooks = [
        m.register_forward_hook(lambda m, i, o, n=n: found.__setitem__(n, o.detach().clone()))
        for n, m in model.named_modules()
        if isinstance(m, nn.modules.conv._ConvNd)
    ]
    with torch.no_grad():
        model(image)
    for hook in hooks:
        hook.remove()
    return found


def test_rows_are_the_layers_in_order_with_their_shapes_and_costs(model, figure):
    rows = {row["name"]: row for row in figure.scene["rows"]}
    assert [r["name"] for r in figure.scene["rows"]] == [
        "stem", "relu", "left", "right", "add", "down", "depthwise", "up", "mean", "head",
    ]  # fmt: skip
    assert rows["left"]["output"] == [1, 8, 32, 32] and rows["down"]["output"] == [1, 8, 16, 16]
    assert rows["left"]["multiply_adds"] == 32 * 32 * 8 * 8 * 9
    assert rows["depthwise"]["multiply_adds"] == 8 * 8 * 8 * 9
    assert rows["up"]["multiply_adds"] == 8 * 8 * 8 * 4 * 16
    assert rows["head"]["multiply_adds"] == 40
    assert figure.scene["totals"]["parameters"] == sum(p.numel() for p in model.parameters())
    assert all(rows[n]["seconds"] > 0 for n in ("stem", "left", "up", "head"))
    json.dumps(figure.scene)


def test_maps_are_the_layers_outputs(model, image, figure):
    real = outputs(model, image)
    for convolution in figure.scene["convolutions"]:
        thumb, whole = convolution["maps"], real[convolution["name"]][0]
        shown = np.frombuffer(base64.b64decode(thumb["data"]), np.int8).reshape(thumb["shape"]) / 127 * thumb["largest"]
        assert thumb["shape"] == list(whole.shape)
        np.testing.assert_allclose(shown, whole.numpy(), atol=thumb["largest"] / 250)
        held = convolution["arithmetic"]
        assert np.array_equal(unpacked(held["output"]).reshape(whole.shape), whole.double().numpy())


def reached(model, image, name, cell):
    """The image positions that change an output cell, by autograd, ReLU and pooling opened so that nothing is lost."""

    class Open(nn.Module):
        def forward(self, x):
            return x

    model.down = nn.AvgPool2d(2)
    x = image.clone().requires_grad_()
    kept = {}
    hook = dict(model.named_modules())[name].register_forward_hook(lambda m, i, o: kept.__setitem__("o", o))
    original, torch.nn.functional.relu = torch.nn.functional.relu, lambda v: v
    try:
        model(x)
    finally:
        torch.nn.functional.relu = original
        hook.remove()
    kept["o"][(0, 0, *cell)].backward()
    at = x.grad[0, 0].abs().nonzero()
    return at.min(0).values.tolist(), (at.max(0).values + 1).tolist()


@pytest.mark.parametrize("name", ["stem", "left", "right", "depthwise", "up"])
def test_receptive_fields_are_those_of_autograd(model, image, name):
    call = next(c for c in record(model, image).calls if c.name == name)
    rng = random.Random(name)
    for _ in range(6):
        cell = [rng.randrange(n) for n in call.output.shape[2:]]
        low, high = reached(Residual().eval(), image, name, cell)
        ours = [seen_by(f, o, 32) for f, o in zip(call.fields, cell, strict=True)]
        assert all(a <= b for (a, _), b in zip(ours, low, strict=True))
        assert all(a >= b for (_, a), b in zip(ours, high, strict=True))
        if name != "up":  # a transposed layer's phases see unlike parts; the field covers all of them
            assert [list(o) for o in ours] == [list(p) for p in zip(low, high, strict=True)]


def test_a_broken_model_is_shown_as_far_as_it_came(image):
    scene = tilewise.see(Broken(), image).scene
    assert scene["broken"] and scene["rows"][0]["output"] == [1, 16, 32, 32]
    (row,) = [r for r in scene["rows"] if r["faults"]]
    assert row["name"] == "body" and "32" in row["faults"][0]["message"] and "16" in row["faults"][0]["message"]
    assert "<svg" in tilewise.see(Broken(), image).svg()


def test_a_deep_wide_network_stays_under_three_megabytes():
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 256, 3, padding=1, stride=4)]
    layers += [nn.Conv2d(256, 256, 3, padding=1) for _ in range(14)]
    layers += [nn.Conv2d(256, 1024, 3, padding=1, stride=4), nn.Conv2d(1024, 1024, 3, padding=1)]
    figure = tilewise.see(nn.Sequential(*layers), torch.rand(1, 3, 96, 96), measure=False)
    assert len(figure.html()) < 3_000_000
    assert any("Cropped" in note for note in figure.scene["notes"])


def test_sequences_volumes_and_unclear_inputs():
    sequence = nn.Sequential(nn.Conv1d(2, 4, 5), nn.ReLU(), nn.Conv1d(4, 2, 3))
    assert tilewise.see(sequence, torch.randn(1, 2, 50)).svg()
    volume = nn.Sequential(nn.Conv3d(1, 2, 3), nn.Conv3d(2, 2, 3))
    assert tilewise.see(volume, (1, 1, 9, 10, 11)).svg()
    with pytest.raises(ArgumentError, match="needs an input"):
        tilewise.see(sequence)
    with pytest.raises(ArgumentError, match="is not an input"):
        tilewise.see(sequence, {"x": 1})
    with pytest.raises(ArgumentError, match="got a int"):
        tilewise.see(3)


@needs_browser
def test_clicking_through_a_network(model, image, figure, tmp_path):
    real = outputs(model, image)
    with opened(figure.html(), tmp_path) as page:
        maps = page.locator("li.convolution").nth(1).locator(".map")
        assert maps.count() == 8
        box = maps.nth(3).locator("canvas").first.bounding_box()
        page.mouse.click(box["x"] + box["width"] * 10.5 / 32, box["y"] + box["height"] * 20.5 / 32)
        shown = page.evaluate(READ)
        assert shown["value"] == written(real["left"][0, 3, 20, 10].item())
        assert page.inner_text(".field-text") == "17–23 × 7–13"
        page.locator(".place [data-plane=output]").press("ArrowRight")
        assert page.evaluate(READ)["value"] == written(real["left"][0, 3, 20, 11].item())
        assert page.inner_text(".field-text") == "17–23 × 8–14"
        up = page.locator("li.convolution", has_text="ConvTranspose2d").locator(".map").nth(1)
        up.scroll_into_view_if_needed()
        up.focus()
        page.keyboard.press("Enter")
        assert page.evaluate(READ)["value"] == written(real["up"][0, 1, 8, 8].item())
        assert page.locator(".place section").count() == 1


@needs_browser
def test_the_page_finds_fields_as_python_does(figure, tmp_path):
    rng, cases, ours = random.Random(2), [], []
    for _ in range(2000):
        field = ReceptiveField()
        for _ in range(rng.randint(1, 5)):
            step = field.after_transposed if rng.random() < 0.25 else field.after
            field = step(rng.randint(1, 5), rng.randint(1, 3), rng.randint(0, 2), rng.randint(1, 2))
        size, cell = rng.randint(1, 80), rng.randint(0, 30)
        cases.append([[[float(field.size), float(field.jump), float(field.start)]], [cell], [size]])
        ours.append([list(seen_by(field, cell, size))])
    with opened(figure.html(), tmp_path) as page:
        assert page.evaluate("cases => document.querySelector('.tilewise').test.seen(cases)", cases) == ours
