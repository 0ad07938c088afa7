"""What people type for a moment -> Unix seconds: Grafana's `now-30d`, ISO dates, and plain English through dateparser.

dateparser guesses where it could ask: `Q1 2026` becomes 31 March, `1M` a minute, `03/04/2026` the fourth of March,
`now/d` this instant. So it only gets to see texts of a form in which it cannot be mistaken; the rest is refused with
an example. Everything is UTC, and the resolved moment is always shown before anything is asked.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta

import dateparser

from lib.core.errors import TimeError
from lib.core.time_range import DAY

MAX_LENGTH = 64
EXAMPLES = "Write it as now-30d, 2026-03-01, 12 March 2026 or “1 month ago”."
_TOO_FAR = "That lies outside the years 1970 to 2199."

_RELATIVE = re.compile(r"now((?:[+-]\d{1,5}[smhdwMQy])*)(?:/([smhdwMQy]))?", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d{1,5})([smhdwMQy])", re.ASCII)
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
_PLAIN = re.compile(
    rf"(an?|\d{{1,4}}) {_UNIT}( (and )?(an?|\d{{1,4}}) {_UNIT})* ago"
    rf"|(today|yesterday)( (at )?{_TIME})?"
    rf"|({_DAY} (of )?{_MONTH}|{_MONTH} {_DAY}),? \d{{4}}(,? (at )?{_TIME})?",
    re.IGNORECASE | re.ASCII,
)
_MILLISECOND = 0.001
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_MONTHS = {"M": 1, "Q": 3, "y": 12}
_BEFORE, _AFTER = 0, 7_258_118_400  # 1970 and 2200: beyond, some clock or calendar on the way gives up


def resolve(text: str, now: float, *, end: bool = False) -> float:
    """The moment that `text` means, as Unix seconds, seen from `now` (Unix seconds).

    Accepts Grafana's relative syntax (grafana: packages/grafana-data/src/datetime/datemath.ts), where `/d` rounds down
    for a start and up, to the last millisecond, for an end; ISO 8601, UTC unless it carries an offset, where a plain
    date is the first moment of that day or, as an end, the last; epoch milliseconds; and plain English such as
    `1 month ago` or `12 March 2026`. Raises TimeError for everything else, for texts over 64 characters, and for
    moments outside the years 1970 to 2199.
    """
    moment = _resolve(text, now, end)
    if not _BEFORE <= moment < _AFTER:
        raise TimeError(_TOO_FAR, EXAMPLES)
    return moment


def _resolve(text: str, now: float, end: bool) -> float:
    text = " ".join(text.split())
    if not text or len(text) > MAX_LENGTH:
        raise TimeError("This is not a date." if text else "The date is empty.", EXAMPLES)
    if relative := _RELATIVE.fullmatch(text):
        return _relative(relative, datetime.fromtimestamp(now, UTC), end).timestamp()
    if _EPOCH_MS.fullmatch(text):
        return int(text) / 1000
    if _ISO.fullmatch(text):
        return _iso(text, end)
    if _PLAIN.fullmatch(text):
        return _plain(text, now, end)
    raise TimeError(f"“{text}” could mean more than one moment, or none.", EXAMPLES)


def _relative(found: re.Match[str], moment: datetime, end: bool) -> datetime:
    offsets, unit = found.groups()
    try:
        for sign, amount, of in _OFFSET.findall(offsets):
            moment = _shift(moment, int(sign + amount), of)
        if unit:
            moment = _round_down(moment, unit)
            moment = _shift(moment, 1, unit) - timedelta(milliseconds=1) if end else moment
    except (OverflowError, ValueError):
        raise TimeError(_TOO_FAR, EXAMPLES) from None
    return moment


def _shift(moment: datetime, amount: int, unit: str) -> datetime:
    if unit in _SECONDS:
        return moment + timedelta(seconds=amount * _SECONDS[unit])
    months = moment.year * 12 + moment.month - 1 + amount * _MONTHS[unit]
    year, month = divmod(months, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last_day))


def _round_down(moment: datetime, unit: str) -> datetime:
    if unit in "smh":
        size = _SECONDS[unit]
        return datetime.fromtimestamp(moment.timestamp() // size * size, UTC)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "d":
        return day
    if unit == "w":
        return day - timedelta(days=day.weekday())  # weeks begin on Monday, as in ISO 8601
    month = {"M": day.month, "Q": (day.month - 1) // 3 * 3 + 1, "y": 1}[unit]
    return day.replace(month=month, day=1)


def _iso(text: str, end: bool) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TimeError(f"There is no such day or time: {text}.", EXAMPLES) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    plain_date = len(text) == len("2026-03-01")
    return moment.timestamp() + (DAY - _MILLISECOND if end and plain_date else 0)


def _plain(text: str, now: float, end: bool) -> float:
    # dateparser counts from a base without a zone; the settings say that base and text are both UTC.
    found = dateparser.parse(
        text,
        languages=["en"],
        settings={
            "RELATIVE_BASE": datetime.fromtimestamp(now, UTC).replace(tzinfo=None),
            "TIMEZONE": "UTC",
            "RETURN_AS_TIMEZONE_AWARE": True,
        },
    )
    if found is None:
        raise TimeError(f"There is no such day or time: {text}.", EXAMPLES)
    if ":" in text or text.lower().endswith("ago"):
        return float(found.timestamp())
    return float(found.timestamp() // DAY * DAY) + (DAY - _MILLISECOND if end else 0)
