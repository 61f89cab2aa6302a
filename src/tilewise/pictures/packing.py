"""Arrays as text in a scene: little-endian bytes in base64, decoded by see.js without a copy of the numbers."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import torch


def packed(values: torch.Tensor) -> dict[str, Any]:
    """A tensor's numbers, exactly: float64 stays so, every smaller floating type fits float32."""
    wide = values.dtype == torch.float64
    array = values.detach().to("cpu", torch.float64 if wide else torch.float32).contiguous().numpy()
    kind = "f8" if wide else "f4"
    return {"type": kind, "data": base64.b64encode(array.astype("<" + kind).tobytes()).decode("ascii")}


def unpacked(block: dict[str, Any]) -> npt.NDArray[np.float64]:
    """What `packed` put in, as a flat float64 array."""
    return np.frombuffer(base64.b64decode(block["data"]), dtype="<" + block["type"]).astype(np.float64)


def quantised(values: torch.Tensor, largest: float) -> dict[str, Any]:
    """A tensor as signed bytes, 127 standing for `largest`: enough to colour a thumbnail, never to read off."""
    if not largest > 0:
        largest = 1.0
    clean = torch.nan_to_num(values.detach().to("cpu", torch.float32), 0.0, largest, -largest)
    coarse = (clean / largest).clamp(-1, 1).mul(127).round().to(torch.int8)
    return {"type": "i1", "largest": largest, "data": base64.b64encode(coarse.numpy().tobytes()).decode("ascii")}


def png(rgb: npt.NDArray[np.uint8]) -> bytes:
    """An H x W x 3 array as a PNG file (the standard's filter 0 on each row), so that SVG needs no image library."""
    height, width, _ = rgb.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), rgb.reshape(height, width * 3)], axis=1)

    def chunk(tag: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def data_uri(png_bytes: bytes) -> str:
    """A PNG as a data: address."""
    return "data:image/png;base64," + base64.b64encode(png_bytes).decode("ascii")
