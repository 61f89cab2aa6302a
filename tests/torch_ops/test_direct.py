"""Calls that are known and run without Python: the same results, never an old plan, no leak, PyTorch's exceptions."""

import os
import textwrap
import threading

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import tilewise
from tests.support.convolutions import Setting
from tests.support.isa import available_levels, capped
from tests.support.layouts import lay_out
from tests.support.processes import output_of
from tests.support.strategies import bounded, layouts_for, legal_settings
from tilewise import algorithms
from tilewise.torch_ops import direct, dispatch
from tilewise.torch_ops.direct import table

pytestmark = pytest.mark.skipif(bool(direct.why_not()), reason=f"calls go through Python: {direct.why_not()}")


def _in_python():
    """Passes that Python has answered so far; a bias gradient is not counted."""
    return dispatch._forward.generated + dispatch._backward.generated + dispatch.counts()["native"]


@pytest.fixture
def known(tilewise_on):
    """Says of a call whether it ran without Python."""
    dispatch.forget()
    # pytest changes the environment when a test's own code begins; the next call would have to read it again.
    seen = []

    def ran_directly(call):
        if not seen:
            seen.append(dispatch._direct.refresh())
        before, total = _in_python(), dispatch.counts()
        call()
        assert dispatch.counts() != total
        return _in_python() == before

    return ran_directly


def _small():
    return torch.randn(1, 3, 9, 8), torch.randn(4, 3, 3, 2), torch.randn(4)


# -- results -----------------------------------------------------------------------------------------


@bounded(150, "direct")
@given(setting=legal_settings(), how=layouts_for(None), bias=st.booleans())
def test_the_second_call_is_the_first(setting, how, bias):
    """Bits, strides, shapes; where the first ran on generated kernels the second runs without Python."""
    x, w, b, gy = setting.normals()
    x, w, gy = (lay_out(t, kind) for t, kind in zip((x, w, gy), how, strict=True))
    b = b if bias else None
    with tilewise.enabled():
        dispatch.forget()
        dispatch._direct.refresh()
        native = dispatch.counts()["native"]
        first = setting.passes(x, w, b, gy)
        native = dispatch.counts()["native"] - native
        before = _in_python()
        second = setting.passes(x, w, b, gy)
        if not native:
            assert _in_python() == before
    for what, mine in second.items():
        assert torch.equal(mine, first[what]) or mine.isnan().any(), what
        assert mine.stride() == first[what].stride(), what
        assert mine.dtype == first[what].dtype


def test_results_are_new_each_time(known):
    x, w, b = _small()
    results = [torch.conv2d(x, w, b) for _ in range(5)]
    assert len({y.data_ptr() for y in results}) == 5
    assert all(torch.equal(y, results[0]) for y in results)


def test_each_part_of_a_description_counts(known):
    """Calls that differ in one thing are different calls."""
    x, w, b = _small()
    calls = [
        lambda: torch.conv2d(x, w, b),
        lambda: torch.conv2d(x, w),
        lambda: torch.conv2d(x, w, b, padding=1),
        lambda: torch.conv2d(x, w, b, stride=(1, 2)),
        lambda: torch.conv2d(x, w, b, stride=(2, 1)),
        lambda: torch.conv2d(x, w, b, dilation=2),
        lambda: torch.conv2d(x[:, :, :8], w, b),
        lambda: torch.conv2d(x.to(memory_format=torch.channels_last), w, b),
        lambda: torch.conv2d(x, w.to(memory_format=torch.channels_last), b),
        lambda: torch.conv2d(x.double(), w.double(), b.double()),
        lambda: torch.conv2d(x[:, :1].expand(1, 3, 9, 8), w, b),
        lambda: torch.conv_transpose2d(x, w[:3], b[:3]),
        lambda: torch.conv_transpose2d(x, w[:3], b[:3], stride=2),
        lambda: torch.conv_transpose2d(x, w[:3], b[:3], stride=2, output_padding=1),
        lambda: torch.conv2d(torch.cat([x, x, x, x], 1)[:, :6], w, b, groups=2),
        lambda: torch.conv1d(x[0], w[..., 0], b),
        lambda: torch.conv3d(x[None], w[:, :1, :, :, None], b[:4]),
    ]
    results = []
    for call in calls:
        try:
            assert not known(call)
        except RuntimeError:  # PyTorch refuses the last one's channels
            continue
        results.append((call, call()))
    assert len(results) >= 15
    for call, first in results:
        assert known(call)
        assert torch.equal(call(), first)


