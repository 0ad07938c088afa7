"""When: durations (`5m`), a grid of points in time, and how a step is chosen and aligned.

Prometheus knows instants, not spans: a range query asks at `start`, `start + step`, ... `end`. A `TimeRange` is that
grid. Both ends lie on multiples of the step, so that equal questions asked a few seconds apart are equal, every
cluster is asked for the same instants, and a step of a day falls on midnight UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd

from lib.core.errors import TimeError

MINUTE, HOUR, DAY, WEEK = 60, 3_600, 86_400, 604_800
# Prometheus refuses (end - start) / step > 11,000 (web/api/v1/api.go); we stay below it with room for a rounding.
MAX_POINTS = 10_000
LONGEST = 100 * 365 * DAY
STEPS = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY, WEEK)

_UNITS = {"ms": 0.001, "s": 1, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK, "y": 365 * DAY}
_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)


@dataclass(frozen=True)
class TimeRange:
    """A grid of points in time. All three are whole seconds; `start` and `end` are Unix time, UTC, both included.

    Raises TimeError when the end is before the start, the step is not positive, the end is not on the grid, or there
    would be more than 10,000 points.
    """

    start: int
    end: int
    step: int

    def __post_init__(self) -> None:
        if self.step < 1:
            raise TimeError("The step must be at least one second.", "Choose a step such as 1h or 1d.")
        if self.end < self.start:
            raise TimeError("The end lies before the start.", "Swap the two dates.")
        if (self.end - self.start) % self.step:
            raise TimeError("The end does not lie on the grid of the step.", "Use aligned().")
        if self.points > MAX_POINTS:
            raise TimeError(
                f"A step of {format_duration(self.step)} would give {self.points:,} points per series; "
                f"the most is {MAX_POINTS:,}.",
                "Choose a shorter range, or a step of at least "
                f"{format_duration(smallest_step(self.end - self.start))}.",
            )

    @property
    def points(self) -> int:
        """How many points the grid has."""
        return (self.end - self.start) // self.step + 1

    @property
    def index(self) -> pd.DatetimeIndex:
        """The grid as an index named `time`, in UTC, one entry per point."""
        seconds = range(self.start, self.end + 1, self.step)
        return pd.DatetimeIndex(pd.to_datetime(list(seconds), unit="s", utc=True), name="time").as_unit("ms")

    @classmethod
    def aligned(cls, start: float, end: float, step: int) -> TimeRange:
        """The grid of multiples of `step` (Unix seconds) that begins at or before `start` and ends at or before `end`.

        A multiple of a day is midnight UTC; of a week, the midnight that begins a Monday, as ISO 8601 weeks do.
        """
        if step < 1:
            raise TimeError("The step must be at least one second.", "Choose a step such as 1h or 1d.")
        if end < start:
            raise TimeError("The end lies before the start.", "Swap the two dates.")
        origin = 4 * DAY if step % WEEK == 0 else 0  # 1 January 1970 was a Thursday; 5 January a Monday
        return cls(_floor(start, step, origin), _floor(end, step, origin), step)

    def without_first(self) -> TimeRange:
        """The grid without its first point, for values that describe the time before a point.

        A value at midnight that covers the day before belongs to a range only if that day does.
        """
        return TimeRange(self.start + self.step, self.end, self.step) if self.points > 1 else self


def _floor(seconds: float, step: int, origin: int) -> int:
    return int((seconds - origin) // step) * step + origin


def smallest_step(seconds: int) -> int:
    """The smallest of the offered steps, in seconds, that keeps a range of `seconds` below 10,000 points."""
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
