"""Plans of `winograd` for few tiles and many channels, where filters are many times the images.

Transformed filters of a whole layer would then travel to memory and back. Here a thread transforms those that it is
about to use, and the source is what is transformed once for all threads; see `few_kernel.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tilewise.algorithms.common.filter_terms import FilterTerms
from tilewise.algorithms.common.padding import View
from tilewise.algorithms.common.plan import Base, Location, ThreadScratch, WorkspaceLayout, cores, stages, step
from tilewise.algorithms.common.tiling import channel_blocks, divisor
from tilewise.algorithms.winograd.contraction import Spec, filters_of, piece_channels, result_side, specify
from tilewise.algorithms.winograd.few_kernel import ARGUMENTS, SOURCE_ARGUMENTS, filter_bytes, kernel, source_kernel
from tilewise.algorithms.winograd.filters import FilterWalk, filter_walk
from tilewise.algorithms.winograd.strips import Transformed
from tilewise.algorithms.winograd.tiles import Tiling, register_tiles, source_values
from tilewise.problem import ConvProblem
from tilewise.runtime import Step
from tilewise.target import Target

# A ticket's sums, and the filters of a piece, stay in the second-level cache.
_NEAR_BYTES = 640 << 10
# Terms of filters that are turned before they are transformed.
_CHUNK = 16


def serves(tiling: Tiling) -> bool:
    """Whether the transformed source is smaller than transformed filters would be."""
    return len(tiling.direct) == 1 and tiling.tiles <= tiling.problem.destination_channels


def steps(
    tiling: Tiling, view: View, result: View, turning: Step | None, returning: Step | None,
    workspace: WorkspaceLayout, target: Target,
) -> tuple[Step, ...]:  # fmt: skip
    """Run by run, transform the source and contract; `turning` and `returning` are what comes before and after."""
    problem = tiling.problem
    layout = _layout(tiling, target)
    blocks = [
        (specify(tiling, view, result, vectors, layout, target), first, count)
        for vectors, first, count in channel_blocks(problem.destination_channels, target.lanes(problem.accumulator))
    ]
    ranges = -(-tiling.tiles // layout.capacity)
    runs = max(-(-ranges // _most_ranges(problem, spec, count, ranges)) for spec, _, count in blocks)
    each = -(-ranges // runs)
    source = _Source(tiling, view, blocks[0][0], each, workspace)
    filters = _Filters.of(tiling, blocks[0][0])
    sides = [_Side(tiling, result, filters, spec, first, count, each, workspace) for spec, first, count in blocks]
    groups: list[list[Step]] = []
    for first in range(0, ranges, each):
        run = first, min(first + each, ranges)
        groups += [[source.step(run)], [side.step(run, source.at) for side in sides]]
    return stages([turning] if turning else [], *groups, [returning] if returning else [])


def _layout(tiling: Tiling, target: Target) -> Transformed:
    """How the transformed source of a piece of channels lies.

    A range has one, two or four times the tiles that share registers, so that few kernels serve all image sizes.
    """
    lanes = target.lanes(tiling.problem.accumulator)
    width = register_tiles(target, 2)[0]
    base = width if width > 8 else 2 * width
    least = -(-tiling.tiles // base) * base
    capacity = next(n * base for n in (4, 2, 1) if -(-tiling.tiles // (n * base)) * n * base <= 1.35 * least)
    piece, _ = piece_channels(tiling.problem.source_channels)
    return Transformed(tiling.tile, capacity, -(-piece // lanes) * target.vector_bytes)


class _Source:
    """The transformed source of a run."""

    def __init__(self, tiling: Tiling, view: View, spec: Spec, ranges: int, workspace: WorkspaceLayout):
        self.tiling, self.view, self.spec = tiling, view, spec
        self.pieces = -(-tiling.problem.source_channels // spec.piece)
        self.at = workspace.take(ranges * self.pieces * spec.layout.size)

    def step(self, run: tuple[int, int]) -> Step:
        spec = self.spec
        text = source_kernel(spec.source_dtype, spec.accumulator, spec.layout, spec.piece, spec.target)
        values = self.tiling.values(spec.layout.capacity) | source_values(self.tiling, self.view)
        values |= {
            "items": (run[1] - run[0]) * self.pieces, "channels": self.tiling.problem.source_channels,
            "pieces": self.pieces, "first_range": run[0],
        }  # fmt: skip
        addresses = {"source_ptr": self.view.at, "transformed_ptr": self.at}
        return step(text, SOURCE_ARGUMENTS, values, addresses, {"taps_ptr": self.tiling.offsets})


@dataclass(frozen=True)
class _Filters:
    """Where filters lie, and the walk over them in chunks of so many terms."""

    terms: FilterTerms
    walk: FilterWalk
    chunk: int

    @classmethod
    def of(cls, tiling: Tiling, spec: Spec) -> _Filters:
        terms, chunk = filters_of(tiling), divisor(spec.piece, _CHUNK)
        return cls(terms, filter_walk(terms, tiling.tile, spec.target.lanes(spec.accumulator), chunk), chunk)


def _near(spec: Spec, blocks: int, ranges: int) -> int:
    """Bytes of the filters of a piece, and of the sums."""
    return blocks * (filter_bytes(spec) + ranges * spec.sum_bytes)


def _blocks_per_item(spec: Spec, blocks: int, ranges: int) -> int:
    """Blocks of a ticket: as many as stay near, and leave enough tickets of the same size."""
    wanted = min(blocks, 2 * cores())
    fair = (blocks - 1) // (wanted - 1) if wanted > 1 else blocks
    most = max(1, min(fair, _NEAR_BYTES // _near(spec, 1, ranges)))
    return -(-blocks // -(-blocks // most))


def _most_ranges(problem: ConvProblem, spec: Spec, blocks: int, ranges: int) -> int:
    """Ranges of a run that move the least, with as many blocks a ticket as then stay near.

    The source is read again for each ticket of a run, the filters are transformed again for each run.
    """
    products = spec.layout.tile.products * problem.source_channels
    source, filters = ranges * spec.layout.capacity * products, blocks * spec.lanes * products

    def moved(most: int) -> int:
        return -(-blocks // _blocks_per_item(spec, blocks, most)) * source + 2 * -(-ranges // most) * filters

    return min(range(1, ranges + 1), key=lambda most: (_near(spec, 1, most) > _NEAR_BYTES, moved(most)))


class _Side:
    """The contraction of some blocks of destination channels, from channel `first` on, in runs of so many ranges."""

    def __init__(
        self, tiling: Tiling, result: View, filters: _Filters, spec: Spec, first: int, blocks: int, ranges: int,
        workspace: WorkspaceLayout,
    ):  # fmt: skip
        self.tiling, self.filters, self.spec, self.first, self.blocks = tiling, filters, spec, first, blocks
        outputs = min(tiling.problem.destination_channels - first, blocks * spec.lanes)
        self.result = result_side(tiling, result, first, outputs, spec, overlap=False)
        self.blocks_per_item = _blocks_per_item(spec, blocks, ranges)
        self.items = -(-blocks // self.blocks_per_item)
        each = spec.slot_bytes(0, 0) + _near(spec, self.blocks_per_item, ranges)
        self.scratch = ThreadScratch.take(workspace, self.items, each)

    def step(self, run: tuple[int, int], transformed: Location) -> Step:
        """The contraction of a run."""
        tiling, spec, filters, side = self.tiling, self.spec, self.filters, self.result
        inputs = tiling.problem.source_channels
        values = {
            **tiling.values(spec.layout.capacity), **self.scratch.values, **side.values, "first_range": run[0],
            "last_range": run[1], "items": self.items, "blocks": self.blocks, "blocks_per_item": self.blocks_per_item,
            "channels": inputs, "pieces": -(-inputs // spec.piece), "channel_stride": filters.terms.channel_stride,
            "chunks": len(filters.walk.chunks), "chunks_per_piece": spec.piece // filters.chunk,
        }  # fmt: skip
        addresses = {
            "transformed_ptr": transformed,
            "weight_ptr": Location(Base.WEIGHT, self.first * filters.terms.channel_stride),
            "scratch_ptr": self.scratch.at,
        }
        text = kernel(spec, filters.terms.dense, filters.chunk)
        return step(text, ARGUMENTS, values, addresses | side.addresses, filters.walk.tables | side.tables)
