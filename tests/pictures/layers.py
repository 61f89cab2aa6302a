"""Random layers of every kind, with inputs that fit them: what the tests of this folder draw on."""

import random

import torch
import torch.nn.functional as F
from torch import nn


class Causal(nn.Conv1d):
    """A layer that pads its past itself, as sequence models do."""

    def forward(self, x):
        return super().forward(F.pad(x, (self.dilation[0] * (self.kernel_size[0] - 1), 0)))


def random_layer(seed: int) -> tuple[nn.Module, torch.Tensor]:
    """A layer of 1, 2 or 3 dimensions, plain, grouped, depthwise, dilated, transposed or causal, and an input."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    dims, transposed = rng.choice([1, 2, 2, 2, 3]), rng.random() < 0.3
    groups = rng.choice([1, 1, 1, 2, 3])
    c, k = groups * rng.randint(1, 3), groups * rng.randint(1, 3)

    def each(low, high):
        return tuple(rng.randint(low, high) for _ in range(dims))

    kernel, stride, dilation = each(1, 4 if dims < 3 else 3), each(1, 3), each(1, 2)
    keywords = dict(stride=stride, dilation=dilation, groups=groups, bias=rng.random() < 0.8)
    size = tuple(d * (n - 1) + 1 + rng.randint(2, 6 if dims < 3 else 3) for n, d in zip(kernel, dilation, strict=True))
    dtype = torch.float64 if rng.random() < 0.1 else torch.float32
    if transposed:
        extra = tuple(rng.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True))
        keywords |= dict(padding=tuple(min(1, n - 1) for n in kernel), output_padding=extra)
        layer = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[dims - 1](c, k, kernel, **keywords)
    elif dims == 1 and rng.random() < 0.3:
        layer = Causal(c, k, kernel, **keywords)
    else:
        mode = rng.choice(["zeros", "zeros", "zeros", "reflect", "replicate", "circular"])
        if rng.random() < 0.2:
            keywords |= dict(padding="same", stride=1)
        else:
            keywords |= dict(padding=each(0, 2))
        layer = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[dims - 1](c, k, kernel, padding_mode=mode, **keywords)
    return layer.to(dtype), torch.randn(1, c, *size, dtype=dtype)
