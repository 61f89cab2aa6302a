"""The machine's own limits, measured by generated kernels: multiply-adds a second and bytes copied a second.

And what they leave of a layer: the least time that its passes could take.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from bench.table import Layer
from tilewise import target
from tilewise.ir import Builder, Vectors
from tilewise.ir.amx import Tiles
from tilewise.ir.kernel import Arguments, begin_kernel, begin_vectors, tickets
from tilewise.ir.pairs import begin_pairs
from tilewise.ir.parts import PRODUCTS
from tilewise.runtime import Program, Step

_ARGUMENTS = Arguments(["items", "rounds"])
_ROUNDS = 20_000
# Products of parts for one of float32.
_PRODUCTS = {"highest": len(PRODUCTS[3]), "high": len(PRODUCTS[2]), "bf16": 1}


@dataclass(frozen=True)
class Limits:
    """Floating-point operations a second (a multiply-add is two) and bytes a second (read plus written)."""

    fma: float
    pairs: float
    tiles: float
    copy: float


@functools.cache
def limits(seconds: float = 0.5) -> Limits:
    """All of them, on PyTorch's number of threads."""
    host = target.host()
    tile = _rate(_tile_text(host), _ROUNDS * 4 * 16 * 16 * 32 * 2, seconds) if host.tiles and not host.emulated else 0.0
    lanes = host.lanes("float32")
    operations = _ROUNDS * _accumulators(host) * lanes * 2
    fma = _rate(_fma_text(host), operations, seconds)
    pairs = _rate(_pair_text(host), 2 * operations, seconds) if host.pairs else 0.0
    return Limits(fma, pairs, tile, _copy_rate(seconds))


def least_seconds(layer: Layer, level: str, passes: int) -> float:
    """The larger of what arithmetic and what bytes allow for some passes of a layer, at a level of `bench.layers`."""
    found = limits()
    rate = max(found.fma, found.pairs if level == "bf16" else 0.0, found.tiles / _PRODUCTS[level])
    moved = layer.bytes(2 if level == "bf16" else 4, passes)
    return max(2 * layer.multiply_adds * passes / rate, moved / found.copy)


def _accumulators(host: target.Target) -> int:
    return 24 if host.registers >= 32 else 12


def _fma_text(host: target.Target) -> str:
    """Multiply-adds."""
    b, v, a = begin_vectors(_ARGUMENTS, "float32", host)
    return _sums_text(host, b, v, a, lambda: v.splat("1.0"), v.fma)


def _pair_text(host: target.Target) -> str:
    """Products of bfloat16 pairs."""
    b, v, a = begin_pairs(_ARGUMENTS, host)
    return _sums_text(host, b, v, a, lambda: v.load_pairs("%args"), v.dot)


def _sums_text(
    host: target.Target, b: Builder, v: Vectors, a: dict[str, str], operand: Callable[[], str],
    add: Callable[[str, str, str], str],
) -> str:  # fmt: skip
    """Independent sums in registers; one operand is read once, nothing is written."""
    with tickets(b, a["items"]):
        x = operand()
        with b.loop(0, a["rounds"], carried=[(v.type, v.zero)] * _accumulators(host)) as loop:
            loop.carry([add(x, x, value) for value in loop.values])
        total = functools.reduce(v.add, loop.results)
        # Something has to depend on the sums, or they would be left out.
        with b.when(b.let(f"fcmp oeq float {v.total(total)}, -1.0")):
            b.store("i64", 0, "%args", 8)
    return b.text()


def _tile_text(host: target.Target) -> str:
    """Four independent sums of tiles."""
    b, a = begin_kernel(_ARGUMENTS)
    tiles = Tiles(b, host.emulated)
    tiles.configure()
    for tile in range(8):
        tiles.zero(tile)
    with tickets(b, a["items"]), b.loop(0, a["rounds"]):
        for total in range(4):
            tiles.dot(total, 4 + total // 2, 6 + total % 2)
    tiles.release()
    return b.text()


def _rate(text: str, operations: int, seconds: float) -> float:
    threads = torch.get_num_threads()
    program = Program([Step(text, _ARGUMENTS.words({"items": threads, "rounds": _ROUNDS}))], target.host())
    return operations * threads / _best(lambda: program(threads), seconds)


def _copy_rate(seconds: float) -> float:
    """64 MiB from one place to another, by PyTorch's copy on all threads."""
    source, to = (torch.from_numpy(np.ones(1 << 24, np.float32)) for _ in range(2))
    return 2 * source.nbytes / _best(lambda: to.copy_(source), seconds)


def _best(run: object, seconds: float) -> float:
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        run()  # type: ignore[operator]
        best = min(best, time.perf_counter() - start)
    return best
