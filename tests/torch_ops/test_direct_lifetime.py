"""Calls that run without Python leave nothing behind: memory, threads, forks, the end of the process."""

import os
import textwrap
import threading

import torch

from tests.support.convolutions import Setting
from tests.support.direct import NEEDS_DIRECT
from tests.support.processes import output_of
from tilewise.torch_ops import dispatch
from tilewise.torch_ops.direct import table

pytestmark = NEEDS_DIRECT


def test_nothing_is_left_of_a_hundred_thousand_calls():
    code = """
        import gc, resource, torch, tilewise
        from tilewise.torch_ops import dispatch
        torch.set_num_threads(1)
        tilewise.enable()
        x, w, b = torch.randn(1, 4, 8, 8), torch.randn(4, 4, 3, 3), torch.randn(4)
        line, filters = torch.randn(1, 4, 20), torch.randn(4, 4, 3)
        whole = [t.clone().requires_grad_() for t in (x, w, b)]
        gy = torch.randn(1, 4, 6, 6)

        def wrong():
            try:
                torch.conv2d(x, torch.ones(4, 3, 3, 3))
            except RuntimeError:
                return
            raise AssertionError

        calls = (
            (100_000, lambda: torch.conv2d(x, w, b)), (100_000, lambda: torch.conv2d(x, w)),
            (100_000, lambda: torch.conv1d(line, filters, b)),
            (20_000, lambda: torch.autograd.grad(torch.conv2d(*whole), whole, gy)),
            (10_000, wrong), (10_000, lambda: torch.conv2d(x, w, torch.ones(8)[::2])),
        )

        def resident():
            gc.collect()
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * resource.getpagesize() / 2**20

        for count, call in calls:
            for _ in range(500):
                call()
            before = resident()
            for _ in range(count):
                call()
            print(resident() - before)
        y = torch.conv2d(x, w, b)
        assert {t._use_count() for t in (x, w, b, y)} == {1}, [t._use_count() for t in (x, w, b, y)]
        assert sum(dispatch._direct.counted) > 320_000
    """
    # One tensor handle a call would be megabytes.
    assert all(float(growth) < 1 for growth in output_of(code, timeout=200).split())


def test_calls_while_the_table_changes(known):
    """Threads run what they know while others make it known, push it out and forget it."""
    settings = [Setting((5 + i, 6), (2, 2), 1, 2, 3) for i in range(4)]
    tensors = [s.normals()[:3] for s in settings]
    right = [s.forward(*t) for s, t in zip(settings, tensors, strict=True)]
    wrong, stop = [], threading.Event()

    def work():
        while not stop.is_set():
            wrong.extend(
                i
                for i, (s, t) in enumerate(zip(settings, tensors, strict=True))
                if not torch.equal(s.forward(*t), right[i])
            )

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    w = torch.ones(1, 1, 2)
    for size in range(2, table.KEPT + 300):
        torch.conv1d(torch.ones(1, 1, size), w)
        if size % 100 == 0:
            dispatch.forget()
            os.environ["TILEWISE_TEST_OTHER"] = str(size)
    stop.set()
    for thread in threads:
        thread.join()
    os.environ.pop("TILEWISE_TEST_OTHER", None)
    assert wrong == []
    kept = dispatch._direct.table
    assert len(kept) <= table.KEPT
    # With nobody in a call, what was taken out goes when the table is next written.
    for size in range(3):
        torch.conv1d(torch.ones(1, 2, 10 + size), torch.ones(1, 2, 2))
    assert kept.waiting <= 2


def test_what_is_known_is_bounded_and_the_oldest_goes(known):
    w = torch.ones(1, 1, 2)
    for size in range(2, table.KEPT + 20):
        torch.conv1d(torch.ones(1, 1, size), w)
    assert len(dispatch._direct.table) == table.KEPT
    assert known(lambda: torch.conv1d(torch.ones(1, 1, table.KEPT + 19), w))
    dispatch._direct.table.clear()
    assert len(dispatch._direct.table) == 0
    assert not known(lambda: torch.conv1d(torch.ones(1, 1, table.KEPT + 19), w))


def test_a_child_forked_in_the_midst_of_calls():
    code = """
        import os, threading, torch, tilewise
        from tilewise.torch_ops import dispatch
        torch.set_num_threads(1)
        tilewise.enable()
        x, w, b = torch.randn(1, 4, 8, 8), torch.randn(4, 4, 3, 3), torch.randn(4)
        right, stop = torch.conv2d(x, w, b), threading.Event()
        for size in range(8, 70):  # a child cannot compile where its parent was compiling
            torch.conv1d(torch.ones(1, 4, size), w[..., 0])

        def work(i):
            size = 8 + i
            while not stop.is_set():
                torch.conv2d(x, w, b)
                if i and size < 12:
                    dispatch.forget()
                size = 8 + (size * 7 + 1) % 50
                torch.conv1d(torch.ones(1, 4, size), w[..., 0])

        threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
        for thread in threads:
            thread.start()
        statuses = set()
        for _ in range(20):
            child = os.fork()
            if child == 0:
                fine = torch.equal(torch.conv2d(x, w, b), right)
                table = dispatch._direct.table
                for size in range(60, 70):
                    table.clear()
                    torch.conv1d(torch.ones(1, 4, size), w[..., 0])
                os._exit(0 if fine and table.waiting <= 2 else 3)
            statuses.add(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        stop.set()
        for thread in threads:
            thread.join()
        print(statuses)
    """
    assert output_of(code).strip() == "{0}"


def test_native_threads_at_the_end_of_the_process(tmp_path):
    """TorchScript's threads hold no Python and are in calls when the interpreter is gone."""
    # torch.jit.script reads source files.
    (tmp_path / "native_threads.py").write_text(
        textwrap.dedent("""
            import torch

            @torch.jit.script
            def loop(x: torch.Tensor, w: torch.Tensor, count: int):
                for i in range(count):
                    torch.conv2d(x, w)
                return x

            @torch.jit.script
            def start(x: torch.Tensor, w: torch.Tensor, count: int):
                return torch.jit.fork(loop, x, w, count)
        """)
    )
    code = """
        import sys, time, torch, tilewise
        sys.path.insert(0, sys.argv[1])
        from native_threads import loop, start
        torch.set_num_threads(1)
        tilewise.enable()
        x, w = torch.randn(1, 4, 8, 8), torch.randn(4, 4, 3, 3)
        loop(x, w, 3)
        running = start(x, w, 100_000_000)
        time.sleep(0.2)
        print("end")
    """
    assert output_of(code, str(tmp_path)).strip() == "end"
