"""The pages as they look, at three widths in light and dark, against references that were looked at.

Compared coarsely (a quarter of the size), so that another version of a font or browser passes and a lost plane,
a wrong colour or a broken layout does not. TILEWISE_UPDATE_REFERENCES=1 writes new ones: look at them.
"""

import io
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

import tilewise
from tests.pictures.browser import needs_browser, opened
from tests.pictures.models import Residual

REFERENCES = Path(__file__).parent / "references"
HEIGHT, SHRINK, BLOCK = 1000, 4, 25
# Mean difference, as a share of white: of the whole page, and of any one block of it.
OVERALL, IN_A_BLOCK = 0.015, 0.12


def layer():
    torch.manual_seed(0)
    return tilewise.see(nn.Conv2d(3, 4, 3, padding=1, stride=2), torch.rand(1, 3, 11, 11), at=(2, 3))


def transposed():
    torch.manual_seed(0)
    return tilewise.see(nn.ConvTranspose2d(2, 2, 3, stride=2, padding=1), torch.rand(1, 2, 5, 5))


def network():
    torch.manual_seed(0)
    ramp = torch.linspace(0, 1, 32)
    image = (torch.sin(9 * ramp[:, None] * ramp) * 0.5 + 0.5)[None, None]
    return tilewise.see(Residual(), image, measure=False)


def playground():
    figure = tilewise.see("Conv2d(1, 2, 3, padding=1)")
    figure.scene["samples"] = figure.scene["samples"][-1:]  # the test pattern, there on every machine
    figure.scene["notes"] = []
    return figure


@needs_browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 820, 1280])
@pytest.mark.parametrize("make", [layer, transposed, network, playground], ids=lambda f: f.__name__)
def test_pages_look_as_they_were_approved(make, width, theme, tmp_path):
    with opened(make().html(), tmp_path, width=width, height=HEIGHT, theme=theme) as page:
        page.wait_for_timeout(150)
        shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    small = shot.resize((width // SHRINK, HEIGHT // SHRINK), Image.Resampling.BOX)
    file = REFERENCES / f"{make.__name__}-{width}-{theme}.png"
    if os.environ.get("TILEWISE_UPDATE_REFERENCES"):
        REFERENCES.mkdir(exist_ok=True)
        small.save(file, optimize=True)
    assert file.is_file(), f"no reference {file.name}: set TILEWISE_UPDATE_REFERENCES=1, then look at what it wrote"
    reference = np.asarray(Image.open(file).convert("RGB"), np.float32)
    difference = np.abs(np.asarray(small, np.float32) - reference).mean(2) / 255
    rows, columns = (n // BLOCK for n in difference.shape)
    blocks = difference[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK).mean((1, 3))
    if difference.mean() > OVERALL or blocks.max() > IN_A_BLOCK:
        shot.save(tmp_path / "seen.png")
        worst = np.unravel_index(blocks.argmax(), blocks.shape)
        pytest.fail(
            f"{file.name}: {difference.mean():.3f} off on average (at most {OVERALL}), {blocks.max():.3f} in the block "
            f"{worst} (at most {IN_A_BLOCK}); what was seen is {tmp_path / 'seen.png'}"
        )
