"""The playground: its page computes what Python computes, and what it shows is what PyTorch gives."""

import json
import random

import numpy as np
import pytest
import torch

import tilewise
from tests.pictures.browser import needs_browser, opened
from tests.pictures.test_page_numbers import READ
from tilewise.errors import ArgumentError
from tilewise.pictures.numbers import written
from tilewise.pictures.playground import facts_of, module_of
from tilewise.pictures.settings import Settings, parse


def random_settings(rng, illegal=True):
    """Settings as a person might type them: mostly sensible, often illegal in one way or another."""
    dims, transposed = rng.choice([1, 2]), rng.random() < 0.35

    def each(*choices):
        return (rng.choice(choices),) * dims if rng.random() < 0.7 else tuple(rng.choice(choices) for _ in range(dims))

    low = [0] if illegal and rng.random() < 0.08 else []
    padding = each(0, 1, 2, 3, *([-1] if illegal and rng.random() < 0.1 else []))
    if rng.random() < 0.2:
        padding = rng.choice(["same", "valid", *(["causal"] if dims == 1 and not transposed else [])])
    modes = ["zeros"] * 3 + (["reflect", "replicate", "circular"] if illegal or not transposed else [])
    settings = Settings(
        dims,
        transposed,
        rng.randint(1, 6),
        rng.randint(1, 6),
        each(1, 2, 3, 4, 5, 7, *low),
        each(1, 1, 2, 3, *low),
        padding,
        rng.choice(modes),
        each(1, 1, 2, 3, *low),
        rng.choice([1, 1, 1, 2, 3, *low]),
        each(0, 0, 1, 2, *([-1] if illegal else [])),
        rng.random() < 0.7,
    )
    return settings, tuple(rng.randint(1, 24) for _ in range(dims))


@needs_browser
def test_the_page_computes_what_python_computes(tmp_path):
    rng = random.Random(3)
    cases = [random_settings(rng) for _ in range(6000)]
    ours = [facts_of(settings, size) for settings, size in cases]
    with opened(tilewise.see().html(), tmp_path) as page:
        text = page.evaluate(
            "cases => JSON.stringify(document.querySelector('.tilewise').test.facts(JSON.parse(cases)))",
            json.dumps([[s.data(), n] for s, n in cases]),
        )
    shown = json.loads(text)
    refused = sum(f["objection"] is not None for f in ours)
    assert 1000 < refused < 5000
    for (settings, size), mine, theirs in zip(cases, ours, shown, strict=True):
        assert mine == theirs, (settings, size)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_pytorch_refuses_exactly_what_is_objected_to():
    rng = random.Random(11)
    for _ in range(600):
        settings, size = random_settings(rng)
        facts = facts_of(settings, size)
        try:
            module = module_of(settings).to("cpu")
            with torch.no_grad():
                shape = list(module(torch.zeros(1, settings.in_channels, *size)).shape)
            real = None
        except (RuntimeError, ValueError, TypeError, ZeroDivisionError) as error:
            real = str(error)
        assert (facts["objection"] is None) == (real is None), (settings, size, facts, real)
        if real is None:
            assert facts["output"] == shape
            assert facts["parameters"] == sum(p.numel() for p in module.parameters())


# The numbers that the page made for its own layer and input, for PyTorch to go through again.
MADE = """
() => {
  const view = document.querySelector('.tilewise').view.arithmetic, {layer, scene} = view;
  return {input: [...layer.input.data], weight: [...layer.weights], output: [...layer.output.data],
          bias: layer.biases ? [...layer.biases] : null, facts: scene.layer, origin: layer.input.origin,
          held: layer.input.size, first: layer.output.origin, count: layer.output.size, filters: layer.output.count};
}
"""


