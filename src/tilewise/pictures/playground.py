"""The scene of the playground: settings to begin with, kernels and images to try; the browser computes the rest."""

from __future__ import annotations

import base64
from typing import Any

import torch

from tilewise.errors import ArgumentError
from tilewise.geometry import ReceptiveField
from tilewise.pictures.arithmetic import arithmetic_scene
from tilewise.pictures.images import Image, as_input
from tilewise.pictures.kernels import KNOWN_1D, KNOWN_2D, RANDOM, for_page
from tilewise.pictures.legality import objection
from tilewise.pictures.recording import record
from tilewise.pictures.samples import available, small
from tilewise.pictures.settings import Settings, title_of

_START = Settings(kernel_size=(3, 3), padding=(1, 1))


def facts_of(settings: Settings, size: tuple[int, ...]) -> dict[str, Any]:
    """What the playground says of a layer: the same data that its page computes, for comparison and for tests."""
    wrong = objection(settings, size)
    line = settings.line()
    if wrong is not None:
        return {"line": line, "objection": wrong}
    axes, geometry = settings.axes(size), settings.convolution()
    padded = size if settings.transposed else tuple(n + a.before + a.after for n, a in zip(size, axes, strict=True))
    fields = [
        (ReceptiveField().after_transposed if settings.transposed else ReceptiveField().after)(
            a.kernel, a.stride, a.before, a.dilation
        )
        for a in axes
    ]
    return {
        "line": line,
        "objection": None,
        "output": [1, settings.out_channels, *(a.output_size for a in axes)],
        "formulas": [a.formula() for a in axes],
        "parameters": geometry.parameters,
        "multiply_adds": geometry.multiply_adds(1, padded),
        "receptive_field": [int(f.size) for f in fields],
    }


def module_of(settings: Settings) -> torch.nn.Module:
    """The layer itself."""
    layer: torch.nn.Module = eval(settings.line(), {"nn": torch.nn})  # a line that Settings wrote, numbers only
    return layer


def _packed_image(image: Image) -> dict[str, Any]:
    coarse = image.pixels.clamp(0, 1).mul(255).round().to(torch.uint8).numpy()
    data = base64.b64encode(coarse.tobytes()).decode("ascii")
    return {"name": image.name, "shape": list(coarse.shape), "type": "u1", "data": data}


def _example(settings: Settings, size: tuple[int, ...], image: Image) -> dict[str, Any]:
    """The layer's arithmetic with a known kernel, for the static picture."""
    with torch.random.fork_rng(devices=[]):  # the person's own random numbers stay as they were
        torch.manual_seed(0)
        layer = module_of(settings)
    known = (KNOWN_1D if settings.dims == 1 else KNOWN_2D)["sharpen"]
    weight = next(p for p in layer.parameters() if p.dim() > 1)
    with torch.no_grad():
        if tuple(weight.shape[2:]) == (3,) * settings.dims:
            flat = torch.tensor(known).reshape(weight.shape[2:])
            weight.copy_(flat.expand_as(weight) / (settings.in_channels // settings.groups))
    pixels = image.pixels.mean(0, keepdim=True)
    plane = torch.nn.functional.interpolate(pixels[None], size if settings.dims == 2 else (1, *size))[0]
    x = plane if settings.dims == 2 else plane[:, 0]
    (call,) = record(layer, x.expand(settings.in_channels, *size)[None].contiguous()).calls
    return arithmetic_scene(call, title=title_of(call), input_name=image.name)


def playground_scene(settings: Settings | None, input: Any = None) -> dict[str, Any]:
    """The playground's data. `input` is a shape, an image to try first, or None.

    Raises ArgumentError for three dimensions: the playground has one and two.
    """
    settings = settings or _START
    if settings.dims == 3:
        raise ArgumentError(
            "The playground has 1 and 2 dimensions; see(torch.nn.Conv3d(...), input) shows a 3-d layer in slices."
        )
    images, missing = available()
    size: tuple[int, ...] = (24,) * settings.dims
    if isinstance(input, (tuple, list, torch.Size)) and all(isinstance(n, int) for n in input):
        size = tuple(input)[-settings.dims :]
        if len(input) > settings.dims and input[-settings.dims - 1] != settings.in_channels:
            raise ArgumentError(
                f"{settings.kind} has in_channels={settings.in_channels}, but the input {tuple(input)} has "
                f"{input[-settings.dims - 1]} channels."
            )
        if len(size) < settings.dims or min(size) < 1:
            raise ArgumentError(f"{tuple(input)} is not the shape of a {settings.dims}-d input.")
    elif input is not None:
        _, name, pixels = as_input(input, None, 2, torch.float32)
        if pixels is None:
            raise ArgumentError("The playground takes a shape or an image; see(layer, tensor) shows a tensor.")
        images.insert(0, Image(small(pixels), name))
        size = tuple(images[0].pixels.shape[1:]) if settings.dims == 2 else (images[0].pixels.shape[2],)
    scene: dict[str, Any] = {
        "kind": "playground",
        "version": 1,
        "title": "Convolution playground",
        "settings": settings.data(),
        "size": list(size),
        "kernels": for_page(),
        "random": RANDOM,
        "samples": [_packed_image(i) for i in images],
        "notes": missing,
    }
    drawable = settings if objection(settings, size) is None else _START
    scene["example"] = _example(drawable, size if drawable is settings else (12, 12), images[0])
    return scene
