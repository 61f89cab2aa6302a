"""`positions`: every way of cutting planes into blocks, at row ends, strides, groups and layouts, whole and in pieces.

Small whole numbers, so that sums are exact in any order: a result has the bits of float64's, rounded.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
import torch

import tilewise
from tests.algorithms.guarded_run import run
from tests.support.accuracy import assert_exact
from tests.support.guarded import SIDES, guard
from tests.support.isa import available_levels, capped
from tests.support.processes import run_python
from tests.support.tiles import problem_of
from tilewise import algorithms
from tilewise.algorithms.positions import grid as positions_grid
from tilewise.algorithms.positions import positions
from tilewise.problem import ConvProblem, Pass, TensorSpec
from tilewise.torch_ops import dispatch
from tilewise.torch_ops.call import Call
from tilewise.torch_ops.prepared import Prepared

LEVELS = [level for level in available_levels() if level in ("generic", "avx2", "avx512")]
FORMATS = {1: torch.contiguous_format, 2: torch.channels_last, 3: torch.channels_last_3d}
# Input, filters, and what convolution takes beside them.
CASES = {
    "a signal": ((1, 1, 1003), (13, 1, 10), dict(stride=5)),
    "a short signal": ((2, 1, 40), (3, 1, 3), dict(padding=1)),
    "fewer than a vector": ((2, 2, 3), (5, 2, 1), {}),
    "one vector": ((1, 2, 16), (7, 2, 1), {}),
    "one more": ((1, 2, 17), (1, 2, 1), {}),
    "dilation": ((2, 3, 150), (6, 3, 4), dict(dilation=3, padding=2)),
    "rows of a photograph": ((2, 3, 9, 70), (16, 3, 3, 3), dict(padding=1)),
    "rows that end with a vector": ((1, 3, 8, 64), (24, 3, 3, 3), dict(padding=1)),
    "rows shorter than a vector": ((3, 4, 6, 7), (10, 4, 3, 3), dict(padding=1)),
    "rows without a gap": ((2, 8, 7, 7), (20, 8, 1, 1), {}),
    "strides in both axes": ((1, 3, 33, 65), (11, 3, 7, 5), dict(stride=(2, 3), padding=(3, 1))),
    "groups": ((2, 12, 20, 21), (18, 4, 3, 3), dict(groups=3, padding=1)),
    "several pieces": ((1, 40, 10, 37), (9, 40, 3, 3), dict(padding=1)),
    "just below one piece": ((1, 100, 4, 40), (8, 100, 1, 1), {}),
    "a volume": ((1, 2, 5, 6, 35), (5, 2, 3, 3, 3), dict(padding=1)),
    "long sums": ((1, 300, 7, 7), (30, 300, 1, 1), {}),
    "long sums with padding": ((2, 40, 7, 7), (33, 40, 3, 3), dict(padding=1)),
}


def whole(generator, *shape, dtype=torch.float32):
    return torch.randint(-3, 4, shape, generator=generator).to(dtype)


def tensors(name, dtype=torch.float32, channels_last=False):
    """Input, filters, bias, settings and the right result."""
    shape, filters, settings = CASES[name]
    generator = torch.Generator().manual_seed(len(name))
    x, w = whole(generator, *shape, dtype=dtype), whole(generator, *filters, dtype=dtype)
    bias = whole(generator, filters[0], dtype=dtype)
    right = expected(x.double(), w.double(), bias.double(), settings)
    if channels_last:
        x = x.contiguous(memory_format=FORMATS[len(shape) - 2])
    return x, w, bias, settings, right


def convolution(x, w, bias, settings):
    return {3: torch.conv1d, 4: torch.conv2d, 5: torch.conv3d}[x.dim()](x, w, bias, **settings)


def expected(x, w, bias, settings):
    """PyTorch's own."""
    with tilewise.disabled():
        return convolution(x, w, bias, settings)


def generated(x, w, bias, settings):
    """What `positions` gives, in memory that was full of NaN."""
    torch.full(expected(x, w, bias, settings).shape, float("nan"), dtype=x.dtype)  # the allocator gives it again
    before = dispatch.counts()["generated"]
    with tilewise.enabled(), algorithms.only("positions"):
        y = convolution(x, w, bias, settings)
    assert dispatch.counts()["generated"] == before + 1
    return y


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_every_case_is_exact(name, channels_last, dtype, level):
    x, w, bias, settings, right = tensors(name, dtype, channels_last)
    with capped(level):
        for given in (bias, None):
            wanted = right if given is not None else expected(x.double(), w.double(), None, settings)
            assert_exact(generated(x, w, given, settings), wanted, f"{name} on {level}")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", CASES)
