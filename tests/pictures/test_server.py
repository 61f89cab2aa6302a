"""The live page: only on this machine, only for itself, only images; and what a person does with it."""

import http.client
import io
import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from tests.pictures.browser import needs_browser, opened
from tests.pictures.models import Residual
from tests.pictures.test_page_numbers import READ
from tilewise.pictures.numbers import written
from tilewise.pictures.seeing import session_of
from tilewise.pictures.server import serve_playground, serve_session


def png(seed, size=(20, 20)):
    data = io.BytesIO()
    rng = np.random.default_rng(seed)
    Image.fromarray(rng.integers(0, 255, size, np.uint8)).save(data, "PNG")
    return data.getvalue()


@pytest.fixture(scope="module")
def session():
    torch.manual_seed(0)
    return session_of(Residual().eval(), torch.rand(1, 1, 20, 20), measure=False)


@pytest.fixture(scope="module")
def live(session):
    served = serve_session(session, most_bytes=200_000).start()
    yield served
    served.close()


def send(live, method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=20)
    try:
        connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers
    finally:
        connection.close()


def test_it_listens_on_this_machine_only(live):
    assert live.server.server_address[0] == "127.0.0.1"


def test_a_dropped_image_is_run_through_the_model(live, session):
    status, text, _ = send(live, "POST", "/image", png(1), X_Name="scan%20one.png")
    scene = json.loads(text)
    assert status == 200 and scene["input"]["name"] == "scan one.png"
    pixels = torch.from_numpy(np.array(Image.open(io.BytesIO(png(1))))).float()[None, None] / 255
    assert torch.equal(session.tensor, pixels)


def test_an_image_of_another_size_is_resized(live, session):
    status, _, _ = send(live, "POST", "/image", png(2, (33, 47)))
    assert status == 200 and session.tensor.shape == (1, 1, 20, 20)


def test_any_cell_can_be_asked_for(live, session):
    body = json.dumps({"convolution": 1, "filter": 3, "cell": [5, 6]})
    status, text, _ = send(live, "POST", "/cell", body)
    assert status == 200 and json.loads(text)["start"] == {"filter": 3, "channel": 0, "cell": [5, 6]}


@pytest.mark.parametrize(
    "method, path, body, headers, status, words",
    [
        ("GET", "/etc/passwd", None, {}, 404, "only one page"),
        ("GET", "/../../etc/passwd", None, {}, 404, "only one page"),
        ("POST", "/else", b"x", {}, 404, "posted to /image"),
        ("GET", "/", None, {"Host": "evil.example"}, 403, "only to itself"),
        ("POST", "/image", png(1), {"Host": "evil.example:80"}, 403, "only to itself"),
        ("POST", "/image", png(1), {"Origin": "https://evil.example"}, 403, "only to itself"),
        ("POST", "/image", b"\x80\x04\x95cos\nsystem\n", {}, 422, "not an image"),
        ("POST", "/image", b"PK\x03\x04" + b"\0" * 99, {}, 422, "not an image"),
        ("POST", "/image", b"#!/usr/bin/python\nprint(1)", {}, 422, "not an image"),
        ("POST", "/image", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, {}, 422, "cannot be decoded"),
        ("POST", "/image", b"\0" * 128 + b"DICM" + b"\xff" * 99, {}, 422, "cannot be decoded"),
        ("POST", "/image", b"", {}, 422, "not an image"),
        ("POST", "/cell", b"[]", {}, 400, "whole numbers"),
        ("POST", "/cell", b'{"convolution": "0", "filter": 0, "cell": []}', {}, 400, "whole numbers"),
        ("POST", "/cell", b'{"convolution": 99, "filter": 0, "cell": [0, 0]}', {}, 422, "not one of"),
        ("POST", "/cell", b'{"convolution": 0, "filter": 0, "cell": [999, 0]}', {}, 422, "not a cell"),
    ],
)
def test_everything_else_is_refused_with_a_sentence(live, method, path, body, headers, status, words):
    got, text, _ = send(live, method, path, body, **headers)
    assert got == status and words in text


def test_a_file_over_the_limit_is_refused_unread(live):
    got, text, _ = send(live, "POST", "/image", None, Content_Length="999999999")
    assert got == 413 and "1000.0 MB" in text and "0.2 MB" in text
    got, text, _ = send(live, "POST", "/image", None, Content_Length="many")
    assert got == 411


