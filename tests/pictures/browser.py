"""A real Chromium for the tests of this folder: found on the system, started once a test process.

Pages are opened with every request watched: one that would leave the machine fails the test, and so does anything
written to the console as an error.
"""

import functools
import os
import shutil
from contextlib import contextmanager

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-device-scale-factor=1",
    "--font-render-hinting=none",
)
MISSING = (
    "browser tests left out: no Chrome or Chromium found; install one (Debian: apt-get install chromium) "
    "or name it in TILEWISE_CHROMIUM"
)


@functools.cache
def executable() -> str | None:
    named = os.environ.get("TILEWISE_CHROMIUM")
    return named or next((path for name in _NAMES if (path := shutil.which(name))), None)


needs_browser = pytest.mark.skipif(executable() is None, reason=MISSING)


@functools.cache
def _chromium():
    from playwright.sync_api import sync_playwright

    return sync_playwright().start().chromium.launch(executable_path=executable(), args=_ARGUMENTS)


@contextmanager
def opened(
    url_or_html: str,
    tmp_path=None,
    *,
    width=1280,
    height=900,
    theme="light",
    motion="no-preference",
    ready=None,
    patience=20_000,
):
    """A page at an address, or with HTML written to `tmp_path`; yields it and checks what it did."""
    complaints: list[str] = []
    context = _chromium().new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion=motion
    )
    page = context.new_page()
    page.set_default_timeout(patience)
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("request", lambda r: _local(r.url) or complaints.append(f"request to {r.url}"))
    page.complaints = complaints
    try:
        if "<" in url_or_html:
            file = tmp_path / "figure.html"
            file.write_text(url_or_html, "utf-8")
            url_or_html = file.as_uri()
        page.goto(url_or_html)
        page.wait_for_selector(ready or ".tilewise .drawn, .tilewise output.value")
        yield page
        assert complaints == []
    finally:
        context.close()


def _local(url: str) -> bool:
    return url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:", "ws://127.0.0.1:", "about:"))
