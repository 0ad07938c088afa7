"""P6: a year every 5 minutes on a real Prometheus, cold, again, and an hour later."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from bench.registry import Measured, figure, seconds, share
from lib.cache.store import Store, Terms
from lib.core.query import Query, RangeQuery
from lib.core.result import Answer
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import DAY, HOUR, MINUTE, TimeRange
from lib.sources import Cancel, Source, connect
from lib.sources.parts import ask_in_parts
from tests.prometheus_server import running_prometheus

STEP = 5 * MINUTE
NOW = 1_767_225_600  # 1 January 2026, 00:00 UTC; the samples go on for another two hours
HUBS = 100
_ROUNDS = 3


@contextlib.contextmanager
def year_of_hubs() -> Iterator[Source]:
    """A real Prometheus that holds a year of 100 hubs, a sample every 5 minutes: 10.5 million."""
    with running_prometheus("".join(_lines())) as url:
        source = connect(Settings(prometheuses=(PrometheusSettings("year", url),), timeout=120.0)).sources[0]
        yield source
        source.api.transport.close()


def _lines() -> Iterator[str]:
    times = range(NOW - 366 * DAY, NOW + 2 * HOUR + 1, STEP)
    yield "# TYPE jupyterhub_running_servers gauge\n"
    for hub in range(HUBS):
        start = f'jupyterhub_running_servers{{hub="{hub:03}",ten="{hub // 10}"}}'
        yield from (f"{start} {running(hub, at)} {at}\n" for at in times)
    yield "# EOF\n"


def running(hub: int, at: int) -> int:
    """How many servers a hub runs at a moment."""
    return (hub * 7 + at // STEP) % 300


def question(series: int, end: int = NOW) -> RangeQuery:
    """A year of so many of the hubs, up to `end`."""
    chosen = "" if series == HUBS else f'{{hub=~"0[0-{series // 10 - 1}]."}}'
    return RangeQuery(f"jupyterhub_running_servers{chosen}", TimeRange.aligned(end - 365 * DAY, end, STEP))


@dataclass
class Visitor:
    """Asks through a store, as the app does, and counts the requests that go out."""

    source: Source
    store: Store = field(default_factory=lambda: Store(2**30))
    sent: int = 0

    def ask(self, query: RangeQuery, now: float) -> tuple[Answer, float, int]:
        """The answer, the seconds it took, the requests it cost."""
        before, started = self.sent, time.perf_counter()
        answer = ask_in_parts(query, self._fetch, now=now, seconds=120)
        return answer, time.perf_counter() - started, self.sent - before

    def _fetch(self, asked: Query, lasting: bool, stop: Cancel) -> Answer:
        return self.store.get(asked, Terms(DAY if lasting else 0), self._sender(asked, stop), stop)

    def _sender(self, asked: Query, stop: Cancel) -> Callable[[], Answer]:
        def send() -> Answer:
            self.sent += 1
            return self.source.api.ask(asked, stop)

        return send


@figure("P6", "A year every 5 minutes: a second look, and one an hour later", against="its own cold run")
def p6() -> Iterator[Measured]:
    """What share of its time the first look takes, and how many requests go out."""
    with year_of_hubs() as source:
        for series in (20, HUBS):
            yield from _looks(source, series)


def _looks(source: Source, series: int) -> Iterator[Measured]:
    cold, warm, later = [], [], []
    for _ in range(_ROUNDS):
        visitor = Visitor(source)
        answer, spent, parts = visitor.ask(question(series), NOW)
        _check_whole(answer, series)
        cold.append(spent)
        warm.append(visitor.ask(question(series), NOW)[1:])
        later.append(visitor.ask(question(series, NOW + HOUR), NOW + HOUR)[1:])
    name = f"{series} series, {parts} parts"
    for what, looks in (("second look", warm), ("an hour later", later)):
        yield share(f"{name}: {what}", _median([spent for spent, _ in looks]), _median(cold), 0.05)
        requests = max(count for _, count in looks)
        yield Measured(f"{name}: {what}, requests", requests, 1, "less", f"{requests}", seconds(_median(cold)))


def _check_whole(answer: Answer, series: int) -> None:
    """Every value of every hub is there, and is what the server holds."""
    assert answer.values.shape == (series, 365 * DAY // STEP + 1), answer.values.shape
    times = answer.grid.instants // STEP
    for row in range(series):
        assert np.array_equal(answer.values[row], (row * 7 + times) % 300), row


def _median(values: list[float]) -> float:
    return float(np.median(values))
