"""Questions laid over time: which instants are asked, how they are written on days, what is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import QueryError
from lib.core.preset_files import read_catalogue
from lib.core.presets import Covers, NamedQuery
from lib.core.query import InstantQuery, RangeQuery
from lib.core.question import Moments, Question, shown_earlier, unfinished
from lib.core.relative_time import Calendar
from lib.core.time_range import DAY, HOUR, WEEK, TimeRange, as_datetime
from lib.core.time_text import resolve, resolve_range
from lib.core.zones import wall

CATALOGUE = read_catalogue()


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOW = at("2026-11-18 15:42:30")


def about(expr: str = "up", **parts: object) -> Question:
    return replace(Question.of_expr(expr), **parts)  # type: ignore[arg-type]


def moments(start: str, end: str = "now", step: int = 0) -> Moments:
    return Moments(resolve(start, NOW), resolve(end, NOW, end=True), NOW, step)


def days_shown(question: Question, grid: TimeRange) -> list[str]:
    """The days that points are labelled with."""
    shown = wall(grid.instants, grid.zone) - shown_earlier(question, grid)
    return [f"{as_datetime(t):%Y-%m-%d}" for t in shown.tolist()]


DAILY = about(covers=Covers.WINDOW, step=DAY)


@pytest.mark.parametrize("covers", [Covers.WINDOW, Covers.STEP], ids=str)
def test_30_days_back_give_the_30_last_whole_days_for_values_that_cover_the_day_before(covers):
    question = replace(DAILY, covers=covers)
    grid = moments("now-30d").grid(question)
    shown = days_shown(question, grid)
    assert len(shown) == 30
    assert (shown[0], shown[-1]) == ("2026-10-19", "2026-11-17")  # today is not over


def test_values_of_their_own_instant_keep_the_first_and_the_last_midnight():
    question = about(covers=Covers.INSTANT, step=DAY)
    shown = days_shown(question, moments("now-30d").grid(question))
    assert (len(shown), shown[0], shown[-1]) == (31, "2026-10-19", "2026-11-18")


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("covers", [Covers.WINDOW, Covers.STEP], ids=str)
def test_the_last_full_month_is_exactly_its_days(month, covers):
    now = at(f"2028-{month:02d}-15 08:30")
    asked = Moments(resolve("now-1M/M", now), resolve("now-1M/M", now, end=True), now)
    question = replace(DAILY, covers=covers)
    shown = days_shown(question, asked.grid(question))
    first = as_datetime(resolve("now-1M/M", now))
    following = as_datetime(resolve("now/M", now))
    assert len(shown) == (following - first).days
    assert {day[:7] for day in shown} == {f"{first:%Y-%m}"} and shown[0].endswith("-01")


@pytest.mark.parametrize("year", range(2020, 2030))
def test_the_last_full_year_is_exactly_its_days(year):
    now = at(f"{year + 1}-06-15 08:30")
    asked = Moments(resolve("now-1y/y", now), resolve("now-1y/y", now, end=True), now)
    shown = days_shown(DAILY, asked.grid(DAILY))
    assert (shown[0], shown[-1]) == (f"{year}-01-01", f"{year}-12-31")
    assert len(shown) == len(set(shown)) == (366 if year % 4 == 0 else 365)


PLACES = ["UTC", "America/New_York", "Asia/Kolkata", "Europe/Berlin", "Australia/Lord_Howe"]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("covers", [Covers.WINDOW, Covers.STEP], ids=str)
def test_in_every_zone_the_last_full_month_is_exactly_its_days(month, covers, place):
    now = datetime(2027, month, 15, 8, tzinfo=ZoneInfo(place)).timestamp()
    asked = Moments(*resolve_range("now-1M/M", "now-1M/M", now, Calendar(place)), now, zone=place)
    question = replace(DAILY, covers=covers)
    grid = asked.grid(question)
    first = (datetime(2027, month, 1, tzinfo=UTC) - timedelta(days=1)).replace(day=1)
    days = (datetime(2027, month, 1, tzinfo=UTC) - first).days
    assert days_shown(question, grid) == [f"{first + timedelta(days=day):%Y-%m-%d}" for day in range(days)]
    ends = [first + timedelta(days=day + 1) for day in range(days)]
    assert grid.instants.tolist() == [int(end.replace(tzinfo=ZoneInfo(place)).timestamp()) for end in ends]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25)])
def test_the_day_on_which_clocks_change_is_asked_at_its_end_and_shown_as_itself(day, hours):
    place = "America/New_York"
    start, end = resolve_range(day, day, NOW, Calendar(place))
    grid = Moments(start, end, end + DAY, zone=place).grid(DAILY)
    assert days_shown(DAILY, grid) == [day]
    assert (grid.end - start) / HOUR == hours


def test_a_question_carries_its_zone_to_the_query_over_time_and_at_one_moment():
    asked = replace(moments("now-7d"), zone="Asia/Kolkata")
    assert {asked.put(question)[0].query.grid.zone for question in (DAILY, about(instant=True))} == {"Asia/Kolkata"}


def test_a_day_that_is_not_over_is_asked_once_and_marked_as_still_growing():
    grid = moments("now-3d", "now+9d/d").grid(DAILY)
    assert days_shown(DAILY, grid)[-1] == "2026-11-18"
    assert unfinished(DAILY, grid, NOW) == (grid.points - 1,)
    assert unfinished(DAILY, moments("now-3d").grid(DAILY), NOW) == ()


def test_nothing_is_asked_of_the_future_where_values_speak_of_their_instant():
    question = about(covers=Covers.INSTANT, step=HOUR)
    grid = moments("now/d", "now/d").grid(question)
    assert grid.end == at("2026-11-18 15:00") and unfinished(question, grid, NOW) == ()


def test_a_day_that_is_typed_is_that_day():
    shown = days_shown(DAILY, moments("2026-10-24", "2026-10-24").grid(DAILY))
    assert shown == ["2026-10-24"]


def test_whole_weeks_are_shown_on_the_monday_that_begins_them():
    question = about(covers=Covers.STEP, step=WEEK)
    shown = days_shown(question, moments("2026-10-05", "2026-10-25").grid(question))
    assert shown == ["2026-10-05", "2026-10-12", "2026-10-19"]


def test_a_window_of_days_is_shown_on_its_last_day_also_with_a_step_of_a_week():
    question = about(covers=Covers.WINDOW, step=WEEK)
    assert shown_earlier(question, TimeRange(0, WEEK, WEEK)) == DAY


@pytest.mark.parametrize("covers", Covers, ids=str)
def test_a_step_under_a_day_is_shown_at_its_instants(covers):
    assert shown_earlier(about(covers=covers), TimeRange(0, DAY, 6 * HOUR)) == 0


STEPS = {
    "the one chosen": (HOUR, DAY, HOUR),
    "else the question's own": (0, DAY, DAY),
    "else what suits the range": (0, 0, 300),
}


@pytest.mark.parametrize(("chosen", "own", "expected"), STEPS.values(), ids=STEPS)
def test_the_step_is_the_one_chosen_else_the_questions_own_else_automatic(chosen, own, expected):
    assert moments("now-24h", step=chosen).grid(about(step=own)).step == expected


@given(st.floats(1, 400 * DAY), st.sampled_from(list(Covers)), st.sampled_from([0, HOUR, 6 * HOUR, DAY, WEEK]))
def test_no_point_lies_outside_the_time_asked_about(length, covers, step):
    asked = Moments(NOW - length, NOW, NOW, step)
    question = about(covers=covers)
    grid = asked.grid(question)
    assert grid.end <= asked.end + 0.001
    assert grid.start > asked.start - grid.step
    if covers is not Covers.INSTANT and grid.points > 1:
        assert grid.start > asked.start


RAISED = {
    "a minute over a year": ("now-1y", 60, 300),
    "five minutes over three years": ("now-3y", 300, 900),
    "a second over a month": ("now-30d", 1, 60),
    "what fits stays": ("now-1y", 300, 300),
}


@pytest.mark.parametrize(("start", "wanted", "used"), RAISED.values(), ids=RAISED)
def test_a_step_that_would_give_too_many_points_is_raised_to_one_that_fits(start, wanted, used):
    asked = moments(start, step=wanted)
    assert asked.grid(about()).step == used
    assert asked.wanted(about()) == wanted
    assert asked.grid(about()).points <= 250_000


def test_a_range_question_is_sent_with_its_grid_and_its_variables_filled_in():
    (put,) = moments("now-24h", step=HOUR).put(about("rate(x[$__interval])"))
    assert isinstance(put.query, RangeQuery)
    assert put.query.expr == put.filled.text == "rate(x[1h])"
    assert put.query.grid == moments("now-24h", step=HOUR).grid(about())


def test_an_automatic_step_is_at_least_as_long_as_values_are_apart_and_a_chosen_one_is_kept():
    rare = replace(moments("now-1h"), scrape=300)
    assert rare.grid(about()).step == 300
    assert replace(rare, step=60).grid(about()).step == 60
    assert rare.put(about("rate(x[$__rate_interval])"))[0].query.expr == "rate(x[20m])"


INSTANTS = {
    "now": ("now", NOW),
    "the end of the range": ("2026-10-31 12:00", at("2026-10-31 12:00")),
    "never the future": ("now/d", NOW),
}


@pytest.mark.parametrize(("end", "expected"), INSTANTS.values(), ids=INSTANTS)
def test_a_question_about_one_moment_is_sent_for(end, expected):
    (put,) = moments("now-30d", end).put(about("up", instant=True))
    assert put.query == InstantQuery("up", int(expected))


def test_every_query_of_a_question_is_put_on_the_same_grid():
    question = replace(about(), queries=(NamedQuery("used", "a"), NamedQuery("limit", "b")))
    puts = moments("now-7d").put(question)
    assert [put.name for put in puts] == ["used", "limit"]
    assert len({put.query.grid for put in puts}) == 1


BAD = {"an empty query": " # nothing", "an unknown variable": 'up{a="$cat"}', "a long one": "x" * 10_001}


@pytest.mark.parametrize("expr", BAD.values(), ids=BAD)
def test_what_cannot_be_sent_is_refused_before_anything_is(expr):
    with pytest.raises(QueryError):
        moments("now-7d").put(about(expr))


def test_equal_questions_a_few_seconds_apart_are_equal_queries():
    later = Moments(resolve("now-30d", NOW + 9), NOW + 9, NOW + 9)
    assert later.put(DAILY) == moments("now-30d").put(DAILY)


@pytest.mark.parametrize("preset", CATALOGUE.values(), ids=CATALOGUE)
def test_a_preset_arrives_in_its_question(preset):
    question = Question.of_preset(preset)
    assert (question.title, question.slug, question.preset) == (preset.question, preset.id, preset)
    assert (question.unit, question.covers, question.adds) == (preset.unit, preset.covers, preset.adds)
    assert (question.legend, question.instant, question.step) == (preset.legend, preset.instant, preset.step)
    assert [query.name for query in question.queries] == [query.name for query in preset.queries]


def test_a_chosen_value_that_looks_like_a_variable_selects_itself():
    preset = CATALOGUE["daily-users"]
    choice = {"hub": ("a$__interval", "$hub", "[[x]]")}
    (put,) = moments("now-7d").put(Question.of_preset(preset, choice))
    assert 'namespace=~"a[$]__interval|[$]hub|\\\\[\\\\[x\\\\]\\\\]"' in put.filled.text


def test_a_typed_query_says_nothing_about_adding_up():
    question = Question.of_expr("up", instant=True)
    assert (question.adds, question.instant, question.expr, question.preset) == (None, True, "up", None)


@given(
    start=st.floats(0, 4e9),
    length=st.floats(1, 4e8),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)
def test_frozen_dates_mean_the_same_moments_whenever_they_are_read(start: float, length: float, zone: str) -> None:
    asked = Moments(start, start + length, NOW, zone=zone)
    assert resolve_range(*asked.frozen(), NOW + 1e6, Calendar(zone)) == pytest.approx(
        (asked.start, asked.end), abs=1e-3
    )


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_whole_days_are_frozen_as_dates(zone: str) -> None:
    start, end = resolve_range("last month", "", NOW, Calendar(zone))
    assert Moments(start, end, NOW, zone=zone).frozen() == ("2026-10-01", "2026-10-31")
    assert resolve_range("2026-10-01", "2026-10-31", NOW, Calendar(zone)) == (start, end)
