"""The answer of `explain`: facts that print themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tilewise.explanation.facts import GroupFacts, LayerFacts

if TYPE_CHECKING:
    from rich.console import RenderableType


class Printable:
    """Prints as plain text, in colour in a terminal with rich, as HTML in a notebook; `__rich__` says how it looks."""

    def __rich__(self) -> RenderableType:
        from tilewise.explanation import printing

        return printing.renderable(self)

    def __str__(self) -> str:
        from tilewise.explanation import printing

        return printing.text(self)

    def _repr_html_(self) -> str:
        from tilewise.explanation import printing

        return printing.html(self)


class Explanation(LayerFacts, Printable):
    """One convolution: what it computes, what it costs, what runs it and why. Its fields are those of LayerFacts."""

    def __repr__(self) -> str:
        return f"<Explanation of {self.layer} on {self.input_shape}: {self.passes[0].algorithm}>"


class ExplanationGroup(GroupFacts, Printable):
    """Several convolutions that are one layer, in the order in which they run. Its fields are those of GroupFacts."""

    parts: tuple[Explanation, ...]

    def __repr__(self) -> str:
        return f"<Explanation of {self.layer} in {len(self.parts)} parts>"

    def __iter__(self) -> Iterator[Explanation]:
        return iter(self.parts)
