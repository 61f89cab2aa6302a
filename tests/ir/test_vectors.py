"""Vector operations against NumPy, on every instruction set: loads, tails, transposes, 16-bit conversions."""

import ctypes

import numpy as np
import pytest
import torch

from tests.support.isa import available_levels, capped
from tilewise.ir import Builder, Vectors
from tilewise.ir.vectors import scalar_narrow, scalar_widen
from tilewise.jit import function_address

LEVELS = [level for level in available_levels() if not level.startswith("amx")]
TORCH = {"float64": torch.float64, "float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# What each level stores: where conversions to float16 are software, they are PyTorch's.
STORED = [(level, dtype) for level in LEVELS for dtype in TORCH if dtype != "float16" or level != "generic"]


def _run(level, accumulator, build, *tensors, count=0):
    """Call build(builder, vectors, addresses, count) on tensors' memory."""
    with capped(level) as host:
        b = Builder("tilewise_kernel")
        v = Vectors(b, accumulator, host.lanes(accumulator), host.fuses)
        addresses = [b.load("ptr", b.at("%args", 8 * i), 8) for i in range(len(tensors))]
        number = b.load("i64", b.at("%args", 8 * len(tensors)), 8)
        build(b, v, addresses, number)
        words = (ctypes.c_int64 * (len(tensors) + 1))(*(t.data_ptr() for t in tensors), count)
        ctypes.CFUNCTYPE(None, ctypes.c_void_p)(function_address(b.text(), host))(words)
        return v.lanes


def _lanes(level, accumulator):
    with capped(level) as host:
        return host.lanes(accumulator)


@pytest.mark.parametrize("accumulator", ["float32", "float64"])
@pytest.mark.parametrize("level", LEVELS)
def test_transpose(level, accumulator):
    lanes = _lanes(level, accumulator)
    square = torch.arange(lanes * lanes, dtype=TORCH[accumulator]).reshape(lanes, lanes)
    out = torch.zeros_like(square)

    def build(b, v, at, _):
        rows = [v.load(b.at(at[0], i * lanes * v.bytes)) for i in range(lanes)]
        for i, column in enumerate(v.transpose(rows)):
            v.store(column, b.at(at[1], i * lanes * v.bytes))

    _run(level, accumulator, build, square, out)
    assert torch.equal(out, square.T)


@pytest.mark.parametrize(("level", "dtype"), STORED)
def test_the_first_elements_are_written_and_no_others(level, dtype):
    accumulator = "float64" if dtype == "float64" else "float32"
    lanes = _lanes(level, accumulator)
    values = torch.randn(lanes, dtype=TORCH[accumulator])
    for count in range(1, lanes + 1):
        out = torch.full((lanes + 1,), 7.0, dtype=TORCH[dtype])

        def build(b, v, at, _, count=count):
            v.store_first(v.load(at[0]), b.at(at[1], TORCH[dtype].itemsize), count, dtype)

        _run(level, accumulator, build, values, out)
        expected = torch.full_like(out, 7.0)
        expected[1 : 1 + count] = values[:count].to(TORCH[dtype])
        assert torch.equal(out, expected), count


@pytest.mark.parametrize("level", LEVELS)
def test_transpose_of_too_few_rows(level):
    lanes = _lanes(level, "float32")
    present = lanes - 1
    rows = torch.arange(present * lanes, dtype=torch.float32).reshape(present, lanes)
    out = torch.zeros(lanes, lanes)

    def build(b, v, at, _):
        given = [v.load(b.at(at[0], i * lanes * 4)) for i in range(present)]
        for i, column in enumerate(v.transpose(given)):
            v.store(column, b.at(at[1], i * lanes * 4))

    _run(level, "float32", build, rows, out)
    assert torch.equal(out[:, :present], rows.T)


@pytest.mark.parametrize(("level", "dtype"), STORED)
def test_masked_loads_and_stores(level, dtype):
    """As many lanes as asked for; all past the end; none below zero; whatever the number's upper half."""
    accumulator = "float64" if dtype == "float64" else "float32"
    lanes = _lanes(level, accumulator)
    source = torch.arange(1, lanes + 1).to(TORCH[dtype])

    def build(b, v, at, count):
        mask = v.mask(count)
        v.store_masked(v.load_masked(at[0], mask, dtype), at[1], mask, dtype)
        v.store(v.load_masked(at[0], mask, dtype), at[2])

    for count in (-(2**33), -1, 0, 1, lanes - 1, lanes, lanes + 1, 2**31 - 1, 2**31, 2**32, 2**32 + 1, 2**62):
        target, whole = torch.full_like(source, -7), torch.full((lanes,), -7, dtype=TORCH[accumulator])
        _run(level, accumulator, build, source, target, whole, count=count)
        valid = min(max(count, 0), lanes)
        assert target[:valid].tolist() == source[:valid].tolist()
        assert (target[valid:] == -7).all(), count
        assert whole.tolist() == [*source[:valid].tolist(), *[0] * (lanes - valid)]


@pytest.mark.parametrize(("level", "dtype"), STORED)
def test_masks_known_when_code_is_made(level, dtype):
    """Constant masks take other ways through LLVM, one of which wrote a 16-bit element too many."""
    accumulator = "float64" if dtype == "float64" else "float32"
    lanes = _lanes(level, accumulator)
    source = torch.arange(1, lanes + 1, dtype=TORCH[accumulator])
    for count in range(lanes + 1):
        target = torch.full((lanes,), -7, dtype=TORCH[dtype])

        def build(b, v, at, _, count=count):
            v.store_masked(v.load(at[0]), at[1], v.mask(count), dtype)

        _run(level, accumulator, build, source, target)
        assert target.tolist() == [*source[:count].tolist(), *[-7] * (lanes - count)]


@pytest.mark.parametrize("level", LEVELS)
def test_windows(level):
    """Lanes whose position lies in a row, for positions on both sides and far beyond 32 bits."""
    lanes = _lanes(level, "float32")
    ones = torch.ones(lanes)
    for size in (0, 1, 3, lanes, 3 * lanes, 2**31 + 5, 2**40):
        for position in (-(2**33), -lanes, -lanes + 1, -1, 0, 1, size - lanes, size - 1, size, 2**31, 2**32, 2**33):
            out = torch.zeros(lanes)

            def build(b, v, at, start, size=size):
                v.store(v.load_masked(at[0], v.window(start, size)), at[1])

            _run(level, "float32", build, ones, out, count=position)
            assert out.tolist() == [float(0 <= position + i < size) for i in range(lanes)], (position, size)


@pytest.mark.parametrize(("level", "dtype"), [pair for pair in STORED if pair[1] in ("bfloat16", "float16")])
def test_sixteen_bits_widen_exactly_and_narrow_to_nearest_even(level, dtype):
    lanes = _lanes(level, "float32")
    patterns = torch.from_numpy(np.arange(1 << 16, dtype=np.uint16).view(np.int16).copy()).view(TORCH[dtype])
    wide = torch.zeros(1 << 16)

    def widen(b, v, at, count):
        with b.loop(0, count, lanes) as i:
            v.store(v.load_as(b.at(at[0], b.mul(i.index, 2)), dtype), b.at(at[1], b.mul(i.index, 4)))

    _run(level, "float32", widen, patterns, wide, count=1 << 16)
    right = patterns.float()
    assert torch.equal(wide.isnan(), right.isnan())
    assert torch.equal(wide.nan_to_num(7), right.nan_to_num(7))

    # Each value, the middle to the next one, and a little to both sides of that; infinities, NaN, subnormals.
    finite = right[right.isfinite()]
    step = torch.nextafter(finite, torch.tensor(float("inf"))) - finite
    middles = (finite.view(torch.int32) + (1 << (15 if dtype == "bfloat16" else 12))).view(torch.float32)
    values = torch.cat([
        right, finite + step, middles, torch.nextafter(middles, torch.zeros(())),
        torch.nextafter(middles, torch.tensor(float("inf"))), torch.tensor([3.4e38, -3.4e38, 65519.9, 65520.0, 1e-45]),
    ])  # fmt: skip
    values = torch.cat([values, torch.zeros(-len(values) % lanes)])
    narrow = torch.zeros(len(values), dtype=TORCH[dtype])

    def narrowing(b, v, at, count):
        with b.loop(0, count, lanes) as i:
            v.store_as(v.load(b.at(at[0], b.mul(i.index, 4))), b.at(at[1], b.mul(i.index, 2)), dtype)

    _run(level, "float32", narrowing, values, narrow, count=len(values))
    right = values.to(TORCH[dtype])
    assert torch.equal(narrow.isnan(), right.isnan())
    there = ~right.isnan()
    assert torch.equal(narrow[there].view(torch.int16), right[there].view(torch.int16))


@pytest.mark.parametrize(("level", "dtype"), [pair for pair in STORED if pair[0] == LEVELS[-1]])
def test_scalars_agree_with_vectors(level, dtype):
    values = torch.tensor([0.0, 1.0, -1.5, 3.14159, 1e-3, 6e4, float("inf"), float("nan")], dtype=torch.float64)
    stored = values.to(TORCH[dtype])
    element = "double" if dtype == "float64" else "float"
    wide = torch.zeros(8, dtype=torch.float64 if dtype == "float64" else torch.float32)
    again = torch.zeros_like(stored)

    def build(b, v, at, _):
        for i in range(8):
            value = scalar_widen(b, b.at(at[0], i * stored.element_size()), dtype, element)
            b.store(element, value, b.at(at[1], i * v.bytes), v.bytes)
            if dtype != "float64":
                scalar_narrow(b, value, b.at(at[2], i * stored.element_size()), dtype)

    _run(level, "float64" if dtype == "float64" else "float32", build, stored, wide, again)
    assert torch.equal(wide.double().nan_to_num(7), stored.double().nan_to_num(7))
    if dtype != "float64":
        assert torch.equal(again.double().nan_to_num(7), stored.double().nan_to_num(7))


@pytest.mark.parametrize("accumulator", ["float32", "float64"])
@pytest.mark.parametrize("level", LEVELS)
def test_sums_splats_and_products(level, accumulator):
    lanes = _lanes(level, accumulator)
    x = torch.arange(lanes, dtype=TORCH[accumulator])
    out = torch.zeros(3 * lanes + 1, dtype=TORCH[accumulator])

    def build(b, v, at, _):
        value = v.load(at[0])
        v.store(v.fma(value, v.load_splat(b.at(at[0], 2 * v.bytes)), v.splat("1.0")), at[1])
        v.store(v.add(value, value), b.at(at[1], lanes * v.bytes))
        b.store(v.element, v.total(value), b.at(at[1], 3 * lanes * v.bytes), v.bytes)

    _run(level, accumulator, build, x, out)
    if lanes > 2:
        assert out[:lanes].tolist() == (2 * x + 1).tolist()
    assert out[lanes : 2 * lanes].tolist() == (2 * x).tolist()
    assert out[-1].item() == x.sum().item()
