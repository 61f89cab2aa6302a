"""NaN, infinities, the largest and the smallest numbers come out as IEEE arithmetic and PyTorch have them."""

import contextlib
import dataclasses

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

import tilewise
from tests.support.convolutions import Setting
from tests.support.isa import available_levels, capped, combinations
from tests.support.layouts import lay_out
from tests.support.strategies import bounded, dtypes_for, legal_settings
from tilewise import algorithms
from tilewise.torch_ops import dispatch

SPECIAL = (float("nan"), float("inf"), float("-inf"))
CASES = [*((level, None) for level in available_levels()), *combinations()]
EXAMPLES = {None: 30, "reference": 10}


def _on(level, name):
    stack = contextlib.ExitStack()
    stack.enter_context(capped(level))
    if name is not None:
        stack.enter_context(algorithms.only(name))
    stack.enter_context(tilewise.enabled())
    return stack


def _generated(setting, x, w, b, gy):
    """The passes that generated kernels computed: PyTorch's bfloat16 kernels spread NaN, and are not on trial here."""
    before = dispatch.counts()["native"]
    for what, actual in setting.each_pass(x, w, b, gy):
        after = dispatch.counts()["native"]
        if after == before:
            yield what, actual
        before = after


def _pattern(tensor):
    """0 where finite, else which special value it is."""
    kinds = (tensor.isnan(), tensor.isposinf(), tensor.isneginf())
    return sum(kind.to(torch.int8) * number for number, kind in enumerate(kinds, 1))


@st.composite
def _strewn(draw, dtypes):
    """A convolution and where special values lie in its tensors: (tensor, position, value).

    Without padding: whether an infinite weight times the padding's zero is NaN or nothing differs among PyTorch's
    own kernels.
    """
    setting = draw(legal_settings(dtypes, batches=(1, 2)))
    assume(not any(setting.padding))
    places = st.tuples(st.sampled_from(("x", "w", "b", "gy")), st.floats(0, 1, exclude_max=True))
    return setting, draw(st.lists(st.tuples(places, st.sampled_from(SPECIAL)), min_size=1, max_size=4))


@pytest.mark.parametrize("precision", tilewise.torch_ops.settings.LEVELS)
@pytest.mark.parametrize(("level", "name"), CASES, ids=lambda value: value or "chosen")
def test_special_values_come_out_where_pytorch_gives_them(level, name, precision):
    if precision != "highest" and not level.startswith("amx"):
        # The levels differ on tiles only; elsewhere the kernels, and so the test, would be the same.
        return

    @bounded(EXAMPLES.get(name, 15), f"special {level} {name} {precision}")
    @given(strewn=_strewn(dtypes_for(name)))
    def holds(strewn):
        setting, places = strewn
        tensors = dict(zip(("x", "w", "b", "gy"), setting.integers(), strict=True))
        for (which, where), value in places:
            if tensors[which] is not None:
                flat = tensors[which].view(-1)
                flat[int(where * len(flat))] = value
        expected = setting.expected(*tensors.values())
        with _on(level, name), tilewise.precision(precision):
            for what, actual in _generated(setting, *tensors.values()):
                assert torch.equal(_pattern(actual), _pattern(expected[what])), f"{what} of {setting}"

    holds()


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("groups", [1, 2])
def test_special_weights_do_not_reach_where_no_product_is(groups, transposed, tilewise_on):
    """A position that no product reaches is 0 or the bias alone, whatever the weights."""
    setting = Setting((3,), (2,), 1, 2, 2, groups, output_padding=(int(transposed),), transposed=transposed)
    if transposed:
        setting = dataclasses.replace(setting, stride=(2,))
    x, w, b, gy = setting.integers()
    w[0, 0, 0] = float("nan")
    expected = setting.expected(x, w, b, gy)
    for what, actual in setting.passes(x, w, b, gy).items():
        assert torch.equal(_pattern(actual), _pattern(expected[what])), what


