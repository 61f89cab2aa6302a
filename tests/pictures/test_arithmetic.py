"""The scene of a layer holds PyTorch's numbers, and its products really add up to PyTorch's output."""

import itertools
import json

import numpy as np
import pytest
import torch
from torch import nn

import tilewise
from tests.pictures.layers import Causal, random_layer
from tilewise.errors import ArgumentError
from tilewise.pictures.arithmetic import arithmetic_scene
from tilewise.pictures.packing import unpacked
from tilewise.pictures.recording import record


def scene_of(layer, x, **keywords):
    recording = record(layer, x)
    assert recording.error is None
    (call,) = recording.calls
    return call, arithmetic_scene(call, title="layer", **keywords)


def planes(scene):
    """The scene's numbers, read as a renderer reads them: from the JSON text alone."""
    scene = json.loads(json.dumps(scene))
    layer, source, output = scene["layer"], scene["input"], scene["output"]
    x = unpacked(source).reshape(source["channels"][1], *source["size"])
    per_group = layer["in_channels"] // layer["groups"]
    w = unpacked(scene["weight"]).reshape(scene["weight"]["filters"][1], per_group, *layer["kernel_size"])
    y = unpacked(output).reshape(output["filters"][1], *output["size"])
    b = unpacked(scene["bias"]) if scene["bias"] else np.zeros(len(w))
    return x, w, y, b


def sums(call, scene):
    """Each held output from the held inputs, tap by tap."""
    x, w, y, b = planes(scene)
    per_group = call.source.shape[1] // call.groups
    result = np.zeros_like(y)
    for k, *cell in itertools.product(*map(range, y.shape)):
        group = (scene["weight"]["filters"][0] + k) // (call.output.shape[1] // call.groups)
        first = group * per_group - scene["input"]["channels"][0]
        total = b[k]
        for taps in itertools.product(*(range(a.kernel) for a in call.axes)):
            places = [
                axis.source(origin + o, t)
                for axis, origin, o, t in zip(call.axes, scene["output"]["origin"], cell, taps, strict=True)
            ]
            if None not in places:
                held = tuple(p - o for p, o in zip(places, scene["input"]["origin"], strict=True))
                assert min(held) >= 0
                total += sum(x[(first + c, *held)] * w[(k, c, *taps)] for c in range(per_group))
        result[(k, *cell)] = total
    return result, y


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("seed", range(60))
def test_products_add_up_to_pytorchs_output(seed):
    layer, x = random_layer(seed)
    call, scene = scene_of(layer, x)
    ours, held = sums(call, scene)
    with torch.no_grad():
        real = layer(x)[0].double().numpy()
    assert np.array_equal(held, real)
    np.testing.assert_allclose(ours, real, rtol=1e-5, atol=1e-5)
    facts = scene["layer"]
    assert facts["output_size"] == list(real.shape[1:])
    assert [int(f.rsplit("= ", 1)[1]) for f in facts["formulas"]] == facts["output_size"]
    assert facts["parameters"] == sum(p.numel() for p in layer.parameters())


def test_a_crop_holds_the_right_part_and_says_so():
    layer, x = nn.Conv2d(8, 8, 3, padding=1), torch.randn(1, 8, 200, 200)
    call, scene = scene_of(layer, x, at=(150, 20), budget=12_000)
    assert "Cropped" in scene["notes"][0]
    (r, c), (rows, columns) = scene["output"]["origin"], scene["output"]["size"]
    assert r <= 150 < r + rows and c <= 20 < c + columns
    ours, held = sums(call, scene)
    np.testing.assert_allclose(ours, held, rtol=1e-5, atol=1e-5)
    with torch.no_grad():
        assert np.array_equal(held, layer(x)[0, :, r : r + rows, c : c + columns].double().numpy())
    assert scene["overview"]["output"]["shape"] == [8, 40, 40]


def test_many_large_filters_are_cut_to_some():
    layer, x = nn.Conv2d(256, 256, 3, groups=2), torch.randn(1, 256, 14, 14)
    call, scene = scene_of(layer, x, filter_index=200, budget=60_000)
    first, count = scene["weight"]["filters"]
    assert first <= 200 < first + count < 256
    assert scene["input"]["channels"] == [128, 128]
    assert any("filters" in note for note in scene["notes"])
    ours, held = sums(call, scene)
    np.testing.assert_allclose(ours, held, rtol=1e-4, atol=1e-5)


