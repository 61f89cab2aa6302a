"""`tilewise.nn.modules`: torch.nn.modules with Tilewise's layers in it. The paths are PyTorch's, and pickles name
them, so they stay.

One file for the layers that PyTorch has too, one for those that it lacks. Everything else is torch.nn.modules'.
"""

from __future__ import annotations

from typing import Any

import torch.nn.modules
from torch.nn.modules import *  # noqa: F403

from tilewise.nn.modules.conv import *  # noqa: F403
from tilewise.nn.modules.separable import *  # noqa: F403


def __getattr__(name: str) -> Any:
    return getattr(torch.nn.modules, name)
