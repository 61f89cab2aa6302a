"""Tile instructions: NumPy's meaning, the emulation and, where the CPU has them, the instructions themselves."""

import ctypes

import numpy as np
import pytest

from tilewise import target
from tilewise.errors import VerificationError
from tilewise.ir import Builder
from tilewise.ir.amx import TILE_BYTES, TILES, Tiles, TileState
from tilewise.jit import function_address

# Two loads of operands at odd strides, two products into one tile, one into another, and all of them stored.
STRIDE_LEFT, STRIDE_RIGHT = 128, 64


def program(tiles, memory):
    """The same calls for the NumPy meaning and for both kinds of code."""
    left, right, out = memory
    tiles.zero(0)
    tiles.load(1, *left)
    tiles.load(2, *right)
    tiles.dot(0, 1, 2)
    tiles.dot(0, 1, 2)
    tiles.store(0, *out)


def operands(kind):
    rng = np.random.default_rng(7)
    values = rng.standard_normal(2 * 4096).astype(np.float32)
    if kind == "subnormal":
        values[::5] *= np.float32(1e-39)
        values[1::7] *= np.float32(1e-25)
    if kind == "special":
        values[3::97] = np.inf
        values[5::89] = np.nan
    return (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8).copy()


def run(kind, cap, monkeypatch):
    monkeypatch.setenv("TILEWISE_ISA", cap)
    host = target.host()
    b = Builder("tilewise_kernel")
    tiles = Tiles(b, host.emulated)
    source, out = (b.load("ptr", b.at("%args", offset), 8) for offset in (0, 8))
    tiles.configure()
    program(tiles, ((source, STRIDE_LEFT), (b.at(source, 4096), STRIDE_RIGHT), (out, 64)))
    tiles.release()
    data, result = operands(kind), np.full(TILE_BYTES + 64, 0xAB, np.uint8)
    start = -result.ctypes.data % 64
    words = (ctypes.c_int64 * 2)(data.ctypes.data, result.ctypes.data + start)
    ctypes.CFUNCTYPE(None, ctypes.c_void_p)(function_address(b.text(), host))(words)
    return result[start : start + TILE_BYTES].view(np.float32)


def meaning(kind):
    state, data, out = TileState(), operands(kind), np.zeros(TILE_BYTES, np.uint8)
    program(state, ((data, 0, STRIDE_LEFT), (data, 4096, STRIDE_RIGHT), (out, 0, 64)))
    return out.view(np.float32)


@pytest.mark.parametrize("kind", ["normal", "subnormal", "special"])
def test_emulated_instructions_do_what_numpy_says(kind, monkeypatch):
    with np.errstate(invalid="ignore"):
        expected = meaning(kind)
    np.testing.assert_array_equal(run(kind, "amx-emulated", monkeypatch), expected)


@pytest.mark.parametrize("kind", ["normal", "subnormal", "special"])
def test_the_cpus_instructions_do_what_numpy_says(kind, monkeypatch):
    if not (target.host_features() >= {"amx-tile", "amx-bf16"} and target.request_tile_permission()):
        pytest.skip("this CPU has no AMX tiles")
    with np.errstate(invalid="ignore"):
        expected = meaning(kind)
    np.testing.assert_array_equal(run(kind, "amx", monkeypatch), expected)


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        (lambda t: t.zero(0), "before the tiles are configured"),
        (lambda t: (t.configure(), t.zero(TILES)), "does not exist"),
        (lambda t: (t.configure(), t.zero(0), t.zero(1), t.dot(0, 1, 2)), "read before"),
        (lambda t: (t.configure(), t.zero(0), t.zero(1), t.dot(0, 1, 1)), "three different"),
        (lambda t: (t.configure(), t.configure()), "configured twice"),
        (lambda t: t.release(), "released before"),
        (lambda t: (t.configure(), t.release(), t.zero(0)), "after they are released"),
    ],
)
def test_misuse_is_refused_before_llvm_sees_it(calls, words):
    with pytest.raises(VerificationError, match=words):
        calls(Tiles(Builder("tilewise_kernel"), emulated=False))
