"""Run by test_guard_pages in a process of its own: `python -m tests.algorithms.guarded_run LEVEL ALGORITHM EXAMPLES`.

Before each pass its description goes to standard error, so that the last one there is the one that ended it.
"""

import os
import sys

import torch
from hypothesis import given

from tests.support.accuracy import assert_exact, assert_right
from tests.support.guarded import SIDES, Guarded, extent, guard
from tests.support.layouts import lay_out
from tests.support.strategies import bounded, dtypes_for, layouts_for, legal_settings
from tilewise import algorithms
from tilewise.problem import Pass
from tilewise.torch_ops.call import Call
from tilewise.torch_ops.prepared import Prepared


def run(prepared: Prepared, dtype: torch.dtype, side: str, source, weight, bias, into_weight: bool = False):
    """Run a prepared call with everything that it writes, its scratch memory too, in guarded memory."""
    size = torch.tensor([], dtype=dtype).element_size()
    result = Guarded(extent(prepared.shape, prepared.strides) * size, side)
    scratch = Guarded(-(-prepared.workspace // 64) * 64, side)
    if into_weight:
        pointers = (source.data_ptr(), weight.data_ptr(), result.address)
    else:
        pointers = (source.data_ptr(), result.address, weight.data_ptr())
    prepared.program(1, *pointers, bias.data_ptr() if bias is not None else 0, scratch.address)
    return result.tensor(dtype, prepared.shape, prepared.strides).clone()


def check(setting, how, side, level, name):
    x, w, b, gy = setting.integers()
    x, w, gy = (lay_out(t, kind) for t, kind in zip((x, w, gy), how, strict=True))
    right = setting.expected(x, w, b, gy)
    kept = [guard(t, side) if t is not None else (None, None) for t in (x, w, b, gy)]
    (x, _), (w, _), (b, _), (gy, _) = kept
    call = Call(*setting.arguments)
    window, point = (gy, x) if setting.transposed else (x, gy)
    passes = {
        "output": (Prepared.forward(call, x, w, b), (x, w, b)),
        "input gradient": (Prepared.backward(Pass.INPUT_GRADIENT, call, gy, x, w), (gy, w, None)),
        "weight gradient": (Prepared.backward(Pass.WEIGHT_GRADIENT, call, gy, x, w), (window, point, None, True)),
    }
    ran = 0
    for what, (prepared, tensors) in passes.items():
        if prepared.program is None:
            continue
        said = f"{what} of {setting} as {how} by {name} on {level}, guarded {side}"
        os.write(2, f"{said}\n".encode())
        assert_right(run(prepared, setting.dtype, side, *tensors), right[what], name, said)
        ran += 1
    sums = Prepared.channel_sums(gy)
    if sums.program is not None:
        said = f"channel sums of {setting} as {how} on {level}, guarded {side}"
        os.write(2, f"{said}\n".encode())
        result = Guarded(setting.out_channels * gy.element_size(), side)
        scratch = Guarded(-(-sums.workspace // 64) * 64, side)
        sums.program(1, gy.data_ptr(), 0, 0, result.address, scratch.address)
        assert_exact(result.tensor(setting.dtype, (setting.out_channels,), (1,)), right["bias gradient"], said)
    return ran


def main(level: str, name: str, examples: str) -> None:
    os.environ["TILEWISE_ISA"] = level
    torch.set_num_threads(1)
    ran = 0

    @bounded(int(examples), f"guarded {level} {name}")
    @given(
        setting=legal_settings(dtypes_for(name), batches=(1, 2), algorithm=name),
        how=layouts_for(name),
    )
    def holds(setting, how):
        nonlocal ran
        for side in SIDES:
            ran += check(setting, how, side, level, name)

    with algorithms.only(name):
        holds()
    print(ran)


if __name__ == "__main__":
    main(*sys.argv[1:])
