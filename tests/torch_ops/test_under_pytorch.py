"""What PyTorch builds on its convolutions works as before: the derivatives of derivatives, graphs, casts, processes."""

import copy
import functools

import pytest
import torch
import torch.nn.functional as F

import tilewise
from tests.support.accuracy import assert_accurate
from tests.support.processes import output_of


def _layers():
    return {
        "1d": (torch.nn.Conv1d(4, 6, 3, stride=2, padding=1), (2, 4, 9)),
        "2d": (torch.nn.Conv2d(4, 6, 3, padding=1, dilation=2), (2, 4, 7, 8)),
        "3d": (torch.nn.Conv3d(2, 3, 2), (1, 2, 4, 5, 4)),
        "grouped": (torch.nn.Conv2d(4, 6, 3, groups=2, bias=False), (2, 4, 6, 6)),
        "depthwise": (torch.nn.Conv2d(4, 8, 3, groups=4), (2, 4, 6, 6)),
        "transposed": (torch.nn.ConvTranspose2d(4, 6, 3, stride=2, output_padding=1), (2, 4, 4, 5)),
    }


NAMES = list(_layers())


def _layer(name, dtype=torch.float64):
    torch.manual_seed(0)
    layer, shape = _layers()[name]
    return layer.to(dtype), torch.randn(shape, dtype=dtype)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_and_double_backward(name, tilewise_on):
    layer, x = _layer(name)
    inputs = (x.requires_grad_(), *layer.parameters())

    def function(x, *parameters):
        return torch.func.functional_call(layer, dict(zip(dict(layer.named_parameters()), parameters, strict=True)), x)

    assert torch.autograd.gradcheck(
        function,
        inputs,
        fast_mode=True,
        check_forward_ad=True,
        check_batched_grad=True,
        check_batched_forward_grad=True,
    )
    assert torch.autograd.gradgradcheck(function, inputs, fast_mode=True, check_fwd_over_rev=True)
    assert tilewise_on() > 5


@pytest.mark.parametrize("name", NAMES)
def test_forward_mode(name, tilewise_on):
    layer, x = _layer(name)
    tangent = torch.randn_like(x)
    with torch.no_grad():
        # Convolution is linear: its derivative in a direction is the convolution of that direction.
        linear = layer(tangent) - layer(torch.zeros_like(tangent))
        y, derivative = torch.func.jvp(layer, (x,), (tangent,))
    assert torch.equal(y, layer(x))
    assert_accurate(derivative, linear.detach())


@pytest.mark.parametrize("name", NAMES)
def test_vmap(name, tilewise_on):
    layer, x = _layer(name)
    xs = torch.stack([x, 2 * x, x + 1])
    with torch.no_grad():
        mapped = torch.func.vmap(layer)(xs)
        one_by_one = torch.stack([layer(each) for each in xs])
    assert_accurate(mapped, one_by_one)
    assert tilewise_on() >= 4


def test_gradients_for_each_sample(tilewise_on):
    layer, x = _layer("2d")
    parameters = {name: p.detach() for name, p in layer.named_parameters()}

    def loss(parameters, one):
        return torch.func.functional_call(layer, parameters, one[None]).square().sum()

    each = torch.func.vmap(torch.func.grad(loss), (None, 0))(parameters, x)
    for i in range(len(x)):
        alone = torch.func.grad(loss)(parameters, x[i])
        for name, gradient in alone.items():
            assert_accurate(each[name][i], gradient)
    assert tilewise_on() > 0


