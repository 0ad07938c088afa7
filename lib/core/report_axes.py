"""The axes of a drawing: round numbers for values, and moments that people count in for time."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

import numpy as np

from lib.core.result import Floats
from lib.core.time_range import DAY, HOUR, MINUTE

_SPACINGS = (
    *(n * MINUTE for n in (1, 5, 15, 30)),
    *(n * HOUR for n in (1, 3, 6, 12)),
    *(n * DAY for n in (1, 2, 7, 14)),
)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True)
class Tick:
    """A place on an axis, in the measure of the axis, and what stands there."""

    at: float
    text: str


def value_ticks(low: float, high: float, most: int, *, whole: bool, suffix: str) -> tuple[Tick, ...]:
    """At most `most` round values (1, 2 or 5 times a power of ten) that hold `low` to `high` between them."""
    span = max(high - low, 1.0 if whole else 1e-9)
    size = 10.0 ** floor(log10(span / most))
    spacing = next(size * n for n in (1, 2, 5, 10, 20) if span / (size * n) <= most - 1)
    spacing = max(spacing, 1.0) if whole else spacing
    places = max(0, -floor(log10(spacing)))
    first, last = floor(low / spacing + 1e-9), ceil(high / spacing - 1e-9)  # 100 % may be a hair more
    values = [place * spacing for place in range(first, max(last, first + 1) + 1)]
    return tuple(Tick(value, f"{value:,.{places}f}{suffix}".replace("-", "−")) for value in values)


def time_ticks(start: int, end: int, most: int) -> tuple[Tick, ...]:
    """At most `most` moments from `start` to `end`, all in seconds since 1970 on the clocks of a zone."""
    spacing = next((each for each in _SPACINGS if (end - start) / each <= most - 1), 0)
    if not spacing:
        return _month_ticks(start, end, most)
    origin = 4 * DAY if spacing % (7 * DAY) == 0 else 0  # weeks begin on a Monday
    first = ceil((start - origin) / spacing) * spacing + origin
    return tuple(Tick(at, _moment(at, spacing)) for at in range(first, end + 1, spacing))


def _moment(at: int, spacing: int) -> str:
    moment = np.datetime64(at, "s").item()
    return f"{moment.day} {moment:%b}" if spacing >= DAY or at % DAY == 0 else f"{moment:%H:%M}"


def _month_ticks(start: int, end: int, most: int) -> tuple[Tick, ...]:
    first, last = (np.datetime64(at, "s").astype("datetime64[M]").astype(int) for at in (start, end))
    spacing = next((each for each in _MONTHS if (last - first) / each <= most - 1), _MONTHS[-1])
    months = range(ceil(first / spacing) * spacing, last + 1, spacing)
    ticks = [(int(np.datetime64(month, "M").astype("datetime64[s]").astype(int)), month) for month in months]
    return tuple(Tick(at, _month(month, spacing)) for at, month in ticks if at >= start)


def _month(month: int, spacing: int) -> str:
    moment = np.datetime64(month, "M").astype("datetime64[D]").item()
    return f"{moment:%Y}" if spacing % 12 == 0 else f"{moment:%b %Y}"


def reach(values: Floats, beside: Floats, *, stacked: bool) -> tuple[float, float]:
    """How far down and up the values (points, series), or their stacks, go, and those beside them (points,).

    Zero lies between.
    """
    known = np.nan_to_num(values)
    ends = [0.0, float(np.fmin.reduce(beside, initial=0.0)), float(np.fmax.reduce(beside, initial=0.0))]
    if stacked:
        known = np.stack([np.minimum(known, 0).sum(axis=1), np.maximum(known, 0).sum(axis=1)])
    if known.size:
        ends += [float(known.min()), float(known.max())]
    return min(ends), max(ends)
