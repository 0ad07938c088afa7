"""Transforms that put the values of each day, week or month of a time zone together to one.

Days are those between midnights of the zone, so they have 23 or 25 hours where clocks change; weeks begin on Monday, as
ISO 8601 has it. A value belongs to the day that it counts for, which for a value at midnight may be the day before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from lib.core.calendar_grid import STEPS, CalendarGrid
from lib.core.errors import AppError
from lib.core.result import Floats, Result
from lib.core.time_range import DAY
from lib.core.transform.meaning import Meaning
from lib.core.transform.registry import transform
from lib.core.transform.through_time import no_sum, one_moment
from lib.core.zones import Instants, midnight, wall

Days = npt.NDArray[np.datetime64]
Places = npt.NDArray[np.intp]

STATISTICS = {"mean": "average", "max": "highest", "min": "lowest", "sum": "total", "last": "last"}


def read_statistic(text: str) -> str:
    """`mean`, `max`, `min`, `sum` or `last`; "" for the one that suits the values. Raises AppError."""
    if text and text not in STATISTICS:
        raise AppError(f"“{text[:20]}” is not a way to put values together.", f"Known are: {', '.join(STATISTICS)}.")
    return text


def usual_statistic(meaning: Meaning) -> str:
    """What suits values of this meaning: the total of what can be counted over time, the average of all else."""
    return "sum" if meaning.flow else "mean"


def first_days(instants: Instants, zone: str, meaning: Meaning, each: str) -> Days:
    """The first day of the day, week or month that each instant (Unix seconds) counts for, shape (points,)."""
    days: Days = ((wall(instants, zone) - meaning.earlier) // DAY).astype("datetime64[D]")
    if each == "week":
        past_monday = (days.astype(np.int64) - 4) % 7  # 5 January 1970 was one
        monday: Days = days - past_monday.astype("timedelta64[D]")
        return monday
    return days.astype("datetime64[M]").astype("datetime64[D]") if each == "month" else days


def after(first: Days, each: str) -> Days:
    """The first day of the day, week or month that comes next."""
    if each == "month":
        return (first.astype("datetime64[M]") + 1).astype("datetime64[D]")
    return first + (7 if each == "week" else 1)


@dataclass(frozen=True)
class Edges:
    """Whether the first and the last day, week or month are only covered in part."""

    first: bool = False
    last: bool = False


def edges(result: Result, meaning: Meaning, each: str, now: float) -> Edges:
    """Which ends of the calendar are cut off by the range of a result, or by `now` (Unix seconds).

    `meaning` is that of the values before they were put together.
    """
    grid = result.query.grid
    firsts = first_days(grid.instants[[0, -1]], grid.zone, meaning, each)
    begins, ends = (_day(day, grid.zone) for day in (firsts[0], after(firsts[1:], each)[0]))
    start = grid.start - max(meaning.earlier, grid.step) if meaning.earlier else grid.start
    end = grid.end if meaning.earlier else grid.end + grid.step
    # Less than a step is not missed: a zone's clocks may show 00:30 at the first full hour. A day may have 23 hours.
    missed = grid.step - 3_600 * grid.by_day
    return Edges(first=start - begins >= missed, last=ends - end >= missed or ends > now)


def told(cut: Edges, each: str) -> str:
    """That ends of the calendar are cut off, as a sentence: `The first and the last month are covered only in part.`"""
    if cut.first and cut.last:
        return f"The first and the last {each} are covered only in part."
    return f"The {'first' if cut.first else 'last'} {each} is covered only in part." if cut.first or cut.last else ""


def _day(day: np.datetime64, zone: str) -> int:
    found: date = day.astype(object)
    return midnight(found, zone)


def _together(each: str) -> Callable[[Result, Meaning, str], Result]:
    def put(result: Result, meaning: Meaning, statistic: str) -> Result:
        used = statistic or usual_statistic(meaning)
        if used == "sum" and (why := no_sum(meaning)):
            raise AppError(f"A total of each {each} would be wrong. {why}", "Choose average or highest.")
        zone = result.grid.zone
        firsts, starts = np.unique(first_days(result.grid.instants, zone, meaning, each), return_index=True)
        grid = CalendarGrid.of([_day(day, zone) for day in firsts], each, zone)
        index = grid.index
        values = result.values.to_numpy(dtype=np.float64)
        found = _STATISTIC[used](values, starts) if values.size else np.zeros((len(starts), values.shape[1]))
        put_together = pd.DataFrame(found, index=index)
        return replace(result, values=put_together, nan=_sent(result, found, starts, index), own_grid=grid)

    put.__doc__ = (
        f"One value for each {each}: the total of what happens and can be counted, such as starts of servers, and the"
        " average of all else, such as people, who come again. Highest, lowest and last are there to choose."
    )
    return put


def _refuse(each: str) -> Callable[[Meaning], str]:
    def refuse(meaning: Meaning) -> str:
        if why := one_moment(meaning):
            return why
        step = meaning.step or STEPS.get(meaning.each, 0)
        return f"The values are a {each} or more apart already." if step >= min(STEPS[each], 28 * DAY) else ""

    return refuse


def _then(each: str) -> Callable[[Meaning, str], Meaning]:
    def then(meaning: Meaning, statistic: str) -> Meaning:
        used = statistic or usual_statistic(meaning)
        adds = False if used in ("max", "min") else meaning.adds
        flow = meaning.flow if used == "sum" else False
        return replace(meaning, each=each, step=0 if each == "month" else STEPS[each], earlier=0, flow=flow, adds=adds)

    return then


def _shown(each: str) -> Callable[[str], str]:
    return lambda statistic: f"{STATISTICS[statistic]} of each {each}" if statistic else f"by {each}"


for _each in STEPS:
    transform(
        _each,
        label=f"By {_each}",
        read=read_statistic,
        about=True,
        refuse=_refuse(_each),
        then=_then(_each),
        shown=_shown(_each),
        offered=True,
    )(_together(_each))


def _mean(values: Floats, starts: Places) -> Floats:
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        sums = np.add.reduceat(np.where(known, values, 0.0), starts, axis=0)
        found: Floats = sums / np.add.reduceat(known.astype(np.int64), starts, axis=0)
    return found


def _sum(values: Floats, starts: Places) -> Floats:
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", over="ignore"):
        sums: Floats = np.add.reduceat(np.where(known, values, 0.0), starts, axis=0)
    return np.where(np.logical_or.reduceat(known, starts, axis=0), sums, np.nan)


def _last(values: Floats, starts: Places) -> Floats:
    ends = [*starts[1:].tolist(), len(values)]
    frame = pd.DataFrame(values)
    pieces = [
        frame.iloc[first:end].ffill().iloc[-1].to_numpy() for first, end in zip(starts.tolist(), ends, strict=True)
    ]
    return np.array(pieces, np.float64)


_STATISTIC: dict[str, Callable[[Floats, Places], Floats]] = {
    "mean": _mean,
    "max": lambda values, starts: np.fmax.reduceat(values, starts, axis=0),
    "min": lambda values, starts: np.fmin.reduceat(values, starts, axis=0),
    "sum": _sum,
    "last": _last,
}


def _sent(result: Result, found: Floats, starts: Places, index: pd.DatetimeIndex) -> pd.DataFrame | None:
    """Where nothing but NaN was sent, and so is what comes of it."""
    if result.nan is None or not result.values.size:
        return None
    sent = np.logical_or.reduceat(result.nan.to_numpy(), starts, axis=0) & np.isnan(found)
    return pd.DataFrame(sent, index=index) if sent.any() else None
