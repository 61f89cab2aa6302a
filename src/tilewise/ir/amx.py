"""AMX tile instructions: each a function that emits it, beside a NumPy meaning of the same name.

Eight tiles of up to 16 rows of 64 bytes. The explicit intrinsics are used, so tile numbers are chosen here and
counted here; LLVM's register allocation is not involved. On hosts without AMX the same calls emit plain vector
code with the same meaning (`emulated`), and tests hold all three against each other.
Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapters on TILE* and TDPBF16PS.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tilewise.errors import VerificationError
from tilewise.ir.builder import Builder, Value

TILES = 8
ROWS = 16
ROW_BYTES = 64
TILE_BYTES = ROWS * ROW_BYTES


class TileState:
    """Eight tiles as NumPy sees them, and what each instruction does to them."""

    def __init__(self) -> None:
        self.tiles = np.zeros((TILES, ROWS, ROW_BYTES), np.uint8)

    def zero(self, tile: int) -> None:
        """TILEZERO."""
        self.tiles[tile] = 0

    def load(self, tile: int, memory: NDArray[np.uint8], start: int, stride: int) -> None:
        """TILELOADD: row r comes from start + r*stride."""
        for row in range(ROWS):
            at = start + row * stride
            self.tiles[tile, row] = memory[at : at + ROW_BYTES]

    def store(self, tile: int, memory: NDArray[np.uint8], start: int, stride: int) -> None:
        """TILESTORED: row r goes to start + r*stride."""
        for row in range(ROWS):
            at = start + row * stride
            memory[at : at + ROW_BYTES] = self.tiles[tile, row]

    def dot(self, total: int, left: int, right: int) -> None:
        """TDPBF16PS: total[m][n] += sum over k of left[m][2k]*right[k][2n] + left[m][2k+1]*right[k][2n+1].

        The even and the odd products are summed apart, each with fused multiply-adds in the order of k, then
        together; subnormal inputs and results count as zero.
        """
        a, c = (_flush(_widen(self.tiles[t].view(np.uint16))) for t in (left, right))
        sums = np.zeros((2, ROWS, ROWS), np.float32)
        for k in range(ROWS):
            for parity in range(2):
                # A product of bfloat16 values is exact in double, and so is its sum with a float before rounding
                # for all but extreme exponent differences: one rounding, as a fused multiply-add has.
                product = np.multiply.outer(a[:, 2 * k + parity].astype(np.float64), c[k, parity::2])
                sums[parity] = _flush((sums[parity] + product).astype(np.float32))
        result = self.tiles[total].view(np.float32)
        result[:] = _flush(_flush(result) + _flush(sums[0] + sums[1]))


def _widen(pattern: NDArray[np.uint16]) -> NDArray[np.float32]:
    return (pattern.astype(np.uint32) << 16).view(np.float32)


def _flush(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.where(np.abs(values) < np.finfo(np.float32).tiny, np.float32(0) * np.sign(values), values).astype(
        np.float32
    )


class Tiles:
    """Emits tile instructions into a builder. Tiles must be configured before use and released at the end."""

    def __init__(self, b: Builder, emulated: bool):
        self.b = b
        self.emulated = emulated
        self._open = False
        self._written: set[int] = set()
        if emulated:
            self.memory = b.stack(TILES * TILE_BYTES)
            b.define(_EMULATION)

    def configure(self) -> None:
        """LDTILECFG: eight tiles of 16 rows by 64 bytes. The state belongs to the thread: once a region."""
        if self._open:
            raise VerificationError("tiles are configured twice")
        self._open = True
        if self.emulated:
            return
        shape = bytearray(64)
        shape[0] = 1
        for tile in range(TILES):
            shape[16 + 2 * tile], shape[48 + tile] = ROW_BYTES, ROWS
        text = "".join(f"\\{byte:02X}" for byte in shape)
        self.b.constants.append(f'@tile_shape = private constant [64 x i8] c"{text}", align 64')
        self.b.call("void", "llvm.x86.ldtilecfg", ("ptr", "@tile_shape"))

    def release(self) -> None:
        """TILERELEASE: tiles back to their initial state, so that the thread's context stays small."""
        if not self._open:
            raise VerificationError("tiles are released before they are configured")
        self._open = False
        if not self.emulated:
            self.b.call("void", "llvm.x86.tilerelease")

    def zero(self, tile: int) -> None:
        """TILEZERO."""
        self._check(tile)
        self._written.add(tile)
        if self.emulated:
            self.b.zero_bytes(self._at(tile), TILE_BYTES)
        else:
            self.b.call("void", "llvm.x86.tilezero", ("i8", tile))

    def load(self, tile: int, address: str, stride: Value = ROW_BYTES) -> None:
        """TILELOADD: 16 rows of 64 bytes, `stride` bytes apart."""
        self._check(tile)
        self._written.add(tile)
        if self.emulated:
            self._rows(self._at(tile), ROW_BYTES, address, stride)
        else:
            self.b.call("void", "llvm.x86.tileloadd64", ("i8", tile), ("ptr", address), ("i64", stride))

    def store(self, tile: int, address: str, stride: Value = ROW_BYTES) -> None:
        """TILESTORED: 16 rows of 64 bytes, `stride` bytes apart."""
        self._check(tile, read=True)
        if self.emulated:
            self._rows(address, stride, self._at(tile), ROW_BYTES)
        else:
            self.b.call("void", "llvm.x86.tilestored64", ("i8", tile), ("ptr", address), ("i64", stride))

    def dot(self, total: int, left: int, right: int) -> None:
        """TDPBF16PS: total += left times right, bfloat16 pairs into float32."""
        for tile in (total, left, right):
            self._check(tile, read=True)
        if len({total, left, right}) != 3:
            raise VerificationError("TDPBF16PS needs three different tiles")
        if self.emulated:
            where = ", ".join(f"ptr {self._at(tile)}" for tile in (total, left, right))
            self.b.emit(f"call void @emulated_tdpbf16ps({where})")
        else:
            self.b.call("void", "llvm.x86.tdpbf16ps", *(("i8", tile) for tile in (total, left, right)))

    def _check(self, tile: int, read: bool = False) -> None:
        if not 0 <= tile < TILES:
            raise VerificationError(f"tile {tile} does not exist: there are {TILES}")
        if not self._open:
            raise VerificationError("a tile is used before the tiles are configured or after they are released")
        if read and tile not in self._written:
            raise VerificationError(f"tile {tile} is read before anything was put into it")

    def _at(self, tile: int) -> str:
        return self.b.at(self.memory, tile * TILE_BYTES)

    def _rows(self, to: str, to_stride: Value, source: str, source_stride: Value) -> None:
        strides = f"i64 {to_stride}, ptr {source}, i64 {source_stride}"
        self.b.emit(f"call void @emulated_rows(ptr {to}, {strides})")


