"""What all code that packs values as bfloat16 parts has: a kernel around it, and a watch over what parts can carry."""

from __future__ import annotations

from tilewise.ir.builder import Builder, Value
from tilewise.ir.pairs import Pairs
from tilewise.ir.parts import Parts
from tilewise.ir.vectors import ELEMENT_BYTES, Vectors


class Packer:
    """Emits packing into a kernel whose arguments `a` say where the tensor lies, and where the status word."""

    def __init__(self, b: Builder, v: Vectors, a: dict[str, str], parts: int, dtype: str):
        self.b, self.v, self.a, self.parts, self.dtype = b, v, a, parts, dtype
        self.element = ELEMENT_BYTES[dtype]
        self._cut = Parts(v, parts, dtype == "bfloat16")
        self._two = Pairs(b, v.lanes)
        self._ahead = False  # whether what is packed next is asked for

    def begin(self) -> None:
        """Forget which values were seen."""
        self._cut.begin()

    def report(self) -> None:
        """Say whether the parts could not carry some value."""
        self._cut.report(self.a["status_ptr"])

    def _ask(self, at: str, further: Value) -> None:
        """Ask for what lies so many bytes further than an address."""
        if self._ahead:
            self.b.prefetch(self.b.at(at, further))
