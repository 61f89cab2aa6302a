"""Products of bfloat16 pairs: which weights make a pair, how far the results are from float64, and who is refused."""

import numpy as np
import pytest
import torch
from bench.accuracy import cut
from bench.table import layers
from hypothesis import given
from hypothesis import strategies as st

import tilewise
from tests.support.accuracy import assert_accurate, assert_exact
from tests.support.convolutions import Setting
from tests.support.isa import available_levels, capped
from tests.support.layouts import lay_out
from tests.support.strategies import bounded
from tilewise import algorithms
from tilewise.algorithms import registry
from tilewise.algorithms.dot import dot, dot_weights
from tilewise.algorithms.dot.pair_filters import PairTerms
from tilewise.torch_ops import dispatch

LAYERS = ["medical_conv2", "gray_512_conv1", "resnet50_stem", "resnet50_s4_3x3", "resnet50_s4_reduce",
          "resnet50_s3_3x3_s2", "unet_up_128", "tcn_256_d4", "conv1d_long_filter", "video_3x3x3_64"]  # fmt: skip


def needs_pairs():
    if "avx512-bf16" not in available_levels():
        pytest.skip("this CPU has no VDPBF16PS")


@pytest.mark.parametrize("channels_last", [False, True], ids=["planes", "channels_last"])
@pytest.mark.parametrize("name", LAYERS)
def test_all_passes_lie_within_a_bfloat16_step(name, channels_last):
    needs_pairs()
    layer = cut(next(layer for layer in layers() if layer.name == name), 14)
    torch.manual_seed(0)
    x, w, b = layer.tensors(torch.bfloat16, channels_last)
    exact = torch.convolution(x.double(), w.double(), b.double(), *layer.parameters)
    g = torch.randn_like(exact).bfloat16()
    backward = torch.ops.aten.convolution_backward
    mask = [True, True, False]
    right = (exact, *backward(g.double(), x.double(), w.double(), None, *layer.parameters, mask)[:2])
    with capped("avx512-bf16"), tilewise.enabled():
        before = dispatch.counts()["native"]
        with algorithms.only("dot"):
            y = torch.convolution(x, w, b, *layer.parameters)
            gx = backward(g, x, w, None, *layer.parameters, [True, False, False])[0]
        with algorithms.only("dot_weights"):
            gw = backward(g, x, w, None, *layer.parameters, [False, True, False])[1]
        assert dispatch.counts()["native"] == before
    for actual, reference in zip((y, gx, gw), right, strict=True):
        assert_accurate(actual, reference, name)


@pytest.mark.parametrize("channels_last", [False, True], ids=["planes", "channels_last"])
@pytest.mark.parametrize("padding", [0, 1])
def test_images_in_shares_give_the_same_numbers(channels_last, padding, monkeypatch):
    """Large copies are made and used a few images at a time: here one, two and all of five."""
    needs_pairs()
    monkeypatch.setenv("TILEWISE_ISA", "avx512-bf16")
    # Other numbers of images, so that each call is planned anew.
    for images, near in ((5, 1), (7, 5000), (3, 1 << 20)):
        setting = Setting((9, 11), (3, 3), images, 6, 40, padding=(padding, padding), dtype=torch.bfloat16)
        x, w, b, gy = setting.integers()
        x, gy = (lay_out(t, "channels_last" if channels_last else "contiguous") for t in (x, gy))
        right = setting.expected(x, w, b, gy)
        for module in (dot, dot_weights):
            monkeypatch.setattr(module, "_NEAR_BYTES", near)
        for name, passes in (("dot", ("output", "input gradient")), ("dot_weights", ("weight gradient",))):
            with tilewise.enabled(), algorithms.only(name):
                found = setting.passes(x, w, b, gy)
            for what in passes:
                assert_exact(found[what], right[what], f"{what}, {images} images, {near} bytes near")
    registry._choose.cache_clear()


