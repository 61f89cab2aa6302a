"""The page in a real browser: moving, choosing, playing; keyboard, screen reader, calm; no fault, no request."""

import json

import pytest
import torch
from torch import nn

import tilewise
from tests.pictures.browser import needs_browser, opened
from tests.pictures.test_page_numbers import READ
from tilewise.pictures.numbers import written

pytestmark = needs_browser


@pytest.fixture(scope="module")
def layer():
    torch.manual_seed(0)
    return nn.Conv2d(4, 6, 3, padding=1, stride=2, groups=2)


@pytest.fixture(scope="module")
def x():
    return torch.rand(1, 4, 12, 12, generator=torch.Generator().manual_seed(2))


@pytest.fixture(scope="module")
def result(layer, x):
    with torch.no_grad():
        return layer(x)[0]


@pytest.fixture(scope="module")
def html(layer, x):
    return tilewise.see(layer, x, at=(2, 2)).html()


def value(page):
    return page.inner_text("output.value")


def played(page, steps):
    """The first values that playing showed and when, in ms, as the page kept them: a busy machine may look too late."""
    page.evaluate(
        """() => { window.walk = [];
          new MutationObserver(() => {
            const shown = document.querySelector("output.value")?.textContent;
            if (shown && shown !== walk.at(-1)?.shown) walk.push({ shown, at: performance.now() });
          }).observe(document.body, { subtree: true, childList: true, characterData: true });
        }"""
    )
    page.get_by_role("button", name="Play").click()
    for _ in range(200):
        if page.evaluate("walk.length") >= steps:
            break
        page.wait_for_timeout(100)
    page.get_by_role("button", name="Pause").click()
    walk = page.evaluate("walk")[:steps]
    return [step["shown"] for step in walk], [step["at"] for step in walk]


def test_arrow_keys_move_the_window(html, result, tmp_path):
    with opened(html, tmp_path) as page:
        page.locator("[data-plane=output]").focus()
        walk = {"ArrowRight": (2, 3), "ArrowDown": (3, 3), "ArrowLeft": (3, 2), "ArrowUp": (2, 2)}
        for key, (r, c) in (walk | {"Home": (2, 0), "End": (2, 5)}).items():
            page.keyboard.press(key)
            assert value(page) == written(result[0, r, c].item())
        page.keyboard.press("ArrowRight")  # the edge holds
        assert value(page) == written(result[0, 2, 5].item())
        page.keyboard.press("PageDown")
        assert value(page) == written(result[1, 2, 5].item())
        said = page.inner_text("[aria-live=polite]")
        assert "of filter 1" in said and written(result[1, 2, 5].item()) in said and "18 products" in said
        label = page.get_attribute("[data-plane=output]", "aria-label")
        assert "Arrow keys" in label and written(result[1, 2, 5].item()) in label


def test_dragging_over_the_output_and_the_input(html, result, tmp_path):
    with opened(html, tmp_path) as page:
        box = page.locator("[data-plane=output] canvas").bounding_box()

        def at(r, c):
            return box["x"] + box["width"] * (c + 0.5) / 6, box["y"] + box["height"] * (r + 0.5) / 6

        page.mouse.move(*at(0, 0))
        page.mouse.down()
        assert value(page) == written(result[0, 0, 0].item())
        page.mouse.move(*at(4, 5), steps=4)
        page.mouse.up()
        assert value(page) == written(result[0, 4, 5].item())
        page.mouse.move(*at(1, 1))
        assert value(page) == written(result[0, 4, 5].item())
        box = page.locator("[data-plane=input] canvas").bounding_box()
        # the input is held with its padding: 13 rows from -1 to 11; the window of output (1, 2) is centred on (2, 4)
        page.mouse.click(box["x"] + box["width"] * 5.5 / 13, box["y"] + box["height"] * 3.5 / 13)
        assert value(page) == written(result[0, 1, 2].item())


