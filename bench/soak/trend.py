"""A straight line through readings, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Read = TypeVar("Read")


@dataclass(frozen=True)
class Trend:
    """`slope`: units of the readings per unit of time. `error`: its standard error; what is less than two of it from
    zero may be chance.
    """

    slope: float
    error: float

    def below(self, limit: float) -> bool:
        """Whether the slope is below a limit, as far as can be told: it is not above it by two standard errors."""
        return self.slope - 2 * self.error < limit


def trend(times: Sequence[float], readings: Sequence[float]) -> Trend:
    """The line of least squares through readings. Raises ValueError for fewer than three, or all at one time."""
    count = len(times)
    if count < 3 or len(readings) != count:
        raise ValueError("A trend needs three readings, each with its time.")
    middle, level = sum(times) / count, sum(readings) / count
    spread = sum((time - middle) ** 2 for time in times)
    if not spread:
        raise ValueError("All readings are of one time.")
    slope = sum((time - middle) * (reading - level) for time, reading in zip(times, readings, strict=True)) / spread
    rest = sum((reading - level - slope * (time - middle)) ** 2 for time, reading in zip(times, readings, strict=True))
    return Trend(slope, math.sqrt(rest / (count - 2) / spread))


def second_half(readings: Sequence[Read]) -> Sequence[Read]:
    """The later half, the middle one included: what fills up at first is not growth."""
    return readings[len(readings) // 2 :]
