"""What people type for a moment: Grafana's relative syntax, dates, plain English, and everything that is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lib.core.errors import TimeError
from lib.core.time_text import MAX_LENGTH, resolve

ZONES = ["UTC", "America/New_York", "Asia/Kolkata"]
DAY, HOUR = 86_400, 3_600


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The time zone of the server, which must make no difference."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def at(text: str) -> float:
    """A moment in UTC, as Unix seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def said(seconds: float) -> str:
    return f"{datetime.fromtimestamp(round(seconds, 3), UTC):%Y-%m-%d %H:%M:%S}"


NOW = at("2026-03-31 12:00")  # a Tuesday, the last day of a month longer than the one before

# What is typed, what it means as a start, what it means as an end ("" where that is the same).
UNDERSTOOD = {
    "a month back from the 31st is the last day of February": ("1 month ago", "2026-02-28 12:00:00", ""),
    "the same in Grafana's words": ("now-1M", "2026-02-28 12:00:00", ""),
    "a small m is a minute": ("now-1m", "2026-03-31 11:59:00", ""),
    "slash d is the start of the day, or its end": ("now/d", "2026-03-31 00:00:00", "2026-03-31 23:59:59"),
    "the last full month": ("now-1M/M", "2026-02-01 00:00:00", "2026-02-28 23:59:59"),
    "a leap day by name": ("29 feb 2028", "2028-02-29 00:00:00", "2028-02-29 23:59:59"),
    "a moment in the hour that New York skips": ("2026-03-08 02:30", "2026-03-08 02:30:00", ""),
    "an offset that is written out": ("2026-03-01 00:00+05:30", "2026-02-28 18:30:00", ""),
    "an offset without a colon": ("2026-03-01 00:00-0500", "2026-03-01 05:00:00", ""),
    "Z for UTC": ("2026-03-01T00:00Z", "2026-03-01 00:00:00", ""),
    "a plain date": ("2026-03-01", "2026-03-01 00:00:00", "2026-03-01 23:59:59"),
    "seconds": ("2026-03-01 10:11:12", "2026-03-01 10:11:12", ""),
    "epoch milliseconds": ("1774958400000", "2026-03-31 12:00:00", ""),
    "a day and a month by name": ("12 March 2026", "2026-03-12 00:00:00", "2026-03-12 23:59:59"),
    "the American order, by name": ("March 12th, 2026", "2026-03-12 00:00:00", "2026-03-12 23:59:59"),
    "a month cut short": ("1 sept 2026", "2026-09-01 00:00:00", "2026-09-01 23:59:59"),
    "a time of day in the afternoon": ("March 12, 2026 at 5:30 pm", "2026-03-12 17:30:00", ""),
    "today": ("today", "2026-03-31 00:00:00", "2026-03-31 23:59:59"),
    "yesterday": ("yesterday", "2026-03-30 00:00:00", "2026-03-30 23:59:59"),
    "yesterday at some time": ("yesterday at 14:00", "2026-03-30 14:00:00", ""),
    "words for one": ("a day ago", "2026-03-30 12:00:00", ""),
    "two amounts": ("2 hours and 5 minutes ago", "2026-03-31 09:55:00", ""),
    "capitals and blanks do not matter": ("  2   WEEKS ago ", "2026-03-17 12:00:00", ""),
}


@pytest.mark.parametrize(("text", "start", "end"), UNDERSTOOD.values(), ids=UNDERSTOOD)
def test_understood_the_same_under_every_zone_of_the_server(zone, text, start, end):
    assert said(resolve(text, NOW)) == start
    assert said(resolve(text, NOW, end=True)) == (end or start)


