"""Words for whole stretches of the calendar, such as `last month` or `Q1 2026`, as two of Grafana's relative texts or
two dates. dateparser would make an instant of them: of `last month` the same day a month ago, of `Q1 2026` a day.
"""

from __future__ import annotations

import calendar
import re
from datetime import date

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_SHORT = {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}
_MONTH = "|".join([*_MONTHS, *_SHORT])
_LETTERS = {"minute": "m", "hour": "h", "day": "d", "week": "w", "month": "M", "quarter": "Q", "year": "y"}

_NAMED = re.compile(r"(last|previous|this|current) (full )?(fiscal )?(day|week|month|quarter|year)( so far)?")
_COUNTED = re.compile(r"(?:last|past) (\d{1,4}) (minute|hour|day|week|month|quarter|year)s?")
_YEAR = re.compile(r"((?:19|20|21)\d\d)")
_QUARTER = re.compile(r"q([1-4])[ -]((?:19|20|21)\d\d)|((?:19|20|21)\d\d)[ -]?q([1-4])")
_MONTH_OF_YEAR = re.compile(rf"({_MONTH}) ((?:19|20|21)\d\d)|((?:19|20|21)\d\d)-(0[1-9]|1[0-2])")


def span(text: str) -> tuple[str, str] | None:
    """The start and the end of what these words name, as texts that `resolve` reads; None for other words.

    - `last month`, `previous quarter`, `this fiscal year`: whole, as `now-1M/M`; with `so far`, up to now;
    - `last 30 days`: back from now; `today`, `yesterday`: whole days;
    - `2026`, `Q1 2026`, `March 2026`, `2026-03`: whole, as their first and last day.
    """
    words = text.lower()
    if words in ("today", "yesterday"):
        whole = "now/d" if words == "today" else "now-1d/d"
        return whole, whole
    return _named(words) or _counted(words) or _dated(words)


def _named(words: str) -> tuple[str, str] | None:
    found = _NAMED.fullmatch(words)
    if not found:
        return None
    which, _, fiscal, unit, so_far = found.groups()
    past = which in ("last", "previous")
    letter = _LETTERS[unit]
    if (past and so_far) or (fiscal and letter not in "Qy"):
        return None
    whole = f"now{f'-1{letter}' if past else ''}/{'f' if fiscal else ''}{letter}"
    return whole, "now" if so_far else whole


def _counted(words: str) -> tuple[str, str] | None:
    found = _COUNTED.fullmatch(words)
    if not found:
        return None
    amount, unit = found.groups()
    return f"now-{amount}{_LETTERS[unit]}", "now"


def _dated(words: str) -> tuple[str, str] | None:
    if found := _YEAR.fullmatch(words):
        return _months(int(found[1]), 1, 12)
    if found := _QUARTER.fullmatch(words):
        quarter, year = int(found[1] or found[4]), int(found[2] or found[3])
        return _months(year, quarter * 3 - 2, quarter * 3)
    if found := _MONTH_OF_YEAR.fullmatch(words):
        month = int(found[4]) if found[4] else (_MONTHS | _SHORT)[found[1]]
        return _months(int(found[2] or found[3]), month, month)
    return None


def _months(year: int, first: int, last: int) -> tuple[str, str]:
    ends = date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])
    return ends[0].isoformat(), ends[1].isoformat()
