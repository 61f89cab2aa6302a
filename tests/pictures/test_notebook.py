"""A figure in notebooks: its outputs by type, and really shown by a JupyterLab that this test starts."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import torch
from torch import nn

import tilewise
from tests.pictures.browser import needs_browser, opened
from tilewise.pictures.numbers import written

VIEW = "application/vnd.jupyter.widget-view+json"

needs_lab = pytest.mark.skipif(
    importlib.util.find_spec("jupyterlab") is None, reason="JupyterLab is not installed: pip install jupyterlab"
)


@pytest.fixture(scope="module")
def figure():
    torch.manual_seed(0)
    return tilewise.see(nn.Conv2d(1, 2, 3), torch.rand(1, 1, 6, 6))


def test_an_output_has_the_widget_and_a_picture_for_everywhere_else(figure):
    data, _ = figure._repr_mimebundle_()
    assert set(data) == {VIEW, "image/svg+xml", "text/plain"}
    assert data["image/svg+xml"].startswith("<svg") and "Conv2d" in data["text/plain"]
    assert json.loads(figure.widget().scene) == figure.scene


def test_without_anywidget_the_picture_remains(figure, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    assert set(figure._repr_mimebundle_()) == {"image/svg+xml", "text/plain"}
    with pytest.raises(tilewise.errors.TilewiseError, match=r"pip install 'tilewise\[notebook\]'"):
        figure.widget()


CODE = (
    "import torch, tilewise\n"
    "torch.manual_seed(0)\n"
    "tilewise.see(torch.nn.Conv2d(1, 2, 3), torch.rand(1, 1, 6, 6), at=(1, 1))"
)


@pytest.fixture
def lab(tmp_path):
    """A JupyterLab with nothing of the user's, on a notebook of one cell; gives its address and the notebook."""
    import anywidget

    book = tmp_path / "book.ipynb"
    cell = {"cell_type": "code", "id": "a", "execution_count": None, "metadata": {}, "outputs": [], "source": CODE}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    book.write_text(json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{n}_DIR": str(tmp_path / n.lower()) for n in ("CONFIG", "DATA", "RUNTIME")}
    # The widget's front end is installed beside anywidget, which may be another prefix than JupyterLab's.
    shared = Path(anywidget.__file__).parents[4] / "share" / "jupyter"
    environment = os.environ | own | {"JUPYTER_PATH": str(shared), "IPYTHONDIR": str(tmp_path / "ipython")}
    environment["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--IdentityProvider.token=t", "--allow-root", f"--ServerApp.root_dir={tmp_path}"]
    command += ["--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    log = (tmp_path / "lab.log").open("w")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=tmp_path)
    address = f"http://127.0.0.1:{port}/lab/tree/book.ipynb?token=t"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token=t", timeout=2).close()
                break
            except OSError:
                assert server.poll() is None, (tmp_path / "lab.log").read_text()
                time.sleep(0.5)
        yield address, book
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def saved_outputs(book):
    """The outputs of the notebook's cell; none while its file is being written, when it reads as empty or cut."""
    try:
        return json.loads(book.read_text())["cells"][0]["outputs"]
    except json.JSONDecodeError:
        return []


@needs_browser
@needs_lab
def test_in_jupyterlab_the_widget_appears_and_the_saved_notebook_has_the_picture(lab):
    address, book = lab
    torch.manual_seed(0)
    layer, x = nn.Conv2d(1, 2, 3), torch.rand(1, 1, 6, 6)
    with torch.no_grad():
        result = layer(x)[0]
    with opened(address, ready=".jp-Notebook .jp-Cell", patience=60_000) as page:
        page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()
        page.locator(".jp-Notebook .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        shown = page.locator(".tilewise output.value").first
        shown.wait_for(timeout=60_000)
        assert shown.inner_text() == written(result[0, 1, 1].item())
        page.locator("[data-plane=output]").first.focus()
        page.keyboard.press("ArrowRight")
        assert shown.inner_text() == written(result[0, 1, 2].item())
        page.keyboard.press("Control+s")
        for _ in range(60):
            outputs = saved_outputs(book)
            if outputs:
                break
            page.wait_for_timeout(250)
        page.complaints.clear()  # JupyterLab's own remarks are not ours
    (output,) = outputs
    assert {VIEW, "image/svg+xml", "text/plain"} <= set(output["data"])
    svg = "".join(output["data"]["image/svg+xml"])
    assert svg.startswith("<svg") and f"= {written(result[0, 1, 1].item())}" in svg
