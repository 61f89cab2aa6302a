"""A scene as one self-contained page: nothing but this file, and a content policy that tells the browser so."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from tilewise.pictures import palette

_BODY = "body{margin:0}body .tilewise{padding:clamp(18px,4vw,52px);min-height:100vh;max-width:1320px;margin:0 auto}"


@cache
def module() -> str:
    """The ES module that draws a scene, for page and notebook alike."""
    return files("tilewise.pictures").joinpath("assets/see.js").read_text("utf-8")


@cache
def stylesheet() -> str:
    """The style of every picture in a browser, colours first."""
    hatch = {"light": "rgb(0 0 0 / 25%)", "dark": "rgb(255 255 255 / 28%)"}
    blocks = []
    for theme, ink in palette.INK.items():
        names = "".join(f"--{name}:{colour};" for name, colour in ink.items())
        blocks.append(f".tilewise[data-theme={theme}]{{{names}--hatch:{hatch[theme]};color-scheme:{theme}}}")
    return "\n".join(blocks) + "\n" + files("tilewise.pictures").joinpath("assets/see.css").read_text("utf-8")


def colours() -> dict[str, Any]:
    """The palette as see.js takes it."""
    return {"scale": palette.for_page()}


def _in_script(data: Any) -> str:
    # Inside <script>, only "</" and "<!--" could end the block early.
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def page(scene: dict[str, Any], *, serving: bool = False) -> str:
    """The HTML text. `serving` allows the page to speak to the server that it came from, and nothing else."""
    boot = 'mount(document.getElementById("see"),JSON.parse(document.getElementById("scene").textContent),'
    script = f"{module()}\n{boot}{_in_script(colours())},1);\n"
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    speaks_to = "'self'" if serving else "'none'"
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data: blob:; "
        f"connect-src {speaks_to}; base-uri 'none'; form-action 'none'"
    )
    grounds = "".join(
        f"@media(prefers-color-scheme:{theme}){{html{{background:{ink['paper']}}}}}"
        for theme, ink in palette.INK.items()
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(scene['title'])} · Tilewise</title>\n"
        f"<style>{grounds}{_BODY}\n{stylesheet()}</style>\n</head>\n<body>\n"
        '<main id="see"></main>\n'
        "<noscript>This picture needs JavaScript; everything in it is in this file.</noscript>\n"
        f'<script type="application/json" id="scene">{_in_script(scene)}</script>\n'
        f'<script type="module">{script}</script>\n</body>\n</html>\n'
    )
