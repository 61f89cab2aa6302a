"""For tests that measure or train: several workers on few cores must not fight over them with spinning threads."""

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread(monkeypatch):
    """PyTorch, and every process started within, has one thread."""
    before = torch.get_num_threads()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
