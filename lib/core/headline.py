"""The four numbers above a chart: mean, peak, latest and change (`headline`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from lib.core.result import Floats, Result
from lib.core.time_range import as_datetime

_FEWEST = 4  # values that a comparison of two halves takes


class Combine(StrEnum):
    """How the series of one instant become one number. Shares and sizes of different hubs must not be added up."""

    SUM = "sum"
    MEAN = "mean"
    MAX = "max"


@dataclass(frozen=True)
class Headlines:
    """Four numbers in the unit of the values, None where there is no value at all.

    - `mean`: over the instants that have a value;
    - `peak`, `peak_at`: the largest, and the first instant that has it;
    - `latest`, `latest_at`: the last value there is, and its instant;
    - `change`: the mean of the later half against that of the earlier half, as a fraction of it: 0.1 is 10 % more.
      None under 4 values, or when the earlier half is zero. An odd value in the middle belongs to neither half.
    - `points`: how many instants have a value.

    Instants are aware, in UTC. They are those of the samples; a page that labels days shifts them as it does the chart.
    """

    mean: float | None = None
    peak: float | None = None
    peak_at: datetime | None = None
    latest: float | None = None
    latest_at: datetime | None = None
    change: float | None = None
    points: int = 0


def headline(result: Result, combine: Combine = Combine.SUM) -> Headlines:
    """The headlines of a result: first one number per instant, over the series that have a value then, then over time.

    An instant at which no series has a value is left out; it is never zero.
    """
    totals = _per_instant(result.values.to_numpy(), combine)
    places = np.flatnonzero(~np.isnan(totals))
    if not places.size:
        return Headlines()
    known = totals[places]
    with np.errstate(invalid="ignore", over="ignore"):
        mean, change = float(known.mean()), _change(known)
    peak = int(places[np.argmax(known)])
    latest = int(places[-1])
    return Headlines(
        mean=None if np.isnan(mean) else mean,
        peak=float(totals[peak]),
        peak_at=_instant(result, peak),
        latest=float(totals[latest]),
        latest_at=_instant(result, latest),
        change=change,
        points=len(known),
    )


def _per_instant(values: Floats, combine: Combine) -> Floats:
    """Shape (points, series) -> (points,), NaN where no series has a value."""
    known = ~np.isnan(values)
    fill = -np.inf if combine is Combine.MAX else 0.0
    fold: Callable[..., Floats] = np.max if combine is Combine.MAX else np.sum
    with np.errstate(invalid="ignore", over="ignore"):  # infinities of both signs have no sum
        folded = fold(np.where(known, values, fill), axis=1, initial=fill)
    count = known.sum(axis=1)
    divisor = np.maximum(count, 1) if combine is Combine.MEAN else 1
    return np.where(count > 0, folded / divisor, np.nan)


def _change(known: Floats) -> float | None:
    if len(known) < _FEWEST:
        return None
    half = len(known) // 2
    before, after = float(known[:half].mean()), float(known[-half:].mean())
    change = (after - before) / abs(before) if before else np.nan
    return change if np.isfinite(change) else None


def _instant(result: Result, place: int) -> datetime:
    return as_datetime(int(result.grid.instants[place]))