def test_every_way_of_cutting_gives_the_same(name, level, monkeypatch):
    x, w, bias, settings, right = tensors(name)
    forget = (algorithms.registry._choose.cache_clear, dispatch.forget)
    with capped(level):
        for number, stretches in itertools.product(range(3), (False, True)):

            def each(ways, number=number, stretches=stretches):
                way = ways[number % len(ways)]
                return replace(way, stretches=stretches and not way.masked)

            monkeypatch.setattr(positions_grid, "cheapest", each)
            for clear in forget:
                clear()
            assert_exact(generated(x, w, bias, settings), right, f"{name} on {level}, way {number}")
    for clear in forget:
        clear()


@pytest.mark.parametrize("level", LEVELS)
def test_input_gradients(level):
    generator = torch.Generator().manual_seed(0)
    w = whole(generator, 12, 5, 3, 3)
    x, gradient = whole(generator, 2, 5, 9, 50), whole(generator, 2, 12, 9, 50)
    rest = (None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, [True, False, False])
    with tilewise.disabled():
        right = torch.ops.aten.convolution_backward(gradient.double(), x.double(), w.double(), *rest)[0]
    with capped(level), tilewise.enabled(), algorithms.only("positions"):
        before = dispatch.counts()["generated"]
        found = torch.ops.aten.convolution_backward(gradient, x, w, *rest)[0]
        assert dispatch.counts()["generated"] == before + 1
    assert_exact(found, right)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("width", [128, 130])
