"""Daily answers of a real Prometheus across clock changes: at each local midnight what an instant query says there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from lib.core.query import InstantQuery, RangeQuery
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import DAY, TimeRange
from lib.sources import Source, connect
from tests.prometheus_server import running_prometheus

pytestmark = pytest.mark.prometheus

# Lord Howe's summer time is half an hour, so its odd days are of 23.5 and 24.5 hours.
NEW_YORK, LORD_HOWE = ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")
CHANGES = {
    "New York in spring": datetime(2026, 3, 8, tzinfo=NEW_YORK),
    "New York in autumn": datetime(2026, 11, 1, tzinfo=NEW_YORK),
    "Lord Howe in autumn": datetime(2026, 4, 5, tzinfo=LORD_HOWE),
    "Lord Howe in spring": datetime(2026, 10, 4, tzinfo=LORD_HOWE),
}
ODD_HOURS = {NEW_YORK: 1.0, LORD_HOWE: 0.5}
CASES = pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
AROUND = 4  # days before and after
EVERY = 150  # seconds between samples, so that a midnight half an hour off would see another one


def samples() -> str:
    """A counter of seconds and a gauge that goes up and down, over the days around each change."""
    moments: set[int] = set()
    for change in CHANGES.values():
        first = (int(change.timestamp()) - (AROUND + 2) * DAY) // EVERY * EVERY
        moments |= set(range(first, first + 2 * (AROUND + 2) * DAY, EVERY))
    lines = ["# TYPE seconds counter", *(f"seconds_total {at} {at}" for at in sorted(moments))]
    lines += ["# TYPE users gauge", *(f'users{{hub="prod"}} {at // EVERY * 37 % 101} {at}' for at in sorted(moments))]
    return "\n".join([*lines, "# EOF", ""])


def midnights(change: datetime) -> list[int]:
    """The local midnights around the day of the change, by the calendar alone."""
    return [int((change + timedelta(days=days)).timestamp()) for days in range(-AROUND, AROUND + 1)]


@pytest.fixture(scope="module")
def source() -> Iterator[Source]:
    with running_prometheus(samples()) as url:
        source = connect(Settings(prometheuses=(PrometheusSettings("real", url),))).sources[0]
        yield source
        source.api.transport.close()


@CASES
@pytest.mark.parametrize("expr", ["users", "max_over_time(users[1d])", "increase(seconds_total[1d])", "time()"])
def test_every_day_is_what_an_instant_query_says_at_its_local_midnight(
    source: Source, change: datetime, expr: str
) -> None:
    at = midnights(change)
    grid = TimeRange.aligned(at[0], at[-1], DAY, str(change.tzinfo))
    answer = source.ask(RangeQuery(expr, grid))
    assert grid.instants.tolist() == at
    expected = [source.ask(InstantQuery(expr, moment)).values[0, 0] for moment in at]
    np.testing.assert_allclose(answer.values[0], expected, rtol=1e-12)


@CASES
def test_the_day_of_the_change_is_as_long_as_it_was(source: Source, change: datetime) -> None:
    """The counter counts seconds: what it rose from midnight to midnight is the length of that day."""
    at = midnights(change)
    answer = source.ask(RangeQuery("seconds_total", TimeRange.aligned(at[0], at[-1], DAY, str(change.tzinfo))))
    hours = np.diff(answer.values[0]) / 3_600
    assert abs(hours[AROUND] - 24) == ODD_HOURS[change.tzinfo]  # type: ignore[index]
    assert np.delete(hours, AROUND).tolist() == [24.0] * (2 * AROUND - 1)
