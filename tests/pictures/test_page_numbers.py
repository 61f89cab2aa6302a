"""Every number that the page shows, read from a real browser, equals PyTorch's to the digits shown."""

import json
import random

import numpy as np
import pytest
import torch

import tilewise
from tests.pictures.browser import needs_browser, opened
from tests.pictures.layers import random_layer
from tilewise.pictures.arithmetic import by_filter
from tilewise.pictures.numbers import brief, written
from tilewise.pictures.recording import record

LAYERS, A_PAGE = 240, 20

# What a person can read: the products with their factors, sums, bias, result; as text, just as it stands there.
READ = """
() => ({
  tables: [...document.querySelectorAll('.sum > .grids table')].map(t => ({
    channel: Number(t.dataset.channel), depth: Number(t.dataset.depth),
    subtotal: t.querySelector('.subtotal').textContent,
    cells: [...t.querySelectorAll('td')].map(d => d.classList.contains('none') ? null :
      [d.querySelector('.x').textContent, d.querySelector('.w').textContent, d.querySelector('.p').textContent]),
  })),
  chips: [...document.querySelectorAll('.chips:not([hidden]) .chip-value')].map(c => c.textContent),
  bias: document.querySelector('.bias')?.textContent ?? null,
  value: document.querySelector('output.value').textContent,
  title: document.querySelector('.sum .about').textContent,
  formulas: [...document.querySelectorAll('.formulas dd')].map(d => d.textContent),
  plane: [...document.querySelectorAll('[data-plane=output] .numbers text')].map(t => t.textContent),
  output: document.querySelector('[data-plane=output]').getAttribute('aria-label'),
})
"""


def number(text):
    return float(text.replace("−", "-").replace("∞", "inf").replace(" ", ""))


def agrees(text, exact):
    """Whether the text is `exact` rounded to the digits that it shows, allowing for float32's own rounding."""
    mantissa, _, exponent = text.replace("−", "-").partition("e")
    half = 0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])) if "." in mantissa or exponent else 1e-9
    return abs(number(text) - exact) <= half + 2e-6 * max(1.0, abs(exact))


def compare(layer, x, shown, k, cell):
    """One reading of the page against tensors that PyTorch made, gathered here by unfolding or scattering."""
    (call,) = record(layer, x).calls
    with torch.no_grad():
        result = layer(x)[0]
    place = tuple(cell)
    assert shown["value"] == written(result[(k, *place)].item())
    assert shown["bias"] == (None if layer.bias is None else written(layer.bias[k].item()))
    assert [int(f.rsplit("= ", 1)[1]) for f in shown["formulas"]] == list(result.shape[1:])
    if shown["plane"]:  # where there is room, the cells of the output carry their numbers
        slice_of = result[k] if call.dims < 3 else result[(k, cell[0])]
        assert shown["plane"] == [brief(v) for v in slice_of.flatten().tolist()]
    weights = by_filter(call.weight, call.groups, call.transposed)[k]
    per_group = weights.shape[0]
    first = k // (result.shape[0] // call.groups) * per_group
    kernel = (*(1,) * (3 - call.dims), *weights.shape[1:])
    seen = 0
    for table in shown["tables"]:
        c = table["channel"]
        assert first <= c < first + per_group
        flat = weights[c - first].reshape(kernel)[table["depth"]].reshape(-1)
        total = 0.0
        for i, shown_cell in enumerate(table["cells"]):
            tap = np.unravel_index(table["depth"] * kernel[1] * kernel[2] + i, kernel)[3 - call.dims :]
            value = reached(call, c, place, tap)
            assert (shown_cell is None) == (value is None)
            if value is None:
                continue
            w = flat[i].item()
            assert shown_cell[0] == written(value) and shown_cell[1] == written(w)
            assert agrees(shown_cell[2], value * w)
            total += value * w
            seen += 1
        assert agrees(table["subtotal"], total)
    assert f"sum of {seen} product" in shown["title"] or shown["chips"]


def reached(call, channel, cell, tap):
    """The input value behind one tap: by indexing the padded tensor, or by looking where an input scatters to."""
    if not call.transposed:
        index = tuple(o * a.stride + t * a.dilation for o, t, a in zip(cell, tap, call.axes, strict=True))
        return call.padded[(0, channel, *index)].item()
    index = []
    for o, t, a in zip(cell, tap, call.axes, strict=True):
        found = [i for i in range(a.size) if i * a.stride - a.before + t * a.dilation == o]
        if not found:
            return None
        index.append(found[0])
    return call.source[(0, channel, *index)].item()


@needs_browser
@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("first", range(0, LAYERS, A_PAGE))
def test_numbers_on_the_page_are_pytorchs(first, tmp_path):
    start = tilewise.see(torch.nn.Conv2d(1, 1, 1), torch.ones(1, 2, 2))
    with opened(start.html(), tmp_path) as page:
        for seed in range(first, first + A_PAGE):
            layer, x = random_layer(1000 + seed)
            figure = tilewise.see(layer, x)
            page.evaluate(
                "scene => document.querySelector('.tilewise').view.show(JSON.parse(scene))", json.dumps(figure.scene)
            )
            output, rng = figure.scene["output"], random.Random(seed)
            for _ in range(3):
                k = rng.randrange(output["shape"][1])
                cell = [rng.randrange(n) for n in output["size"]]
                lifted = [0] * (3 - len(cell)) + cell
                page.evaluate(
                    "([filter, cell]) => document.querySelector('.tilewise').view.set({filter, cell})", [k, lifted]
                )
                compare(layer, x, page.evaluate(READ), k, cell)


@needs_browser
def test_numbers_are_written_as_python_writes_them(tmp_path):
    rng = random.Random(7)
    values = [rng.choice([-1, 1]) * 10 ** rng.uniform(-12, 12) for _ in range(4000)]
    values += [float(np.float32(v)) for v in values[:1000]] + [0.0, -0.0, 1.125, 9.995, 99.95, 9999.5, 0.001, 1e-3 / 2]
    values += [rng.randrange(-20000, 20000) / 8 for _ in range(1000)]
    with opened(tilewise.see(torch.nn.Conv2d(1, 1, 1), torch.ones(1, 2, 2)).html(), tmp_path) as page:
        text = page.evaluate(
            "values => JSON.stringify(document.querySelector('.tilewise').test.numbers(JSON.parse(values)))",
            json.dumps(values),
        )
    assert json.loads(text) == [[written(v), brief(v)] for v in values]
