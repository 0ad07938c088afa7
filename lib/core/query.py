"""The questions one can ask a data source: an instant query or a range query, frozen and hashable."""

from __future__ import annotations

from dataclasses import dataclass

from lib.core.time_range import TimeRange
from lib.core.zones import UTC_NAME


@dataclass(frozen=True)
class InstantQuery:
    """PromQL at one moment. `time` is Unix seconds; `zone` only says how it is written."""

    expr: str
    time: int
    zone: str = UTC_NAME

    @property
    def grid(self) -> TimeRange:
        """The one moment, as a grid of a single point."""
        return TimeRange(self.time, self.time, 1, self.zone)


@dataclass(frozen=True)
class RangeQuery:
    """PromQL at every point of a grid: `time_range.start`, `+ step`, ... up to and including `time_range.end`."""

    expr: str
    time_range: TimeRange

    @property
    def grid(self) -> TimeRange:
        """The points in time that an answer may have samples at."""
        return self.time_range


Query = InstantQuery | RangeQuery
