"""What is said about the times of an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from lib.core.presets import Covers
from lib.core.question import Moments, Question
from lib.core.time_range import DAY, HOUR, WEEK, TimeRange
from lib.ui import time_notes

NEW_YORK = "America/New_York"
UP = Question.of_expr("up")
NOW = datetime.fromisoformat("2026-11-18T15:42:30+00:00").timestamp()


def between(start: str, end: str, step: int, zone: str = NEW_YORK) -> TimeRange:
    return TimeRange.aligned(*(datetime.fromisoformat(text).timestamp() for text in (start, end)), step, zone)


COVERING = {
    "an instant": (Covers.INSTANT, DAY, ""),
    "a window, by day": (Covers.WINDOW, DAY, "each value up to the end of its day"),
    "a window, by hour": (Covers.WINDOW, HOUR, "each value of the time before it"),
    "a day": (Covers.STEP, DAY, "each value of its day"),
    "a week": (Covers.STEP, WEEK, "each value of the 7 d from its day"),
    "six hours": (Covers.STEP, 6 * HOUR, "each value of the 6 h before it"),
}


@pytest.mark.parametrize(("covers", "step", "said"), COVERING.values(), ids=COVERING)
def test_it_is_said_which_time_a_value_speaks_of(covers, step, said):
    assert time_notes.covering(replace(UP, covers=covers), TimeRange(4 * DAY, 4 * DAY, step)) == said


def test_about_one_moment_nothing_is_said():
    question = replace(UP, instant=True, covers=Covers.WINDOW)
    grid = TimeRange(0, 0, 1)
    assert time_notes.covering(question, grid) == time_notes.raised(question, grid, Moments(0, 1, 1)) == ""
    assert time_notes.clocks(question, grid) == []


def test_a_step_that_was_raised_is_said_with_both_steps():
    asked = Moments(NOW - 3 * 365 * DAY, NOW, NOW, step=60)
    said = time_notes.raised(UP, asked.grid(UP), asked)
    assert said == "Step raised from 1 min to 15 min, so that the range fits."
    fits = replace(asked, step=HOUR)
    assert time_notes.raised(UP, fits.grid(UP), fits) == ""


CLOCKS = {
    "days of 24 hours": (between("2026-07-01T12:00Z", "2026-07-09T12:00Z", DAY), ""),
    "days of UTC": (between("2026-03-01T12:00Z", "2026-03-20T12:00Z", DAY, "UTC"), ""),
    "a day of 23 hours": (between("2026-03-05T12:00Z", "2026-03-12T12:00Z", DAY), "on 8 Mar 2026"),
    "the day before the first point": (between("2026-03-09T12:00Z", "2026-03-12T12:00Z", DAY), "on 8 Mar 2026"),
    "a year": (between("2026-01-01T12:00Z", "2026-12-31T12:00Z", DAY), "on 8 Mar 2026, 1 Nov 2026"),
    "hours that come once": (between("2026-03-08T00:00Z", "2026-03-08T12:00Z", HOUR), ""),
    "an hour that comes twice": (between("2026-11-01T00:00Z", "2026-11-01T12:00Z", HOUR), "counts on in UTC-04:00"),
}


@pytest.mark.parametrize(("grid", "said"), CLOCKS.values(), ids=CLOCKS)
def test_clock_changes_are_said_where_they_change_what_a_value_means(grid, said):
    notes = time_notes.clocks(replace(UP, covers=Covers.WINDOW), grid)
    assert len(notes) == bool(said) and said in "".join(notes)
