"""PyTorch's tools take the layers for the ones they stand for."""

import copy

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from tests.support.processes import output_of
from tilewise import nn

CONV, NORM = {1: "Conv1d", 2: "Conv2d", 3: "Conv3d"}, {1: "BatchNorm1d", 2: "BatchNorm2d", 3: "BatchNorm3d"}


def model(home, axes=2):
    torch.manual_seed(1)
    conv, norm = getattr(home, CONV[axes]), getattr(home, NORM[axes])
    return home.Sequential(conv(3, 4, 3), norm(4), home.ReLU(), conv(4, 2, 3), home.ReLU())


def image(axes=2):
    return torch.randn(2, 3, *[8] * axes)


def test_type_comparisons():
    assert type(nn.Conv2d(1, 1, 1)) == torch.nn.Conv2d  # noqa: E721
    assert torch.nn.Conv2d == nn.Conv2d and not torch.nn.Conv2d != nn.Conv2d  # noqa: SIM202
    assert nn.Conv2d is not torch.nn.Conv2d and nn.Conv2d != torch.nn.Conv1d and nn.Conv2d != nn.Conv1d
    assert {torch.nn.Conv2d: "known"}[nn.Conv2d] == "known" and nn.Conv2d in (torch.nn.Conv2d,)
    assert nn.DepthwiseConv2d != nn.Conv2d != nn.LazyConv2d
    assert nn.Conv2d.__module__ == "tilewise.nn.modules.conv"


@pytest.mark.parametrize("name", ["Conv1d", "ConvTranspose3d", "DepthwiseConv2d"])
def test_fx_keeps_layers_whole(name):
    layer = getattr(nn, name)(4, *((4, 3) if "Depth" not in name else (3,)))
    traced = torch.fx.symbolic_trace(nn.Sequential(layer, nn.ReLU()))
    assert [node.op for node in traced.graph.nodes] == ["placeholder", "call_module", "call_module", "output"]
    assert type(traced.get_submodule("0")) is type(layer)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_fuse_modules(axes):
    net, x = model(nn, axes).eval(), image(axes)
    with torch.no_grad():
        expected = net(x)
        fused = torch.ao.quantization.fuse_modules(net, [["0", "1", "2"], ["3", "4"]])
        assert isinstance(fused[0], getattr(torch.ao.nn.intrinsic, f"ConvReLU{axes}d"))
        torch.testing.assert_close(fused(x), expected, rtol=1e-4, atol=1e-4)
    pair = nn.Sequential(getattr(nn, CONV[axes])(3, 4, 3), getattr(nn, NORM[axes])(4))
    trained = torch.ao.quantization.fuse_modules_qat(pair, [["0", "1"]])
    assert isinstance(trained[0], getattr(torch.ao.nn.intrinsic, f"ConvBn{axes}d"))
    assert isinstance(torch.ao.quantization.fuse_modules(pair.eval(), [["0", "1"]])[0], getattr(nn, CONV[axes]))


def test_graph_fusion():
    from torch.ao.quantization.quantize_fx import fuse_fx

    net, x = model(nn).eval(), image()
    fused = fuse_fx(copy.deepcopy(net))
    assert any(isinstance(m, torch.ao.nn.intrinsic.ConvReLU2d) for m in fused.modules())
    torch.testing.assert_close(fused(x), net(x), rtol=1e-4, atol=1e-4)


def test_flop_counter():
    counts = []
    for home in (torch.nn, nn):
        net = model(home)
        counter = FlopCounterMode(display=False)
        with counter:
            net(image()).sum().backward()
        counts.append(counter.get_total_flops())
    assert counts[0] == counts[1] > 0


def test_torchscript():
    """In a process of its own: the scripting compiler knows builtins by the addresses of objects, some long gone."""
    output_of("""
        import torch
        from tests.nn.test_tools import image, model
        from tilewise import nn

        net, x = model(nn).eval(), image()
        for made in (torch.jit.script(net), torch.jit.trace(net, x)):
            torch.testing.assert_close(made(x), net(x))
        up = nn.ConvTranspose2d(3, 4, 3, stride=2)
        torch.testing.assert_close(torch.jit.script(up)(x), up(x))
        separable = nn.SeparableConv2d(3, 4, 3)
        torch.testing.assert_close(torch.jit.script(separable)(x), separable(x))
    """)


def test_compile_and_export():
    """In a process of its own: the compiler remembers which code other tests have made it give up."""
    code = """
        import torch
        from tests.nn.test_tools import image, model
        from tilewise import nn

        net, x = model(nn).eval(), image()
        compiled = torch.compile(net, backend="aot_eager", fullgraph=True)
        torch.testing.assert_close(compiled(x), net(x))
        exported = torch.export.export(net, (x,))
        torch.testing.assert_close(exported.module()(x), net(x))
        print("right")
    """
    assert output_of(code).split() == ["right"]


def test_what_answers_calls_is_not_compiled_with_the_model():
    """Where the compiler has given a module up, its calls run as they are, with the compiler looking on."""
    code = """
        import os
        import torch
        from torch._C._dynamo.eval_frame import _FrameAction, _FrameExecStrategy, set_code_exec_strategy
        from tilewise import nn
        net, x = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()).eval(), torch.randn(1, 3, 8, 8)
        right = net(x)
        compiled = torch.compile(net, backend="aot_eager", fullgraph=True)
        for given_up in (torch.nn.Sequential.forward, torch.nn.Conv2d.forward, torch.nn.Conv2d._conv_forward):
            set_code_exec_strategy(given_up.__code__, _FrameExecStrategy(_FrameAction.SKIP, _FrameAction.DEFAULT))
        os.environ["SOMETHING"] = "else"  # calls are answered anew
        torch.testing.assert_close(compiled(x), right)
        print("right")
    """
    assert output_of(code).split() == ["right"]


def test_parametrizations():
    x = image()
    for wrap in (torch.nn.utils.parametrizations.weight_norm, torch.nn.utils.parametrizations.spectral_norm):
        results = []
        for home in (torch.nn, nn):
            torch.manual_seed(2)
            layer = wrap(home.Conv2d(3, 4, 3)).eval()
            results.append(layer(x))
        torch.testing.assert_close(*results, rtol=1e-4, atol=1e-5)
        assert isinstance(layer, nn.Conv2d)
        torch.nn.utils.parametrize.remove_parametrizations(layer, "weight")
        assert type(layer) is nn.Conv2d


def test_skip_init_and_meta():
    assert torch.nn.utils.skip_init(nn.Conv2d, 3, 4, 3).weight.shape == (4, 3, 3, 3)
    meta = nn.Conv2d(3, 4, 3, device="meta")
    assert meta(torch.empty(1, 3, 5, 5, device="meta")).shape == (1, 4, 3, 3)


def test_functional_call_and_vmap():
    layers = [nn.Conv2d(3, 4, 3) for _ in range(3)]
    params, buffers = torch.func.stack_module_state(layers)
    x = image()
    result = torch.vmap(lambda p, b: torch.func.functional_call(layers[0], (p, b), (x,)))(params, buffers)
    for layer, row in zip(layers, result, strict=True):
        torch.testing.assert_close(row, layer(x), rtol=1e-4, atol=1e-5)
