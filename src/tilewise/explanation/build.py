"""An explanation in the making: a layer's sizes from geometry, its passes from the registry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import torch

from tilewise import algorithms, target
from tilewise.errors import ArgumentError
from tilewise.explanation.described import Described, describe_layer, split_shape
from tilewise.explanation.facts import Machine, PassReport
from tilewise.explanation.report import Explanation
from tilewise.geometry import Convolution
from tilewise.problem import ConvProblem, Layout, Pass
from tilewise.torch_ops import describe, is_enabled, layouts, precision_level
from tilewise.torch_ops.call import Call
from tilewise.torch_ops.settings import LEVELS, conditions

_NATIVE_SUMMARY = "PyTorch's own kernel"
_BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}


def explain_layer(
    layer: torch.nn.Module,
    input_shape: Sequence[int],
    *,
    dtype: torch.dtype | str | None = None,
    channels_last: bool = False,
    precision: str | None = None,
) -> Explanation:
    """`tilewise.explain` of a convolution layer of torch.nn or tilewise.nn.

    Raises ArgumentError (a ValueError) for other layers, and where the layer cannot take such an input.
    """
    precision = precision_level() if precision is None else precision
    if precision not in LEVELS:
        raise ArgumentError(f"precision {precision!r} does not exist; accepted are {', '.join(map(repr, LEVELS))}")
    described = describe_layer(layer)
    batch, spatial = split_shape(described, input_shape)
    if channels_last and described.axes == 1:
        raise ArgumentError("channels_last: PyTorch has this format for 2-d and 3-d images only")
    kind = _dtype(dtype, layer)
    if precision != "highest" and kind != torch.float32:
        precision = "highest"
    written, run = described.written, described.run
    inside = described.run_spatial(spatial)
    formats = (channels_last and described.keeps_format, channels_last)
    reports = tuple(_passes(run, batch, inside, kind, formats, precision))
    head = () if len(input_shape) == described.axes + 1 else (batch,)
    return Explanation(
        layer=described.text,
        dtype=str(kind).removeprefix("torch."),
        layout="channels last" if channels_last else "contiguous",
        precision=precision,
        input_shape=tuple(int(size) for size in input_shape),
        output_shape=(*head, written.out_channels, *run.output_spatial(inside)),
        formulas=described.formulas(spatial),
        parameters=written.parameters,
        multiply_adds=reports[0].multiply_adds,
        bytes_moved=reports[0].bytes_moved,
        workspace_bytes=reports[0].workspace_bytes,
        passes=reports,
        machine=machine(),
        notes=_notes(described),
    )


def _notes(described: Described) -> tuple[str, ...]:
    switch = "" if is_enabled() else "Tilewise is not enabled in this process: PyTorch's kernels run until it is"
    return tuple(note for note in (described.note, switch) if note)


def _dtype(given: torch.dtype | str | None, layer: torch.nn.Module) -> torch.dtype:
    if isinstance(given, str):
        named = getattr(torch, given.removeprefix("torch."), None)
        if not isinstance(named, torch.dtype):
            raise ArgumentError(f"dtype {given!r} does not exist; Tilewise has {', '.join(_BYTES)}")
        return named
    return given or next(layer.parameters()).dtype


def machine() -> Machine:
    """The target in force, for people."""
    host = target.host()
    return Machine(target.cpu_model(), host.level, host.why_not_higher, torch.get_num_threads())


def _passes(
    run: Convolution,
    batch: int,
    spatial: tuple[int, ...],
    dtype: torch.dtype,
    channels_last: tuple[bool, bool],
    precision: str,
) -> list[PassReport]:
    moved = run.bytes_moved(batch, spatial, dtype.itemsize)
    products = run.multiply_adds(batch, spatial)
    problems = _problems(run, batch, spatial, dtype, channels_last, precision)
    reports = []
    for kind in Pass:
        if isinstance(problems, str):
            others = tuple((a.name, problems) for a in algorithms.algorithms())
            reports.append(
                PassReport(kind.value, algorithms.NATIVE, _NATIVE_SUMMARY, None, products, moved, 0, (), others)
            )
        else:
            reports.append(_report(problems[kind], products, moved))
    return reports


def _report(problem: ConvProblem, products: int, moved: int) -> PassReport:
    choice = algorithms.choose(problem, target.host(), frozenset(), conditions())
    summaries = {algorithm.name: algorithm.summary for algorithm in algorithms.algorithms()}
    plan = choice.plan
    return PassReport(
        name=problem.kind.value,
        algorithm=choice.algorithm,
        summary=summaries.get(choice.algorithm, _NATIVE_SUMMARY),
        seconds=None if plan is None else choice.seconds,
        multiply_adds=products,
        bytes_moved=moved,
        workspace_bytes=0 if plan is None else plan.workspace_bytes,
        notes=() if plan is None else plan.notes,
        passed_over=choice.passed_over,
        measured=choice.measured,
    )


def _problems(
    run: Convolution,
    batch: int,
    spatial: tuple[int, ...],
    dtype: torch.dtype,
    channels_last: tuple[bool, bool],
    precision: str,
) -> dict[Pass, ConvProblem] | str:
    """The three problems of a layer, or the reason why its calls are PyTorch's.

    `channels_last` is of the input that reaches the kernels and of the weights; results follow either.
    """
    if dtype not in describe.DTYPES:
        return f"there are kernels for {', '.join(_BYTES)}, not for {str(dtype).removeprefix('torch.')}"
    shapes = {
        "input": (batch, run.in_channels, *spatial),
        "output": (batch, run.out_channels, *run.output_spatial(spatial)),
    }
    if 0 in shapes["input"]:
        return "the input is empty"
    weight, call = run.weight_shape, _call(run)
    given, weights = layouts.strides(shapes["input"], channels_last[0]), layouts.strides(weight, channels_last[1])
    last = _results_channels_last(call, shapes["input"], given, weight, weights, dtype)

    def made(shape: tuple[int, ...]) -> tuple[int, ...]:
        return layouts.strides(shape, last)

    inside, outside = describe.spec(shapes["input"], given), describe.spec(shapes["output"], made(shapes["output"]))
    slope = describe.spec(shapes["input"], made(shapes["input"]))
    window, point = (outside, inside) if run.transposed else (inside, outside)
    ends = {
        Pass.FORWARD: (inside, outside, weights),
        Pass.INPUT_GRADIENT: (outside, slope, weights),
        Pass.WEIGHT_GRADIENT: (window, point, made(weight)),
    }
    return {
        kind: describe.problem(
            kind, call, source, destination, weight, strides, dtype, precision, run.bias and kind is Pass.FORWARD
        )
        for kind, (source, destination, strides) in ends.items()
    }


def _call(run: Convolution) -> Call:
    return Call(run.stride, run.padding, run.dilation, run.transposed, run.output_padding, run.groups)


def _results_channels_last(
    call: Call,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    weight_shape: tuple[int, ...],
    weight_strides: tuple[int, ...],
    dtype: torch.dtype,
) -> bool:
    """PyTorch's answer, which it gives for tensors; their memory is never touched."""
    try:
        input = torch.empty_strided(shape, strides, dtype=dtype)
        weight = torch.empty_strided(weight_shape, weight_strides, dtype=dtype)
    except RuntimeError:  # larger than this machine's memory
        return weight_strides != layouts.strides(weight_shape, False)
    return layouts.results_channels_last(call, input, weight)


