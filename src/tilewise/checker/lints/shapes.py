"""Lints about sizes: batches that mix, channels that broadcast, pixels that are lost."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import torch

from tilewise.checker.frames import nearest
from tilewise.checker.lints.warning import Lint
from tilewise.checker.marks import Site, mark_of
from tilewise.checker.repairs.proposal import Proposal, set_argument, wrapped
from tilewise.checker.run import Outcome
from tilewise.checker.source import Sources, replace
from tilewise.geometry.pooling import dropped
from tilewise.geometry.preconditions import ConvolutionCall, PoolCall


def outputs(value: Any) -> list[torch.Tensor]:
    """The tensors that a model returns, wherever they stand."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [t for v in value for t in outputs(v)]
    return []


def mixed_batch(outcome: Outcome, sources: Sources) -> Iterator[Lint]:
    """A view or flatten that makes rows of the batch out of image rows, and nothing puts them back."""
    if not outcome.inputs or not outcome.inputs[0].shape:
        return
    batch = outcome.inputs[0].shape[0]
    final = [t for t in outputs(outcome.output) if t.dim()]
    if not final or any(t.shape[0] == batch for t in final) or len(outcome.inputs[0].shape) < 3:
        return
    for site in outcome.trace.sites:
        before, after = site.input_shape, site.output_shape
        if site.kind not in ("view", "flatten") or not before or before[0] != batch or len(before) < 3:
            continue
        if after and after[0] != batch and len(after) <= 2 and math.prod(after) != batch:
            yield Lint(
                "view-batch",
                f"{site.facts['name']} turns {before} into {after}: a batch of {batch} has become {after[0]}, so "
                "numbers of one image stand in several rows",
                site.path,
                None if site.module is None else site.built,
                site,
                label=f"{batch} became {after[0]}",
                used_says=f"{before} becomes {after}",
                advice="keep the batch axis: x.flatten(1), or x.view(x.size(0), -1)",
                proposals=list(_flat(site, sources)),
            )
            return


def _flat(site: Site, sources: Sources) -> Iterator[Proposal]:
    frame = nearest(site.stack)
    call = sources.call(frame)
    if frame is None or call is None or frame.library or site.module is not None:
        return
    node = call.func.value if isinstance(call.func, ast.Attribute) else None
    if node is None or (isinstance(node, ast.Name) and node.id in ("torch", "F")):
        node = call.args[0] if call.args else None
    if node is not None:
        text = sources.segment(frame.file, node)
        yield Proposal("keep the batch", (replace(frame.file, call, wrapped(text, ".flatten(1)")),))


def broadcast_channels(outcome: Outcome, sources: Sources) -> Iterator[Lint]:
    """A sum of feature maps where one has a single channel."""
    for site in outcome.trace.sites:
        name = site.facts["name"].strip("_")
        if (
            site.kind != "arithmetic"
            or name not in ("add", "sub", "radd", "rsub", "iadd", "isub")
            or len(site.shapes) < 2
        ):
            continue
        left, right = site.shapes[:2]
        if len(left) != len(right) or len(left) < 3 or math.prod(left[2:]) == 1 or math.prod(right[2:]) == 1:
            continue
        known = [m.maker is not None or m.source is not None for m in site.marks[:2]]
        if left[1] != right[1] and 1 in (left[1], right[1]) and all(known):
            many = max(left[1], right[1])
            yield Lint(
                "broadcast",
                f"{left} and {right} are added: the single channel is repeated {many} times, silently",
                site.path,
                None,
                site,
                label=f"1 against {many} channels",
                used_says=f"{left} and {right}",
                advice=f"write .expand(-1, {many}, ...) where that is meant, or make {many} channels",
            )


def linear_on_images(outcome: Outcome, sources: Sources) -> Iterator[Lint]:
    """A Linear layer on an image: it multiplies along the last image axis, not over channels."""
    for site in outcome.trace.sites:
        shape = site.input_shape
        if site.kind != "linear" or len(shape) < 4 or not site.marks:
            continue
        mark = site.marks[0]
        made = mark.maker
        if mark.fields is None or mark.moved or made is None or made.kind != "convolution":
            continue
        yield Lint(
            "linear-axis",
            f"{site.name} multiplies along the last image axis of {shape}, {shape[-1]} wide; it neither mixes channels "
            "nor sees the other rows",
            site.path,
            site.built,
            site,
            made,
            label=f"works on the {shape[-1]} columns",
            used_says=f"an image {shape} flows in",
            made_says="makes the image",
            advice="flatten the image first, or average over it: x.mean((2, 3)); for channels use a 1x1 convolution",
        )


def lost_border(outcome: Outcome, sources: Sources) -> Iterator[Lint]:
    """Rows and columns at the end that no window reaches."""
    for site in outcome.trace.sites:
        asked = site.described
        if isinstance(asked, ConvolutionCall) and not asked.transposed and site.kind == "convolution":
            pads = tuple(p // 2 for p in asked.both_sides)
        elif isinstance(asked, PoolCall) and not asked.adaptive and not asked.ceil_mode:
            pads = asked.padding
        else:
            continue
        if min(asked.output_spatial(), default=0) < 1:
            continue
        rows = zip(asked.spatial, asked.kernel_size, asked.stride, pads, asked.dilation, strict=True)
        lost = [dropped(w, k, s, p, d) for w, k, s, p, d in rows]
        if max(lost) == 0:
            continue
        image = " x ".join(map(str, asked.spatial))
        yield Lint(
            "border",
            f"{site.name} never sees the last {max(lost)} of the {image} pixels of an axis: its stride does not divide",
            site.path,
            site.built,
            site,
            label=f"stride {max(asked.stride)} on {image}",
            used_says=f"{site.input_shape} flows in",
            advice="" if isinstance(asked, PoolCall) else "choose a size that divides, or pad",
            proposals=_ceil(site, sources) if isinstance(asked, PoolCall) else [],
        )


def _ceil(site: Site, sources: Sources) -> list[Proposal]:
    return list(set_argument(sources, site.built, "ceil_mode", False, True, add=True))[:1]


def short_sight(outcome: Outcome, sources: Sources) -> Iterator[Lint]:
    """A classifier whose last feature sees less than the image."""
    if not outcome.inputs or len(outcome.inputs[0].shape) < 3:
        return
    image = outcome.inputs[0].shape[2:]
    for site in outcome.trace.sites:
        if site.kind != "linear" or not site.marks or site.marks[0].pooled is None:
            continue
        fields = site.marks[0].pooled
        if len(fields) != len(image) or not all(f.size < size for f, size in zip(fields, image, strict=True)):
            continue
        if all(f.size == Fraction(1) for f in fields):
            continue
        sees = " x ".join(f"{float(f.size):g}" for f in fields)
        whole = " x ".join(map(str, image))
        yield Lint(
            "receptive-field",
            f"{site.name} decides from features that each see {sees} pixels of a {whole} image",
            site.path,
            site.built,
            site,
            label="sees less than the image",
            used_says="global pooling only averages what the features saw",
            advice="more layers, stride or dilation before the pooling let each feature see the whole",
        )
        return


def returned_marks(outcome: Outcome) -> list[Any]:
    """The marks of what the model returns."""
    return [mark_of(t) for t in outputs(outcome.output)]


LINTS = (mixed_batch, broadcast_channels, linear_on_images, lost_border, short_sight)
