"""Numbers as they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tilewise.pictures.numbers import by, grouped, written


@pytest.mark.parametrize(
    "value, text",
    [
        (0.0, "0"),
        (-0.0, "0"),
        (3, "3"),
        (-12, "−12"),
        (9999, "9999"),
        (0.5, "0.500"),
        (-0.12345, "−0.123"),
        (0.1255, "0.126"),
        (1.125, "1.13"),
        (9.996, "10.00"),
        (999.6, "1000"),
        (12345, "1.2e+4"),
        (0.00099, "9.9e−4"),
        (0.000996, "1.0e−3"),
        (1.26e-7, "1.3e−7"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (float("nan"), "NaN"),
    ],
)
def test_written(value, text):
    assert written(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30))
def test_what_is_written_is_within_half_of_its_last_digit(value):
    text = written(value).replace("−", "-")
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    half = 0.5 * 10.0 ** (int(exponent or 0) - decimals)
    assert abs(float(text) - value) <= half * (1 + 1e-9)


def test_counts_and_sizes():
    assert grouped(1234567) == "1,234,567"
    assert by((3, 32, 32)) == "3 × 32 × 32"
