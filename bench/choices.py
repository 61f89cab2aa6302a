"""What is chosen for a layer of the table, without running it."""

from __future__ import annotations

import torch

from bench.table import Layer
from tilewise import algorithms, target
from tilewise.problem import ConvProblem, Pass
from tilewise.torch_ops import describe
from tilewise.torch_ops.call import Call


def problem(layer: Layer, kind: Pass, dtype: torch.dtype, level: str, channels_last: bool) -> ConvProblem:
    """One pass of a layer; `level` is highest, high, medium or bf16."""
    x, w, _ = layer.tensors(dtype, channels_last)
    y = torch.convolution(x, w, None, *layer.parameters)
    call = Call(*layer.parameters)  # type: ignore[arg-type]
    inside, outside = (describe.spec(t.shape, t.stride()) for t in (x, y))
    backwards = kind is Pass.INPUT_GRADIENT or (kind is Pass.WEIGHT_GRADIENT and layer.transposed)
    source, destination = (outside, inside) if backwards else (inside, outside)
    precision = "highest" if level == "bf16" else level
    return describe.problem(
        kind, call, source, destination, w.shape, w.stride(), dtype, precision, kind is Pass.FORWARD
    )


def choice(
    layer: Layer, kind: Pass, dtype: torch.dtype, level: str, channels_last: bool, host: target.Target | None = None
) -> algorithms.Choice:
    """The choice for one pass, on this host or another."""
    return algorithms.choose(problem(layer, kind, dtype, level, channels_last), host or target.host())
