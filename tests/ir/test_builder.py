"""The builder: constants fold, loops carry, branches join, and the text is what LLVM runs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.isa import capped
from tests.support.strategies import bounded
from tilewise.ir import Builder
from tilewise.ir.kernel import Arguments, advance, begin_kernel, share, split, tickets
from tilewise.runtime import Program, Step

ARGUMENTS = Arguments(["a", "b", "c", "out_ptr"])
SMALL = st.integers(-50, 50)


def _numbers(build, a=0, b=0, c=0, results=1):
    """What a kernel computes from three numbers: build(builder, a, b, c) gives the values to keep."""
    builder, arguments = begin_kernel(ARGUMENTS)
    with tickets(builder, 1):
        for i, value in enumerate(build(builder, arguments["a"], arguments["b"], arguments["c"])):
            builder.store("i64", value, builder.at(arguments["out_ptr"], 8 * i), 8)
    out = np.zeros(results, np.int64)
    with capped("generic") as host:
        words = ARGUMENTS.words({"a": a, "b": b, "c": c})
        program = Program([Step(builder.text(), words, ((ARGUMENTS.position("out_ptr"), 0, 0),))], host)
    program(1, out.ctypes.data)
    return out.tolist()


def test_constants_fold_without_an_instruction():
    b = Builder("f")
    assert b.add(1, 2, 3) == 6
    assert b.sub(7, 9) == -2
    assert b.mul(6, 7) == 42
    assert b.div(17, 5) == 3
    assert b.rem(17, 5) == 2
    assert (b.min(3, 4), b.max(3, 4)) == (3, 4)
    assert b.mul("%x", 1) == "%x"
    assert b.mul(1, "%x") == "%x"
    assert b.mul("%x", 0) == 0
    assert b.mul(0, "%x") == 0
    assert b.div("%x", 1) == "%x"
    assert b.rem("%x", 1) == 0
    assert b.add("%x", 0) == "%x"
    assert b.sub("%x", 0) == "%x"
    assert b.at("%p") == "%p"
    assert b.at("%p", 0) == "%p"
    assert b.at("%p", 8, -8) == "%p"
    assert b.lines == []


def test_constant_terms_become_one():
    b = Builder("f")
    b.add(3, "%x", 4)
    assert b.lines == ["  %v1 = add nsw i64 %x, 7"]


@bounded(30)
@given(a=SMALL, b=SMALL, c=SMALL)
def test_arithmetic(a, b, c):
    def build(k, x, y, z):
        return [
            k.add(x, y, z, 5), k.sub(x, y), k.sub(9, z), k.mul(x, y), k.min(x, y), k.max(y, z), k.min(x, 7),
            k.select(k.compare("slt", x, y), "i64", x, 100), k.select(k.both(k.compare("sgt", x, 0),
            k.compare("eq", y, z)), "i64", 1, 0),
        ]  # fmt: skip

    right = [a + b + c + 5, a - b, 9 - c, a * b, min(a, b), max(b, c), min(a, 7), a if a < b else 100, a > 0 and b == c]
    assert _numbers(build, a, b, c, len(right)) == right


@bounded(20)
@given(a=st.integers(0, 1000), b=st.integers(1, 50))
def test_division_of_what_is_not_negative(a, b):
    assert _numbers(lambda k, x, y, z: [k.div(x, y), k.rem(x, y), k.div(x, 7), k.rem(x, 7)], a, b, 0, 4) == [
        a // b, a % b, a // 7, a % 7,
    ]  # fmt: skip


@bounded(20)
@given(start=st.integers(-5, 20), stop=st.integers(-5, 20), step=st.integers(1, 4))
def test_loops_carry_values(start, stop, step):
    def build(k, x, y, z):
        with k.loop(x, y, z, carried=[("i64", 0), ("i64", 1)]) as loop:
            total, rounds = loop.values
            loop.carry([k.add(total, loop.index), k.add(rounds, 1)])
        return loop.results

    places = range(start, stop, step)
    assert _numbers(build, start, stop, step, 2) == [sum(places), 1 + len(places)]


def test_nested_loops_and_branches():
    def build(k, x, y, z):
        with k.loop(0, x, carried=[("i64", 0)]) as outer:
            with k.loop(0, outer.index, carried=[("i64", outer.values[0])]) as inner:
                inner.carry([k.add(inner.values[0], 1)])
            outer.carry([inner.results[0]])
        return [outer.results[0]]

    assert _numbers(build, 10) == [45]


@pytest.mark.parametrize(("value", "right"), [(0, 10), (2, 12), (5, -1)])
def test_switch_runs_the_case_or_nothing(value, right):
    builder, a = begin_kernel(ARGUMENTS)
    with tickets(builder, 1):
        builder.store("i64", -1, a["out_ptr"], 8)
        cases = {i: lambda i=i: builder.store("i64", 10 + i, a["out_ptr"], 8) for i in (0, 1, 2)}
        builder.switch(a["a"], cases)
    out = np.zeros(1, np.int64)
    with capped("generic") as host:
        words = ARGUMENTS.words({"a": value, "b": 0, "c": 0})
        Program([Step(builder.text(), words, ((3, 0, 0),))], host)(1, out.ctypes.data)
    assert out[0] == right


@pytest.mark.parametrize("value", [-1, 0, 1])
def test_when_and_either(value):
    builder, a = begin_kernel(ARGUMENTS)
    with tickets(builder, 1):
        at = [builder.at(a["out_ptr"], 8 * i) for i in range(2)]
        with builder.when(builder.compare("sgt", a["a"], 0)):
            builder.store("i64", 1, at[0], 8)
        builder.either(
            builder.compare("slt", a["a"], 0),
            lambda: builder.store("i64", 2, at[1], 8),
            lambda: builder.store("i64", 3, at[1], 8),
        )
    out = np.zeros(2, np.int64)
    with capped("generic") as host:
        words = ARGUMENTS.words({"a": value, "b": 0, "c": 0})
        Program([Step(builder.text(), words, ((3, 0, 0),))], host)(1, out.ctypes.data)
    assert out.tolist() == [int(value > 0), 2 if value < 0 else 3]


def test_a_loop_must_say_what_follows():
    b = Builder("f")
    with pytest.raises(ValueError, match="must say what follows"), b.loop(0, 3, carried=[("i64", 0)]):
        pass


def test_bytes_are_zeroed_and_copied():
    builder, a = begin_kernel(ARGUMENTS)
    with tickets(builder, 1):
        frame = builder.stack(32)
        builder.copy_bytes(frame, a["out_ptr"], 32)
        builder.zero_bytes(a["out_ptr"], a["a"])
        builder.copy_bytes(builder.at(a["out_ptr"], 32), frame, 32)
    out = np.arange(8, dtype=np.int64)
    with capped("generic") as host:
        words = ARGUMENTS.words({"a": 16, "b": 0, "c": 0})
        Program([Step(builder.text(), words, ((3, 0, 0),))], host)(1, out.ctypes.data)
    assert out.tolist() == [0, 0, 2, 3, 0, 1, 2, 3]


@pytest.mark.parametrize("number", [0, 2, 3, 11, 12, 13, 59])
def test_advanced_digits_are_those_of_the_next_number(number):
    sizes = (4, 3)
    assert _numbers(lambda b, n, *_: advance(b, split(b, n, *sizes), *sizes), number, results=3) == _numbers(
        lambda b, n, *_: split(b, n, *sizes), number + 1, results=3
    )


@pytest.mark.parametrize(("size", "count"), [(1, 1), (4, 12), (5, 12), (20, 12)])
def test_shares_hold_every_number_once(size, count):
    ranges = [
        _numbers(lambda b, *numbers: share(b, *numbers), number, size, count, results=2)
        for number in range(-(-count // size))
    ]
    assert [i for first, stop in ranges for i in range(first, stop)] == list(range(count))
