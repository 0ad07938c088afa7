"""P15: Stop ends what is open, measured where it matters: at the server that was asked."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence

from bench.registry import Measured, figure, share
from lib.core.query import RangeQuery
from lib.core.secret import Secret
from lib.core.server_settings import GrafanaSettings
from lib.core.settings import Settings
from lib.core.time_range import TimeRange
from lib.sources import Cancel, FanOut, Source, connect
from tests.double import TOKEN, Double, grafana_double

NOW = 1_770_000_000
QUESTION = RangeQuery("up", TimeRange(NOW - 3_600, NOW, 60))
SOURCES = 30
_LIMIT, _GOAL = 60.0, 1.0
_ROUNDS = 5
_STOPS: dict[str, Callable[[FanOut, Cancel], None]] = {
    "Stop": lambda work, switch: work.stop(),
    "the visitor leaves": lambda work, switch: switch.end(),
}


@figure("P15", "Stop: until the server has seen every connection closed", against="a second")
def p15() -> Iterator[Measured]:
    """The slowest of five rounds, for sources that say nothing, that are in the middle of a body, and that queue."""
    for behaviour, words in (("hang", "silent"), ("drip-body", "in mid-answer")):
        for places in (8, SOURCES):
            for name, stop in _STOPS.items():
                spent = max(_until_closed(behaviour, places, stop) for _ in range(_ROUNDS))
                yield share(f"{SOURCES} {words}, {places} places: {name}", spent, 1.0, _GOAL)


def _until_closed(behaviour: str, places: int, stop: Callable[[FanOut, Cancel], None]) -> float:
    """Seconds from the stop until no request is under way at the double, those included that were still queued."""
    with _connected(behaviour, places) as (double, sources):
        switch = Cancel()
        work = FanOut(sources, [QUESTION], seconds=_LIMIT, cancel=switch)
        _until(lambda: len(_asked(double)) == places)
        started = time.monotonic()
        stop(work, switch)
        work.wait()
        _until(lambda: all(_asked(double)))
        return max(_asked(double)) - started


def _asked(double: Double) -> list[float]:
    """When each question to a data source ended at the double, in monotonic seconds; 0 where it has not."""
    return [entry.ended for entry in tuple(double.log) if entry.uid]


def _until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LIMIT
    while not reached():
        if time.monotonic() > deadline:
            raise TimeoutError("The double did not see what was waited for.")
        time.sleep(0.001)


@contextlib.contextmanager
def _connected(behaviour: str, places: int) -> Iterator[tuple[Double, Sequence[Source]]]:
    uids = {f"u{at}": behaviour for at in range(SOURCES)}
    with grafana_double({uid: uid for uid in uids}, behaviours=uids) as double:
        grafanas = (GrafanaSettings("double", double.url, Secret(TOKEN)),)
        sources = connect(Settings(grafanas=grafanas, places=places)).sources
        yield double, sources
        sources[0].api.transport.close()
