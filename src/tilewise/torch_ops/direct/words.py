"""The words that the kernels and Python share, by name: addresses of functions, settings, counters."""

from __future__ import annotations

from tilewise.torch_ops.direct import shim

VARIABLES = (
    "version", "strided", "cpu", "tracer", "settings", "buckets", "environment", "environ", "run", "raising",
    "forward_name", "backward_name", "no_overload", "phase", "forward_count", "backward_count",
)  # fmt: skip
# Kernels are told where the words are, and tell the addresses of these.
ENTRIES = ("convolution", "convolution_backward", "publish")
_NAMES = (*shim.FUNCTIONS, *VARIABLES, *ENTRIES)

# Calls under way, counted in one of two words by `phase`, each on a cache line of its own; they follow the others.
READERS = -(-8 * len(_NAMES) // 64) * 64
PHASES = (READERS, READERS + 64)
BYTES = READERS + 128

# A key: its hash, and the description of a call, which says itself where it ends. Behind it Python writes what there
# is to raise.
MOST_WORDS = 96
STATUS = 8 * MOST_WORDS
# Words of an entry of the table, in bytes; its parts follow.
NEXT, KEY, PARTS, COUNTED, FIRST_PART = range(0, 40, 8)
# Words of a part: which result it computes, that result's shape, the job, and which pointers are the job's bases.
POSITION, DIM, SIZES, STRIDES, JOB, BASES = range(0, 48, 8)
PART_BYTES = BASES + 32

BUCKETS = 1024
# Pointers of a call by number: none, its tensors in their order, its results.
NO_POINTER, FIRST_TENSOR, FIRST_RESULT = 0, 1, 4
POINTERS = FIRST_RESULT + 3


def offset(name: str) -> int:
    """Where a word stands, in bytes."""
    return 8 * _NAMES.index(name)