def explain_problem(problem: ConvProblem) -> Explanation:
    """`tilewise.explain` of one pass; its convolution is told in three axes, as kernels see it."""
    window_end = problem.kind is Pass.WEIGHT_GRADIENT and problem.transposed
    backwards = problem.kind is Pass.INPUT_GRADIENT or window_end
    before, after = problem.source, problem.destination
    if backwards:
        before, after = after, before
    extra = (0, 0, 0)
    run = Convolution(
        before.shape[1], after.shape[1], problem.kernel, problem.stride, problem.padding, problem.dilation,
        problem.groups, problem.bias, problem.transposed, extra,
    )  # fmt: skip
    if problem.transposed:
        reached = run.output_spatial(before.spatial)
        run = replace(run, output_padding=tuple(a - r for a, r in zip(after.spatial, reached, strict=True)))
    size = _BYTES[problem.dtype]
    products = run.multiply_adds(before.shape[0], before.spatial)
    report = _report(problem, products, run.bytes_moved(before.shape[0], before.spatial, size))
    name = "ConvTranspose" if problem.transposed else "Conv"
    return Explanation(
        layer=f"{name}({before.shape[1]}, {after.shape[1]}, kernel_size={problem.kernel}, stride={problem.stride}, "
        f"padding={problem.padding}, dilation={problem.dilation}, groups={problem.groups})",
        dtype=problem.dtype,
        layout="channels last" if problem.source.layout is Layout.CHANNELS_LAST else problem.source.layout.value,
        precision=problem.precision,
        input_shape=before.shape,
        output_shape=after.shape,
        formulas=run.formulas(before.spatial),
        parameters=math.prod(run.weight_shape) + (run.out_channels if run.bias else 0),
        multiply_adds=report.multiply_adds,
        bytes_moved=report.bytes_moved,
        workspace_bytes=report.workspace_bytes,
        passes=(report,),
        machine=machine(),
    )
