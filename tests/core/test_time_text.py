"""What people type for a moment: Grafana's relative syntax, dates, plain English, and everything that is refused."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lib.core.errors import TimeError
from lib.core.relative_time import Calendar
from lib.core.time_text import MAX_LENGTH, resolve, resolve_range

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
    "1M may be a minute or a month": "1M",
    "1m ago": "1m ago",
    "1mo ago": "1mo ago",
    "a number": "12",
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
    "now in capitals, as in Grafana": "NOW",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refused_with_an_example_of_what_works(zone, text):
    with pytest.raises(TimeError) as caught:
        resolve(text, NOW)
    assert re.search(r"now-30d|\d{4}-\d{2}-\d{2}|now-1m|Add the year|Write “", caught.value.hint)
    assert len(caught.value.message) < 2 * MAX_LENGTH


def test_a_day_that_does_not_exist_is_said_to_not_exist():
    with pytest.raises(TimeError, match="no such day"):
        resolve("29 feb 2026", NOW)


# What is typed, its first day and its last, seen from Tuesday, 31 March 2026; "" for now.
SPANS = {
    "last month": ("2026-02-01", "2026-02-28"),
    "Last full month": ("2026-02-01", "2026-02-28"),
    "this month": ("2026-03-01", "2026-03-31"),
    "this month so far": ("2026-03-01", ""),
    "last week": ("2026-03-23", "2026-03-29"),
    "this week": ("2026-03-30", "2026-04-05"),
    "previous quarter": ("2025-10-01", "2025-12-31"),
    "this quarter": ("2026-01-01", "2026-03-31"),
    "last year": ("2025-01-01", "2025-12-31"),
    "this year so far": ("2026-01-01", ""),
    "last fiscal year": ("2024-07-01", "2025-06-30"),
    "this fiscal quarter": ("2026-01-01", "2026-03-31"),
    "Q1 2026": ("2026-01-01", "2026-03-31"),
    "q4-2025": ("2025-10-01", "2025-12-31"),
    "2025 Q2": ("2025-04-01", "2025-06-30"),
    "2026": ("2026-01-01", "2026-12-31"),
    "March 2026": ("2026-03-01", "2026-03-31"),
    "feb 2024": ("2024-02-01", "2024-02-29"),
    "2024-02": ("2024-02-01", "2024-02-29"),
    "yesterday": ("2026-03-30", "2026-03-30"),
}
PLACES = ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]


def day_in(place: str, day: str, later: int = 0) -> float:
    """The first moment of a day in a zone."""
    return (datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(place)) + timedelta(days=later)).timestamp()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("text", "days"), SPANS.items(), ids=SPANS)
def test_words_for_a_span_are_its_first_and_its_last_moment_in_the_zone(text, days, place):
    first, last = days
    now = day_in(place, "2026-03-31") + 12 * HOUR
    found = resolve_range(text, "", now, Calendar(place, fiscal_start=7))
    assert found[0] == day_in(place, first)
    assert found[1] == (pytest.approx(day_in(place, last, 1) - 0.001, abs=1e-4) if last else now)
    assert resolve_range(text, text, now, Calendar(place, fiscal_start=7))[0] == found[0]


def test_so_many_days_back_are_counted_on_the_clock_of_the_zone():
    now = datetime(2026, 3, 9, 12, tzinfo=ZoneInfo("America/New_York")).timestamp()
    start, end = resolve_range("last 2 days", "", now, Calendar("America/New_York"))
    assert (end - start) / HOUR == 47 and end == now


@pytest.mark.parametrize("text", ["2 days ago", "now-2d"])
def test_days_ago_are_the_same_time_of_day_and_hours_ago_are_hours(text):
    now = datetime(2026, 3, 9, 12, tzinfo=ZoneInfo("America/New_York")).timestamp()
    rules = Calendar("America/New_York")
    assert (now - resolve(text, now, rules)) / HOUR == 47
    assert (now - resolve("48 hours ago", now, rules)) / HOUR == 48


IN_NEW_YORK = {
    "a day of 23 hours": ("2026-03-08", "2026-03-08 05:00:00", "2026-03-09 03:59:59"),
    "a day of 25 hours, by name": ("1 November 2026", "2026-11-01 04:00:00", "2026-11-02 04:59:59"),
    "a time of day": ("2026-07-01 12:00", "2026-07-01 16:00:00", ""),
    "a time that clocks skip is as long after the jump": ("2026-03-08 02:30", "2026-03-08 07:30:00", ""),
    "a time that comes twice is the first": ("2026-11-01 01:30", "2026-11-01 05:30:00", ""),
    "an offset counts more than the zone": ("2026-07-01 12:00+05:30", "2026-07-01 06:30:00", ""),
    "plain English": ("March 12, 2026 at 5:30 pm", "2026-03-12 21:30:00", ""),
    "yesterday, when it was already today in UTC": ("yesterday at 14:00", "2026-03-30 18:00:00", ""),
    "epoch milliseconds have no zone": ("1774958400000", "2026-03-31 12:00:00", ""),
}


@pytest.mark.parametrize(("text", "start", "end"), IN_NEW_YORK.values(), ids=IN_NEW_YORK)
def test_everything_is_read_in_the_chosen_zone_whatever_the_zone_of_the_server(zone, text, start, end):
    rules = Calendar("America/New_York")
    assert said(resolve(text, NOW, rules)) == start
    assert said(int(resolve(text, NOW, rules, end=True))) == (end or start)


CHOICES = {
    "1M": ("minutes or months", ["now-1m", "now-1M"]),
    "1m ago": ("minutes or months", ["now-1m", "now-1M"]),
    "03/04/2026": ("which number is the month", ["2026-03-04", "2026-04-03"]),
    "13/04/2026": ("which number is the month", ["2026-04-13"]),
    "04.03.2026": ("which number is the month", ["2026-03-04", "2026-04-03"]),
    "12": ("a day, a month or an hour", ["full date"]),
    "May": ("a month of any year", ["May 2026"]),
    "2026-03-01 00:00 IST": ("several time zones", ["offset"]),
    "-5 days ago": ("length of time", ["5 days ago"]),
    "1 month": ("length of time", ["1 month ago"]),
    "7d": ("length of time", ["now-7d"]),
}


@pytest.mark.parametrize(("text", "why", "instead"), [(text, *told) for text, told in CHOICES.items()], ids=CHOICES)
def test_what_could_mean_several_is_refused_with_the_choice_spelt_out(text, why, instead):
    with pytest.raises(TimeError, match=why) as caught:
        resolve(text, NOW)
    assert all(words in caught.value.hint for words in instead)


@pytest.mark.parametrize("pair", [("2026-03-31", "2026-03-01"), ("now", "now-1d"), ("now", "now"), ("now+1d", "")])
def test_an_end_that_is_not_after_the_start_is_refused(pair):
    with pytest.raises(TimeError, match="end lies before"):
        resolve_range(*pair, NOW)


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


OTHER_LANGUAGES = {"12. März 2026": "2026-03-12", "3 mars 2026": "2026-03-03", "5 de marzo de 2026": "2026-03-05"}


@pytest.mark.parametrize(("text", "day"), OTHER_LANGUAGES.items(), ids=OTHER_LANGUAGES)
@pytest.mark.parametrize("end", [False, True])
def test_days_are_read_in_the_languages_that_were_configured_and_in_no_others(text, day, end):
    rules = Calendar("Europe/Berlin", languages=("de", "fr", "es"))
    assert resolve(text, NOW, rules, end=end) == resolve(day, NOW, rules, end=end)
    with pytest.raises(TimeError):
        resolve(text, NOW, Calendar("Europe/Berlin"), end=end)


@pytest.mark.parametrize(
    "text", ["31. Februar 2026", "12. März", "März 2026", "12 Quatsch 2026", "03/04/2026", "1 mois"]
)
def test_what_is_no_whole_day_is_refused_in_other_languages_too(text):
    with pytest.raises(TimeError):
        resolve(text, NOW, Calendar(languages=("de", "fr")))
