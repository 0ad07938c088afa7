"""Stretches of time in the words of a sentence: `in October 2026`, `from 3 to 17 May 2026`."""

from __future__ import annotations

from datetime import datetime, timedelta

from lib.core.zones import local

_LAST_DAY_OF_YEAR = (12, 31)


def in_words(start: float, end: float, zone: str) -> str:
    """The time from `start` up to, but not including, `end` (Unix seconds), on the clocks of `zone`.

    Whole days are told as days, whole months and years as those. Anything else is told with times and the zone.
    """
    first, after = local(start, zone), local(max(end, start), zone)
    if not (_midnight(first) and _midnight(after) and first.date() < after.date()):
        return _with_times(first, after, zone)
    last = after - timedelta(days=1)
    if (first.month, first.day) == (1, 1) and (last.month, last.day) == _LAST_DAY_OF_YEAR:
        return f"in {first.year}" if first.year == last.year else f"from {first.year} to {last.year}"
    if first.day == 1 and after.day == 1:
        return _months(first, last)
    if first.date() == last.date():
        return f"on {day(first)} {first.year}"
    return f"from {_beginning(first, last)} to {day(last)} {last.year}"


def day(moment: datetime, *, year: bool = False) -> str:
    """A day such as `14 October`, or `14 October 2026` with the year."""
    return f"{moment.day} {moment:%B}" + f" {moment.year}" * year


def _midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)


def _months(first: datetime, last: datetime) -> str:
    if (first.year, first.month) == (last.year, last.month):
        return f"in {first:%B} {first.year}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"from {first:%B}{year} to {last:%B} {last.year}"


def _beginning(first: datetime, last: datetime) -> str:
    if first.year != last.year:
        return day(first, year=True)
    return day(first) if first.month != last.month else str(first.day)


def _with_times(first: datetime, after: datetime, zone: str) -> str:
    if first == after:
        return f"on {day(first, year=True)} at {first:%H:%M} {zone}"
    if first.date() == after.date():
        return f"on {day(first, year=True)} from {first:%H:%M} to {after:%H:%M} {zone}"
    return f"from {day(first, year=True)}, {first:%H:%M}, to {day(after, year=True)}, {after:%H:%M} {zone}"
