"""Named periods: those that everybody needs, and one's own from a TOML file."""

from __future__ import annotations

import os
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from lib.core.periods import FISCAL, USUAL, Period, read_periods, state
from lib.core.relative_time import Calendar
from lib.core.time_text import resolve_range

GOOD = """\
# Terms
[fall-2026]
name = "Fall 2026"
from = 2026-08-26
to = 2026-12-18

["workshop, May"]
name = "Workshop"
from = "2026-05-04"
to = "2026-05-04"
"""


def read(tmp_path, text: str | bytes):
    path = tmp_path / "periods.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_periods(str(path))


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["Unix", "Windows"])
def test_a_file_of_periods_is_read_in_its_order(tmp_path, ends):
    found = read(tmp_path, "\ufeff" + GOOD.replace("\n", ends))
    assert found.problems == ()
    assert found.periods == (
        Period("Fall 2026", "2026-08-26", "2026-12-18"),
        Period("Workshop", "2026-05-04", "2026-05-04"),
    )


def test_without_a_file_there_are_none():
    assert read_periods("").periods == () and read_periods("").problems == () and state("") == ""


BAD = {
    "an unknown field": ('[a]\nname = "A"\nfrom = 2026-01-01\nto = 2026-01-02\nzone = "UTC"', 5, "zone", "not known"),
    "no name": ("[a]\nfrom = 2026-01-01\nto = 2026-01-02", 1, "name", "missing"),
    "an empty name": ('[a]\nname = " "\nfrom = 2026-01-01\nto = 2026-01-02', 2, "name", "not a name"),
    "a long name": (f'[a]\nname = "{"x" * 61}"\nfrom = 2026-01-01\nto = 2026-01-02', 2, "name", "not a name"),
    "no end": ('[a]\nname = "A"\nfrom = 2026-01-01', 1, "to", "missing"),
    "an end before the start": ('[a]\nname = "A"\nfrom = 2026-01-02\nto = 2026-01-01', 4, "to", "before the first"),
    "a time of day": ('[a]\nname = "A"\nfrom = 2026-01-02T10:00:00\nto = 2026-01-03', 3, "from", "not a date"),
    "words for a date": ('[a]\nname = "A"\nfrom = "last month"\nto = 2026-01-03', 3, "from", "not a date"),
    "a number": ('[a]\nname = "A"\nfrom = 2026\nto = 2026-01-03', 3, "from", "not a date"),
    "a year out of reach": ('[a]\nname = "A"\nfrom = 1066-10-14\nto = 2026-01-03', 3, "from", "not a date"),
    "no table": ("a = 1", 1, "", "not a table"),
    "no TOML": ("[a]\nname = A", 2, "", "not TOML"),
    "a day that does not exist": ('[a]\nname = "A"\nfrom = 2026-02-30', 3, "", "not TOML"),
}


@pytest.mark.parametrize(("text", "line", "field", "words"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_named_with_file_line_and_field(tmp_path, text, line, field, words):
    (problem,) = read(tmp_path, text).problems
    assert (problem.file, problem.line, problem.field) == ("periods.toml", line, field)
    assert words in problem.sentence and problem.hint


def test_a_bad_period_takes_nothing_else_away(tmp_path):
    found = read(tmp_path, GOOD + "\n[broken]\nname = 3\n")
    assert len(found.periods) == 2 and len(found.problems) == 1


UNREADABLE = {"not UTF-8": b"\xff\xfe[a]", "huge": b"#" * 200_001}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_a_problem(tmp_path, body):
    assert len(read(tmp_path, body).problems) == 1


@pytest.mark.parametrize("path", ["/nowhere/periods.toml", "\0"])
def test_a_file_that_is_not_there_is_a_problem_that_names_the_setting(path):
    (problem,) = read_periods(path).problems
    assert "HUBSCOPE_PERIODS" in problem.hint and state(path) == ""


def test_the_state_of_a_file_changes_with_it(tmp_path):
    path = tmp_path / "periods.toml"
    path.write_text(GOOD)
    before = state(str(path))
    path.write_text(GOOD + "\n")
    os.utime(path, (1, 1))
    assert before and state(str(path)) != before


NOW = datetime(2026, 11, 18, 15, 42, tzinfo=ZoneInfo("Europe/Berlin"))
MEANT = {
    "Last full week": ("2026-11-09", "2026-11-15"),
    "Last full month": ("2026-10-01", "2026-10-31"),
    "Last full quarter": ("2026-07-01", "2026-09-30"),
    "Last full year": ("2025-01-01", "2025-12-31"),
    "This week so far": ("2026-11-16", "2026-11-18"),
    "This month so far": ("2026-11-01", "2026-11-18"),
    "This quarter so far": ("2026-10-01", "2026-11-18"),
    "This year so far": ("2026-01-01", "2026-11-18"),
    "Last full fiscal year": ("2025-07-01", "2026-06-30"),
    "This fiscal year so far": ("2026-07-01", "2026-11-18"),
}


@pytest.mark.parametrize(("name", "days"), MEANT.items(), ids=MEANT)
def test_a_reporting_period_is_whole_days_of_the_zone(name, days):
    period = next(period for period in (*USUAL, *FISCAL) if period.name == name)
    found = resolve_range(period.start, period.end, NOW.timestamp(), Calendar("Europe/Berlin", fiscal_start=7))
    first, last = (datetime.fromtimestamp(moment, ZoneInfo("Europe/Berlin")) for moment in found)
    assert (f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}") == days and f"{first:%T}" == "00:00:00"
    assert f"{last:%T}" == ("15:42:00" if period.end == "now" else "23:59:59")


def test_no_two_periods_have_the_same_name_or_the_same_time():
    every = [*USUAL, *FISCAL]
    assert len({period.name for period in every}) == len({(period.start, period.end) for period in every}) == len(every)
    assert all(" " not in period.start + period.end for period in every)  # an option is both with a blank between