def test_a_64_channel_224_layer_stays_small():
    _, scene = scene_of(nn.Conv2d(64, 64, 3, padding=1), torch.randn(1, 64, 224, 224))
    assert len(json.dumps(scene)) < 2_700_000


def test_padding_that_a_layer_adds_itself_is_shown_as_padding():
    _, scene = scene_of(Causal(2, 3, 3, dilation=2), torch.randn(1, 2, 9))
    assert scene["layer"]["padding"] == [[4, 0]]
    assert scene["input"]["origin"] == [-4]


def test_a_later_in_place_layer_changes_nothing():
    conv = nn.Conv2d(1, 2, 3)
    x = torch.randn(1, 1, 8, 8)
    _, scene = scene_of(nn.Sequential(conv, nn.ReLU(inplace=True)), x)
    with torch.no_grad():
        assert np.array_equal(planes(scene)[2], conv(x)[0].double().numpy())


def test_training_mode_is_put_back_and_statistics_stay():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).train()
    before = model[1].running_mean.clone()
    record(model, torch.randn(2, 1, 8, 8))
    assert model.training and model[1].training and torch.equal(before, model[1].running_mean)


@pytest.mark.parametrize(
    "keywords, words",
    [
        (dict(at=(99, 0)), "not a cell"),
        (dict(filter_index=4), "filters 0 .. 3"),
        (dict(filter_index=3, channel=0), "its group has channels 1 .. 1"),
    ],
)
def test_wrong_choices_are_explained(keywords, words):
    with pytest.raises(ArgumentError, match=words):
        scene_of(nn.Conv2d(2, 4, 3, groups=2), torch.randn(1, 2, 8, 8), **keywords)


@pytest.mark.parametrize(
    "layer, x, words",
    [
        (
            nn.Conv2d(3, 1, 3),
            torch.ones(1, 2, 5, 5),
            "takes 3 channels, but 2 channels flow in|takes 3 channels, but 2 flow",
        ),
        (nn.Conv2d(1, 1, 9), torch.ones(1, 1, 5, 5), "a window of 9 x 9, but the image that flows in is only 5 x 5"),
        (nn.Conv2d(1, 1, 3).bfloat16(), torch.ones(1, 1, 5, 5), "bfloat16, but float32 flows in"),
        (nn.Conv2d(1, 1, 3), torch.ones(0, 1, 5, 5), "no cell to show"),
        (nn.Conv2d(1, 1, 3, device="meta"), torch.ones(1, 1, 5, 5, device="meta"), "meta tensors"),
        (nn.Conv2d(1, 1, 3, dtype=torch.complex64), torch.ones(1, 1, 5, 5, dtype=torch.complex64), "complex64"),
    ],
)
def test_what_cannot_be_shown_is_explained(layer, x, words):
    with pytest.raises(ArgumentError, match=words):
        tilewise.see(layer, x)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 3e38, 1e-45, 0.0])
def test_special_values_are_shown(value):
    figure = tilewise.see(nn.Conv2d(1, 1, 3), torch.full((1, 1, 5, 5), value))
    assert "<svg" in figure.svg() and "<html" in figure.html()


@pytest.mark.parametrize(
    "layer",
    [
        nn.LazyConv2d(4, 3),
        torch.nn.utils.parametrizations.weight_norm(nn.Conv2d(2, 4, 3)),
        nn.Conv2d(2, 4, 3).half(),
        nn.Conv2d(2, 4, 3).to(memory_format=torch.channels_last),
    ],
    ids=["lazy", "weight norm", "half", "channels last"],
)
def test_layers_of_other_makes(layer):
    x = torch.rand(1, 2, 8, 8, dtype=torch.float16 if isinstance(layer, nn.Conv2d) and _is_half(layer) else None)
    figure = tilewise.see(layer, x)
    with torch.no_grad():
        assert np.array_equal(planes(figure.scene)[2], layer(x)[0].double().numpy())


def _is_half(layer):
    return not isinstance(layer, nn.LazyConv2d) and layer.weight.dtype == torch.float16
