"""Dates, steps and lists of names in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.time_range import DAY, HOUR, WEEK, TimeRange
from lib.ui import wording


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


DATES = {
    "a day": (wording.date(at("2026-10-24")), "24 Oct 2026"),
    "a day of one digit": (wording.date(at("2026-10-04 23:59")), "4 Oct 2026"),
    "a day with its weekday": (wording.date(at("2026-11-10"), year=False, weekday=True), "Tue 10 Nov"),
    "a moment": (wording.moment(at("2026-10-24 14:02")), "24 Oct 2026, 14:02"),
    "a moment without its year": (wording.moment(at("2026-10-24 14:02"), year=False), "24 Oct, 14:02"),
    "midnight": (wording.moment(at("2026-10-24")), "24 Oct 2026"),
    "a time of day": (wording.clock(at("2026-10-24 14:02:59")), "14:02 UTC"),
    "two days of one year": (wording.span(at("2026-10-24"), at("2026-11-22")), "24 Oct – 22 Nov 2026"),
    "two days of two years": (wording.span(at("2025-12-24"), at("2026-01-22")), "24 Dec 2025 – 22 Jan 2026"),
    "one day": (wording.span(at("2026-10-24"), at("2026-10-24")), "24 Oct 2026"),
    "part of a day": (wording.span(at("2026-10-24"), at("2026-10-24 06:00")), "24 Oct – 24 Oct 2026, 06:00"),
    "two moments": (wording.span(at("2026-10-24 10:00"), at("2026-10-25 11:30")), "24 Oct, 10:00 – 25 Oct 2026, 11:30"),
    "an end before 1970": (wording.date(-1), "31 Dec 1969"),
}


@pytest.mark.parametrize(("written", "expected"), DATES.values(), ids=DATES)
def test_a_date_is_written_one_way(written, expected):
    assert written == expected


STEPS = {60: "1 min", 300: "5 min", 90: "90 s", HOUR: "1 h", 6 * HOUR: "6 h", DAY: "1 d", WEEK: "7 d", 5_400: "90 min"}


@pytest.mark.parametrize(("seconds", "expected"), STEPS.items(), ids=STEPS.values())
def test_a_step_is_written_in_its_largest_whole_unit(seconds, expected):
    assert wording.step(seconds) == expected


def test_the_spacing_counts_points():
    assert wording.spacing(TimeRange(0, 30 * DAY, 6 * HOUR)) == "1 point every 6 h, 121 points per series"
    assert wording.spacing(TimeRange(0, 0, DAY)) == "1 point every 1 d, 1 point per series"


NAMES = {
    "none": ([], ""),
    "one": (["a"], "a"),
    "three": (["a", "b", "c"], "a, b, c"),
    "four": (["a", "b", "c", "d"], "a, b, c and 1 more"),
    "seven": (list("abcdefg"), "a, b, c and 4 more"),
}


@pytest.mark.parametrize(("values", "expected"), NAMES.values(), ids=NAMES)
def test_a_list_of_names_stays_short(values, expected):
    assert wording.names(values) == expected


@given(st.floats(0, 7_258_118_399), st.floats(0, 7_258_118_399), st.integers(1, 100 * 365 * DAY))
def test_dates_and_steps_hold_nothing_that_markdown_would_read(start, end, seconds):
    words = [
        wording.date(start, weekday=True),
        wording.moment(start),
        wording.clock(start),
        wording.span(start, end),
        wording.step(seconds),
        wording.spacing(TimeRange(0, 0, seconds)),
        wording.ZONE,
    ]
    for text in words:
        assert re.fullmatch(r"([A-Za-z0-9 ,–]|:(?=[0-9]))+", text)
