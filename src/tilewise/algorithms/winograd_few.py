"""Plans of `winograd` for few tiles and many channels, where filters are many times the images.

Transformed filters of a whole layer would then travel to memory and back. Here a thread transforms those that it is
about to use, and the source is what is transformed once for all threads; see `winograd_few_kernel`.
"""

from __future__ import annotations

from tilewise.algorithms.padding import View
from tilewise.algorithms.panels import filter_terms
from tilewise.algorithms.plan import Base, Location, ThreadScratch, WorkspaceLayout, cores, stages, step
from tilewise.algorithms.tiling import channel_blocks, divisor
from tilewise.algorithms.winograd_contraction import Spec, piece_channels, result_side, specify
from tilewise.algorithms.winograd_few_kernel import ARGUMENTS, SOURCE_ARGUMENTS, filter_bytes, kernel, source_kernel
from tilewise.algorithms.winograd_filters import filter_walk
from tilewise.algorithms.winograd_strips import Transformed
from tilewise.algorithms.winograd_tiles import Tiling, register_tiles, source_values
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
    blocks = channel_blocks(problem.destination_channels, target.lanes(problem.accumulator))
    sides = [_Side(tiling, specify(problem, view, result, v, layout, 1, target), first, n) for v, first, n in blocks]
    ranges = -(-tiling.tiles // layout.capacity)
    runs = max(-(-ranges // side.most_ranges(ranges)) for side in sides)
    each = -(-ranges // runs)
    source = _Source(tiling, view, sides[0].spec, each, workspace)
    for side in sides:
        side.settle(each, workspace)
    groups: list[list[Step]] = []
    for first in range(0, ranges, each):
        run = first, min(first + each, ranges)
        groups += [[source.step(run)], [side.step(result, run, source.at) for side in sides]]
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


class _Side:
    """The contraction of some blocks of destination channels, from channel `first` on."""

    def __init__(self, tiling: Tiling, spec: Spec, first: int, blocks: int):
        self.tiling, self.spec, self.first, self.blocks = tiling, spec, first, blocks
        self.filters = filter_terms(tiling.problem, *tiling.elements)
        self.chunk = divisor(spec.piece, _CHUNK)
        self.walk = filter_walk(self.filters, tiling.tile, spec.target.lanes(spec.accumulator), self.chunk)

    def most_ranges(self, ranges: int) -> int:
        """Ranges of a run that move the least, with as many blocks a ticket as then stay near.

        The source is read again for each ticket of a run, the filters are transformed again for each run.
        """
        spec, inputs = self.spec, self.tiling.problem.source_channels
        source = ranges * spec.layout.capacity * spec.layout.tile.products * inputs
        filters = inputs * self.blocks * spec.lanes * spec.layout.tile.products

        def moved(most: int) -> int:
            return -(-self.blocks // self._blocks_per_item(most)) * source + 2 * -(-ranges // most) * filters

        return min(range(1, ranges + 1), key=lambda most: (self._bytes(1, most) > _NEAR_BYTES, moved(most)))

    def _blocks_per_item(self, ranges: int) -> int:
        """Blocks of a ticket: as many as stay near, and leave enough tickets of the same size."""
        wanted = min(self.blocks, 2 * cores())
        fair = (self.blocks - 1) // (wanted - 1) if wanted > 1 else self.blocks
        most = max(1, min(fair, _NEAR_BYTES // self._bytes(1, ranges)))
        return -(-self.blocks // -(-self.blocks // most))

    def _bytes(self, blocks: int, ranges: int) -> int:
        return blocks * (filter_bytes(self.spec) + ranges * self.spec.sum_bytes)

    def settle(self, ranges: int, workspace: WorkspaceLayout) -> None:
        """For runs of at most so many ranges: the blocks of a ticket, and each thread's scratch."""
        self.some = self._blocks_per_item(ranges)
        self.items = -(-self.blocks // self.some)
        each = self.spec.slot_bytes(0, 0) + self._bytes(self.some, ranges)
        self.scratch = ThreadScratch.take(workspace, self.items, each)

    def step(self, result: View, run: tuple[int, int], transformed: Location) -> Step:
        """The contraction of a run."""
        tiling, spec, problem = self.tiling, self.spec, self.tiling.problem
        inputs = problem.source_channels
        outputs = min(problem.destination_channels - self.first, self.blocks * spec.lanes)
        side = result_side(tiling, result, self.first, outputs, spec, overlap=False)
        values = {
            **tiling.values(spec.layout.capacity), **self.scratch.values, **side.values, "first_range": run[0],
            "last_range": run[1], "items": self.items, "blocks": self.blocks, "blocks_per_item": self.some,
            "channels": inputs, "pieces": -(-inputs // spec.piece), "channel_stride": self.filters.channel_stride,
            "chunks": len(self.walk.chunks), "chunks_per_piece": spec.piece // self.chunk,
        }  # fmt: skip
        addresses = {
            "transformed_ptr": transformed,
            "weight_ptr": Location(Base.WEIGHT, self.first * self.filters.channel_stride),
            "scratch_ptr": self.scratch.at,
        }
        text = kernel(spec, self.filters.dense, self.chunk)
        return step(text, ARGUMENTS, values, addresses | side.addresses, self.walk.tables | side.tables)
