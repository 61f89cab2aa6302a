"""What holds over many calls: one compilation for all sizes, the same bits always, threads and processes, memory."""

import threading

import pytest
import torch

import tilewise
from tests.support.convolutions import Setting
from tests.support.isa import capped, combinations
from tests.support.layouts import lay_out
from tests.support.processes import output_of
from tilewise import algorithms, jit
from tilewise.runtime import region
from tilewise.torch_ops import dispatch

LAYERS = {
    "dense": dict(kernel=(3, 3), padding=(1, 1), in_channels=8, out_channels=20),
    "first": dict(kernel=(7, 7), padding=(3, 3), stride=(2, 2), in_channels=3, out_channels=16),
    "pointwise": dict(kernel=(1, 1), in_channels=16, out_channels=40),
    "strided": dict(kernel=(3, 3), padding=(1, 1), stride=(2, 2), in_channels=16, out_channels=16),
    "dilated": dict(kernel=(3, 3), padding=(2, 2), dilation=(2, 2), in_channels=4, out_channels=6),
    "depthwise": dict(kernel=(3, 3), padding=(1, 1), in_channels=20, out_channels=20, groups=20),
    "grouped": dict(kernel=(3, 3), padding=(1, 1), in_channels=16, out_channels=32, groups=4),
    "transposed": dict(kernel=(4, 4), padding=(1, 1), stride=(2, 2), in_channels=8, out_channels=6, transposed=True),
}


# What is cheapest depends on the size, so a layer has a few algorithms' kernels, and each at most a few variants. These
# (batch, height, width) ask for nearly all of them: which size is the first to make another one cheapest depends on the
# CPU. Kernels made for sizes would be hundreds.
FEW = (
    (2, 64, 64), (1, 20, 20), (1, 20, 78), (3, 69, 20), (2, 33, 47), (1, 45, 31), (3, 24, 66), (3, 69, 79), (3, 52, 66),
    (1, 21, 23),
)  # fmt: skip


