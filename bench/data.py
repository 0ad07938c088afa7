"""What is measured with: replies as Prometheus writes them, and a real Prometheus that holds the same series."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lib.core.merging import merge
from lib.core.query import RangeQuery
from lib.core.result import Outcome, Result
from lib.core.time_range import DAY, HOUR, TimeRange
from lib.sample.wire import value_text
from tests.prometheus_server import running_prometheus

START = 1_735_689_600  # 1 January 2025, 00:00 UTC
USERS, RATIO = "jupyterhub_active_users", "jupyterhub_cpu_ratio"


@dataclass(frozen=True)
class Size:
    """So many series of so many points; whole numbers below `most`, or floats of 17 digits."""

    series: int
    points: int
    whole: bool = True
    most: int = 300

    @property
    def name(self) -> str:
        """`100x365`: series x points."""
        return f"{self.series:,}x{self.points:,}"

    @property
    def query(self) -> RangeQuery:
        """The question whose answer has this size, also on the real Prometheus of `prometheus()`."""
        step = DAY if self.points <= 366 else HOUR
        return RangeQuery(USERS if self.whole else RATIO, TimeRange(START, START + (self.points - 1) * step, step))


YEAR_BY_DAY, YEAR_BY_HOUR, MANY_DIGITS = Size(100, 365), Size(100, 8_760), Size(1_000, 1_000, whole=False)
SIZES = (YEAR_BY_DAY, YEAR_BY_HOUR, MANY_DIGITS)


def labels(size: Size, row: int) -> str:
    """The labels of one series, as JSON and OpenMetrics both write them but for the colon."""
    return f'namespace="hub-{row:04}",instance="10.0.{row // 250}.{row % 250}:8081",job="jupyterhub",period="24h"'


def values(size: Size, row: int) -> list[str]:
    """The values of one series as Prometheus writes them; the same ones each time."""
    random = np.random.default_rng([size.points, row])
    if size.whole:
        return [str(number) for number in random.integers(0, size.most, size.points).tolist()]
    return [value_text(number) for number in random.random(size.points).tolist()]


def body(size: Size) -> bytes:
    """The reply to the question of this size."""
    return b"".join(pieces(size))


def pieces(size: Size) -> Iterator[bytes]:
    """The same reply series by series, for those that are too large to hold."""
    yield b'{"status":"success","data":{"resultType":"matrix","result":['
    for row in range(size.series):
        yield (b"," if row else b"") + series(size, row)
    yield b"]}}"


def series(size: Size, row: int) -> bytes:
    """One series of the reply."""
    metric = labels(size, row).replace('="', '":"').replace('",', '","')
    grid = size.query.time_range
    times = range(grid.start, grid.end + 1, grid.step)
    samples = ",".join(f'[{time},"{text}"]' for time, text in zip(times, values(size, row), strict=True))
    return f'{{"metric":{{"__name__":"{size.query.expr}","{metric}}},"values":[{samples}]}}'.encode()


def result(size: Size) -> Result:
    """A result of this size, without any server."""
    from lib.core.decode import decode  # noqa: PLC0415  so that a change of the decoder spoils only its own figures

    return merge(size.query, [Outcome("cluster", "cluster", decode(body(size), size.query))])


@contextlib.contextmanager
def prometheus() -> Iterator[str]:
    """The address of a real Prometheus that holds a year of users by the hour and 1,000 hours of ratios."""
    with running_prometheus("".join(_openmetrics())) as url:
        yield url


def _openmetrics() -> Iterator[str]:
    for size in (YEAR_BY_HOUR, MANY_DIGITS):
        yield f"# TYPE {size.query.expr} gauge\n"
        for row in range(size.series):
            start = f"{size.query.expr}{{{labels(size, row)}}}"
            yield from (f"{start} {text} {START + at * HOUR}\n" for at, text in enumerate(values(size, row)))
    yield "# EOF\n"