def test_large_results_go_past_the_caches(level, width):
    """Rows that are whole vectors, and rows that are not; and memory of which no row is aligned."""
    generator = torch.Generator().manual_seed(width)
    x, w, bias = whole(generator, 1, 3, 130, width), whole(generator, 67, 3, 3, 3), whole(generator, 67)
    right = expected(x.double(), w.double(), bias.double(), dict(padding=1))
    assert right.numel() * 4 > 4 << 20
    with capped(level):
        assert_exact(generated(x, w, bias, dict(padding=1)), right)
        with algorithms.only("positions"):
            prepared = Prepared.forward(Call((1, 1), (1, 1), (1, 1), False, (0, 0), 1), x, w, bias)
    room = torch.full((right.numel() + 16,), float("nan"))
    scratch = torch.full((prepared.workspace // 4 + 32,), float("nan"))
    for shift in (0, 1, 5):
        room.fill_(float("nan"))
        y = room[shift : shift + right.numel()].view(right.shape)
        prepared.program(
            2, x.data_ptr(), y.data_ptr(), w.data_ptr(), bias.data_ptr(), -(-scratch.data_ptr() // 64) * 64
        )
        assert_exact(y, right, f"{shift} elements on")
        assert room[:shift].isnan().all()
        assert room[shift + right.numel() :].isnan().all()


@pytest.mark.parametrize("name", ["a signal", "rows of a photograph", "long sums with padding"])
def test_the_number_of_threads_and_the_batch_change_no_bit(name):
    shape, filters, settings = CASES[name]
    generator = torch.Generator().manual_seed(0)
    x, w = torch.randn(4, *shape[1:], generator=generator), torch.randn(*filters, generator=generator)
    before = torch.get_num_threads()
    try:
        results = []
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            results.append(generated(x, w, None, settings))
    finally:
        torch.set_num_threads(before)
    results.append(torch.cat([generated(image[None], w, None, settings) for image in x]))
    assert all(torch.equal(result, results[0]) for result in results)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["a signal", "rows of a photograph", "long sums with padding"])
def test_what_is_not_finite_comes_out_where_it_should(name, bad):
    x, w, bias, settings, _ = tensors(name)
    for where in (x, w):
        kept = where.flatten()[5].item()
        where.view(-1)[5] = bad
        wanted = expected(x, w, bias, settings)
        with tilewise.enabled(), algorithms.only("positions"):
            found = convolution(x, w, bias, settings)
        assert torch.equal(found.isnan(), wanted.isnan())
        assert torch.equal(found.nan_to_num(), wanted.nan_to_num())
        where.view(-1)[5] = kept


def guarded(level):
    """Every case with all that it touches between guard pages; for a process of its own."""
    with capped(level), algorithms.only("positions"):
        for name in CASES:
            for channels_last in (False, True):
                x, w, bias, settings, right = tensors(name, channels_last=channels_last)
                axes = x.dim() - 2
                each = {"stride": 1, "padding": 0, "dilation": 1} | settings
                call = Call(
                    *(each[k] if isinstance(each[k], tuple) else (each[k],) * axes
                      for k in ("stride", "padding", "dilation")),
                    False, (0,) * axes, each.get("groups", 1)
                )  # fmt: skip
                for side in SIDES:
                    kept = [guard(t, side) for t in (x, w, bias)]
                    prepared = Prepared.forward(call, *(t for t, _ in kept))
                    found = run(prepared, x.dtype, side, *(t for t, _ in kept))
                    assert_exact(found, right, f"{name} guarded {side}")
    print(len(CASES))


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_outside_is_touched(level):
    code = "import sys; from tests.algorithms.test_positions import guarded; guarded(sys.argv[1])"
    result = run_python(code, level)
    assert result.returncode == 0, f"status {result.returncode} after\n{result.stderr[-3000:]}"
    assert int(result.stdout) == len(CASES)


def plane(channels, height, width):
    size = height * width
    return TensorSpec((1, channels, 1, height, width), (channels * size, size, size, width, 1))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("rows", [1, 2, 3, 5, 6, 7, 16, 64, 100])
@pytest.mark.parametrize("width", [1, 4, 7, 8, 15, 16, 17, 33, 50, 64, 65, 250])
def test_blocks_cover_every_position(level, rows, width):
    height = 5
    problem = ConvProblem(
        Pass.FORWARD, "float32", "highest", plane(3, height, width), plane(rows, height, width), (1, 3, 3), (1, 1, 1),
        (0, 1, 1), (1, 1, 1), 1, False, False, (27, 9, 9, 3, 1),
    )  # fmt: skip
    with capped(level) as host:
        lanes = host.lanes("float32")
        for pitch in (width, width + 2):
            way = positions_grid.grid(problem, pitch, host)
            run = (height * width if pitch == width else width) if not way.gaps else (height - 1) * pitch + width
            covered, sizes = set(), []
            for start, count, index in way.run.table(way.tiles).tolist():
                vectors, size = way.tiles[index]
                assert size <= rows or way.masked
                assert (vectors - 1) * lanes < count <= vectors * lanes
                assert count == vectors * lanes or way.masked
                assert vectors * size + vectors < host.registers
                covered |= set(range(start, start + count))
                sizes.append(vectors)
            assert covered == set(range(run))
            assert sorted(sizes) == [vectors for vectors, blocks in way.run.sizes for _ in range(blocks)]
            assert way.runs * run >= height * width
            assert positions_grid.blocks_per_item(problem, way, host) <= len(sizes) * way.runs
    assert math.isfinite(positions.seconds(problem, host))


def huge(image, padding, dilation):
    x = plane(3, *image)
    y = plane(16, *(n + 2 * padding - 2 * dilation for n in image))
    sides = ((1, 3, 3), (1, 1, 1), (0, padding, padding), (1, dilation, dilation))
    return ConvProblem(Pass.FORWARD, "float32", "highest", x, y, *sides, 1, False, False, (27, 9, 9, 3, 1))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "problem", [huge((10**6, 10**6), 0, 1), huge((9, 9), 2**40, 2**40)], ids=["an image", "padding"]
)
def test_planes_without_end_are_refused_and_cost_no_walk(level, problem):
    with capped(level) as host:
        assert "positions of a padded plane" in positions.why_not(problem, host)
        way = positions_grid.grid(problem, problem.source.shape[4] + 2 * problem.padding[2], host)
    assert len(way.run.sizes) <= 2  # what the cost of its blocks is added up from
    assert sum(vectors * blocks for vectors, blocks in way.run.sizes) == way.run.vectors


@pytest.mark.parametrize("level", LEVELS)
def test_only_whole_cache_lines_go_past_the_caches(level):
    x, w = torch.empty(4, 3, 130, 130, device="meta"), torch.empty(32, 3, 3, 3, device="meta")
    problem = problem_of(Pass.FORWARD, x, w, ([1, 1], [0, 0], [1, 1], False, [0, 0], 1))
    with capped(level) as host:
        past = any("!nontemporal" in step.text for step in positions.plan(problem, host).steps)
        assert past is (host.vector_bytes == 64)
