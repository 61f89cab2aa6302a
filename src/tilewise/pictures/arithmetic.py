"""The scene of one layer on one input: plain data, exact numbers from a real run, nothing about how it is drawn."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tilewise.errors import ArgumentError
from tilewise.pictures.crops import BUDGET, Crop, choose, said
from tilewise.pictures.packing import packed, quantised
from tilewise.pictures.recording import Call

Scene = dict[str, Any]
# The long side of a thumbnail of a plane that is only partly held, and how many are kept.
_THUMB, _THUMBS = 40, 64


def layer_facts(call: Call) -> Scene:
    """The layer in numbers: what a reader would look up, with the formula of each axis written out."""
    geometry = call.convolution
    return {
        "name": call.name,
        "kind": call.kind,
        "dims": call.dims,
        "in_channels": geometry.in_channels,
        "out_channels": geometry.out_channels,
        "kernel_size": list(geometry.kernel_size),
        "stride": list(geometry.stride),
        "padding": [[a.before, a.after] for a in call.axes],
        "padding_mode": call.padding_mode,
        "dilation": list(geometry.dilation),
        "groups": call.groups,
        "transposed": call.transposed,
        "output_padding": [a.output_padding for a in call.axes],
        "bias": call.bias is not None,
        "size": list(call.source.shape[2:]),
        "output_size": list(call.output.shape[2:]),
        "weight_shape": list(call.weight.shape),
        "parameters": geometry.parameters,
        "multiply_adds": call.multiply_adds // call.source.shape[0],
        "formulas": [a.formula() for a in call.axes],
        "window": [a.window_size for a in call.axes],
    }


def by_filter(weight: Tensor, groups: int, transposed: bool) -> Tensor:
    """Weights as (filter, channel of its group, *kernel), however PyTorch lays them out."""
    if not transposed:
        return weight
    c, per_group = weight.shape[:2]
    split = weight.reshape(groups, c // groups, per_group, *weight.shape[2:])
    return split.transpose(1, 2).reshape(groups * per_group, c // groups, *weight.shape[2:])


def largest_of(*tensors: Tensor | None) -> float:
    found = [t[torch.isfinite(t)].abs().max().item() for t in tensors if t is not None and torch.isfinite(t).any()]
    return float(max(found, default=0.0))


def _thumbs(planes: Tensor) -> Scene | None:
    """Small planes (channels, rows, columns) by nearest sampling: the middle slice where there is depth."""
    if planes.dim() == 2:
        planes = planes.unsqueeze(1)
    if planes.dim() == 4:
        planes = planes[:, planes.shape[1] // 2]
    planes = planes[:_THUMBS]
    rows, columns = planes.shape[1:]
    pick = [torch.arange(min(n, _THUMB)) * n // min(n, _THUMB) for n in (rows, columns)]
    small = planes[:, pick[0]][:, :, pick[1]]
    return {"shape": list(small.shape), **quantised(small, largest_of(planes))}


def _held(call: Call, crop: Crop, sample: int) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    """The numbers of the crop: padded input, weights by filter, output, bias."""
    k0, kn = crop.filters
    c0, cn = crop.channels
    shift = tuple(0 if call.transposed else a.before for a in call.axes)
    source, output = call.padded[sample, c0 : c0 + cn], call.output[sample, k0 : k0 + kn]
    for d, (low, n, s) in enumerate(zip(crop.read_first, crop.read_count, shift, strict=True)):
        source = source.narrow(d + 1, low + s, n)
    for d, (f, n) in enumerate(zip(crop.first, crop.count, strict=True)):
        output = output.narrow(d + 1, f, n)
    weight = by_filter(call.weight, call.groups, call.transposed)[k0 : k0 + kn]
    return source, weight, output, None if call.bias is None else call.bias[k0 : k0 + kn]


def start_cell(call: Call, at: tuple[int, ...] | None) -> tuple[int, ...]:
    """Where the window stands first: `at`, or near the middle of the output, where most products meet."""
    sizes = tuple(call.output.shape[2:])
    if at is None:
        near = [range(n // 2, min(n, n // 2 + axis.stride)) for n, axis in zip(sizes, call.axes, strict=True)]
        meet = [
            max(cells, key=lambda o, axis=axis: sum(s is not None for s in axis.sources(o)))  # type: ignore[misc]
            for cells, axis in zip(near, call.axes, strict=True)
        ]
        return tuple(meet)
    if len(at) != len(sizes) or any(not -n <= i < n for i, n in zip(at, sizes, strict=True)):
        raise ArgumentError(f"at={at} is not a cell of this layer's output, whose spatial size is {sizes}.")
    return tuple(i % n for i, n in zip(at, sizes, strict=True))


def arithmetic_scene(
    call: Call,
    *,
    title: str,
    input_name: str = "input",
    at: tuple[int, ...] | None = None,
    filter_index: int = 0,
    channel: int | None = None,
    sample: int = 0,
    budget: int = BUDGET,
    overview: bool = True,
) -> Scene:
    """Everything a renderer needs to show each product and sum of one layer on one sample of a batch.

    `at` is the output cell where the window stands first, `filter_index` and `channel` what is shown first;
    `overview` adds thumbnails of the whole planes where only a crop is held.
    Values are exact: renderers round them, `tilewise.pictures.numbers` says how.
    """
    if not call.output.is_floating_point():
        raise ArgumentError(f"{title} gives {call.output.dtype}; a picture shows real floating-point numbers.")
    if call.output.is_meta:
        raise ArgumentError(f"{title} ran on meta tensors, which have no numbers to show: give it real ones.")
    if 0 in call.output.shape or 0 in call.source.shape:
        raise ArgumentError(f"{title} gives {tuple(call.output.shape)}: there is no cell to show.")
    filters = call.output.shape[1]
    if not 0 <= filter_index < filters:
        raise ArgumentError(f"filter_index={filter_index}, but the layer has filters 0 .. {filters - 1}.")
    cell = start_cell(call, at)
    crop = choose(call, cell, filter_index, budget)
    source, weight, output, bias = _held(call, crop, sample)
    per_group = call.source.shape[1] // call.groups
    first_channel = filter_index // (filters // call.groups) * per_group
    if channel is None:
        channel = first_channel
    elif not first_channel <= channel < first_channel + per_group:
        last = first_channel + per_group - 1
        raise ArgumentError(
            f"channel={channel} takes no part in filter {filter_index}: "
            f"its group has channels {first_channel} .. {last}."
        )
    scales = {"input": largest_of(source), "weight": largest_of(weight, bias), "output": largest_of(output)}
    scene: Scene = {
        "kind": "arithmetic",
        "version": 1,
        "title": title,
        "layer": layer_facts(call),
        "input": {
            "name": input_name,
            "shape": list(call.source.shape),
            "channels": list(crop.channels),
            "origin": list(crop.read_first),
            "size": list(crop.read_count),
            **packed(source),
        },
        "weight": {"filters": list(crop.filters), **packed(weight)},
        "bias": None if bias is None else packed(bias),
        "output": {
            "shape": list(call.output.shape),
            "filters": list(crop.filters),
            "origin": list(crop.first),
            "size": list(crop.count),
            **packed(output),
        },
        "scale": {"all": max(scales.values()), **scales},
        "notes": said(call, crop),
        "start": {"filter": filter_index, "channel": channel, "cell": list(cell)},
    }
    if call.source.shape[0] > 1:
        scene["notes"].append(f"Sample {sample} of a batch of {call.source.shape[0]}.")
    if overview and not crop.whole:
        k0, c0 = crop.filters[0], crop.channels[0]
        scene["overview"] = {
            "input": _thumbs(call.source[sample, c0 : c0 + crop.channels[1]]),
            "output": _thumbs(call.output[sample, k0 : k0 + crop.filters[1]]),
        }
    return scene