def _emulation() -> str:
    """Two internal functions: rows copied to rows, and the dot product as the manual writes it."""
    b = Builder("emulated_rows", "ptr %to, i64 %to_stride, ptr %from, i64 %from_stride")
    with b.loop(0, ROWS) as row:
        line = b.load("<16 x i32>", b.at("%from", b.mul(row.index, "%from_stride")), 1)
        b.store("<16 x i32>", line, b.at("%to", b.mul(row.index, "%to_stride")), 1)
    rows = b.function("internal")

    b = Builder("emulated_tdpbf16ps", "ptr %total, ptr %left, ptr %right")
    floats, ints = "<16 x float>", "<16 x i32>"

    def constant(number: int) -> str:
        return "<" + ", ".join([f"i32 {number}"] * 16) + ">"

    def flushed(value: str) -> str:
        """Zero in place of a subnormal."""
        bits = b.let(f"bitcast {floats} {value} to {ints}")
        exponent = b.let(f"and {ints} {bits}, {constant(0x7F800000)}")
        tiny = b.let(f"icmp eq {ints} {exponent}, zeroinitializer")
        return b.let(f"select <16 x i1> {tiny}, {floats} zeroinitializer, {floats} {value}")

    def wide(line: str, parity: int) -> str:
        """The even or odd bfloat16 elements of a line."""
        if parity:
            bits = b.let(f"and {ints} {line}, {constant(-65536)}")
        else:
            bits = b.let(f"shl {ints} {line}, {constant(16)}")
        return flushed(b.let(f"bitcast {ints} {bits} to {floats}"))

    with b.loop(0, ROWS) as m:
        left = b.at("%left", b.mul(m.index, ROW_BYTES))
        with b.loop(0, ROWS, carried=[(floats, "zeroinitializer")] * 2) as k:
            pair = b.load("i32", b.at(left, b.mul(k.index, 4)), 4)
            first = b.let(f"insertelement {ints} poison, i32 {pair}, i64 0")
            spread = b.let(f"shufflevector {ints} {first}, {ints} poison, {ints} zeroinitializer")
            line = b.load(ints, b.at("%right", b.mul(k.index, ROW_BYTES)), 64)
            sums = []
            for parity in range(2):
                operands = [(floats, v) for v in (wide(spread, parity), wide(line, parity), k.values[parity])]
                sums.append(flushed(b.call(floats, "llvm.fma.v16f32", *operands)))
            k.carry(sums)
        at = b.at("%total", b.mul(m.index, ROW_BYTES))
        both = flushed(b.let(f"fadd {floats} {k.results[0]}, {k.results[1]}"))
        before = flushed(b.load(floats, at, 64))
        b.store(floats, flushed(b.let(f"fadd {floats} {before}, {both}")), at, 64)
    return (
        "declare <16 x float> @llvm.fma.v16f32(<16 x float>, <16 x float>, <16 x float>)\n"
        + rows
        + b.function("internal")
    )


_EMULATION = _emulation()
