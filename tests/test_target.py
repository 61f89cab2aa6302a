"""The host: caps by TILEWISE_ISA, what each level may use, and a refusal that lists the levels."""

import dataclasses

import pytest

from tests.support.isa import available_levels, capped
from tilewise import target
from tilewise.errors import ArgumentError


@pytest.mark.parametrize("level", available_levels())
def test_a_cap_is_reached_and_says_so(level):
    with capped(level) as host:
        assert host.level == level
        assert host.why_not_higher


@pytest.mark.parametrize("level", target.LEVELS)
def test_a_cap_is_never_exceeded(level):
    """A level that this CPU lacks gives the best below it, with what is missing."""
    with capped(level) as host:
        assert target.LEVELS.index(host.level) <= target.LEVELS.index(level)
        if host.level != level:
            assert "needs" in host.why_not_higher


def test_without_a_cap_the_host_is_its_best(monkeypatch):
    monkeypatch.delenv("TILEWISE_ISA", raising=False)
    real = [level for level in available_levels() if level != "amx-emulated"]
    assert target.host().level == real[-1]


@pytest.mark.parametrize("text", [" AVX2 ", "Avx2"])
def test_spelling_is_forgiven(text):
    if "avx2" not in available_levels():
        pytest.skip("this CPU has no AVX2")
    with capped(text) as host:
        assert host.level == "avx2"


@pytest.mark.parametrize("text", ["avx", "sse", "avx-512", "1"])
def test_an_unknown_level_is_refused(text):
    with (
        pytest.raises(ArgumentError, match="generic, avx2, avx512, avx512-bf16, amx, amx-emulated") as error,
        capped(text),
    ):
        pass
    assert repr(text) in str(error.value)


def test_each_level_stays_within_its_instructions():
    seen = {}
    for level in available_levels():
        with capped(level) as host:
            seen[level] = host
    widths = {"generic": 16, "avx2": 32, "avx512": 64, "avx512-bf16": 64, "amx": 64}
    for level, width in widths.items():
        if level in seen:
            assert seen[level].vector_bytes == width
            assert seen[level].lanes("float32") == width // 4
            assert seen[level].lanes("float64") == width // 8
    assert seen["generic"].tiles is False
    if "avx512" in seen:
        assert "+amx" not in seen["avx512"].features
        assert "+avx512bf16" not in seen["avx512"].features
        assert not seen["avx512"].pairs
    if "avx512-bf16" in seen:
        assert seen["avx512-bf16"].pairs
        assert "+amx" not in seen["avx512-bf16"].features
    for level in ("generic", "avx2"):
        if level in seen:
            assert "avx512" not in seen[level].features


def test_tiles_do_without_products_of_pairs(monkeypatch):
    """A CPU, or a virtual machine, may offer the one without the other."""
    tiles = frozenset({*target._NEEDS["avx2"], *target._NEEDS["avx512"], *target._NEEDS["amx"]})
    monkeypatch.setattr(target, "host_features", lambda: tiles)
    monkeypatch.setattr(target, "request_tile_permission", lambda: True)
    host = target._target.__wrapped__("")
    assert (host.level, host.pairs, host.why_not_higher) == ("amx", False, "")
    monkeypatch.setattr(target, "host_features", lambda: tiles - {"amx-tile"})
    host = target._target.__wrapped__("")
    assert (host.level, host.pairs, host.why_not_higher) == ("avx512", False, "avx512-bf16 needs avx512bf16")


def test_a_target_is_part_of_a_key():
    with capped("generic") as host:
        assert hash(host) == hash(dataclasses.replace(host))
        assert host is target.host()
        with pytest.raises(dataclasses.FrozenInstanceError):
            host.level = "avx2"


def test_caches_have_plausible_sizes():
    host = target.host()
    assert 8 << 10 <= host.l1_bytes < host.l2_bytes <= 1 << 28
    assert target.cpu_model()
