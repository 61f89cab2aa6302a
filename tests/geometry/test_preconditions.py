"""The table of preconditions against real PyTorch: on random calls, legal and illegal, both must agree.

Each operation has a strategy that draws around the border of legality, and a real call on small tensors with data
(meta and fake tensors accept some of the illegal ones).
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn

from tilewise.geometry import preconditions as pre

REFUSALS = (RuntimeError, ValueError, IndexError, NotImplementedError, TypeError, AssertionError)
LIGHT = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
SEEN: Counter[str] = Counter()


def refused(call: Callable[[], Any]) -> str:
    try:
        call()
    except REFUSALS as error:
        return str(error) or type(error).__name__
    return ""


def agree(described: Any, call: Callable[[], Any]) -> None:
    """The table says what PyTorch does."""
    violation = pre.first_violation(described)
    error = refused(call)
    for rule in pre.RULES:
        if isinstance(described, rule.of):
            SEEN[f"{rule.name} {'broken' if rule.check_safely(described) else 'kept'}"] += 1
    assert bool(violation) == bool(error), (described, violation, error)


def axes(draw, dims: int, low: int, high: int) -> tuple[int, ...]:
    return tuple(draw(st.integers(low, high)) for _ in range(dims))


def mostly(draw, usual: Any, other: st.SearchStrategy) -> Any:
    """The usual value five times of six."""
    return draw(other) if draw(st.integers(0, 5)) == 0 else usual


@given(st.data())
@LIGHT
def test_convolution_calls(data):
    draw = data.draw
    dims = draw(st.integers(1, 3))
    transposed = draw(st.booleans())
    groups = draw(st.sampled_from((1, 1, 2, 3)))
    per_group, outs = draw(st.integers(1, 2)), mostly(draw, groups * draw(st.integers(1, 2)), st.integers(1, 5))
    channels = mostly(draw, per_group * groups, st.integers(1, 6))
    kernel = axes(draw, dims, 1, 4)
    weight = (per_group * groups, max(1, outs // groups), *kernel) if transposed else (outs, per_group, *kernel)
    if transposed and draw(st.integers(0, 5)) == 0:
        weight = (weight[0] + 1, *weight[1:])
    batch = (2,) if draw(st.booleans()) else ()
    shape = mostly(
        draw, (*batch, channels, *axes(draw, dims, 1, 5)), st.lists(st.integers(1, 3), max_size=6).map(tuple)
    )
    stride, dilation = axes(draw, dims, 1, 3), axes(draw, dims, 1, 2)
    padding: Any = axes(draw, dims, 0, 2)
    if not transposed and draw(st.integers(0, 3)) == 0:
        padding = draw(st.sampled_from(("same", "valid", "full")))
    elif draw(st.integers(0, 7)) == 0:
        padding = (-1,) * dims
    if draw(st.integers(0, 9)) == 0:
        stride = (0,) * dims
    extra = axes(draw, dims, 0, 2) if transposed else ()
    makes = weight[1] * groups if transposed else weight[0]
    bias = mostly(draw, None, st.sampled_from(((makes,), (makes + 1,))))
    call = pre.ConvolutionCall(dims, shape, weight, bias, stride, padding, dilation, groups, transposed, extra)
    x, w, b = torch.ones(shape), torch.ones(weight), None if bias is None else torch.ones(bias)
    if transposed:
        function = getattr(F, f"conv_transpose{dims}d")
        agree(call, lambda: function(x, w, b, stride, padding, extra, groups, dilation))
    else:
        function = getattr(F, f"conv{dims}d")
        agree(call, lambda: function(x, w, b, stride, padding, dilation, groups))


@given(st.data())
@LIGHT
def test_convolution_layers(data):
    """A layer that the table refuses fails in its constructor or on an image of its own channels, and no other does."""
    draw = data.draw
    dims, transposed = draw(st.integers(1, 3)), draw(st.booleans())
    groups = draw(st.sampled_from((1, 1, 2, 3, 0)))
    ins, outs = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    kernel, stride = axes(draw, dims, 1, 3), draw(st.sampled_from(((1,) * dims, (1,) * dims, (2,) * dims, (0,) * dims)))
    padding: Any = draw(st.sampled_from(("same", "valid", "full", (0,) * dims, (1,) * dims, (-1,) * dims)))
    mode = mostly(draw, "zeros", st.sampled_from(("reflect", "mirror", "circular")))
    extra = axes(draw, dims, 0, 2) if transposed else ()
    layer = pre.ConvolutionLayer(dims, ins, outs, kernel, stride, padding, (1,) * dims, groups, transposed, extra, mode)
    assume(not (mode in ("reflect", "circular") and isinstance(padding, tuple) and min(padding) < 0))

    def make_and_run():
        options: dict[str, Any] = dict(stride=stride, padding=padding, groups=groups, padding_mode=mode)
        if transposed:
            options["output_padding"] = extra
        kind = getattr(nn, f"Conv{'Transpose' if transposed else ''}{dims}d")
        kind(ins, outs, kernel, **options)(torch.ones(1, ins, *(8,) * dims))

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Using padding='same'")
        agree(layer, make_and_run)


def test_weights_of_another_dimension():
    for shape in ((4, 3, 3), (4, 3, 3, 3), (4, 3, 3, 3, 3)):
        call = pre.ConvolutionCall(2, (1, 3, 8, 8), shape, None, (1, 1), (0, 0), (1, 1))
        agree(call, lambda shape=shape: F.conv2d(torch.ones(1, 3, 8, 8), torch.ones(shape)))


@given(st.data())
@LIGHT
def test_linear(data):
    draw = data.draw
    features = draw(st.integers(1, 4))
    shape = (*draw(st.lists(st.integers(1, 4), max_size=3)), mostly(draw, features, st.integers(1, 4)))
    weight = (draw(st.integers(1, 3)), features)
    bias = mostly(draw, (weight[0],), st.sampled_from(((weight[0] + 1,), None)))
    assume(bias is None or bias == (weight[0],) or weight[0] != 1)  # a bias of one weight row is broadcast
    tensors = torch.ones(shape), torch.ones(weight), None if bias is None else torch.ones(bias)
    agree(pre.LinearCall(shape, weight, bias), lambda: F.linear(*tensors))


@given(st.data())
@LIGHT
def test_batch_norm(data):
    draw = data.draw
    dims, features = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    usual = (draw(st.integers(1, 2)), mostly(draw, features, st.integers(1, 3)), *axes(draw, dims, 1, 2))
    shape = mostly(draw, usual, st.lists(st.integers(1, 3), min_size=1, max_size=5).map(tuple))
    training = draw(st.booleans())
    layer = getattr(nn, f"BatchNorm{dims}d")(features).train(training)
    described = pre.BatchNormCall(shape, features, training, dims)
    agree(described, lambda: layer(torch.ones(shape)))


@given(st.data())
@LIGHT
def test_other_norms(data):
    draw = data.draw
    channels = draw(st.integers(1, 8))
    shape = (2, channels, *axes(draw, draw(st.integers(0, 2)), 2, 3))
    kind = draw(st.sampled_from(("group", "layer")))
    if kind == "group":
        groups, features = draw(st.integers(1, 4)), mostly(draw, channels, st.integers(1, 8))
        call = pre.ChannelNormCall("group", shape, (features,), groups)
        weight = torch.ones(features)
        agree(call, lambda: F.group_norm(torch.ones(shape), groups, weight, weight))
    else:
        depth = draw(st.integers(1, len(shape)))
        features = mostly(draw, shape[-depth:], st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple))
        agree(pre.ChannelNormCall("layer", shape, features), lambda: F.layer_norm(torch.ones(shape), features))


@given(st.data())
@LIGHT
def test_matmul(data):
    draw = data.draw
    inner = draw(st.integers(1, 3))
    left = (*draw(st.lists(st.integers(1, 2), max_size=2)), 2, inner)
    right = (*draw(st.lists(st.integers(1, 2), max_size=2)), mostly(draw, inner, st.integers(1, 3)), 2)
    agree(pre.MatmulCall(left, right), lambda: torch.ones(left) @ torch.ones(right))


@given(st.data())
@LIGHT
def test_shuffles(data):
    draw = data.draw
    kind, factor = draw(st.sampled_from(("up", "down", "groups"))), draw(st.integers(1, 3))
    shape = (1, draw(st.integers(1, 12)), draw(st.integers(1, 6)), draw(st.integers(1, 6)))
    if kind != "groups":
        shape = mostly(draw, shape, st.just(shape[2:]))
    functions = {"up": F.pixel_shuffle, "down": F.pixel_unshuffle, "groups": F.channel_shuffle}
    agree(pre.ShuffleCall(kind, shape, factor), lambda: functions[kind](torch.ones(shape), factor))


@given(st.data())
@LIGHT
def test_pooling(data):
    draw = data.draw
    dims, kind = draw(st.integers(1, 3)), draw(st.sampled_from(("max", "avg", "adaptive")))
    usual = (2, 2, *axes(draw, dims, 1, 6))
    shape = mostly(draw, usual, st.lists(st.integers(1, 4), min_size=1, max_size=6).map(tuple))
    kernel = axes(draw, dims, 0 if kind == "adaptive" else 1, 4)
    x = torch.ones(shape)
    if kind == "adaptive":
        function = getattr(F, f"adaptive_avg_pool{dims}d")
        agree(pre.PoolCall(dims, shape, kernel, adaptive=True), lambda: function(x, kernel))
        return
    stride, padding = (
        axes(draw, dims, 1, 3),
        mostly(draw, (0,) * dims, st.sampled_from(((1,) * dims, (2,) * dims, (-1,) * dims))),
    )
    ceil = draw(st.booleans())
    dilation = axes(draw, dims, 1, 2) if kind == "max" else (1,) * dims
    if draw(st.integers(0, 9)) == 0:
        stride = (0,) * dims
    call = pre.PoolCall(dims, shape, kernel, stride, padding, dilation, ceil, average=kind == "avg")
    function = getattr(F, f"{kind}_pool{dims}d")
    if kind == "max":
        agree(call, lambda: function(x, kernel, stride, padding, dilation, ceil))
    else:
        agree(call, lambda: function(x, kernel, stride, padding, ceil))


@given(st.data())
@LIGHT
def test_unpooling(data):
    draw = data.draw
    dims = draw(st.integers(1, 3))
    image = (1, 1, *(draw(st.integers(4, 7)) for _ in range(dims)))
    pooled, indices = getattr(F, f"max_pool{dims}d")(torch.rand(image), 2, return_indices=True)
    if draw(st.integers(0, 3)) == 0:
        indices = indices[..., :-1]
    size = mostly(draw, None, st.tuples(*[st.integers(3, 9)] * dims))
    fits = size is None or all(s >= i - 1 for s, i in zip(size, image[2:], strict=True))
    assume(fits)  # a smaller size of the legal ones may cut off where an index points
    call = pre.UnpoolCall(dims, tuple(pooled.shape), tuple(indices.shape), (2,) * dims, (2,) * dims, (0,) * dims, size)
    zero = torch.zeros_like(indices)
    agree(call, lambda: getattr(F, f"max_unpool{dims}d")(pooled, zero, 2, output_size=size))


@given(st.data())
@LIGHT
def test_resizing(data):
    draw = data.draw
    rank = mostly(draw, draw(st.integers(3, 5)), st.sampled_from((2, 6)))
    shape = (1, 2, *axes(draw, max(rank - 2, 0), 1, 4))
    mode = draw(st.sampled_from(("nearest", "linear", "bilinear", "trilinear", "bicubic")))
    how = draw(st.sampled_from(("size", "scale", "size", "scale", "both", "neither")))
    count = mostly(draw, max(rank - 2, 1), st.integers(1, 3))
    size = tuple(draw(st.integers(0, 4)) for _ in range(count)) if how in ("size", "both") else None
    scale = (
        tuple(draw(st.sampled_from((0.2, 0.5, 1.0, 2.0))) for _ in range(count)) if how in ("scale", "both") else None
    )
    call = pre.ResizeCall(shape, size, scale, mode)
    agree(call, lambda: F.interpolate(torch.ones(shape), size=size, scale_factor=scale, mode=mode))


@given(st.data())
@LIGHT
def test_padding(data):
    draw = data.draw
    shape = (1, 2, *axes(draw, draw(st.integers(0, 3)), 1, 4))
    mode = draw(st.sampled_from(("constant", "reflect", "replicate", "circular")))
    count = mostly(draw, 2 * max(len(shape) - 2, 1), st.integers(1, 10))
    low = -1 if mode == "constant" else 0
    pads = tuple(draw(st.integers(low, 4)) for _ in range(count))
    agree(pre.PadCall(shape, pads, mode), lambda: F.pad(torch.ones(shape), pads, mode=mode))


@given(st.data())
@LIGHT
def test_concatenation(data):
    draw = data.draw
    first = axes(draw, draw(st.integers(1, 4)), 1, 3)
    other = mostly(draw, first, st.lists(st.integers(1, 3), min_size=1, max_size=4).map(tuple))
    stacked, dim = draw(st.booleans()), draw(st.integers(-3, 3))
    function = torch.stack if stacked else torch.cat
    call = pre.ConcatenateCall((first, other), dim, stacked)
    agree(call, lambda: function([torch.ones(first), torch.ones(other)], dim))


def test_nothing_to_join():
    agree(pre.ConcatenateCall((), 0), lambda: torch.cat([]))
    agree(pre.ConcatenateCall(((0,), (2, 3)), 1), lambda: torch.cat([torch.ones(0), torch.ones(2, 3)], 1))


@given(st.lists(st.integers(1, 3), max_size=4).map(tuple), st.lists(st.integers(1, 3), max_size=4).map(tuple))
@LIGHT
def test_broadcasting(left, right):
    agree(pre.BroadcastCall(left, right), lambda: torch.ones(left) + torch.ones(right))
    if pre.first_violation(pre.BroadcastCall(left, right)) is None:
        assert pre.broadcast_shape(left, right) == tuple((torch.ones(left) + torch.ones(right)).shape)


@given(st.lists(st.integers(1, 4), max_size=3).map(tuple), st.lists(st.integers(-2, 6), max_size=3).map(tuple))
@LIGHT
def test_views(shape, target):
    agree(pre.ViewCall(shape, target), lambda: torch.ones(shape).view(target))


@given(st.sampled_from(("float32", "float64", "bfloat16", "int32", "uint8")), st.sampled_from(("float32", "float64")))
@LIGHT
def test_types(flows, weighs):
    call = pre.TypesCall("convolves", (flows, weighs), ("cpu", "cpu"), (False, False))
    x, w = torch.ones(1, 1, 3).to(getattr(torch, flows)), torch.ones(1, 1, 3, dtype=getattr(torch, weighs))
    agree(call, lambda: F.conv1d(x, w))
    agree(call, lambda: F.linear(x, w[0]))
    agree(call, lambda: torch.matmul(x, w.transpose(1, 2)))


@pytest.mark.parametrize("places", [("cpu", "cpu"), ("cpu", "meta"), ("meta", "cpu")])
def test_devices(places):
    call = pre.TypesCall("works", ("float32", "float32"), places, (False, False))
    left, right = (torch.ones(2, device=d) for d in places)
    agree(call, lambda: left + right)


def test_every_rule_was_met_kept_and_broken():
    """The strategies above draw both sides of each rule."""
    if len(SEEN) < 2 * len(pre.RULES):  # this process has run only some of them
        for name, function in list(globals().items()):
            if name.startswith("test_") and hasattr(function, "hypothesis"):
                function()
        test_nothing_to_join()
        test_weights_of_another_dimension()
        test_devices(("cpu", "cpu"))
        test_devices(("cpu", "meta"))
    sides = (f"{rule.name} {side}" for rule in pre.RULES for side in ("kept", "broken"))
    assert not [side for side in sides if not SEEN[side]]


def test_rules_are_described():
    names = [rule.name for rule in pre.RULES]
    assert len(names) == len(set(names))
    assert all(rule.demands and rule.code for rule in pre.RULES)
