"""Why settings are illegal, in the words of the check's table of preconditions."""

from __future__ import annotations

from tilewise.geometry import preconditions as rules
from tilewise.pictures.settings import Settings


def objection(settings: Settings, size: tuple[int, ...]) -> str | None:
    """What is wrong with a layer of these settings on an input of spatial `size`, or None.

    The sentence has the layer as its subject: "Conv2d has stride 0, but it must be at least 1."
    """
    causal = settings.padding == "causal"
    padding = (0,) * settings.dims if causal else settings.padding
    layer = rules.ConvolutionLayer(
        settings.dims,
        settings.in_channels,
        settings.out_channels,
        settings.kernel_size,
        settings.stride,
        padding,
        settings.dilation,
        settings.groups,
        settings.transposed,
        settings.output_padding if settings.transposed else (),
        settings.padding_mode,
    )
    found = rules.first_violation(layer)
    axes = settings.axes(size) if found is None else ()
    if found is None and not settings.transposed and settings.padding_mode != "zeros" and not causal:
        pads = tuple(p for axis in reversed(axes) for p in (axis.before, axis.after))
        found = rules.first_violation(rules.PadCall((1, settings.in_channels, *size), pads, settings.padding_mode))
    if found is None:
        geometry = settings.convolution()
        grown = tuple(n + axis.before + axis.after for n, axis in zip(size, axes, strict=True)) if causal else size
        found = rules.first_violation(
            rules.ConvolutionCall(
                settings.dims,
                (1, settings.in_channels, *grown),
                geometry.weight_shape,
                (settings.out_channels,) if settings.bias else None,
                settings.stride,
                padding,
                settings.dilation,
                settings.groups,
                settings.transposed,
                settings.output_padding if settings.transposed else (),
            )
        )
    return None if found is None else f"{settings.kind} {found.text}."
