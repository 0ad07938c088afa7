"""Durations, grids of points in time, and how a step is chosen and aligned."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lib.core.errors import TimeError
from lib.core.time_range import (
    DAY,
    HOUR,
    LONGEST,
    MAX_POINTS,
    MINUTE,
    STEPS,
    WEEK,
    TimeRange,
    as_datetime,
    auto_step,
    format_duration,
    parse_duration,
    smallest_step,
)
from lib.core.zones import zone_names

MOMENTS = st.floats(0, 4_102_444_800)  # up to 2100
MONDAY = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())


@st.composite
def asked(draw: st.DrawFn) -> tuple[float, float, int]:
    """A start, an end and a step that give no more points than are allowed."""
    step = draw(st.one_of(st.sampled_from(STEPS), st.integers(1, 3 * WEEK)))
    start = draw(MOMENTS)
    return start, start + draw(st.floats(0, (MAX_POINTS - 2) * step)), step


@given(asked())
def test_an_aligned_grid_covers_what_was_asked_on_multiples_of_the_step(question):
    start, end, step = question
    grid = TimeRange.aligned(start, end, step)
    assert grid.start <= start < grid.start + step
    assert grid.end <= end < grid.end + step
    assert (grid.start - (4 * DAY if step % WEEK == 0 else 0)) % step == 0
    assert (grid.end - grid.start) % step == 0
    assert 1 <= grid.points <= MAX_POINTS


@given(asked(), st.floats(0, 1))
def test_questions_asked_within_one_step_are_equal(question, part):
    start, end, step = question
    grid = TimeRange.aligned(start, end, step)
    later = part * step * 0.999
    assume(grid.start + later < grid.end + later)
    assert TimeRange.aligned(grid.start + later, grid.end + later, step) == grid


@given(asked())
def test_aligning_twice_changes_nothing(question):
    grid = TimeRange.aligned(*question)
    assert TimeRange.aligned(grid.start, grid.end, grid.step) == grid


@given(asked())
def test_the_index_has_every_point_once(question):
    grid = TimeRange.aligned(*question)
    assume(grid.points < 500)
    index = grid.index
    assert len(index) == grid.points and index.name == "time" and index.tz is UTC
    assert index[0] == pd.Timestamp(grid.start, unit="s", tz="UTC")
    assert index[-1] == pd.Timestamp(grid.end, unit="s", tz="UTC")
    assert index.is_unique and index.is_monotonic_increasing


@pytest.mark.parametrize("hours", [0, 1, 37, 167])
def test_a_step_of_a_week_begins_on_monday(hours):
    grid = TimeRange.aligned(MONDAY + hours * HOUR, MONDAY + 30 * DAY, WEEK)
    assert as_datetime(grid.start) == datetime(2026, 3, 2, tzinfo=UTC)


NEW_YORK = "America/New_York"
# Clocks change by an hour, not at all, by an hour at another time, by half an hour, at midnight, and once by a day.
ZONES = [NEW_YORK, "Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Pacific/Apia", "UTC"]
IN_ZONES = st.one_of(st.sampled_from(ZONES), st.sampled_from(zone_names()))
DAYS = st.sampled_from([1, 2, 3, 7, 14, 30]).map(lambda days: days * DAY)


@given(MOMENTS, st.integers(0, 900 * DAY), DAYS, IN_ZONES)
@example(start=1_325_000_000, length=10 * DAY, step=DAY, zone="Pacific/Apia")  # 30 December 2011 never came
def test_steps_of_days_stand_at_the_first_moment_of_the_days_of_the_zone(start, length, step, zone):
    grid = TimeRange.aligned(start, start + length, step, zone)
    place = ZoneInfo(zone)
    first, last = (datetime.fromtimestamp(moment, place).date().toordinal() for moment in (grid.start, grid.end))
    days = [datetime.fromordinal(day).replace(tzinfo=place) for day in range(first, last + 1, step // DAY)]
    expected = sorted({int(day.timestamp()) for day in days})
    assume(step == DAY or zone not in ("Pacific/Apia", "Pacific/Kwajalein", "Kwajalein"))
    assert grid.instants.tolist() == expected
    assert grid.points == len(expected) and grid.start <= start and grid.end <= start + length


@given(MOMENTS, st.integers(0, 900 * DAY), st.one_of(DAYS, st.sampled_from([HOUR, 6 * HOUR, 36 * HOUR])), IN_ZONES)
def test_the_runs_of_a_grid_are_even_and_joined_they_are_the_grid(start, length, step, zone):
    grid = TimeRange.aligned(start, start + length, step, zone)
    assert [int(instant) for run in grid.runs for instant in run.instants] == grid.instants.tolist()
    assert all(run.zone == "UTC" and run.step == step and run.runs == (run,) for run in grid.runs)
    assert all(after.start - before.end != step for before, after in pairwise(grid.runs))
    assert grid.uniform == (len(grid.runs) == 1)


@given(asked(), IN_ZONES, st.floats(0, 1))
def test_in_every_zone_aligning_again_or_a_little_later_changes_nothing(question, zone, part):
    start, end, step = question
    grid = TimeRange.aligned(start, min(end, start + 5_000 * DAY), step, zone)
    assert TimeRange.aligned(grid.start, grid.end, step, zone) == grid
    later = part * (min(step, DAY) - 2 * HOUR)
    assume(later > 0)
    assert TimeRange.aligned(grid.start + later, grid.end + later, step, zone) == grid


CLOCK_CHANGES = {
    "23 hours": ("2026-03-07", "2026-03-10", NEW_YORK, [24, 23, 24]),
    "25 hours": ("2026-10-31", "2026-11-03", NEW_YORK, [24, 25, 24]),
    "Berlin": ("2026-03-28", "2026-03-31", "Europe/Berlin", [24, 23, 24]),
    "half an hour": ("2026-04-04", "2026-04-07", "Australia/Lord_Howe", [24, 24.5, 24]),
    "never": ("2026-03-28", "2026-03-31", "Asia/Kolkata", [24, 24, 24]),
}


@pytest.mark.parametrize(("first", "last", "zone", "hours"), CLOCK_CHANGES.values(), ids=CLOCK_CHANGES)
def test_days_have_the_hours_that_the_clocks_of_the_zone_give_them(first, last, zone, hours):
    start, end = (datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).timestamp() for day in (first, last))
    grid = TimeRange.aligned(start, end, DAY, zone)
    assert (np.diff(grid.instants) / HOUR).tolist() == hours
    assert [run.points for run in grid.runs] == ([4] if set(hours) == {24} else [2, 2])


def test_with_a_step_under_a_day_the_zone_changes_no_instant():
    utc, there = (TimeRange.aligned(1_773_000_000, 1_774_000_000, 6 * HOUR, zone) for zone in ("UTC", NEW_YORK))
    assert utc.instants.tolist() == there.instants.tolist() and utc.runs == there.runs
    assert there.uniform and there != utc


def test_a_day_less_at_the_start_is_a_day_of_the_zone():
    grid = TimeRange.aligned(MONDAY, MONDAY + 30 * DAY, DAY, NEW_YORK)
    assert grid.without_first().instants.tolist() == grid.instants.tolist()[1:]


def test_a_step_of_a_day_falls_on_midnight():
    assert f"{as_datetime(TimeRange.aligned(MONDAY + 55_555, MONDAY + 2 * DAY, DAY).start):%H:%M}" == "00:00"


IMPOSSIBLE = {
    "a step of nothing": ((0, 100, 0), "at least one second"),
    "a step backwards": ((0, 100, -60), "at least one second"),
    "an end before the start": ((100, 0, 10), "before the start"),
    "an end beside the grid": ((0, 95, 10), "grid"),
    "one point too many": ((0, MAX_POINTS, 1), "250,001 points"),
    "an abbreviation for a zone": ((0, 0, DAY, "CST"), "no time zone"),
    "days that do not begin at midnight of the zone": ((0, DAY, DAY, "Europe/Berlin"), "grid"),
}


@pytest.mark.parametrize(("parts", "words"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_grid_that_cannot_be_is_refused_with_a_next_step(parts, words):
    with pytest.raises(TimeError, match=words) as caught:
        TimeRange(*parts)
    assert caught.value.hint


@pytest.mark.parametrize("parts", [(0.0, 100.0, 0), (100.0, 0.0, 60)], ids=["no step", "an end before the start"])
def test_aligning_refuses_the_same(parts):
    with pytest.raises(TimeError):
        TimeRange.aligned(*parts)


def test_the_most_points_are_allowed():
    assert TimeRange(0, MAX_POINTS - 1, 1).points == MAX_POINTS


@given(MOMENTS, st.one_of(st.integers(0, 190 * 365 * DAY), st.sampled_from([MAX_POINTS * step - 1 for step in STEPS])))
@example(start=59.0, length=(MAX_POINTS - 1) * 60 + 30)
def test_the_step_that_a_refusal_offers_is_accepted(start, length):
    assume(MAX_POINTS < length < 190 * 365 * DAY)
    with pytest.raises(TimeError) as caught:
        TimeRange.aligned(start, start + length, 1)
    offered = parse_duration(caught.value.hint.split()[-1].rstrip("."))
    assert TimeRange.aligned(start, start + length, offered).points <= MAX_POINTS


@given(st.floats(0, 190 * 365 * DAY))
def test_the_automatic_step_never_gives_too_many_points(seconds):
    assert TimeRange.aligned(1e9, 1e9 + seconds, auto_step(seconds)).points <= MAX_POINTS


AUTOMATIC = {
    "6 h": (6 * HOUR, MINUTE),
    "a day": (DAY, 5 * MINUTE),
    "3 days": (3 * DAY, 15 * MINUTE),
    "a week": (7 * DAY, HOUR),
    "14 days": (14 * DAY, HOUR),
    "15 days": (15 * DAY, 6 * HOUR),
    "a month": (30 * DAY, DAY),
    "a year": (366 * DAY, DAY),
    "four years": (4 * 366 * DAY, WEEK),
}


@pytest.mark.parametrize(("seconds", "step"), AUTOMATIC.values(), ids=AUTOMATIC)
def test_the_automatic_step_suits_the_range(seconds, step):
    assert auto_step(seconds) == step


def test_the_smallest_step_of_a_year_keeps_below_the_limit_of_points():
    assert smallest_step(365 * DAY) == 5 * MINUTE and smallest_step(3 * 366 * DAY) == 15 * MINUTE
    assert smallest_step(HOUR) == MINUTE


def test_without_its_first_point_a_grid_is_one_shorter_and_never_empty():
    grid = TimeRange(0, 2 * DAY, DAY)
    assert grid.without_first() == TimeRange(DAY, 2 * DAY, DAY)
    assert TimeRange(0, 0, DAY).without_first() == TimeRange(0, 0, DAY)


DURATIONS = {"1s": 1, "5m": 300, "1h30m": 5_400, "1d12h": 129_600, "1w": WEEK, "1y": 365 * DAY, "1000ms": 1, " 5m": 300}


@pytest.mark.parametrize(("text", "seconds"), DURATIONS.items(), ids=DURATIONS)
def test_a_duration_is_read_as_prometheus_reads_it(text, seconds):
    assert parse_duration(text) == seconds


NO_DURATIONS = {
    "nothing": "",
    "blanks": "  ",
    "zero": "0s",
    "less than a second": "10ms",
    "a part of a second": "1500ms",
    "no unit": "5",
    "a month": "1M",
    "a point": "1.5h",
    "ISO 8601": "P1D",
    "the wrong order": "1m1h",
    "a unit without amount": "1d2",
    "a sign": "-5m",
    "words": "5 minutes",
    "a blank inside": "1h 30m",
    "infinity": "Inf",
    "not a number": "NaN",
    "Arabic digits": "٥m",
    "very long": "1" * 40 + "s",
    "longer than any calendar": "99999y",
    "more than a century": "101y",
    "more digits than a date can count": "9" * 30 + "y",
}


@pytest.mark.parametrize("text", NO_DURATIONS.values(), ids=NO_DURATIONS)
def test_what_is_no_duration_is_refused_with_examples(text):
    with pytest.raises(TimeError) as caught:
        parse_duration(text)
    assert caught.value.hint


@given(st.integers(1, LONGEST))
def test_a_duration_survives_being_written_and_read(seconds):
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.text(max_size=40))
def test_any_text_is_a_duration_or_a_time_error(text):
    try:
        assert 1 <= parse_duration(text) <= LONGEST
    except TimeError as error:
        assert error.message


WRITTEN = {0: "0s", 60: "1m", 5_400: "1h30m", 90 * DAY: "90d", WEEK: "1w", 2 * WEEK: "14d", 86_399: "23h59m59s"}


@pytest.mark.parametrize(("seconds", "text"), WRITTEN.items(), ids=WRITTEN.values())
def test_a_duration_is_written_in_days_at_most_save_for_a_week(seconds, text):
    assert format_duration(seconds) == text
