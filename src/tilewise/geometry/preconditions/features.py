"""Layers that look at one axis of features: linear, normalisation, products of matrices, channel shuffles."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tilewise.geometry.preconditions.rule import Rule, Violation, count, shape_text


@dataclass(frozen=True)
class LinearCall:
    """F.linear: the input's last axis meets the weight's second."""

    input: tuple[int, ...]
    weight: tuple[int, ...]
    bias: tuple[int, ...] | None = None


@dataclass(frozen=True)
class BatchNormCall:
    """Batch norm over axis 1. `features` is None where nothing is stored; `dims` is N of BatchNormNd, or 0."""

    input: tuple[int, ...]
    features: int | None
    training: bool = False
    dims: int = 0


@dataclass(frozen=True)
class ChannelNormCall:
    """Group, layer or instance norm. `features` is what it stores for, `groups` what it splits channels into."""

    kind: str
    input: tuple[int, ...]
    features: tuple[int, ...] | None = None
    groups: int = 1


@dataclass(frozen=True)
class MatmulCall:
    """The product of two tensors with at least two axes each."""

    left: tuple[int, ...]
    right: tuple[int, ...]


@dataclass(frozen=True)
class ShuffleCall:
    """pixel_shuffle ("up"), pixel_unshuffle ("down") or channel_shuffle ("groups") by `factor`."""

    kind: str
    input: tuple[int, ...]
    factor: int


def _linear(call: LinearCall) -> Violation | None:
    needs, flows = call.weight[-1], (call.input[-1] if call.input else 1)
    if not call.input or needs != flows:
        return Violation(
            "linear",
            f"takes {count(needs, 'feature')}, but {flows} {'flows' if flows == 1 else 'flow'} in",
            "in_features",
            needs,
            flows,
            f"{flows} needed",
        )
    return None


def _linear_bias(call: LinearCall) -> Violation | None:
    if call.bias is None or call.bias == (call.weight[0],):
        return None
    return Violation(
        "linear",
        f"makes {count(call.weight[0], 'feature')}, but its bias has shape {shape_text(call.bias)}",
        "bias",
        call.bias,
    )


_BATCH_NORM_RANKS = {1: (2, 3), 2: (4,), 3: (5,)}


def _batch_norm_rank(call: BatchNormCall) -> Violation | None:
    allowed = _BATCH_NORM_RANKS.get(call.dims)
    rank = len(call.input)
    if allowed is None:
        if rank >= 2:
            return None
        allowed = (2,)
    elif rank in allowed:
        return None
    return Violation(
        "dims",
        f"takes {' or '.join(map(str, allowed))} axes, but a tensor of {rank}, {shape_text(call.input)}, flows in",
        given=rank,
        needed=allowed[-1],
        label=f"{' or '.join(map(str, allowed))} axes needed",
    )


def _batch_norm_features(call: BatchNormCall) -> Violation | None:
    flows = call.input[1]
    if call.features is None or call.features == flows:
        return None
    return Violation(
        "batchnorm",
        f"normalises {count(call.features, 'channel')}, but {flows} {'flows' if flows == 1 else 'flow'} in",
        "num_features",
        call.features,
        flows,
        f"{flows} needed",
    )


def _batch_norm_values(call: BatchNormCall) -> Violation | None:
    if not call.training or call.input[0] * math.prod(call.input[2:]) != 1:
        return None
    return Violation(
        "batchnorm",
        f"is training on {shape_text(call.input)}, one value a channel, but a mean and a variance need at least two: "
        "give a larger batch or use eval()",
    )


def _channel_norm_groups(call: ChannelNormCall) -> Violation | None:
    if call.kind != "group":
        return None
    if len(call.input) < 2:
        return Violation("dims", f"takes at least 2 axes, but {shape_text(call.input)} flows in")
    channels = call.input[1]
    if channels % call.groups == 0:
        return None
    return Violation(
        "groups",
        f"splits {channels} channels into {call.groups} groups, but {channels} is not a multiple of {call.groups}",
        "num_groups",
        call.groups,
        None,
        f"must divide {channels}",
    )


def _channel_norm_features(call: ChannelNormCall) -> Violation | None:
    if call.features is None:
        return None
    if call.kind == "layer":
        flows = call.input[max(0, len(call.input) - len(call.features)) :]
        if flows == call.features:
            return None
        wanted = shape_text(call.features) if len(call.features) > 1 else str(call.features[0])
        needed = flows if len(flows) > 1 else (flows[0] if flows else None)
        return Violation(
            "batchnorm",
            f"normalises last axes of {wanted}, but {shape_text(call.input)} flows in",
            "normalized_shape",
            call.features if len(call.features) > 1 else call.features[0],
            needed,
            f"{needed} needed",
        )
    flows_in = call.input[1] if call.kind == "group" or len(call.input) > 2 else call.input[0]
    if call.features == (flows_in,):
        return None
    return Violation(
        "batchnorm",
        f"normalises {count(call.features[0], 'channel')}, but {flows_in} {'flows' if flows_in == 1 else 'flow'} in",
        "num_channels" if call.kind == "group" else "num_features",
        call.features[0],
        flows_in,
        f"{flows_in} needed",
    )


def _matmul(call: MatmulCall) -> Violation | None:
    left, right = call.left, call.right
    inner = right[-2] if len(right) > 1 else right[-1]
    if left[-1] != inner:
        return Violation(
            "size",
            f"multiplies {shape_text(left)} by {shape_text(right)}, but {left[-1]} and {inner} should be the same",
        )
    for a, b in zip(reversed(left[:-2]), reversed(right[:-2]), strict=False):
        if a != b and 1 not in (a, b):
            return Violation(
                "size", f"multiplies {shape_text(left)} by {shape_text(right)}, but batches of {a} and {b} don't match"
            )
    return None


def _shuffle(call: ShuffleCall) -> Violation | None:
    if len(call.input) < 3:
        return Violation("dims", f"takes channels, height and width, but {shape_text(call.input)} flows in")
    if call.kind == "down":
        if any(size % call.factor for size in call.input[-2:]):
            height, width = call.input[-2:]
            return Violation(
                "size",
                f"gathers blocks of {call.factor} x {call.factor}, but the image that flows in is {height} x {width}, "
                f"not multiples of {call.factor}",
                "downscale_factor",
                call.factor,
            )
        return None
    channels = call.input[-3] if call.kind == "up" else call.input[1]
    wanted = call.factor**2 if call.kind == "up" else call.factor
    if channels % wanted == 0:
        return None
    verb = "spreads channels over blocks of" if call.kind == "up" else "splits channels into"
    what = f"{call.factor} x {call.factor}" if call.kind == "up" else f"{call.factor} groups"
    return Violation(
        "channels" if call.kind == "up" else "groups",
        f"{verb} {what}, but {channels} flow in, not a multiple of {wanted}",
        "upscale_factor" if call.kind == "up" else "groups",
        call.factor,
        None,
        f"needs a multiple of {wanted} channels",
    )


FEATURE_RULES = (
    Rule("linear features", "linear", LinearCall, "the input's last axis is in_features long", _linear),
    Rule("linear bias", "linear", LinearCall, "the bias has one number an output feature", _linear_bias),
    Rule(
        "batch norm axes", "dims", BatchNormCall, "the input has N + 2 axes (2 or 3 for BatchNorm1d)", _batch_norm_rank
    ),
    Rule("batch norm features", "batchnorm", BatchNormCall, "axis 1 is num_features long", _batch_norm_features),
    Rule(
        "batch norm values",
        "batchnorm",
        BatchNormCall,
        "in training a channel has more than one value",
        _batch_norm_values,
    ),
    Rule("group norm groups", "groups", ChannelNormCall, "num_groups divides the channels", _channel_norm_groups),
    Rule("norm features", "batchnorm", ChannelNormCall, "the stored scale fits the input", _channel_norm_features),
    Rule("matmul", "size", MatmulCall, "the inner sizes are equal and batches broadcast", _matmul),
    Rule("shuffle", "channels", ShuffleCall, "channels or sizes are multiples of the factor", _shuffle),
)
