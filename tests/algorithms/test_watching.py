"""Which places of a weight tensor are looked at for infinities and NaN."""

import itertools

import numpy as np
import pytest
import torch

from tests.support.tiles import problem_of
from tilewise import target
from tilewise.algorithms.common.watching import is_dense, watch_gradient
from tilewise.problem import Pass


def weights():
    """Dense in three orders of the axes, with gaps, overlapping, expanded, of one element."""
    w = torch.empty(6, 5, 3, 2)
    return {
        "dense": w,
        "channels_last": w.contiguous(memory_format=torch.channels_last),
        "transposed": torch.empty(5, 6, 3, 2).transpose(0, 1),
        "gaps": torch.empty(6, 5, 3, 4)[..., ::2],
        "some channels": torch.empty(9, 5, 3, 2)[2:8],
        "every second channel": torch.empty(12, 5, 3, 2)[::2],
        "overlapping": torch.empty(500).as_strided((6, 5, 3, 2), (10, 2, 2, 1)),
        "expanded": torch.empty(1, 5, 3, 2).expand(6, 5, 3, 2),
        "single": torch.empty(1, 1, 1, 1),
        "long": torch.empty(70, 31, 3, 2),
    }


@pytest.mark.parametrize("name", weights())
def test_every_place_is_watched_once(name):
    w = weights()[name]
    x = torch.empty(1, w.shape[1], 7, 7)
    problem = problem_of(Pass.WEIGHT_GRADIENT, x, w, ([1, 1], [0, 0], [1, 1], False, [0, 0], 1))
    [step] = watch_gradient(problem, target.host())
    [(_, table)] = step.tables
    seen = sorted(place for start, length in table for place in range(start // 4, start // 4 + length))
    axes = [np.arange(size) * stride for size, stride in zip(w.shape, w.stride(), strict=True)]
    assert seen == sorted({int(sum(places)) for places in itertools.product(*axes)})
    filled = len(seen) == w.numel() == seen[-1] + 1
    assert is_dense(w.shape, w.stride()) == filled
