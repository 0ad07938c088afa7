"""Transforms over time: averages, totals of what can be counted, shares, and days that are those of a zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import AppError
from lib.core.preset_files import read_catalogue
from lib.core.query import RangeQuery
from lib.core.question import Moments, Question
from lib.core.relative_time import Calendar
from lib.core.result import Result, ResultType
from lib.core.time_range import TimeRange
from lib.core.time_text import resolve_range
from lib.core.transform import TRANSFORMS, Chosen, Meaning, apply, attempt, edges, spell, understand
from tests.answers.made import result_of, results

PRESETS = read_catalogue()
DAY = 86_400
PEOPLE, STARTS, TYPED = (
    Question.of_preset(PRESETS["daily-users"]),
    Question.of_preset(PRESETS["server-starts"]),
    Question.of_expr("up"),
)
NAN = float("nan")
LATER = 1_900_000_000.0
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]


def asked(question: Question, start: str, end: str, zone: str = "UTC", step: int = 0) -> TimeRange:
    return Moments(*resolve_range(start, end, LATER, Calendar(zone)), LATER, step, zone).grid(question)


def over(grid: TimeRange, *rows) -> Result:
    table = pd.DataFrame({"cluster": ["c"] * len(rows), "namespace": [f"h{n}" for n in range(len(rows))]}, dtype="str")
    values = pd.DataFrame(np.array(rows, float).T.reshape(grid.points, len(rows)), index=grid.index)
    return Result(RangeQuery("up", grid), ResultType.MATRIX, values, table)


def done(question: Question, grid: TimeRange, text: str, *rows) -> Result:
    return apply(over(grid, *rows), understand(text), Meaning.of(question, grid))


def column(result: Result, place: int = 0) -> list[float]:
    return result.values[place].tolist()


def days_of(result: Result) -> list[str]:
    zone = ZoneInfo(result.grid.zone)
    return [datetime.fromtimestamp(moment, zone).isoformat()[:16] for moment in result.grid.instants.tolist()]


def test_a_rolling_average_is_of_the_values_before_and_begins_when_its_window_is_full():
    found = done(PEOPLE, asked(PEOPLE, "2026-10-01", "2026-10-05"), "rolling-3d", [3, 6, 9, 12, 0])
    np.testing.assert_array_equal(column(found), [NAN, NAN, 6, 9, 7])
    same = done(PEOPLE, asked(PEOPLE, "2026-10-01", "2026-10-05"), "rolling-3", [3, 6, 9, 12, 0])
    np.testing.assert_array_equal(column(found), column(same))


def test_a_gap_stays_a_gap_and_is_not_counted_as_zero_in_the_average():
    found = done(PEOPLE, asked(PEOPLE, "2026-10-01", "2026-10-05"), "rolling-2", [3, NAN, 9, 12, 0])
    np.testing.assert_array_equal(column(found), [NAN, NAN, 9, 10.5, 6])


@given(st.lists(st.floats(-1e6, 1e6) | st.just(NAN), min_size=1, max_size=30), st.integers(2, 12))
def test_a_rolling_average_lies_between_the_smallest_and_the_largest(row, window):
    hours = result_of({"c": [({}, [None if value != value else value for value in row])]}, len(row))
    found = apply(hours, [Chosen("rolling", str(window))]).values[0]
    known = found.dropna()
    if len(known):
        assert np.nanmin(row) - 1e-6 <= known.min() and known.max() <= np.nanmax(row) + 1e-6
    assert found.iloc[: window - 1].isna().all()
    assert not (found.notna().to_numpy() & np.isnan(row)).any()


@pytest.mark.parametrize("zone", ZONES)
def test_a_month_is_that_of_the_zone_and_its_people_are_an_average_never_a_sum(zone):
    grid = asked(PEOPLE, "2026-10-01", "2026-11-30", zone)
    found = done(PEOPLE, grid, "month", [10.0] * 31 + [20.0] * 30)
    assert column(found) == [10.0, 20.0]
    assert days_of(found) == ["2026-10-01T00:00", "2026-11-01T00:00"]


@pytest.mark.parametrize("zone", ZONES)
def test_starts_of_hours_add_up_to_those_of_each_day_also_of_23_and_25_hours(zone):
    grid = asked(STARTS, "2026-03-01", "2026-11-30", zone, step=3600)
    found = done(STARTS, grid, "day", [1.0] * grid.points)
    assert sum(column(found)) == grid.points
    expected = {"UTC": {24}, "Australia/Lord_Howe": {24, 25, 23}}.get(zone, {23, 24, 25})
    assert set(column(found)) <= expected | {24}
    assert len(found.values) == 275 and all(day.endswith("T00:00") for day in days_of(found))


def test_weeks_begin_on_monday():
    grid = asked(STARTS, "2026-10-05", "2026-10-18", "Europe/Berlin", step=DAY)
    found = done(STARTS, grid, "week", [1.0] * 7 + [2.0] * 7)
    assert column(found) == [7.0, 14.0] and days_of(found) == ["2026-10-05T00:00", "2026-10-12T00:00"]


STATISTICS = {"mean": 2.0, "max": 4.0, "min": 0.0, "sum": 6.0, "last": 2.0}


@pytest.mark.parametrize(("statistic", "value"), STATISTICS.items(), ids=STATISTICS)
def test_values_of_a_month_are_put_together_as_chosen_and_gaps_do_not_count(statistic, value):
    grid = asked(STARTS, "2026-10-01", "2026-10-05")
    assert column(done(STARTS, grid, f"month-{statistic}", [4, 0, NAN, 2, NAN])) == [value]


def test_a_month_without_any_value_is_a_gap():
    grid = asked(STARTS, "2026-10-01", "2026-11-02")
    for statistic in STATISTICS:
        found = column(done(STARTS, grid, f"month-{statistic}", [1.0] * 31 + [NAN] * 2))
        assert np.isnan(found[1]) and not np.isnan(found[0])


@pytest.mark.parametrize("text", ["month-sum", "week-sum", "cumulative", "rolling-7d,month-sum"])
def test_people_of_several_days_are_never_added_up(text):
    grid = asked(PEOPLE, "2026-10-01", "2026-10-31")
    with pytest.raises(AppError, match="no number of people"):
        done(PEOPLE, grid, text, [1.0] * 31)


def test_no_preset_of_levels_is_added_up_over_time():
    grid = asked(TYPED, "2026-10-01", "2026-10-02")
    may = {name for name, preset in PRESETS.items() if Meaning.of(Question.of_preset(preset), grid).flow}
    reliability = {"crashed-containers", "evicted-pods", "failed-starts", "hub-answers", "memory-kills"}
    assert may == reliability | {"server-hours", "server-starts"}


def test_a_running_total_goes_on_behind_a_gap():
    found = done(STARTS, asked(STARTS, "2026-10-01", "2026-10-04"), "cumulative", [1, NAN, 2, 3])
    np.testing.assert_array_equal(column(found), [1, NAN, 3, 6])


def test_a_difference_needs_the_value_before():
    found = done(STARTS, asked(STARTS, "2026-10-01", "2026-10-05"), "difference", [1, 4, NAN, 2, 1])
    np.testing.assert_array_equal(column(found), [NAN, 3, NAN, NAN, -1])


def test_shares_are_of_the_sum_at_each_moment():
    grid = asked(STARTS, "2026-10-01", "2026-10-03")
    found = done(STARTS, grid, "share", [1, 0, NAN], [3, 0, 5])
    np.testing.assert_array_equal(column(found), [0.25, NAN, NAN])
    np.testing.assert_array_equal(column(found, 1), [0.75, NAN, 1])


@given(results(cells=st.none() | st.floats(0, 1e9)))
def test_shares_add_up_to_one_or_there_are_none(result):
    sums = apply(result, [Chosen("share")]).values.sum(axis=1, min_count=1).dropna()
    np.testing.assert_allclose(sums, 1.0, rtol=1e-9)


REFUSED = {
    "a share of what is no whole": ("home-space-left", "share", "no share of it"),
    "a window that is no multiple": ("daily-users", "rolling-36h", "not several steps"),
    "a window that is no duration": ("daily-users", "rolling-x", "not a duration"),
    "a window of one": ("daily-users", "rolling-1", "none"),
    "an average of unequal months by time": ("daily-users", "month,rolling-7d", "differ in length"),
    "what is as coarse already": ("daily-users", "day", "apart already"),
    "months made finer": ("daily-users", "month,week", "apart already"),
    "an unknown statistic": ("daily-users", "month-median", "not a way"),
    "shares of shares": ("daily-users", "share,share", "already"),
}


@pytest.mark.parametrize(("name", "text", "why"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused_with_a_reason_and_the_rest_still_applied(name, text, why):
    question = Question.of_preset(PRESETS[name])
    grid = asked(question, "2026-10-01", "2026-10-31", step=DAY)
    result = over(grid, [1.0] * grid.points)
    found = attempt(result, understand(text), Meaning.of(question, grid))
    assert [error.message for _, error in found.refused if why in error.message]
    assert len(found.applied) == text.count(",") and all(error.hint for _, error in found.refused)


BAD = ["nonsense", "rolling-", "__class__", "hide_staging", "top-5", "share;drop", ",".join(["share"] * 9)]


@pytest.mark.parametrize("text", BAD)
def test_a_link_with_what_is_no_transform_is_refused_kindly(text):
    with pytest.raises(AppError) as caught:
        understand(text)
    assert caught.value.hint


OFFERED = st.sampled_from([
    Chosen("rolling", "7d"), Chosen("rolling", "3"), Chosen("share"), Chosen("cumulative"), Chosen("difference"),
    Chosen("day"), Chosen("week", "max"), Chosen("month", "last"), Chosen("month", "sum"),
])  # fmt: skip


@given(st.lists(OFFERED, max_size=8))
def test_what_a_link_spells_is_read_as_the_same(chosen):
    assert understand(spell(chosen)) == tuple(chosen)


@given(results(), st.lists(OFFERED, max_size=4))
def test_whatever_is_applied_reports_and_series_stay_and_inputs_do_not_change(result, chosen):
    before = result.values.copy(deep=True), result.series.copy(deep=True)
    found = attempt(result, chosen, Meaning.of(TYPED, result.grid)).result
    assert result.values.equals(before[0]) and result.series.equals(before[1])
    assert found.reports == result.reports and found.series.equals(result.series)
    assert found.values.shape[1] == result.values.shape[1] and (np.diff(found.grid.instants) > 0).all()
    assert found.nan is None or not (found.nan & found.values.notna()).any(axis=None)


def test_every_transform_that_is_offered_explains_itself():
    offered = [each for each in TRANSFORMS.values() if each.offered]
    assert {each.name for each in offered} == {
        "rolling",
        "share",
        "cumulative",
        "difference",
        "day",
        "week",
        "month",
        "compare",
    }
    assert all(each.help.endswith(".") for each in offered)


EDGES = {
    "whole months": ("2026-10-01", "2026-11-30", LATER, (False, False)),
    "a first month cut off": ("2026-10-05", "2026-11-30", LATER, (True, False)),
    "a last month cut off": ("2026-10-01", "2026-11-15", LATER, (False, True)),
    "a month that is not over": ("2026-10-01", "2026-11-30", 1_795_000_000.0, (False, True)),
}


@pytest.mark.parametrize("zone", ZONES[:3])  # at Lord Howe full hours are half past, so the first is of the day before
@pytest.mark.parametrize("name", ["daily-users", "server-starts", "home-total", "memory-used"])
@pytest.mark.parametrize(("start", "end", "now", "cut"), EDGES.values(), ids=EDGES)
def test_months_that_are_covered_in_part_are_known(name, start, end, now, cut, zone):
    question = Question.of_preset(PRESETS[name])
    grid = asked(question, start, end, zone)
    found = edges(over(grid, [1.0] * grid.points), Meaning.of(question, grid), "month", now)
    assert (found.first, found.last) == cut
