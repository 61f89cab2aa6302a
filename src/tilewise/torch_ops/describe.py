"""A PyTorch call as a problem, or the reason why it is PyTorch's to answer.

Only what PyTorch accepts may become a problem: a call that PyTorch would refuse must reach PyTorch, which says so
in its own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from tilewise import geometry
from tilewise.problem import AXES, ConvProblem, Pass, TensorSpec
from tilewise.torch_ops import layouts, settings
from tilewise.torch_ops.call import Call

DTYPES = {
    torch.float32: "float32",
    torch.float64: "float64",
    torch.bfloat16: "bfloat16",
    torch.float16: "float16",
}


def output_shape(call: Call, input: torch.Tensor, weight: torch.Tensor) -> tuple[int, ...] | None:
    """The shape of the result where the call is a legal convolution of plain CPU tensors; None elsewhere."""
    if (
        not (3 <= input.dim() <= 5 and weight.dim() == input.dim())
        or not _plain(input, input)
        or not _plain(weight, input)
    ):
        return None
    axes = input.dim() - 2
    convolution = call.expanded(axes)
    if convolution is None or 0 in input.shape or 0 in weight.shape:
        return None
    groups, channels = call.groups, input.shape[1]
    first, second, *kernel = weight.shape
    if call.transposed:
        if first != channels or first % groups:
            return None
        outputs = second * groups
    else:
        if first % groups or second * groups != channels:
            return None
        outputs = first
    whole = geometry.Convolution(
        channels, outputs, tuple(kernel), convolution.stride, convolution.padding, convolution.dilation, groups,
        False, call.transposed, convolution.output_padding,
    )  # fmt: skip
    spatial = whole.output_spatial(tuple(input.shape[2:]))
    if min(spatial) < 1:
        return None
    return (input.shape[0], outputs, *spatial)


def accepts_bias(bias: torch.Tensor | None, input: torch.Tensor, outputs: int) -> bool:
    """Whether a bias fits, or there is none."""
    return bias is None or (_plain(bias, input) and tuple(bias.shape) == (outputs,))


def accepts_gradient(call: Call, grad_output: torch.Tensor, input: torch.Tensor, weight: torch.Tensor) -> bool:
    """Whether a call is legal and this is the gradient of its result."""
    return output_shape(call, input, weight) == tuple(grad_output.shape) and _plain(grad_output, input)


def _plain(tensor: torch.Tensor, like: torch.Tensor) -> bool:
    return (
        tensor.layout is torch.strided
        and tensor.device.type == "cpu"
        and tensor.dtype is like.dtype
        and tensor.dtype in DTYPES
        and not tensor.is_neg()
    )


def why_native(*tensors: torch.Tensor | None) -> str:
    """For people: why a call with these tensors is PyTorch's, where it is."""
    for tensor in tensors:
        if tensor is not None and tensor.dtype not in DTYPES:
            dtype = str(tensor.dtype).removeprefix("torch.")
            return f"a tensor is {dtype}; there are kernels for {', '.join(DTYPES.values())}"
        if tensor is not None and not tensor.numel():
            return "a tensor has no elements"
    return "PyTorch refuses it, or its tensors are not of one plain kind"


def spec(shape: Sequence[int], strides: Sequence[int]) -> TensorSpec:
    """Sizes and strides with three spatial axes: the missing ones are in front, of size 1."""
    missing = AXES + 2 - len(shape)
    # The stride of an axis of size 1 is never used; the next one's span keeps rows recognisable as dense.
    filler = [strides[2] * shape[2]] * missing
    sizes = (shape[0], shape[1], *[1] * missing, *shape[2:])
    return TensorSpec(sizes, (strides[0], strides[1], *filler, *strides[2:]))  # type: ignore[arg-type]


def problem(
    kind: Pass,
    call: Call,
    source: TensorSpec,
    destination: TensorSpec,
    weight_shape: Sequence[int],
    weight_strides: Sequence[int],
    dtype: torch.dtype,
    precision: str,
    bias: bool,
) -> ConvProblem:
    """One pass of a legal call."""
    axes = len(weight_shape) - 2
    expanded = call.expanded(axes)
    assert expanded is not None
    missing = AXES - axes

    def three(values: Sequence[int], fill: int) -> tuple[int, int, int]:
        return (*[fill] * missing, *values)  # type: ignore[return-value]

    weights = spec(weight_shape, weight_strides)
    # The convolution's input, or what stands in its place where it is transposed.
    scatters = kind is not Pass.WEIGHT_GRADIENT and (kind is Pass.INPUT_GRADIENT) != call.transposed
    sizes = (destination if scatters else source).spatial[missing:]
    return ConvProblem(
        kind=kind,
        dtype=DTYPES[dtype],
        precision=precision if dtype is torch.float32 else "highest",
        source=source,
        destination=destination,
        kernel=three(weight_shape[2:], 1),
        stride=three(tuple(map(geometry.felt_stride, sizes, expanded.stride, expanded.padding)), 1),
        padding=three(expanded.padding, 0),
        dilation=three(expanded.dilation, 1),
        groups=call.groups,
        transposed=call.transposed,
        bias=bias,
        weight_strides=weights.strides,
    )


@dataclass(frozen=True)
class Asked:
    """A legal call's problem, and the shape and strides of the result as PyTorch would make it."""

    problem: ConvProblem
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def forward(call: Call, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> Asked | None:
    """A forward call at the precision in force; None where it is PyTorch's to answer."""
    shape = output_shape(call, input, weight)
    if shape is None or not accepts_bias(bias, input, shape[1]):
        return None
    strides = layouts.strides(shape, layouts.results_channels_last(call, input, weight))
    asked = problem(
        Pass.FORWARD,
        call,
        spec(input.shape, input.stride()),
        spec(shape, strides),
        weight.shape,
        weight.stride(),
        input.dtype,
        settings.precision_level(),
        bias is not None,
    )
    return Asked(asked, shape, strides)


def gradient(
    kind: Pass, call: Call, grad_output: torch.Tensor, input: torch.Tensor, weight: torch.Tensor
) -> Asked | None:
    """A gradient of a call, for its input or its weight; None where it is PyTorch's to answer."""
    if not accepts_gradient(call, grad_output, input, weight):
        return None
    result = input if kind is Pass.INPUT_GRADIENT else weight
    strides = layouts.strides(tuple(result.shape), layouts.results_channels_last(call, input, weight))
    outside = spec(grad_output.shape, grad_output.stride())
    if kind is Pass.INPUT_GRADIENT:
        source, destination = outside, spec(input.shape, strides)
        weight_strides: tuple[int, ...] = weight.stride()
    else:
        inside = spec(input.shape, input.stride())
        source, destination = (outside, inside) if call.transposed else (inside, outside)
        weight_strides = strides
    asked = problem(
        kind, call, source, destination, weight.shape, weight_strides, input.dtype, settings.precision_level(), False
    )
    return Asked(asked, tuple(result.shape), strides)
