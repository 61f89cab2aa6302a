"""Numbers for people: times, sizes and counts, with units. Knows nobody."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """
    >>> duration(0.0000123), duration(0.00456), duration(1.5), duration(93)
    ('12.3 us', '4.56 ms', '1.50 s', '1 min 33 s')
    """
    if seconds >= 60:
        return f"{int(seconds // 60)} min {round(seconds % 60)} s"
    for factor, unit in ((1.0, "s"), (1e3, "ms")):
        if seconds * factor >= 1:
            return f"{_three(seconds * factor)} {unit}"
    return f"{_three(seconds * 1e6)} us"


def size(count: float) -> str:
    """
    >>> size(100), size(1856), size(3 << 20)
    ('100 B', '1.81 KiB', '3.00 MiB')
    """
    if count < 1024:
        return f"{int(count)} B"
    for unit in ("KiB", "MiB", "GiB"):
        count /= 1024
        if count < 1024:
            return f"{_three(count)} {unit}"
    return f"{_three(count / 1024)} TiB"


def count(number: int) -> str:
    """
    >>> count(448), count(442368), count(115605504)
    ('448', '442,368', '115,605,504 (116 M)')
    """
    exact = f"{number:,}"
    for factor, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M")):
        if number >= factor:
            return f"{exact} ({_three(number / factor)} {unit})"
    return exact


def shape(sizes: tuple[int, ...]) -> str:
    """
    >>> shape((1, 3, 32, 32))
    '1 x 3 x 32 x 32'
    """
    return " x ".join(map(str, sizes))


def _three(value: float) -> str:
    """Three digits that matter."""
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