@st.composite
def _terms(draw):
    """Pairs of a weight tensor's elements, in any order."""
    channels, taps = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    dense = draw(st.sampled_from(("channels", "taps", "neither")))
    channel, tap = (2, 2 * channels) if dense == "channels" else (2 * taps, 2)
    if dense == "neither":
        channel, tap = 6, 6 * channels
    offsets = (np.arange(channels) * channel)[:, None] + np.arange(taps) * tap
    if draw(st.booleans()):  # along channels, else along all of them
        pairs = [(offsets[c, t], offsets[c + 1, t] if c + 1 < channels else -1)
                 for t in range(taps) for c in range(0, channels, 2)]  # fmt: skip
    else:
        flat = offsets.T.ravel()
        pairs = [(flat[i], flat[i + 1] if i + 1 < len(flat) else -1) for i in range(0, len(flat), 2)]
    lane = draw(st.sampled_from((2, 2 * channels * taps)))
    first, second = np.array(pairs, np.int64).T
    return PairTerms(first, second, lane, 0)


def test_runs_name_every_element_once():
    @bounded(200, "runs of pairs")
    @given(terms=_terms())
    def holds(terms):
        runs, numbers = terms.runs()
        step = 4 if terms.mode == "whole" else 2
        first, second = np.full(len(terms.first), -2), np.full(len(terms.first), -2)
        for offset, gap, pairs, elements, place in runs:
            assert pairs == 1 or terms.mode != "rows"
            for i in range(pairs):
                number = numbers[place + i]
                first[number] = offset + step * i
                alone = 2 * i + 1 == elements if terms.mode == "whole" else gap % 2 == 1
                second[number] = -1 if alone else first[number] + (2 if terms.mode == "whole" else gap)
        assert np.array_equal(first, terms.first)
        assert np.array_equal(second, terms.second)

    holds()


@pytest.mark.parametrize(
    ("level", "dtype", "words"),
    [("avx512-bf16", torch.float32, "these are float32"), ("avx512", torch.bfloat16, "generated for avx512")],
)
def test_refusals_say_why(level, dtype, words):
    if level not in available_levels():
        pytest.skip(f"this CPU has no {level}")
    with capped(level):
        told = tilewise.explain(torch.nn.Conv2d(8, 8, 3, dtype=dtype), (1, 8, 9, 9))
    for name in ("dot", "dot_weights"):
        assert words in str(told.to_dict() if hasattr(told, "to_dict") else told), name


@pytest.mark.parametrize("channels_last", [False, True], ids=["planes", "channels_last"])
@pytest.mark.parametrize(
    ("channels", "size", "dilation", "groups"), [(40, 33, 12, 1), (33, 21, 7, 1), (64, 25, 6, 2), (32, 17, 1, 1)]
)
def test_taps_that_read_only_padding_are_left_out(channels, size, dilation, groups, channels_last):
    needs_pairs()
    torch.manual_seed(size)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    x = torch.randint(-2, 3, (2, channels, size, size)).bfloat16().to(memory_format=layout)
    w = torch.randint(-1, 2, (36, channels // groups, 3, 3)).bfloat16()
    b = torch.randint(-2, 3, (36,)).bfloat16()
    gy = torch.randint(-1, 2, (2, 36, size, size)).bfloat16().to(memory_format=layout)
    rest = ([1, 1], [dilation, dilation], [dilation, dilation], False, [0, 0], groups)

    def passes(x, w, b, gy):
        backward = torch.ops.aten.convolution_backward
        return torch.convolution(x, w, b, *rest), backward(gy, x, w, None, *rest, [True, False, False])[0]

    expected = passes(x.double(), w.double(), b.double(), gy.double())
    with capped("avx512-bf16"), tilewise.enabled(), algorithms.only("dot"):
        for actual, right in zip(passes(x, w, b, gy), expected, strict=True):
            assert_exact(actual, right)
