"""Days, weeks or months as a grid in time: what a result stands on after its values were put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.core.time_range import DAY, WEEK, TimeRange
from lib.core.zones import Instants

STEPS = {"day": DAY, "week": WEEK, "month": 31 * DAY}


@dataclass(frozen=True)
class CalendarGrid(TimeRange):
    """The first moments of days, weeks or months of a zone. Nobody is asked for it, so it has no `runs`.

    `at`: every point as Unix seconds. `each`: day, week or month. `step` is the length of the longest one.
    """

    at: tuple[int, ...] = ()
    each: str = "day"

    @classmethod
    def of(cls, at: Sequence[int], each: str, zone: str) -> CalendarGrid:
        """The grid of these first moments, which rise."""
        return cls(at[0], at[-1], STEPS[each], zone, tuple(at), each)

    @property
    def by_day(self) -> bool:
        """Always true: its points are midnights."""
        return True

    @property
    def instants(self) -> Instants:
        """Every point as Unix seconds, shape (points,), rising."""
        return np.array(self.at, np.int64)

    def _ends_on_grid(self) -> bool:
        return True
