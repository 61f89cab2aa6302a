"""What the tests of calls that run without Python share."""

import pytest
import torch

from tilewise.torch_ops import direct, dispatch

NEEDS_DIRECT = pytest.mark.skipif(bool(direct.why_not()), reason=f"calls go through Python: {direct.why_not()}")


def in_python():
    """Passes that Python has answered so far; a bias gradient is not counted."""
    return dispatch._forward.generated + dispatch._backward.generated + dispatch.counts()["native"]


def small():
    """Input, weight and bias of a small convolution."""
    return torch.randn(1, 3, 9, 8), torch.randn(4, 3, 3, 2), torch.randn(4)
