"""A walk over positions of a Grid, row by row: what of each row a tensor has, and where it lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import split


@dataclass(frozen=True)
class Stretch:
    """`extent` positions from `position` on, place `w` of its row, of which the first `count` lie from `at` on."""

    position: Value
    w: Value
    extent: Value
    count: Value
    at: str


@contextmanager
def stretches(
    b: Builder, a: dict[str, str], source: str, strides: Sequence[Value], sizes: Sequence[Value], first: Value,
    last: Value,
) -> Iterator[Stretch]:  # fmt: skip
    """The body runs for each row of positions first .. last-1, or for the part of a row that they have.

    `strides` are those of images and the three axes, `sizes` how much of each axis exists. Positions before 0 are one
    stretch of nothing, and so is every row of an image that does not exist.
    """
    with b.repeat([("i64", first)], lambda carried: b.compare("slt", carried[0], last)) as run:
        position = run.values[0]
        early = b.compare("slt", position, 0)
        n, d, h, w = split(b, b.max(position, 0), a["depth"], a["height"], a["width"])
        row = b.select(early, "i64", b.sub(0, position), b.sub(a["width"], w))
        extent = b.min(row, b.sub(last, position))
        inside = b.both(
            b.both(b.compare("slt", d, sizes[0]), b.compare("slt", h, sizes[1])),
            b.both(b.compare("slt", n, a["images"]), b.compare("sge", position, 0)),
        )
        count = b.select(inside, "i64", b.max(b.min(b.sub(sizes[2], w), extent), 0), 0)
        at = b.at(source, *(b.mul(place, stride) for place, stride in zip((n, d, h, w), strides, strict=True)))
        yield Stretch(position, w, extent, count, at)
        run.carry([b.add(position, extent)])
