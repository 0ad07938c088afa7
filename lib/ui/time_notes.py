"""What has to be said about the times of an answer: what a value covers, a step that was raised, clocks that change."""

from __future__ import annotations

from lib.core import wording
from lib.core.presets import Covers
from lib.core.question import Moments, Question
from lib.core.time_range import DAY, TimeRange
from lib.core.zones import earlier_on_the_wall, on_one_axis


def covering(question: Question, grid: TimeRange) -> str:
    """Which time each value speaks of, where it is not its own instant; "" where it is."""
    if question.instant or question.covers is Covers.INSTANT:
        return ""
    if question.covers is Covers.WINDOW:
        return "each value up to the end of its day" if grid.step >= DAY else "each value of the time before it"
    if grid.step < DAY:
        return f"each value of the {wording.step(grid.step)} before it"
    return "each value of its day" if grid.step == DAY else f"each value of the {wording.step(grid.step)} from its day"


def raised(question: Question, grid: TimeRange, moments: Moments) -> str:
    """Says that a longer step is used than was asked for; "" where it is the one."""
    wanted = moments.wanted(question)
    if question.instant or grid.step == wanted:
        return ""
    return f"Step raised from {wording.step(wanted)} to {wording.step(grid.step)}, so that the range fits."


def clocks(question: Question, grid: TimeRange) -> list[str]:
    """What clock changes within the range do to its points, as sentences."""
    if question.instant:
        return []
    if grid.by_day:
        return _long_days(grid) if question.covers is not Covers.INSTANT else []
    axis = on_one_axis(grid.instants, grid.zone)[1]
    if axis == grid.zone:
        return []
    return [f"Clocks go back in this time; the chart counts on in {axis}, the table and the CSV have both hours."]


def _long_days(grid: TimeRange) -> list[str]:
    """Days of 23 or 25 hours, of which a query that looks back 24 h misses an hour, or takes one of the day before."""
    if grid.step != DAY:
        return []
    starts = [int(earlier_on_the_wall(grid.start, DAY, grid.zone)), *grid.instants[:-1].tolist()]
    changed = [start for start, end in zip(starts, grid.instants.tolist(), strict=True) if end - start != DAY]
    if not changed:
        return []
    days = wording.names([wording.date(start, grid.zone) for start in changed])
    return [f"Clocks change on {days}: such a day is longer or shorter than the 24 h of a query."]
