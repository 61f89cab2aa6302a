"""Sums of 32 positions by one or two times 16 filters in tiles, and the products that are added to them.

Tiles 2*half + row hold sums, 4 and 5 two times 16 positions, 6 and 7 halves of filters.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from tilewise.algorithms.amx.grid import LINE
from tilewise.ir.amx import ROWS, Tiles
from tilewise.ir.builder import Value

POSITIONS = 2 * ROWS


class TileProducts:
    """Emits them; `halves`: how many times 16 filters."""

    def __init__(self, tiles: Tiles, halves: int):
        self.tiles, self.halves, self.b = tiles, halves, tiles.b

    def begin(self, start: Callable[[int, int], None] | None = None) -> None:
        """Sums are zero, or what `start`, told a tile and its half, puts there."""
        for half, row in itertools.product(range(self.halves), range(2)):
            if start is None:
                self.tiles.zero(2 * half + row)
            else:
                start(2 * half + row, half)

    def add(
        self, products: tuple[tuple[int, int], ...], lines: Callable[[int], str], filters: Callable[[int, int], str],
        line: Value = LINE,
    ) -> None:  # fmt: skip
        """Add products of parts, (part of the source, part of the filters).

        `lines` gives the address of a part's positions, which are `line` bytes apart, `filters` that of a part's half.
        """
        held: dict[int, tuple[int, int]] = {}

        def hold(tile: int, key: tuple[int, int], address: str, stride: Value = LINE) -> None:
            if held.get(tile) != key:
                self.tiles.load(tile, address, stride)
                held[tile] = key

        for of_source, of_filter in products:
            at = lines(of_source)
            for row in range(2):
                hold(4 + row, (of_source, row), self.b.at(at, self.b.mul(line, row * ROWS)), line)
                for half in range(self.halves):
                    hold(6 + half, (of_filter, half), filters(of_filter, half))
                    self.tiles.dot(2 * half + row, 4 + row, 6 + half)

    def store(self, to: str) -> None:
        """Sums as [position][filter]."""
        lanes = ROWS * self.halves
        for half, row in itertools.product(range(self.halves), range(2)):
            self.tiles.store(2 * half + row, self.b.at(to, (row * ROWS * lanes + half * ROWS) * 4), lanes * 4)
