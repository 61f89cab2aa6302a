"""The host: which instruction sets generated code may use, how wide and how many its registers are, its caches.

`TILEWISE_ISA` caps what is used: generic, avx2, avx512, avx512-bf16 or amx. `amx-emulated` generates the AMX kernels
with each tile instruction replaced by plain vector code of the same meaning, so that they run, slowly, on any x86-64
host.
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
from dataclasses import dataclass
from pathlib import Path

from tilewise.errors import ArgumentError

LEVELS = ("generic", "avx2", "avx512", "avx512-bf16", "amx", "amx-emulated")

# What each level needs of the CPU, in LLVM's feature names.
_NEEDS = {
    "avx2": ("avx2", "fma", "f16c", "bmi2"),
    "avx512": ("avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512cd"),
    "avx512-bf16": ("avx512bf16",),
    "amx": ("amx-tile", "amx-bf16"),
}
_WIDE = ("avx512", "avx512-bf16", "amx")
# Tiles do without it.
_OPTIONAL = "avx512-bf16"
_ARCH_REQ_XCOMP_PERM, _XFEATURE_XTILEDATA, _SYS_ARCH_PRCTL = 0x1023, 18, 158


@dataclass(frozen=True)
class Target:
    """What code is generated for: frozen and hashable, so that it can be part of a kernel's key."""

    level: str
    cpu: str
    features: str
    vector_bytes: int
    registers: int
    l1_bytes: int
    l2_bytes: int
    why_not_higher: str

    @property
    def tiles(self) -> bool:
        """Whether AMX tile kernels may be generated."""
        return self.level.startswith("amx")

    @property
    def pairs(self) -> bool:
        """Whether kernels may multiply pairs of bfloat16 values (VDPBF16PS)."""
        return "+avx512bf16" in self.features.split(",")

    @property
    def emulated(self) -> bool:
        """Whether tile instructions are replaced by vector code of the same meaning."""
        return self.level == "amx-emulated"

    @property
    def fuses(self) -> bool:
        """Whether a multiply-add that rounds once is an instruction rather than a library call."""
        return self.level != "generic"

    @property
    def converts_half(self) -> bool:
        """Whether float16 conversions are instructions too: they come with the multiply-adds (`_NEEDS`)."""
        return self.fuses

    @property
    def roomy(self) -> bool:
        """Whether there are 32 vector registers: enough for wide tiles, and for values to stay in beside them."""
        return self.registers > 16

    def lanes(self, dtype: str) -> int:
        """Elements of an accumulator type in one vector register."""
        return self.vector_bytes // (8 if dtype == "float64" else 4)


def host() -> Target:
    """The target in force now: the host's own, capped by TILEWISE_ISA.

    Raises ArgumentError where TILEWISE_ISA names no level.
    """
    return _target(cap())


def cap() -> str:
    """The text of TILEWISE_ISA: cheap to ask for, and a host's target depends on nothing else."""
    return os.environ.get("TILEWISE_ISA", "")


@functools.cache
def _target(setting: str) -> Target:
    cap = setting.strip().lower()
    if cap and cap not in LEVELS:
        raise ArgumentError(f"TILEWISE_ISA={cap!r} names no instruction set; accepted are {', '.join(LEVELS)}")
    available = host_features()
    emulate = cap == "amx-emulated"
    wanted = LEVELS[1 : LEVELS.index(cap) + 1] if cap and not emulate else LEVELS[1:-1]
    level, why = "generic", ""
    for name in wanted:
        missing = [feature for feature in _NEEDS[name] if feature not in available]
        if name == "amx" and not missing and not request_tile_permission():
            missing = ["the operating system's permission for tile data"]
        if not missing:
            level, why = name, ""
            continue
        why = why or f"{name} needs {', '.join(missing)}"
        if name != _OPTIONAL:
            break
    if cap and level == cap:
        why = f"capped by TILEWISE_ISA={cap}"
    base = level
    if emulate:
        wide = _OPTIONAL if _NEEDS[_OPTIONAL][0] in available else "avx512"
        base = wide if level in _WIDE else level
        level, why = "amx-emulated", "tile instructions are emulated"
    l1, l2 = _cache_sizes()
    return Target(
        level=level,
        cpu=_cpu(base),
        features=_features(base, available),
        vector_bytes={"generic": 16, "avx2": 32}.get(base, 64),
        registers=32 if base in _WIDE or platform.machine() == "aarch64" else 16,
        l1_bytes=l1,
        l2_bytes=l2,
        why_not_higher=why,
    )


@functools.cache
def host_features() -> frozenset[str]:
    """LLVM's names of the features that this CPU and operating system offer."""
    import llvmlite.binding as llvm

    return frozenset(name for name, present in llvm.get_host_cpu_features().items() if present)


@functools.cache
def host_cpu() -> str:
    """LLVM's name of this CPU."""
    import llvmlite.binding as llvm

    return str(llvm.get_host_cpu_name())


@functools.cache
def cpu_model() -> str:
    """The CPU's name as its maker writes it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


@functools.cache
def request_tile_permission() -> bool:
    """Ask Linux for the use of AMX tile data: once a process, inherited by forked children."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.syscall(_SYS_ARCH_PRCTL, _ARCH_REQ_XCOMP_PERM, _XFEATURE_XTILEDATA) == 0)


def _cpu(base: str) -> str:
    if platform.machine() not in ("x86_64", "AMD64"):
        return host_cpu()
    # The host's own name brings its instruction timings; a capped target must not bring its instructions.
    return {"generic": "x86-64", "avx2": "x86-64-v3"}.get(base, host_cpu())


def _features(base: str, available: frozenset[str]) -> str:
    if platform.machine() not in ("x86_64", "AMD64"):
        return ",".join(f"+{name}" for name in sorted(available))
    if base in ("generic", "avx2"):
        return ""
    # Conversions to bfloat16 flush subnormals whatever the caller's rounding state says. avxneconvert has nothing else
    # and stays off; avx512bf16 is for its products, and LLVM converts with it only where it is told to (ir/pairs.py).
    dropped = {"avxneconvert"} | ({"avx512bf16"} if base == "avx512" else set())
    dropped |= {"amx-tile", "amx-bf16"} if base != "amx" else set()
    kept = [f"+{name}" for name in sorted(available - dropped) if not name.startswith("amx") or base == "amx"]
    return ",".join([*kept, *(f"-{name}" for name in sorted(dropped)), "-prefer-256-bit"])


def _cache_sizes() -> tuple[int, int]:
    sizes = {1: 32 << 10, 2: 1 << 20}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        try:
            level = int((index / "level").read_text())
            kind = (index / "type").read_text().strip()
            text = (index / "size").read_text().strip()
        except (OSError, ValueError):
            continue
        if kind != "Instruction" and level in sizes and text.endswith("K"):
            sizes[level] = int(text[:-1]) << 10
    return sizes[1], sizes[2]