@pytest.mark.parametrize("name", NAMES)
def test_autocast(name, tilewise_on):
    layer, x = _layer(name, torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        y = layer(x)
    assert y.dtype is torch.bfloat16
    y.float().square().sum().backward()
    wide = copy.deepcopy(layer).double()
    rounded = {n: p.detach().bfloat16().double() for n, p in wide.named_parameters()}
    with tilewise.disabled():
        right = torch.func.functional_call(wide, rounded, x.bfloat16().double())
    assert_accurate(y, right)
    assert all(p.grad.dtype is torch.float32 for p in layer.parameters())
    assert tilewise_on() >= 2


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
@pytest.mark.parametrize("name", ["2d", "depthwise", "transposed"])
def test_compiled_graphs(name, backend, tilewise_on):
    layer, x = _layer(name, torch.float32)
    for memory_format in (torch.contiguous_format, torch.channels_last):
        torch.compiler.reset()
        x = x.detach().to(memory_format=memory_format).requires_grad_()
        layer.zero_grad()
        y = layer(x)
        y.square().sum().backward()
        right = [y, x.grad.clone(), *(p.grad.clone() for p in layer.parameters())]
        x.grad = None
        layer.zero_grad()
        before = tilewise_on()
        y = torch.compile(layer, backend=backend)(x)
        y.square().sum().backward()
        assert tilewise_on() - before >= 3
        for mine, eager in zip([y, x.grad, *(p.grad for p in layer.parameters())], right, strict=True):
            assert torch.equal(mine, eager)
            assert mine.stride() == eager.stride()


def test_dynamic_shapes_in_a_compiled_graph(tilewise_on):
    torch.compiler.reset()
    layer = torch.nn.Conv2d(3, 4, 3)
    compiled = torch.compile(layer, backend="aot_eager", dynamic=True)
    for size in (5, 9, 17):
        x = torch.randn(2, 3, size, size + 1)
        assert torch.equal(compiled(x), layer(x))


@pytest.mark.parametrize("name", NAMES)
def test_export(name, tilewise_on):
    layer, x = _layer(name, torch.float32)
    program = torch.export.export(layer, (x,))
    before = tilewise_on()
    assert torch.equal(program.module()(x), layer(x))
    assert tilewise_on() == before + 2


@pytest.mark.parametrize("name", NAMES)
def test_meta_tensors(name, tilewise_on):
    layer, x = _layer(name, torch.float32)
    shape = layer(x).shape
    before = tilewise_on()
    y = copy.deepcopy(layer).to("meta")(x.to("meta"))
    assert (y.shape, y.device.type) == (shape, "meta")
    assert tilewise_on() == before


def test_checkpointing_and_hooks(tilewise_on):
    layer, x = _layer("2d", torch.float32)
    seen = []
    layer.register_full_backward_hook(lambda *given: seen.append(len(given)))
    y = torch.utils.checkpoint.checkpoint(layer, x.requires_grad_(), use_reentrant=False)
    y.sum().backward()
    assert x.grad is not None
    assert seen


def test_traced_modules(tilewise_on):
    """TorchScript's graphs call another operator, which stays PyTorch's: right, and not on generated kernels."""
    layer, x = _layer("2d", torch.float32)
    traced = torch.jit.trace(layer, x)
    assert_accurate(traced(x), layer.double()(x.double()))


def test_a_training_step_of_a_small_network(tilewise_on):
    """Losses follow PyTorch's own: nothing in a step is wrong by more than rounding."""

    def train(steps=5):
        torch.manual_seed(0)
        network = torch.nn.Sequential(
            torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.BatchNorm2d(8), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
            torch.nn.Conv2d(8, 8, 3, padding=1, groups=8), torch.nn.Conv2d(8, 16, 1), torch.nn.ReLU(),
            torch.nn.ConvTranspose2d(16, 4, 2, stride=2), torch.nn.Flatten(), torch.nn.Linear(4 * 144, 10),
        )  # fmt: skip
        optimizer = torch.optim.SGD(network.parameters(), 0.05, momentum=0.9)
        x, labels = torch.randn(16, 3, 12, 12), torch.randint(10, (16,))
        losses = []
        for _ in range(steps):
            loss = F.cross_entropy(network(x), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    mine = train()
    with tilewise.disabled():
        native = train()
    assert mine[-1] < mine[0]
    assert mine == pytest.approx(native, rel=1e-4)
    assert tilewise_on() > 40


def test_data_parallel_in_two_processes():
    code = """
        import os, sys
        import torch, torch.distributed as dist, torch.multiprocessing as mp

        def work(rank, path, queue):
            import tilewise
            from tilewise.torch_ops import dispatch
            torch.set_num_threads(1)
            tilewise.enable()
            dist.init_process_group("gloo", init_method=f"file://{path}", rank=rank, world_size=2)
            torch.manual_seed(0)
            layer = torch.nn.Conv2d(3, 4, 3)
            model = torch.nn.parallel.DistributedDataParallel(layer)
            x = torch.randn(4, 3, 8, 8)
            model(x[2 * rank : 2 * rank + 2]).square().mean().backward()
            both = [p.grad.clone() for p in layer.parameters()]
            dist.destroy_process_group()
            alone = torch.autograd.grad(layer(x).square().mean(), list(layer.parameters()))
            close = all(torch.allclose(a, b, rtol=1e-5, atol=1e-6) for a, b in zip(both, alone))
            queue.put((rank, close, dispatch.counts()["generated"] >= 3))

        if __name__ == "__main__":
            queue = mp.get_context("fork").SimpleQueue()
            workers = [mp.get_context("fork").Process(target=work, args=(r, sys.argv[1], queue)) for r in (0, 1)]
            for worker in workers: worker.start()
            print(sorted(queue.get() for _ in workers))
            for worker in workers: worker.join()
    """
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        printed = output_of(code, f"{folder}/meeting")
    assert "[(0, True, True), (1, True, True)]" in printed


def test_functional_forms_and_layers_agree(tilewise_on):
    layer, x = _layer("2d", torch.float32)
    by_function = F.conv2d(x, layer.weight, layer.bias, padding=1, dilation=2)
    by_torch = functools.partial(torch.convolution, stride=(1, 1), padding=(1, 1), dilation=(2, 2), transposed=False)(
        x, layer.weight, layer.bias, output_padding=(0, 0), groups=1
    )
    assert torch.equal(layer(x), by_function)
    assert torch.equal(layer(x), by_torch)
