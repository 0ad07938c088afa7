"""Units: how values, changes and axes are written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import AppError
from lib.core.units import UNITS, format_change, format_value, quantity, scale_for, unit_of

INF, NAN = float("inf"), float("nan")

VALUES = [
    (12480.0, "people", "12,480"),
    (41.7, "people", "42"),
    (0.2, "people", "0"),
    (-0.2, "people", "0"),
    (0.0, "people", "0"),
    (-3.0, "short", "−3"),
    (12480.0, "short", "12,480"),
    (1234.56, "", "1,235"),
    (12.345, "count", "12.3"),
    (0.1, "count", "0.1"),
    (0.00001234, "count", "1.23e−05"),
    (1e21, "count", "1e+21"),
    (4.8 * 2**30, "bytes", "4.8 GiB"),
    (0.0, "bytes", "0 B"),
    (512.0, "bytes", "512 B"),
    (1023.0 * 1024, "bytes", "1,020 KiB"),
    (2.0**60, "bytes", "1,020 PiB"),
    (-(2.0**20), "bytes", "−1 MiB"),
    (5e6, "bytes_per_second", "4.77 MiB/s"),
    (0.12, "percentunit", "12 %"),
    (0.12345, "percentunit", "12.3 %"),
    (1.0, "percentunit", "100 %"),
    (0.0, "percentunit", "0 %"),
    (5400.0, "seconds", "1.5 h"),
    (90.0, "seconds", "1.5 min"),
    (0.25, "seconds", "250 ms"),
    (0.0, "seconds", "0 s"),
    (172_800.0, "seconds", "2 d"),
    (1.5, "hours", "1.5 h"),
    (1234.5, "hours", "1,230 h"),
    (1.0, "cores", "1 core"),
    (0.25, "cores", "0.25 cores"),
    (9.996, "cores", "10 cores"),
    (INF, "people", "∞"),
    (-INF, "bytes", "−∞ B"),
    (NAN, "bytes", "–"),
    (None, "people", "–"),
]


@pytest.mark.parametrize(("value", "unit", "expected"), VALUES, ids=lambda part: str(part) or "no unit")
def test_a_value_is_written_for_people(value, unit, expected):
    assert format_value(value, unit) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1.0, "people", "1 person"),
        (2.0, "people", "2 people"),
        (0.0, "failures", "0 failures"),
        (12480.0, "requests", "12,480 requests"),
        (1.0, "machines", "1 machine"),
        (3.0, "pods", "3 pods"),
        (102400.0, "files", "102,400 files"),
        (1.0, "events", "1 event"),
        (0.25, "requests_per_second", "0.25 /s"),
        (1.0, "short", "1"),
        (2.0**30, "bytes", "1 GiB"),
        (1.0, "cores", "1 core"),
    ],
)
def test_a_quantity_has_its_noun(value, unit, expected):
    assert quantity(value, unit) == expected


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [(0.0312, "+3 %"), (-0.03, "−3 %"), (0.0, "0 %"), (None, "–"), (NAN, "–"), (2.5, "+250 %")],
)
def test_a_change_has_its_sign(fraction, expected):
    assert format_change(fraction) == expected


@pytest.mark.parametrize(
    ("unit", "largest", "divisor", "suffix", "tickformat"),
    [
        ("bytes", 5e9, 2.0**30, " GiB", ",~f"),
        ("bytes", 0.0, 1.0, " B", ",~f"),
        ("bytes_per_second", 2048.0, 1024.0, " KiB/s", ",~f"),
        ("percentunit", 0.4, 0.01, " %", ",~f"),
        ("percentunit", 0.001, 0.01, " %", ",~f"),
        ("seconds", 7200.0, 3600.0, " h", ",~f"),
        ("people", 12480.0, 1.0, "", ",~f"),
        ("", 3.0, 1.0, "", ",~f"),
        ("cores", 0.0001, 1.0, " cores", "~g"),
        ("bytes", INF, 1.0, " B", ",~f"),
        ("bytes", NAN, 1.0, " B", ",~f"),
    ],
)
def test_an_axis_is_scaled_to_its_largest_value(unit, largest, divisor, suffix, tickformat):
    scale = scale_for(unit, largest)
    assert (scale.divisor, scale.suffix, scale.tickformat) == (divisor, suffix, tickformat)


def test_an_unknown_unit_is_an_error_that_lists_the_known_ones():
    with pytest.raises(AppError) as caught:
        unit_of("furlongs")
    assert "furlongs" in caught.value.message and all(name in caught.value.hint for name in UNITS)


def test_every_unit_is_registered_under_its_name_with_sizes_that_grow():
    for name, unit in UNITS.items():
        sizes = [size for size, _ in unit.rungs]
        assert unit.name == name and sizes == sorted(set(sizes)) and sizes[0] > 0


@given(st.floats(allow_nan=True), st.sampled_from(sorted(UNITS)))
def test_any_value_is_written_without_a_hyphen_for_minus_and_with_few_digits(value, unit):
    written = format_value(value, unit)
    assert written and not re.match("-", written) and "nan" not in written
    number = written.split(" ")[0].lstrip("−")
    if UNITS[unit].rungs[0][1] and re.fullmatch(r"[\d,.]+", number):
        assert len(number.replace(",", "").replace(".", "").strip("0")) <= 3


@given(st.floats(1e-3, 1e14), st.sampled_from(["bytes", "seconds", "cores", "percentunit", "hours"]))
def test_what_is_written_is_within_half_a_percent_of_the_value(value, unit):
    number, symbol = format_value(value, unit).split(" ")
    divisor = next((size for size, name in UNITS[unit].rungs if name == symbol), 1.0)
    assert float(number.replace(",", "")) * divisor == pytest.approx(value, rel=0.0051)
