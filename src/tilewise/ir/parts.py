"""A float32 as a sum of bfloat16 parts, and what such a sum can't carry.

Each part is the rest so far, rounded to nearest even, so a part is at most 2^-8 of the one before and the parts'
errors have no preferred sign. Three parts hold all 24 bits of a float32. Not every float survives: infinities and
NaN have no parts, values near the largest float would round up to infinity, and products of huge parts with
opposite signs would overflow both ways. So packing watches magnitudes, and where one reaches LIMIT the call is
run on float32 code instead. (Sources: A. Henry, P. T. P. Tang and A. Heinecke, "Leveraging the bfloat16
Artificial Intelligence Datatype For Higher-Precision Computations", 2019; Intel's bfloat16 definition, 2018.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import Arguments, begin_vectors
from tilewise.ir.pairs import begin_pairs
from tilewise.ir.vectors import Vectors
from tilewise.ir.watch import NOT_FINITE, MagnitudeWatch
from tilewise.target import Target

# 2^56: products stay below 2^112, and a sum of 2^15 of them below the largest float.
LIMIT = 0x5B800000
# (part of the left operand, part of the right), in passes over the whole sum: the small products first, while the
# sum is small and rounds finely, then the large ones. Within a pass each step changes one operand where it can, so
# that one tile of each pair is loaded anew.
PASSES = {
    1: (((0, 0),),),
    2: (((1, 0), (0, 1)), ((0, 0),)),
    3: (((2, 0), (1, 0), (1, 1), (0, 1), (0, 2)), ((0, 0),)),
}
PRODUCTS = {parts: tuple(product for run in passes for product in run) for parts, passes in PASSES.items()}


def split_meaning(values: NDArray[np.float32], parts: int) -> list[NDArray[np.float32]]:
    """NumPy's meaning of `Parts.split`: the parts as floats."""
    result = []
    rest = values.astype(np.float32)
    for _ in range(parts):
        bits = rest.view(np.uint32)
        part = ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)
        result.append(part)
        rest = rest - part
    return result


def begin_parts(arguments: Arguments, target: Target) -> tuple[Builder, Vectors, dict[str, str]]:
    """What a kernel of parts begins with: as `begin_vectors`, but rounding is one instruction where there is one.

    It makes zeros of subnormals, and so do the products that the parts are for.
    """
    return begin_pairs(arguments, target) if target.pairs else begin_vectors(arguments, "float32", target)


def cut(v: Vectors, value: str, parts: int) -> list[str]:
    """The parts of a vector of finite floats, as <lanes x i16> patterns."""
    result = []
    for number in range(parts):
        result.append(v.round_finite(value))
        if number + 1 < parts:
            value = v.sub(value, v.widen(result[-1], "bfloat16"))
    return result


class Parts:
    """Emits splits of vectors, and keeps the largest magnitude seen."""

    def __init__(self, v: Vectors, parts: int, exact: bool):
        """`exact`: the values are bfloat16 already, so their one part is their upper half."""
        self.v = v
        self.b = v.b
        self.parts = parts
        self.exact = exact
        self.ints = f"<{v.lanes} x i32>"
        # Values that are bfloat16 are watched two a lane, also where one of the two is no value but zeros.
        self.watch = MagnitudeWatch(v, 16 if exact else 32)

    def begin(self) -> None:
        """Forget what was seen."""
        self.watch.begin()

    def see(self, *values: str) -> None:
        """Take note of vectors that will be split: of several at once, because each time waits for the time before."""
        self.watch.see(*self.patterns(*values))

    def patterns(self, *values: str) -> list[str]:
        """The bits of vectors, as `watch` takes them."""
        return [self.b.let(f"bitcast {self.v.type} {value} to {self.ints}") for value in values]

    def split(self, value: str) -> list[str]:
        """The parts of a vector of floats, each as <lanes x i32> with the pattern in the lower half."""
        b = self.b
        bits = b.let(f"bitcast {self.v.type} {value} to {self.ints}")
        if self.exact:
            return [b.let(f"lshr {self.ints} {bits}, {self.v.integers(16)}")]
        kind = f"<{self.v.lanes} x i16>"
        return [b.let(f"zext {kind} {part} to {self.ints}") for part in cut(self.v, value, self.parts)]

    def report(self, status: str) -> None:
        """Write 1 to `status` if a value was seen since `begin` that the parts cannot carry.

        Values that are multiplied as they are need only be finite.
        """
        self.watch.report(status, NOT_FINITE if self.exact else LIMIT)

    def narrow(self, part: Value) -> str:
        """<lanes x i16> of a part."""
        return self.b.let(f"trunc {self.ints} {part} to <{self.v.lanes} x i16>")
