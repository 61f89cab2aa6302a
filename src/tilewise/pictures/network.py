"""The scene of a whole model on one image: its layers in order, maps and filters of its convolutions, cost, faults."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tilewise.errors import ArgumentError
from tilewise.pictures.arithmetic import arithmetic_scene, largest_of
from tilewise.pictures.diagnosis import diagnosis
from tilewise.pictures.images import resized
from tilewise.pictures.packing import data_uri, png, quantised
from tilewise.pictures.recording import Call, Recording, Row, record
from tilewise.pictures.settings import title_of
from tilewise.pictures.timing import layer_seconds

Scene = dict[str, Any]
# Exact numbers of all layers together; bytes of all thumbnails, and what a layer may get at most and at least.
_BUDGET = 280_000
_THUMB_BYTES, _SIDES, _COUNTS = 450_000, (64, 48, 32, 24, 16), (32, 16, 8)
# More convolutions than this show fewer maps each, so that a deep network can be looked through.
_FEW = 8
# The long side of the image in the picture.
_IMAGE = 320


def _plane(maps: Tensor) -> Tensor:
    """(channels, rows, columns): sequences are one row, volumes their middle slice."""
    if maps.dim() == 2:
        return maps.unsqueeze(1)
    return maps[:, maps.shape[1] // 2] if maps.dim() == 4 else maps


def _sampled(maps: Tensor, side: int) -> Tensor:
    rows, columns = maps.shape[1:]
    pick = [torch.arange(min(n, side)) * n // min(n, side) for n in (rows, columns)]
    return maps[:, pick[0]][:, :, pick[1]]


def _fit(calls: list[Call]) -> tuple[int, int]:
    """How many maps of what side each convolution may show."""
    for count in _COUNTS[0 if len(calls) <= _FEW else 1 :]:
        for side in _SIDES[: 3 if count > 8 else len(_SIDES)]:
            total = 0
            for call in calls:
                shape = _plane(call.output[0]).shape
                total += min(count, shape[0]) * min(side, shape[1]) * min(side, shape[2])
            if total <= _THUMB_BYTES:
                return count, side
    return _COUNTS[-1], _SIDES[-1]


def _thumbs(call: Call, count: int, side: int) -> Scene:
    planes = _plane(call.output[0])
    small = _sampled(planes[:count], side)
    largest = largest_of(planes)
    return {"shape": list(small.shape), "full": list(planes.shape), **quantised(small, largest)}


def _fields(call: Call) -> list[list[float]] | None:
    """For each axis the size, jump and start of the receptive field of an output cell; None for the whole input."""
    if call.fields is None:
        return None
    return [[float(f.size), float(f.jump), float(f.start)] for f in call.fields]


def _picture(tensor: Tensor, original: Tensor | None) -> Scene:
    """The input as it is looked at: the picture where there is one, else its first channel on the colour scale."""
    sizes = list(tensor.shape[2:])
    if original is not None:
        height, width = original.shape[1:]
        scale = min(1.0, _IMAGE / max(height, width))
        pixels = original if scale == 1 else resized(original, (round(height * scale), round(width * scale)))
        rgb = pixels.clamp(0, 1).expand(3, -1, -1).permute(1, 2, 0).mul(255).round().to(torch.uint8).numpy()
        return {"size": sizes, "uri": data_uri(png(np.ascontiguousarray(rgb)))}
    planes = _plane(tensor[0])[:1]
    small = _sampled(planes, 96)
    return {"size": sizes, "plane": {"shape": list(small.shape), **quantised(small, largest_of(planes))}}


def _row(row: Row) -> Scene:
    return {
        "name": row.name,
        "kind": row.kind,
        "text": row.text,
        "input": [list(s) for s in row.input_shapes],
        "output": None if row.output_shape is None else list(row.output_shape),
        "parameters": row.parameters,
        "multiply_adds": row.multiply_adds,
        "seconds": row.seconds,
        "convolution": None,
        "faults": [],
    }


def _arithmetic(calls: list[Call]) -> list[Scene | None]:
    """The arithmetic of each convolution within a common budget; None for a layer of which not one cell fits."""
    found: list[Scene | None] = []
    left = _BUDGET
    for index, call in enumerate(calls):
        share = left // (len(calls) - index)
        if not call.output.numel() or not call.source.numel():
            found.append(None)
            continue
        name = "input of this layer"
        scene = arithmetic_scene(call, title=title_of(call), input_name=name, budget=share, overview=False)
        held = sum(len(scene[part]["data"]) for part in ("input", "weight", "output")) * 3 // 16
        if held > 4 * share:
            found.append(None)
            continue
        left = max(left - held, 0)
        found.append(scene)
    return found


def _timed(model: nn.Module, tensor: Tensor, rows: list[Row]) -> None:
    seconds = layer_seconds(model, tensor)
    for row in rows:
        calls = seconds.get(row.name)
        if calls:
            row.seconds = calls.pop(0)


def _blame(rows: list[Scene], faults: list[Scene]) -> None:
    """Put each fault at its layer's line, making one for a layer that was not reached."""
    for fault in faults:
        at = next((r for r in reversed(rows) if r["name"] == fault["layer"]), None)
        if at is None:
            at = next((r for r in rows if fault["layer"] and r["name"].startswith(fault["layer"] + ".")), None)
        if at is None:
            at = _row(Row(fault["layer"] or "the model", "not reached", "", ()))
            rows.append(at)
        at["faults"].append({"message": fault["message"], "fixes": fault["fixes"]})