@needs_browser
@pytest.mark.filterwarnings("ignore:Using padding='same'")
def test_what_the_page_computes_is_what_pytorch_gives(tmp_path):
    rng = random.Random(5)
    with opened(tilewise.see().html(), tmp_path) as page:
        done = 0
        while done < 60:
            settings, size = random_settings(rng, illegal=False)
            if facts_of(settings, size)["objection"]:
                continue
            done += 1
            page.evaluate(
                "([t, size, kernel]) => { const v = document.querySelector('.tilewise').view;"
                " v.t = t; v.size = size; v.kernel = kernel; v.update(); }",
                [settings.data(), list(size), rng.choice(["blur", "random, as a fresh layer", "sharpen"])],
            )
            made = page.evaluate(MADE)
            weight = torch.tensor(made["weight"], dtype=torch.float64)
            weight = weight.reshape(settings.out_channels, -1, *settings.kernel_size)
            module = module_of(settings).double()
            with torch.no_grad():
                layer = module[-1] if isinstance(module, torch.nn.Sequential) else module
                if settings.transposed:
                    g, (k, c, *rest) = settings.groups, weight.shape
                    weight = weight.reshape(g, k // g, c, *rest).transpose(1, 2).reshape(g * c, k // g, *rest)
                layer.weight.copy_(weight)
                if settings.bias:
                    layer.bias.copy_(torch.tensor(made["bias"], dtype=torch.float64))
                x = torch.zeros(settings.in_channels, *size, dtype=torch.float64)
                held = torch.tensor(made["input"], dtype=torch.float64)
                held = held.reshape(-1, *made["held"][3 - settings.dims :])
                place(x, held, made["origin"][3 - settings.dims :])
                result = module(x[None])[0].numpy()
            shown = np.array(made["output"]).reshape(made["filters"], *made["count"][3 - settings.dims :])
            assert shown.shape == result.shape
            np.testing.assert_allclose(shown, result, rtol=1e-9, atol=1e-9)
            reading = page.evaluate(READ)
            assert reading["value"] in {written(v) for v in shown[0].flat}


def place(x, held, origin):
    """Put what the page holds (it may reach into the padding, or leave out what nothing reads) into the input."""
    theirs, mine = [slice(None)], [slice(None)]
    for n, o, whole in zip(held.shape[1:], origin, x.shape[1:], strict=True):
        low, high = max(0, o), min(whole, o + n)
        mine.append(slice(low, high))
        theirs.append(slice(low - o, high - o))
    x[: held.shape[0]][tuple(mine)] = held[tuple(theirs)]


@needs_browser
def test_a_person_edits_and_breaks_and_mends_the_layer(tmp_path):
    with opened(tilewise.see("Conv2d(3, 16, 3, padding=1)", (1, 3, 32, 32)).html(), tmp_path) as page:
        assert page.inner_text(".output-size") == "1 × 16 × 32 × 32"
        page.get_by_role("button", name="More stride").click()
        assert page.inner_text(".line") == "nn.Conv2d(3, 16, kernel_size=3, stride=2, padding=1)"
        assert page.inner_text(".output-size") == "1 × 16 × 16 × 16"
        page.get_by_label("Kernel size", exact=True).fill("3, 5")
        page.keyboard.press("Enter")
        assert "kernel_size=(3, 5)" in page.inner_text(".line")
        assert page.inner_text(".output-size") == "1 × 16 × 16 × 15"
        page.get_by_role("button", name="More groups").click()
        words = page.inner_text("[role=alert]")
        assert "splits 3 input channels into 2 groups" in words
        page.get_by_role("button", name="Less groups").click()
        assert page.locator("[role=alert]").is_hidden()
        page.get_by_label("Layer", exact=True).select_option("Transposed")
        assert page.inner_text(".output-size") == "1 × 16 × 63 × 65"
        page.get_by_label("Output padding", exact=True).press("ArrowUp")
        assert "output_padding=1" in page.inner_text(".line")
        page.get_by_label("Dimensions").select_option("1-d")
        assert page.inner_text(".line").startswith("nn.ConvTranspose1d(3, 16, kernel_size=3")
        page.get_by_label("Layer", exact=True).select_option("Convolution")
        page.get_by_label("Padding is").select_option("causal")
        assert page.inner_text(".line").startswith("nn.Sequential(nn.ConstantPad1d((2, 0), 0.0), nn.Conv1d(")
        for name in ("CT slice", "photograph", "digit", "test pattern"):
            page.get_by_label("Image").select_option(name)
            assert page.inner_text("output.value")


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: tilewise.see("Conv3d(1, 1, 3)"), "1 and 2 dimensions"),
        (lambda: tilewise.see("Conv2d(3, 4, 3)", (1, 4, 8, 8)), "in_channels=3, but the input"),
        (lambda: tilewise.see("Conv2d(3, 4, 3)", (0, 8)), "not the shape"),
        (lambda: tilewise.see("Conv2d(3, 4, 3)", torch.ones(1, 3, 4, 4)), "shape or an image"),
    ],
)
def test_what_the_playground_does_not_take(call, words):
    with pytest.raises(ArgumentError, match=words):
        call()


def test_an_illegal_start_is_shown_with_its_objection():
    scene = tilewise.see("Conv2d(3, 4, 3, groups=2)").scene
    assert scene["settings"] == parse("Conv2d(3, 4, 3, groups=2)").data()
    assert scene["example"]["kind"] == "arithmetic"


def test_a_look_at_the_playground_draws_no_random_numbers():
    before = torch.random.get_rng_state()
    first, second = (tilewise.see("Conv2d(2, 3, 5)", (1, 2, 9, 9)).svg() for _ in range(2))
    assert first == second and torch.equal(before, torch.random.get_rng_state())
