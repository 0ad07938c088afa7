"""Two servers for the queries that try to get around the fence, and what tells whether one of them did.

One server holds every hub, the other the allowed ones only. A limited source over the first has to say exactly what one
over the second says: then whatever the other hubs hold, it changes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import numpy as np

from lib.core.errors import QueryError, SourceError
from lib.core.query import InstantQuery, Query, RangeQuery
from lib.core.result import Answer
from lib.core.server_settings import PrometheusSettings
from lib.core.settings import Settings
from lib.core.time_range import TimeRange
from lib.sources import Source, connect
from tests.prometheus_server import running_prometheus, running_victoria_metrics
from tests.promql.get_around import ALLOWED, END, FORBIDDEN, START, STEP, series
from tests.sample.promql_samples import openmetrics

SERVERS: dict[str, Callable[[str], AbstractContextManager[str]]] = {
    "Prometheus": running_prometheus,
    "VictoriaMetrics": running_victoria_metrics,
}
GRID = TimeRange(START, END, STEP)
Rows = dict[tuple[tuple[str, str], ...], list[float]]


@dataclass(frozen=True)
class Sides:
    """The limited source over every hub, the same over the allowed ones, and that one without a limit."""

    walled: Source
    alone: Source
    free: Source


@contextlib.contextmanager
def opened(server: str) -> Iterator[Sides]:
    """Both servers of one kind, until the `with` ends."""
    with contextlib.ExitStack() as stack:
        everybody, allowed = (
            stack.enter_context(SERVERS[server](openmetrics(list(series(hubs)))))
            for hubs in (ALLOWED + FORBIDDEN, ALLOWED)
        )
        yield Sides(_source(everybody, ALLOWED), _source(allowed, ALLOWED), _source(allowed, None))


@dataclass
class Tried:
    """What came of one query: the rows that tell of other hubs, in words; how many rows there were; its refusals."""

    leaks: list[str] = field(default_factory=list)
    rows: int = 0
    refusals: list[QueryError] = field(default_factory=list)


def tried(sides: Sides, text: str) -> Tried:
    """Asks a query over time and at one moment. Raises SourceError where a server fails for another reason than it."""
    found = Tried()
    for query in (RangeQuery(text, GRID), InstantQuery(text, END)):
        walled, alone, free = (_answer(source, query) for source in (sides.walled, sides.alone, sides.free))
        if isinstance(walled, QueryError):
            found.refusals.append(walled)
            words = walled.message + walled.hint + walled.detail
            found.leaks += [f"{words} tells of another hub"] * ("-of-" in words and "-of-" not in text)
            found.leaks += ["refused for what others hold"] * isinstance(alone, Answer)
            continue
        found.rows += len(walled.labels)
        found.leaks += _differences(walled, alone)
        if "absent" not in text:  # it makes labels of the matchers, of which there is one more
            found.leaks += [] if isinstance(free, QueryError) else _differences(walled, free)
        found.leaks += [
            f"{labels} names another hub"
            for labels in walled.labels
            if any("-of-" in value and value not in text for value in labels.values())
        ]
    return found


def _source(url: str, hubs: tuple[str, ...] | None) -> Source:
    return connect(Settings(prometheuses=(PrometheusSettings("server", url),), hubs=hubs)).sources[0]


def _answer(source: Source, query: Query) -> Answer | QueryError:
    try:
        return source.ask(query)
    except QueryError as error:
        return error


def _differences(found: Answer, expected: Answer | QueryError) -> list[str]:
    """The rows that two answers do not share, and those whose values differ."""
    if isinstance(expected, SourceError):
        return ["answered where others are missing, and refused without them"]
    ours, theirs = _rows(found), _rows(expected)
    return [
        f"{labels} is another row"
        for labels in sorted(ours.keys() | theirs.keys())
        if labels not in ours
        or labels not in theirs
        or not np.allclose(ours[labels], theirs[labels], rtol=1e-12, atol=0, equal_nan=True)
    ]


def _rows(answer: Answer) -> Rows:
    return {
        tuple(sorted(labels.items())): values.tolist()
        for labels, values in zip(answer.labels, answer.values, strict=True)
    }
