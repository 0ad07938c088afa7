"""When: durations (`5m`), a grid of points in time, and how a step is chosen and aligned.

Prometheus knows instants, not spans: a range query asks at `start`, `start + step`, ... `end`. A `TimeRange` is such a
grid, as people mean it: with a step of a day its instants are the midnights of a time zone, which are not evenly spaced
where days have 23 or 25 hours. Its `runs` are the evenly spaced pieces that a server can be asked for. Ends lie on
multiples of the step, so that equal questions asked a few seconds apart are equal, every cluster is asked for the same
instants, and whoever asks for the same step asks for the same instants.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import pandas as pd

from lib.core.errors import TimeError
from lib.core.zones import UTC_NAME, Instants, day_number, midnights, zone_of

MINUTE, HOUR, DAY, WEEK = 60, 3_600, 86_400, 604_800
# A year every 5 minutes is 105,121 points, three years every 15 minutes 105,217. How many of them one request may ask
# for is the business of whoever sends it.
MAX_POINTS = 250_000
LONGEST = 100 * 365 * DAY
STEPS = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, WEEK)

_UNITS = {"ms": 0.001, "s": 1, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK, "y": 365 * DAY}
_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)


@dataclass(frozen=True)
class TimeRange:
    """A grid of points in time. `start` and `end` are Unix seconds, both included; `step` is in seconds.

    A step of whole days means the midnights of `zone`, every so many days counted from 1 January 1970; its days have 23
    or 25 hours where clocks change. Any other step means instants that far apart, in every zone, which then only says
    how they are written.

    Raises TimeError when the end is before the start, the step is not positive, an end is not on the grid, the zone is
    not known, or there would be more than 250,000 points.
    """

    start: int
    end: int
    step: int
    zone: str = UTC_NAME

    def __post_init__(self) -> None:
        if self.step < 1:
            raise TimeError("The step must be at least one second.", "Choose a step such as 1h or 1d.")
        if self.end < self.start:
            raise TimeError("The end lies before the start.", "Swap the two dates.")
        zone_of(self.zone)
        if (self.end - self.start) // self.step >= MAX_POINTS:
            raise too_many((self.end - self.start) // self.step + 1, self.step, self.end - self.start)
        if not self._ends_on_grid():
            raise TimeError("The end does not lie on the grid of the step.", "Use aligned().")

    def _ends_on_grid(self) -> bool:
        if not self.by_day:
            return (self.end - self.start) % self.step == 0
        return self.start == int(self.instants[0]) and self.end == int(self.instants[-1])

    @property
    def by_day(self) -> bool:
        """True when the instants are midnights of a zone with clocks of its own, which need not be evenly spaced."""
        return self.step % DAY == 0 and self.zone != UTC_NAME

    @property
    def instants(self) -> Instants:
        """Every point as Unix seconds, shape (points,), rising."""
        if not self.by_day:
            return np.arange(self.start, self.end + 1, self.step, dtype=np.int64)
        return _midnights(self.start, self.end, self.step, self.zone)

    @property
    def points(self) -> int:
        """How many points the grid has."""
        return len(self.instants) if self.by_day else (self.end - self.start) // self.step + 1

    @property
    def uniform(self) -> bool:
        """True when all points are `step` seconds apart."""
        return len(self.runs) == 1

    @property
    def runs(self) -> tuple[TimeRange, ...]:
        """The same instants, in order, as the fewest grids in UTC whose points are `step` seconds apart.

        There is one, and one more for each day of 23 or 25 hours between two points.
        """
        return _runs(self)

    @property
    def index(self) -> pd.DatetimeIndex:
        """The grid as an index named `time`, in UTC, one entry per point."""
        return _index(self)

    @classmethod
    def aligned(cls, start: float, end: float, step: int, zone: str = UTC_NAME) -> TimeRange:
        """The grid of multiples of `step` (Unix seconds) that begins at or before `start` and ends at or before `end`.

        A step of whole days counts days from 1 January 1970 and stands at midnight of the zone; whole weeks at the
        midnight that begins a Monday, as ISO 8601 weeks do. Any other step counts seconds from 1970 in UTC, whatever
        the zone, so that everybody asks for the same instants.
        """
        if step < 1:
            raise TimeError("The step must be at least one second.", "Choose a step such as 1h or 1d.")
        if end < start:
            raise TimeError("The end lies before the start.", "Swap the two dates.")
        if step % DAY == 0 and zone != UTC_NAME:
            instants = _midnights(start, end, step, zone)
            return cls(int(instants[0]), int(instants[-1]), step, zone)
        origin = 4 * DAY if step % WEEK == 0 else 0  # 1 January 1970 was a Thursday; 5 January a Monday
        return cls(_floor(start, step, origin), _floor(end, step, origin), step, zone)

    def without_first(self) -> TimeRange:
        """The grid without its first point, for values that describe the time before a point.

        A value at midnight that covers the day before belongs to a range only if that day does.
        """
        return TimeRange(int(self.instants[1]), self.end, self.step, self.zone) if self.points > 1 else self


def _midnights(start: float, end: float, step: int, zone: str) -> Instants:
    """The midnights of the absolute grid of `step` seconds (whole days) around and between two moments."""
    days, origin = step // DAY, 4 if step % WEEK == 0 else 0
    first, last = (_floor(day_number(moment, zone), days, origin) for moment in (start, end))
    return midnights(first, last, days, zone)


@lru_cache(maxsize=256)
def _runs(grid: TimeRange) -> tuple[TimeRange, ...]:
    if not grid.by_day:
        return (TimeRange(grid.start, grid.end, grid.step),)
    instants = grid.instants
    pieces = np.split(instants, np.flatnonzero(np.diff(instants) != grid.step) + 1)
    return tuple(TimeRange(int(piece[0]), int(piece[-1]), grid.step) for piece in pieces)


@lru_cache(maxsize=16)  # an index cannot be changed, and all answers to a question share theirs
def _index(grid: TimeRange) -> pd.DatetimeIndex:
    return pd.DatetimeIndex((grid.instants * 1_000).view("datetime64[ms]"), name="time").tz_localize("UTC")


def too_many(points: int, step: int, seconds: int) -> TimeError:
    """The refusal of a step (seconds) that would give a range of `seconds` too many points, with one that fits."""
    return TimeError(
        f"A step of {format_duration(step)} would give {points:,} points per series; the most is {MAX_POINTS:,}.",
        f"Choose a shorter range, or a step of at least {format_duration(smallest_step(seconds))}.",
    )


def _floor(value: float, step: int, origin: int) -> int:
    return int((value - origin) // step) * step + origin


def smallest_step(seconds: int) -> int:
    """The smallest of the offered steps, in seconds, that keeps a range of `seconds` below 250,000 points."""
    return next((step for step in STEPS if seconds / step < MAX_POINTS - 1), STEPS[-1])


def auto_step(seconds: float) -> int:
    """The step, in seconds, that suits a chart of this many seconds: between 60 and 360 points where possible.

    Up to 6 h 1 m; up to a day 5 m; up to 3 days 15 m; up to 14 days 1 h; up to 21 days 6 h; then a day; over 3 years a
    week. Days from three weeks on because people count users by the day.
    """
    limits = ((6 * HOUR, MINUTE), (DAY, 5 * MINUTE), (3 * DAY, 15 * MINUTE), (14 * DAY, HOUR), (21 * DAY, 6 * HOUR))
    for limit, step in limits:
        if seconds <= limit:
            return step
    return DAY if seconds <= 3 * 366 * DAY else WEEK


def parse_duration(text: str) -> int:
    """A Prometheus duration such as `5m`, `1d12h` or `1w` as whole seconds.

    Units `y w d h m s ms` in that order, integers, no spaces; a year is 365 days (prometheus/common model/time.go).
    There are no months. Raises TimeError for anything else, for less than one second and for more than a century.
    """
    text = text.strip()
    found = _DURATION.fullmatch(text) if len(text) <= 32 else None
    if not text or found is None:
        hint = "Write it as 5m, 1h, 6h, 1d or 1w. There are no months."
        raise TimeError(f"“{text[:32]}” is not a duration.", hint)
    amounts = zip(found.groups(), ("y", "w", "d", "h", "m", "s", "ms"), strict=True)
    seconds = sum(int(amount) * _UNITS[unit] for amount, unit in amounts if amount)
    if seconds < 1 or seconds != int(seconds):
        raise TimeError(f"“{text}” is not a whole number of seconds.", "The shortest step is 1s.")
    if seconds > LONGEST:
        raise TimeError(f"“{text}” is too long.", "The longest is 100y.")
    return int(seconds)


def format_duration(seconds: int) -> str:
    """Whole seconds as the shortest Prometheus duration: 5400 -> `1h30m`, 2592000 -> `30d`.

    Days are the largest unit, except for exactly one week: people read 90d more easily than 12w6d.
    """
    if seconds == WEEK:
        return "1w"
    parts = []
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE), ("s", 1)):
        amount, seconds = divmod(seconds, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0s"


def as_datetime(seconds: float) -> datetime:
    """Unix seconds as an aware datetime in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