def test_a_model_that_raises_is_answered(live):
    served = serve_session(session_of(nn.Conv2d(1, 2, 9), torch.rand(1, 1, 20, 20))).start()
    try:
        served.look_at = lambda image: (_ for _ in ()).throw(RuntimeError("no"))
        status, text, _ = send(served, "POST", "/image", png(1))
        assert status == 422 and "RuntimeError: no" in text
    finally:
        served.close()


@needs_browser
def test_dropping_images_in_a_browser(live, session, tmp_path):
    with opened(live.address, ready=".tilewise .drawn") as page:
        page.locator("input[type=file]").set_input_files(
            {"name": "mine.png", "mimeType": "image/png", "buffer": png(7)}
        )
        page.get_by_text("Showing mine.png").wait_for()
        drop(page, png(8), "other.png")
        page.get_by_text("Showing other.png").wait_for()
        assert page.inner_text("aside figcaption b") == "other.png"
        page.locator("li.convolution .map").first.click()
        with torch.no_grad():
            real = session.module.stem(session.tensor)
        shown = page.evaluate(READ)
        assert shown["value"] in {written(v) for v in real[0, 0].flatten().tolist()}
        drop(page, b"<script>alert(1)</script>", "<img src=x onerror=alert(1)>.png")
        page.locator(".refused").wait_for()
        assert "is not an image that can be read" in page.inner_text(".said")
        assert page.inner_text("aside figcaption b") == "other.png"
        page.complaints[:] = [c for c in page.complaints if "422" not in c]  # Chromium notes the refusal itself
        drop(page, b"\x89PNG" + b"\0" * 300_000, "large.png")
        page.get_by_text("large.png has 0.3 MB; at most 0.2 MB are taken.").wait_for()


def drop(page, data, name):
    page.evaluate(
        """([bytes, name]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], name));
            const event = new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true});
            document.querySelector('.tilewise').dispatchEvent(event);
        }""",
        [list(data), name],
    )


@needs_browser
def test_cells_that_are_not_in_the_page_are_asked_for(tmp_path):
    torch.manual_seed(3)
    model = nn.Sequential(*[nn.Conv2d(n, 96, 3, padding=1) for n in (1, 96, 96, 96)])
    session = session_of(model, torch.rand(1, 1, 64, 64), measure=False)
    served = serve_session(session).start()
    try:
        with opened(served.address, ready=".tilewise .drawn") as page:
            maps = page.locator("li.convolution").nth(1).locator(".map")
            maps.nth(5).scroll_into_view_if_needed()
            box = maps.nth(5).locator("canvas").first.bounding_box()
            page.mouse.click(box["x"] + box["width"] * 0.5 / 64, box["y"] + box["height"] * 0.5 / 64)
            page.locator(".place output.value").wait_for()
            with torch.no_grad():
                real = model[:2](session.tensor)[0, 5, 0, 0].item()
            assert page.evaluate(READ)["value"] == written(real)
    finally:
        served.close()


@needs_browser
def test_a_cropped_layer_can_be_walked_as_a_whole():
    torch.manual_seed(3)
    layer, x = nn.Conv2d(64, 64, 3, padding=1), torch.rand(1, 64, 224, 224)
    with torch.no_grad():
        real = layer(x)[0]
    served = serve_session(session_of(layer, x)).start()
    try:
        with opened(served.address) as page:
            whole = page.locator(".overview .whole").nth(1)
            box = whole.bounding_box()
            whole.click(position={"x": box["width"] * 0.98, "y": box["height"] * 0.98})
            page.locator(".sum .about", has_text="output[0, 2").wait_for()
            r, c = page.evaluate("document.querySelector('.tilewise').view.cell")[1:]
            assert page.inner_text("output.value") == written(real[0, r, c].item())
            first = page.evaluate("document.querySelector('.tilewise').view.layer.output.origin[2]")
            page.evaluate(f"document.querySelector('.tilewise').view.set({{cell: [0, {r}, {first}]}})")
            page.locator("[data-plane=output]").focus()
            page.keyboard.press("ArrowLeft")  # over the edge of what the page holds
            page.locator(".sum .about", has_text=f"output[0, {r}, {first - 1}]").wait_for()
            assert page.inner_text("output.value") == written(real[0, r, first - 1].item())
    finally:
        served.close()


@needs_browser
def test_the_playground_takes_a_dropped_image():
    served = serve_playground(None).start()
    try:
        with opened(served.address, ready=".tilewise .playground output.value") as page:
            drop(page, png(4, (16, 16)), "mine.png")
            page.get_by_text("Showing mine.png").wait_for()
            assert page.get_by_label("Image", exact=True).input_value() == "0"
            assert page.inner_text(".output-size") == "1 × 1 × 16 × 16"
    finally:
        served.close()