def test_choosing_filters_and_channels_of_a_grouped_layer(html, result, tmp_path):
    with opened(html, tmp_path) as page:
        assert page.get_by_label("Channel", exact=True).locator("option").all_inner_texts() == ["0 of 4", "1 of 4"]
        page.get_by_label("Filter", exact=True).select_option("4")
        assert value(page) == written(result[4, 2, 2].item())
        assert page.get_by_label("Channel", exact=True).locator("option").all_inner_texts() == ["2 of 4", "3 of 4"]
        page.get_by_role("button", name="Next channel").click()
        assert "channel 3" in page.inner_text("figure.input figcaption")
        assert {t["channel"] for t in page.evaluate(READ)["tables"]} == {2, 3}


def test_playing_walks_over_the_output_and_stops(html, result, tmp_path):
    with opened(html, tmp_path) as page:
        shown, _ = played(page, 4)
        assert shown == [written(v.item()) for v in result[0].flatten()[15:19]]
        still = value(page)
        page.wait_for_timeout(700)
        assert value(page) == still
        page.get_by_role("button", name="Step back").click()
        assert value(page) != still


def test_padding_stride_and_dilation_are_drawn(tmp_path):
    layer = nn.Conv2d(1, 1, 3, padding=2, stride=3, dilation=2)
    with opened(tilewise.see(layer, (1, 1, 13, 13), at=(0, 0)).html(), tmp_path) as page:
        count = page.locator("[data-plane=input] rect[fill^='url(#tw-hatch']").count
        assert count() == 4
        assert page.locator("[data-plane=input] .mark").count() == 9
        assert page.locator("[data-plane=input] .span").count() == 1
        assert page.locator("[data-plane=input] .ghost").count() == 1
        assert page.locator("[data-plane=input] .tick").count() >= 6
        boxes = page.eval_on_selector_all(
            "[data-plane=input] .mark", "e => e.map(r => [+r.getAttribute('x'), +r.getAttribute('y')])"
        )
        assert boxes == [[x, y] for y in (0, 20, 40) for x in (0, 20, 40)]
        assert page.locator("td.padded").count() == 5


def test_a_transposed_layer_scatters(tmp_path):
    torch.manual_seed(1)
    layer, x = nn.ConvTranspose2d(2, 2, 3, stride=2), torch.randn(1, 2, 4, 4)
    with torch.no_grad():
        result = layer(x)[0]
    with opened(tilewise.see(layer, x).html(), tmp_path) as page:
        page.locator("[data-plane=input]").focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        heading = page.inner_text(".scatter .about")
        r, c = (int(v) for v in heading.split("[")[1].split("]")[0].split(", ")[1:])
        assert written(x[0, 0, r, c].item()) in heading
        cells = page.locator(".scatter td").all_inner_texts()
        w = layer.weight[0, 0].detach()
        assert len(cells) == 9
        for i, text in enumerate(cells):
            where, shown = text.split("\n")
            assert where == f"to {2 * r + i // 3}, {2 * c + i % 3}"
            assert shown == written(float(x[0, 0, r, c].double() * w.reshape(-1)[i].double()))
        page.evaluate("document.querySelector('.tilewise').view.stamp([0, 3, 3], 15)")  # as played to the end
        partial = page.evaluate("[...document.querySelector('.tilewise').view.partial()]")
        torch.testing.assert_close(torch.tensor(partial), result[0].flatten().double().float(), rtol=1e-5, atol=1e-5)
        page.get_by_role("button", name="Play").click()
        page.get_by_text("so far").wait_for()
        page.get_by_role("button", name="Pause").click()


def test_volumes_are_shown_in_slices(tmp_path):
    torch.manual_seed(1)
    layer, x = nn.Conv3d(2, 2, (3, 2, 2), padding=(1, 0, 0)), torch.randn(1, 2, 5, 4, 4)
    with torch.no_grad():
        result = layer(x)[0]
    with opened(tilewise.see(layer, x, at=(0, 1, 1)).html(), tmp_path) as page:
        page.get_by_label("Output slice", exact=True).select_option("3")
        assert value(page) == written(result[0, 3, 1, 1].item())
        page.get_by_label("Kernel slice", exact=True).select_option("2")
        assert "slice 4" in page.inner_text("figure.input figcaption")