@pytest.mark.parametrize("how", ["contiguous", "channels_last"])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("precision", tilewise.torch_ops.settings.LEVELS)
@pytest.mark.parametrize(("level", "name"), CASES, ids=lambda value: value or "chosen")
def test_special_values_beside_padding(level, name, precision, channels, how):
    """In the input they meet every weight that reaches them, at borders too, and nothing else."""
    setting = Setting((7, 9), (3, 3), 3, channels, channels + 1, padding=(1, 1), dtype=dtypes_for(name)[0])
    x, w, b, gy = (lay_out(t, how) if t is not None and t.dim() == 4 else t for t in setting.normals())
    for image, (value, at) in enumerate(zip(SPECIAL, ((0, 0), (3, 4), (6, 8)), strict=True)):
        x[image, image, at[0], at[1]] = value
        gy[image, image, at[0], at[1]] = value
    expected = setting.expected(x, w, b, gy)
    with _on(level, name), tilewise.precision(precision):
        for what, actual in _generated(setting, x, w, b, gy):
            if what in ("output", "input gradient"):
                assert torch.equal(_pattern(actual), _pattern(expected[what])), what


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16], ids=lambda d: str(d)[6:]
)
@pytest.mark.parametrize(("level", "name"), CASES, ids=lambda value: value or "chosen")
@pytest.mark.parametrize("precision", tilewise.torch_ops.settings.LEVELS)
def test_the_largest_numbers_do_not_overflow(level, name, precision, dtype):
    """One product an output, so that no order of summing can overflow by itself."""
    setting = Setting((6,), (1,), 2, 33, 33, bias=False, dtype=dtype)
    largest = torch.finfo(dtype).max
    x, w = torch.zeros(setting.input_shape, dtype=dtype), torch.eye(33, dtype=dtype)[:, :, None]
    values = torch.tensor([largest, -largest, largest / 2, largest * 0.999, -largest / 3, 1.0], dtype=dtype)
    x[:] = values
    with _on(level, name), tilewise.precision(precision):
        y = setting.forward(x, w, None)
        gx, gw, _ = setting.backward(x, torch.ones_like(x) / 16, w)
    tolerance = {"highest": 2e-7, "high": 2e-5, "medium": 1e-2}[precision] if dtype is torch.float32 else 0
    for mine in (y, gx):
        assert mine.isfinite().all()
        assert ((mine.double() - x.double()).abs() <= tolerance * x.double().abs()).all()
    total = (values.double() / 16).sum() * 2
    assert ((gw.double() - total).abs() <= max(tolerance, torch.finfo(dtype).eps) * largest).all()


@pytest.mark.parametrize(
    "dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16], ids=lambda d: str(d)[6:]
)
@pytest.mark.parametrize(("level", "name"), CASES, ids=lambda value: value or "chosen")
def test_subnormal_numbers_are_kept(level, name, dtype):
    setting = Setting((6,), (1,), 2, 33, 33, bias=False, dtype=dtype)
    tiny, smallest = torch.finfo(dtype).tiny, torch.finfo(dtype).smallest_normal * torch.finfo(dtype).eps
    x, w = torch.zeros(setting.input_shape, dtype=dtype), torch.eye(33, dtype=dtype)[:, :, None]
    x[:] = torch.tensor([tiny, -tiny / 2, tiny / 4, smallest, -smallest, tiny * 1.5], dtype=dtype)
    assert (x != 0).all()
    # Tiles and products of pairs flush them; everything else keeps them. Weight gradients of such numbers vanish.
    amx = level.startswith("amx")
    tiles = name in ("amx", None) and amx and dtype in (torch.float32, torch.bfloat16)
    pairs = name in ("dot", None) and (amx or level == "avx512-bf16") and dtype is torch.bfloat16
    flushed = torch.where(x.abs() < tiny, 0, x) if tiles or pairs else x
    with _on(level, name):
        for what, actual in _generated(setting, x, w, None, x):
            if what in ("output", "input gradient"):
                assert torch.equal(actual, x) or torch.equal(actual, flushed)


def test_a_call_with_special_values_leaves_the_next_one_alone(tilewise_on):
    """A kernel that cannot carry some values steps aside for that call only."""
    setting = Setting((14, 14), (3, 3), 2, 32, 32, padding=(1, 1))
    x, w, b, _ = setting.normals()
    before = setting.forward(x, w, b)
    spoiled = x.clone()
    spoiled[0, 0, 0, 0] = float("inf")
    assert not setting.forward(spoiled, w, b).isfinite().all()
    assert torch.equal(setting.forward(x, w, b), before)
