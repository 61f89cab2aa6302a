"""A plan's steps: each item once, in order behind barriers, alone or on a team, with a status of the call's own."""

import ctypes

import numpy as np
import pytest

from tests.support.isa import capped
from tests.support.processes import output_of
from tilewise.ir.kernel import PARTS, Arguments, begin_kernel, split, tickets
from tilewise.jit import function_address
from tilewise.runtime import Program, Step

ARGUMENTS = Arguments(["items", "read_ptr", "write_ptr"])


def _counting():
    """For each item i: write[i] += 1, by an ordinary addition that two threads at one item would lose."""
    b, a = begin_kernel(ARGUMENTS)
    with tickets(b, a["items"]) as item:
        at = b.at(a["write_ptr"], b.mul(item, 8))
        b.store("i64", b.add(b.load("i64", at, 8), 1), at, 8)
    return b.text()


def _reversing():
    """For each item i: write[i] = read[items - 1 - i] * 2."""
    b, a = begin_kernel(ARGUMENTS)
    with tickets(b, a["items"]) as item:
        other = b.at(a["read_ptr"], b.mul(b.sub(b.sub(a["items"], 1), item), 8))
        b.store("i64", b.mul(b.load("i64", other, 8), 2), b.at(a["write_ptr"], b.mul(item, 8)), 8)
    return b.text()


def _step(text, items, read, write, waits=True):
    """Bases read and write are the addresses that a call passes."""
    addresses = ((ARGUMENTS.position("read_ptr"), read, 0), (ARGUMENTS.position("write_ptr"), write, 0))
    return Step(text, ARGUMENTS.words({"items": items}), addresses, (), waits)


@pytest.fixture(scope="module", autouse=True)
def pool():
    """The OpenMP library is PyTorch's."""
    import torch

    assert torch.get_num_threads() >= 1


@pytest.mark.parametrize("threads", [1, 2, 3, 7, 20])
@pytest.mark.parametrize("items", [0, 1, 5, 1000])
def test_every_item_is_done_once(items, threads):
    with capped("generic") as host:
        program = Program([_step(_counting(), items, 0, 0)], host)
    numbers = np.zeros(max(items, 1), np.int64)
    for call in range(1, 20):
        assert program(threads, numbers.ctypes.data)
        assert (numbers[:items] == call).all()


def _owners():
    """For each item i: write[i] = the thread's number."""
    b, a = begin_kernel(ARGUMENTS)
    with tickets(b, a["items"]) as item:
        b.store("i64", "%thread", b.at(a["write_ptr"], b.mul(item, 8)), 8)
    return b.text()


def _draws(thread, threads, items, drawn=(0,) * PARTS):
    """The items that one thread takes when it comes alone, in order; `drawn` is where the counters stand."""
    b, a = begin_kernel(ARGUMENTS)
    with tickets(b, a["items"]) as item:
        count = b.load("i64", a["write_ptr"], 8)
        b.store("i64", b.add(count, 1), a["write_ptr"], 8)
        b.store("i64", item, b.at(a["write_ptr"], b.mul(b.add(count, 1), 8)), 8)
    out = np.zeros(64, np.int64)
    words = np.array([*drawn, *ARGUMENTS.words({"items": items})], np.int64)
    words[PARTS + ARGUMENTS.position("write_ptr")] = out.ctypes.data
    with capped("generic") as host:
        run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)(function_address(b.text(), host))
    run(words.ctypes.data, thread, threads)
    return out[1 : 1 + out[0]].tolist()


def test_two_threads_draw_from_both_ends():
    assert _draws(0, 2, 5) == [0, 1, 2, 3, 4]
    assert _draws(1, 2, 5) == [4, 3, 2, 1, 0]
    # Two from the front and one from the back are taken.
    assert _draws(0, 2, 5, (2 + (1 << 32), 0, 0, 0)) == [2, 3]
    assert _draws(1, 2, 5, (2 + (1 << 32), 0, 0, 0)) == [3, 2]


def test_more_threads_begin_in_parts_of_their_own_and_help_out():
    # Of 8 items two a part; thread 5 begins at the end of the third.
    assert _draws(5, 8, 8) == [5, 4, 7, 6, 1, 0, 3, 2]
    assert sorted(_draws(2, 3, 7)) == list(range(7))
    assert _draws(2, 3, 7)[0] == 3


