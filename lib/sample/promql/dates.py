"""Functions of calendar and clock: `hour`, `day_of_week`, `month`, ... of Unix seconds, in UTC."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.sample.promql.errors import refuse
from lib.sample.promql.functions import mapped
from lib.sample.promql.signatures import Call, function
from lib.sample.promql.values import Floats, Ints, Value, Vector

_DAY = 86_400
_HOUR = 3_600
# 1970-01-01 was a Thursday; Sunday is 0.
_THURSDAY = 4
# Far beyond any year 9999: where whole seconds stop being exact, nothing here would be.
_LATEST = 253_402_300_800.0


def _since(days: Ints, unit: str) -> Ints:
    """How many days have passed since the month (`M`) or the year (`Y`) began."""
    dates = days.astype("datetime64[D]")
    passed: Ints = (dates - dates.astype(f"datetime64[{unit}]").astype("datetime64[D]")).astype(np.int64)
    return passed


def _month_length(days: Ints) -> Ints:
    month = days.astype("datetime64[D]").astype("datetime64[M]")
    length = (month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")
    return np.asarray(length.astype(np.int64))


def _months(days: Ints) -> Ints:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


_PARTS: dict[str, Callable[[Ints], Ints]] = {
    "minute": lambda seconds: seconds % _HOUR // 60,
    "hour": lambda seconds: seconds % _DAY // _HOUR,
    "day_of_week": lambda seconds: (seconds // _DAY + _THURSDAY) % 7,
    "day_of_month": lambda seconds: _since(seconds // _DAY, "M") + 1,
    "day_of_year": lambda seconds: _since(seconds // _DAY, "Y") + 1,
    "days_in_month": lambda seconds: _month_length(seconds // _DAY),
    "month": lambda seconds: _months(seconds // _DAY) % 12 + 1,
    "year": lambda seconds: _months(seconds // _DAY) // 12 + 1970,
}


@function(*_PARTS)
def part_of_date(call: Call) -> Value:
    """A part of the date that each value is, or of the moment of evaluation if there is no argument.

    Refuses values that are no date (NaN, infinities, beyond the year 9999), of which Prometheus makes a random one.
    """
    if call.arguments:
        vector = call.vector()
    else:
        moments = call.scope.grid.moments[np.newaxis, :] / 1000
        vector = Vector(({},), moments, np.ones(moments.shape, bool))
    seconds: Floats = np.where(vector.present, vector.values, 0.0)
    if not (np.abs(seconds) < _LATEST).all():
        refuse(f"{call.name}() of a value that is no date is not supported")
    return mapped(vector, _PARTS[call.name](np.trunc(seconds).astype(np.int64)).astype(float))