def network_scene(
    model: nn.Module,
    tensor: Tensor,
    name: str = "input",
    original: Tensor | None = None,
    *,
    recording: Recording | None = None,
    measure: bool = True,
) -> Scene:
    """Everything a renderer needs to show `model` on the first sample of `tensor`, (N, C, *spatial).

    A model that fails is shown as far as it came, with the diagnosis at the layer. `recording` is a run of `model`
    on `tensor` where there has been one.
    """
    if tensor.dim() < 3:
        raise ArgumentError(f"A network is shown on (N, C, *spatial); this input has shape {tuple(tensor.shape)}.")
    if recording is None:
        recording = record(model, tensor)
    if measure and recording.error is None:
        _timed(model, tensor, recording.rows)
    rows = [_row(row) for row in recording.rows]
    calls = recording.calls
    count, side = _fit(calls)
    convolutions: list[Scene] = []
    for call, arithmetic in zip(calls, _arithmetic(calls), strict=True):
        index = next((i for i, row in enumerate(recording.rows) if row.call is call), None)
        if index is not None:
            rows[index]["convolution"] = len(convolutions)
        convolutions.append(
            {
                "name": call.name,
                "title": title_of(call),
                "maps": _thumbs(call, count, side),
                "fields": _fields(call),
                "arithmetic": arithmetic,
                "output": list(call.output.shape),
            }
        )
    if recording.error is not None:
        _blame(rows, diagnosis(model, tensor, recording))
    notes = [f"Sample 0 of a batch of {tensor.shape[0]}."] if tensor.shape[0] > 1 else []
    if any(c["maps"]["shape"] != c["maps"]["full"] for c in convolutions):
        notes.append(f"Thumbnails: at most {count} maps a layer, sampled to {side} cells a side.")
    if any(c["arithmetic"] is None or c["arithmetic"]["notes"] for c in convolutions):
        notes.append("Cropped: exact numbers are held for the part of each layer that its arithmetic names.")
    largest = [c["maps"]["largest"] for c in convolutions]
    return {
        "kind": "network",
        "version": 1,
        "title": type(model).__name__,
        "input": {"name": name, "shape": list(tensor.shape), **_picture(tensor, original)},
        "rows": rows,
        "convolutions": convolutions,
        "totals": {
            "parameters": sum(p.numel() for p in model.parameters() if not isinstance(p, nn.UninitializedParameter)),
            "multiply_adds": sum(row["multiply_adds"] for row in rows),
            "seconds": sum(row["seconds"] or 0 for row in rows) or None,
        },
        "scale": {"all": max(largest, default=1.0)},
        "notes": notes,
        "broken": recording.error is not None,
    }