def test_items_past_32_bits_are_drawn_too():
    """Both counts share a word: beyond what half of it holds everybody draws upwards."""
    many = (1 << 33) + 2
    assert _draws(0, 2, many, (many - 2, 0, 0, 0)) == [many - 2, many - 1]
    assert _draws(1, 2, many, (many - 2, 0, 0, 0)) == [many - 2, many - 1]


def test_a_thread_keeps_to_its_end():
    """Where both came, what each has done lies in one piece, so that the next step finds it near."""
    with capped("generic") as host:
        program = Program([_step(_owners(), 4000, 0, 0)], host)
    out = np.zeros(4000, np.int64)
    for _ in range(20):
        program(2, out.ctypes.data)
        assert (np.diff(out) >= 0).all()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_steps_wait_for_what_they_read(threads):
    items = 5000
    with capped("generic") as host:
        steps = [_step(_reversing(), items, i, i + 1) for i in range(4)]
        program = Program(steps, host)
    buffers = [np.arange(items, dtype=np.int64)] + [np.zeros(items, np.int64) for _ in range(4)]
    for _ in range(10):
        for buffer in buffers[1:]:
            buffer[:] = -1
        program(threads, *(b.ctypes.data for b in buffers))
        assert np.array_equal(buffers[4], np.arange(items) * 16)


def test_tables_and_offsets():
    with capped("generic") as host:
        table = np.arange(10, dtype=np.int64) * 3
        step = Step(
            _reversing(), ARGUMENTS.words({"items": 10}), ((ARGUMENTS.position("write_ptr"), 0, 16),),
            ((ARGUMENTS.position("read_ptr"), table),),
        )  # fmt: skip
        program = Program([step], host)
    out = np.full(14, -1, np.int64)
    del table  # the program keeps what it points to
    program(1, out.ctypes.data)
    assert out.tolist() == [-1, -1, *[54 - 6 * i for i in range(10)], -1, -1]


def test_the_status_is_of_one_call():
    """The last base is a word that a step may set to refuse the values it meets."""
    b, a = begin_kernel(ARGUMENTS)
    with tickets(b, 1):
        refused = b.compare("slt", b.load("i64", a["read_ptr"], 8), 0)
        with b.when(refused):
            b.store("i64", 1, a["write_ptr"], 8)
    with capped("generic") as host:
        program = Program([_step(b.text(), 1, 0, 1)], host)
    value = np.array([5], np.int64)
    for number, right in ((5, True), (-5, False), (7, True)):
        value[0] = number
        assert program(1, value.ctypes.data) is right


def test_argument_names_are_checked():
    with pytest.raises(ValueError, match="must differ"):
        Arguments(["a", "a"])
    with pytest.raises(ValueError, match=r"unknown: \['other'\], missing: \['items'\]"):
        ARGUMENTS.words({"other": 1})


def test_split_is_the_inverse_of_ravelling():
    sizes = (3, 4, 5)
    b, a = begin_kernel(ARGUMENTS)
    with tickets(b, a["items"]) as item:
        for digit, value in enumerate(split(b, item, *sizes[1:])):
            b.store("i64", value, b.at(a["write_ptr"], b.mul(item, 24), 8 * digit), 8)
    with capped("generic") as host:
        program = Program([_step(b.text(), 60, 0, 0)], host)
    out = np.zeros((60, 3), np.int64)
    program(2, out.ctypes.data)
    assert np.array_equal(out, np.stack(np.unravel_index(np.arange(60), sizes), 1))


def test_a_forked_child_runs_alone():
    """Its parent's team of threads does not exist in it; a region that waited for them would never end."""
    code = """
        import os, torch, tilewise
        torch.set_num_threads(2)
        tilewise.enable()
        x, w = torch.randn(4, 16, 32, 32), torch.randn(16, 16, 3, 3)
        right = torch.conv2d(x, w)
        child = os.fork()
        if child == 0:
            y = torch.conv2d(x, w)
            torch.set_num_threads(1)  # PyTorch's own operators would wait for the team
            os._exit(0 if torch.equal(y, right) else 3)
        _, status = os.waitpid(child, 0)
        assert torch.equal(torch.conv2d(x, w), right)
        print(os.waitstatus_to_exitcode(status))
    """
    assert output_of(code).strip() == "0"
