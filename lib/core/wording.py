"""Dates, steps and scopes in words, as every page and file writes them."""

from __future__ import annotations

import numpy as np

from lib.core.calendar_grid import CalendarGrid
from lib.core.question import Question, shown_earlier
from lib.core.time_range import DAY, HOUR, MINUTE, TimeRange
from lib.core.zones import UTC_NAME, earlier_on_the_wall, local, offset_text, offsets, wall

_UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (1, "s"))


def date(seconds: float, zone: str, *, year: bool = True, weekday: bool = False) -> str:
    """A day of a time zone such as `24 Oct 2026` or `Tue 10 Nov`."""
    moment = local(seconds, zone)
    return f"{moment:%a }" * weekday + f"{moment.day} {moment:%b}" + f" {moment.year}" * year


def moment(seconds: float, zone: str, *, year: bool = True) -> str:
    """A moment such as `24 Oct 2026, 14:02`; without a time at midnight."""
    clock = f"{local(seconds, zone):%H:%M}"
    return date(seconds, zone, year=year) + (f", {clock}" if clock != "00:00" else "")


def clock(seconds: float, zone: str = UTC_NAME) -> str:
    """A time of day such as `14:02 UTC`."""
    return f"{local(seconds, zone):%H:%M} {zone}"


def second(seconds: float, zone: str = UTC_NAME) -> str:
    """A time of day to the second, such as `14:02:30 UTC`."""
    return f"{local(seconds, zone):%H:%M:%S} {zone}"


def span(start: float, end: float, zone: str) -> str:
    """Two moments as a range such as `24 Oct – 22 Nov 2026`; the year stands once where it is the same.

    An end in the last second of a day is that day.
    """
    first, last = local(start, zone), local(end, zone)
    over = f"{last:%T}" == "23:59:59"
    if first.date() == last.date() and f"{first:%T}" == "00:00:00" and (over or f"{last:%T}" == "00:00:00"):
        return date(start, zone)
    return f"{moment(start, zone, year=first.year != last.year)} – {(date if over else moment)(end, zone)}"


def covered(question: Question, grid: TimeRange) -> str:
    """The time that the values of an answer speak of, as dates."""
    if question.instant:
        return moment(grid.start, grid.zone)
    if shift := shown_earlier(question, grid):
        first = earlier_on_the_wall(grid.start, shift, grid.zone)
        return span(first, earlier_on_the_wall(grid.end, DAY, grid.zone), grid.zone)
    return span(grid.start, grid.end, grid.zone)


def step(seconds: int) -> str:
    """A spacing such as `1 d`, `6 h` or `15 min`."""
    for size, unit in _UNITS:
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def ago(seconds: float) -> str:
    """How long something is ago, such as `3 min ago` or `2 h ago`."""
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), (1, "s"))
    return f"{int(seconds // size)} {unit} ago"


def spacing(grid: TimeRange) -> str:
    """How finely the answer is spaced, such as `1 point every 6 h, 121 points per series`."""
    return f"1 point every {step(grid.step)}, {grid.points:,} point{'s' * (grid.points != 1)} per series"


def names(values: list[str], most: int = 3) -> str:
    """Names as a list that stays short: `a, b, c and 4 more`."""
    rest = len(values) - most
    return ", ".join(values[:most]) + (f" and {rest} more" if rest > 0 else "")


def stretch(seconds: float, grid: CalendarGrid) -> str:
    """The day, week or month that begins at a moment: `Oct 2026`, `week from 5 Oct`, `Tue 6 Oct`."""
    if grid.each == "month":
        return f"{local(seconds, grid.zone):%b %Y}"
    if grid.each == "week":
        return f"week from {date(seconds, grid.zone, year=False)}"
    return date(seconds, grid.zone, year=False, weekday=True)


def instants(grid: TimeRange, shift: int = 0) -> list[str]:
    """Every point of a grid as clocks show it, `shift` seconds earlier: days as dates, and the offset where it changes.

    `2026-10-24`, `2026-10-24 14:00:00`, `2026-10-25 02:00:00+01:00`.
    """
    shown = np.datetime_as_string((wall(grid.instants, grid.zone) - shift).astype("datetime64[s]"))
    if grid.step % DAY == 0:
        return [text[:10] for text in shown.tolist()]
    ahead = offsets(grid.instants, grid.zone)
    several = bool((ahead != ahead[0]).any())
    pairs = zip(shown.tolist(), ahead.tolist(), strict=True)
    return [text.replace("T", " ") + offset_text(by) * several for text, by in pairs]


def instants_name(grid: TimeRange, shift: int = 0) -> str:
    """What the points of a grid are, such as `Day (UTC)`: for the head of their column."""
    if isinstance(grid, CalendarGrid):
        return f"{grid.each.capitalize()} ({grid.zone})"
    daily = grid.step % DAY == 0
    return f"{'Day' if shift else 'Midnight' if daily else 'Time'} ({grid.zone})"
