"""Dates, steps and lists of names in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core import wording
from lib.core.time_range import DAY, HOUR, WEEK, TimeRange
from lib.core.zones import zone_names


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


DATES = {
    "a day": (wording.date(at("2026-10-24"), "UTC"), "24 Oct 2026"),
    "a day of one digit": (wording.date(at("2026-10-04 23:59"), "UTC"), "4 Oct 2026"),
    "a day with its weekday": (wording.date(at("2026-11-10"), "UTC", year=False, weekday=True), "Tue 10 Nov"),
    "a moment": (wording.moment(at("2026-10-24 14:02"), "UTC"), "24 Oct 2026, 14:02"),
    "a moment without its year": (wording.moment(at("2026-10-24 14:02"), "UTC", year=False), "24 Oct, 14:02"),
    "midnight": (wording.moment(at("2026-10-24"), "UTC"), "24 Oct 2026"),
    "a time of day": (wording.clock(at("2026-10-24 14:02:59")), "14:02 UTC"),
    "two days of one year": (wording.span(at("2026-10-24"), at("2026-11-22"), "UTC"), "24 Oct – 22 Nov 2026"),
    "two days of two years": (wording.span(at("2025-12-24"), at("2026-01-22"), "UTC"), "24 Dec 2025 – 22 Jan 2026"),
    "one day": (wording.span(at("2026-10-24"), at("2026-10-24"), "UTC"), "24 Oct 2026"),
    "part of a day": (wording.span(at("2026-10-24"), at("2026-10-24 06:00"), "UTC"), "24 Oct – 24 Oct 2026, 06:00"),
    "two moments": (
        wording.span(at("2026-10-24 10:00"), at("2026-10-25 11:30"), "UTC"),
        "24 Oct, 10:00 – 25 Oct 2026, 11:30",
    ),
    "two whole days": (wording.span(at("2026-10-24"), at("2026-10-26") - 0.001, "UTC"), "24 Oct – 25 Oct 2026"),
    "one whole day": (wording.span(at("2026-10-24"), at("2026-10-25") - 0.001, "UTC"), "24 Oct 2026"),
    "a day of another zone": (wording.date(at("2026-10-24 03:59"), "America/New_York"), "23 Oct 2026"),
    "midnight there": (wording.moment(at("2026-10-24 04:00"), "America/New_York"), "24 Oct 2026"),
    "a time of day there": (wording.clock(at("2026-10-24 14:02"), "Asia/Kolkata"), "19:32 Asia/Kolkata"),
    "one midnight there": (wording.span(*[at("2026-10-23 18:30")] * 2, "Asia/Kolkata"), "24 Oct 2026"),
    "an end before 1970": (wording.date(-1, "UTC"), "31 Dec 1969"),
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


SECONDS = st.floats(0, 7_258_118_399)


@given(SECONDS, SECONDS, st.integers(1, 100 * 365 * DAY), st.sampled_from(zone_names()))
def test_dates_and_steps_hold_nothing_that_markdown_would_read(start, end, seconds, zone):
    words = [
        wording.date(start, zone, weekday=True),
        wording.moment(start, zone),
        wording.span(start, end, zone),
        wording.step(seconds),
        wording.spacing(TimeRange(0, 0, seconds)),
    ]
    # A name of a zone has an underscore at most inside a word, where markdown does not read it.
    assert re.fullmatch(r"\d\d:\d\d [A-Za-z0-9]+([/_+-]+[A-Za-z0-9]+)*", wording.clock(start, zone))
    for text in words:
        assert re.fullmatch(r"([A-Za-z0-9 ,–]|:(?=[0-9]))+", text)
