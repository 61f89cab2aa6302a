"""Random convolutions for hypothesis.

TILEWISE_SOAK=<n> multiplies the number of examples of every property by n and makes them random:
`TILEWISE_SOAK=100 python -m pytest tests/torch_ops/test_properties.py`.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable

import torch
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st

from tests.support.convolutions import Setting
from tests.support.layouts import LAYOUTS

SOAK = int(os.environ.get("TILEWISE_SOAK", "1"))
DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)


def bounded(examples: int, name: str = "") -> Callable[[Callable], Callable]:
    """The settings of a property: the same examples in every run, others for another name; random ones in a soak."""
    wanted = settings(
        max_examples=examples * SOAK,
        derandomize=SOAK == 1,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )

    def decorate(test: Callable) -> Callable:
        return seed(zlib.crc32(name.encode()))(wanted(test)) if SOAK == 1 and name else wanted(test)

    return decorate


def dtypes_for(algorithm: str | None) -> tuple[torch.dtype, ...]:
    """The types that an algorithm serves."""
    if (algorithm or "").startswith("pointwise"):
        return (torch.float32, torch.float64)
    if algorithm == "amx_winograd":
        return (torch.float32,)
    return (torch.bfloat16,) if (algorithm or "").startswith("dot") else DTYPES


def layouts() -> st.SearchStrategy[str]:
    return st.sampled_from(LAYOUTS)


def layouts_for(algorithm: str | None) -> st.SearchStrategy[tuple[str, str, str]]:
    """Of input, weight and gradient; for an algorithm that serves channels-last tensors, mostly those."""
    if algorithm is None or not algorithm.startswith("group_channels"):
        return st.tuples(layouts(), layouts(), layouts())
    channels_last = st.sampled_from(("channels_last", "strided_channels_last", "sliced_channels_last"))
    return st.tuples(channels_last, layouts(), channels_last)


# The longest axes of an image, for one, two and three of them. Sums over the larger ones are added to in memory.
SMALL = ((20, 40, 1200), (9, 14, 40), (4, 7, 9))
LARGE = ((1200, 3000, 6000), (50, 90, 130), (12, 20, 26))


@st.composite
def legal_settings(draw, dtypes=DTYPES, batches=(2, 1, 3, 5, 1, 2, 3, 0), algorithm=None, longest=SMALL):
    """Any convolution that PyTorch accepts, small enough to be checked many times a second.

    For an algorithm that serves some kinds of convolutions only, mostly those.
    """
    grouped = (algorithm or "").startswith("group")
    one_group = "winograd" in (algorithm or "")
    three_taps = one_group and (algorithm != "winograd" or draw(st.booleans()))
    one_tap = (algorithm or "").startswith("pointwise")
    axes = draw(st.integers(1, 3))

    def each(values):
        return draw(st.tuples(*[values] * axes))

    groups = draw(st.sampled_from((2, 3, 4, 6) if grouped else (1,) if one_group else (1, 1, 1, 2, 3, 4)))
    depthwise = groups > 1 and draw(st.booleans())
    # A few, as most; around one and two vectors of any instruction set, now and then.
    some = st.one_of(st.integers(1, 6), st.integers(1, 9), st.sampled_from((8, 15, 16, 17, 31, 32, 33, 40, 65)))
    ins = 1 if depthwise else draw(some)
    outs = draw(st.integers(1, 3)) if depthwise else draw(some)
    if depthwise and draw(st.booleans()):
        groups *= draw(st.sampled_from((4, 5, 8, 17)))
    transposed = draw(st.booleans())
    if transposed and depthwise:
        ins, outs = outs, ins
    kernel, stride = each(st.integers(1, 4)), each(st.integers(1, 3))
    if three_taps:
        kernel, stride = (*kernel[:-2], *draw(st.sampled_from(((3,), (3,), (1,), (2,))))[: axes - 1], 3), (1,) * axes
    elif one_group:
        kernel = (*kernel[:-1], draw(st.integers(2, 8)))
    dilation, padding = each(st.integers(1, 3)), each(st.integers(0, 3))
    if grouped:
        # Now and then a row of taps that registers do not hold.
        kernel = (*kernel[:-1], draw(st.sampled_from((*[kernel[-1]] * 15, 7, 11, 27))))
    if one_tap:
        kernel, padding = (1,) * axes, (0,) * axes
    extra = tuple(
        draw(st.integers(0, max(s, d) - 1)) if transposed else 0 for s, d in zip(stride, dilation, strict=True)
    )
    most = draw(st.sampled_from(longest[axes - 1]))
    spatial = []
    for k, s, p, d, e in zip(kernel, stride, padding, dilation, extra, strict=True):
        window = d * (k - 1) + 1
        # The smallest size with an output.
        least = max(1, -(-(2 * p - window - e + 1) // s) + 1) if transposed else max(1, window - 2 * p)
        spatial.append(draw(st.integers(least, max(least, most))))
    setting = Setting(
        tuple(spatial), kernel, draw(st.sampled_from(batches)), groups * ins, groups * outs, groups, stride, padding,
        dilation, extra, transposed, draw(st.booleans()), draw(st.sampled_from(dtypes)),
    )  # fmt: skip
    assert setting.legal, setting
    return setting
