"""What people type for a moment or a span -> Unix seconds: Grafana's `now-30d`, ISO dates, plain English.

Plain English goes through dateparser, which guesses where it could ask: `Q1 2026` becomes 31 March, `1M` a minute,
`03/04/2026` the fourth of March, `now/d` this instant. So it only gets to see texts of a form in which it cannot be
mistaken; the rest is refused, with the choice spelt out. Everything is read as the clocks of the chosen time zone have
it, and the moments are always shown before anything is asked.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import dateparser

from lib.core.errors import TimeError
from lib.core.relative_time import Calendar, is_relative, relative
from lib.core.time_doubts import EXAMPLES, refusal
from lib.core.time_spans import span
from lib.core.zones import local, midnight, zone_of

MAX_LENGTH = 64
_TOO_FAR = "That lies outside the years 1970 to 2199."

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
_EPOCH_MS = re.compile(r"\d{12,13}", re.ASCII)
_UNIT = r"(second|minute|hour|day|week|month|year)s?"
_TIME = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?( ?(am|pm))?"  # dateparser drops one it cannot use
_MONTH = "({})".format(
    "|".join(
        ("jan(uary)?", "feb(ruary)?", "mar(ch)?", "apr(il)?", "may", "june?")
        + ("july?", "aug(ust)?", "sept?(ember)?", "oct(ober)?", "nov(ember)?", "dec(ember)?")
    )
)
_DAY = r"\d{1,2}(st|nd|rd|th)?"
_AGO = re.compile(rf"(an?|\d{{1,4}}) {_UNIT}( (and )?(an?|\d{{1,4}}) {_UNIT})* ago", re.IGNORECASE | re.ASCII)
_PASSING = re.compile(r"day|week|month|year", re.IGNORECASE)
_DATE = re.compile(
    rf"(today|yesterday) (at )?{_TIME}"
    rf"|({_DAY} (of )?{_MONTH}|{_MONTH} {_DAY}),? \d{{4}}(,? (at )?{_TIME})?",
    re.IGNORECASE | re.ASCII,
)
# A day in another language, with its month by name and its year: nothing in it can be mistaken.
_NAMED_DAY = re.compile(r"[0-9]{1,2}[.]?( de)? [^\W\d_]{3,12}[.]?( de)? [0-9]{4}", re.IGNORECASE)
_MILLISECOND = 0.001
_BEFORE, _AFTER = 0, 7_258_118_400  # 1970 and 2200: beyond, some clock or calendar on the way gives up
_UTC = Calendar()


def resolve(text: str, now: float, rules: Calendar = _UTC, *, end: bool = False) -> float:
    """The moment that `text` means, as Unix seconds, seen from `now` (Unix seconds), in the time zone of `rules`.

    Accepts Grafana's relative syntax, where `/d` rounds down for a start and up, to the last millisecond, for an end;
    spans such as `last month` or `Q1 2026`, of which it takes the start or the end; ISO 8601, in the zone unless it
    carries an offset, where a plain date is the first moment of that day or, as an end, its last millisecond; epoch
    milliseconds; and plain English such as `1 month ago` or `12 March 2026`. A day such as `12. März 2026` is read in
    the languages of `rules`, if there are any. Raises TimeError for everything else, for
    texts over 64 characters, and for moments outside the years 1970 to 2199.
    """
    try:
        moment = _resolve(_tidied(text), now, rules, end)
    except (OverflowError, ValueError):
        raise TimeError(_TOO_FAR, EXAMPLES) from None
    if not _BEFORE <= moment < _AFTER:
        raise TimeError(_TOO_FAR, EXAMPLES)
    return moment


def resolve_range(start: str, end: str, now: float, rules: Calendar = _UTC) -> tuple[float, float]:
    """Start and end in Unix seconds. An end that is left out is now or, where the start names a span, the span's own.

    Raises TimeError as `resolve` does, and for an end that does not come after the start.
    """
    if not end.strip():
        named = span(_tidied(start)) if len(start) <= MAX_LENGTH else None
        start, end = named or (start, "now")
    moments = resolve(start, now, rules), resolve(end, now, rules, end=True)
    if moments[1] <= moments[0]:
        raise TimeError("The end lies before the start.", "Swap the two dates.")
    return moments


def _tidied(text: str) -> str:
    return " ".join(text.split()) if len(text) < 10 * MAX_LENGTH else text


def _resolve(text: str, now: float, rules: Calendar, end: bool) -> float:
    if not text or len(text) > MAX_LENGTH:
        raise TimeError("This is not a date." if text else "The date is empty.", EXAMPLES)
    if is_relative(text):
        return relative(text, now, rules, end=end)
    if found := span(text):
        return _resolve(found[1 if end else 0], now, rules, end)
    if _EPOCH_MS.fullmatch(text):
        return int(text) / 1000
    if _ISO.fullmatch(text):
        return _iso(text, rules.zone, end)
    if _AGO.fullmatch(text) or _DATE.fullmatch(text):
        return _plain(text, now, rules.zone, end)
    if rules.languages and _NAMED_DAY.fullmatch(text):
        return _named_day(text, rules, end)
    raise refusal(text)


def _iso(text: str, zone: str, end: bool) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _no_such_day(text) from None
    if len(text) == len("2026-03-01"):
        return _day(moment.date(), zone, end)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone_of(zone))).timestamp()


def _plain(text: str, now: float, zone: str, end: bool) -> float:
    # Days and months are counted on the clock of the zone; hours and minutes alone, in time that passes.
    passes = _AGO.fullmatch(text) is not None and not _PASSING.search(text)
    place = "UTC" if passes else zone
    found = dateparser.parse(
        text,
        languages=["en"],
        settings={
            "RELATIVE_BASE": local(now, place).replace(tzinfo=None),
            "TIMEZONE": "UTC",  # for base and text alike, so that the zone of the server makes no difference
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )
    if found is None:
        raise _no_such_day(text)
    if ":" in text or _AGO.fullmatch(text):
        return float(found.replace(tzinfo=zone_of(place)).timestamp())
    return _day(found.date(), zone, end)


def _named_day(text: str, rules: Calendar, end: bool) -> float:
    found = dateparser.parse(text, languages=list(rules.languages), settings={"STRICT_PARSING": True})
    if found is None:
        raise _no_such_day(text)
    return _day(found.date(), rules.zone, end)


def _day(day: date, zone: str, end: bool) -> float:
    """The first moment of a day or, as an end, its last millisecond."""
    return midnight(day + timedelta(days=1), zone) - _MILLISECOND if end else float(midnight(day, zone))


def _no_such_day(text: str) -> TimeError:
    return TimeError(f"There is no such day or time: {text}.", EXAMPLES)
