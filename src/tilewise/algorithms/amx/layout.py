"""What `amx` packs, when, and who: the source whole, some positions at a time, or not at all; the filters likewise."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from tilewise.algorithms.amx.filters import TileFilters
from tilewise.algorithms.amx.grid import Grid
from tilewise.algorithms.amx.joining import Joining
from tilewise.algorithms.amx.products import POSITIONS
from tilewise.algorithms.amx.source import SourceLines
from tilewise.algorithms.common.plan import Base, Location, cores, enough_items
from tilewise.geometry import Phase
from tilewise.problem import ConvProblem
from tilewise.target import Target

PARTS = {"highest": 3, "high": 2, "medium": 1}
# A packed source of so many bytes is packed once for all threads; of a larger one each packs what it multiplies, the
# edges of bands twice, because lines that another thread has written come from far.
SHARED_BYTES = 1 << 20
# Bands of a problem, at the least: threads take them in turn.
_BANDS = 8
# So few position blocks are one ticket's, if there are blocks of filters enough for all threads. Filters then pass
# through memory once instead of three times, and no thread waits for the others' packing.
_FEW_BLOCKS = 64


def parts_of(problem: ConvProblem) -> int:
    """How many bfloat16 parts a value has."""
    return 1 if problem.dtype == "bfloat16" else PARTS[problem.precision]


def phase_count(problem: ConvProblem) -> int:
    """Contractions of a problem: one for each residue of positions modulo the stride that it is written at."""
    return math.prod(len(axis) for axis in problem.phases)


def phases_of(problem: ConvProblem, joining: Joining | None) -> tuple[tuple[Phase, ...], ...]:
    """The phases of each axis, of taps or, along W, of lines of them."""
    return joining.phases() if joining else problem.phases


def grid_of(problem: ConvProblem, joining: Joining | None) -> Grid:
    """The positions of a problem's source."""
    phases = phases_of(problem, joining)
    return Grid.of(phases, problem.source.spatial, problem.batch, POSITIONS, joining is not None)


@dataclass
class Source:
    """The source's lines, of all positions or of those around a band of `bands` blocks of them, `at` a place.

    There is none where each ticket packs the band that it multiplies. Lines that are `ready` are those of the tensor.
    """

    lines: SourceLines
    bands: int
    by_tickets: bool = False
    at: Location | None = None

    @property
    def ready(self) -> bool:
        """Whether nothing needs to be packed."""
        return self.lines.ready

    @property
    def rounds(self) -> bool:
        """Whether some positions at a time are packed for all."""
        return bool(self.bands) and not self.by_tickets and not self.ready

    @property
    def blocks(self) -> int:
        """Blocks of positions."""
        return -(-self.lines.grid.positions // POSITIONS)

    @classmethod
    def of(cls, problem: ConvProblem, target: Target) -> Source:
        """Bands where the packed source is large: those of tickets, if what stays near is larger than its edges."""
        joining, parts = Joining.of(problem), parts_of(problem)
        grid = grid_of(problem, joining)
        whole = SourceLines(problem, grid, parts, grid.lines, joining)
        if whole.ready:
            return cls(whole, _near_blocks(whole, target), at=Location(Base.SOURCE))
        blocks = -(-grid.positions // POSITIONS)
        filters = 2 * parts * problem.taps * problem.source_channels * problem.destination_channels
        if blocks <= _FEW_BLOCKS and filters > whole.group_bytes:  # then tickets rather pack these
            return cls(whole, 0)
        if problem.groups * whole.group_bytes <= SHARED_BYTES:
            return cls(whole, 0)
        position_bytes = whole.group_bytes // whole.lines
        around = grid.lead + grid.trail
        near = target.l2_bytes // position_bytes
        size = min((near // 2 - around) // POSITIONS, -(-blocks * problem.groups // enough_items(_BANDS)), blocks)
        # A step is a phase's: its tickets would pack again what another's have packed.
        by_tickets = phase_count(problem) == 1 and size >= 2 and size * POSITIONS >= 2 * (around - POSITIONS)
        if not by_tickets:
            # All that the cores' caches hold, of many cores' half of all: shorter rounds wait more often.
            held = min(cores() * near // problem.groups, max(2 * near // problem.groups, grid.positions // 2))
            size = max(4 * around, held) // POSITIONS
        rounds = -(-blocks // size) if by_tickets else blocks // size
        if rounds < 2:
            return cls(whole, 0)
        size = -(-blocks // rounds)
        return cls(SourceLines(problem, grid, parts, around + size * POSITIONS, joining), size, by_tickets)


def _near_blocks(lines: SourceLines, target: Target) -> int:
    """Blocks of positions of a large source that stay near while all filters pass; 0 where all of it does."""
    if lines.grid.positions * lines.channels * 2 <= target.l2_bytes:
        return 0
    return max(1, target.l2_bytes // 2 // (lines.channels * 2 * POSITIONS))


def packed_by_tickets(source: Source, filters: TileFilters) -> bool:
    """Whether each ticket packs its own filters: where one ticket has all positions, and every thread its tickets.

    Not where several phases share filters: each would pack them all.
    """
    tickets = filters.problem.groups * filters.blocks
    sharing = sum(all(phase.taps for phase in choice) for choice in itertools.product(*filters.problem.phases))
    return not source.bands and sharing <= 1 and source.blocks <= _FEW_BLOCKS and tickets >= 4 * cores()
