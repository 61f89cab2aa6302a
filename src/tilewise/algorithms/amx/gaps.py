"""Code that tells what of a tile's positions lies in gaps: rows without results, taps that read nothing."""

from __future__ import annotations

from tilewise.algorithms.amx.grid import MOST_TAPS
from tilewise.algorithms.amx.products import POSITIONS
from tilewise.ir.builder import Builder, Value
from tilewise.ir.kernel import split


class Gaps:
    """Emits the questions; `lists`: whether the taps that read something are listed, at `listed`."""

    def __init__(self, b: Builder, a: dict[str, str], lists: bool):
        self.b, self.a = b, a
        self.listed = b.stack(MOST_TAPS * 16) if lists else ""

    def _ends(self, position: Value) -> tuple[list[Value], list[Value], str, str]:
        """(image, plane, row, column) of a tile's first and last position; whether it is one image's, one plane's."""
        b, a = self.b, self.a
        places = a["depth"], a["height"], a["width"]
        first, last = (split(b, at, *places) for at in (position, b.add(position, POSITIONS - 1)))
        one_image = b.compare("eq", first[0], last[0])
        return first, last, one_image, b.both(one_image, b.compare("eq", first[1], last[1]))

    def useful(self, position: Value) -> str:
        """Whether something is written for a tile's positions: a row or plane of gaps ends with its plane or image."""
        b, a = self.b, self.a
        (_, d, h, _), _, one_image, one_plane = self._ends(position)
        no_row = b.both(one_plane, b.compare("sge", h, a["out_height"]))
        no_plane = b.both(one_image, b.compare("sge", d, a["out_depth"]))
        return b.let(f"xor i1 {b.let(f'or i1 {no_row}, {no_plane}')}, true")

    def live(self, position: Value) -> Value:
        """List the taps that read something for a tile's positions, and say how many they are."""
        b, a = self.b, self.a
        (_, d0, h0, _), (_, d1, h1, _), one_image, one_plane = self._ends(position)
        with b.loop(0, a["tap_count"], carried=[("i64", 0)]) as tap:
            line, panel, planes, rows = b.entry(a["taps_ptr"], tap.index, 4)

            def nothing(first: Value, last: Value, shift: Value, size: Value) -> str:
                """Whether first .. last, shifted, lie outside 0 .. size-1; not asked where they are no range."""
                before = b.compare("slt", b.add(last, shift), 0)
                return b.let(f"or i1 {before}, {b.compare('sge', b.add(first, shift), size)}")

            no_row = b.both(one_plane, nothing(h0, h1, rows, a["read_height"]))
            no_plane = b.both(one_image, nothing(d0, d1, planes, a["read_depth"]))
            dead = b.let(f"or i1 {no_row}, {no_plane}")
            at = b.at(self.listed, b.mul(tap.values[0], 16))
            b.store("i64", line, at, 8)
            b.store("i64", panel, b.at(at, 8), 8)
            tap.carry([b.add(tap.values[0], b.select(dead, "i64", 0, 1))])
        return tap.results[0]
