"""The error of AMX arithmetic at `highest`, on layers of the benchmark table, against PyTorch's float32."""

import pytest
from bench.accuracy import cut, errors
from bench.table import layers

# One of each kind, long sums first.
LAYERS = ["resnet50_s4_3x3", "resnet50_s4_reduce", "resnet50_s1_3x3", "resnet50_stem", "diffusion_320_64",
          "inception_1x7", "unet_up_128", "tcn_256_d4", "video_3x3x3_64"]  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
def test_highest_is_as_exact_as_pytorch(name, monkeypatch):
    monkeypatch.setenv("TILEWISE_ISA", "amx-emulated")
    layer = cut(next(layer for layer in layers() if layer.name == name), 7)
    for found in errors(layer, "highest", "amx", "amx_weights"):
        assert found.ratio <= 1.5, found


def test_high_keeps_about_sixteen_bits(monkeypatch):
    monkeypatch.setenv("TILEWISE_ISA", "amx-emulated")
    layer = cut(next(layer for layer in layers() if layer.name == "resnet50_s2_3x3"), 7)
    for found in _products(errors(layer, "high", "amx", "amx_weights")):
        assert 1e-6 < found.tilewise < 1e-5, found
    for found in _products(errors(layer, "medium", "amx", "amx_weights")):
        assert 1e-3 < found.tilewise < 5e-3, found


def _products(found):
    """Bias gradients are sums of no products: the levels do not concern them."""
    return [one for one in found if one.direction != "bias gradient"]
