"""Lints about what follows what: two convolutions in a row, a bias before a norm, a softmax before its loss."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from torch import nn

from tilewise.checker.frames import nearest
from tilewise.checker.lints.shapes import returned_marks
from tilewise.checker.lints.warning import Lint
from tilewise.checker.marks import Site
from tilewise.checker.repairs.proposal import Proposal, set_argument
from tilewise.checker.run import Outcome
from tilewise.checker.source import Sources, replace
from tilewise.geometry.preconditions import ConvolutionCall


def nothing_between(outcome: Outcome, sources: Sources) -> Iterator[Lint]:
    """Two convolutions with nothing between are one convolution, written as two."""
    uses = _uses(outcome)
    for site in outcome.trace.sites:
        before = site.marks[0].linear if site.marks and site.kind == "convolution" else None
        if before is None or before.module is None or site.module is None or before.module is site.module:
            continue
        if uses.get(id(before), 0) > 1:
            continue
        one, two = before.described, site.described
        if not isinstance(one, ConvolutionCall) or not isinstance(two, ConvolutionCall) or _on_purpose(one, two):
            continue
        yield Lint(
            "no-activation",
            f"{site.name} follows {before.name} with nothing between: together they are still one convolution",
            site.path,
            site.built,
            site,
            before,
            label="nothing between",
            made_says="the convolution before",
            advice=f"put an activation between {before.name} and {site.name}",
        )


def _uses(outcome: Outcome) -> dict[int, int]:
    """How many operations take what another one made."""
    uses: dict[int, int] = {}
    for site in outcome.trace.sites:
        for mark in site.marks:
            if mark.last is not None:
                uses[id(mark.last)] = uses.get(id(mark.last), 0) + 1
    return uses


def _on_purpose(one: ConvolutionCall, two: ConvolutionCall) -> bool:
    """Depthwise with pointwise, n x 1 with 1 x n, and a narrow layer between two wide ones are meant."""
    for call in (one, two):
        if call.groups > 1 and call.groups == call.in_channels:
            return True
    if one.kernel_size != two.kernel_size and 1 in one.kernel_size and 1 in two.kernel_size:
        flat = [k for k in (one.kernel_size, two.kernel_size) if max(k) > 1 and min(k) == 1 and len(k) > 1]
        if len(flat) == 2:
            return True
    return one.out_channels < min(one.in_channels, two.out_channels)


def bias_before_norm(outcome: Outcome, sources: Sources) -> Iterator[Lint]:
    """A bias that batch norm takes away again."""
    uses = _uses(outcome)
    for site in outcome.trace.sites:
        if site.kind != "batch norm" or not site.marks:
            continue
        before = site.marks[0].last
        module = before.module if before is not None else None
        if before is None or before.kind not in ("convolution", "linear") or getattr(module, "bias", None) is None:
            continue
        if uses.get(id(before), 0) > 1 or not isinstance(module, (nn.modules.conv._ConvNd, nn.Linear)):
            continue
        yield Lint(
            "bias-norm",
            f"{before.name} adds a bias that {site.name} takes away again: the mean is subtracted right after",
            before.path,
            before.built,
            before,
            site,
            label="bias=False needed",
            made_says="subtracts the mean",
            proposals=list(set_argument(sources, before.built, "bias", True, False, add=True))[:1],
        )


def even_same(outcome: Outcome, sources: Sources) -> Iterator[Lint]:
    """padding='same' around an even kernel pads one side more and shifts the image."""
    for site in outcome.trace.sites:
        asked = site.described
        if not isinstance(asked, ConvolutionCall) or asked.padding != "same":
            continue
        odd_total = any((k - 1) * d % 2 for k, d in zip(asked.kernel_size, asked.dilation, strict=True))
        if not odd_total:
            continue
        kernel = asked.kernel_size[0]
        fixes = list(set_argument(sources, site.built, "kernel_size", kernel, kernel + 1))[:1]
        yield Lint(
            "even-same",
            f"{site.name} pads 'same' around an even kernel of {' x '.join(map(str, asked.kernel_size))}: one side "
            "gets a zero more, and the image moves by half a pixel",
            site.path,
            site.built,
            site,
            label="even kernel with 'same'",
            proposals=fixes,
        )


def softmax_before_loss(outcome: Outcome, sources: Sources) -> Iterator[Lint]:
    """cross_entropy has its own log-softmax: what goes in must not have been through one."""
    for site in outcome.trace.sites:
        soft = site.marks[0].softmax if site.kind == "loss" and site.marks else None
        if soft is not None and not (site.facts["name"] == "nll_loss" and soft.facts["name"] == "log_softmax"):
            yield _softmax(soft, sources, f"{site.facts['name']} at the end")
            return
    for mark in returned_marks(outcome):
        soft = mark.softmax
        if soft is None or soft.facts["name"] != "softmax":
            continue
        frame = nearest(soft.stack)
        place = nearest(soft.built.stack) if soft.built else frame
        for file in {f.file for f in (frame, place) if f is not None}:
            if _names_cross_entropy(sources.tree(file)):
                yield _softmax(soft, sources, "the cross-entropy in this file")
                return


def _softmax(soft: Site, sources: Sources, loss: str) -> Lint:
    proposals = []
    built = nearest(soft.built.stack) if soft.built else None
    made = sources.call(built)
    frame = nearest(soft.stack)
    used = sources.call(frame)
    if built is not None and made is not None and not built.library:
        room = sources.segment(built.file, made.func).rpartition(".")[0] or "torch.nn"
        proposals.append(Proposal("return the scores as they are", (replace(built.file, made, f"{room}.Identity()"),)))
    elif frame is not None and used is not None and not frame.library and soft.module is None:
        node = used.func.value if isinstance(used.func, ast.Attribute) else None
        if node is None or (isinstance(node, ast.Name) and node.id in ("torch", "F")):
            node = used.args[0] if used.args else None
        if node is not None:
            text = sources.segment(frame.file, node)
            proposals.append(Proposal("return the scores as they are", (replace(frame.file, used, text),)))
    return Lint(
        "softmax",
        f"{soft.name} comes before {loss}, which takes a softmax itself: gradients nearly vanish, training crawls",
        soft.path,
        soft.built,
        soft,
        label="one softmax too many",
        advice="return the scores; take softmax only to show probabilities",
        proposals=proposals,
    )


def _names_cross_entropy(tree: ast.Module | None) -> bool:
    for node in ast.walk(tree) if tree else ():
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name in ("CrossEntropyLoss", "cross_entropy"):
            return True
    return False


LINTS = (nothing_between, bias_before_norm, even_same, softmax_before_loss)
