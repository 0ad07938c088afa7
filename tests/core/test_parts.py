"""How a long query is cut: every instant asked once, on a grid that does not depend on who asks, and never too much."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.core.errors import Kind, SourceError
from lib.core.parts import FRESH, SIZE, join, last_fixed_instant, plan, write_out_ends
from lib.core.query import RangeQuery
from lib.core.result import Answer, ResultType
from lib.core.time_range import DAY, HOUR, MINUTE, TimeRange
from tests.answers.made import answer_of, grid_of

NOW = 1_782_864_000.0
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])


@st.composite
def ranges(draw: st.DrawFn) -> TimeRange:
    """Up to 1,500 points, ending up to a day after now."""
    step = draw(st.sampled_from([MINUTE, 5 * MINUTE, 7 * MINUTE, HOUR, DAY, 7 * DAY]))
    end = NOW + draw(st.integers(-400 * DAY, DAY))
    return TimeRange.aligned(end - step * draw(st.integers(0, 1_500)), end, step, draw(ZONES))


SIZES = st.sampled_from([2, 50, 333, 700])


@settings(max_examples=40, deadline=None)
@given(ranges(), SIZES)
def test_every_instant_is_wanted_of_exactly_one_part(grid, size):
    parts = plan(RangeQuery("up", grid), NOW, size)
    wanted = [part.asked.grid.instants[part.kept.start : part.kept.stop] for part in parts]
    assert np.array_equal(np.concatenate(wanted), grid.instants)
    assert [part.at for part in parts] == [0, *np.cumsum([len(part.kept) for part in parts])[:-1]]


@settings(max_examples=40, deadline=None)
@given(ranges(), SIZES)
def test_no_part_has_more_points_than_a_part_may_have(grid, size):
    assert all(part.asked.grid.points <= size for part in plan(RangeQuery("up", grid), NOW, size))


@settings(max_examples=40, deadline=None)
@given(ranges(), SIZES)
def test_nothing_is_asked_beyond_now_that_the_query_does_not_ask(grid, size):
    parts = plan(RangeQuery("up", grid), NOW, size)
    assert max(part.asked.grid.end for part in parts) <= max(grid.end, NOW - FRESH)
    assert all(part.lasting == (part.asked.grid.end <= NOW - FRESH) for part in parts)


@settings(max_examples=40, deadline=None)
@given(ranges(), st.integers(-1_000, 1_000), st.integers(0, 1_000))
def test_two_who_ask_for_some_of_the_same_ask_for_the_same_parts(grid, later, longer):
    size, start = 50, grid.start + later * grid.step
    other = TimeRange.aligned(start, start + longer * grid.step, grid.step, grid.zone)
    one, two = (
        {
            instant: part.asked
            for part in plan(RangeQuery("up", each), NOW, size)
            if part.lasting and part.asked.grid.points == size  # one that reaches into the open end is cut
            for instant in part.asked.grid.instants.tolist()
        }
        for each in (grid, other)
    )
    if min(grid.points, other.points) > size:
        assert [instant for instant in one.keys() & two.keys() if one[instant] != two[instant]] == []


def test_what_fits_one_request_is_sent_as_it_was_asked():
    grid = TimeRange.aligned(NOW - (SIZE - 1) * HOUR, NOW, HOUR)
    query = RangeQuery("up @ end()", grid)
    (part,) = plan(query, NOW)
    assert (part.asked, part.trimmed) == (query, False)


def test_a_year_every_five_minutes_is_54_parts_and_an_hour_later_one_of_them_is_new():
    year = TimeRange.aligned(NOW - 365 * DAY, NOW, 5 * MINUTE)
    later = TimeRange.aligned(NOW + HOUR - 365 * DAY, NOW + HOUR, 5 * MINUTE)
    first, second = plan(RangeQuery("up", year), NOW), plan(RangeQuery("up", later), NOW + HOUR)
    assert len(first) in (53, 54)
    known = {part.asked for part in first if part.lasting}
    assert len([part for part in second if part.asked not in known]) == 1


def test_days_of_a_zone_are_asked_for_in_evenly_spaced_runs():
    grid = TimeRange.aligned(NOW - 365 * DAY, NOW, DAY, "Europe/Berlin")
    parts = plan(RangeQuery("up", grid), NOW)
    assert [part.asked.grid for part in parts] == list(grid.runs)
    assert len(parts) == 3


ENDS = {
    "the end": ("up @ end()", "up @ 7200"),
    "both, oddly written": ("a @start( ) + b @ # why\n END()", "a @ 3600 + b @ 7200"),
    "a subquery": ("max_over_time(up[1h:5m] @ end())", "max_over_time(up[1h:5m] @ 7200)"),
    "not in a string": ('up{a="@ end()"}', 'up{a="@ end()"}'),
    "not in a string with an escape": (r'up{a="\"@ end()"}', r'up{a="\"@ end()"}'),
    "not in a comment": ("up # @ end()\n", "up # @ end()\n"),
    "not in back quotes": ("up{a=`@ end()`}", "up{a=`@ end()`}"),
    "a fixed time": ("up @ 12.5", "up @ 12.5"),
    "metrics of that name": ("end + start", "end + start"),
}


@pytest.mark.parametrize(("typed", "written"), ENDS.values(), ids=ENDS)
def test_ends_are_written_out_and_nothing_else_is_touched(typed, written):
    assert write_out_ends(typed, TimeRange(3_600, 7_200, 60)) == written


LASTING = ["up", "up offset 1d", "up @ 1000", "rate(up[5m] @ 1.5e3)", 'up{a="offset -1h"}', "offset_now # offset -1h"]
NEVER = [
    "up offset -1h",
    "up offset # ahead\n -1h",
    "up OFFSET - 1h",
    "up @ 99999999999",
    "up @ end()",
    "up @ 0x7f",
    "up @ -",
    "up @",
    "up offset (-1h)",
]


@pytest.mark.parametrize("expr", LASTING)
def test_what_lies_in_the_past_lasts(expr):
    assert last_fixed_instant(expr, NOW) == NOW - FRESH


@pytest.mark.parametrize("expr", NEVER)
def test_what_looks_ahead_does_not_last(expr):
    assert last_fixed_instant(expr, NOW) == -np.inf


def _planned(points: int, size: int) -> tuple[RangeQuery, tuple]:
    query = RangeQuery("up", grid_of(points))
    return query, plan(query, grid_of(points).end + DAY * 100, size)


def _said(part, rows, **more) -> Answer:
    made = answer_of(rows, part.asked.grid.points)
    return replace(made, grid=part.asked.grid, **more)


def test_series_of_all_parts_are_joined_by_their_labels():
    query, parts = _planned(6, 3)
    a, b = {"hub": "a"}, {"hub": "b", "none": ""}
    rows = [[(b, [1.0, None, 3.0])], [({"hub": "b"}, [4.0, 5.0, float("nan")]), (a, [None, 8.0, 9.0])]]
    assert [len(part.kept) for part in parts] == [3, 3]
    answer = join(query, parts, [_said(part, own) for part, own in zip(parts, rows, strict=True)])
    gap = None
    expected = answer_of([(a, [gap, gap, gap, gap, 8.0, 9.0]), (b, [1.0, gap, 3.0, 4.0, 5.0, float("nan")])], 6)
    assert [dict(labels)["hub"] for labels in answer.labels] == ["a", "b"]
    np.testing.assert_array_equal(answer.values, expected.values)
    assert answer.nan is not None and expected.nan is not None
    np.testing.assert_array_equal(answer.nan, expected.nan)
    assert not answer.values.flags.writeable


def test_a_series_that_is_only_outside_of_the_range_is_not_in_the_answer():
    grid = TimeRange.aligned(NOW - 3 * DAY, NOW - 2 * DAY, HOUR)
    query = RangeQuery("up", grid)
    first, *rest = parts = plan(query, NOW, 20)
    assert first.trimmed
    outside = [1.0] * first.kept.start + [None] * len(first.kept)
    inside = [None] * first.kept.start + [2.0] * len(first.kept)
    rows = [({"hub": "gone"}, outside), ({"hub": "here"}, inside)]
    answer = join(query, parts, [_said(first, rows), *(_said(part, []) for part in rest)])
    assert [dict(labels) for labels in answer.labels] == [{"hub": "here"}]


def test_what_the_parts_tell_about_themselves_is_added_up_and_said_once():
    query, parts = _planned(6, 2)
    told = {"warnings": ("w",), "infos": ("i", "j"), "histograms": 2, "seconds": 0.5, "size": 10}
    answers = [_said(part, [], **told, fetched_at=100.0 - n) for n, part in enumerate(parts)]
    answer = join(query, parts, answers)
    assert (answer.warnings, answer.infos, answer.histograms) == (("w",), ("i", "j"), 6)
    assert (answer.seconds, answer.size, answer.fetched_at, answer.parts) == (1.5, 30, 98.0, 3)
    assert (answer.grid, answer.type, answer.values.shape) == (query.grid, ResultType.MATRIX, (0, 6))


def test_an_answer_that_would_not_fit_is_refused_before_it_is_made():
    grid = TimeRange.aligned(NOW - 365 * DAY, NOW - DAY, 5 * MINUTE)
    parts = plan(RangeQuery("up", grid), NOW)
    many = [({"hub": str(n)}, [1.0] * parts[0].asked.grid.points) for n in range(200)]
    answers = [_said(parts[0], many), *(_said(part, []) for part in parts[1:])]
    with pytest.raises(SourceError) as caught:
        join(RangeQuery("up", grid), parts, answers)
    assert caught.value.kind is Kind.TOO_LARGE
