"""The demo's data are real, its errors small, and its classifier learns."""

import pytest
import torch

import tilewise
from tilewise.demo import data, digits, medical


@pytest.fixture(autouse=True)
def switch_as_before():
    with tilewise.disabled():
        yield


def test_the_slice_is_in_hounsfield_units():
    slice_ = data.ct_slice()
    assert slice_.image.shape == (1, 1, 128, 128) and slice_.image.dtype == torch.float32
    assert -1.1 < float(slice_.image.min()) < -0.8 and 0.5 < float(slice_.image.max()) < 3  # air; bone
    assert "GE" in slice_.scanner and 0.1 < slice_.millimetres < 2


def test_digits_are_split_evenly():
    images = data.digits()
    for (x, y), count in ((images.train, 400), (images.test, 100)):
        assert x.shape == (10 * count, 1, 28, 28) and float(x.min()) >= 0 and float(x.max()) == 1
        assert torch.bincount(y).tolist() == [count] * 10


def test_the_ct_slice_compared():
    parts = []
    rows = medical.compare(data.ct_slice().image, 0.2, parts.append)
    assert [row.name for row in rows] == ["forward", "forward and backward"] and parts[-1] == 1.0
    for row in rows:
        assert row.pytorch.best > 0 and row.tilewise.best > 0
        assert 0 < row.tilewise_error < 1e-5 and 0 < row.pytorch_error < 1e-5


@pytest.mark.slow
def test_both_sides_learn_to_read():
    epochs = []
    theirs, ours = digits.train(data.digits(), 3, finished=lambda epoch, sides: epochs.append(epoch))
    assert epochs == [1, 2, 3] and len(ours.epochs) == len(theirs.epochs) == 3
    assert ours.accuracy > 0.95 and theirs.accuracy > 0.95
    assert ours.seconds > 0 and not tilewise.is_enabled()
