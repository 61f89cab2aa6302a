"""A cache of the test's own, in this process and in those that it starts; one thread."""

import pytest

import tilewise
from tests.single_thread import one_thread  # noqa: F401
from tilewise.algorithms import measured
from tilewise.torch_ops import dispatch


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("TILEWISE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv(measured.SWITCH, raising=False)
    dispatch.forget()
    with tilewise.enabled():
        yield tmp_path / "cache"
    measured.clear()
    dispatch.forget()
