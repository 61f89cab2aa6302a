"""PyTorch's own tests of its convolutions, from its wheel, on generated kernels.

The settings, the inputs and the checks of gradients are PyTorch's; only the bounds on errors are this project's
(tests/support/accuracy.py). float64 results are compared with PyTorch's own in float64.
"""

import copy

import pytest
import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.common_modules import module_db
from torch.testing._internal.common_nn import NewModuleTest, NNTestCase, get_new_module_tests

import tilewise
from tests.support.accuracy import assert_accurate

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
OPERATORS = [op for op in op_db if op.name.startswith("nn.functional.conv")]
MODULES = [m for m in module_db if m.name.startswith(("nn.Conv", "nn.LazyConv"))]
MODULE_TESTS = [t for t in get_new_module_tests() if "conv" in t.get("module_name", t.get("fullname", "")).lower()]


def test_pytorch_brings_what_is_expected():
    """An empty list would pass for a proof."""
    assert len(OPERATORS) == 6
    assert len(MODULES) == 12
    assert len(MODULE_TESTS) == 62


def _wide(value):
    """A float64 copy of a tensor with its own graph; anything else as it is."""
    if not isinstance(value, torch.Tensor):
        return value
    return value.detach().double().contiguous().requires_grad_(value.requires_grad)


def _gradients_and_output(function, leaves, seed=0):
    """A function's result and its gradients for a random incoming gradient that depends on the seed alone."""
    y = function()
    incoming = torch.randn(y.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    # Rounded as both sides get it.
    incoming = incoming.bfloat16().to(y.dtype)
    return [y, *torch.autograd.grad(y, leaves, incoming)] if y.numel() else [y]


@pytest.mark.parametrize("noncontiguous", [False, True], ids=["contiguous", "noncontiguous"])
@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: str(d)[6:])
@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.name)
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_operator_samples(op, dtype, noncontiguous, tilewise_on):
    reached = 0
    torch.manual_seed(0)
    samples = list(op.sample_inputs("cpu", dtype, requires_grad=True))
    assert samples
    for number, sample in enumerate(samples):
        sample = sample.noncontiguous() if noncontiguous else sample
        tensors = [sample.input, *sample.args]
        leaves = [t for t in tensors if isinstance(t, torch.Tensor)]
        wide = [_wide(t) for t in tensors]
        wide_leaves = [t for t in wide if isinstance(t, torch.Tensor)]
        with tilewise.disabled():
            expected = _gradients_and_output(lambda w=wide, s=sample: op(*w, **s.kwargs), wide_leaves, number)
        before = tilewise_on()
        actual = _gradients_and_output(lambda t=tensors, s=sample: op(*t, **s.kwargs), leaves, number)
        reached += tilewise_on() - before
        for i, (mine, right) in enumerate(zip(actual, expected, strict=True)):
            assert_accurate(mine, right, f"sample {number} result {i} {sample.summary()}")
    # The output and two gradients of each sample, apart from those with nothing in them.
    assert reached >= 2 * len(samples)


@pytest.mark.parametrize("op", [op for op in OPERATORS if op.error_inputs_func], ids=lambda op: op.name)
def test_operator_error_inputs(op, tilewise_on):
    count = 0
    for error in op.error_inputs("cpu"):
        sample = error.sample_input
        with pytest.raises(error.error_type, match=error.error_regex):
            op(sample.input, *sample.args, **sample.kwargs)
        count += 1
    assert count >= 10


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda d: str(d)[6:])
@pytest.mark.parametrize("info", MODULES, ids=lambda m: m.name)
@pytest.mark.filterwarnings("ignore:Lazy modules are a new feature")
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_modules(info, dtype, tilewise_on):
    torch.manual_seed(0)
    inputs = info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True, training=True)
    for number, one in enumerate(inputs):
        made, given = one.constructor_input, one.forward_input
        module = info.module_cls(*made.args, **made.kwargs).to(dtype)
        before = tilewise_on()
        module(*given.args, **given.kwargs)  # a lazy layer has its parameters from here on
        wide_module = copy.deepcopy(module).double()
        leaves = [*given.args, *module.parameters()]
        wide_args = [_wide(t) for t in given.args]
        with tilewise.disabled():
            expected = _gradients_and_output(
                lambda m=wide_module, a=wide_args: m(*a), [*wide_args, *wide_module.parameters()], number
            )
        actual = _gradients_and_output(lambda m=module, g=given: m(*g.args, **g.kwargs), leaves, number)
        assert tilewise_on() - before >= 3
        for i, (mine, right) in enumerate(zip(actual, expected, strict=True)):
            assert_accurate(mine, right, f"input {number} result {i} of {module}")


class _Case(NNTestCase):
    """What PyTorch's module tests ask of the test case that runs them."""

    def runTest(self):
        pass

    def _forward(self, module, input):
        return module(*input) if isinstance(input, tuple) else module(input)

    def _get_parameters(self, module):
        parameters = list(module.parameters())
        return parameters, [p.grad for p in parameters]

    def _zero_grad_parameters(self, module):
        module.zero_grad()

    def _backward(self, module, input, output, grad_output, create_graph=False):
        output.backward(grad_output, retain_graph=True, create_graph=create_graph)
        inputs = input if isinstance(input, tuple) else (input,)
        grads = tuple(i.grad for i in inputs)
        return grads if isinstance(input, tuple) else grads[0]


def _name(parameters):
    name = parameters.get("fullname") or f"{parameters['module_name']}_{parameters.get('desc', '')}"
    return name.rstrip("_")


@pytest.mark.parametrize("parameters", MODULE_TESTS, ids=_name)
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.filterwarnings("ignore:Input #. requires gradient and is not a double")  # batches of none, in float32
def test_module_tests(parameters, tilewise_on):
    """gradcheck, double backward, batched gradients, non-contiguous inputs, pickles, casts."""
    constructor = {"constructor": getattr(torch.nn, parameters["module_name"])} if "module_name" in parameters else {}
    rest = {name: value for name, value in parameters.items() if name != "module_name"}
    torch.manual_seed(0)
    NewModuleTest(**constructor, **rest)(_Case())
    # PyTorch computes what has no elements.
    assert tilewise_on() > 10 or "zero_batch" in _name(parameters)
