"""`tilewise.nn`: all of torch.nn, with convolution layers that run on Tilewise, check their arguments and explain
themselves, and with the depthwise and separable layers that torch.nn lacks.

Only layers live here. No kernel, no switch and no formula may come in; every other name is PyTorch's own.
"""

from __future__ import annotations

from typing import Any

import torch.nn
from torch.nn import *  # noqa: F403
from torch.nn import functional as functional
from torch.nn import init as init
from torch.nn import parallel as parallel
from torch.nn import parameter as parameter
from torch.nn import utils as utils

from tilewise.nn import aliases as _aliases

_aliases.install()

from tilewise.nn import modules as modules  # type: ignore[no-redef] # noqa: E402
from tilewise.nn.modules.conv import (  # noqa: E402
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    LazyConv1d,
    LazyConv2d,
    LazyConv3d,
    LazyConvTranspose1d,
    LazyConvTranspose2d,
    LazyConvTranspose3d,
)
from tilewise.nn.modules.separable import (  # noqa: E402
    DepthwiseConv1d,
    DepthwiseConv2d,
    DepthwiseConv3d,
    SeparableConv1d,
    SeparableConv2d,
    SeparableConv3d,
)

# The layers that are Tilewise's; whatever else `tilewise.nn` offers is torch.nn's.
LAYERS = (
    Conv1d, Conv2d, Conv3d,
    ConvTranspose1d, ConvTranspose2d, ConvTranspose3d,
    LazyConv1d, LazyConv2d, LazyConv3d,
    LazyConvTranspose1d, LazyConvTranspose2d, LazyConvTranspose3d,
    DepthwiseConv1d, DepthwiseConv2d, DepthwiseConv3d,
    SeparableConv1d, SeparableConv2d, SeparableConv3d,
)  # fmt: skip

__all__ = sorted({name for name in dir(torch.nn) if not name.startswith("_")} | {cls.__name__ for cls in LAYERS})


def __getattr__(name: str) -> Any:
    try:
        return getattr(torch.nn, name)
    except AttributeError:
        raise AttributeError(f"module 'tilewise.nn' has no attribute {name!r}, and neither has torch.nn") from None


def __dir__() -> list[str]:
    return sorted({*__all__, *dir(torch.nn)})
