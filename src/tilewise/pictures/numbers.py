"""How a number is written in every picture: three significant digits, so that a plane of them can be read.

see.js writes numbers by the same rule; a test compares the two over thousands of values.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

_DECIMALS = ((100.0, 0), (10.0, 1), (1.0, 2), (0.1, 3), (0.01, 4), (0.001, 5))


def written(value: float) -> str:
    """`value` to three significant digits, with a real minus sign.

    Whole numbers below 10,000 are written in full; below 0.001 and from 10,000 on it is 1.2e−5.

    >>> written(-0.12345), written(12), written(1.26e-7)
    ('−0.123', '12', '1.3e−7')
    """
    if math.isnan(value):
        return "NaN"
    sign, size = ("−" if value < 0 else ""), abs(value)
    if math.isinf(size):
        return sign + "∞"
    if size == 0:
        return "0"
    if size < 10000 and size == int(size):
        return f"{sign}{int(size)}"
    if size < 10000:
        for bound, decimals in _DECIMALS:
            if size >= bound:
                return sign + str(Decimal(size).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
    exact = Decimal(size)
    exponent = exact.adjusted()
    mantissa = exact.scaleb(-exponent).quantize(Decimal("0.1"), ROUND_HALF_UP)
    if mantissa == 10:
        mantissa, exponent = Decimal("1.0"), exponent + 1
    return f"{sign}{mantissa}e{'−' if exponent < 0 else '+'}{abs(exponent)}"


def brief(value: float) -> str:
    """`value` for a small cell: two decimals below 10, one below 100, none above; 1e+5 from 10,000 on.

    >>> brief(-0.12345), brief(0), brief(25.04)
    ('−0.12', '0', '25.0')
    """
    size = abs(value)
    if not size < 9999.5:
        return written(value) if not math.isfinite(value) else written(value).replace(".0e", "e")
    if size == int(size):
        return written(value)
    decimals = 2 if size < 9.995 else 1 if size < 99.95 else 0
    text = str(Decimal(size).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
    return ("−" if value < 0 else "") + text


def grouped(value: int) -> str:
    """A count with separators: 1,234,567."""
    return f"{value:,}"


def by(sizes: tuple[int, ...] | list[int]) -> str:
    """Sizes as people write them: 3 × 32 × 32."""
    return " × ".join(map(str, sizes))
