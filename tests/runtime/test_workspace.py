"""Scratch memory: aligned, reused, bounded, never shared by two at once."""

import ctypes
import itertools
import threading

import pytest

from tests.support.scratch import scratch
from tilewise.runtime import SMALL_BYTES, workspace_state
from tilewise.runtime.workspace import (
    ALIGNMENT,
    KEPT_BUFFERS,
    KEPT_BYTES,
    SMALL_BUFFERS,
    drop_workspaces,
    fill_free_workspaces,
)


@pytest.fixture(autouse=True)
def none_held():
    drop_workspaces()
    yield
    drop_workspaces()


@pytest.mark.parametrize("size", [1, 64, SMALL_BYTES, SMALL_BYTES + 1, 1 << 20, (1 << 20) + 3])
def test_addresses_are_aligned_and_reused(size):
    with scratch(size) as first:
        assert first % ALIGNMENT == 0
    with scratch(size) as second:
        assert second == first


def test_nested_workspaces_are_apart():
    sizes = [SMALL_BYTES + 1, 1 << 20, 1 << 20]
    with scratch(sizes[0]) as a, scratch(sizes[1]) as b, scratch(sizes[2]) as c:
        spans = sorted((at, at + size) for at, size in zip((a, b, c), sizes, strict=True))
    for (_, end), (start, _) in itertools.pairwise(spans):
        assert end <= start


def test_the_smallest_that_fits_is_taken():
    with scratch(1 << 22) as large, scratch(1 << 18) as small:
        pass
    with scratch(1 << 17) as again:
        assert again == small
    with scratch(1 << 21) as again:
        assert again == large


def test_what_is_held_is_bounded():
    workspaces = [scratch(1 << 20) for _ in range(3 * KEPT_BUFFERS)]
    for workspace in workspaces:
        workspace.__enter__()
    for workspace in workspaces:
        workspace.__exit__(None, None, None)
    assert workspace_state().buffers <= KEPT_BUFFERS
    assert workspace_state().bytes <= KEPT_BYTES
    with scratch(KEPT_BYTES + 1):
        pass
    assert workspace_state().bytes <= KEPT_BYTES


def test_the_largest_are_kept():
    workspaces = [scratch(n << 20) for n in (3, 1, 6, 2, 5, 4)]
    for workspace in workspaces:
        workspace.__enter__()
    for workspace in workspaces:
        workspace.__exit__(None, None, None)
    assert workspace_state().buffers == KEPT_BUFFERS
    assert workspace_state().bytes >> 20 == 3 + 6 + 5 + 4


def test_more_memory_than_there_is():
    with scratch(1 << 60) as address:
        assert address == 0


def test_many_threads_never_share():
    """Sizes mixed, more threads than slots: each finds what it wrote."""
    wrong = []

    def work(mark):
        for i in range(300):
            size = (100, SMALL_BYTES + 1, 1 << 17, 1 << 18)[(i + mark) % 4]
            with scratch(size) as address:
                ctypes.memset(address, mark, 100)
                ctypes.memset(address + size - 100, mark, 100)
                if {ctypes.string_at(address, 100), ctypes.string_at(address + size - 100, 100)} != {
                    bytes([mark]) * 100
                }:
                    wrong.append(mark)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(SMALL_BUFFERS + 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert workspace_state().buffers <= KEPT_BUFFERS


def test_small_ones_of_threads_are_apart():
    seen = {}
    meeting = threading.Barrier(4)

    def work(i):
        with scratch(100) as address:
            meeting.wait()
            seen[i] = address
            meeting.wait()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen.values())) == 4


def test_filling_reaches_large_and_small():
    with scratch(1 << 20) as large, scratch(100) as small:
        ctypes.memset(large, 1, 1 << 20)
        ctypes.memset(small, 1, 100)
    fill_free_workspaces(0xFF)
    assert ctypes.string_at(large, 1 << 20) == b"\xff" * (1 << 20)
    assert ctypes.string_at(small, 100) == b"\xff" * 100
