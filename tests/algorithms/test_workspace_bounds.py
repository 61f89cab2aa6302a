"""Workspaces are bounded: large batches run a few images at a time, and give the same bits."""

import torch

import tilewise
from tilewise import algorithms, target
from tilewise.algorithms import registry
from tilewise.problem import Pass
from tilewise.torch_ops import describe
from tilewise.torch_ops.call import Call


def problem_of(shape, weight, padding):
    x = torch.empty(shape, device="meta")
    w = torch.empty(weight, device="meta")
    y = torch.conv2d(x, w, padding=padding)
    call = Call([1, 1], [padding] * 2, [1, 1], False, [0, 0], 1)
    specs = [describe.spec(t.shape, t.stride()) for t in (x, y)]
    return describe.problem(Pass.FORWARD, call, *specs, w.shape, w.stride(), torch.float32, "highest", False)


def test_a_large_batch_needs_no_more_than_the_usual_workspace():
    plan = algorithms.choose(problem_of((64, 8, 512, 512), (64, 8, 3, 3), 1), target.host()).plan
    assert plan.workspace_bytes <= registry.WORKSPACE_USUAL
    assert 64 % plan.images == 0


def test_images_in_turns_give_the_same_bits(monkeypatch):
    x, w = torch.randn(6, 8, 30, 31), torch.randn(20, 8, 3, 3)
    with tilewise.enabled(), algorithms.only("fma"):
        whole = torch.conv2d(x, w, padding=1)
        monkeypatch.setattr(registry, "WORKSPACE_USUAL", 1 << 17)
        registry._choose.cache_clear()
        # Another shape of the same images, so that the call is prepared anew.
        parts = torch.conv2d(torch.cat([x, x]), w, padding=1)
    registry._choose.cache_clear()
    assert torch.equal(parts[:6], whole)
    assert torch.equal(parts[6:], whole)
