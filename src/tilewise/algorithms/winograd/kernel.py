"""The contraction of `winograd`: a range of tiles is transformed, multiplied and transformed back while it is in cache.

A ticket is some ranges of `capacity` tiles, whatever strips (rows of tiles) they belong to, and a run of channel
blocks. A range's source transform fills `[direct tap][product][tile][channel]` of the thread's own scratch once; for
each block of destination channels the products are contractions over channels in register tiles, their sums wait in
`[product][tile][lanes]`, and the result transform takes them from there.
"""

from __future__ import annotations

import functools

from tilewise.algorithms.winograd.contraction import RESULT_ARGUMENTS, Contraction, Spec
from tilewise.algorithms.winograd.strips import ARGUMENTS as STRIP_ARGUMENTS
from tilewise.ir.builder import Value
from tilewise.ir.kernel import SLOTS, Arguments, begin_vectors, scratch_slot, share, split, tickets

ARGUMENTS = Arguments(
    [
        "items", *SLOTS, "runs", "ranges", "ranges_per_item", *STRIP_ARGUMENTS, *RESULT_ARGUMENTS,
        "channels", "blocks", "blocks_per_item", "blocks_per_group", "panel_bytes", "product_bytes", "uses_ptr",
        "filters_ptr",
    ]
)  # fmt: skip


@functools.cache
def kernel(spec: Spec) -> str:
    """The text."""
    return Kernel(spec, begin_vectors(ARGUMENTS, spec.accumulator, spec.target)).text()


class Kernel(Contraction):
    """Code for it; how a product is computed for a range, and what that needs before and after, subclasses may say."""

    def text(self) -> str:
        """Threads without a scratch of their own leave; the others draw tickets."""
        b, a, spec = self.b, self.a, self.spec
        with scratch_slot(b, ARGUMENTS, a) as self.transformed:
            self._enter()
            self.lines = b.at(self.transformed, b.mul(a["taps"], spec.layout.size))
            self.sums = b.at(self.lines, spec.layout.tile.outputs * spec.line_bytes)
            with tickets(b, a["items"]) as item:
                chunk, run = split(b, item, a["runs"])
                first_block, last_block = share(b, chunk, a["blocks_per_item"], a["blocks"])
                first_range, last_range = share(b, run, a["ranges_per_item"], a["ranges"])
                self.watch.begin()
                with b.loop(first_range, last_range) as number:
                    first, last = share(b, number.index, spec.layout.capacity, a["tiles"])
                    with b.loop(0, a["taps"]) as tap:
                        to = b.at(self.transformed, b.mul(tap.index, spec.layout.size))
                        self.walk.transform_source(
                            spec.source_dtype, spec.layout, first, last, tap.index, a["source_ptr"], a["channels"], to
                        )
                    what = self._range(first, last)
                    with b.loop(first_block, last_block, a["blocks_per_group"]) as group:
                        behind = b.min(b.add(group.index, a["blocks_per_group"]), last_block)
                        with b.loop(group.index, behind) as block:
                            self._ask(block.index, first, last)
                        with b.loop(0, spec.layout.tile.products) as product, b.loop(group.index, behind) as block:
                            self._products(block.index, product.index, self._sums(block.index, group.index), what)
                        with b.loop(group.index, behind) as block:
                            self._results(block.index, self._sums(block.index, group.index), first, last)
                self.watch.report(a["status_ptr"])
            self._leave()
        return b.text()

    def _enter(self) -> None:
        """What a thread does before its first ticket."""

    def _leave(self) -> None:
        """What it does after its last."""

    def _range(self, first: Value, last: Value) -> tuple[Value, Value]:
        """What `_products` is told of a range of tiles: which cuts are its."""
        return self._cuts(first, last)

    # -- products ----------------------------------------------------------------------------------

    def _sums(self, block: Value, group: Value) -> str:
        """Where a block's sums wait: a group's blocks side by side."""
        b = self.b
        return b.at(self.sums, b.mul(b.sub(block, group), self.spec.sum_bytes))

    def _products(self, block: Value, product: Value, sums: str, what: tuple[Value, Value]) -> None:
        """For each register tile of a range, the sum over its runs of taps and the channels."""
        b, a, spec = self.b, self.a, self.spec
        filters = b.at(a["filters_ptr"], b.mul(block, a["panel_bytes"]), b.mul(product, a["product_bytes"]))
        run, stop = b.entry(a["uses_ptr"], product, 2)
        filters = b.at(filters, b.mul(b.mul(run, a["channels"]), spec.lanes * self.v.bytes))
        source = b.at(self.transformed, b.mul(product, spec.layout.product_bytes))
        sums = b.at(sums, b.mul(product, spec.layout.capacity * spec.lanes * self.v.bytes))
        with b.loop(*what) as cut:
            start, index = b.entry(a["cuts_ptr"], cut.index, 2)
            at = b.at(source, b.mul(start, spec.layout.pixel_bytes))
            to = b.at(sums, b.mul(start, spec.lanes * self.v.bytes))
            b.switch(
                index,
                {i: functools.partial(self._tile, w, (run, stop), at, filters, to) for i, w in enumerate(spec.widths)},
            )

    def _tile(self, width: int, runs: tuple[Value, Value], source: str, filters: str, to: str) -> None:
        b, v, a, spec = self.b, self.v, self.a, self.spec
        places = self._places(width, to)
        with b.loop(*runs, carried=[("ptr", filters)]) as run:
            at = b.at(source, b.mul(run.index, spec.layout.size))
            with b.loop(0, a["channels"], spec.piece, carried=[("ptr", run.values[0])]) as piece:
                stop = b.min(b.add(piece.index, spec.piece), a["channels"])
                begins = b.compare("eq", b.add(b.sub(run.index, runs[0]), piece.index), 0)
                after, sums = self._sum(width, at, piece.values[0], piece.index, stop)
                if spec.chunked:
                    self._add(sums, places, begins)
                else:
                    for place, value in zip(places, sums, strict=True):
                        v.store(value, place)
                piece.carry([after])
            run.carry(piece.results)
