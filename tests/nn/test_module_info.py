"""PyTorch's own module tests' inputs, through tilewise.nn: same results, same gradients, same refusals."""

import pytest
import torch
from torch.testing._internal.common_modules import module_db

import tilewise
from tilewise import nn

CONVS = [info for info in module_db if "Conv" in info.module_cls.__name__ and hasattr(nn, info.module_cls.__name__)]
ENTRIES = [info for info in CONVS if info.module_cls.__module__.startswith("torch.nn.modules.conv")]


def entry_dtype(entry):
    return next(a.dtype for a in entry.forward_input.args if isinstance(a, torch.Tensor))


def made(home, info, entry):
    torch.manual_seed(11)
    build = entry.constructor_input
    layer = getattr(home, info.module_cls.__name__)(*build.args, **{**build.kwargs, "dtype": entry_dtype(entry)})
    args = [a.detach().clone() if isinstance(a, torch.Tensor) else a for a in entry.forward_input.args]
    inputs = [a.requires_grad_() for a in args if isinstance(a, torch.Tensor) and a.is_floating_point()]
    result = layer(*args, **entry.forward_input.kwargs)
    result.square().sum().backward()
    return [result.detach(), *(t.grad for t in inputs), *(p.grad for p in layer.parameters())]


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("info", ENTRIES, ids=lambda info: info.module_cls.__name__)
def test_inputs_of_module_info(info, dtype):
    entries = info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=False, training=True)
    assert entries
    for entry in entries:
        with tilewise.disabled():
            theirs = made(torch.nn, info, entry)
        with tilewise.enabled():
            ours = made(nn, info, entry)
        for mine, right in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine, right, rtol=1e-4, atol=1e-4)


def test_all_twelve_are_there():
    assert len(ENTRIES) == 12
