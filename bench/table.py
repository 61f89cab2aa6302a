"""The layers of layers.csv as calls: tensors, parameters, classes."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import torch

LEVELS = ("highest", "high", "bf16")
_FORMATS = {2: torch.channels_last, 3: torch.channels_last_3d}
# What `--quick` measures: at least one of each class, and the layers named in the project's goals.
QUICK = (
    "medical_conv2", "cifar_conv1", "gray_512_conv1", "resnet50_stem", "resnet50_s1_3x3", "resnet50_s2_3x3",
    "resnet50_s3_3x3_s2", "resnet50_s4_reduce", "resnet_3x3_64_b16", "mobile_dw_144_56_3x3_s1", "convnext_dw_192_28",
    "resnext_g32_256", "unet_up_128", "deconv_dw_64", "conv1d_long_filter", "conv1d_dw_31", "ct3d_stem",
    "video_3x3x3_64",
)  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """One row of the table."""

    name: str
    transposed: bool
    batch: int
    in_channels: int
    out_channels: int
    size: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    output_padding: tuple[int, ...]
    groups: int
    out_size: tuple[int, ...]
    multiply_adds: float

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes whose means it counts in."""
        found = ["all"]
        if self.name.startswith(("medical", "cifar", "gray")):
            found.append("starter models")
        if self.groups > 1:
            found.append("depthwise" if self.groups == self.in_channels else "grouped")
        if self.transposed:
            found.append("transposed")
        if len(self.size) != 2:
            found.append(f"{len(self.size)}-d")
        if self.name.startswith(("resnet50", "resnet_")):
            found.append("ResNet-50")
        return tuple(found)

    @property
    def layouts(self) -> tuple[bool, ...]:
        """Whether channels-last, for each layout that its tensors can have: of one axis there is but one."""
        return (False, True) if len(self.size) > 1 else (False,)

    @property
    def parameters(self) -> tuple[object, ...]:
        """The arguments of torch.convolution after the tensors."""
        return (
            list(self.stride), list(self.padding), list(self.dilation), self.transposed, list(self.output_padding),
            self.groups,
        )  # fmt: skip

    def tensors(self, dtype: torch.dtype, channels_last: bool) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Input, weight and bias, random and the same at every call."""
        generator = torch.Generator().manual_seed(7)
        first, second = self.out_channels, self.in_channels
        if self.transposed:
            first, second = second, first
        shapes = (
            (self.batch, self.in_channels, *self.size),
            (first, second // self.groups, *self.kernel),
            (self.out_channels,),
        )
        x, w, b = (torch.randn(shape, generator=generator).to(dtype) for shape in shapes)
        form = _FORMATS.get(len(self.size)) if channels_last else None
        if form is not None:
            x, w = x.to(memory_format=form), w.to(memory_format=form)
        return x, w, b

    def bytes(self, element: int, passes: int) -> float:
        """What must be moved at least: every tensor of each pass once."""
        inputs = self.batch * self.in_channels * _product(self.size)
        outputs = self.batch * self.out_channels * _product(self.out_size)
        weights = self.in_channels * self.out_channels // self.groups * _product(self.kernel)
        return element * passes * (inputs + outputs + weights)


def _product(numbers: tuple[int, ...]) -> int:
    result = 1
    for number in numbers:
        result *= number
    return result


def layers() -> list[Layer]:
    """All rows."""
    with open(Path(__file__).with_name("layers.csv"), newline="") as file:
        return [_layer(row) for row in csv.DictReader(file)]


def _layer(row: dict[str, str]) -> Layer:
    def numbers(name: str) -> tuple[int, ...]:
        return tuple(int(part) for part in row[name].split("x"))

    return Layer(
        row["name"], row["kind"] == "transposed", int(row["N"]), int(row["C"]), int(row["K"]), numbers("size"),
        numbers("kernel"), numbers("stride"), numbers("padding"), numbers("dilation"), numbers("output_padding"),
        int(row["groups"]), numbers("out_size"), float(row["mmacs"]) * 1e6,
    )  # fmt: skip
