"""Grafana's relative times, such as `now-30d` and `now-1M/M`, as instants in a time zone.

It follows grafana: packages/grafana-data/src/datetime/datemath.ts, and what moment.js does for it. Operations are done
one after the other. Days, weeks, months, quarters and years are counted on the clock on the wall, smaller units in time
that passes. Of a time that a clock shows twice it is the one at the moment that the clock would have shown it by its
old offset (moment-timezone: `updateOffset` with `keepTime`).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from lib.core.zones import UTC_NAME, zone_of

_OPERATION = re.compile(r"([+-])(\d{0,5})(f?)([smhdwMQy])|(/)1?(f?)([smhdwMQy])", re.ASCII)
_SMALL = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"M": 1, "Q": 3, "y": 12}
_MILLISECOND = timedelta(milliseconds=1)


LANGUAGES = frozenset(("de", "en", "es", "fr", "it", "nl", "pt"))  # that write a day as day, month, year


@dataclass(frozen=True)
class Calendar:
    """How dates are counted: the time zone, and the month (1 to 12) with which a fiscal year begins.

    `languages` (two letters each) are those in which days may be written, besides English.

    Weeks begin on Monday, as in ISO 8601. Grafana's default for the fiscal year is January too.
    """

    zone: str = UTC_NAME
    fiscal_start: int = 1
    languages: tuple[str, ...] = ()


def is_relative(text: str) -> bool:
    """Whether this is written in Grafana's relative syntax; blanks do not matter."""
    squeezed = text.replace(" ", "")
    return squeezed.startswith("now") and "".join(_operations(squeezed)) == squeezed[3:]


def _operations(squeezed: str) -> list[str]:
    found = [match.group() for match in _OPERATION.finditer(squeezed[3:])]
    return [text for text in found if "f" not in text or text[-1] in "Qy"]


def relative(text: str, now: float, rules: Calendar, *, end: bool = False) -> float:
    """What a text of this syntax means, as Unix seconds, seen from `now`; `end` rounds up, to the last millisecond.

    Raises OverflowError or ValueError for what no calendar holds.
    """
    clock = _Clock.at(datetime.fromtimestamp(now, UTC), zone_of(rules.zone))
    for found in _OPERATION.finditer(text.replace(" ", "")[3:]):
        sign, amount, _, unit, rounds, fiscal, rounded = found.groups()
        if rounds:
            clock = _rounded(clock, rounded, rules.fiscal_start if fiscal else 0, end)
        else:
            clock = clock.plus(int(sign + (amount or "1")), unit)
    return clock.moment.timestamp()


@dataclass(frozen=True)
class _Clock:
    """What a clock on the wall shows, how far it is ahead of UTC, and the zone that it belongs to."""

    shows: datetime
    ahead: timedelta
    zone: tzinfo

    @classmethod
    def at(cls, moment: datetime, zone: tzinfo) -> _Clock:
        """The clock of a zone at a moment."""
        there = moment.astimezone(zone)
        return cls(there.replace(tzinfo=None, fold=0), there.utcoffset() or timedelta(), zone)

    @property
    def moment(self) -> datetime:
        """When it shows this, in UTC."""
        return (self.shows - self.ahead).replace(tzinfo=UTC)

    def set_to(self, shows: datetime) -> _Clock:
        """The clock when it shows this, or a time as far after the jump if it skips this."""
        ahead = self._ahead_at(shows - self.ahead)
        if self._ahead_at(shows - ahead) != ahead:
            return _Clock.at(shows.replace(tzinfo=self.zone), self.zone)
        return replace(self, shows=shows, ahead=ahead)

    def _ahead_at(self, moment: datetime) -> timedelta:
        return moment.replace(tzinfo=UTC).astimezone(self.zone).utcoffset() or timedelta()

    def plus(self, amount: int, unit: str) -> _Clock:
        """The clock so many units later."""
        if unit in _SMALL:
            return _Clock.at(self.moment + amount * _SMALL[unit], self.zone)
        return self.set_to(_later(self.shows, amount, unit))


def _later(shows: datetime, amount: int, unit: str) -> datetime:
    """A date so many days or months later; the last day of a month that is too short."""
    if unit in _DAYS:
        return shows + timedelta(days=amount * _DAYS[unit])
    year, month = divmod(shows.year * 12 + shows.month - 1 + amount * _MONTHS[unit], 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    return shows.replace(year=year, month=month + 1, day=min(shows.day, last_day))


def _rounded(clock: _Clock, unit: str, fiscal_start: int, end: bool) -> _Clock:
    if not fiscal_start:
        return _end_of(clock, unit) if end else clock.set_to(_start_of(clock.shows, unit))
    months = _MONTHS[unit]
    first = clock.plus(-((clock.shows.month - fiscal_start) % months), "M")
    first = first.set_to(_start_of(first.shows, "M"))
    return _end_of(first.plus(months - 1, "M"), "M") if end else first


def _end_of(clock: _Clock, unit: str) -> _Clock:
    start = _start_of(clock.shows, unit)
    following = start + _SMALL[unit] if unit in _SMALL else _later(start, 1, unit)
    return clock.set_to(following - _MILLISECOND)


def _start_of(shows: datetime, unit: str) -> datetime:
    if unit in _SMALL:
        second = shows.second if unit == "s" else 0
        return shows.replace(minute=0 if unit == "h" else shows.minute, second=second, microsecond=0)
    day = shows.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit in _DAYS:
        return day - timedelta(days=day.weekday() if unit == "w" else 0)
    return day.replace(month=(day.month - 1) // _MONTHS[unit] * _MONTHS[unit] + 1, day=1)