REFUSED = {
    "last month is a span, not a moment": "last month",
    "this month": "this month",
    "last week": "last week",
    "1M may be a minute or a month": "1M",
    "1m ago": "1m ago",
    "1mo ago": "1mo ago",
    "a quarter": "Q1 2026",
    "a number": "12",
    "a year": "2026",
    "a month without a year": "march",
    "May": "May",
    "day and month in either order": "03/04/2026",
    "a day that fits one order only is no better": "13/04/2026",
    "dots": "04.03.2026",
    "IST is three zones": "2026-03-01 00:00 IST",
    "CST is three zones": "2026-03-01 00:00 CST",
    "a minus and ago": "-5 days ago",
    "a length is no moment": "1 month",
    "31 February": "31 feb 2026",
    "29 February of a common year": "29 feb 2026",
    "30 February in ISO": "2026-02-30",
    "start of month": "start of month",
    "last quarter": "last quarter",
    "fortnight": "fortnight ago",
    "since": "since yesterday",
    "French": "il y a 1 mois",
    "Japanese": "1か月前",
    "Arabic digits": "١٢/٠٣/٢٠٢٦",
    "Arabic digits in an ISO date": "٢٠٢٦-٠٣-١٢",
    "Arabic digits in plain words": "٣ days ago",
    "Arabic digits in Grafana's words": "now-٣d",
    "nothing": "",
    "blanks": "   ",
    "junk": "asdf",
    "too long": "x" * 65,
    "very long": "12/" * 7_000,
    "25 o'clock": "2026-03-01 25:00",
    "25 o'clock yesterday, which dateparser drops": "yesterday 25:00",
    "a 61st second": "today 12:00:61",
    "the year 1": "0001-01-01",
    "before the calendar begins, by an offset": "0001-01-01 00:00+14:00",
    "the last day of the calendar": "9999-12-31",
    "further back than the calendar goes": "now-99999y",
    "further ahead than a calendar is needed": "now+99999d",
    "9999 years": "9999 years ago",
    "a unit that is none": "now-5x",
    "no unit": "now-5",
    "two roundings": "now/d/d",
    "now in capitals, as in Grafana": "NOW",
    "a line break hides nothing": "now\n-\n1d",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refused_with_an_example_of_what_works(zone, text):
    with pytest.raises(TimeError) as caught:
        resolve(text, NOW)
    assert "now-30d" in caught.value.hint
    assert len(caught.value.message) < 2 * MAX_LENGTH


def test_a_day_that_does_not_exist_is_said_to_not_exist():
    with pytest.raises(TimeError, match="no such day"):
        resolve("29 feb 2026", NOW)


# Seen from Wednesday, 18 November 2026, 15:42:30. Start, and the end where rounding makes it another.
RELATIVE = {
    "now": ("2026-11-18 15:42:30", ""),
    "now-30s": ("2026-11-18 15:42:00", ""),
    "now-5m": ("2026-11-18 15:37:30", ""),
    "now-6h": ("2026-11-18 09:42:30", ""),
    "now-30d": ("2026-10-19 15:42:30", ""),
    "now-2w": ("2026-11-04 15:42:30", ""),
    "now-1M": ("2026-10-18 15:42:30", ""),
    "now-1Q": ("2026-08-18 15:42:30", ""),
    "now-1y": ("2025-11-18 15:42:30", ""),
    "now+1d": ("2026-11-19 15:42:30", ""),
    "now-1d+2h": ("2026-11-17 17:42:30", ""),
    "now/s": ("2026-11-18 15:42:30", "2026-11-18 15:42:30"),
    "now/m": ("2026-11-18 15:42:00", "2026-11-18 15:42:59"),
    "now/h": ("2026-11-18 15:00:00", "2026-11-18 15:59:59"),
    "now/d": ("2026-11-18 00:00:00", "2026-11-18 23:59:59"),
    "now/w": ("2026-11-16 00:00:00", "2026-11-22 23:59:59"),
    "now/M": ("2026-11-01 00:00:00", "2026-11-30 23:59:59"),
    "now/Q": ("2026-10-01 00:00:00", "2026-12-31 23:59:59"),
    "now/y": ("2026-01-01 00:00:00", "2026-12-31 23:59:59"),
    "now-1d/d": ("2026-11-17 00:00:00", "2026-11-17 23:59:59"),
    "now-1w/w": ("2026-11-09 00:00:00", "2026-11-15 23:59:59"),
    "now-1M/M": ("2026-10-01 00:00:00", "2026-10-31 23:59:59"),
    "now-1Q/Q": ("2026-07-01 00:00:00", "2026-09-30 23:59:59"),
    "now-1y/y": ("2025-01-01 00:00:00", "2025-12-31 23:59:59"),
    "now-9M/M": ("2026-02-01 00:00:00", "2026-02-28 23:59:59"),
}


@pytest.mark.parametrize(("text", "start", "end"), [(text, *means) for text, means in RELATIVE.items()], ids=RELATIVE)
def test_grafanas_relative_syntax(zone, text, start, end):
    now = at("2026-11-18 15:42:30")
    assert said(int(resolve(text, now))) == start
    assert said(int(resolve(text, now, end=True))) == (end or start)


def test_an_end_rounds_up_to_the_last_millisecond_not_to_the_next_day():
    assert resolve("now/d", NOW, end=True) == pytest.approx(at("2026-04-01 00:00") - 0.001, abs=1e-4)


@pytest.mark.parametrize("month", range(1, 13))
def test_the_last_full_month_is_exactly_its_days(month):
    now = at(f"2027-{month:02d}-15 08:30")
    start, end = resolve("now-1M/M", now), resolve("now-1M/M", now, end=True)
    first, following = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(round(end + 0.001), UTC)
    assert (first.day, first.hour, following.day, following.hour) == (1, 0, 1, 0)
    assert (first.month % 12 + 1, following.month) == (following.month, month)


NEARLY = st.from_regex(
    r"(now([+-]\d{1,5}[smhdwMQyx]){0,3}(/[smhdwMQyx])?"
    r"|\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2})?(Z|[+-]\d\d:\d\d)?"
    r"|\d{1,4} (day|month|year|century)s? (and \d{1,3} hours? )?ago"
    r"|\d{1,2} (feb|march|june?|sept|may) \d{4}( \d{1,2}:\d{2}( pm)?)?"
    r"|(today|yesterday) \d{1,2}:\d{2}( am)?|\d{10,14})",
    fullmatch=True,
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(NEARLY, st.text(max_size=MAX_LENGTH)), end=st.booleans())
@example(text="0001-01-01 00:00+14:00", end=False)
@example(text="0 days ago", end=True)
@example(text="now+8000y/y", end=True)
def test_any_text_gives_a_moment_or_a_time_error_and_the_same_under_every_zone(monkeypatch, text, end):
    found = []
    for name in ZONES:
        monkeypatch.setenv("TZ", name)
        time.tzset()
        try:
            found.append(resolve(text, NOW, end=end))
        except TimeError as error:
            found.append(error.message)
    monkeypatch.undo()
    time.tzset()
    assert found[0] == found[1] == found[2]
    if isinstance(found[0], float):
        datetime.fromtimestamp(found[0], UTC)  # a moment that can be written
