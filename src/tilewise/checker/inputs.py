"""What flows into the model: shapes with types and devices, as people write them on a command line or in a call."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import torch

from tilewise.errors import ArgumentError

_FORM = re.compile(
    r"^(?:(?P<name>[A-Za-z_]\w*)=)?(?P<shape>\d+(?:[,x]\d+)*)?,?(?::(?P<dtype>\w+))?(?:@(?P<device>[\w:]+))?$"
)


@dataclass(frozen=True)
class Input:
    """One input: its shape, type and device; `name` for one that forward takes by keyword."""

    shape: tuple[int, ...]
    dtype: torch.dtype = torch.float32
    device: str = "cpu"
    name: str = ""

    def fake(self, device: str = "") -> torch.Tensor:
        """An empty tensor of this kind: without data where a fake mode is on."""
        return torch.empty(self.shape, dtype=self.dtype, device=device or self.device)

    def __str__(self) -> str:
        text = ",".join(map(str, self.shape))
        text += "" if self.dtype == torch.float32 else f":{dtype_name(self.dtype)}"
        text += "" if self.device == "cpu" else f"@{self.device}"
        return f"{self.name}={text}" if self.name else text


def dtype_name(dtype: torch.dtype) -> str:
    """float32 for torch.float32."""
    return str(dtype).removeprefix("torch.")


def parse(text: str) -> Input:
    """An input written as `1,3,64,64`, `1,3,64,64:uint8`, `1,10:int64@cuda` or `mask=1,1,64,64`."""
    match = _FORM.match(text.replace(" ", ""))
    if match is None or match["shape"] is None:
        raise ArgumentError(f"--input {text!r} is not a shape: write 1,3,64,64 or 1,3,64,64:uint8 or mask=1,1,64,64")
    dtype = getattr(torch, match["dtype"] or "float32", None)
    if not isinstance(dtype, torch.dtype):
        raise ArgumentError(f"--input {text!r}: there is no type {match['dtype']!r}; torch.float32 is written float32")
    shape = tuple(int(n) for n in re.split("[,x]", match["shape"]))
    return Input(shape, dtype, match["device"] or "cpu", match["name"] or "")


def of_value(value: Any) -> Input:
    """An input given as a tensor, a shape, a text, or (shape, dtype)."""
    if isinstance(value, Input):
        return value
    if isinstance(value, torch.Tensor):
        return Input(tuple(value.shape), value.dtype, str(value.device))
    if isinstance(value, str):
        return parse(value)
    if isinstance(value, (tuple, list)):
        if len(value) == 2 and isinstance(value[1], torch.dtype):
            return Input(tuple(int(n) for n in value[0]), value[1])
        if all(isinstance(n, int) for n in value):
            return Input(tuple(value))
    raise ArgumentError(
        f"an input is a shape like (1, 3, 64, 64), a tensor, or (shape, dtype), but {value!r} was given"
    )