def test_one_scale_for_all_or_one_each(html, tmp_path):
    with opened(html, tmp_path) as page:
        assert page.locator(".legend .marks").count() == 1
        page.get_by_label("one scale for all planes").uncheck()
        assert page.locator(".legend .marks").count() == 3
        assert "input from" in page.get_attribute(".legend", "aria-label")


def test_a_64_channel_224_layer_is_cropped_and_stays_under_three_megabytes(tmp_path):
    layer, x = nn.Conv2d(64, 64, 3, padding=1), torch.randn(1, 64, 224, 224)
    html = tilewise.see(layer, x).html()
    assert len(html.encode()) < 3_000_000
    with opened(html, tmp_path) as page:
        assert "Cropped" in page.inner_text(".notes")
        assert page.locator(".overview canvas").count() == 2
        assert page.locator(".chips button").count() == 64
        page.locator(".chips button").nth(40).click()
        assert "channel 40" in page.inner_text("figure.input figcaption")


def test_names_roles_and_focus(html, tmp_path):
    with opened(html, tmp_path) as page:
        nameless = page.evaluate(
            """() => [...document.querySelectorAll('button, select, input, [tabindex], [role]')].filter(e =>
                 !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).map(e => e.outerHTML)"""
        )
        assert nameless == []
        assert page.get_attribute("html", "lang") == "en"
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"


def test_reduced_motion_is_respected(html, tmp_path):
    with opened(html, tmp_path, motion="reduce") as page:
        _, (first, second) = played(page, 2)
        assert second - first > 900  # one step in a second and a half, not in half a second


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_follows_the_system(html, tmp_path, theme):
    with opened(html, tmp_path, theme=theme) as page:
        assert page.get_attribute(".tilewise", "data-theme") == theme
        page.emulate_media(color_scheme="dark" if theme == "light" else "light")
        page.wait_for_selector(f".tilewise:not([data-theme={theme}])")


@pytest.mark.parametrize("width", [360, 768, 1600])
@pytest.mark.parametrize(
    "kind", ["layer", "sequence", "long", "large", "volume", "network", "playground", "transposed"]
)
def test_nothing_is_wider_than_the_window(kind, width, tmp_path):
    figures = {
        "layer": lambda: tilewise.see(nn.Conv2d(16, 4, 5), (1, 16, 40, 40)),
        "sequence": lambda: tilewise.see(nn.Conv1d(2, 4, 9), (1, 2, 200)),
        "long": lambda: tilewise.see(nn.Conv1d(1, 1, 600), (1, 1, 9000)),
        "large": lambda: tilewise.see(nn.Conv2d(2, 2, 31, padding=15, groups=2), (1, 2, 40, 40)),
        "volume": lambda: tilewise.see(nn.Conv3d(1, 2, 3), (1, 1, 6, 9, 9)),
        "network": lambda: tilewise.see(
            nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 20, 3)), (1, 1, 30, 30)
        ),
        "playground": lambda: tilewise.see(),
        "transposed": lambda: tilewise.see(nn.ConvTranspose2d(3, 2, 4, stride=3), (1, 3, 9, 9)),
    }
    with opened(figures[kind]().html(), tmp_path, width=width) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_names_stay_text(tmp_path):
    class Net(nn.Sequential):
        pass

    Net.__name__ = "</script><img src=x onerror=alert(1)><!--"
    model = Net(nn.Conv2d(1, 1, 3))
    figure = tilewise.see(model, torch.rand(1, 1, 5, 5), measure=False)
    figure.scene["input"]["name"] = "<b>&quot;</script>"
    with opened(figure.html(), tmp_path) as page:
        assert page.inner_text("h1") == Net.__name__
        assert page.locator("img").count() == 0
        assert page.inner_text("aside figcaption b") == "<b>&quot;</script>"
    assert "<img" not in figure.svg()
    json.dumps(figure.scene)