def test_with_and_without_gradients(known):
    x, w, b = _small()
    right = torch.conv2d(x, w, b)
    for t in (x, w, b):
        t.requires_grad_()
    y = torch.conv2d(x, w, b)
    assert torch.equal(y, right)
    assert y.requires_grad
    with torch.no_grad():
        assert not torch.conv2d(x, w, b).requires_grad
    with torch.inference_mode():
        y = torch.conv2d(x, w, b)
        assert y.is_inference()
        assert torch.equal(y, right)
        assert known(lambda: torch.conv2d(x.clone(), w, b))


@pytest.mark.parametrize("mask", [(a, b, c) for a in (0, 1) for b in (0, 1) for c in (0, 1)])
def test_every_mask_of_gradients(mask, known):
    setting = Setting((7, 6), (3, 2))
    x, w, _, gy = setting.normals()
    mask = tuple(map(bool, mask))
    dispatch._direct.refresh()
    first = setting.backward(gy, x, w, mask)
    assert [r is not None for r in first] == list(mask)
    before = _in_python()
    second = setting.backward(gy, x, w, mask)
    assert _in_python() == before
    for mine, theirs in zip(second, first, strict=True):
        assert (mine is None and theirs is None) or torch.equal(mine, theirs)


def test_a_bias_with_gaps(known):
    x, w, _ = _small()
    b = torch.randn(8)[::2]
    for _ in range(3):
        assert torch.equal(torch.conv2d(x, w, b), torch.conv2d(x, w, b.contiguous()))


def test_values_that_an_algorithm_refuses():
    """The job that does the call over is found without Python, too."""
    if "amx-emulated" not in available_levels():
        pytest.skip("tiles are neither here nor emulated")
    x, w = torch.randn(1, 32, 8, 8), torch.randn(32, 32, 3, 3)
    x[0, 0, 0, 0] = float("inf")
    with capped("amx-emulated"), tilewise.enabled():
        dispatch.forget()
        first = torch.conv2d(x, w)
        torch.conv2d(x, w)
        before = _in_python()
        assert torch.equal(torch.conv2d(x, w), first)
        assert _in_python() == before


# -- settings ----------------------------------------------------------------------------------------


def test_settings_are_seen(known):
    x, w, b = _small()

    def call():
        return torch.conv2d(x, w, b)

    assert not known(call)
    assert known(call)
    with tilewise.precision("medium"):
        assert not known(call)
        assert known(call)
    assert known(call)
    with capped("generic"):
        assert not known(call)  # the environment is read again
        assert not known(call)  # planned for the new level
        assert known(call)
        with capped("avx2"):
            assert not known(call)
        assert not known(call)
        assert known(call)
    assert not known(call)
    assert known(call)
    with algorithms.only("reference"):
        assert not known(call)
        assert known(call)
    with algorithms.only("native"):
        assert not known(call)
        assert not known(call)
    assert known(call)
    # The layout of results depends on it.
    torch._C._set_mkldnn_enabled(False)
    try:
        assert not known(call)
    finally:
        torch._C._set_mkldnn_enabled(True)
    assert known(call)
    tilewise.disable()
    before = dispatch.counts()
    call()
    assert dispatch.counts() == before
    tilewise.enable()
    assert known(call)


def test_variables_of_others_cost_one_call(known, monkeypatch):
    x, w, b = _small()
    torch.conv2d(x, w, b)
    for change in (
        lambda: monkeypatch.setenv("TILEWISE_TEST_OTHER", "1"),
        lambda: monkeypatch.setenv("TILEWISE_TEST_OTHER", "22"),
        lambda: monkeypatch.delenv("TILEWISE_TEST_OTHER"),
    ):
        dispatch._direct.refresh()
        torch.conv2d(x, w, b)
        change()
        torch.conv2d(x, w, b)
        assert known(lambda: torch.conv2d(x, w, b))


def test_a_wrong_cap_is_said(known, monkeypatch):
    x, w, b = _small()
    torch.conv2d(x, w, b)
    monkeypatch.setenv("TILEWISE_ISA", "avx9")
    with pytest.raises(ValueError, match="avx9"):
        torch.conv2d(x, w, b)


def test_the_number_of_threads(known):
    setting = Setting((16, 16, 4), (3, 3, 3), 2, 8, 8)
    x, w, b, _ = setting.normals()
    right = setting.forward(x, w, b)
    for threads in (2, 1, 3):
        torch.set_num_threads(threads)
        for _ in range(3):
            assert torch.equal(setting.forward(x, w, b), right)


def test_tracing_sees_pytorchs_operator(known):
    x, w, b = _small()
    torch.conv2d(x, w, b)
    traced = torch.jit.trace(lambda x: torch.conv2d(x, w, b), (x,))
    assert "aten::_convolution" in str(traced.graph)
    torch.testing.assert_close(traced(x), torch.conv2d(x, w, b))


