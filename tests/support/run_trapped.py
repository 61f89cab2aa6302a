"""Run as a process of its own: AMX kernels as machine code, tile instructions done by tile_trap.c.

Arguments: the compiled trap. Prints how many calls ran on generated kernels, and how many tile instructions.
"""

import ctypes
import sys

import torch

import tilewise
from tilewise import algorithms, target
from tilewise.torch_ops import dispatch

CASES = [
    # sizes, out_channels, kernel, stride, padding, dilation, groups, transposed
    ((2, 5, 9, 11), 7, (3, 3), (1, 1), (1, 1), (1, 1), 1, False),
    ((2, 64, 7, 9), 40, (1, 1), (1, 1), (0, 0), (1, 1), 1, False),
    ((1, 35, 8, 8), 50, (1, 1), (1, 1), (0, 0), (1, 1), 1, False),
    ((2, 6, 13, 7), 34, (3, 2), (2, 3), (2, 0), (2, 1), 2, False),
    ((1, 33, 6, 5), 18, (4, 4), (2, 2), (1, 1), (1, 1), 1, True),
    ((3, 16, 40), 16, (5,), (1,), (2,), (3,), 1, False),
    ((1, 4, 5, 6, 7), 17, (2, 3, 2), (1, 2, 1), (1, 0, 1), (1, 1, 1), 1, False),
]


def check(case: tuple, dtype: torch.dtype, channels_last: bool) -> None:
    """All three passes against PyTorch in float64."""
    sizes, outputs, kernel, stride, padding, dilation, groups, transposed = case
    first, second = (sizes[1], outputs) if transposed else (outputs, sizes[1])
    x, w, b = (torch.randn(s).to(dtype) for s in (sizes, (first, second // groups, *kernel), (outputs,)))
    if channels_last and len(sizes) == 4:
        x = x.to(memory_format=torch.channels_last)
    rest = (stride, padding, dilation, transposed, [0] * len(kernel), groups)
    backward = torch.ops.aten.convolution_backward
    with tilewise.disabled():
        y = torch.convolution(x.double(), w.double(), b.double(), *rest)
        g = torch.randn(y.shape).to(dtype)
        expected = [y, *backward(g.double(), x.double(), w.double(), [outputs], *rest, [True, True, False])[:2]]
    with tilewise.enabled():
        with algorithms.only("amx"):
            found = [torch.convolution(x, w, b, *rest)]
            found.append(backward(g, x, w, [outputs], *rest, [True, False, False])[0])
        with algorithms.only("amx_weights"):
            found.append(backward(g, x, w, [outputs], *rest, [False, True, False])[1])
    if dtype is torch.float32 and kernel[-1] == 3 and set(stride) == {1}:
        with tilewise.enabled(), algorithms.only("amx_winograd"):
            found.append(torch.convolution(x, w, b, *rest))
            found.append(backward(g, x, w, [outputs], *rest, [True, False, False])[0])
        expected += expected[:2]
    bound = torch.finfo(dtype).eps * (8 if dtype is torch.float32 else 1)
    for mine, right in zip(found, expected, strict=True):
        error = (mine.double() - right).abs().max() / right.abs().max()
        assert error <= bound, (case, dtype, channels_last, float(error))


def main() -> None:
    trap = ctypes.CDLL(sys.argv[1])
    trap.install()
    # Say that this CPU has tiles; the trap makes it true.
    features = target.host_features() | {"amx-tile", "amx-bf16"}
    target.host_features = lambda: features
    target.request_tile_permission = lambda: True
    assert target.host().level == "amx", target.host()
    torch.manual_seed(0)
    for case in CASES:
        for dtype in (torch.float32, torch.bfloat16):
            for channels_last in (False, True):
                check(case, dtype, channels_last)
    counts = dispatch.counts()
    assert counts["native"] == 0, counts
    print(counts["generated"], ctypes.c_long.in_dll(trap, "tile_instructions").value)


if __name__ == "__main__":
    main()
