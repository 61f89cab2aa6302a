"""Results come out in PyTorch's memory formats: its own kernels', and those that its fake tensors promise graphs."""

import itertools

import pytest
import torch
from hypothesis import given
from torch._subclasses import FakeTensorMode

import tilewise
from tests.support.convolutions import Setting
from tests.support.layouts import LAYOUTS, lay_out
from tests.support.strategies import bounded, layouts, legal_settings

DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)


def _named(axes, dtype):
    """What the table's rows are about."""
    cube = (6,) * axes
    return {
        "dense": Setting(cube, (3,) * axes, dtype=dtype),
        "pointwise": Setting(cube, (1,) * axes, dtype=dtype),
        "depthwise": Setting(cube, (3,) * axes, in_channels=4, out_channels=4, groups=4, dtype=dtype),
        "grouped": Setting(cube, (3,) * axes, groups=2, dtype=dtype),
        "dilated": Setting(cube, (2,) * axes, dilation=(2,) * axes, dtype=dtype),
        "strided": Setting(cube, (3,) * axes, stride=(2,) * axes, dtype=dtype),
        "one channel in": Setting(cube, (3,) * axes, in_channels=1, dtype=dtype),
        "one channel out": Setting(cube, (3,) * axes, out_channels=1, dtype=dtype),
        "one image": Setting(cube, (3,) * axes, batch=1, dtype=dtype),
        "one pixel": Setting((3,) * axes, (3,) * axes, dtype=dtype),
        "batch of none": Setting(cube, (3,) * axes, batch=0, dtype=dtype),
        "transposed": Setting(cube, (3,) * axes, transposed=True, stride=(2,) * axes, dtype=dtype),
        "transposed grouped": Setting(cube, (3,) * axes, transposed=True, groups=2, dtype=dtype),
    }


ROWS = [
    pytest.param(setting, id=f"{axes}d {name} {str(dtype)[6:]}")
    for axes, dtype in itertools.product((1, 2, 3), DTYPES)
    for name, setting in _named(axes, dtype).items()
]


def _strides_that_matter(tensor):
    """Axes of one element have strides that mean nothing, and PyTorch's kernels differ in them among themselves."""
    return [stride for stride, size in zip(tensor.stride(), tensor.shape, strict=True) if size > 1]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("setting", ROWS)
def test_strides_are_native_kernels(setting, threads):
    torch.set_num_threads(threads)
    x, w, b, gy = setting.integers()
    for x_layout, w_layout in itertools.product(("contiguous", "channels_last"), repeat=2):
        tensors = (lay_out(x, x_layout), lay_out(w, w_layout), b, gy)
        with tilewise.disabled():
            native = setting.passes(*tensors)
        with tilewise.enabled():
            ours = setting.passes(*tensors)
        for name, expected in native.items():
            where = f"{name} of x {x_layout}, w {w_layout}"
            assert _strides_that_matter(ours[name]) == _strides_that_matter(expected), where
            assert ours[name].is_contiguous() == expected.is_contiguous(), where


@bounded(300)
@given(setting=legal_settings(batches=(1, 2, 3)), x_layout=layouts(), w_layout=layouts(), gy_layout=layouts())
def test_strides_are_those_that_compiled_graphs_trust(setting, x_layout, w_layout, gy_layout):
    x, w, b, gy = setting.integers()
    tensors = (lay_out(x, x_layout), lay_out(w, w_layout), b, lay_out(gy, gy_layout))
    mode = FakeTensorMode()
    fake = [tensor if tensor is None else mode.from_tensor(tensor) for tensor in tensors]
    with mode:
        promised = setting.passes(*fake)
    with tilewise.enabled():
        ours = setting.passes(*tensors)
    assert {n: t.stride() for n, t in ours.items()} == {n: t.stride() for n, t in promised.items()}
    assert {n: t.shape for n, t in ours.items()} == {n: t.shape for n, t in promised.items()}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_unbatched_inputs(axes, layout):
    convolve = (torch.conv1d, torch.conv2d, torch.conv3d)[axes - 1]
    x = lay_out(torch.randn(1, 4, *(6,) * axes), layout)[0]
    for w_layout in ("contiguous", "channels_last"):
        w = lay_out(torch.randn(5, 4, *(3,) * axes), w_layout)
        with tilewise.disabled():
            native = convolve(x, w)
        with tilewise.enabled():
            ours = convolve(x, w)
        assert ours.stride() == native.stride()


def test_the_formula_for_versions_that_cannot_be_asked(monkeypatch):
    """Where torch._C does not tell, one channels-last tensor is enough, which is right for images."""
    from tilewise.torch_ops import layouts as module
    from tilewise.torch_ops.call import Call

    call = Call((1, 1), (0, 0), (1, 1), False, (0, 0), 1)
    shapes = torch.randn(2, 4, 6, 6), torch.randn(5, 4, 3, 3)
    for x_layout, w_layout in itertools.product(LAYOUTS, repeat=2):
        x, w = lay_out(shapes[0], x_layout), lay_out(shapes[1], w_layout)
        asked = module.results_channels_last(call, x, w)
        with monkeypatch.context() as patch:
            patch.setattr(module, "_select_backend", None)
            assert module.results_channels_last(call, x, w) == asked, (x_layout, w_layout)
