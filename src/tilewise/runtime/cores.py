"""How many cores this process may use: what plans share their work out among."""

from __future__ import annotations

import functools
import math
import os
from pathlib import Path

# With these an OpenMP library pins threads, this one perhaps to a single core.
_PINNING = ("OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY", "KMP_AFFINITY")
# "QUOTA PERIOD" in microseconds, or "max PERIOD": cgroup v2 in the Linux kernel's documentation.
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


@functools.cache
def usable_cores() -> int:
    """The machine's, or as many of them as the process is allowed: in a container these may be few of many.

    The number of threads is not asked for, so that results do not depend on it.
    """
    count = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity") and not any(name in os.environ for name in _PINNING):
        count = min(count, len(os.sched_getaffinity(0)))
    return max(1, min(count, _allowed(_QUOTA) or count))


def _allowed(quota: Path) -> int | None:
    """Cores' worth of time that a control group allows, if it limits it."""
    try:
        time, period = quota.read_text().split()
        return None if time == "max" else math.ceil(int(time) / int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None
