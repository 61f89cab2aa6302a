"""Winograd for few tiles and many channels: several ranges, runs, blocks and pieces, each counted once."""

import pytest
import torch

import tilewise
from tests.support.accuracy import assert_right
from tests.support.isa import available_levels, capped
from tilewise import algorithms, target
from tilewise.runtime.workspace import fill_free_workspaces
from tilewise.torch_ops.call import Call
from tilewise.torch_ops.prepared import Prepared


def _passes(x, w, b, gy):
    rest = ([1, 1], [1, 1], [1, 1], False, [0, 0], 1)
    backward = torch.ops.aten.convolution_backward
    return torch.convolution(x, w, b, *rest), backward(gy, x, w, None, *rest, [True, False, False])[0]


def _tensors(inputs, outputs, size, images, layout=torch.contiguous_format):
    torch.manual_seed(inputs)
    x = torch.randint(-2, 3, (images, inputs, *size)).float().to(memory_format=layout)
    w = torch.randint(-2, 3, (outputs, inputs, 3, 3)).float()
    gy = torch.randint(-2, 3, (images, outputs, *size)).float().to(memory_format=layout)
    return x, w, torch.randint(-2, 3, (outputs,)).float(), gy


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=["planes", "pixels"])
@pytest.mark.parametrize("name", ["winograd", "winograd4"])
@pytest.mark.parametrize("level", available_levels())
def test_every_range_block_and_piece_counts_once(level, name, layout):
    # Channels that fill neither pieces nor blocks; tiles that fill no range, of one image and of several.
    for inputs, outputs, size, images in ((257, 230, (27, 29), 1), (190, 205, (7, 9), 5), (211, 219, (1, 30), 2)):
        x, w, b, gy = _tensors(inputs, outputs, size, images, layout)
        expected = _passes(x.double(), w.double(), b.double(), gy.double())
        with capped(level), tilewise.enabled(), algorithms.only(name):
            fill_free_workspaces(0xFF)
            for what, actual, right in zip(("output", "input gradient"), _passes(x, w, b, gy), expected, strict=True):
                assert_right(actual, right, name, f"{what} of {inputs} to {outputs} on {size} by {name} on {level}")


def test_the_same_bits_for_any_number_of_threads():
    x, w, b, _ = _tensors(300, 270, (20, 20), 1)
    x, w = x + torch.rand_like(x), w + torch.rand_like(w)
    threads = torch.get_num_threads()
    results = []
    try:
        for count in (1, 2, 3):
            torch.set_num_threads(count)
            with tilewise.enabled(), algorithms.only("winograd"):
                results.append(torch.conv2d(x, w, b, padding=1))
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(results[0], results[1]) and torch.equal(results[0], results[2])


def test_transformed_filters_are_not_kept():
    """The workspace follows the images, not the filters, which take 16 values for nine once they are transformed."""
    call = Call([1, 1], [1, 1], [1, 1], False, [0, 0], 1)
    x, w, b, _ = _tensors(512, 512, (7, 7), 1)
    with capped(target.LEVELS[0]), algorithms.only("winograd"):
        prepared = Prepared.forward(call, x, w, b)
    assert 0 < prepared.workspace < 4 * w.numel() / 2