@pytest.mark.parametrize("layout", ["contiguous", "channels_last"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_hundred_image_sizes_compile_what_a_few_do(name, layout, tilewise_on, monkeypatch):
    """Hardly a new kernel is asked for, in any pass, whatever other tests have compiled."""
    asked = set()

    def recorded(text, target):
        asked.add(text)
        return jit.function_address(text, target)

    monkeypatch.setattr(region, "function_address", recorded)
    dispatch.forget()

    def run(batch, height, width):
        setting = Setting((height, width), batch=batch, **LAYERS[name])
        x, w, b, gy = setting.normals()
        setting.passes(lay_out(x, layout), w, b, lay_out(gy, layout))

    for size in FEW:
        run(*size)
    after_few = set(asked)
    assert after_few
    for i in range(100):
        run(1 + i % 3, 20 + i * 7 % 50, 20 + i * 11 % 60)
    assert len(asked - after_few) <= 2


@pytest.mark.parametrize(
    "algorithm",
    ["fma", "fma_columns", "fma_weights", "winograd", "winograd4", "winograd_weights", "winograd4_weights",
     "group_channels", "group_channels_weights", "group_rows", "group_rows_weights"],
)  # fmt: skip
def test_an_algorithm_compiles_a_layer_once(algorithm, tilewise_on, monkeypatch):
    """With the algorithm fixed, all but the first of twenty image sizes compile nothing."""
    asked = set()

    def recorded(text, target):
        asked.add(text)
        return jit.function_address(text, target)

    monkeypatch.setattr(region, "function_address", recorded)
    layer = LAYERS["depthwise" if algorithm.startswith("group") else "dense"]
    layout = "contiguous" if algorithm.startswith("group_rows") else "channels_last"
    with algorithms.only(algorithm):
        for i in range(20):
            setting = Setting((40 + i * 7 % 50, 40 + i * 11 % 60), batch=1 + i % 3, **layer)
            x, w, b, gy = setting.normals()
            dispatch.forget()
            setting.passes(*(lay_out(t, layout) if t.ndim == 4 else t for t in (x, w, b, gy)))
            if i == 0:
                first = set(asked)
    assert first
    assert asked == first


# Large enough to be shared between threads, and no larger.
BIG = {
    "dense": Setting((12, 13), (3, 3), 2, 16, 20, padding=(1, 1)),
    "depthwise": Setting((24, 26), (3, 3), 2, 24, 24, 24, padding=(1, 1)),
    "transposed": Setting((8, 8), (4, 4), 2, 16, 12, stride=(2, 2), padding=(1, 1), transposed=True),
    "volume": Setting((6, 7, 5), (3, 3, 3), 2, 6, 10, padding=(1, 1, 1)),
    "pointwise": Setting((10, 10), (1, 1), 2, 32, 40),
}
THREADED = [
    (level, name, dtype)
    for level, name in combinations()
    for dtype in (torch.float32, torch.bfloat16)
    if dtype is torch.float32 or level not in ("generic", "avx2")
]


@pytest.mark.parametrize(("level", "algorithm", "dtype"), THREADED)
def test_the_same_bits_for_any_number_of_threads_and_every_run(level, algorithm, dtype):
    for name, setting in BIG.items():
        tensors = [t.to(dtype) for t in setting.normals()]
        for layout in ("contiguous", "channels_last"):
            x, w, b, gy = tensors
            given = (lay_out(x, layout), w, b, lay_out(gy, layout))
            with capped(level), algorithms.only(algorithm), tilewise.enabled():
                native = dispatch.counts()["native"]
                for what, first in setting.each_pass(*given):
                    if dispatch.counts()["native"] > native:
                        native = dispatch.counts()["native"]
                        continue
                    for threads in (2, 3, 1):
                        torch.set_num_threads(threads)
                        again = dict(_one_pass(setting, given, what))[what]
                        assert torch.equal(first, again), f"{what} of {name} {layout} on {threads} threads"
                    torch.set_num_threads(1)


def _one_pass(setting, tensors, what):
    x, w, b, gy = tensors
    if what == "output":
        return [(what, setting.forward(x, w, b))]
    position = ("input gradient", "weight gradient", "bias gradient").index(what)
    return [(what, setting.backward(gy, x, w, tuple(i == position for i in range(3)))[position])]


@pytest.mark.parametrize("torch_threads", [1, 2])
def test_two_python_threads_at_once(torch_threads, tilewise_on):
    """Each computes other layers, and one both do, with scratch memory and status words of their own."""
    torch.set_num_threads(torch_threads)
    settings = list(BIG.values())
    tensors = [s.normals() for s in settings]
    right = [s.passes(*t) for s, t in zip(settings, tensors, strict=True)]
    wrong = []

    def work(first):
        torch.set_num_threads(torch_threads)
        for i in range(first, first + 40):
            k = i % len(settings)
            for what, mine in settings[k].passes(*tensors[k]).items():
                if not torch.equal(mine, right[k][what]):
                    wrong.append((k, what))

    threads = [threading.Thread(target=work, args=(first,)) for first in (0, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_two_python_threads_meet_a_new_layer_at_once(tilewise_on):
    setting = Setting((11, 13), (2, 3), 2, 7, 9, padding=(1, 0), dilation=(1, 2))
    x, w, b, _ = setting.integers()
    meeting, results = threading.Barrier(4), []

    def work():
        meeting.wait()
        results.append(setting.forward(x, w, b))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(torch.equal(r, results[0]) for r in results)


def test_forked_workers_of_a_data_loader():
    """Their parent has used its threads already, and may hold any lock's state; they compute, and end."""
    code = """
        import torch, tilewise
        from torch.utils.data import DataLoader, Dataset

        torch.set_num_threads(2)
        tilewise.enable()
        layer = torch.nn.Conv2d(3, 8, 3, padding=1).requires_grad_(False)
        images = torch.randn(16, 3, 24, 24)
        right = layer(images)
        # What is cheapest for sixteen images need not be for one: their last bits may differ.
        singly = torch.cat([layer(images[i : i + 1]) for i in range(16)])

        class Filtered(Dataset):
            def __len__(self):
                return 16

            def __getitem__(self, i):
                return layer(images[i : i + 1])[0]

        for _ in range(2):
            loader = DataLoader(Filtered(), batch_size=4, num_workers=2, multiprocessing_context="fork")
            assert torch.equal(torch.cat(list(loader)), singly)
        assert torch.equal(layer(images), right)
        print("done")
    """
    assert output_of(code).strip() == "done"


def test_memory_does_not_grow_over_ten_thousand_calls_of_changing_shapes():
    code = """
        import gc, resource, torch, tilewise
        torch.set_num_threads(1)
        tilewise.enable()

        def resident():
            gc.collect()
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * resource.getpagesize() / 2**20

        layers = [
            torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.Conv2d(4, 4, 3, groups=4),
            torch.nn.ConvTranspose2d(3, 5, 2, stride=2), torch.nn.Conv1d(3, 17, 5),
        ]
        for p in (p for layer in layers for p in layer.parameters()):
            p.requires_grad_(False)

        def call(i):
            layer = layers[i % 4]
            sizes = (5 + i // 4 % 97, 5 + i // 388 % 23)
            x = torch.ones(1 + i % 3, layer.in_channels, *sizes[: 1 if i % 4 == 3 else 2])
            layer(x.requires_grad_(i % 8 == 0))

        for i in range(2500):
            call(i)
        before = resident()
        for i in range(2500, 10_000):
            call(i)
        print(resident() - before)
    """
    growth = float(output_of(code, timeout=250))
    # A leak of one kernel or plan a call would be hundreds.
    assert growth < 40, f"grew by {growth:.0f} MiB"


def test_kept_calls_are_bounded(tilewise_on):
    from tilewise.torch_ops import prepared

    w = torch.ones(1, 1, 2)
    for size in range(2, prepared.KEPT + 50):
        torch.conv1d(torch.ones(1, 1, size), w)
    assert len(dispatch._forward._entries) <= prepared.KEPT


def test_inputs_are_never_written(tilewise_on):
    for setting in BIG.values():
        tensors = setting.normals()
        copies = [t.clone() for t in tensors]
        setting.passes(*tensors)
        assert all(torch.equal(t, c) for t, c in zip(tensors, copies, strict=True))


def test_numbers_beyond_all_bounds_end_in_an_exception_or_a_result():
    """Sizes that overflow 32 or 64 bits, or that no memory holds, in a process that may not grow."""
    code = """
        import resource, torch, tilewise
        torch.set_num_threads(1)
        x, w = torch.ones(1, 1, 5), torch.ones(1, 1, 3)
        with tilewise.enabled():
            torch.conv1d(x, w)
            with open("/proc/self/statm") as file:
                mapped = int(file.read().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (mapped + (2 << 30), resource.RLIM_INFINITY))
            for value in (2**16, 2**20, 2**31 - 1, 2**31, 2**33, 2**63 - 1):
                for function in (torch.conv1d, torch.conv_transpose1d):
                    for given in (dict(stride=value), dict(padding=value), dict(dilation=value),
                                  dict(stride=value, padding=value), dict(padding=value, dilation=value)):
                        try:
                            function(x, w, **given)
                        except (RuntimeError, MemoryError):
                            pass
            for length in (2**16, 2**20, 2**23):
                torch.conv1d(torch.ones(1, 1, 1).expand(1, 1, length), torch.ones(1, 1, 1).expand(1, 1, length))
        print("alive")
    """
    assert output_of(code, timeout=100).strip() == "alive"


@pytest.mark.parametrize("name", [algorithm.name for algorithm in algorithms.algorithms()])
def test_scratch_memory_is_bounded(name, tilewise_on):
    """A padding far beyond the input is not copied as zeros: an algorithm that would do so leaves it to another."""
    x, w = torch.ones(1, 1, 5), torch.ones(1, 1, 3)
    with algorithms.only(name):
        y = torch.conv1d(x, w, stride=2**28, padding=2**29)
    assert y.shape == (1, 1, 5)
    assert y[0, 0].tolist() == [0, 0, 3, 0, 0]