def test_without_pytorchs_interface(monkeypatch):
    """Python's kernels stand alone, and do the same."""
    monkeypatch.setattr(direct, "why_not", lambda: "a test")
    setting = Setting((7, 6), (3, 2), groups=2)
    tensors = setting.normals()
    right = setting.passes(*tensors)
    with tilewise.disabled(), tilewise.enabled():
        before = _in_python()
        for _ in range(2):
            for what, mine in setting.passes(*tensors).items():
                torch.testing.assert_close(mine, right[what])
        assert _in_python() == before + 6
        with pytest.raises(RuntimeError, match="expected input"):
            torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 3, 3, 3))


# -- exceptions --------------------------------------------------------------------------------------

WRONG = {
    "channels": lambda: torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 3, 3, 3)),
    "kernel": lambda: torch.conv2d(torch.ones(1, 4, 2, 2), torch.ones(4, 4, 3, 3)),
    "stride": lambda: torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 4, 3, 3), stride=0),
    "padding": lambda: torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 4, 3, 3), padding=-1),
    "bias": lambda: torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 4, 3, 3), torch.ones(3)),
    "dtypes": lambda: torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 4, 3, 3).double()),
    "many axes": lambda: torch.ops.aten.convolution(
        torch.ones(1, 1, 4, 4, 4, 4), torch.ones(1, 1, 2, 2, 2, 2), None, [1], [0], [1], False, [0], 1
    ),
    "not implemented": lambda: torch.conv2d(torch.ones(1, 4, 8, 8).bool(), torch.ones(4, 4, 3, 3).bool()),
    "sparse": lambda: torch.conv2d(torch.ones(1, 4, 8, 8).to_sparse(), torch.ones(4, 4, 3, 3)),
    "device": lambda: torch.conv2d(torch.ones(1, 4, 8, 8), torch.ones(4, 4, 3, 3, device="meta")),
    "gradient": lambda: torch.ops.aten.convolution_backward(
        torch.ones(1, 4, 5, 5), torch.ones(1, 4, 8, 8), torch.ones(4, 4, 3, 3), None, [1, 1], [0, 0], [1, 1], False,
        [0, 0], 1, [True, True, False],
    ),
}  # fmt: skip


def _raised(call):
    try:
        call()
    except Exception as error:
        return type(error), str(error)
    return None


@pytest.mark.parametrize("name", WRONG)
def test_pytorchs_own_words(name, tilewise_on):
    with tilewise.disabled():
        right = _raised(WRONG[name])
    for _ in range(2):
        assert _raised(WRONG[name]) == right


@pytest.mark.parametrize("kind", [KeyboardInterrupt, ValueError, MemoryError, SystemExit])
def test_any_exception_comes_through_as_it_is(kind, known, monkeypatch):
    x, w, b = _small()
    error = kind("of a test")

    def fail(*_):
        raise error

    monkeypatch.setattr(dispatch.Prepared, "forward", fail)
    with pytest.raises(kind) as caught:
        torch.conv2d(x, w, b)
    assert caught.value is error
    monkeypatch.undo()
    torch.conv2d(x, w, b)
    assert known(lambda: torch.conv2d(x, w, b))


def test_an_exception_of_a_gradient_reaches_the_one_who_asked(known, monkeypatch):
    x, w, b = (t.requires_grad_() for t in _small())
    y = torch.conv2d(x, w, b)
    error = ValueError("of a test")

    def fail(*_):
        raise error

    monkeypatch.setattr(dispatch.Prepared, "backward", fail)
    with pytest.raises(ValueError, match="of a test"):
        y.sum().backward()


def test_where_operators_of_subclasses_are_switched_off(tilewise_on):
    """What raises is a tensor subclass's operator; then PyTorch raises its own error with the same words."""
    key = torch._C.DispatchKeySet(torch._C.DispatchKey.Python)
    guard = torch._C._ExcludeDispatchKeyGuard(key)
    try:
        raised = _raised(WRONG["channels"])
    finally:
        del guard
    assert raised == _raised(WRONG["channels"])


def test_no_memory_for_a_result():
    code = """
        import resource, torch, tilewise
        torch.set_num_threads(1)
        tilewise.enable()
        x, w = torch.ones(1, 1, 1).expand(1, 1, 1 << 27), torch.ones(1, 1, 1)
        torch.conv1d(x, w)
        with open("/proc/self/statm") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + (1 << 28), resource.RLIM_INFINITY))
        try:
            torch.conv1d(x, w)
        except RuntimeError as error:
            print("allocate" in str(error))
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(torch.conv1d(x, w).shape[2] == 1 << 27)
    """
    assert output_of(code).split() == ["True", "True"]


# -- memory, threads, forks --------------------------------------------------------------------------


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
