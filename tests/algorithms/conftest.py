"""Limits that tests of AMX kernels move, so that small tensors are worked through as large ones are."""

import pytest

import tilewise
from tilewise.algorithms.amx import layout as amx_layout
from tilewise.algorithms.amx import weights_layout as amx_weights_layout
from tilewise.algorithms.common import rounds


@pytest.fixture
def small_caches(monkeypatch):
    """What tickets pack only where tensors are large, they pack here too."""
    monkeypatch.setattr(amx_layout, "SHARED_BYTES", 0)
    monkeypatch.setattr(amx_weights_layout, "SHARED_BYTES", 0)
    monkeypatch.setattr(amx_weights_layout, "_LEAST_SPANS", 1)
    tilewise.torch_ops.dispatch.forget()
    yield
    tilewise.torch_ops.dispatch.forget()


@pytest.fixture
def many_rounds(monkeypatch):
    """No ticket packs for itself, and rounds are as short as they can be."""
    for layout in (amx_layout, amx_weights_layout):
        monkeypatch.setattr(layout, "SHARED_BYTES", 0)
        monkeypatch.setattr(layout, "_BANDS", 10_000)
        monkeypatch.setattr(layout, "cores", lambda: 0)  # whose caches would make rounds longer
    monkeypatch.setattr(amx_layout, "_FEW_BLOCKS", 0)
    monkeypatch.setattr(rounds, "_SMALL_BYTES", 0)
    monkeypatch.setattr(rounds, "_LEAST_BYTES", 0)
    tilewise.torch_ops.dispatch.forget()
    yield
    tilewise.torch_ops.dispatch.forget()
