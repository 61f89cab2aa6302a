"""`tilewise.see`: from whatever a person has to the figure that shows it."""

from __future__ import annotations

from typing import Any

from torch import nn

from tilewise.errors import ArgumentError
from tilewise.pictures.figure import Figure
from tilewise.pictures.playground import playground_scene
from tilewise.pictures.session import Session
from tilewise.pictures.settings import parse


def see(
    thing: nn.Module | str | None = None,
    input: Any = None,
    *,
    at: tuple[int, ...] | None = None,
    filter_index: int = 0,
    channel: int | None = None,
    size: tuple[int, ...] | None = None,
    measure: bool = True,
) -> Figure:
    """A picture of what a convolution does, with real numbers from a real run.

    - `see(layer, input)` shows the **arithmetic** of one convolution layer (also after padding layers, or with a
      forward that pads): every product and sum behind each output.
    - `see(model, image)` shows the **network**: layers, shapes, feature maps, filters, receptive fields, cost.
    - `see("Conv2d(3, 16, 3, padding=1)", (1, 3, 32, 32))` and `see()` show the **playground**.

    `input` is a tensor (N, C, *spatial) or (C, *spatial), a NumPy array, a Pillow image, a path to a PNG, JPEG or
    DICOM file, or a shape, which stands for noise. Images are scaled to 0 .. 1 and resized to `size` where given.
    `at` is the output cell where the window first stands, `filter_index` and `channel` what is first shown;
    `measure` times the layers of a network.

    Raises ArgumentError where an argument is unusable or a single layer cannot run on this input, in the words of
    `tilewise.check`. A model that fails is shown with its diagnosis instead.
    """
    if thing is None or isinstance(thing, str):
        return Figure(playground_scene(None if thing is None else parse(thing), input))
    return Figure(session_of(thing, input, size, measure=measure).scene(at, filter_index, channel))


def session_of(thing: Any, input: Any, size: tuple[int, ...] | None = None, *, measure: bool = True) -> Session:
    """A module and its input, ready to be shown; ArgumentError where either is missing or of no use."""
    if not isinstance(thing, nn.Module):
        raise ArgumentError(
            f"see() got a {type(thing).__name__}; it takes a torch.nn.Module, or a layer as text such as "
            '"Conv2d(3, 16, 3, padding=1)".'
        )
    if input is None:
        raise ArgumentError(
            "see(module) needs an input: a tensor, an image or its path, or a shape such as (1, 3, 32, 32)."
        )
    return Session(thing, input, size, measure=measure)
