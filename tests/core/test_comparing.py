"""An earlier time beside now: which time that is, the change since, and when there is none to tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from lib.core.cells import headline_cells
from lib.core.comparing import before, beside
from lib.core.errors import Kind, SourceError
from lib.core.preset_files import read_catalogue
from lib.core.query import RangeQuery
from lib.core.question import Moments, Question
from lib.core.relative_time import Calendar
from lib.core.result import Report, Result
from lib.core.sentence import sentence
from lib.core.time_text import resolve_range
from lib.core.transform import Chosen, understand
from lib.core.view import Choices, View, view
from tests.answers.made import result_of

PRESETS = read_catalogue()
PEOPLE = Question.of_preset(PRESETS["daily-users"])
NOW = 1_900_000_000.0
DAYS = {
    "a month": ("2026-03-01", "2026-03-31", "previous", "2026-02-01T00:00", "2026-02-28T23:59"),
    "a quarter": ("2026-07-01", "2026-09-30", "previous", "2026-04-01T00:00", "2026-06-30T23:59"),
    "a month of a new year": ("2027-01-01", "2027-01-31", "previous", "2026-12-01T00:00", "2026-12-31T23:59"),
    "some days": ("2026-10-20", "2026-10-29", "previous", "2026-10-10T00:00", "2026-10-19T23:59"),
    "days around a change of clocks": ("2026-03-25", "2026-04-03", "previous", "2026-03-15T00:00", "2026-03-24T23:59"),
    "a day": ("2026-10-25", "2026-10-25", "previous", "2026-10-24T00:00", "2026-10-24T23:59"),
    "hours": ("2026-10-14T10:00", "2026-10-14T16:00", "previous", "2026-10-14T04:00", "2026-10-14T10:00"),
    "the same weeks": ("2026-10-05", "2026-10-18", "year", "2025-10-06T00:00", "2025-10-19T23:59"),
}


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize(("start", "end", "which", "first", "last"), DAYS.values(), ids=DAYS)
def test_the_earlier_time_is_the_one_that_people_mean(start, end, which, first, last, zone):
    moments = Moments(*resolve_range(start, end, NOW, Calendar(zone)), NOW, 0, zone)
    found = before(moments, PEOPLE, which)
    shown = [datetime.fromtimestamp(at, ZoneInfo(zone)).isoformat()[:16] for at in (found.start, found.end)]
    assert shown == [first, last] and found.step == moments.step_of(PEOPLE)
    assert abs(found.grid(PEOPLE).points - moments.grid(PEOPLE).points) <= 3


def days(row: list[float | None], start: str = "2026-10-01", silent: str = "") -> Result:
    first = datetime.fromisoformat(start + "T00:00Z").timestamp()
    grid = Moments(first, first + 86_400 * len(row) - 0.001, NOW).grid(PEOPLE)
    made = result_of({"leap": [({"namespace": "prod"}, row)]}, len(row))
    reports = [replace(made.reports[0], fetched_at=NOW)]
    reports += [Report(silent, silent, SourceError(Kind.TIMEOUT, "No."))] if silent else []
    return replace(made, query=RangeQuery("up", grid), values=made.values.set_axis(grid.index), reports=tuple(reports))


def compared(now: Result, then: Result, do: str = "compare-previous") -> View:
    choices = Choices(do=understand(do))
    return beside(view(now, PEOPLE, choices), then, PEOPLE, choices)


def test_the_change_is_of_the_sum_over_the_points_that_both_have():
    shown = compared(days([10.0, 20.0, None, 30.0]), days([10.0, None, 7.0, 10.0], "2026-09-27"))
    assert shown.compared.change == pytest.approx(40 / 20 - 1)
    np.testing.assert_array_equal(shown.look.beside.values, [10, np.nan, 7, 10])
    change = headline_cells(PEOPLE, shown)[-1]
    assert (change.value, change.note) == ("+100 %", "against 27 Sep – 30 Sep 2026")
    assert "; +100 % against 27 Sep – 30 Sep 2026" in sentence(PEOPLE, shown)


def test_what_is_done_to_now_is_done_to_then():
    shown = compared(days([2.0, 4.0, 6.0]), days([1.0, 3.0, 5.0], "2026-09-28"), "rolling-2,compare-previous")
    np.testing.assert_array_equal(shown.look.beside.values, [np.nan, 2, 4])
    assert shown.compared.change == pytest.approx(8 / 6 - 1)


def test_a_cluster_that_answered_for_one_time_only_leaves_no_change_to_tell():
    shown = compared(days([1.0, 1.0]), days([2.0, 2.0], "2026-09-29", silent="opensci"))
    assert shown.compared.change is None and any("opensci did not answer" in doubt for doubt in shown.doubts)
    same = compared(days([1.0, 1.0], silent="opensci"), days([2.0, 2.0], "2026-09-29", silent="opensci"))
    assert same.compared.change == -0.5


def test_a_cluster_that_is_missing_now_is_left_out_of_then():
    both = result_of({"leap": [({}, [1.0, 1.0])], "opensci": [({}, [5.0, 5.0])]}, 2)
    then = days([0.0, 0.0], "2026-09-29")
    then = replace(then, values=both.values.set_axis(then.values.index), series=both.series)
    shown = compared(days([1.0, 2.0], silent="opensci"), then)
    assert shown.look.beside.values.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("do", ["share,compare-previous", "compare-previous,share", "compare-previous,month-max"])
def test_without_a_sum_there_is_nothing_to_compare(do):
    shown = compared(days([1.0, 1.0]), days([2.0, 2.0], "2026-09-29"), do)
    assert shown.compared is None and shown.look.beside is None
    assert not [word for word in shown.transforms if "compared" in word]


def test_an_earlier_time_that_nobody_knows_is_refused():
    shown = view(days([1.0]), PEOPLE, Choices(do=(Chosen("compare", "later"),)))
    assert [error.message for _, error in shown.done.refused] == ["“later” is no earlier time."]
